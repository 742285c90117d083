"""Days and moments in the zone of the workspace: the end of a promised day, a moment told as text, a day in words.

What was promised for a day holds to that day's end. A moment at the local midnight is taken to be such a day.
"""

from __future__ import annotations

from warehouse.connection import quote_literal

_FIRST, _LAST = "TIMESTAMP '0002-01-01'", "TIMESTAMP '9000-01-01'"
"""What lies beyond is no moment but a way to write never, and no calendar is asked about it."""


def local_sql(moment: str, zone: str) -> str:
    """Return SQL for a moment (naive UTC) by the clocks of the zone."""
    return f"timezone({quote_literal(zone)}, timezone('UTC', {moment}))"


def utc_sql(local: str, zone: str) -> str:
    """Return SQL for what the clocks of the zone show, as naive UTC."""
    return f"timezone('UTC', timezone({quote_literal(zone)}, {local}))"


def end_sql(moment: str, zone: str) -> str:
    """Return SQL for the last second until which `moment` holds: the end of its day where it is a bare day."""
    local = local_sql(moment, zone)
    is_day = f"date_trunc('day', {local}) = {local}"
    end = utc_sql(f"({local} + INTERVAL 1 DAY)", zone)
    of_day = f"CASE WHEN {is_day} THEN {end} - INTERVAL 1 SECOND ELSE {moment} END"
    return f"CASE WHEN {moment} BETWEEN {_FIRST} AND {_LAST} THEN {of_day} ELSE {moment} END"


def unless_never_sql(moment: str) -> str:
    """Return SQL for the moment, null where it stands for never, as the 31st of December 9999."""
    return f"CASE WHEN {moment} BETWEEN {_FIRST} AND {_LAST} THEN {moment} END"


def told_sql(text: str, zone: str) -> str:
    """Return SQL for the moment (naive UTC) that a text tells, an ISO day or moment; null where it tells none or never.

    A bare day is its beginning.
    """
    return _told_sql(text, utc_sql(f"TRY_CAST({_iso_sql(text)} AS TIMESTAMP)", zone))


def told_end_sql(text: str, zone: str) -> str:
    """Return SQL for the end (naive UTC) that a text tells, an ISO day or moment; null where it tells none or never."""
    return _told_sql(text, end_sql(utc_sql(f"TRY_CAST({_iso_sql(text)} AS TIMESTAMP)", zone), zone))


def _iso_sql(text: str) -> str:
    return f"CASE WHEN regexp_matches(trim({text}), '^[0-8]\\d{{3}}-\\d{{1,2}}-\\d{{1,2}}') THEN trim({text}) END"


def _told_sql(text: str, naive: str) -> str:
    told = _iso_sql(text)
    offset = f"regexp_matches({told}, '\\d{{2}}:\\d{{2}}.*(Z|[+-]\\d{{2}}:?\\d{{0,2}})$')"
    return f"CASE WHEN {offset} THEN timezone('UTC', TRY_CAST({told} AS TIMESTAMPTZ)) ELSE {naive} END"


def day_sql(moment: str, zone: str) -> str:
    """Return SQL for the day of a moment in words: 3 March 2026."""
    return f"strftime({local_sql(moment, zone)}, '%-d %B %Y')"

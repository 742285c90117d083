"""Settles by which channels a customer may be addressed, and what for: the stage `settle_permissions`.

READS: landing.live_record, golden.crosswalk, matching.standardised, matching.shared_value.
WRITES: care.permission.
Invariant: one more refusal never allows anything, and the order of what was said does not matter. What was said hangs
on its source record, so that it follows the record when customers come apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.consent_words import (
    ANY,
    DO_NOT_CONTACT,
    NO,
    SAYS_NOTHING,
    YES,
    consent_names,
    listed_sql,
    word_sql,
)
from warehouse.run import StageReport
from warehouse.tables.care import CHANNELS, PURPOSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = ("landing.live_record", "golden.crosswalk", "matching.standardised", "matching.shared_value")
WRITES = ("care.permission",)


def _rows(rows: Sequence[tuple[str, ...]]) -> str:
    return ", ".join("(" + ", ".join(f"'{value}'" for value in row) + ")" for row in rows)


_NAMES = _rows([(name, *meant) for name, meant in consent_names().items()] + [(DO_NOT_CONTACT, ANY, ANY)])
_CELLS = _rows([(purpose, channel) for purpose in PURPOSES for channel in CHANNELS])

_STATEMENT = f"""
    CREATE OR REPLACE TEMP TABLE statement AS
    WITH name AS (FROM (VALUES {_NAMES}) AS t(name, purpose, channel)), extra AS (
        SELECT source, source_record_id, coalesce(updated_at, "at") AS "at", unnest(extras) AS extra
        FROM landing.live_record WHERE len(extras) > 0
    ), said AS (
        SELECT source, source_record_id, "at", name.*, {word_sql("extra.value")} AS word
        FROM extra JOIN name ON name.name = lower(extra.name)
        WHERE extra.value IS NOT NULL
    )
    SELECT DISTINCT golden_id, purpose, channel, source, source_record_id, "at",
        name <> '{DO_NOT_CONTACT}' AND word IN {listed_sql(YES)} AS allowed,
        word IN {listed_sql((*YES, *NO))} AS is_understood
    FROM said JOIN golden.crosswalk USING (source, source_record_id)
    WHERE word NOT IN {listed_sql(SAYS_NOTHING)} AND NOT (name = '{DO_NOT_CONTACT}' AND word IN {listed_sql(NO)})
    """
"""What each live record says, by its newest version: so a later word of the same record takes back an earlier one."""

_REACHED = """
    CREATE OR REPLACE TEMP TABLE reached AS
    WITH refused AS (
        SELECT golden_id, source, source_record_id, purpose, channel, "at", is_understood,
            CASE channel WHEN 'email' THEN 'email' ELSE 'phone' END AS attribute
        FROM statement WHERE NOT allowed AND channel IN ('email', 'phone', 'sms')
    ), point AS (
        SELECT source, source_record_id, 'email' AS attribute, unnest(emails) AS value FROM matching.standardised
        UNION ALL
        SELECT source, source_record_id, 'phone', unnest(phones) FROM matching.standardised
    ), own AS (
        SELECT refused.*, point.value FROM refused JOIN point USING (source, source_record_id, attribute)
        ANTI JOIN matching.shared_value AS shared ON shared.attribute = refused.attribute
            AND shared.value = CASE refused.attribute WHEN 'phone' THEN right(point.value, 7) ELSE point.value END
    )
    SELECT DISTINCT held.golden_id, own.purpose, own.channel, own.source, own.source_record_id, own."at",
        own.is_understood
    FROM own JOIN point USING (attribute, value)
    JOIN golden.crosswalk AS held
        ON held.source = point.source AND held.source_record_id = point.source_record_id
    WHERE held.golden_id <> own.golden_id
    """
"""A refusal of mails or calls holds for the address or number too: for whoever else is reached by it."""

_PERMISSION = f"""
    INSERT INTO care.permission BY NAME
    WITH cell AS (FROM (VALUES {_CELLS}) AS t(purpose, channel)), said AS (
        SELECT golden_id, purpose, channel, source, source_record_id, "at", allowed, is_understood, true AS is_own
        FROM statement
        UNION ALL
        SELECT golden_id, purpose, channel, source, source_record_id, "at", false, is_understood, false FROM reached
    ), covering AS (
        SELECT golden_id, cell.channel, cell.purpose, said.purpose AS said_purpose, said.channel AS said_channel,
            allowed, is_understood, is_own, source, source_record_id, "at",
            count(*) FILTER (allowed) OVER (PARTITION BY golden_id, cell.channel, cell.purpose) AS consents
        FROM said JOIN cell
            ON said.purpose IN (cell.purpose, '{ANY}') AND said.channel IN (cell.channel, '{ANY}')
        QUALIFY row_number() OVER (
            PARTITION BY golden_id, cell.channel, cell.purpose
            ORDER BY allowed, is_own DESC, "at" DESC NULLS LAST, source, source_record_id, said.purpose, said.channel,
                is_understood DESC
        ) = 1
    ), worded AS (
        SELECT *, CASE said_purpose WHEN '{ANY}' THEN 'being contacted' ELSE said_purpose || ' messages' END
            || CASE said_channel WHEN '{ANY}' THEN ' by any channel' ELSE ' by ' || said_channel END AS told
        FROM covering
    )
    SELECT golden_id, channel, purpose, allowed, source, source_record_id, "at",
        CASE
            WHEN allowed THEN 'agreed to ' || told
            WHEN NOT is_understood THEN 'what is said of ' || told || ' is not understood, and taken for a no'
            WHEN NOT is_own THEN 'somebody who is reached by the same address or number said no to ' || told
            ELSE 'said no to ' || told
        END || CASE WHEN NOT allowed AND consents > 0 THEN ', which counts for more than a yes elsewhere' ELSE '' END
            AS reason
    FROM worded
    ORDER BY golden_id, channel, purpose
    """
"""Of all that covers a channel and purpose the strictest counts, then the latest."""


def settle_permissions(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's permissions: a row for each channel and purpose of which, or of all of which, something is said.

    Figures: customers of whom something is said, those who refuse something, and statements that were not understood.
    """
    con.execute(_STATEMENT)
    con.execute(_REACHED)
    con.execute("DELETE FROM care.permission")
    con.execute(_PERMISSION)
    told = con.execute(
        "SELECT count(*), count(DISTINCT golden_id), count(DISTINCT golden_id) FILTER (NOT allowed)"
        " FROM care.permission"
    ).fetchall()[0]
    unclear = con.execute("SELECT count(*) FROM statement WHERE NOT is_understood").fetchall()[0][0]
    for table in ("statement", "reached"):
        con.execute(f"DROP TABLE {table}")
    return StageReport(
        rows={WRITES[0]: int(told[0])},
        figures={"customers": int(told[1]), "refusing": int(told[2]), "not_understood": int(unclear)},
    )

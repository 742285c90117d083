"""The timeline of a customer: what belongs together as one entry, the latest first, by filters and page by page.

A conversation is one entry, over whatever channels it went; every other activity is its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from serving.pages.words import KINDS, MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from serving.reading.tables import Row

PAGE = 30
"""Entries on a page."""
_TALKS = ("message", "case", "interaction")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a timeline is asked for: a kind, only what is open, what is about one activity, and the page."""

    kind: str = ""
    open_only: bool = False
    about: str = ""
    page: int = 1

    def query(self, **changed: str | bool | int) -> str:
        """Return what the address of this part carries, or of this part changed, from its first page on."""
        asked = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]  # names of its own fields
        told = {
            "kind": asked.kind,
            "open": "1" if asked.open_only else "",
            "about": asked.about,
            "page": str(asked.page) if asked.page > 1 else "",
        }
        carried = urlencode({name: value for name, value in told.items() if value})
        return f"?{carried}" if carried else "?"


@dataclass(frozen=True, slots=True)
class Entry:
    """Activities that are shown as one, the first one first; `about` is the order they are about, if it is known."""

    rows: tuple[Row, ...]
    about: Row | None = None
    lines: tuple[Row, ...] = ()
    hanging: tuple[tuple[str, int], ...] = ()

    @property
    def head(self) -> Row:
        """The activity that it began with."""
        return self.rows[0]

    @property
    def last(self) -> Row:
        """The activity that came last."""
        return self.rows[-1]

    @property
    def at(self) -> datetime | None:
        """When the last of it happened."""
        found: datetime | None = self.last["at"]
        return found

    @property
    def is_open(self) -> bool:
        """Whether anything of it is open."""
        return any(row["is_open"] for row in self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a timeline: its entries by month, how many there are, and how many of each kind without filters."""

    months: tuple[tuple[str, tuple[Entry, ...]], ...]
    number: int
    first: int
    last: int
    total: int
    everything: int
    kinds: tuple[tuple[str, int], ...]
    open_count: int
    about: Row | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the page."""
        return tuple(entry for _, entries in self.months for entry in entries)


def timeline(activities: Sequence[Row], asked: Asked) -> Page:
    """Return the part of a timeline that is asked for; `activities` as `happened` gives them."""
    by_id = {row["activity_id"]: row for row in activities}
    entries = _entries(activities)
    kinds = Counter(what for entry in entries for what in {row["what"] for row in entry})
    wanted = [entry for entry in entries if _is_wanted(entry, asked)]
    pages = max(1, -(-len(wanted) // PAGE))
    first = (min(max(asked.page, 1), pages) - 1) * PAGE
    shown = wanted[first : first + PAGE]
    hanging = _hanging(activities)
    made = [
        Entry(
            tuple(entry), _about(entry, by_id), hanging=tuple(sorted(hanging.get(entry[0]["activity_id"], {}).items()))
        )
        for entry in shown
    ]
    return Page(
        months=tuple((month, tuple(found)) for month, found in groupby(made, key=_month)),
        number=first // PAGE + 1,
        first=first + 1 if shown else 0,
        last=first + len(shown),
        total=len(wanted),
        everything=len(entries),
        kinds=tuple((kind, kinds[kind]) for kind in KINDS if kind in kinds),
        open_count=sum(any(row["is_open"] for row in entry) for entry in entries),
        about=by_id.get(asked.about),
    )


def with_lines(page: Page, lines: Mapping[str, Sequence[Row]]) -> Page:
    """Return the page with the lines of its orders and invoices."""
    months = tuple(
        (month, tuple(replace(entry, lines=tuple(lines.get(entry.head["activity_id"], ()))) for entry in entries))
        for month, entries in page.months
    )
    return replace(page, months=months)


def _entries(activities: Iterable[Row]) -> list[list[Row]]:
    """Return what is shown as one, each with the first activity first; the order is that of the latest of each."""
    found: dict[str, list[Row]] = {}
    for row in activities:
        talk = row["conversation_id"] if row["kind"] in _TALKS else None
        found.setdefault(talk or row["activity_id"], []).append(row)
    return [entry[::-1] for entry in found.values()]


def _is_wanted(entry: Sequence[Row], asked: Asked) -> bool:
    if asked.open_only and not any(row["is_open"] for row in entry):
        return False
    if asked.about and not any(asked.about in (row["activity_id"], row["about_activity_id"]) for row in entry):
        return False
    return not asked.kind or any(row["what"] == asked.kind for row in entry)


def _about(entry: Sequence[Row], by_id: dict[str, Row]) -> Row | None:
    """Return the order or invoice that an entry is about, None where it is about itself or something said."""
    ids = (row["about_activity_id"] for row in entry)
    found = (by_id[one] for one in ids if one in by_id and by_id[one]["kind"] not in _TALKS)
    return next(found, None)


def _hanging(activities: Iterable[Row]) -> dict[str, Counter[str]]:
    """Return how many activities of each kind are about an activity."""
    found: dict[str, Counter[str]] = {}
    for row in activities:
        if row["about_activity_id"] is not None:
            found.setdefault(row["about_activity_id"], Counter())[row["what"]] += 1
    return found


def _month(entry: Entry) -> str:
    return f"{MONTHS[entry.at.month - 1]} {entry.at.year}" if entry.at else "Without a date"

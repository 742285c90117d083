"""What the page of a customer shows, put together and masked for who sees it.

READS: the release, by `serving.reading` and the functions beside this; the doubts in the stewards' store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serving.masking import mask, mask_all
from serving.pages import words
from serving.pages.happened import happened, lines_of
from serving.pages.held import held_after
from serving.pages.open_now import MOST_LINES, issues_of, open_now
from serving.pages.timeline import Asked, timeline, with_lines
from serving.reading import knowing, who
from stewardship.doubts import LONGEST_NOTE, open_doubts
from warehouse.tables.care import ACTIVITY, CONTACT_FACT, SIGNAL
from warehouse.tables.golden import CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from serving.reading.tables import Row
    from stewardship.web.releases import Pinned
    from stewardship.web.visit import Visit

MOST_TOLD = 4
"""So many things that the customer said are shown before the timeline, which has them all."""
MOST_RECORDS = 60
"""Of a customer of more records none is offered to be named in a doubt: nobody would find it among them."""


def customer_values(visit: Visit, row: Row, asked: Asked, was: str) -> dict[str, Any]:
    """Return what the page is filled with."""
    pinned, golden_id, role = visit.pinned, row["golden_id"], visit.role
    activities = mask_all(ACTIVITY, happened(pinned, golden_id), role)
    signals = mask_all(SIGNAL, knowing.signals(pinned, golden_id), role)
    opened = open_now(activities, signals, issues_of(pinned, golden_id), pinned.manifest.as_of)
    permissions = knowing.permissions(pinned, golden_id)
    return {
        "customer": mask(CUSTOMER, row, role),
        "golden_id": golden_id,
        "profile": knowing.profile(pinned, golden_id),
        "household": [one for one in who.household(pinned, golden_id) if one["golden_id"] != golden_id],
        "possible": who.possible_matches(pinned, golden_id),
        "opened": opened,
        "opened_lines": lines_of(pinned, [one.row["activity_id"] for one in opened if one.row["kind"] == "order"]),
        "most_lines": MOST_LINES,
        "signals": signals,
        "offers": knowing.offers(pinned, golden_id),
        "permissions": permissions,
        "facts": mask_all(CONTACT_FACT, knowing.contact_facts(pinned, golden_id), role),
        "said": _said(activities),
        "records": who.records(pinned, golden_id) if 1 < row["record_count"] <= MOST_RECORDS else [],
        "doubts": open_doubts(visit.store, [golden_id]) if visit.may("steward") else (),
        "longest_note": LONGEST_NOTE,
        "merged": _merged(pinned, was, golden_id),
        "held": held_after(visit.workspace, pinned),
        "release": pinned.manifest,
        **_timeline_values(pinned, activities, asked),
    }


def timeline_values(visit: Visit, golden_id: str, asked: Asked) -> dict[str, Any]:
    """Return what the timeline alone is filled with."""
    return _timeline_values(visit.pinned, mask_all(ACTIVITY, happened(visit.pinned, golden_id), visit.role), asked)


def _timeline_values(pinned: Pinned, activities: Sequence[Row], asked: Asked) -> dict[str, Any]:
    page = timeline(activities, asked)
    bought = [entry.head["activity_id"] for entry in page.entries if entry.head["kind"] in ("order", "invoice")]
    return {"page": with_lines(page, lines_of(pinned, bought)), "asked": asked, "words": words}


def _said(activities: Iterable[Row]) -> list[Row]:
    """Return what the customer said last in each conversation of which some words are known, the latest first."""
    theirs: dict[str, Row] = {}
    for row in activities:
        if row["direction"] in (None, "inbound") and row["excerpt"]:
            theirs.setdefault(row["conversation_id"] or row["activity_id"], row)
    return list(theirs.values())[:MOST_TOLD]


def _merged(pinned: Pinned, was: str, golden_id: str) -> Row | None:
    """Return the id that somebody came here by, and since when it is this one; None where it is not."""
    if not was or who.find_customer(pinned, was).golden_id != golden_id or was == golden_id:
        return None
    with pinned.golden() as con:
        retired = con.execute("SELECT retired_in FROM redirect WHERE golden_id = ?", [was]).fetchall()
    return {"golden_id": was, "retired_in": retired[0][0] if retired else None}

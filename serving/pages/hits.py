"""Whom an agent finds: the customers that a text leads to, each with what tells it from the others, and why.

READS: customer, profile, signal. WRITES: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.masking import mask_all, sees_masked
from serving.reading.tables import in_memory, relation, rows
from warehouse.tables.care import PROFILE, SIGNAL
from warehouse.tables.golden import CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving.lookup import Index
    from serving.reading.tables import Row
    from stewardship.web.releases import Pinned

MOST = 12
"""So many are shown: whoever is not among them is found by another word."""
_WHO = """
    SELECT golden_id, coalesce(full_name, organisation) AS name, CASE WHEN full_name <> organisation THEN organisation
        END AS organisation, city, region, postal_code, email, phone, last_order_at,
        coalesce(open_cases, 0) AS open_cases
    FROM customer LEFT JOIN {profile} USING (golden_id) WHERE golden_id IN (SELECT unnest($ids::VARCHAR[]))"""
_FIGURES = ("last_order_at", "open_cases")
_COLUMNS = ("golden_id", "full_name", "organisation", "city", "region", "postal_code", "email", "phone")
_MOST_SEVERE = "urgent"
_URGENT = """
    SELECT DISTINCT golden_id FROM {signal}
    WHERE severity = $severity AND golden_id IN (SELECT unnest($ids::VARCHAR[]))"""


@dataclass(frozen=True, slots=True)
class Hits:
    """Those who are found, best first, each a row of what is known with `why`; `more`: there are others."""

    rows: tuple[Row, ...]
    more: bool


def find(pinned: Pinned, index: Index, text: str, role: str) -> Hits:
    """Return the customers that a text leads to, as a role may see them.

    The index may be of the release before this one: whoever is no customer any more is left out.
    """
    found = index.find(text, MOST, masked=sees_masked(role))
    known = {row["golden_id"]: row for row in who(pinned, [hit.golden_id for hit in found.hits])}
    hits = [known[hit.golden_id] | {"why": hit.why} for hit in found.hits if hit.golden_id in known]
    return Hits(tuple(mask_all(CUSTOMER, hits, role)), found.more)


def who(pinned: Pinned, golden_ids: Sequence[str]) -> list[Row]:
    """Return in a row each who some customers are, and whether anything of theirs is urgent, in no order."""
    urgent = _urgent(pinned, golden_ids)
    known = _known(pinned, golden_ids)
    return [row | {"urgent": row["golden_id"] in urgent} for row in known]


def _known(pinned: Pinned, golden_ids: Sequence[str]) -> list[Row]:
    """Return who they are, from memory where it is held there."""
    customers, profiles = in_memory(pinned, CUSTOMER), in_memory(pinned, PROFILE)
    if customers is None or profiles is None:
        with pinned.golden() as con:
            return rows(con, _WHO.format(profile=relation(pinned, PROFILE)), {"ids": list(golden_ids)})
    figures = {row.pop("golden_id"): row for row in profiles.of_each(golden_ids, ("golden_id", *_FIGURES))}
    nothing: Row = {"last_order_at": None, "open_cases": 0}
    found = []
    for row in customers.of_each(golden_ids, _COLUMNS):
        person, organisation = row.pop("full_name"), row.pop("organisation")
        beside = organisation if person is not None and person != organisation else None
        name = person if person is not None else organisation
        found.append(row | {"name": name, "organisation": beside} | figures.get(row["golden_id"], nothing))
    return found


def _urgent(pinned: Pinned, golden_ids: Sequence[str]) -> set[str]:
    if (signals := in_memory(pinned, SIGNAL)) is not None:
        found = signals.of_each(golden_ids, ("golden_id", "severity"))
        return {row["golden_id"] for row in found if row["severity"] == _MOST_SEVERE}
    if pinned.manifest.rows.get(SIGNAL.name, 0) == 0:
        return set()
    asked = {"ids": list(golden_ids), "severity": _MOST_SEVERE}
    with pinned.golden() as con:
        return {row["golden_id"] for row in rows(con, _URGENT.format(signal=relation(pinned, SIGNAL)), asked)}

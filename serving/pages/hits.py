"""Whom an agent finds: the customers that a text leads to, each with what tells it from the others, and why.

READS: customer, profile, signal. WRITES: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.masking import mask_all, sees_masked
from serving.reading.tables import relation, rows
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
_URGENT = """
    SELECT DISTINCT golden_id FROM {signal}
    WHERE severity = 'urgent' AND golden_id IN (SELECT unnest($ids::VARCHAR[]))"""


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
    """Return in a row each who some customers are, and whether anything of theirs is urgent."""
    asked = {"ids": list(golden_ids)}
    with pinned.golden() as con:
        known = rows(con, _WHO.format(profile=relation(pinned, PROFILE)), asked)
        urgent = {row["golden_id"] for row in rows(con, _URGENT.format(signal=relation(pinned, SIGNAL)), asked)}
    return [row | {"urgent": row["golden_id"] in urgent} for row in known]

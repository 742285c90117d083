"""What to know of a customer before speaking: profile, signals, permissions, offers, and what they told us.

Reads profile, signal, permission, offer and contact_fact of a release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.reading.tables import Row, select
from warehouse.tables.care import CONTACT_FACT, OFFER, PERMISSION, PROFILE, SEVERITIES, SIGNAL

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned

_OF = "WHERE golden_id = $id"


def profile(pinned: Pinned, golden_id: str) -> Row | None:
    """Return the customer's profile."""
    found = select(pinned, PROFILE, _OF, {"id": golden_id})
    return found[0] if found else None


def signals(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the customer's signals, the most severe first, then the newest."""
    order = "ORDER BY list_position($severities::VARCHAR[], severity) DESC, since DESC NULLS LAST, signal, activity_id"
    return select(pinned, SIGNAL, f"{_OF} {order}", {"id": golden_id, "severities": list(SEVERITIES)})


def permissions(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return by which channels the customer may be addressed, and what for."""
    return select(pinned, PERMISSION, f"{_OF} ORDER BY channel, purpose", {"id": golden_id})


def offers(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the offers of joinedup.yaml as they fit the customer, those that fit first."""
    return select(pinned, OFFER, f"{_OF} ORDER BY eligible DESC, offer", {"id": golden_id})


def contact_facts(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return what the customer told us of how to reach them, the newest first."""
    order = 'ORDER BY "at" DESC NULLS LAST, activity_id, attribute, value'
    return select(pinned, CONTACT_FACT, f"{_OF} {order}", {"id": golden_id})

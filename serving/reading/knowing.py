"""What to know of a customer before speaking: profile, signals, permissions, offers, and what they told us.

Reads profile, signal, permission, offer and contact_fact of a release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.reading.tables import Row, of_customer
from warehouse.tables.care import CONTACT_FACT, OFFER, PERMISSION, PROFILE, SEVERITIES, SIGNAL

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned


def profile(pinned: Pinned, golden_id: str) -> Row | None:
    """Return the customer's profile."""
    found = of_customer(pinned, PROFILE, golden_id)
    return found[0] if found else None


def signals(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the customer's signals, the most severe first, then the newest."""
    order = "ORDER BY list_position($severities::VARCHAR[], severity) DESC, since DESC NULLS LAST, signal, activity_id"
    return of_customer(pinned, SIGNAL, golden_id, order, {"severities": list(SEVERITIES)})


def permissions(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return by which channels the customer may be addressed, and what for."""
    return of_customer(pinned, PERMISSION, golden_id, "ORDER BY channel, purpose")


def offers(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the offers of joinedup.yaml as they fit the customer, those that fit first."""
    return of_customer(pinned, OFFER, golden_id, "ORDER BY eligible DESC, offer")


def contact_facts(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return what the customer told us of how to reach them, the newest first."""
    order = 'ORDER BY "at" DESC NULLS LAST, activity_id, attribute, value'
    return of_customer(pinned, CONTACT_FACT, golden_id, order)

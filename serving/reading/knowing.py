"""What to know of a customer before speaking: profile, signals, permissions, offers, and what they told us.

Reads profile, signal, permission, offer and contact_fact of a release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.reading.tables import Row, about_customer
from warehouse.tables.care import CONTACT_FACT, OFFER, PERMISSION, PROFILE, SEVERITIES, SIGNAL

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned


def profile(pinned: Pinned, golden_id: str) -> Row | None:
    """Return the customer's profile."""
    found = about_customer(pinned, PROFILE, golden_id)
    return found[0] if found else None


def signals(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the customer's signals, the most severe first, then the newest."""
    found = about_customer(pinned, SIGNAL, golden_id, "-since", "signal", "activity_id")
    return sorted(found, key=lambda row: -SEVERITIES.index(row["severity"]))


def permissions(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return by which channels the customer may be addressed, and what for."""
    return about_customer(pinned, PERMISSION, golden_id, "channel", "purpose")


def offers(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return the offers of joinedup.yaml as they fit the customer, those that fit first."""
    return about_customer(pinned, OFFER, golden_id, "-eligible", "offer")


def contact_facts(pinned: Pinned, golden_id: str) -> list[Row]:
    """Return what the customer told us of how to reach them, the newest first."""
    return about_customer(pinned, CONTACT_FACT, golden_id, "-at", "activity_id", "attribute", "value")

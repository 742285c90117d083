"""How work goes on after a case: the next one of the queue, claimed at once, or the word that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from stewardship import desk

if TYPE_CHECKING:
    from stewardship.web.visit import Visit

SEE_OTHER = 303


def to_page(path: str) -> RedirectResponse:
    """Return the way on to a page of ours; htmx follows it as a browser does, and swaps in what it finds."""
    return RedirectResponse(path, SEE_OTHER)


def next_case(visit: Visit, queue: str, *, did: int = 0, told: str = "") -> RedirectResponse:
    """Claim the next case of the queue for the visitor, and lead there; to all queues where there is none."""
    settings = visit.settings.stewardship
    item = desk.next_item(
        visit.pinned,
        visit.store,
        visit.user,
        queue,
        minutes=settings.claim_minutes,
        budget=settings.nightly_budget,
    )
    done = (f"&did={did}" if did else "") + (f"&told={told}" if told else "")
    if item is None:
        return to_page(f"/review?queue={queue}{done or '&told=nothing'}")
    return to_page(f"/review/item/{item.item_id}?queue={queue}{done}")

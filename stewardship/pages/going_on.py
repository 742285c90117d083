"""How work goes on after a case: the next one of the queue, claimed at once, or the word that there is none.

Who judges the sample of a pattern goes back to the pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from stewardship import desk

if TYPE_CHECKING:
    from stewardship.queue import Item
    from stewardship.web.visit import Visit

SEE_OTHER = 303
PATTERN = "pattern"
"""In the place of a queue: the cases that are alike, of which the item is one."""


def pattern_path(pattern: str) -> str:
    """Return where the page of a pattern is."""
    return f"/review/pattern/{quote(pattern, safe='')}"


def to_page(path: str) -> RedirectResponse:
    """Return the way on to a page of ours; htmx follows it as a browser does, and swaps in what it finds."""
    return RedirectResponse(path, SEE_OTHER)


def next_case(visit: Visit, queue: str, after: Item | None = None, *, did: int = 0, told: str = "") -> RedirectResponse:
    """Claim the next case of the queue for the visitor, and lead there; to all queues where there is none.

    `after` is the case that was worked on: where `queue` is PATTERN, on to the pattern of that one.
    """
    done = (f"&did={did}" if did else "") + (f"&told={told}" if told else "")
    if queue == PATTERN and after is not None and after.pattern is not None:
        return to_page(f"{pattern_path(after.pattern)}?{done.removeprefix('&')}")
    settings = visit.settings.stewardship
    item = desk.next_item(
        visit.pinned,
        visit.store,
        visit.user,
        queue,
        minutes=settings.claim_minutes,
        budget=settings.nightly_budget,
    )
    if item is None:
        return to_page(f"/review?queue={queue}{done or '&told=nothing'}")
    return to_page(f"/review/item/{item.item_id}?queue={queue}{done}")

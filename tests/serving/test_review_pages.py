"""The review pages as they look: for everybody, light and dark, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stewardship.queue import open_items
from tests.serving.cards import press, start
from tests.serving.site import page_faults, violations

if TYPE_CHECKING:
    from tests.serving.site import Site


def pages_of(site: Site) -> list[str]:
    """Return the address of every page of the review, with something on it."""
    pinned = site.shared.releases.current()
    assert pinned is not None
    items = open_items(pinned, site.shared.store, limit=3).items
    audit = open_items(pinned, site.shared.store, queue="audit", limit=1).items
    cards = [f"/review/item/{item.item_id}" for item in (*items[:1], *audit)]
    lists = ["/review", "/review/queue/default", "/review/queue/conflict", "/review/proposals"]
    return [*lists, *cards, f"/review/customer/{items[0].golden_ids[0]}"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_for_everybody(browsing: Site, *, dark: bool) -> None:
    with browsing.browser_of("ann", dark=dark) as page:
        for path in pages_of(browsing):
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(browsing.url(path))
            assert violations(page) == [], path
            page.set_viewport_size({"width": 360, "height": 740})
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 360, path
        assert page_faults(page) == []


def test_a_question_before_something_moves_is_for_everybody(browsing: Site) -> None:
    with browsing.browser_of("ann") as page:
        start(browsing, page)
        press(page, "ArrowDown")
        press(page, "p")
        page.wait_for_selector("[data-asks]")
        assert violations(page) == []
        press(page, "Escape")
        page.wait_for_function("() => !document.querySelector('[data-asks]')")

"""What tests do on a card: start a queue, press a key, and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.card.card import card
from stewardship.card.read_case import read_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from stewardship.card.card import Card
    from tests.serving.site import Site

SETTLE = 300
"""Milliseconds that a card is there before a key is meant for it."""


def start(site: Site, page: Page, queue: str = "default") -> None:
    """Start a queue by the keyboard."""
    page.goto(site.url("/review"))
    page.locator(f"form[action='/review/next/{queue}'] button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-item]")


def item_on(page: Page) -> str:
    """Return the item whose card is shown."""
    found = page.locator("[data-item]").get_attribute("data-item")
    assert found is not None
    return found


def press(page: Page, key: str) -> None:
    """Press a key that is meant for the card that is shown."""
    page.wait_for_timeout(SETTLE)
    page.keyboard.press(key)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")


def answer(page: Page, key: str) -> None:
    """Answer by a key, once more where it is asked whether that is meant, and wait for what comes next."""
    item = item_on(page)
    gone = "item => document.querySelector('[data-item]')?.dataset.item !== item"
    press(page, key)
    page.wait_for_function(f"item => document.querySelector('[data-asks]') || ({gone})(item)", arg=item)
    if page.locator("[data-asks]").count():
        press(page, key)
    page.wait_for_function(gone, arg=item)


def card_of(site: Site, item_id: str) -> Card:
    """Return the card of an item."""
    pinned = site.shared.releases.current()
    assert pinned is not None
    case = read_case(pinned, item_id)
    assert case is not None
    return card(pinned, case)

"""The smaller pages, light and dark, wide and narrow: nothing that axe finds, and nothing that leaves the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.serving.site import page_faults, violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.serving.site import Site

WIDTHS = (1280, 640, 360)
"""A screen, the same at 200 %, and a telephone."""


def at(path: str) -> Callable[[Site, Page], None]:
    def go(site: Site, page: Page) -> None:
        page.goto(site.url(path))

    return go


def sent(path: str, **fields: str) -> Callable[[Site, Page], None]:
    """Fill in a form, and send it by the Enter key in its last field."""

    def go(site: Site, page: Page) -> None:
        page.goto(site.url(path))
        for name, value in fields.items():
            page.fill(f"#{name}", value)
        page.press(f"#{list(fields)[-1]}", "Enter")
        page.wait_for_load_state()

    return go


def decided(site: Site, page: Page) -> None:
    sent("/review/compare", left="billing:N0", right="billing:M0")(site, page)
    page.fill("#reason", "same voice on the phone")
    page.click("button[value=same]")
    page.wait_for_selector("text=is written")


def signed_in_twice(site: Site, page: Page) -> None:
    site.cookie_of("zoe")
    page.goto(site.url("/account"))
    assert page.locator("button:has-text('End it')").count() == 1


PAGES: dict[str, Callable[[Site, Page], None]] = {
    "account": at("/account"),
    "two sessions": signed_in_twice,
    "users": at("/account/users"),
    "password refused": sent("/account", new="password"),
    "nowhere": at("/nowhere"),
    "nothing to find yet": at("/review/find"),
    "nothing to compare yet": at("/review/compare"),
    "no stewards yet": at("/review/stewards"),
    "found": sent("/review/find", text="brightwater"),
    "nobody found": sent("/review/find", text="nobody at all"),
    "candidates": sent("/review/find", record="billing:N0"),
    "no such record": sent("/review/find", record="nonsense"),
    "compared": sent("/review/compare", left="billing:N1", right="billing:M1"),
    "decided": decided,
    "decisions": at("/review/decisions"),
    "no decisions": at("/review/decisions?state=expired"),
    "stewards": at("/review/stewards"),
}


def faults_of(page: Page) -> list[str]:
    """Return what is wrong with the page, in either scheme and any width; it is left light and wide."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults = violations(page)
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {found}" for found in violations(page, "color-contrast")]
    page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            faults.append(f"{wide} wide on {width}")
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    return [*faults, *page_faults(page)]


def test_pages_are_for_everybody(browsing: Site) -> None:
    found: dict[str, list[str]] = {}
    with browsing.browser_of("zoe") as page:
        for name, go in PAGES.items():
            go(browsing, page)
            if faults := faults_of(page):
                found[name] = faults
        assert "none so far" in page.inner_text("main")
    assert found == {}


def test_whoever_is_not_in_yet_gets_pages_like_that_too(browsing: Site) -> None:
    link = browsing.shared.accounts.link("rita")
    with browsing.browser_of(None) as page:
        for path in ("/sign-in", f"/sign-in/{link}", "/sign-in/spent", "/account"):
            page.goto(browsing.url(path))
            assert faults_of(page) == [], path


def test_axe_would_find_what_is_wrong(browsing: Site) -> None:
    """The control: a label that is missing and a contrast that is too low are found."""
    with browsing.browser_of("ann") as page:
        page.goto(browsing.url("/account"))
        page.evaluate("document.querySelector('label').remove()")
        page.evaluate("document.querySelector('#new').removeAttribute('aria-describedby')")
        page.evaluate("document.querySelector('.soft').style.color = '#777777'")
        page.evaluate("document.body.style.minWidth = '700px'")
        found = {fault.split(":")[0] for fault in faults_of(page)}
        assert found == {"label", "color-contrast", "dark", "700 wide on 640", "700 wide on 360"}


def test_a_page_is_worked_by_keyboard_alone(browsing: Site) -> None:
    with browsing.browser_of("ann") as page:
        page.goto(browsing.url("/review/find"))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "To the page"
        assert page.evaluate("getComputedStyle(document.activeElement).left") == "0px"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "text"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.type("lindqvist")
        page.keyboard.press("Enter")
        page.wait_for_selector("#found")
        assert page.locator("#found").inner_text() == "1 customer"

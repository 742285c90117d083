"""Letting people in, in a real browser: by password, by a link from an admin, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.serving.site import page_faults

if TYPE_CHECKING:
    from tests.serving.site import Site

WORDS, OTHER_WORDS = "seven small lanterns", "nine quiet bicycles"
OUTSIDE = (
    "/static/../visit.py",
    "/static/..%2fvisit.py",
    "/static/%2e%2e/visit.py",
    "/static/..%5cvisit.py",
    "/static/....//visit.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/joinedup.css%00.py",
)


def test_somebody_signs_in_by_keyboard_and_goes_on_where_they_wanted(browsing: Site) -> None:
    browsing.shared.accounts.set_password("ann", WORDS, "tests")
    with browsing.browser_of(None) as page:
        page.goto(browsing.url("/review/compare"))
        assert page.url == browsing.url("/sign-in?to=/review/compare")
        page.keyboard.type("ann")
        page.keyboard.press("Tab")
        page.keyboard.type("not the one at all")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=is wrong")
        assert page.evaluate("document.activeElement.id") == "password"
        page.keyboard.type(WORDS)
        page.keyboard.press("Enter")
        page.wait_for_url(browsing.url("/review/compare"))
        page.goto(browsing.url("/account"))
        page.fill("#old", WORDS)
        page.fill("#new", "password1234")
        page.keyboard.press("Enter")
        page.wait_for_selector("#new-problem")
        page.fill("#old", WORDS)
        page.fill("#new", OTHER_WORDS)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Your password is changed")
        page.click("text=Sign out")
        page.wait_for_url(browsing.url("/sign-in"))
        page.goto(browsing.url("/account"))
        assert page.url == browsing.url("/sign-in?to=/account")
        assert page_faults(page) == []


def test_an_admin_lets_somebody_in_by_a_link(browsing: Site) -> None:
    with browsing.browser_of("zoe") as page:
        page.goto(browsing.url("/account/users"))
        page.fill("section >> #name", "milo")
        page.click("text=Add >> nth=-1")
        page.wait_for_selector("text=The account is there")
        page.locator("tr", has=page.get_by_role("rowheader", name="milo")).get_by_text("Make a link").click()
        link = page.get_by_label("The link").input_value()
        assert link.startswith(browsing.url("/sign-in/"))
        page.goto(browsing.url("/account/users"))
        page.get_by_label("Role of ann").select_option("agent")
        page.locator("tr", has=page.get_by_role("rowheader", name="ann")).get_by_text("Change").click()
        page.wait_for_selector("text=The role is changed")
        assert page_faults(page) == []
    with browsing.browser_of(None) as other:
        other.goto(link)
        other.fill("#password", WORDS)
        other.keyboard.press("Enter")
        other.wait_for_url(browsing.url("/"))
        other.goto(browsing.url("/account/users"))
        assert "the role admin" in other.locator("main").inner_text()
        other.goto(link)
        assert other.locator("h1").inner_text() == "This link lets nobody in"
    browsing.shared.accounts.set_role("ann", "steward", "tests")


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_beside_the_static_files_is_given_out(site: Site, path: str) -> None:
    with httpx.Client(limits=httpx.Limits(max_keepalive_connections=0)) as client:
        answer = client.send(client.build_request("GET", httpx.URL(site.url(""), raw_path=path.encode())))
    assert answer.status_code == 404
    assert "import" not in answer.text
    assert "root:" not in answer.text

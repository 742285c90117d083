"""Whatever a source holds, it is text on every page: no script of it runs, and nothing of it becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from stewardship.answer import Statement, answer
from stewardship.decide import say
from tests.serving.hostile import HOSTILE, hostile_shop
from tests.serving.site import Site, page_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

NEVER = {"iframe", "object", "embed", "base", "math", "template", "animate", "applet", "style"}
LINKS = ("href", "src", "action", "formaction", "xlink:href", "hx-get", "hx-post")
PAGES = ("/review", "/review/queue/default", "/review/decisions", "/review/stewards", "/review/proposals", "/account")


class Markup(HTMLParser):
    """Collects what a page has no business to hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in NEVER or (tag == "meta" and "http-equiv" in values):
            self.found.append(f"<{tag}>")
        if tag == "script" and not (values.get("src") or "").startswith("/static/"):
            self.found.append(f"script {values}")
        for name, value in attrs:
            if name.startswith(("on", "hx-on", "srcdoc", "style")):
                self.found.append(f"{tag} {name}={value}")
            if name in LINKS and value and (urlsplit(value).scheme or urlsplit(value).netloc):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running site over hostile data, on which hostile reasons were given, too."""
    path = tmp_path_factory.mktemp("hostile")
    site = Site(path, hostile_shop(path / "shop"))
    pinned = site.shared.releases.current()
    assert pinned is not None
    with site.running():
        for number, reason in enumerate(HOSTILE[:20:4]):
            said = say("ann", reason, pinned.release)
            records = tuple(("cases", f"H{2 * number + place}") for place in (0, 1))
            answer(site.shared.store, pinned.release, [Statement("unsure", records)], said)
        with site.browser():
            yield site


def items(site: Site) -> list[str]:
    return [row[0] for row in _asked(site, "SELECT item_id FROM review.item ORDER BY item_id")]


def customers(site: Site) -> list[str]:
    query = """
        SELECT DISTINCT golden_id FROM (SELECT unnest(golden_ids) AS golden_id FROM review.item) ORDER BY golden_id"""
    return [row[0] for row in _asked(site, query)]


def _asked(site: Site, query: str) -> list[tuple[str, ...]]:
    pinned = site.shared.releases.current()
    assert pinned is not None
    with pinned.workings() as con:
        return con.execute(query).fetchall()


def test_nothing_of_it_becomes_markup(hostile: Site) -> None:
    cookies, headers = hostile.credentials("zoe")
    with httpx.Client(base_url=hostile.url(), cookies=cookies, headers=headers, timeout=60) as client:
        paths = [*PAGES, *(f"/review/item/{item}" for item in items(hostile))]
        paths += [f"/review/customer/{golden_id}" for golden_id in customers(hostile)]
        paths += [f"/customers/{golden_id}" for golden_id in customers(hostile)]
        paths += [f"/customers/{golden_id}/provenance" for golden_id in customers(hostile)]
        answers = {path: client.get(path) for path in paths}
        for value in HOSTILE[::3]:
            answers[f"find {value[:30]}"] = client.post("/review/find", data={"text": value})
            answers[f"agent finds {value[:30]}"] = client.post("/", data={"text": value})
        for number in (0, 1, 14, 46):
            record = f"billing:H{number}{HOSTILE[number][:40]}"
            answers[f"near {number}"] = client.post("/review/find/candidates", data={"record": record})
            pair = {"left": record, "right": f"billing:G{number}"}
            answers[f"compare {number}"] = client.post("/review/compare", data=pair)
    assert len(items(hostile)) > 4
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code >= 500} == {}
    faults = {}
    for name, found in answers.items():
        markup = Markup()
        markup.feed(found.text)
        if markup.found:
            faults[name] = markup.found
    assert faults == {}


def test_no_script_of_it_runs(hostile: Site) -> None:
    with hostile.browser_of("zoe") as page:
        for item in items(hostile):
            _look(hostile, page, f"/review/item/{item}")
        for golden_id in customers(hostile)[:4]:
            _look(hostile, page, f"/review/customer/{golden_id}")
            _look(hostile, page, f"/customers/{golden_id}")
        for path in PAGES:
            _look(hostile, page, path)
        for text in ("script", "onerror", "alert"):
            page.goto(hostile.url("/review/find"))
            page.fill("#text", text)
            page.press("#text", "Enter")
            page.wait_for_selector("#found")
            assert page_faults(page) == [], text
            page.goto(hostile.url())
            page.keyboard.type(text)
            page.wait_for_selector("#hits [data-say]")
            assert page_faults(page) == [], text


def _look(site: Site, page: Page, path: str) -> None:
    page.goto(site.url(path))
    page.mouse.move(300, 300)
    assert page_faults(page) == [], path
    assert page.evaluate("[...document.scripts].every(script => script.src.startsWith(location.origin + '/static/'))")


def test_a_script_that_came_through_would_be_seen(hostile: Site) -> None:
    """The control: markup, a script that the policy refuses, and a dialog are all noticed where there are any."""
    markup = Markup()
    markup.feed("<p onclick='x()'><script>x()</script><a href='javascript:x()'>y</a><img src='//evil.example/x'>")
    assert len(markup.found) == 4
    with hostile.browser_of("zoe") as page:
        page.goto(hostile.url("/account"))
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
        page.wait_for_function("window.faults.length > 0")
        assert any("policy: script-src" in fault for fault in page_faults(page))
    with hostile.browser_of("zoe") as page:
        page.goto(hostile.url("/account"))
        page.evaluate("alert(1)")
        assert "dialog: 1" in page_faults(page)

"""The agents' pages in a real browser: all about somebody, next to nothing, 5,000 activities, and ids that went."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from serving.app import create_app
from serving.pages.timeline import PAGE
from stewardship.doubts import open_doubts
from tests.pipelines.shop import Shop
from tests.serving.agent_shop import agent_shop
from tests.serving.site import Site, page_faults, served
from tests.serving.test_pages_look import faults_of
from warehouse.release.manifest import write_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

MANY = 5_000
"""So many orders somebody has, each with its line."""
SECTIONS = ("name", "open", "before", "manners", "told", "happened")
"""The headings of the page, in the order in which somebody at the telephone needs them."""


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running site over the agents' shop, with a browser at hand."""
    path = tmp_path_factory.mktemp("agents")
    site = Site(path, agent_shop(path / "shop", MANY))
    with site.running(), site.browser():
        yield site


def whose(site: Site, key: str) -> str:
    """Return the customer of a record; of one that is gone, the one who was it."""
    assert site.shop is not None
    found = site.shop.read(f"SELECT golden_id FROM crosswalk WHERE source_record_id = '{key}'")
    return str(found[0][0])


def retired(site: Site, *, successor: bool) -> str:
    assert site.shop is not None
    query = f"SELECT golden_id FROM redirect WHERE (current_golden_id IS NOT NULL) = {successor}"
    return str(site.shop.read(query)[0][0])


def client_of(site: Site, name: str) -> httpx.Client:
    cookies, headers = site.credentials(name)
    return httpx.Client(base_url=site.url(), cookies=cookies, headers=headers, timeout=60)


def hits(page: Page, text: str) -> list[str]:
    """Type a text, and return who is found."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.fill("#text", text)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    return [one.partition("\n")[0] for one in page.locator("a.hit .hit-name").all_inner_texts()]


def typed(page: Page, text: str) -> None:
    """Type a text by the keyboard, and wait until who is found by all of it is shown."""
    last = text.rsplit(maxsplit=1)[-1]
    with page.expect_response(lambda answer: last in (answer.request.post_data or "")):
        page.keyboard.type(text)
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    page.wait_for_timeout(200)


def test_somebody_is_found_as_one_types(agents: Site) -> None:
    ada = whose(agents, "ADA")
    with agents.browser_of("adam") as page:
        page.goto(agents.url())
        assert page.evaluate("document.activeElement.id") == "text"
        for text in ("qui", "ada quist", "ada.quist@", "(206) 555-0101", "+1 206 555 0101", "SO-1002", "C-51", ada):
            assert "Ada Quist" in hits(page, text), text
        assert hits(page, retired(agents, successor=True)) == ["Rosa Falkner"]
        assert hits(page, "nobody of that name") == []
        assert page.locator("#live").inner_text() == "Nobody is found"
        marks = hits(page, "quist") and page.locator("a.hit").first.inner_text()
        assert "1 open case" in marks
        assert "last order 30 Jan 2026" in marks
        assert page.url == agents.url(), "nobody's name is in an address"
        assert page_faults(page) == []


def test_it_is_worked_by_keyboard_alone(agents: Site) -> None:
    with agents.browser_of("adam") as page:
        page.goto(agents.url())
        typed(page, "quist")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.className") == "hit", "the first of several"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "text"
        page.keyboard.press("ControlOrMeta+a")
        typed(page, "rosa falkner")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.className") == "hit"
        page.keyboard.press("ArrowUp")
        assert page.evaluate("document.activeElement.id") == "text"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1#name")
        assert page.locator("h1").inner_text() == "Rosa Falkner"
        page.keyboard.press("/")
        page.wait_for_selector("#text:focus")
        typed(page, "SO-1003")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1#name")
        assert page_faults(page) == []


def test_it_works_without_scripts(agents: Site) -> None:
    with agents.browser_of("adam", scripts=False) as page:
        page.goto(agents.url())
        page.fill("#text", "ada.quist@")
        page.press("#text", "Enter")
        page.click("a.hit")
        assert page.locator("h1").inner_text() == "Ada Quist"
        page.click("nav.filters >> text=Orders")
        assert page.locator(".entry").count() == 3
        page.click("text=Where all this comes from")
        page.click("text=Each value with its source")
        assert "nothing else was said" in page.locator("table").inner_text()


def test_the_page_says_what_is_needed_in_its_order(agents: Site) -> None:
    with agents.browser_of("adam") as page:
        page.goto(agents.url(f"/customers/{whose(agents, 'ADA')}"))
        shown = page.locator("main h1, main h2").evaluate_all("all => all.map(one => one.id)")
        assert tuple(shown) == SECTIONS
        who = page.locator(".who-is").inner_text()
        for told in ("ada.quist@mail.example", "12 Alder Street", "since 24 Nov 2023", "Bela Quist", "1979-11-23"):
            assert told in who
        opened = page.locator(".thing h3").all_inner_texts()
        assert {"Order SO-1002", "Order SO-1003", "Case C-51", "Invoice IN-2"} <= set(opened)
        now = page.locator("section[aria-labelledby=open]").inner_text()
        for told in ("4 days late", "Delivery PX-77", "Polecat has lost a container", "Rag rug, 5 x 8", "not answered"):
            assert told in now
        page.click("section[aria-labelledby=open] h3 >> text=SO-1002")
        page.wait_for_selector(".filter:has-text('About order SO-1002')")
        assert page.locator(".entry").count() == 3, "the order, its delivery, and what was said of it"
        page.click(".entry details summary")
        assert "This is the third mail" in page.locator(".talk").inner_text()
        page.click("text=Where all this comes from")
        page.wait_for_selector("#provenance table")
        assert "accounts" in page.locator("#provenance").inner_text()
        assert page_faults(page) == []


def test_signals_are_told_with_their_evidence_and_what_may_be_said(agents: Site) -> None:
    assert agents.shop is not None
    ada = whose(agents, "ADA")
    raised = agents.shop.read(f"SELECT evidence, words FROM signal WHERE golden_id = '{ada}' ORDER BY signal")
    assert len(raised) > 3
    with agents.browser_of("adam") as page:
        page.goto(agents.url(f"/customers/{ada}"))
        page.click("section[aria-labelledby=before] summary")
        before = page.locator("section[aria-labelledby=before]").inner_text()
        for evidence, words in raised:
            assert evidence in before
            assert words is None or words in before
        assert page.locator(".signal").first.get_attribute("class") == "signal urgent"
        assert "not now" in page.locator("section[aria-labelledby=manners]").inner_text()
    with agents.browser_of("rita") as page:
        page.goto(agents.url(f"/customers/{ada}"))
        before = page.locator("section[aria-labelledby=before]").inner_text()
        assert not any(evidence in before for evidence, _ in raised), "they may hold what a reader is not to see"


def test_a_reader_sees_masked_values(agents: Site) -> None:
    ada = f"/customers/{whose(agents, 'ADA')}"
    secret = ("ada.quist@", "2065550101", "12 Alder", "1979-", "Lamp arrived broken", "I moved to", "Mara")
    with client_of(agents, "rita") as reader, client_of(agents, "adam") as agent:
        for path in (ada, f"{ada}/provenance"):
            text = reader.get(path).text
            assert [one for one in secret if one in text] == [], path
            assert "@mail.example" in text
        assert all(one in agent.get(ada).text for one in secret)
        found = reader.post("/", data={"text": "quist"}).text
        assert "a•••@mail.example" in found
        assert [one for one in secret if one in found] == []
        for part in ("a.quist@mail.ex", "5550101", "12 alder"):
            assert ada in agent.post("/", data={"text": part}).text
            assert "a•••@" not in reader.post("/", data={"text": part}).text, "they may not be guessed part by part"
        assert ada in reader.post("/", data={"text": "ada.quist@mail.example"}).text


def test_whoever_has_next_to_nothing_has_a_page(agents: Site) -> None:
    with agents.browser_of("adam") as page:
        page.goto(agents.url(f"/customers/{whose(agents, 'EMPTY')}"))
        text = page.locator("main").inner_text()
        assert "Nothing is open" in text
        assert "has not ordered yet" in text
        assert page.locator(".entry").count() == 1
        assert page.locator(".filters").count() == 0
        assert faults_of(page) == []


def test_five_thousand_activities_are_as_quick(agents: Site) -> None:
    path = f"/customers/{whose(agents, 'SO-900000')}"
    with client_of(agents, "adam") as client:
        client.get(path)
        began = time.process_time()
        text = client.get(path).text
        took = time.process_time() - began
    assert f"1 to {PAGE} of {MANY:,}" in text
    assert text.count('class="entry ') == PAGE
    assert len(text) < 60_000
    assert took < 1, f"{took:.2f} CPU s"
    with agents.browser_of("adam") as page:
        page.goto(agents.url(path))
        page.click("nav[aria-label='Pages of the timeline'] >> text=Earlier")
        page.wait_for_selector(f"text={PAGE + 1} to {2 * PAGE} of {MANY:,}")
        assert page.url.endswith("?page=2"), "the back button leads back"
        page.goto(agents.url(f"{path}?page=100000"))
        assert f"of {MANY:,}" in page.locator(".pages").inner_text()
        assert faults_of(page) == []


def test_an_id_that_went_leads_on_or_says_so(agents: Site) -> None:
    before, gone = retired(agents, successor=True), retired(agents, successor=False)
    with agents.browser_of("adam") as page:
        page.goto(agents.url(f"/customers/{before}"))
        assert page.locator("h1").inner_text() == "Rosa Falkner"
        assert f"{before}, which was merged into this customer in r2" in page.locator(".note").inner_text()
        for path, status in ((gone, 410), ("cus_0000000000000000", 404), ("%3Cscript%3E", 404)):
            answer = page.goto(agents.url(f"/customers/{path}"))
            assert answer is not None
            assert answer.status == status
            assert page.locator("a.button:has-text('Find a customer')").count() == 1
            assert faults_of(page) == [], path
        page.goto(agents.url(f"/customers/{whose(agents, 'ADA')}?was={gone}"))
        assert page.locator("text=You came here by").count() == 0


def test_a_held_night_is_told(agents: Site) -> None:
    pinned = agents.shared.releases.current()
    assert pinned is not None
    held = agents.shared.workspace.held
    held.mkdir()
    newer = pinned.manifest.as_of + timedelta(days=2)
    path = f"/customers/{whose(agents, 'EMPTY')}"
    with client_of(agents, "adam") as client:
        assert "is held" not in client.get(path).text
        write_manifest(held, replace(pinned.manifest, release_id="r3", base_release_id="r2", as_of=newer))
        assert "These data stand as of" in client.get(path).text
        write_manifest(held, replace(pinned.manifest, release_id="r2", base_release_id="r1", as_of=newer))
        assert "is held" not in client.get(path).text, "the release came after it"
        (held / "manifest.json").write_text("{")
        assert client.get(path).status_code == 200


def test_doubts_go_to_the_stewards(agents: Site) -> None:
    ada = whose(agents, "ADA")
    with agents.browser_of("adam") as page:
        page.goto(agents.url(f"/customers/{ada}"))
        page.click("text=Not the same person?")
        page.fill("#note", "She says that she never ordered a rug.")
        page.select_option("#record", label="cases: C-12")
        page.click("text=Tell the stewards")
        page.wait_for_selector("text=The stewards have it")
        page.wait_for_load_state()
        assert faults_of(page) == []
    (doubt,) = open_doubts(agents.shared.store)
    assert (doubt.golden_id, doubt.record, doubt.by) == (ada, ("cases", "C-12"), "adam")
    with client_of(agents, "adam") as agent, client_of(agents, "ann") as steward, client_of(agents, "rita") as reader:
        at = f"/customers/{ada}/doubt"
        assert "never ordered a rug" not in agent.get(f"/customers/{ada}").text
        assert "never ordered a rug" in steward.get(f"/customers/{ada}").text
        assert f"/review/customer/{ada}" in steward.get(f"/customers/{ada}").text
        refused = [agent.post(at, data=data).status_code for data in ({"note": " "}, {"note": "x", "record": "99"})]
        assert refused == [400, 400]
        assert agent.post("/customers/cus_0000000000000000/doubt", data={"note": "x"}).status_code == 409
        assert reader.post(at, data={"note": "x"}).status_code == 403
    assert open_doubts(agents.shared.store) == (doubt,)
    with agents.browser_of("ann") as page:
        page.goto(agents.url("/review"))
        page.click("text=1 doubt waits for somebody to look")
        page.wait_for_selector("h1:has-text('Doubted by agents')")
        page.wait_for_load_state()
        assert faults_of(page) == []
        page.click("h2 >> text=Ada Quist")
        page.wait_for_selector(".note:has-text('never ordered a rug')")
        page.fill(f"#note-{doubt.id}", "parted")
        page.click("text=Looked at")
        page.wait_for_selector("text=Nobody doubts anything")
        page.wait_for_load_state()
        assert faults_of(page) == []
    assert open_doubts(agents.shared.store) == ()


def test_pages_are_for_everybody(agents: Site) -> None:
    ada = f"/customers/{whose(agents, 'ADA')}"
    found = {}
    with agents.browser_of("ann") as page:
        page.goto(agents.url())
        hits(page, "quist")
        found["find"] = faults_of(page)
        for path in (ada, f"{ada}?about=nothing", f"{ada}?kind=order&open=1", f"{ada}/provenance"):
            page.goto(agents.url(path))
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            page.wait_for_function("() => !document.querySelector('.htmx-request')")
            found[path] = faults_of(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_before_the_first_release_the_pages_say_so(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.write()
    app = create_app(shop.workspace)
    accounts = app.state.site.accounts
    accounts.add("adam", "agent", "tests")
    with served(app) as port:
        cookies = {"joinedup_session": accounts.redeem(accounts.link("adam")).cookie}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies=cookies) as client:
            for path in ("/", "/customers/cus_0000000000000000"):
                assert "Nothing is published yet" in client.get(path).text

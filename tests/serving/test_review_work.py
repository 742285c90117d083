"""Working the queue in a real browser: by keyboard alone, two at once, against a lost claim, and without JavaScript."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from stewardship import desk
from stewardship.answer import undo
from stewardship.card.offers import offers
from stewardship.desk_tables import ASSIGNMENT, CLAIM, COMMENT, PROPOSAL, SKIP
from stewardship.log import Said
from stewardship.queue import open_items
from tests.serving.cards import answer, card_of, item_on, press, start
from tests.serving.site import page_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from stewardship.entry import Entry
    from tests.serving.site import Site

    Log = Callable[[], list[Entry]]


@pytest.fixture
def work(browsing: Site) -> Iterator[Site]:
    """Return the site with nothing answered, claimed or said."""
    store = browsing.shared.store
    yield browsing
    with store.changing() as con:
        for table in (ASSIGNMENT, CLAIM, COMMENT, PROPOSAL, SKIP):
            con.execute(table.delete())
    said = Said("tests", datetime.now(UTC).replace(tzinfo=None), "again")
    for act in {entry.act for entry in store.read().active()}:
        undo(store, act, said)


@pytest.fixture
def said(work: Site) -> Log:
    """Return what the test has written into the log by now."""
    before = work.shared.store.head()
    return lambda: [entry for entry in work.shared.store.entries() if entry.id > before]


@pytest.fixture
def ann(work: Site) -> Iterator[Page]:
    """Return a page of Ann, who is a steward; whatever is done on it, it breaks no policy and opens no dialog."""
    with work.browser_of("ann") as page:
        yield page
        assert page_faults(page) == []


def test_ten_cards_by_keyboard_alone(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    shown = []
    for key in "dsuhdsdudd":
        shown.append(item_on(ann))
        answer(ann, key)
        assert ann.evaluate("document.activeElement.closest('#work') !== null"), "the keyboard is left outside the work"
        assert "Decision" in ann.locator("#live").inner_text()
    written = said()
    kinds = {"d": "different", "s": "same", "u": "unsure", "h": "household"}
    assert [kinds[key] for key in "dsuhdsdudd"] == [entry.kind for entry in written if entry.id == entry.act]
    assert shown == list(dict.fromkeys(entry.item_id for entry in written))
    assert {entry.decided_by for entry in written} == {"ann"}
    assert all(entry.seconds for entry in written), "the time that a card was looked at is not known"


def test_an_answer_is_undone_by_a_key(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    first = item_on(ann)
    answer(ann, "d")
    press(ann, "z")
    ann.wait_for_function("item => document.querySelector('[data-item]').dataset.item === item", arg=first)
    expect(ann.locator("#live")).to_contain_text("Undone")  # told a moment after the card is there
    assert [entry.kind for entry in said()] == ["different", "revoke"]
    assert "Claimed by you" in ann.locator("#work").inner_text()


def test_no_key_does_anything_while_one_writes(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    first = item_on(ann)
    press(ann, "n")
    ann.keyboard.type("sudden death")
    ann.keyboard.press("Escape")
    answer(ann, "d")
    assert [(entry.item_id, entry.reason) for entry in said()] == [(first, "sudden death")]


def test_keys_are_told_and_close_by_a_key(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    press(ann, "?")
    assert ann.locator("#keys").is_visible()
    ann.keyboard.press("d")
    ann.keyboard.press("Escape")
    assert not ann.locator("#keys").is_visible()
    assert said() == []


def test_a_customer_is_broken_at_its_bridge(work: Site, ann: Page, said: Log) -> None:
    pinned = work.shared.releases.current()
    assert pinned is not None
    waiting = open_items(pinned, work.shared.store, limit=20).items
    broken = next(
        item.item_id for item in waiting if "B" in {offer.key for offer in offers(card_of(work, item.item_id))}
    )
    ann.goto(work.url(f"/review/item/{broken}"))
    answer(ann, "b")
    (split,) = said()
    assert split.kind == "split"
    assert set(split.sides) == {0, 1}


def test_a_value_is_pinned_and_one_declared_a_placeholder(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    item = item_on(ann)
    press(ann, "p")
    assert "Choose a value" in ann.locator("[role=alert].bad").inner_text()
    for key, kind in (("p", "pin"), ("x", "placeholder")):
        press(ann, "ArrowDown")
        row = ann.evaluate("document.activeElement.dataset.row")
        press(ann, "ArrowRight")
        assert ann.evaluate("document.activeElement.dataset.row") == row
        press(ann, key)
        ann.wait_for_selector("[data-asks]")
        assert ann.evaluate("document.activeElement.closest('[data-asks]') !== null")
        press(ann, key)
        ann.wait_for_function("() => !document.querySelector('[data-asks]')")
        assert (said()[-1].kind, said()[-1].item_id) == (kind, item)
        assert item_on(ann) == item, "a case is not answered by what is said of a value"


def test_four_eyes(work: Site, ann: Page, said: Log) -> None:
    shared = work.shared
    careful = shared.settings.stewardship.model_copy(update={"second_pair_of_eyes_from": 0.0})
    work.app.state.site = replace(shared, settings=shared.settings.model_copy(update={"stewardship": careful}))
    try:
        start(work, ann)
        press(ann, "d")
        ann.wait_for_selector("[data-asks]")
        assert "Propose" in ann.locator("[data-asks] h2").inner_text()
        answer(ann, "d")
        assert said() == []
        ann.goto(work.url("/review/proposals"))
        assert ann.locator("button:has-text('Confirm')").count() == 0
        with work.browser_of("bo") as bo:
            bo.goto(work.url("/review"))
            bo.click("text=1 answer waits")
            bo.click("button:has-text('Confirm')")
            bo.wait_for_selector("text=Nothing waits to be confirmed")
        (entry,) = said()
        assert (entry.kind, entry.decided_by) == ("different", "ann")
        assert "confirmed by bo" in entry.reason
        ann.goto(work.url(f"/review/item/{entry.item_id}"))
        ann.goto(work.url("/review/decisions"))
        ann.click("summary:has-text('Revoke') >> nth=0")
        ann.fill("input[name=reason] >> nth=0", "a slip")
        ann.keyboard.press("Enter")
        ann.wait_for_selector("text=it takes two to unsay it")
        assert said() == [entry]
    finally:
        work.app.state.site = shared


def test_a_lost_claim_is_told_on_a_fresh_card(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    item = item_on(ann)
    desk.release_claim(work.shared.store, item, "ann")
    desk.claim(work.shared.store, item, "bo")
    with ann.expect_response("**/answer") as answered:
        press(ann, "d")
    assert answered.value.status == 409
    ann.wait_for_selector("text=bo has claimed this case")
    assert item_on(ann) == item
    assert "Claimed by bo" in ann.locator("#work").inner_text()
    assert said() == []


def test_two_stewards_at_once_get_a_case_each(work: Site, ann: Page, said: Log) -> None:
    with work.browser_of("bo") as bo:
        start(work, ann)
        start(work, bo)
        assert item_on(ann) != item_on(bo)
        answer(ann, "d")
        answer(bo, "d")
        assert item_on(ann) != item_on(bo)
    assert [(entry.decided_by, entry.kind) for entry in said()] == [("ann", "different"), ("bo", "different")]


def test_a_case_that_was_answered_meanwhile_is_not_answered_again(work: Site, ann: Page, said: Log) -> None:
    start(work, ann)
    item = item_on(ann)
    desk.release_claim(work.shared.store, item, "ann")
    with work.browser_of("bo") as bo:
        bo.goto(work.url(f"/review/item/{item}"))
        answer(bo, "u")
    with ann.expect_response("**/answer") as answered:
        press(ann, "d")
    assert answered.value.status == 409
    assert [entry.decided_by for entry in said()] == ["bo"]


def test_everything_works_as_forms(work: Site, said: Log) -> None:
    with work.browser_of("ann", scripts=False) as page:
        page.goto(work.url("/review"))
        page.click("button:has-text('Start') >> nth=0")
        first = item_on(page)
        page.fill("#reason", "not the same voice")
        page.click("button:has-text('Different')")
        second = item_on(page)
        assert second != first
        page.click("button:has-text('Undo')")
        assert item_on(page) == first
        page.fill("#comment", "ask the shop")
        page.click("button:has-text('Comment')")
        assert "ask the shop" in page.content()
        page.click("button:has-text('Keys')")
        assert page.locator("#keys").is_visible()
        page.keyboard.press("Escape")
        page.click("button:has-text('Later')")
        assert item_on(page) != first
    assert [(entry.kind, entry.reason) for entry in said()][:1] == [("different", "not the same voice")]
    assert [entry.kind for entry in said()] == ["different", "revoke"]

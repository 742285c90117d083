"""The desk: who works on what, what is answered once, and what needs a second pair of eyes; on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from stewardship import desk as desks
from stewardship.answer import Answered, Shown, Statement, undo
from stewardship.desk import Lost, Proposal, claim, next_item, skip
from stewardship.proposals import confirm, decline, needs_second, proposals
from stewardship.queue import Item, item_of, open_items, waiting
from stewardship.queue_index import index_of
from tests.stewardship.waiting_shop import NOON, WOMEN, answered, first, ids, said
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stewardship.web.releases import Pinned
    from tests.stewardship.conftest import Desk

STEWARDS = 20


def at_once(work: Callable[[int], Any], times: int = STEWARDS) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(work, range(times)))


def test_what_waits_stands_by_priority_and_by_age(pinned: Pinned, desk: Desk) -> None:
    page = open_items(pinned, desk.store, queue="oldest")
    assert page.total == len(page.items) >= len(WOMEN)
    everything = [item for queue in waiting(pinned, desk.store) if queue.queue != "oldest" for item in [queue]]
    assert sum(queue.total for queue in everything if queue.queue != "audit") == page.total
    default = open_items(pinned, desk.store).items
    assert [item.priority for item in default] == sorted((item.priority for item in default), reverse=True)
    assert ids(pinned, desk.store, limit=2, offset=1) == ids(pinned, desk.store)[1:3]
    assert ids(pinned, desk.store, source="nobody") == []
    assert ids(pinned, desk.store, pattern="none") == []
    assert set(ids(pinned, desk.store, source="billing")) <= set(ids(pinned, desk.store))
    with pytest.raises(UsageError, match="there is no queue 'late'; there are default"):
        open_items(pinned, desk.store, queue="late")


def test_an_item_tells_what_it_asks(pinned: Pinned, desk: Desk) -> None:
    item = first(pinned, desk.store)
    assert len(item.asked) == item.questions >= 1
    assert all(asked.records[0] < asked.records[1] for asked in item.asked)
    assert set(item.golden_ids) == {one for asked in item.asked for one in asked.golden_ids or ()}
    assert item_of(pinned, desk.store, "q0") is None


def test_an_audit_item_is_blind(pinned: Pinned, desk: Desk) -> None:
    page = open_items(pinned, desk.store, queue="audit")
    assert page.total > 0
    item = item_of(pinned, desk.store, page.items[0].item_id)
    assert item is not None
    assert (item.queue, item.golden_ids, item.match_probability, item.pattern, item.reason) == (
        "audit",
        (),
        None,
        None,
        "",
    )
    assert [(asked.golden_ids, asked.match_probability, asked.reason) for asked in item.asked] == [(None, None, None)]


def test_a_claim_holds_until_it_ends(pinned: Pinned, desk: Desk) -> None:
    item_id = ids(pinned, desk.store)[0]
    held = claim(desk.store, item_id, "ann", now=NOON)
    assert held.until == NOON + timedelta(minutes=15)
    assert claim(desk.store, item_id, "ann", now=NOON + timedelta(minutes=5)).until == NOON + timedelta(minutes=20)
    with pytest.raises(Lost, match=r"is claimed by ann until 12:20 UTC") as lost:
        claim(desk.store, item_id, "bo", now=NOON + timedelta(minutes=19))
    assert (lost.value.by, lost.value.until) == ("ann", NOON + timedelta(minutes=20))
    assert claim(desk.store, item_id, "bo", now=NOON + timedelta(minutes=20)).by == "bo"
    desks.release_claim(desk.store, item_id, "ann")  # it is not hers any more
    with pytest.raises(Lost):
        claim(desk.store, item_id, "ann", now=NOON + timedelta(minutes=21))
    desks.release_claim(desk.store, item_id, "bo")
    assert claim(desk.store, item_id, "ann", now=NOON + timedelta(minutes=21)).by == "ann"


def test_of_twenty_who_claim_at_once_one_has_it(pinned: Pinned, desk: Desk) -> None:
    item_id = ids(pinned, desk.store)[0]
    stores = [desk.another() for _ in range(STEWARDS)]

    def attempt(number: int) -> bool:
        try:
            claim(stores[number], item_id, f"steward {number}")
        except Lost:
            return False
        return True

    assert sum(at_once(attempt)) == 1


def test_of_twenty_who_answer_at_once_one_is_written(pinned: Pinned, desk: Desk) -> None:
    item = first(pinned, desk.store)

    def attempt(number: int) -> bool:
        try:
            answered(pinned, desk.store, item, f"steward {number}")
        except Lost:
            return False
        return True

    assert sum(at_once(attempt)) == 1
    assert len(desk.store.entries()) == item.questions


def test_all_who_ask_for_the_next_get_another_one(pinned: Pinned, desk: Desk) -> None:
    open_ones = ids(pinned, desk.store)
    found = at_once(lambda number: next_item(pinned, desk.store, f"steward {number}", "oldest", now=NOON))
    got = [item.item_id for item in found if item is not None]
    assert sorted(got) == sorted(open_ones[: len(found)])
    assert all(item.claim.by == f"steward {number}" for number, item in enumerate(found) if item)


def test_a_lost_claim_never_writes(pinned: Pinned, desk: Desk) -> None:
    item = first(pinned, desk.store)
    claim(desk.store, item.item_id, "ann", now=NOON - timedelta(minutes=20))
    claim(desk.store, item.item_id, "bo", now=NOON - timedelta(minutes=1))
    with pytest.raises(Lost, match="claimed by bo"):
        answered(pinned, desk.store, item, "ann")
    assert desk.store.entries() == ()
    assert isinstance(answered(pinned, desk.store, item, "bo"), Answered)
    with pytest.raises(Lost, match="was answered by bo at 12:00 UTC") as lost:
        answered(pinned, desk.store, item, "ann", 1)
    assert lost.value.answered
    assert {entry.decided_by for entry in desk.store.entries()} == {"bo"}


def test_what_is_answered_leaves_and_comes_back_when_it_is_undone(pinned: Pinned, desk: Desk) -> None:
    before = ids(pinned, desk.store)
    item = first(pinned, desk.store)
    act = answered(pinned, desk.store, item)
    assert isinstance(act, Answered)
    assert ids(pinned, desk.store) == before[1:]
    assert (entry := desk.store.entries()[0]).item_id == item.item_id
    assert (entry.queue, entry.seconds, entry.probability) == (item.queue, 12.5, item.match_probability)
    gone = item_of(pinned, desk.store, item.item_id)
    assert gone is not None
    assert not gone.is_open
    undo(desk.store, act.act, said("ann", 1))
    assert ids(pinned, desk.store) == before
    assert isinstance(answered(pinned, desk.store, item, minute=2), Answered)
    assert ids(pinned, desk.another()) == before[1:]  # as another process sees it


def test_later_means_later_for_oneself(pinned: Pinned, desk: Desk) -> None:
    item_id, *others = ids(pinned, desk.store)
    claim(desk.store, item_id, "ann", now=NOON)
    skip(desk.store, item_id, "ann", NOON + timedelta(hours=1))
    assert ids(pinned, desk.store, user="ann", now=NOON) == others
    assert ids(pinned, desk.store, user="bo", now=NOON) == [item_id, *others]
    assert claim(desk.store, item_id, "bo", now=NOON).by == "bo"  # ann gave hers back
    assert ids(pinned, desk.store, user="ann", now=NOON + timedelta(hours=1)) == [item_id, *others]


def test_what_is_assigned_is_theirs_first_and_nobody_elses_next(pinned: Pinned, desk: Desk) -> None:
    waiting_ones = ids(pinned, desk.store)
    third = waiting_ones[2]
    desks.assign(desk.store, third, "bo", "ann", now=NOON)
    found = item_of(pinned, desk.store, third)
    assert found is not None
    assert found.assigned_to == "bo"
    assert next_item(pinned, desk.store, "bo", "oldest", now=NOON).item_id == third  # type: ignore[union-attr]  # it is
    got = {next_item(pinned, desk.store, f"steward {n}", "oldest", now=NOON) for n in range(len(waiting_ones) - 1)}
    assert {item.item_id for item in got if item} == {*waiting_ones} - {third}
    assert next_item(pinned, desk.store, "zoe", "oldest", now=NOON) is None
    desks.assign(desk.store, third, None, "ann")
    assert next_item(pinned, desk.store, "zoe", "oldest", now=NOON + timedelta(minutes=16)) is not None


def test_comments_stay_in_their_order(pinned: Pinned, desk: Desk) -> None:
    item_id = ids(pinned, desk.store)[0]
    desks.comment(desk.store, item_id, "ann", "  asked them \U0001f4de ", now=NOON)
    desks.comment(desk.store, item_id, "bo", "<b>no answer</b>", now=NOON)
    item = item_of(pinned, desk.store, item_id)
    assert item is not None
    assert [(said.by, said.text) for said in item.comments] == [
        ("ann", "asked them \U0001f4de"),
        ("bo", "<b>no answer</b>"),
    ]
    with pytest.raises(UsageError, match="the comment is empty"):
        desks.comment(desk.store, item_id, "ann", " \n")


def test_much_takes_a_second_person(pinned: Pinned, desk: Desk) -> None:
    before = ids(pinned, desk.store)
    item = first(pinned, desk.store)
    proposed = answered(pinned, desk.store, item, second_from=0.0)
    assert isinstance(proposed, Proposal)
    assert desk.store.entries() == ()
    assert ids(pinned, desk.store) == before[1:]
    assert proposals(desk.store) == (proposed,)
    with pytest.raises(Refused, match="ann has proposed an answer to this item already"):
        answered(pinned, desk.store, item, "bo", second_from=0.0)
    with pytest.raises(Refused, match="ann has proposed an answer to this item already"):
        answered(pinned, desk.store, item, "bo")
    with pinned.alone() as release:
        with pytest.raises(Refused, match="is your own: somebody else has to confirm it"):
            confirm(desk.store, release, proposed.id, said("ann", 1))
        act = confirm(desk.store, release, proposed.id, said("bo", 1))
        with pytest.raises(Refused, match="does not wait any more"):
            confirm(desk.store, release, proposed.id, said("cy", 2))
    (entry, *_) = act.entries
    assert (entry.decided_by, entry.reason) == ("ann", "they told us (confirmed by bo: they told us)")
    assert (entry.item_id, entry.queue, entry.seconds) == (item.item_id, item.queue, 12.5)
    (ended,) = proposals(desk.store, state=None)
    assert (ended.state, ended.ended_by, ended.act) == ("confirmed", "bo", act.act)
    assert ids(pinned, desk.store) == before[1:]


def test_of_two_who_confirm_at_once_one_does(pinned: Pinned, desk: Desk) -> None:
    item = first(pinned, desk.store)
    proposed = answered(pinned, desk.store, item, second_from=0.0)

    def attempt(number: int) -> bool:
        try:
            with pinned.alone() as release:
                confirm(desk.store, release, proposed.id, said(f"steward {number}", number))  # type: ignore[union-attr]
        except Refused:
            return False
        return True

    assert sum(at_once(attempt)) == 1
    assert len(desk.store.entries()) == item.questions


def test_what_is_declined_waits_again(pinned: Pinned, desk: Desk) -> None:
    before = ids(pinned, desk.store)
    proposed = answered(pinned, desk.store, first(pinned, desk.store), second_from=0.0)
    assert isinstance(proposed, Proposal)
    decline(desk.store, proposed.id, said("bo"))
    assert proposals(desk.store) == ()
    assert ids(pinned, desk.store) == before
    with pytest.raises(Refused, match="does not wait any more"):
        decline(desk.store, proposed.id, said("bo"))


def test_what_needs_a_second_person_is_what_hangs_on_it() -> None:
    item = Item("q1", "default", p_wrong=0.02, harm=1.0)
    pair = ("s", "1"), ("s", "2")
    assert needs_second(item, [Statement("same", pair)], None) is None
    assert needs_second(item, [Statement("same", pair)], 51) is None
    why = needs_second(item, [Statement("different", pair)], 50)
    assert why == "what hangs on it is worth 50 orders; from 50 on a second person confirms"
    assert needs_second(item, [Statement("unsure", pair)], 0) is None
    assert needs_second(replace(item, harm=0.0), [Statement("placeholder", attribute="phone", value="1")], 1000)


def test_proposals_keep_all_that_was_said(pinned: Pinned, desk: Desk) -> None:
    statements = (
        Statement("split", (("s", "1"), ("s", "2")), (0, 1)),
        Statement("pin", (("s", "\u00e9\u4e2d"),), attribute="email", value="a@mail.example", until=NOON),
    )
    made = desks.propose(desk.store, "q1", statements, said(), Shown("q1", "default", 3.5, 0.25))
    assert proposals(desk.store) == (made,)
    assert made.statements == statements


def test_the_budget_shows_so_many_minutes_of_work(pinned: Pinned, desk: Desk) -> None:
    whole = open_items(pinned, desk.store)
    tight = open_items(pinned, desk.store, budget=1)
    assert tight.total == 2
    assert tight.total + tight.below_budget == whole.total
    assert tight.items == whole.items[:2]
    for item in tight.items:
        assert next_item(pinned, desk.store, f"for {item.item_id}", "default", budget=1) is not None
    assert next_item(pinned, desk.store, "ann", "default", budget=1) is None
    shown = item_of(pinned, desk.store, tight.items[0].item_id)
    assert shown is not None
    answered(pinned, desk.store, shown, f"for {shown.item_id}")
    assert open_items(pinned, desk.store, budget=1).total == 1  # what was answered makes no room for more


def test_what_costs_more_than_it_brings_is_nobodys_next(
    pinned: Pinned, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_of(pinned), "worthwhile", 2)
    whole, shown = open_items(pinned, sqlite_desk.store), open_items(pinned, sqlite_desk.store, budget=60)
    assert (shown.total, shown.items) == (2, whole.items[:2])
    assert shown.below_budget == whole.total - 2
    got = [next_item(pinned, sqlite_desk.store, user, "default", budget=60) for user in ("ann", "bo", "cy")]
    assert [item.item_id if item else None for item in got] == [*(item.item_id for item in shown.items), None]
    assert next_item(pinned, sqlite_desk.store, "cy", "oldest", budget=60) is not None


@pytest.mark.parametrize("asked", [{}, {"user": "ann"}, {"queue": "oldest", "offset": 1, "limit": 1}])
def test_a_page_costs_as_many_looks_however_much_was_done(pinned: Pinned, desk: Desk, asked: dict[str, Any]) -> None:
    """The queue is read from the release once, and of the log what is new."""
    looks: list[str] = []

    def note(*told: Any) -> None:  # noqa: ANN401 - as SQLAlchemy calls it
        looks.append(told[2])

    answered(pinned, desk.store, first(pinned, desk.store))
    open_items(pinned, desk.store, **asked)
    held = index_of(pinned)
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        open_items(pinned, desk.store, **asked)
        few = len(looks)
        for minute, item_id in enumerate(ids(pinned, desk.store)[:3]):
            item = item_of(pinned, desk.store, item_id)
            assert item is not None
            answered(pinned, desk.store, item, minute=minute)
        looks.clear()
        open_items(pinned, desk.store, **asked)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert len(looks) == few <= 8
    assert index_of(pinned) is held

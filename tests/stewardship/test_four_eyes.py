"""What two have said, what was decided beside the queue, and what changed before it was confirmed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stewardship.answer import Answered, Shown, Statement, answer, undo
from stewardship.audit_judged import is_chosen
from stewardship.decide import revoke
from stewardship.desk import Lost, answer_item, next_item, why_second
from stewardship.hanging import worth_of
from stewardship.proposals import Proposal, changed_since, confirm, decline, proposals, propose_on, take_back
from stewardship.queue import item_of, open_items
from stewardship.queue_overview import queue_overview
from stewardship.store import open_store
from stewardship.web.releases import Pinned, Releases
from tests.stewardship.waiting_shop import NOON, answered, first, ids, said, waiting_shop
from warehouse.connection import open_memory
from warehouse.errors import Refused
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Pair, Record
    from stewardship.queue import Item
    from stewardship.store import Store
    from tests.stewardship.conftest import Desk


def confirmed(pinned: Pinned, store: Store, item: Item) -> Answered:
    """Let Ann propose an answer to the item, and Bo confirm it."""
    proposed = answered(pinned, store, item, second_from=0.0)
    assert isinstance(proposed, Proposal)
    with pinned.alone() as release:
        return confirm(store, release, proposed.id, said("bo", 1))


def pinned_value(item: Item, value: str) -> list[Statement]:
    return [Statement("pin", item.asked[0].records[:1], attribute="city", value=value)]


def test_what_two_have_said_takes_two_to_take_back(pinned: Pinned, desk: Desk) -> None:
    before = ids(pinned, desk.store)
    item = first(pinned, desk.store)
    act = confirmed(pinned, desk.store, item)
    for one_alone in (
        lambda: undo(desk.store, act.act, said("ann", 2)),
        lambda: revoke(desk.store, act.entries[0].id, said("bo", 2)),
        lambda: answer(desk.store, None, [Statement("different", item.asked[0].records)], said("cy", 2)),
        lambda: answer(desk.store, None, [Statement("unsure", item.asked[0].records)], said("cy", 2)),
    ):
        with pytest.raises(Refused, match=r"was said by ann and confirmed by bo.* another one confirms"):
            one_alone()
    assert len(desk.store.entries()) == len(act.entries)
    waits = take_back(desk.store, said("bo", 3), act=act.act)
    assert isinstance(waits, Proposal)
    assert proposals(desk.store) == (waits,)
    assert ids(pinned, desk.store) == before[1:]
    with pinned.alone() as release:
        with pytest.raises(Refused, match="is your own"):
            confirm(desk.store, release, waits.id, said("bo", 4))
        done = confirm(desk.store, release, waits.id, said("ann", 4))
    assert [entry.revokes for entry in done.entries] == [entry.id for entry in act.entries]
    assert ids(pinned, desk.store) == before


def test_what_one_has_said_one_takes_back(pinned: Pinned, sqlite_desk: Desk) -> None:
    act = answered(pinned, sqlite_desk.store, first(pinned, sqlite_desk.store))
    assert isinstance(act, Answered)
    assert isinstance(take_back(sqlite_desk.store, said("bo", 1), act=act.act), Answered)
    with pytest.raises(Refused, match="holds no more"):
        take_back(sqlite_desk.store, said("bo", 2), decision_id=act.entries[0].id)


def test_what_two_have_said_is_replaced_by_two(pinned: Pinned, sqlite_desk: Desk) -> None:
    store, item = sqlite_desk.store, first(pinned, sqlite_desk.store)
    shown = Shown(item.item_id, item.queue)
    whys: list[str] = []
    with pinned.alone() as release:
        for value, minute, second_from in (("Ebbing", 0, 0.0), ("Flow", 2, None)):
            by = said("ann", minute)
            wanted = pinned_value(item, value)
            made = answer_item(
                store, release, item, wanted, by, shown, second_from=second_from, settles=False, now=NOON
            )
            assert isinstance(made, Proposal), "one alone has replaced what two have said"
            whys.append(made.why)
            confirm(store, release, made.id, said("bo", minute + 1))
    assert ["was said by ann and confirmed by bo" in why for why in whys] == [False, True]
    assert [entry.value for entry in store.read().active()] == ["Flow"]


def test_what_is_said_of_a_value_names_its_card_and_leaves_it_open(pinned: Pinned, sqlite_desk: Desk) -> None:
    store, item = sqlite_desk.store, first(pinned, sqlite_desk.store)
    with pinned.alone() as release:
        shown = Shown(item.item_id, item.queue)
        answer_item(store, release, item, pinned_value(item, "Ebbing"), said(), shown, settles=False, now=NOON)
    assert [entry.item_id for entry in store.entries()] == [item.item_id]
    assert item.item_id in ids(pinned, store)
    assert isinstance(answered(pinned, store, item, minute=1), Answered)


def test_an_audit_needs_a_second_person_too(pinned: Pinned, sqlite_desk: Desk) -> None:
    asked = open_items(pinned, sqlite_desk.store, queue="audit").items[0]
    item = item_of(pinned, sqlite_desk.store, asked.item_id)
    assert item is not None
    statements = [Statement("same", item.asked[0].records)]
    with closing(open_memory()) as con:
        two_customers(con, item.asked[0].records)
        assert worth_of(con, item.asked[0].records) == 4 + 4 + 3  # orders, what they buy on average, an open case
        assert why_second(con, item, statements, 11.0) == "much hangs on these records"
        assert why_second(con, item, statements, 11.5) is None
        assert why_second(con, item, [Statement("unsure", item.asked[0].records)], 0.0) is None
    proposed = answered(pinned, sqlite_desk.store, item, second_from=0.0)
    assert isinstance(proposed, Proposal)
    assert proposed.why == "much hangs on these records"


def two_customers(con: DuckDBPyConnection, pair: Pair) -> None:
    """Make the tables of a release of two customers with these records, and a third one."""
    con.execute("CREATE TABLE crosswalk (source VARCHAR, source_record_id VARCHAR, golden_id VARCHAR)")
    con.executemany("INSERT INTO crosswalk VALUES (?, ?, ?)", [[*pair[0], "A"], [*pair[1], "B"], ["x", "1", "C"]])
    con.execute(
        "CREATE TABLE profile AS SELECT * FROM (VALUES"
        " ('A', 3, MAP {'EUR': 20.00::DECIMAL(18, 2), 'USD': 10.00}, 1), ('B', 1, MAP {'EUR': 10.00}, 0),"
        " ('C', 4, MAP {'EUR': 40.00}, 0)) AS p(golden_id, orders, spend, open_cases)"
    )


def test_what_changed_since_it_was_proposed_is_told(pinned: Pinned, sqlite_desk: Desk) -> None:
    item = first(pinned, sqlite_desk.store)
    proposed = answered(pinned, sqlite_desk.store, item, second_from=0.0)
    assert isinstance(proposed, Proposal)
    record = item.asked[0].records[0]
    with pinned.alone() as release:
        assert changed_since(release, proposed) == ()
        decline(sqlite_desk.store, proposed.id, said("bo", 1))
        old = replace(
            proposed,
            evidence=tuple((each, "was") if each == record else at for at in proposed.evidence for each in at[:1]),
        )
        with sqlite_desk.store.changing() as con:
            again = propose_on(con, old)
        assert proposals(sqlite_desk.store) == (again,)
        assert changed_since(release, again) == (record,)
        with pytest.raises(Refused, match=f"{':'.join(record)} says something else now than when ann proposed this"):
            confirm(sqlite_desk.store, release, again.id, said("bo", 2))
        assert sqlite_desk.store.entries() == ()
        confirm(sqlite_desk.store, release, again.id, said("bo", 3), knowing=True)
    assert "was" not in sqlite_desk.store.entries()[0].evidence


def test_an_answer_that_was_replaced_is_none_any_more(pinned: Pinned, sqlite_desk: Desk) -> None:
    store, item = sqlite_desk.store, first(pinned, sqlite_desk.store)
    assert isinstance(answered(pinned, store, item), Answered)
    different = [Statement("different", asked.records) for asked in item.asked]
    later = answer(store, None, different, said("bo", 1))
    assert item.item_id not in ids(pinned, store), "the later word settles it as well"
    with pytest.raises(Lost, match="was answered by bo"):
        answered(pinned, store, item, minute=2)
    undo(store, later.act, said("bo", 3))
    assert item.item_id in ids(pinned, store)
    assert isinstance(answered(pinned, store, item, minute=4), Answered)


def other_records(pinned: Pinned, item: Item) -> list[Record]:
    """Return of each customer of an item a record that the item does not name, as far as there is one."""
    named = {record for asked in item.asked for record in asked.records}
    with pinned.golden() as con:
        rows = con.execute(
            "SELECT golden_id, source, source_record_id FROM crosswalk WHERE golden_id IN (SELECT unnest(?::VARCHAR[]))"
            " ORDER BY ALL",
            [list(item.golden_ids)],
        ).fetchall()
    of = {golden_id: (source, key) for golden_id, source, key in rows}
    of |= {golden_id: (source, key) for golden_id, source, key in rows if (source, key) not in named}
    return [of[golden_id] for golden_id in item.golden_ids]


def test_what_was_decided_beside_the_queue_leaves_it_at_once(pinned: Pinned, sqlite_desk: Desk) -> None:
    before = ids(pinned, sqlite_desk.store)
    items = [item for item_id in before if (item := item_of(pinned, sqlite_desk.store, item_id)) is not None]
    apart = next(item for item in items if len(set(item.golden_ids)) == 2 and item.questions == 1)
    left, right = sorted(other_records(pinned, apart))
    assert (left, right) != apart.asked[0].records
    act = answer(sqlite_desk.store, None, [Statement("same", (left, right))], said())
    assert ids(pinned, sqlite_desk.store) == [item_id for item_id in before if item_id != apart.item_id]
    with pinned.alone() as release:
        assert apart.item_id not in {
            each["item_id"] for each in queue_overview(release, sqlite_desk.store, 99)["first"]
        }
    undo(sqlite_desk.store, act.act, said("ann", 1))
    assert ids(pinned, sqlite_desk.store) == before
    one = next((item for item in items if len(set(item.golden_ids)) == 1), None)
    if one is not None:
        answer(sqlite_desk.store, None, [Statement("split", one.asked[0].records, (0, 1))], said("ann", 2))
        assert one.item_id not in ids(pinned, sqlite_desk.store)


def test_an_act_is_what_was_written_now(sqlite_desk: Desk) -> None:
    one, other = (Statement("same", (("s", "1"), ("s", key))) for key in "23")
    before = answer(sqlite_desk.store, None, [one], said())
    both = answer(sqlite_desk.store, None, [one, other], said())
    assert both.act == both.entries[1].id != before.act
    undo(sqlite_desk.store, both.act, said("ann", 1))
    assert [entry.id for entry in sqlite_desk.store.read().active()] == [before.act]


def test_a_second_look_is_somebody_elses(tmp_path: Path) -> None:
    shop = waiting_shop(tmp_path / "shop")
    releases = Releases(shop.workspace)
    pinned = releases.current()
    assert pinned is not None
    store = open_store(load_settings(shop.workspace.settings_file), shop.workspace.path)
    asked = [item_of(pinned, store, item.item_id) for item in open_items(pinned, store, queue="audit", limit=300).items]
    item = next(each for each in asked if each is not None and is_chosen(each.asked[0].records))
    assert isinstance(answered(pinned, store, item), Answered)
    shop.night(checks=False)
    pinned = releases.current()
    assert pinned is not None
    waiting = [
        item_of(pinned, store, each.item_id) for each in open_items(pinned, store, queue="audit", limit=400).items
    ]
    again = next(each for each in waiting if each is not None and each.asked[0].records == item.asked[0].records)
    mine, hers = (
        {each.item_id for each in open_items(pinned, store, queue="audit", user=user, limit=400).items}
        for user in ("bo", "ann")
    )
    assert mine - hers == {again.item_id}
    with pytest.raises(Refused, match="you have judged this pair before"):
        answered(pinned, store, again, "ann", 5)
    assert isinstance(answered(pinned, store, again, "bo", 6), Answered)
    assert next_item(pinned, store, "ann", "audit") is not None

"""Answers: acts of one or more statements, written whole or not at all, undone whole, and told apart from mistakes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from stewardship.accounts import chain
from stewardship.answer import MOST_PAIRS, Answered, Shown, Statement, answer, undo
from stewardship.contradiction import Contradiction
from stewardship.entry import Entry, entry_key
from stewardship.log import said_in
from tests.stewardship.conftest import START, Desk, record
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from stewardship.entry import Kind

A, B, C, D, E = map(record, "ABCDE")


def say(desk: Desk, *statements: Statement, shown: Shown | None = None) -> Answered:
    return answer(desk.store, None, statements, desk.says(), shown)


def about(kind: Kind, names: str) -> Statement:
    """Return what is said of records of one letter; a split has a bar between its sides."""
    records = tuple(record(name) for name in names.replace("|", ""))
    left = len(names.partition("|")[0])
    return Statement(kind, records, tuple(int(place >= left) for place in range(len(records))) if "|" in names else ())


def test_an_act_is_written_with_the_card_that_was_answered(desk: Desk) -> None:
    desk.decide("same", "D", "E")
    shown = Shown("q0123456789abcdef", "default", 12.5, 0.62)
    pin = Statement("pin", (B,), attribute="given_name", value="  Ada ", until=START + timedelta(days=30))
    answered = say(desk, about("split", "CB|A"), pin, shown=shown)
    assert (answered.act, answered.replaced) == (2, ())
    split, pinned = desk.another().entries()[1:]
    assert (split, pinned) == answered.entries
    assert (split.records, split.sides, split.act) == ((A, B, C), (0, 1, 1), 2)
    assert split.pairs == ((A, B), (A, C))
    assert (pinned.records, pinned.attribute, pinned.value, pinned.until) == ((B,), "given_name", "Ada", pin.until)
    for entry in answered.entries:
        assert (entry.item_id, entry.queue, entry.seconds, entry.probability, entry.act) == (
            *("q0123456789abcdef", "default", 12.5, 0.62),
            2,
        )


def test_an_act_is_undone_whole_and_once(desk: Desk) -> None:
    first = say(desk, about("same", "AB"))
    answered = say(desk, about("different", "AC"), about("household", "CB"), about("unsure", "DE"))
    assert answered.act == 2
    say(desk, about("unsure", "AC"))
    undone = undo(desk.store, 2, desk.says("mistaken"))
    assert [(entry.kind, entry.revokes, entry.act) for entry in undone.entries] == [("revoke", 3, 6), ("revoke", 4, 6)]
    assert [entry.id for entry in undone.replaced] == [3, 4]
    assert [entry.id for entry in desk.another().read().active()] == [first.act, 5]
    with pytest.raises(Refused, match=r"nothing of act 2 holds any more \(revoke 7: ann"):
        undo(desk.store, 2, desk.says())
    for number in (3, 6, 9):
        with pytest.raises(Refused, match=f"no act {number}: an act is named by its first decision"):
            undo(desk.store, number, desk.says())


def test_what_is_replaced_is_told(desk: Desk) -> None:
    say(desk, about("split", "A|BC"))
    assert [entry.id for entry in say(desk, about("same", "AB")).replaced] == [1]
    standing = desk.another().read()
    assert [(bound.entry.id, bound.place, bound.pair, bound.verdict) for bound in standing.bound()] == [
        (1, 1, (A, C), "different"),
        (2, 0, (A, B), "same"),
    ]
    assert standing.left_of(standing.decisions[1]) == (("pair", A, C),)
    with pytest.raises(Contradiction):
        say(desk, about("same", "BC"))
    assert [entry.id for entry in say(desk, about("same", "BC"), about("unsure", "AC")).replaced] == [1]
    assert desk.another().read().ended.keys() == {1}


def test_statements_that_contradict_each_other_are_refused_whole(desk: Desk) -> None:
    say(desk, about("same", "DE"))
    refused: list[tuple[tuple[Statement, ...], str]] = [
        ((about("same", "AB"), about("different", "BA")), "source:A and source:B: said to be same and different at"),
        ((about("split", "A|B"), about("unsure", "AB")), "said to be split and unsure at once"),
        ((about("same", "AB"), about("not_a_customer", "B")), "source:B cannot be no customer and have something else"),
        ((about("not_a_customer", "B"), about("same", "AB")), "source:B cannot be no customer and have something else"),
        (
            tuple(Statement("pin", (A,), attribute="city", value=value) for value in ("Oldtown", "Newtown")),
            "source:A city: said to be pin (Oldtown) and pin (Newtown) at once",
        ),
    ]
    for statements, message in refused:
        with pytest.raises(Refused, match=re.escape(message)):
            say(desk, *statements)
    with pytest.raises(Contradiction) as failed:
        say(desk, about("same", "AB"), about("same", "BC"), about("split", "A|C"))
    assert "source:A = source:B (said with it: ann" in failed.value.message
    assert failed.value.message.endswith("but you say that they are split; leave one of these out")
    assert desk.another().head() == 1
    assert say(desk, about("household", "AB"), about("split", "A|BC"), about("different", "BA")).act == 2


def test_an_act_is_held_against_what_holds_as_a_whole(desk: Desk) -> None:
    """A = B = C; that A is neither B nor C can only be said at once, in any order."""
    for order in (1, -1):
        say(desk, about("same", "AB"), about("same", "BC"))
        with pytest.raises(Contradiction):
            say(desk, about("different", "AC"))
        say(desk, *[about("different", "AC"), about("different", "AB")][::order])
        held = {(bound.pair, bound.verdict) for bound in desk.another().read().bound()}
        assert held == {((B, C), "same"), ((A, C), "different"), ((A, B), "different")}
        for bound in list(desk.another().read().bound()):
            with desk.store.writing() as log:
                log.revoke(bound.entry.id, desk.says("once more"))


def test_a_split_against_a_chain_is_refused_with_the_chain(desk: Desk) -> None:
    say(desk, about("same", "AB"))
    say(desk, about("same", "BC"))
    with pytest.raises(Contradiction) as failed:
        say(desk, about("split", "AD|CE"))
    assert [entry.id for entry in failed.value.chain] == [1, 2]
    assert failed.value.pair == (A, C)
    say(desk, about("split", "AD|BCE"))
    assert [bound.entry.id for bound in desk.another().read().bound()].count(3) == 6
    with pytest.raises(Contradiction) as against:
        say(desk, about("same", "AC"))
    assert [(entry.id, entry.kind) for entry in against.value.chain] == [(3, "split"), (2, "same")]
    assert " ≠ source:B (decision 3: ann" in against.value.message


def test_nothing_is_said_of_who_is_no_customer(desk: Desk) -> None:
    say(desk, about("same", "AB"))
    say(desk, about("not_a_customer", "B"))
    for statement in (about("same", "BC"), about("split", "A|BC"), Statement("pin", (B,), attribute="city", value="x")):
        with pytest.raises(Refused, match=re.escape("source:B is nobody's, by decision 2 (ann, 2026-01-03")):
            say(desk, statement)
    undo(desk.store, 2, desk.says())
    assert say(desk, about("same", "BC")).act == 4


def test_a_card_sent_twice_is_answered_once(desk: Desk) -> None:
    said = desk.says()
    statements = [about("split", "A|BC"), Statement("placeholder", attribute="phone", value="206-555-0147")]
    first = answer(desk.store, None, statements, said)
    again = answer(desk.another(), None, statements[::-1], said)
    assert (again.act, set(again.entries), again.replaced) == (first.act, set(first.entries), ())
    assert desk.store.head() == 2


def test_the_last_word_on_a_value_an_attribute_and_a_record_counts(desk: Desk) -> None:
    pin = Statement("pin", (A,), attribute="email", value="ada@mail.example")
    for statement in (pin, pin, Statement("pin", (A,), attribute="phone", value="206 555 0147")):
        say(desk, statement)
    for value in ("Info@Mail.example", "info+news@mail.example ", "desk@mail.example"):
        say(desk, Statement("placeholder", attribute="email", value=value))
    say(desk, about("not_a_customer", "D"))
    say(desk, about("not_a_customer", "D"))
    standing = desk.another().read()
    assert [entry.id for entry in standing.active()] == [2, 3, 5, 6, 8]
    assert {number: by.id for number, by in standing.ended.items()} == {1: 2, 4: 5, 7: 8}


MISTAKES: list[tuple[Statement, str]] = [
    (Statement("same", (A,)), "same is about two records; found 1"),
    (Statement("unsure", (A, A)), "source:A is given twice"),
    (Statement("split", (A, B)), "a split names a side, 0 or 1, for each of its records, and some on either side"),
    (Statement("split", (A, B), (0, 0)), "some on either side"),
    (Statement("split", (A, B, A), (0, 1, 1)), "source:A is given twice: a record stands on one side of a split"),
    (
        Statement("split", tuple(record(f"{n:03}") for n in range(202)), tuple(n % 2 for n in range(202))),
        f"a split parts {MOST_PAIRS:,} pairs of records at most; this one would part 10,201",
    ),
    (Statement("pin", (A, B), attribute="city", value="x"), "pin is about one record; found 2"),
    (Statement("pin", (A,), attribute="full_name", value="x"), "what can be pinned is given_name, middle_name"),
    (Statement("pin", (A,), attribute="city", value=" \t"), "the value to pin for city is empty"),
    (Statement("pin", (A,), attribute="email", value="nobody at all"), "cannot be pinned as email: not an e-mail"),
    (Statement("pin", (A,), attribute="phone", value="none"), "cannot be pinned as phone: no digits"),
    (Statement("pin", (A,), attribute="birth_date", value="1970-02-30"), "birth_date is '1970-02-30'; allowed: a date"),
    (Statement("pin", (A,), attribute="city", value="x", until=START), "would never hold: name a time to come"),
    (Statement("not_a_customer"), "not_a_customer is about one record; found 0"),
    (Statement("placeholder", (A,), attribute="email", value="x@y.example"), "is about a value, and names no record"),
    (Statement("placeholder", attribute="street", value="x"), "a placeholder is of given_name, family_name, email"),
    (
        Statement("placeholder", attribute="email", value="x y"),
        "'x y' cannot be compared as email (not an e-mail address)",
    ),
    (Statement("placeholder", attribute="phone", value="0000000"), "cannot be compared as phone (a placeholder)"),
    (Statement("placeholder", attribute="identifier", value="7001"), "an identifier is written name:value"),
    (Statement("placeholder", attribute="given_name", value="Ada Quist"), "more than one name"),
    (Statement("placeholder", attribute="family_name", value="  "), "cannot be compared as family_name"),
    (Statement("revoke"), "revoke is nothing that an answer says"),
]


@pytest.mark.parametrize(("statement", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_a_mistake_is_told_and_leaves_nothing(sqlite_desk: Desk, statement: Statement, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        say(sqlite_desk, about("same", "DE"), statement)
    assert not (sqlite_desk.workspace / "var").exists()


def test_nothing_said_is_told(sqlite_desk: Desk) -> None:
    with pytest.raises(UsageError, match="nothing was said"):
        say(sqlite_desk)


def test_every_entry_stands_in_the_audit_chain(desk: Desk) -> None:
    answered = say(desk, about("same", "AB"), Statement("pin", (A,), attribute="city", value="Newtown"))
    undone = undo(desk.store, answered.act, desk.says("mistaken"))
    with pytest.raises(Refused):
        undo(desk.store, answered.act, desk.says())
    with desk.store.looking() as con:
        assert con is not None
        rows = con.execute(sa.text("SELECT id, actor, action, about FROM audit_entry ORDER BY id")).fetchall()
        assert [(row.actor, row.action) for row in rows] == [("ann", "decided")] * 2 + [("ann", "revoked")] * 2
        assert '"kind":"pin"' in rows[1].about
        assert chain.verify(con) is None
        for row, entry in zip(rows, (*answered.entries, *undone.entries), strict=True):
            assert chain.opens(con, row.id, said_in(entry))
            assert not chain.opens(con, row.id, said_in(entry) + " ")
            assert not re.search("they told|mistaken|Newtown", str(row))


def test_the_keys_of_the_first_kinds_are_what_they_were() -> None:
    """They are in logs and exports that are never written anew."""
    said = ("ann", START, "so they said")
    same = Entry(7, "same", *said, (A, B), (None, None))
    revoked = Entry(8, "revoke", *said, revokes=7)
    assert entry_key(same) == OLD_KEYS[0]
    assert entry_key(revoked, entry_key(same)) == OLD_KEYS[1]
    pin = Entry(9, "pin", *said, (A,), (None,), attribute="city", value="Oldtown")
    assert entry_key(pin) != entry_key(Entry(9, "pin", *said, (A,), (None,), attribute="city", value="Newtown"))


OLD_KEYS = (
    "cb22c440a25e240224ff6df2a658319ee22e4bfd999faafe3792f5f3992326c4",
    "559949ac2187b069ef8c60921f583050e950e4316d118fb61c391277fec72fd5",
)
"""As the version without further kinds gave them."""

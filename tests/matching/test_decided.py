"""The words for what stewards decided: an explanation names who decided, when and why, before any evidence."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from matching.explain import Explanation, explain
from tests.matching.standardised_night import Row, decide, person, run_stages, town, warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOME = {"place": "88 cedar", "postal_code": "98155", "phone": "2065557777", "email": "quincy.hartmann@mail.example"}
PEOPLE = [
    *(person(name, "quincy", "hartmann", **HOME) for name in ("father", "son")),
    person("bill", "quincy", "hartmann", email="quincy.hartmann@mail.example", middle="q"),
    person("stranger", "odile", "vanterpool", email="odile@mail.example", place="3 quay"),
    person("other", "odile", "vanterpool", email="odile@mail.example", phone="2065551234"),
    person("maiden", "odile", "brandt", email="ob@mail.example"),
]


def night(*decided: str) -> DuckDBPyConnection:
    rows: list[Row] = [*(dict(row) for row in PEOPLE), *town(12, seed=9)[0]]
    con = warehouse(rows)
    decide(con, *decided)
    run_stages(con)
    return con


def explained(con: DuckDBPyConnection, left: str, right: str) -> Explanation:
    found = explain(con, ("s", left), ("s", right))
    turned = explain(con, ("s", right), ("s", left))
    assert (turned.verdict, turned.decisions) == (found.verdict, found.decisions)
    json.dumps(found.document(), allow_nan=False)
    return found


def test_two_who_say_the_same_and_were_decided_to_be_two() -> None:
    con = night("father!son")
    found = explained(con, "father", "son")
    assert found.verdict == "decided_different"
    assert found.words()[:2] == [
        "s:father and s:son are not one customer.",
        "ann decided on 2026-01-01 that these are two: reason 1.",
    ]
    assert found.words()[2].startswith("Both say exactly the same once they are standardised, which says enough")
    with_bill = next(key for key in ("father", "son") if not explain(con, ("s", key), ("s", "bill")).same_customer)
    assert (
        "ann decided on 2026-01-01 that s:father and s:son are two: reason 1."
        in explained(con, with_bill, "bill").words()
    )


def rule(con: DuckDBPyConnection, number: int, ruling: str, *keys: str, **more: object) -> None:
    """Let Ann rule on records of source s, or on a value."""
    said = {"decision_id": number, "ruling": ruling, "decided_by": "ann", "decided_at": datetime(2026, 1, number)}  # noqa: DTZ001 - UTC
    for side, key in zip("lr", sorted(keys), strict=False):
        said |= {f"source_{side}": "s", f"source_record_id_{side}": key}
    said |= more
    marks = ", ".join("?" for _ in said)
    con.execute(f"INSERT INTO matching.ruling ({', '.join(said)}) VALUES ({marks})", list(said.values()))


def test_what_else_stewards_said_of_the_two_is_told() -> None:
    con = night("father!son")
    rule(con, 1, "household", "father", "son", reason="they live together.")
    rule(con, 2, "pin", "son", attribute="given_name", value="Quin", until=datetime(2026, 3, 1), reason="he said so")  # noqa: DTZ001
    rule(con, 4, "placeholder", attribute="phone", value="2065557777", reason="the switchboard")
    rule(con, 5, "placeholder", attribute="email", value="nobody@mail.example")
    rule(con, 6, "unsure", "father", "other")
    said = [
        "ann said on 2026-01-01 that s:father and s:son are two people of one household: they live together.",
        "ann said on 2026-01-02 that the given name of the customer of s:son is Quin until 2026-03-01: he said so.",
        "ann said on 2026-01-04 that the phone 2065557777 says nothing about anybody: the switchboard.",
    ]
    assert explained(con, "father", "son").words()[2:5] == said
    assert [each.sentence() for each in explained(con, "father", "other").rulings] == [
        said[2],
        "ann said on 2026-01-06 that it cannot be told whether s:father and s:other are one customer.",
    ]


def test_a_record_that_a_steward_ruled_out_is_told_with_who_and_why() -> None:
    con = night()
    con.execute(
        "CREATE SCHEMA landing; CREATE TABLE landing.source_record AS SELECT '' AS source, '' AS source_record_id"
    )
    con.execute("INSERT INTO matching.excluded_record VALUES ('s', 'shop', 'not_a_customer')")
    rule(con, 1, "not_a_customer", "shop", reason="our own shop")
    assert explained(con, "shop", "son").words() == [
        "s:shop and s:son are not one customer.",
        "s:shop is nobody's: a steward said so.",
        "ann said on 2026-01-01 that s:shop is no customer's record: our own shop.",
    ]


def test_two_who_were_decided_to_be_one() -> None:
    con = night("stranger=maiden", "father=maiden")
    found = explained(con, "maiden", "stranger")
    assert (found.same_customer, found.verdict) == (True, "decided_same")
    assert found.words()[1] == "ann decided on 2026-01-01 that these are one customer: reason 1."
    assert [(tie.match_key, tie.weight) for tie in found.ties] == [("decision", None)]
    by_way = explained(con, "son", "stranger")
    assert [tie.weight is None for tie in by_way.ties] == [False, True, True]
    assert by_way.words()[1:3] == [
        "ann decided on 2026-01-01 that s:maiden and s:stranger are one customer: reason 1.",
        "ann decided on 2026-01-02 that s:father and s:maiden are one customer: reason 2.",
    ]
    assert any("3 ties, the weakest, s:son and s:father, of " in sentence for sentence in by_way.words())
    decided = explained(con, "father", "stranger")
    assert "They are tied by way of s:maiden: 2 ties, each of them decided." in decided.words()


def test_a_split_is_told_once_and_by_the_two_who_are_asked_about() -> None:
    con = night("son!stranger")
    con.execute("""
        INSERT INTO matching.decision
        SELECT * REPLACE (1 AS place, 'father' AS source_record_id_l) FROM matching.decision
    """)
    for one in ("father", "son"):
        found = explained(con, one, "stranger")
        assert found.words()[1] == "ann decided on 2026-01-01 that these are two: reason 1."
        assert len(found.decisions) == 1
    assert explained(con, "bill", "other").words()[1].endswith("that s:son and s:stranger are two: reason 1.")


def test_a_decision_that_yields_to_a_later_one_is_told_after_it() -> None:
    con = night("stranger=maiden", "other=maiden", "stranger!other")
    found = explained(con, "stranger", "other")
    assert found.verdict == "decided_different"
    apart = [said for key in ("stranger", "other") for said in explained(con, key, "maiden").decisions if said.is_same]
    assert [said.sentence().endswith("It contradicts a later decision, which counts.") for said in apart] == [True]
    assert apart[0].decision_id == 1


def test_a_decision_on_records_that_have_changed_since_says_so() -> None:
    con = night("father!son")
    con.execute("UPDATE matching.decision SET state = 'reconfirm', reason = NULL")
    assert explained(con, "father", "son").words()[1] == (
        "ann decided on 2026-01-01 that these are two. The records have changed since: it binds still, and waits to be"
        " confirmed."
    )


@pytest.mark.parametrize("decided", [(), ("father!stranger",)])
def test_where_no_decision_is_at_work_none_is_named(decided: tuple[str, ...]) -> None:
    con = night(*decided)
    for left, right in (("father", "son"), ("father", "bill"), ("stranger", "other"), ("bill", "maiden")):
        found = explained(con, left, right)
        assert not found.decisions
        assert not any("decided" in sentence for sentence in found.words()), found.words()
    assert explained(con, "father", "son").verdict == "identical"

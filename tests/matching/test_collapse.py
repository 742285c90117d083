"""The stage: equal records share a node where they say enough, and stand alone where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.standardised_night import Row, person, run_stages, town, warehouse

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

STAGES = ("find_shared", "collapse")


def members(rows: Iterable[Row], **of_matching: object) -> dict[str, str]:
    con = warehouse(rows)
    run_stages(con, STAGES, of_matching=of_matching)
    return dict(con.execute("SELECT source_record_id, distinct_record_id FROM matching.member").fetchall())


def distinct(rows: Iterable[Row], columns: str, **of_matching: object) -> list[Any]:
    con = warehouse(rows)
    run_stages(con, STAGES, of_matching=of_matching)
    return con.execute(f"SELECT {columns} FROM matching.distinct_record ORDER BY ALL").fetchall()


@pytest.mark.parametrize(
    "known",
    [
        {"email": "ada@mail.example"},
        {"phone": "2065551234"},
        {"place": "12 elm"},
        {"birth_date": "1980-02-01"},
        {"po_box": "77"},
        {"identifiers": ["loyalty:77"]},
    ],
    ids=lambda known: next(iter(known)),
)
def test_a_name_with_a_contact_place_date_or_number_is_one_node(known: dict[str, Any]) -> None:
    of = members([person("1", "ada", "amsel", **known), person("2", "ada", "amsel", **known)])
    assert of["1"] == of["2"]


@pytest.mark.parametrize(
    ("given_name", "family", "known"),
    [
        ("john", "smith", {}),
        ("john", "smith", {"middle": "q", "postal_code": "98101"}),
        ("j", "smith", {"place": "12 elm"}),
        (None, None, {"place": "12 elm"}),
        ("john", "smith", {"street": "elm"}),
        (None, "smith", {"birth_date": "1980-02-01"}),
    ],
)
def test_what_many_people_could_say_stands_alone(given_name: str, family: str, known: dict[str, Any]) -> None:
    rows = [person(str(n), given_name, family, **known) for n in range(50)]
    assert len(set(members(rows).values())) == 50
    assert distinct(rows, "count(DISTINCT tuple_id), bool_and(stands_alone), sum(records)") == [(1, True, 50)]


@pytest.mark.parametrize(("place", "nodes"), [("12 elm", 1), (None, 2)])
def test_other_cities_make_other_nodes_only_where_no_street_is_known(place: str | None, nodes: int) -> None:
    known = {"email": "ada@mail.example", "place": place}
    of = members([person(str(n), "ada", "amsel", city=city, **known) for n, city in enumerate(("kent", "renton"))])
    assert len(set(of.values())) == nodes


def test_shared_values_are_taken_out_and_the_next_one_takes_their_place() -> None:
    row = person("1", "ada", "amsel", email="none@none.com", emails=["ada@mail.example", "none@none.com"])
    row |= {"phone": "5550000", "phones": ["2065550000"]}
    placeholders = {"email": ["none@none.com"], "phone": ["2065550000"], "family_name": ["amsel"]}
    found = distinct([row], "email, emails, phone, phones, family, given", placeholders=placeholders)
    assert found == [("ada@mail.example", ["ada@mail.example"], None, [], None, "ada")]
    assert distinct([row], "email, phone, family") == [("none@none.com", "5550000", "amsel")]


def test_references_are_gathered_from_a_nodes_members_but_part_those_that_stand_alone() -> None:
    known = [person(str(n), "ada", "amsel", email="a@mail.example", quoted=[f"R{n}", "R9"]) for n in range(2)]
    assert distinct(known, "records, quoted") == [(2, ["R0", "R1", "R9"])]
    alone = [person(str(n), "ada", "amsel", quoted=[f"R{n}"]) for n in range(2)]
    assert distinct(alone, "quoted, stands_alone") == [(["R0"], True), (["R1"], True)]
    assert distinct(alone, "count(DISTINCT tuple_id)") == [(2,)]


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_every_record_is_in_one_node_whatever_the_order(dice: random.Random) -> None:
    rows = town(15)[0]
    again = [dict(row) for row in rows]
    of = members(rows)
    assert set(of) == {row["source_record_id"] for row in rows}
    assert members(dice.sample(again, len(again))) == of

"""The comparisons: which level two records show, the same either way round, and the same to Splink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from splink import DuckDBAPI, Linker

from matching.blocking import make_candidates, make_keys
from matching.comparisons import COMPARISONS
from matching.shipped_model import SHIPPED
from matching.splink_settings import compare, quiet_splink, splink_settings
from tests.matching.standardised_night import person, run_stages, spelled, town, warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Known = dict[str, Any]

BOB: Known = {"given": "bob", "nicknames": ["bob", "robert"]}
ROB: Known = {"given": "rob", "nicknames": ["rob", "robert"]}
ADA: Known = {"given": "ada", "family": "amsel"}
TOOLS: Known = {"organisation": "acme tools"}
BAKERY: Known = {"organisation": "blue door bakery"}
COMMON: list[Known] = [{"family": family} for family in ("hansen", "jansen") for _ in range(5)]
PAIRS: list[tuple[str, Known, Known, str | None]] = [
    ("given", {"given": "ada"}, {"given": "ada"}, "exact"),
    ("given", {"given": "ada"}, {"given": "a"}, "initial"),
    ("given", {"given": "q"}, {"given": "ada", "middle": "q"}, "middle_initial"),
    ("given", BOB, {"given": "robert"}, "nickname"),
    ("given", BOB, ROB, "same_root"),
    ("given", {"given": "amsel", "family": "ada"}, ADA, "swapped"),
    ("given", {"given": "castelan", "family": "robert"}, {"given": "robret", "family": "castellan"}, "swapped"),
    ("given", {"given": "mary"}, {"given": "gary"}, "alike"),
    ("given", {"given": "mary"}, {"given": "xary"}, "typo"),
    ("given", {"given": "margaret"}, {"given": "margret"}, "typo"),
    ("given", {"given": "wilhelmine"}, {"given": "wil"}, "abbreviated"),
    ("given", {"given": "harold"}, {"given": "harley"}, "near"),
    ("given", {"given": "ada", "middle": "b"}, {"given": "bruno"}, "by_middle"),
    ("given", {"given": "ada", "middle": "c"}, {"given": "bruno"}, "different"),
    ("given", {"given": "b"}, {"given": "ada", "middle": "q"}, "different"),
    ("given", {"given": "ada"}, {}, None),
    ("family", {"family": "amsel"}, {"family": "amsel"}, "exact"),
    ("family", {"family": "amsel"}, {"family": "a"}, "initial"),
    ("family", {"family": "brandvold"}, {"family": "brandvlod"}, "typo"),
    ("family", {"family": "garcia velez"}, {"family": "moreno garcia"}, "part"),
    ("family", {"family": "hansen"}, {"family": "jansen"}, "alike"),
    ("family", {"family": "hansen"}, {"family": "hansenn"}, "typo"),
    ("family", {"family": "castellan"}, {"family": "cas"}, "abbreviated"),
    ("family", {"given": "amsel", "family": "ada"}, ADA, None),
    ("family", {"given": "castelan", "family": "robert"}, {"given": "robret", "family": "castellan"}, None),
    ("family", {"family": "hartigan"}, {"family": "harrigton"}, "near"),
    ("family", {"family": "amsel"}, {"family": "castellan"}, "different"),
    ("middle", {"middle": "q"}, {"middle": "q"}, "exact"),
    ("middle", {"middle": "q"}, {"middle": "r"}, "different"),
    ("suffix", {"suffix": "jr"}, {"suffix": "jr"}, "exact"),
    ("suffix", {"suffix": "jr"}, {}, "one_side"),
    ("suffix", ADA | {"suffix": "jr"}, ADA | {"suffix": "sr"}, "namesake"),
    ("suffix", ADA | {"suffix": "jr"}, {"given": "bruno", "suffix": "sr"}, "different"),
    ("suffix", {}, {}, None),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980-02-01"}, "exact"),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980-01-02"}, "swapped"),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1990-02-01"}, "slip"),
    ("birth_date", {"birth_date": "1980-01-01"}, {"birth_date": "1980-05-17"}, "year_known"),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980-02-17"}, "two_parts"),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980-05-07"}, "near"),
    ("birth_date", {"birth_date": "1980-12-20"}, {"birth_date": "1981-01-05"}, "near"),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1980-05-17"}, "year"),
    ("birth_date", {"birth_date": "1980-02-01"}, {"birth_date": "1981-05-07"}, "different"),
    ("email", {"given": "ada", "email": "ada1@a.example"}, {"email": "ada1@a.example"}, "personal"),
    (
        "email",
        {"given": "ada", "family": "amsel", "email": "aamsel@a.example"},
        {"email": "aamsel@a.example"},
        "personal",
    ),
    ("email", BOB | {"email": "robert1@a.example"}, {"email": "robert1@a.example"}, "personal"),
    ("email", {"given": "ada", "email": "sunny1@a.example"}, {"email": "sunny1@a.example"}, "handle"),
    ("email", {"family": "amsel", "email": "teamamsel@a.example"}, {"email": "teamamsel@a.example"}, "family"),
    ("email", {"given": "ada", "email": "info@a.example"}, {"given": "bruno", "email": "info@a.example"}, "family"),
    ("email", {"given": "sales", "email": "sales2@a.example"}, {"email": "sales2@a.example"}, "family"),
    (
        "email",
        {"email": "x1@a.example"},
        {"email": "y2@a.example", "emails": ["x1@a.example", "y2@a.example"]},
        "listed",
    ),
    ("email", {"email": "sunny77@mail.example"}, {"email": "sunny77@mial.example"}, "domain_typo"),
    ("email", {"email": "sunny77@mail.example"}, {"email": "sunny77@post.example"}, "local"),
    ("email", {"email": "sunny77@a.example"}, {"email": "suny77@a.example"}, "typo"),
    ("email", {"email": "sunny77@a.example"}, {"email": "rocket12@a.example"}, "different"),
    ("phone", {"phone": "2065551234"}, {"phone": "5551234"}, "exact"),
    ("phone", TOOLS | {"phone": "2065551234"}, BAKERY | {"phone": "2065551234"}, None),
    ("switchboard", TOOLS | {"phone": "2065551234"}, BAKERY | {"phone": "2065551234"}, "exact"),
    ("switchboard", TOOLS | {"phone": "2065551234"}, BAKERY | {"phone": "4255551234"}, "line"),
    (
        "switchboard",
        TOOLS | {"phone": "2065551234"},
        BAKERY | {"phone": "4250000000", "phones": ["2065551234", "4250000000"]},
        "listed",
    ),
    ("switchboard", TOOLS | {"phone": "2065551234"}, BAKERY | {"phone": "2065559876"}, "different"),
    ("switchboard", TOOLS | {"phone": "2065551234"}, ADA | {"phone": "2065551234"}, None),
    (
        "email",
        {"given": "mary", "family": "west", "email": "mwest@a.example"},
        {"given": "gary", "family": "west", "email": "gwest@a.example"},
        "other_name",
    ),
    ("phone", TOOLS | {"phone": "2065551234"}, ADA | {"phone": "2065551234"}, "exact"),
    ("phone", {"phone": "2065551234"}, {"phone": "4255551234"}, "other_area"),
    ("phone", {"phone": "2065551234"}, {"phone": "4255551239"}, "different"),
    ("phone", {"phone": "2065551234"}, {"phone": "4250000000", "phones": ["2065551234", "4250000000"]}, "listed"),
    ("phone", {"phone": "2065551234"}, {"phone": "2065551239"}, "typo"),
    ("phone", {"phone": "2065551234"}, {"phone": "2065559876"}, "different"),
    ("address", {"place": "12 elm", "unit": "1"}, {"place": "12 elm", "unit": "2"}, "other_unit"),
    ("address", {"place": "12 elm", "unit": "1"}, {"place": "12 elm"}, "exact"),
    ("address", {"po_box": "77"}, {"po_box": "77"}, "exact"),
    ("address", {"place": "12 hawthorn"}, {"place": "12 hawthron"}, "street_typo"),
    ("address", {"place": "12 elm"}, {"street": "elm"}, "number_missing"),
    ("address", {"place": "12 elm"}, {"place": "13 elm"}, "number_typo"),
    ("address", {"place": "12 elm", "postal_code": "9"}, {"place": "12 oak", "postal_code": "9"}, "number_and_code"),
    ("address", {"place": "12 elm"}, {"place": "345 elm"}, "street"),
    ("address", {"place": "12 elm", "postal_code": "9"}, {"postal_code": "9"}, "code_only"),
    ("address", {"place": "12 elm", "postal_code": "9"}, {"place": "3 oak", "postal_code": "9"}, "code"),
    ("address", {"place": "12 elm", "postal_code": "9"}, {"place": "3 oak", "postal_code": "8"}, "different"),
    ("address", {"place": "12 elm"}, {"postal_code": "9"}, None),
    ("address", {"postal_code": "98101"}, {"place": "12 elm", "postal_code": "98102"}, "code_near"),
    ("address", {"postal_code": "98101", "city": "kent"}, {"postal_code": "98145", "city": "kent"}, "code_near"),
    ("address", {"postal_code": "98101", "city": "kent"}, {"postal_code": "20045", "city": "kent"}, "city"),
    ("address", {"city": "tacoma"}, {"city": "tacomma"}, "city_near"),
    ("address", {"postal_code": "98101"}, {"postal_code": "98145"}, "city_near"),
    ("address", {"postal_code": "sw1a 1aa"}, {"postal_code": "sw1a 2bb"}, "city_near"),
    ("address", {"postal_code": "98101", "city": "kent"}, {"postal_code": "20045", "city": "tacoma"}, "different"),
    ("address", {"place": "12 elm", "city": "kent"}, {"place": "9 oak", "city": "kent"}, "different"),
    ("address", TOOLS | {"place": "12 elm"}, ADA | {"place": "12 elm"}, "exact"),
    ("address", TOOLS | {"place": "12 elm"}, BAKERY | {"place": "12 elm"}, None),
    ("organisation", ADA | TOOLS, TOOLS, "exact"),
    ("organisation", ADA | TOOLS, {"given": "bruno", "organisation": "acme tool"}, "typo"),
    ("organisation", ADA | TOOLS, ADA | BAKERY, "different"),
    ("organisation", TOOLS, TOOLS | {"phone": "2065551234"}, None),
    ("firm", TOOLS, TOOLS | {"phone": "2065551234"}, "exact"),
    ("firm", TOOLS, {"organisation": "acme tool"}, "typo"),
    ("firm", TOOLS, {"organisation": "the fine old acme tools"}, "contained"),
    ("firm", BAKERY, {"organisation": "blue door patisserie"}, "half"),
    ("firm", {"organisation": "blue door bakery corner"}, {"organisation": "old river trade door"}, "word"),
    ("firm", TOOLS, BAKERY, "different"),
    ("firm", TOOLS, ADA | TOOLS, None),
    ("site", TOOLS | {"place": "12 elm"}, BAKERY | {"place": "12 elm"}, "exact"),
    ("site", TOOLS | {"place": "12 hawthorn"}, TOOLS | {"place": "12 hawthron"}, "street_typo"),
    ("site", TOOLS | {"place": "12 elm"}, TOOLS | {"place": "13 elm"}, "street"),
    ("site", TOOLS | {"place": "12 elm"}, TOOLS | {"street": "elm"}, "street"),
    ("site", TOOLS | {"place": "12 elm"}, TOOLS | {"place": "345 elm"}, "different"),
    ("site", TOOLS | {"place": "12 elm"}, TOOLS | {"postal_code": "98101"}, None),
    ("site", TOOLS | {"place": "12 elm"}, ADA | {"place": "12 elm"}, None),
    ("identifier", {"identifiers": ["a:1", "b:2"]}, {"identifiers": ["a:1", "b:2"]}, "several"),
    ("identifier", {"identifiers": ["a:1", "b:2"]}, {"identifiers": ["b:2"]}, "one"),
    ("identifier", {"identifiers": ["a:1"]}, {"identifiers": ["b:2"]}, None),
    ("reference", {"quoted": ["R1", "R2"]}, {"quoted": ["R1", "R2"]}, "several"),
    ("reference", {"quoted": ["R1", "R2"]}, {"quoted": ["R2"]}, "one"),
    ("reference", {"quoted": ["R1"]}, {"quoted": ["R2"]}, None),
]
"""Comparison, what two records say, and the level that they show (None: nothing can be said)."""


def compared(known: list[Known]) -> DuckDBPyConnection:
    """Return a scratch database with the features of these records, `records` naming each by its place."""
    con = warehouse(person(str(place), **told) for place, told in enumerate(known))
    run_stages(con, ["collapse"])
    scratch, _ = spelled(con)
    scratch.register("member", con.sql("SELECT * FROM matching.member").to_arrow_table())
    scratch.execute("""
        CREATE TABLE told AS
        SELECT source_record_id::INT AS number, feature.*
        FROM member JOIN node USING (distinct_record_id) JOIN feature USING (tuple_no)
    """)
    scratch.unregister("member")
    return scratch


@pytest.fixture(scope="module")
def told() -> DuckDBPyConnection:
    return compared([*(side for _, left, right, _ in PAIRS for side in (left, right)), *COMMON])


def gamma(scratch: DuckDBPyConnection, name: str, left: int, right: int) -> int:
    comparison = next(comparison for comparison in COMPARISONS if comparison.name == name)
    sides = ", ".join(f"l.{column} AS {column}_l, r.{column} AS {column}_r" for column in comparison.columns)
    query = f"""
        SELECT {comparison.gamma_sql()}
        FROM (SELECT {sides} FROM told AS l, told AS r WHERE l.number = {left} AND r.number = {right})
    """
    return int(scratch.execute(query).fetchall()[0][0])


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=[f"{n}-{pair[0]}-{pair[3]}" for n, pair in enumerate(PAIRS)])
def test_two_records_show_the_level_they_should_either_way_round(told: DuckDBPyConnection, number: int) -> None:
    name, _, _, expected = PAIRS[number]
    comparison = next(comparison for comparison in COMPARISONS if comparison.name == name)
    found = gamma(told, name, 2 * number, 2 * number + 1)
    level = comparison.level_of(found)
    assert (level.name if level else None) == expected
    assert gamma(told, name, 2 * number + 1, 2 * number) == found


def test_every_level_is_shown_by_some_pair() -> None:
    shown = {(name, level) for name, _, _, level in PAIRS if level}
    assert shown == {(comparison.name, level.name) for comparison in COMPARISONS for level in comparison.levels}


def test_a_name_at_another_provider_tells_nothing_beyond_the_name() -> None:
    scratch = compared([ADA | {"email": f"ada.amsel@{provider}.example"} for provider in ("mail", "post")])
    assert gamma(scratch, "email", 0, 1) == 0


def test_the_shipped_shares_name_every_level() -> None:
    assert {name: list(levels) for name, levels in SHIPPED.items()} == {
        comparison.name: [level.name for level in comparison.levels] for comparison in COMPARISONS
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_shares_are_shares(name: str) -> None:
    shares = np.array(list(SHIPPED[name].values()))
    assert (shares > 0).all()
    if name not in {"identifier", "reference"}:
        assert shares.sum(axis=0) == pytest.approx([1, 1, 1], abs=0.03)


def test_the_levels_read_back_from_splink_are_its_own_gammas() -> None:
    con = warehouse(town(30)[0])
    run_stages(con, ["collapse"])
    scratch, _ = spelled(con)
    make_keys(scratch)
    make_candidates(scratch)
    found = list(compare(scratch, SHIPPED))
    ours = {
        (int(left), int(right)): tuple(int(chunk.gammas[c.name][place]) for c in COMPARISONS)
        for chunk in found
        for place, (left, right) in enumerate(zip(chunk.left, chunk.right, strict=True))
    }
    settings = splink_settings(SHIPPED)
    settings.retain_matching_columns = True
    with quiet_splink():
        api = DuckDBAPI(scratch)
        linker = Linker(api.register("feature", dataset_display_name="again"), settings, log_level=None)
        predicted = linker.inference.predict(warning_mode="never")
    gammas = ", ".join(f"gamma_{comparison.name}" for comparison in COMPARISONS)
    rows = scratch.execute(f"SELECT tuple_no_l, tuple_no_r, {gammas} FROM {predicted.physical_name}").fetchall()
    theirs = {(row[0], row[1]): tuple(row[2:]) for row in rows}
    assert theirs
    assert theirs == {pair: levels for pair, levels in ours.items() if pair[0] != pair[1]}

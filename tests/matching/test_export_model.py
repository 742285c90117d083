"""A model for others: as a document, and as settings that real Splink loads and predicts with."""

from __future__ import annotations

import json
from math import log2
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pytest
from splink import DuckDBAPI, Linker

from matching.blocking import SAME_ATTRIBUTES
from matching.export_model import distinct_records, splink_document
from matching.model import tonights_model
from matching.model_document import model_document
from matching.splink_settings import quiet_splink
from tests.matching.standardised_night import RUN, matched, town
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

CHANGED: dict[str, Any] = {
    "phone": {
        "levels": {
            "typo": "off",
            "tail": {
                "sql": "right(phone_l, 4) = right(phone_r, 4)",
                "above": "different",
                "match": 0.02,
                "household": 0.003,
                "random": 0.0003,
            },
        }
    },
    "address": {"levels": {"exact": {"match": 0.7, "random": 0.0001}}},
    "organisation": "off",
    "blocking": {"birth_date": "off", "tails": {"key": "right(element, 4)", "each": "phones"}},
}


@pytest.fixture(scope="module")
def shipped() -> DuckDBPyConnection:
    return matched(town(220)[0])


@pytest.fixture(scope="module")
def taken_over() -> DuckDBPyConnection:
    return matched(town(220)[0], comparisons=CHANGED)


def of_splink(con: DuckDBPyConnection, folder: Path) -> dict[tuple[str, str], dict[str, int]]:
    """Load the exported model with Splink and predict; return the gammas of each pair of tuples."""
    path = folder / "model.json"
    path.write_text(json.dumps(splink_document(tonights_model(con, RUN))))
    with open_memory() as scratch, quiet_splink():
        scratch.register("told", distinct_records(con, tonights_model(con, RUN)))
        scratch.execute("CREATE TABLE records AS SELECT * FROM told")
        linker = Linker(DuckDBAPI(scratch).register("records"), str(path), log_level=None)
        predicted = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        names = [name for name in predicted.columns if name.startswith("gamma_")]
        rows = predicted.select("tuple_id_l", "tuple_id_r", *names).fetchall()
    plain = [name.removeprefix("gamma_") for name in names]
    return {(row[0], row[1]): dict(zip(plain, row[2:], strict=True)) for row in rows}


def of_ours(con: DuckDBPyConnection) -> dict[tuple[str, str], dict[str, int]]:
    """Return the gammas that the night has stored, by tuples, the lesser one first."""
    names = [comparison.name for comparison in tonights_model(con, RUN).definitions.comparisons]
    rows = con.execute(f"""
        SELECT least(l.tuple_id, r.tuple_id), greatest(l.tuple_id, r.tuple_id), p.gammas
        FROM matching.pair AS p
        JOIN matching.distinct_record AS l ON l.distinct_record_id = p.distinct_record_id_l
        JOIN matching.distinct_record AS r ON r.distinct_record_id = p.distinct_record_id_r
        WHERE p.match_key <> '{SAME_ATTRIBUTES}'
    """).fetchall()
    return {(left, right): dict(zip(names, gammas, strict=True)) for left, right, gammas in rows}


@pytest.mark.parametrize("night", ["shipped", "taken_over"])
def test_splink_finds_the_gammas_that_the_night_has_stored(
    night: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    con = request.getfixturevalue(night)
    theirs, ours = of_splink(con, tmp_path), of_ours(con)
    assert len(ours) >= 1000
    assert set(ours) <= set(theirs), "no budget keeps Splink from a pair"
    left_out = {"organisation"} if night == "taken_over" else set()
    for pair, gammas in ours.items():
        assert {name: gamma for name, gamma in gammas.items() if name not in left_out} == theirs[pair]
        assert all(gammas[name] == -1 for name in left_out)


def test_other_sql_finds_other_gammas(shipped: DuckDBPyConnection, taken_over: DuckDBPyConnection) -> None:
    one, other = of_ours(shipped), of_ours(taken_over)
    both = set(one) & set(other)
    assert any(one[pair]["phone"] != other[pair]["phone"] for pair in both)
    assert all(one[pair]["email"] == other[pair]["email"] for pair in both)


def test_splink_is_told_the_models_own_shares_and_prior(taken_over: DuckDBPyConnection) -> None:
    model = tonights_model(taken_over, RUN)
    document = splink_document(model)
    named = {comparison.name: comparison.levels for comparison in model.definitions.comparisons}
    assert [comparison["output_column_name"] for comparison in document["comparisons"]] == [
        comparison.name for comparison in model.definitions.comparisons if comparison.name != "organisation"
    ]
    for told in document["comparisons"]:
        shares = model.parameters[told["output_column_name"]]
        levels = told["comparison_levels"]
        assert levels[0]["is_null_level"]
        assert [(level["m_probability"], level["u_probability"]) for level in levels[1:]] == [
            (shares[level.name][0], shares[level.name][2]) for level in named[told["output_column_name"]]
        ]
    odds = document["probability_two_random_records_match"]
    assert log2(odds / (1 - odds)) == pytest.approx(model.prior_match)
    assert len(document["blocking_rules_to_generate_predictions"]) == len(model.definitions.rules)


def test_the_document_tells_what_is_shipped_off_and_given(taken_over: DuckDBPyConnection) -> None:
    model = tonights_model(taken_over, RUN)
    document = json.loads(json.dumps(model_document(model)))
    assert document["model_version"] == model.version
    comparisons = {comparison["name"]: comparison for comparison in document["comparisons"]}
    assert [name for name, comparison in comparisons.items() if comparison["off"]] == ["organisation"]
    phone = {level["name"]: level for level in comparisons["phone"]["levels"]}
    assert [name for name, level in phone.items() if level["off"]] == ["typo"]
    assert phone["tail"]["by_hand"] == ["match", "household", "random"]
    assert phone["tail"]["match_bits"] == pytest.approx(log2(0.02 / 0.0003), abs=1e-6)
    exact = {level["name"]: level for level in comparisons["address"]["levels"]}["exact"]
    assert (exact["match"], exact["random"], exact["rarity"]) == (0.7, 0.0001, None)
    assert {rule["name"] for rule in document["blocking_rules"]} >= {"tails", "email"}


def test_a_distinct_record_is_told_once(shipped: DuckDBPyConnection) -> None:
    records = distinct_records(shipped, tonights_model(shipped, RUN))
    tuples, carried = shipped.execute(
        "SELECT count(DISTINCT tuple_id), sum(records) FROM matching.distinct_record"
    ).fetchall()[0]
    assert records.num_rows == tuples == len(set(records["tuple_id"].to_pylist()))
    assert pc.sum(records["records"]).as_py() == carried

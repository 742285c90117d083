"""What evaluation tells of blocking and of other thresholds: counted by hand, and as the night has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from matching.evaluate import Evaluation, evaluate
from matching.model import tonights_model
from pipelines.words_of_matching import evaluation_page
from tests.matching.standardised_night import RUN, Row, matched, person, town

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection


def evaluated(con: DuckDBPyConnection, folder: Path, who: Mapping[str, str], *, quick: bool = True) -> Evaluation:
    lines = [f"s,{key},{name}" for key, name in who.items()]
    path = folder / "truth.csv"
    path.write_text("\n".join(["source,source_record_id,person_id", *lines, ""]), encoding="utf-8")
    return evaluate(con, path, quick=quick)


@pytest.fixture(scope="module")
def night() -> Iterator[tuple[DuckDBPyConnection, dict[str, str]]]:
    rows, truth = town(60, seed=7)
    with matched(rows) as con:
        yield con, truth


def test_rules_and_ceiling_counted_by_hand(tmp_path: Path) -> None:
    """One and two share name and e-mail, two and three a telephone alone, four nothing; five is somebody else."""
    rows = [
        person("1", "ada", "amsel", email="qq7@mail.example"),
        person("2", "ada", "amsel", email="qq7@mail.example", phone="2065551111"),
        person("3", "zora", "zeller", phone="2065551111"),
        person("4", None, None, email="other8@mail.example"),
        person("5", "bruno", "falkner", phone="2065552222"),
    ]
    who = {"1": "p", "2": "p", "3": "p", "4": "p", "5": "q"}
    with matched(rows) as con:
        found = evaluated(con, tmp_path, who).blocking
    assert found.met
    assert (found.true, found.met.pairs, found.met.over_budget) == (6, 2, 0)
    rules = {rule.rule: (rule.found, rule.alone) for rule in found.met.rules}
    assert (rules["email"], rules["name"], rules["phone"]) == ((1, 0), (1, 0), (1, 1))
    assert (rules["birth_date"], rules["identifier"]) == ((0, 0), (0, 0))
    ceiling = found.met.ceiling
    assert (ceiling.true, ceiling.direct, ceiling.connected) == (6, 2, 3)
    assert ceiling.recall == 0.5
    assert ceiling.direct_recall == pytest.approx(1 / 3)
    assert (ceiling.people_apart, ceiling.examples) == (1, (("s:1", "s:4"),))


def test_records_that_say_the_same_need_no_rule(tmp_path: Path) -> None:
    rows = [person(key, "ada", "amsel", email="qq7@mail.example") for key in "123"]
    with matched([*rows, person("4", "bruno", "falkner", email="b9@mail.example")]) as con:
        found = evaluated(con, tmp_path, {"1": "p", "2": "p", "3": "p", "4": "p"}).blocking
    assert found.met
    assert (found.true, found.met.pairs) == (1, 0)
    assert (found.met.ceiling.true, found.met.ceiling.direct, found.met.ceiling.connected) == (6, 3, 3)


def test_a_pair_lost_to_the_budget_is_told_apart_from_one_without_a_key(tmp_path: Path) -> None:
    rows: list[Row] = [person(str(number), "ada", "amsel", suffix=f"s{number}") for number in range(100)]
    with matched(rows) as con:
        cut = evaluated(con, tmp_path, {"1": "p", "2": "p"}).blocking
    with matched(rows[:50]) as con:
        met = evaluated(con, tmp_path, {"1": "p", "2": "p"}).blocking
    assert cut.met
    assert met.met
    assert (cut.true, cut.met.pairs, cut.met.over_budget, cut.met.ceiling.connected) == (1, 0, 1, 0)
    assert (met.true, met.met.pairs, met.met.over_budget, met.met.ceiling.connected) == (1, 1, 0, 1)


def test_what_a_night_found_is_below_the_ceiling(
    night: tuple[DuckDBPyConnection, dict[str, str]], tmp_path: Path
) -> None:
    con, truth = night
    found = evaluated(con, tmp_path, truth)
    met = found.blocking.met
    assert met
    assert found.blocking.true >= met.pairs >= found.blocking.compared > 100
    assert met.pairs >= max(rule.found for rule in met.rules)
    assert sum(rule.alone for rule in met.rules) <= met.pairs <= sum(rule.found for rule in met.rules)
    recall, ceiling = found.pairs.score.recall, met.ceiling.recall
    assert recall is not None
    assert ceiling is not None
    assert met.ceiling.true == found.pairs.true
    assert recall <= ceiling <= 1
    page = evaluation_page(found)
    assert f"recall, by way of other records of the person  {ceiling:.4f}" in page
    assert json.loads(json.dumps(found.document()))["blocking"]["ceiling"]["recall"] == ceiling


def test_at_its_own_threshold_a_night_is_what_it_is(
    night: tuple[DuckDBPyConnection, dict[str, str]], tmp_path: Path
) -> None:
    con, truth = night
    model = tonights_model(con, RUN)
    found = evaluated(con, tmp_path, truth, quick=False)
    (own,) = [at for at in found.thresholds if at.is_tonights]
    assert (own.merge_at, own.pairs) == (model.merge_at, found.pairs)
    assert own.customers == con.execute("SELECT count(DISTINCT cluster_id) FROM matching.cluster").fetchall()[0][0]
    customers = [at.customers for at in found.thresholds]
    assert [at.merge_at for at in found.thresholds] == sorted(at.merge_at for at in found.thresholds)
    assert customers == sorted(customers)
    assert customers[0] < customers[-1]
    assert "as it is" in evaluation_page(found)
    assert not evaluated(con, tmp_path, truth, quick=True).thresholds

"""The stage: every pair that meets is weighed once, as the model says, and kept unless it is hopeless."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING, Any

import pytest

from matching.blocking import SAME_ATTRIBUTES
from matching.comparisons import COMPARISONS
from matching.model import tonights_model
from matching.score import HOPELESS
from tests.matching.standardised_night import RUN, person, run_stages, town, warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STAGES = ("find_shared", "collapse", "prepare_model", "score")
ATTRIBUTES = {
    "given": "given",
    "middle": "middle",
    "family": "family",
    "birth_date": "birth_date",
    "email": "email",
    "phone": "coalesce(list_filter(phones, lambda number: ends_with(number, phone))[1], phone)",
    "phone_line": "phone",
    "place": "street_number || ' ' || street",
    "postal_code": "postal_code",
    "city": "city",
    "organisation": "organisation",
}


@pytest.fixture(scope="module")
def scored() -> DuckDBPyConnection:
    con = warehouse(town(80)[0])
    run_stages(con, STAGES)
    return con


def test_each_pair_is_kept_once_lesser_id_first(scored: DuckDBPyConnection) -> None:
    found = scored.execute("""
        SELECT count(*), count(DISTINCT (distinct_record_id_l, distinct_record_id_r)),
            bool_and(distinct_record_id_l < distinct_record_id_r)
        FROM matching.pair
    """).fetchall()
    assert found[0][0] == found[0][1] > 100
    assert found[0][2]


def test_no_hopeless_pair_is_kept_and_some_were_compared(scored: DuckDBPyConnection) -> None:
    least, kept = scored.execute("SELECT min(match_weight), count(*) FROM matching.pair").fetchall()[0]
    assert least >= HOPELESS
    report = run_stages(scored, ["score"])["score"]
    assert report.rows["matching.pair"] == kept < report.figures["compared"]


def test_probability_is_the_weights(scored: DuckDBPyConnection) -> None:
    worst = scored.execute(
        "SELECT max(abs(match_probability - 1 / (1 + pow(2, -match_weight)))) FROM matching.pair"
    ).fetchall()[0][0]
    assert worst < 1e-6


def test_weights_are_what_the_levels_and_frequencies_say(scored: DuckDBPyConnection) -> None:
    model = tonights_model(scored, RUN)
    values = ", ".join(f"({sql})::VARCHAR AS {name}" for name, sql in ATTRIBUTES.items())
    known = {
        row[0]: dict(zip(ATTRIBUTES, row[1:], strict=True))
        for row in scored.execute(f"SELECT distinct_record_id, {values} FROM matching.distinct_record").fetchall()
    }
    frozen = {
        (attribute, value): frequency
        for attribute, value, frequency in scored.execute(
            "SELECT attribute, value, frequency FROM matching.model_frequency"
        ).fetchall()
    }

    def weight(left: dict[str, Any], gammas: list[int]) -> float:
        match, household = model.prior_match, model.prior_household
        for comparison, gamma in zip(COMPARISONS, gammas, strict=True):
            level = comparison.level_of(gamma)
            if level is None:
                continue
            m, h, u = model.parameters[comparison.name][level.name]
            if level.frequency:
                u = frozen.get((level.frequency, left[level.frequency]), model.rarest(level.frequency))
            match, household = match + log2(m / u), household + log2(h / u)
        return match - log2(1 + 2**household)

    pairs = scored.execute("SELECT distinct_record_id_l, gammas, match_weight FROM matching.pair").fetchall()
    for left, gammas, stored in pairs:
        assert weight(known[left], gammas) == pytest.approx(stored, abs=2e-6)


def test_equals_that_stand_alone_meet_as_a_star_and_everybody_else_one_by_one() -> None:
    rows = [person(f"alone-{n}", "xerxes", "quill") for n in range(5)]
    rows += [person("known", "xerxes", "quill", email="xq@mail.example")]
    con = warehouse(rows + town(20)[0])
    run_stages(con, STAGES)
    pairs = con.execute("""
        SELECT match_key, count(*), count(DISTINCT match_weight), min(distinct_record_id_l), max(distinct_record_id_l)
        FROM matching.pair WHERE 'd' || 'x' IS NOT NULL AND distinct_record_id_l IN (
            SELECT distinct_record_id FROM matching.distinct_record WHERE family = 'quill')
        GROUP BY match_key ORDER BY count(*)
    """).fetchall()
    assert {key: count for key, count, *_ in pairs} == {SAME_ATTRIBUTES: 4, "name": 5}
    star = next(row for row in pairs if row[0] == SAME_ATTRIBUTES)
    assert star[2] == 1
    assert star[3] == star[4]


def test_nothing_makes_no_pairs() -> None:
    con = warehouse([])
    assert run_stages(con, STAGES)["score"].figures["compared"] == 0

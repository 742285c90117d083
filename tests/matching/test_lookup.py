from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from matching.bench import open_bench
from matching.blocking import BLOCKING_RULES
from matching.common_names import add_roots, mark_common_names
from matching.comparisons import COMPARISONS
from matching.evidence import all_levels, model_in_use, waterfall, workbench
from matching.features import load_features
from matching.lookup import Asked, Lookup, asked_from
from matching.lookup.compiled import CannotCompile, compiled
from matching.lookup.held import hold
from matching.lookup.levels import Levelling
from matching.lookup.meeting import Meetings
from matching.lookup.roots import Roots
from matching.lookup.spelled import features_of
from matching.lookup.spoken import standardise_one
from matching.lookup.taught import learn
from matching.lookup.tuples import tuple_of
from matching.score import HOPELESS
from tests.matching.small_night import SETTINGS, matched, people
from warehouse.connection import open_memory
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.lookup.taught import Taught
    from matching.model import Model

TODAY = date(2026, 1, 1)
SAID: tuple[dict[str, object], ...] = (
    {"full_name": "Vårgård, Zoë M.", "emails": ["ZOE@vargard.example"]},
    {"full_name": "Hugo Castellan"},
    {"full_name": "Hugo Castellan"},
    {"organisation": "Gallant Tools Ltd", "phones": ["206 555 0199"], "street": "5 Elm St"},
    {"full_name": "Gallant Tools Limited", "street": "5 Elm Street", "postal_code": "98001"},
    {"given_name": "Iris", "birth_date": date(1980, 1, 1), "emails": ["iris.brandvold@mail.example"]},
    {"given_name": "Jonas", "family_name": "Drum-Mond", "birth_date": date(1981, 2, 3)},
    {"given_name": "Jonas", "family_name": "Drum Mond", "birth_date": date(1981, 3, 2), "name_suffix": "Jr."},
)
ODD = [{"source": "odd", "source_record_id": f"X{number}"} | said for number, said in enumerate(SAID)]


@dataclass(frozen=True)
class Small:
    """A small night, what is known of it, and its records as they were delivered."""

    con: DuckDBPyConnection
    golden: DuckDBPyConnection
    model: Model
    taught: Taught
    rows: list[dict[str, Any]]

    def standardised(self) -> dict[tuple[str, str], dict[str, Any]]:
        told = self.con.sql(
            "SELECT s.*, tuple_id, stands_alone FROM matching.standardised AS s"
            " JOIN matching.member USING (source, source_record_id)"
            " JOIN matching.distinct_record USING (distinct_record_id)"
        )
        return {(row["source"], row["source_record_id"]): row for row in told.to_arrow_table().to_pylist()}


@pytest.fixture(scope="module")
def small() -> Small:
    rows = [*people(60, seed=5)[0], *ODD]
    con = matched(rows)
    golden = open_memory()
    golden.register(
        "found", con.sql("SELECT source, source_record_id, cluster_id FROM matching.cluster").to_arrow_table()
    )
    golden.execute("CREATE TABLE crosswalk AS SELECT source, source_record_id, cluster_id AS golden_id FROM found")
    return Small(con, golden, model_in_use(con), learn(con, SETTINGS, TODAY), rows)


@pytest.fixture(scope="module")
def lookup(small: Small) -> Lookup:
    return Lookup.of(small.con, small.golden, small.model, SETTINGS, TODAY)


def as_asked(row: dict[str, Any]) -> Asked:
    named = {"emails": "email", "phones": "phone"}
    return asked_from(
        {named.get(name, name): value for name, value in row.items() if name not in ("source", "source_record_id")}
    )


def test_a_record_is_standardised_and_collapsed_as_the_night_does(small: Small) -> None:
    night = small.standardised()
    for row in small.rows:
        expected = night[row["source"], row["source_record_id"]]
        said = standardise_one(as_asked(row), small.taught)
        assert said == {name: expected[name] for name in said}
        made = tuple_of(said, small.taught.shared)
        assert (made["tuple_id"], made["stands_alone"]) == (expected["tuple_id"], expected["stands_alone"])


def test_features_and_roots_are_those_of_the_night(small: Small) -> None:
    bench = spelled_bench(small)
    roots = Roots(bench)
    features = bench.sql("SELECT * FROM feature ORDER BY tuple_no").to_arrow_table().to_pylist()
    tuples = small.con.sql(
        "SELECT * FROM matching.distinct_record"
        " QUALIFY row_number() OVER (PARTITION BY tuple_id ORDER BY distinct_record_id) = 1 ORDER BY tuple_id"
    )
    for expected, row in zip(features, tuples.to_arrow_table().to_pylist(), strict=True):
        said = roots.rooted(roots.marked(features_of(row)))
        told = {name: value for name, value in expected.items() if name not in ("tuple_no", "records")}
        assert {name: said[name] for name in told} == told
    bench.close()


def test_a_compiled_comparison_gives_the_levels_of_its_sql(small: Small) -> None:
    """Every comparison, over all pairs of tuples; and all levels that these pairs come to are many."""
    bench = spelled_bench(small)
    features = bench.sql("SELECT * FROM feature ORDER BY tuple_no").to_arrow_table().to_pylist()
    left, right = np.triu_indices(len(features))
    expected = all_levels(bench, small.model, left, right)
    levelling = Levelling(COMPARISONS)
    found = np.array(
        [levelling(features[one], features[other]) for one, other in zip(left.tolist(), right.tolist(), strict=True)]
    )
    for place, comparison in enumerate(COMPARISONS):
        assert np.array_equal(found[:, place], expected[comparison.name]), comparison.name
    assert sum(len(np.unique(levels)) for levels in expected.values()) > 40
    bench.close()


def test_a_compiled_blocking_rule_gives_the_keys_of_its_sql(small: Small) -> None:
    bench = spelled_bench(small)
    features = bench.sql("SELECT * FROM feature ORDER BY tuple_no").to_arrow_table().to_pylist()
    for rule in BLOCKING_RULES:
        key, narrower = compiled(rule.key), compiled(rule.narrower)
        found = []
        for row in features:
            for said in [row | {"element": one} for one in row[rule.each] or ()] if rule.each else [row]:
                if (made := key(said, said)) is not None:
                    less = narrower(said, said)
                    found.append((row["tuple_no"], str(made), None if less is None else str(less)))
        spelled = f"SELECT tuple_no, key::VARCHAR, ({rule.narrower})::VARCHAR FROM ({rule.spelled('feature')})"
        assert sorted(found, key=str) == sorted(bench.execute(spelled).fetchall(), key=str), rule.name
    bench.close()


def test_what_sql_is_not_known_is_told() -> None:
    with pytest.raises(CannotCompile):
        compiled("soundex(given_l) = soundex(given_r)")
    assert compiled("given_l = given_r OR NULL")({"given": "a"}, {"given": "b"}) is None
    assert compiled("given_l = given_r OR NULL")({"given": "a"}, {"given": "a"}) is True
    assert compiled("NOT (given_l IS NULL) AND NULL")({"given": None}, {}) is False


def test_a_record_meets_whom_its_equal_met_with_the_same_levels_and_weights(small: Small) -> None:
    """Blocking, comparing and weighing: all that the night stored of every tuple, and nothing else."""
    held = hold(small.con, small.golden, small.model)
    roots = Roots(held.bench)
    meetings = Meetings(held, roots)
    stored: dict[str, dict[str, tuple[list[int], float]]] = {}
    for one, other, gammas, weight in small.con.execute(_STORED_SQL).fetchall():
        stored.setdefault(one, {})[other] = stored.setdefault(other, {})[one] = (list(gammas), weight)
    pairs = 0
    for row in small.rows:
        record = tuple_of(standardise_one(as_asked(row), small.taught), small.taught.shared)
        meeting = meetings.meet(record, [])
        found = {
            held.tuple_ids[number].decode(): ([int(levels[at]) for levels in meeting.gammas.values()], weight)
            for at, (number, weight) in enumerate(zip(meeting.tuples, meeting.weight.tolist(), strict=True))
            if number != meeting.same
        }
        assert found == stored.get(record["tuple_id"], {})
        assert all(weight >= HOPELESS for _, weight in found.values())
        pairs += len(found)
    assert pairs > 200


_STORED_SQL = """
SELECT DISTINCT l.tuple_id, r.tuple_id, gammas, match_weight FROM matching.pair
JOIN matching.distinct_record AS l ON l.distinct_record_id = distinct_record_id_l
JOIN matching.distinct_record AS r ON r.distinct_record_id = distinct_record_id_r
WHERE l.tuple_id <> r.tuple_id
"""


def test_every_record_joins_the_customer_that_it_is(small: Small, lookup: Lookup) -> None:
    clusters = {
        (source, key): cluster
        for source, key, cluster in small.con.execute(
            "SELECT source, source_record_id, cluster_id FROM matching.cluster"
        ).fetchall()
    }
    night = small.standardised()
    for row in small.rows:
        if night[row["source"], row["source_record_id"]]["stands_alone"]:  # what says so little is nobody's for certain
            continue
        match = lookup.match(as_asked(row))
        assert match.verdict == "this"
        assert match.candidates[0].golden_id == clusters[row["source"], row["source_record_id"]]
        assert match.candidates[0].probability > 0.5


def test_a_stranger_is_new_and_who_says_nothing_too(lookup: Lookup) -> None:
    stranger = {"full_name": "Orsolya Zimanyi", "email": "orsolya@zimanyi.example", "phone": "415 555 0133"}
    assert lookup.match(asked_from(stranger)).verdict == "new"
    assert lookup.match(asked_from({})).verdict == "new"


def test_reasons_are_what_explain_says(small: Small, lookup: Lookup) -> None:
    """The bits of each comparison, and its words, are those of the waterfall of the two distinct records."""
    row = next(row for row in small.rows if row["source_record_id"] == "P003-0")
    match = lookup.match(as_asked(row))
    told = {reason.comparison: (reason.words, reason.bits) for reason in match.candidates[0].reasons}
    mine = small.con.execute("SELECT distinct_record_id FROM matching.member WHERE source_record_id = 'P003-0'")
    ((own,),) = mine.fetchall()
    with workbench(small.con, [own], small.model) as bench:
        gammas = [int(levels[0]) for levels in all_levels(bench, small.model, np.array([0]), np.array([0])).values()]
        steps = waterfall(bench, small.model, (0, 0), gammas).steps
    assert told == {step.comparison: (step.words, round(step.bits, 2)) for step in steps if step.level is not None}


def spelled_bench(small: Small) -> DuckDBPyConnection:
    bench = open_bench(small.con, small.model)
    load_features(small.con, bench)
    mark_common_names(bench, "feature")
    add_roots(bench)
    return bench


@pytest.mark.parametrize(
    "wrong",
    [
        {"nickname": "Bo Hidden"},
        {"full_name": 7},
        {"email": [1]},
        {"email": ["a@b.example"] * 21},
        {"birth_date": "Hidden"},
        {"identifiers": ["Hidden"]},
        {"identifiers": {"loyalty": 3}},
        {"name_order": "Hidden"},
        {"city": "Hidden" * 1000},
    ],
)
def test_what_is_no_record_is_refused_without_its_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refused:
        asked_from(wrong)
    assert "Hidden" not in str(refused.value)

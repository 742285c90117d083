"""When a night builds on the one before, when it does not, and that it then looks at little."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from matching import score
from matching.blocking import BLOCKING_RULES, GUARD, make_candidates, make_keys
from matching.comparisons import COMPARISONS
from matching.hot_keys import freeze_hot_keys, load_hot_keys
from matching.merges import merged_pairs
from matching.model import find_model
from matching.shipped_model import SHIPPED
from matching.splink_settings import compare, compare_few
from tests.matching.nights import Nights, new_warehouse
from tests.matching.standardised_night import person, run_stages, spelled, town, warehouse
from warehouse.program import RESOLUTION
from warehouse.release.manifest import read_manifest, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from tests.matching.standardised_night import Row

CHANGED = {"given": "zoe", "nicknames": ["zoe"]}


def tonight(rows: list[Row]) -> list[Row]:
    """Return the records of the second night: one is gone, one has changed, one quotes something, one is new."""
    return [
        *rows[3:],
        rows[1] | CHANGED,
        rows[2] | {"quoted": ["R1"]},
        person("new", "ada", "amsel", email="ada.amsel@mail.example"),
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Nights, list[Row]]:
    nights, (rows, _) = Nights(tmp_path_factory.mktemp("base")), town(30, seed=4)
    nights.night(rows)
    return nights, rows


def test_a_night_of_few_changes_compares_little_and_gives_what_a_full_one_gives(
    base: tuple[Nights, list[Row]],
) -> None:
    nights, rows = base
    reports = nights.night(tonight(rows), publish=False)
    assert reports["collapse"].rows["matching.record_change"] == 4
    assert int(reports["score"].figures["compared"]) < len(nights.results()["pair"]) / 5
    assert nights.results() == nights.anew(tonight(rows))
    changes = dict(nights.con.execute("SELECT change, count(*) FROM matching.node_change GROUP BY change").fetchall())
    assert changes["new"] >= 2
    assert changes["gone"] >= 1


def test_the_attempt_before_that_was_not_published_does_not_count(base: tuple[Nights, list[Row]]) -> None:
    nights, rows = base
    nights.night([row | CHANGED for row in rows[::2]], publish=False)
    nights.night(tonight(rows), publish=False)
    assert nights.results() == nights.anew(tonight(rows))


def test_nothing_changed_touches_nothing(base: tuple[Nights, list[Row]]) -> None:
    nights, rows = base
    reports = nights.night(rows, publish=False)
    assert reports["score"].figures["compared"] == 0
    for table in ("record_change", "node_change", "touched_node"):
        assert nights.con.execute(f"SELECT count(*) FROM matching.{table}").fetchall() == [(0,)]
    # so what the warehouse holds is the base's still, and need not be taken up from its workings
    run_id = nights.base.lineage[0] if nights.base else None
    for stage in ("collapse", "score", "cluster"):
        assert nights.con.execute(f"SELECT run_id FROM matching.{stage}_run").fetchall() == [(run_id,)]


def _by_another_program(folder: Path) -> None:
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, versions={RESOLUTION: "another"}))


def _without_workings(folder: Path) -> None:
    (folder / "workings.duckdb").unlink()


@pytest.mark.parametrize("spoil", [_by_another_program, _without_workings])
def test_what_cannot_be_built_on_is_made_anew(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    nights, (rows, _) = Nights(tmp_path), town(4, seed=4)
    nights.night(rows)
    assert nights.base is not None
    spoil(nights.base.directory)
    reports = nights.night(rows, publish=False)
    assert reports["collapse"].rows["matching.record_change"] == 0
    assert reports["score"].figures["compared"]


def test_a_new_model_scores_and_resolves_all_anew(tmp_path: Path) -> None:
    nights, (rows, _) = Nights(tmp_path), town(12, seed=4)
    nights.night(rows)
    nights.of_matching = {"merge_at": 0.95}
    reports = nights.night(tonight(rows), publish=False)
    assert reports["prepare_model"].figures["made"] == 1
    assert reports["collapse"].rows["matching.record_change"] == 4
    assert reports["score"].rows["matching.touched_node"] == 0
    assert nights.results() == nights.anew(tonight(rows))


def test_few_pairs_are_compared_as_splink_does() -> None:
    scratch = _spelled(town(30, seed=4)[0])
    make_keys(scratch)
    assert make_candidates(scratch)
    (by_splink,), by_sql = compare(scratch, SHIPPED), compare_few(scratch, COMPARISONS)
    assert list(by_sql.gammas) == list(by_splink.gammas)
    for name, levels in by_splink.gammas.items():
        assert np.array_equal(by_sql.gammas[name], levels), name
    for part in ("left", "right", "rules"):
        assert np.array_equal(getattr(by_sql, part), getattr(by_splink, part)), part


def test_many_changed_pairs_are_compared_by_splink(
    base: tuple[Nights, list[Row]], monkeypatch: pytest.MonkeyPatch
) -> None:
    nights, rows = base
    nights.night(tonight(rows), publish=False)
    found = nights.results()
    monkeypatch.setattr(score, "FEW", 0)
    nights.night(tonight(rows), publish=False)
    assert nights.results() == found


BORN = replace(next(rule for rule in BLOCKING_RULES if rule.name == "birth_date"), limit=3)
GIVEN = ("ada", "adele", "agnes", "alma", "amy", "ann", "astrid", "anja", "aline", "arlette", "alba", "asa", "ava")


def born_on_one_day(count: int) -> list[Row]:
    """Return records of so many people of one day of birth, whose given names begin alike."""
    return [person(f"{name}", name, f"f{name}", birth_date="1980-02-01") for name in GIVEN[:count]]


@pytest.mark.parametrize(
    ("when_made", "tonight", "meet"),
    [(3, 3, True), (4, 4, False), (4, 2, False), (3, 3 * GUARD, True), (3, 3 * GUARD + 1, False)],
)
def test_a_key_is_hot_as_when_the_model_was_made_until_it_is_far_beyond(
    base: tuple[Nights, list[Row]], when_made: int, tonight: int, *, meet: bool
) -> None:
    """The second key, the first letter of the given name, does not make it rarer: what is hot is left out."""
    then, now = (_spelled(born_on_one_day(count)) for count in (when_made, tonight))
    make_keys(then, [BORN])
    freeze_hot_keys(then, [BORN])
    version = base[0].base.model_version if base[0].base else None
    made = find_model(base[0].con, version)
    assert made is not None
    model = replace(made, definitions=replace(made.definitions, rules=(BORN,)))
    con = new_warehouse()
    con.register("incoming_frozen", then.sql("SELECT * FROM frozen_key").to_arrow_table())
    con.execute("INSERT INTO matching.model_hot_key SELECT ?, * FROM incoming_frozen", [model.version])
    load_hot_keys(con, now, model)
    make_keys(now, [BORN], is_frozen=True)
    assert make_candidates(now) == (tonight * (tonight - 1) // 2 if meet else 0)


def _spelled(rows: list[Row]) -> DuckDBPyConnection:
    con = warehouse(rows)
    run_stages(con, ["collapse"])
    return spelled(con)[0]


def test_merges_of_one_entity_in_one_round_are_counted_one_after_the_other() -> None:
    """Three nodes of 2, 3 and 4 records become one at once, which then takes in a fourth of 5."""
    records = np.array([2, 3, 4, 5, 1, 1])
    joined = merged_pairs(records, np.array([0, 0, 0, 2]), np.array([0, 0, 4, 0]), np.array([1, 2, 5, 3]))
    assert joined.tolist() == [2 * 3, 5 * 4, 1, 9 * 5]

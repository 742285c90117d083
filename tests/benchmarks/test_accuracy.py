"""The accuracy page: its sets are untouched defaults, its figures are right, its shape holds."""

from __future__ import annotations

import importlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.accuracy.ablation import Ablation, chosen_ideas
from benchmarks.accuracy.children import DidNotFinish, run_child
from benchmarks.accuracy.document import document
from benchmarks.accuracy.figures import IDENTITY, Figures, measure
from benchmarks.accuracy.ideas import NothingToLeaveOut, after_stage, put, put_text
from benchmarks.accuracy.measurements import Conditions, Measurement
from benchmarks.accuracy.sets import ORDER, SETS, load_set, load_sets, scale_set
from benchmarks.accuracy.slices import Slice
from benchmarks.accuracy.workspaces import prepare
from warehouse.connection import open_memory
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

FIGURES = Figures(
    records=10,
    entities=4,
    precision=0.9,
    recall=0.8,
    f1=0.847,
    b_cubed=0.9,
    exact=0.5,
    false_pairs=2,
    contradicted=1,
    contradictions=1,
    nobodies=3,
    nobodies_merged=0,
)


def test_every_set_has_its_place_in_the_table() -> None:
    assert {path.stem for path in SETS.glob("*.yaml")} == set(ORDER)


@pytest.mark.parametrize("name", ORDER)
def test_a_set_is_run_with_the_defaults(name: str, shared_data: Path) -> None:
    dataset = load_set(name, shared_data)
    assert dataset.is_there
    settings = Settings.model_validate(dataset.settings())
    assert settings.matching == Settings.model_fields["matching"].default
    assert settings.sources


def test_a_set_with_a_matching_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "joinedup.yaml").write_text("version: 1\nmatching: {merge_at: 0.9}\nsources: {}\n")
    with pytest.raises(ValueError, match="only the defaults"):
        scale_set(tmp_path).settings()


def test_what_is_not_there_is_known_not_to_be(tmp_path: Path) -> None:
    assert not any(dataset.is_there for dataset in load_sets(tmp_path))


def test_a_table_becomes_one_export_per_source(shared_data: Path, tmp_path: Path) -> None:
    dataset = load_set("senzing_truthset", shared_data)
    prepare(dataset, tmp_path / "workspace")
    exports = {path.stem for path in (tmp_path / "workspace" / "exports").iterdir()}
    assert exports == set(dataset.sources()) == {"customers", "reference", "watchlist"}


@pytest.fixture
def scratch() -> Iterator[DuckDBPyConnection]:
    """Two persons of three and two records, one record that is nobody's; the first person's last one is elsewhere."""
    con = open_memory()
    con.execute("""
        CREATE TABLE labelled AS FROM (VALUES
            ('a', '1', 'one', 'x'), ('a', '2', 'one', 'x'), ('a', '3', 'one', 'y'),
            ('b', '1', 'two', 'y'), ('b', '2', 'two', 'none b:2'), ('b', '3', NULL, 'x')
        ) AS t (source, source_record_id, person, cluster)
    """)
    con.execute("CREATE TABLE told AS FROM labelled WHERE person IS NOT NULL")
    said = ", ".join("'the same'" if name == "full_name" else "NULL::VARCHAR" for name in IDENTITY)
    con.execute(
        f"CREATE TABLE landed ({', '.join(f'{name} VARCHAR' for name in ('source', 'source_record_id', *IDENTITY))})"
    )
    con.execute(f"INSERT INTO landed SELECT source, source_record_id, {said} FROM labelled")
    yield con
    con.close()


def test_the_figures_are_those_counted_by_hand(scratch: DuckDBPyConnection) -> None:
    found = measure(scratch)
    assert (found.records, found.entities, found.exact) == (5, 2, 0.0)
    assert (found.precision, found.recall) == (1 / 2, 1 / 4)
    assert (found.nobodies, found.nobodies_merged) == (1, 1)
    assert found.b_cubed == pytest.approx(
        2 * 0.8 * (2 * 2 / 3 + 1 / 3 + 2 / 2) / 5 / (0.8 + (2 * 2 / 3 + 1 / 3 + 1) / 5)
    )


def test_equal_records_of_two_persons_are_a_contradiction(scratch: DuckDBPyConnection) -> None:
    found = measure(scratch)
    assert (found.false_pairs, found.contradicted, found.contradictions) == (1, 1, 6)
    scratch.execute("UPDATE landed SET city = source")
    told_apart = measure(scratch)
    assert (told_apart.false_pairs, told_apart.contradicted, told_apart.contradictions) == (1, 0, 0)


def page(estimated_precision: float = 0.95) -> str:
    dataset = load_set("customers_small", Path("nowhere"))
    hard = Slice("twins", "pairs of persons", 5, 1, 2)
    ours = Measurement("customers_small", "joinedup", FIGURES, estimated_precision=estimated_precision, slices=(hard,))
    splink = Measurement("customers_small", "splink", why_not="did not finish in 1 s")
    without = Measurement("customers_small", "without_roots", replace(FIGURES, precision=0.88))
    ablation = Ablation("customers_small", ours, {"roots": without})
    return document([(dataset, ours, splink)], [load_set("febrl3", Path("nowhere"))], [ablation])


def test_the_page_has_its_shape() -> None:
    lines = page().splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert headings == [
        "# Accuracy",
        "## Results",
        "## How it is measured",
        "## The hard cases of customers_small",
        "## What each idea brings",
        "## The sets",
    ]
    tables = [line for line in lines if line.startswith("|")]
    widths = {line.count("|") for line in tables if "customers_small |" in line or line.startswith("| | | | Splink")}
    assert widths == {14, 5}
    assert "| twins | pairs of persons | 5 | 1 | 2 |  |  |" in lines


def test_the_page_says_what_does_not_flatter() -> None:
    text = page()
    assert "febrl3 was not measured: its files are not there" in text
    assert "did not finish in 1 s" in text
    assert "customers_small: the precision is below the 0.985 aimed at." in text
    assert "overestimates its precision by 0.0500" in text
    assert "without these the precision were 0.9474" in text
    assert "+2.00 | +0.00 | +0.00" in text
    assert "overestimates" not in page(estimated_precision=0.8)


def test_the_page_in_the_docs_is_of_this_shape(checkout: Path) -> None:
    text = (checkout / "docs" / "accuracy.md").read_text()
    made = page()
    for heading in ("# Accuracy", "## Results", "## How it is measured", "## The sets"):
        assert f"{heading}\n" in text
    assert text.startswith(made[: made.index("## Results")])
    assert all(name in text for name in ORDER)


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    conditions = Conditions(1, tmp_path / "results")
    measured = Measurement("one", "joinedup", FIGURES, slices=(Slice("twins", "records", 1, 0, 0),), notes=("so",))
    conditions.keep(measured)
    conditions.keep(Measurement("two", "joinedup", why_not="did not finish"))
    assert conditions.kept("one", "joinedup") == measured
    assert conditions.kept("two", "joinedup") is None


def test_a_process_that_fails_or_takes_too_long_says_why() -> None:
    with pytest.raises(DidNotFinish, match="ZeroDivisionError"):
        run_child(["-c", "1 / 0"], 60)
    with pytest.raises(DidNotFinish, match=r"in 0 s"):
        run_child(["-c", "import time; time.sleep(60)"], 0.2)
    assert run_child(["-c", "print('{\"cpu\": 1}')"], 60) == {"cpu": 1}


def test_an_idea_that_is_no_longer_there_is_named() -> None:
    with pytest.raises(NothingToLeaveOut, match="has no NOT_THERE"):
        put("matching.entities", "NOT_THERE", 1)
    with pytest.raises(NothingToLeaveOut, match="does not say"):
        put_text("matching.collapse", "_TUPLES_SQL", "not said", "")
    with pytest.raises(NothingToLeaveOut, match="no stage dream"):
        after_stage("dream", "SELECT 1")
    with pytest.raises(ValueError, match="no such idea: genius"):
        chosen_ideas(["genius"])


def test_an_idea_left_out_is_left_out_of_every_module(monkeypatch: pytest.MonkeyPatch) -> None:
    combine = importlib.import_module("matching.weights").combine
    importlib.import_module("matching.entities")
    rooms = [module for name, module in sys.modules.items() if name.startswith("matching.")]
    modules = [module for module in rooms if vars(module).get("combine") is combine]
    assert {"matching.weights", "matching.entities"} <= {module.__name__ for module in modules}
    for module in modules:
        monkeypatch.setattr(module, "combine", combine)  # put back after the test
    put("matching.weights", "combine", "nothing")
    assert {vars(module)["combine"] for module in modules} == {"nothing"}


def test_a_set_is_measured_from_the_command_line(shared_data: Path, checkout: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.accuracy", "--data", str(shared_data), "--only", "RLdata500"),
            *("--without-ablation", "--out", str(tmp_path / "page.md")),
        ],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "febrl3 is left out: not asked for" in done.stdout
    rows = [line.split(" | ") for line in (tmp_path / "page.md").read_text().splitlines() if "joinedup |" in line]
    assert [row[0] for row in rows] == ["| RLdata500"]
    assert float(rows[0][4]) > 0.9

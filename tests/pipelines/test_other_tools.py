"""A release for other tools: they read all of it, none of them can write into it, and exports keep what it says.

DuckDB 1.4 and polars are no part of joinedup: they are installed aside, once, into pytest's cache.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest
from ruamel.yaml import YAML

from examples.shop.generate import FEWEST_PEOPLE, write_night
from pipelines.night import NightOptions
from tests.pipelines import read_release, write_release
from tests.pipelines.shop import command, do_night, finished
from warehouse.connection import open_memory
from warehouse.data_contract import contract_page, data_contract
from warehouse.durable import remove_tree
from warehouse.read import open_release
from warehouse.release.verify import verify_release
from warehouse.tables import RELEASE_TABLES
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pipelines.shop import Answer

ASIDE = ("duckdb==1.4.*", "polars>=1.30", "open-data-contract-standard>=3.1")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace with a release of the shipped example."""
    workspace = Workspace(tmp_path_factory.mktemp("released"))
    story = write_night(workspace.path, 1, people=FEWEST_PEOPLE)
    assert do_night(workspace, NightOptions(as_of=story.exported_at), checks=False).release_id == "r1"
    return workspace


@pytest.fixture(scope="module")
def aside(request: pytest.FixtureRequest) -> Path:
    """Return a folder with packages that joinedup does not have; where they cannot be installed the test is skipped."""
    name = f"aside-{sys.version_info.major}.{sys.version_info.minor}"
    folder = request.config.cache.mkdir(name)
    done = folder / ".done"
    if not done.exists() or done.read_text() != "\n".join(ASIDE):
        uv = Path(sys.executable).with_name("uv")
        install = [str(uv), "pip", "install"] if uv.exists() else [sys.executable, "-m", "pip", "install"]
        python = ["--python", sys.executable] if uv.exists() else []
        asked = [*install, "-q", *python, "--upgrade", "--target", str(folder), *ASIDE]
        tried = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=300)
        if tried.returncode:
            pytest.skip(f"{', '.join(ASIDE)} cannot be installed here: {tried.stderr.strip()[-300:]}")
        done.write_text("\n".join(ASIDE))
    return folder


def ask(script: str | None, *arguments: str, aside: Path | None = None) -> dict[str, Any]:
    """Run one of the scripts beside this file; with `aside`, its packages come before joinedup's."""
    assert script
    before = {"PYTHONPATH": str(aside)} if aside else {}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", script, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | before,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def read(released: Workspace) -> dict[str, Any]:
    """Return what DuckDB 2.0 reads."""
    return read_release.TOOLS["duckdb"](released.current.resolve())


def test_every_tool_reads_the_same(released: Workspace, read: dict[str, Any]) -> None:
    assert set(read) == {spec.name for spec in RELEASE_TABLES}
    folder = released.current.resolve()
    for tool in ("attached", "parquet_by_duckdb", "pyarrow", "pandas"):
        assert read_release.TOOLS[tool](folder) == read, tool
    with open_release(released) as release:
        frame = release.table("customer").df()
        assert isinstance(frame, pd.DataFrame)
        assert len(frame) == read["customer"][0]
        assert release.table("profile").to_arrow_table().num_rows == read["profile"][0]


@pytest.mark.parametrize("tool", ["duckdb", "attached", "parquet_by_duckdb", "polars"])
def test_tools_of_other_versions_read_the_same(
    released: Workspace, read: dict[str, Any], aside: Path, tool: str
) -> None:
    found = ask(read_release.__file__, tool, str(released.current.resolve()), aside=aside)
    assert tool == "polars" or found["version"].startswith("1.4.")
    assert found["tables"] == read


def test_a_tool_that_reads_a_value_otherwise_is_found(released: Workspace, read: dict[str, Any]) -> None:
    folder = released.current.resolve()
    rows = duckdb.read_parquet(str(folder / "parquet" / "crosswalk.parquet")).fetchall()
    assert read_release.told(rows) == read["crosswalk"]
    assert read_release.told([(*rows[0][:-1], "r0"), *rows[1:]]) != read["crosswalk"]
    assert read_release.told(rows[1:]) != read["crosswalk"]


@pytest.fixture
def everybodys(released: Workspace) -> Iterator[Path]:
    """Return a copy of the release where any user may read it."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    shutil.copytree(released.current.resolve(), place / "r1")
    yield place / "r1"
    remove_tree(place)


@pytest.mark.parametrize("of_1_4", [False, True], ids=["DuckDB 2.0", "DuckDB 1.4"])
def test_nobody_who_reads_can_write(
    everybodys: Path, of_1_4: bool, request: pytest.FixtureRequest, released: Workspace
) -> None:
    found = ask(write_release.__file__, str(everybodys), aside=request.getfixturevalue("aside") if of_1_4 else None)
    assert found["version"].startswith("1.4." if of_1_4 else "2.")
    assert {name: told for name, told in found["ways"].items() if not told.startswith("refused")} == {}
    before, after = (
        {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (released.current.resolve(), everybodys)
    )
    assert before == after


def test_all_of_it_could_be_written_if_nothing_kept_it(everybodys: Path) -> None:
    """The control: the same ways, where the right to write was not taken away."""
    for path in [everybodys, *everybodys.rglob("*")]:
        path.chmod(0o777)
    ways = write_release.what_came_of(everybodys)
    assert {name for name, told in ways.items() if told != "written"} == {"attached read-only"}


FORBIDDEN = (
    "DELETE FROM {table}",
    "CREATE TABLE more (n INTEGER)",
    "COPY (SELECT 1) TO '{elsewhere}'",
    "ATTACH '{elsewhere}' AS elsewhere",
    "SET enable_external_access = true",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_open_release_writes_nothing(released: Workspace, tmp_path: Path, statement: str) -> None:
    with open_release(released) as release, release.workings() as workings:
        for con, table in ((release.con, "customer"), (release.cursor(), "customer"), (workings, "matching.cluster")):
            with pytest.raises(duckdb.Error):
                con.execute(statement.format(table=table, elsewhere=tmp_path / "elsewhere")).fetchall()
        with pytest.raises(duckdb.Error):
            release.table("customer").insert([None])
    assert list(tmp_path.iterdir()) == []


def test_what_the_contract_says_always_holds(released: Workspace) -> None:
    with open_release(released) as release:
        for table in data_contract()["schema"]:
            for rule in table["quality"]:
                if rule["type"] == "sql":
                    assert release.con.execute(rule["query"]).fetchall() == [(0,)], rule["query"]


def test_the_contract_is_printed(joinedup: Callable[..., Answer]) -> None:
    answer = joinedup("schema", "--contract")
    assert (answer.exit_code, answer.out) == (0, contract_page())
    assert json.loads(joinedup("schema", "--contract", "--json").out) == data_contract()


def test_the_contract_is_one_by_the_standard(aside: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((aside / "open_data_contract_standard" / "schema.json").read_text())
    judge = jsonschema.Draft201909Validator(schema)
    contract = json.loads(json.dumps(data_contract()))
    assert [error.message for error in judge.iter_errors(contract)] == []
    contract["schema"][0]["properties"][0]["logicalType"] = "text"
    assert list(judge.iter_errors(contract))


# exports


def rows_of(workspace: Workspace, table: str) -> list[tuple[Any, ...]]:
    with open_release(workspace) as release:
        keys = ", ".join(next(spec.key for spec in RELEASE_TABLES if spec.name == table))
        return release.con.execute(f'FROM "{table}" ORDER BY {keys}').fetchall()


def test_exports_hold_every_row_with_its_values(
    released: Workspace, tmp_path: Path, joinedup: Callable[..., Answer], read: dict[str, Any]
) -> None:
    for kind, more in (("parquet", []), ("csv", ["--gzip"]), ("jsonl", []), ("sqlite", [])):
        answer = joinedup(
            "release", "export", "--to", tmp_path / kind, "--format", kind, *more, "-w", released.path, "--json"
        )
        assert answer.exit_code == 0, answer.err
        assert json.loads(answer.out)["rows"] == {name: rows for name, (rows, _) in read.items()}
        assert "| `customer` |" in (tmp_path / kind / "README.md").read_text()
        assert YAML(typ="safe").load(tmp_path / kind / "data-contract.yaml") == data_contract()
    with open_memory() as con:
        for name, expected in read.items():
            path = tmp_path / "parquet" / f"{name}.parquet"
            assert read_release.told(con.execute(f"FROM '{path}'").fetchall()) == expected
    customers = [json.loads(line) for line in (tmp_path / "jsonl" / "customer.jsonl").read_text().splitlines()]
    with gzip.open(tmp_path / "csv" / "customer.csv.gz", "rt", newline="") as file:
        listed = list(csv.DictReader(file))
    with closing(sqlite3.connect(tmp_path / "sqlite" / "release.sqlite")) as base:
        base.row_factory = sqlite3.Row
        stored = [dict(row) for row in base.execute("SELECT * FROM customer ORDER BY golden_id")]
        amounts = base.execute("SELECT sum(amount) FROM activity").fetchone()[0]
        with pytest.raises(sqlite3.IntegrityError):
            base.execute("UPDATE customer SET safe_for = 'anything'")
    with open_release(released) as release:
        published = release.con.execute("FROM customer ORDER BY golden_id").fetchall()
        columns = [column[0] for column in release.con.description]
        assert amounts == pytest.approx(float(release.con.execute("SELECT sum(amount) FROM activity").fetchall()[0][0]))
    assert len(customers) == len(listed) == len(stored) == len(published)
    for row, of_json, of_csv, of_sqlite in zip(published, customers, listed, stored, strict=True):
        said = dict(zip(columns, row, strict=True))
        assert list(of_json) == list(of_csv) == list(of_sqlite) == columns
        assert of_json["emails"] == json.loads(of_csv["emails"]) == json.loads(of_sqlite["emails"]) == said["emails"]
        assert of_json["identifiers"] == json.loads(of_csv["identifiers"]) == said["identifiers"]
        assert (of_csv["full_name"] or None) == of_sqlite["full_name"] == of_json["full_name"] == said["full_name"]
        assert float(of_csv["cohesion"]) == of_sqlite["cohesion"] == of_json["cohesion"] == said["cohesion"]
        assert (of_csv["last_seen_at"] or None) == (str(said["last_seen_at"]) if said["last_seen_at"] else None)
        assert of_sqlite["last_seen_at"] == (said["last_seen_at"].isoformat() if said["last_seen_at"] else None)


def test_an_export_may_leave_out_personal_data(
    released: Workspace, tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    answer = joinedup(
        "release", "export", "r1", "--to", tmp_path / "out", "--format", "csv", "--without-personal",
        "--table", "customer", "--table", "change", "-w", released.path,
    )  # fmt: skip
    assert (answer.exit_code, answer.err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "README.md", "change.csv", "customer.csv", "data-contract.yaml",
    ]  # fmt: skip
    header = (tmp_path / "out" / "customer.csv").read_text().partition("\n")[0].split(",")
    personal = {column.name for spec in RELEASE_TABLES for column in spec.columns if column.personal}
    assert "golden_id" in header
    assert not personal & set(header)
    with open_release(released) as release:
        given = release.con.execute(
            "SELECT DISTINCT family_name FROM customer WHERE family_name IS NOT NULL"
        ).fetchall()
    text = "".join(path.read_text() for path in (tmp_path / "out").glob("*.csv"))
    assert not [name for (name,) in given if f",{name}," in text or f'"{name}"' in text]


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--format", "xml"], 2, "no format 'xml': a release is exported as parquet, csv, jsonl, sqlite"),
        (["--table", "clients"], 2, "a release has no table 'clients': it has customer, "),
        (["--gzip"], 2, "--gzip is for csv and jsonl: leave it out for parquet"),
        (["r9"], 6, "no release r9"),
    ],
)
def test_a_mistake_is_told_and_leaves_nothing(
    released: Workspace, tmp_path: Path, joinedup: Callable[..., Answer], more: list[str], code: int, told: str
) -> None:
    answer = joinedup("release", "export", *more, "--to", tmp_path / "out", "-w", released.path)
    assert answer.exit_code == code
    assert told in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(
    released: Workspace, tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    answer = joinedup("release", "export", "--to", tmp_path, "-w", released.path)
    assert answer.exit_code == 6
    assert "is there already: name a folder that is not, or an empty one; nothing was written" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("kind", ["csv", "sqlite"])
def test_a_disk_that_is_full_leaves_nothing(released: Workspace, tmp_path: Path, kind: str) -> None:
    full = [sys.executable, "-c", FULL_DISK, "release", "export", "--to", str(tmp_path / "out"), "--format", kind]
    done = subprocess.run([*full, "-w", str(released.path)], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (5, ""), done.stderr
    assert f"exporting to {tmp_path / 'out'} failed" in done.stderr
    assert "run again" in done.stderr
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource
from pipelines.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # no file grows beyond this, as where no room is left
main()
"""


def test_an_export_that_is_killed_leaves_no_half_folder(released: Workspace, tmp_path: Path) -> None:
    arguments = ("release", "export", "--to", tmp_path / "out", "-w", released.path)
    killed = finished(command(*arguments, JOINEDUP_FAILPOINT="export written"))
    assert killed.exit_code == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert finished(command(*arguments)).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert verify_release(released).release_id == "r1"

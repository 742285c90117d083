"""What happens to each kind of delivery, on the first night and later: the table of docs/deliveries.md, checked.

A case writes the files of one source. Cases that end a night have a workspace of their own; all others, full and
incremental, are sources of one workspace and happen in the same night.
"""

from __future__ import annotations

import gzip
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors import files
from tests.docs.pages import CHECKOUT, rows
from tests.pipelines.shop import FAMILY, GIVEN, TONIGHT, do_night
from warehouse.connection import open_published
from warehouse.errors import JoinedupError
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from connectors.found_file import FoundFile
    from pipelines.summary import RunSummary

PAGE = CHECKOUT / "docs" / "deliveries.md"
HEADER = ("id", "changed", "name", "email", "born", "remark")
PEOPLE = 30
SOURCE = """\
  {name}:
    holds: account
    files: {name}/*.csv*
    format: csv
    load: {load}
    key: id
    updated_at: {{column: changed, format: "%Y-%m-%d"}}
    {more}
    fields: {{full_name: name, email: email, birth_date: {{column: born, format: "%Y-%m-%d"}}}}
"""

Row = tuple[str, ...]


def people(source: str) -> list[Row]:
    """Return one row per person, none of whom any other source has."""
    return [
        (
            f"{source}-{number:02d}",
            f"2026-01-{1 + number % 20:02d}",
            f"{GIVEN[number % len(GIVEN)]} {FAMILY[number % len(FAMILY)]} {source}",
            f"{source}.{number}@mail.example",
            f"{1950 + number}-03-{1 + number % 28:02d}",
            "called twice",
        )
        for number in range(PEOPLE)
    ]


def text(table: list[Row], header: Row = HEADER) -> str:
    return "".join(",".join(row) + "\n" for row in (header, *table))


def same(folder: Path, table: list[Row]) -> None:
    """Leave the file of the night before where it is."""


def another_name(folder: Path, table: list[Row]) -> None:
    (folder / "b.csv").write_text(text(table))


def another_order(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text(table[::-1]))


def twice(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text(table + table))


def cut_off(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text(table)[:-40])


def cut_short(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text(table[: PEOPLE - 5]) + ",".join(table[PEOPLE - 5])[:25])


def cut_off_gzip(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").unlink(missing_ok=True)
    (folder / "b.csv.gz").write_bytes(gzip.compress(text(table).encode())[:-20])


def half(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text(table[: PEOPLE // 3]))


def empty(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text("")


def header_only(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text([]))


def missing(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").unlink(missing_ok=True)


def under_way(folder: Path, table: list[Row]) -> None:
    (folder / "b.csv.part").write_text(text(table)[:100])


def growing(folder: Path, table: list[Row]) -> None:
    """Deliver a file that the fixture `writer` goes on writing while it is read."""
    (folder / "growing.csv").write_text(text(table[:-1]))
    (folder / "a.csv").unlink(missing_ok=True)


def older(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text([(row[0], "2025-12-01", *row[2:]) for row in table[:-2]]))


def a_little_older(folder: Path, table: list[Row]) -> None:
    newest = max(row[1] for row in table)
    (folder / "a.csv").write_text(text([(row[0], min(row[1], "2026-01-19"), *row[2:]) for row in table]))
    assert newest == "2026-01-20"


def other_columns(folder: Path, table: list[Row]) -> None:
    header = ("region", *(name for name in HEADER[::-1] if name != "remark"))
    (folder / "a.csv").write_text(text([("west", *row[4::-1]) for row in table], header))


def renamed(folder: Path, table: list[Row]) -> None:
    (folder / "a.csv").write_text(text(table, tuple("mail" if name == "email" else name for name in HEADER)))


def other_dates(folder: Path, table: list[Row]) -> None:
    changed = [(*row[:4], f"{row[4][5:7]}/{row[4][8:]}/{row[4][:4]}", row[5]) for row in table]
    (folder / "a.csv").write_text(text(changed))


def long_ago(folder: Path, table: list[Row]) -> None:
    moment = datetime(2026, 1, 20, tzinfo=UTC).timestamp()
    os.utime(folder / "a.csv", (moment, moment))


@dataclass(frozen=True)
class Expected:
    """What happens to a case: `words` stand in the table; the rest is asserted. `said` are parts of what is told."""

    words: str
    exit_code: int = 0
    outcome: str = "read"
    counts: dict[str, int] = field(default_factory=dict)
    left: int = 0
    said: tuple[str, ...] = ()
    checks: bool = False


@dataclass(frozen=True)
class Case:
    """One kind of delivery, in each kind of load; `more` is what its source says besides."""

    name: str
    deliver: Callable[[Path, list[Row]], None]
    full: Expected
    incremental: Expected
    more: str = ""


LATER = "left for a later night; the others are read"
CASES = (
    Case(
        "the same export again",
        same,
        Expected("read; nothing has changed", counts={"unchanged": 30}),
        Expected("not read again", outcome="nothing_new"),
    ),
    Case(
        "the same export under another name, beside the first",
        another_name,
        Expected(
            "read; every row is a duplicate; told", counts={"unchanged": 30, "duplicate": 30}, said=("take: latest",)
        ),
        Expected("not read again; told", outcome="nothing_new", left=1, said=("its bytes were read before",)),
    ),
    Case(
        "the same rows in another order",
        another_order,
        Expected("read; nothing has changed", counts={"unchanged": 30}),
        Expected("read; nothing has changed", counts={"unchanged": 30}),
    ),
    Case(
        "every row twice",
        twice,
        Expected("read; the second ones are duplicates", counts={"unchanged": 30, "duplicate": 30}),
        Expected("read; the second ones are duplicates", counts={"unchanged": 30, "duplicate": 30}),
    ),
    Case(
        "cut off in the middle of a row, others lacking behind it",
        cut_short,
        Expected("exit 4", 4, said=("line 27", "middle of a record", "4 of its records are not in it")),
        Expected(
            "read; that row is quarantined; told",
            counts={"unchanged": 25, "quarantined": 1},
            said=("line 27", "middle of a record"),
        ),
    ),
    Case(
        "cut off in the middle of its last row",
        cut_off,
        Expected(
            "read; that row is quarantined; told",
            counts={"unchanged": 29, "quarantined": 1},
            said=("line 31", "middle of a record"),
        ),
        Expected(
            "read; that row is quarantined; told",
            counts={"unchanged": 29, "quarantined": 1},
            said=("line 31", "middle of a record"),
        ),
    ),
    Case(
        "a gzip file that is cut off",
        cut_off_gzip,
        Expected("exit 4", 4, said=("b.csv.gz", "cut off")),
        Expected(LATER, outcome="nothing_new", left=1, said=("cut off",)),
    ),
    Case(
        "cut off at the end of a row",
        half,
        Expected("exit 3: the gate holds what would be deleted", 3, said=("max_deleted_records", "20 of 30 records")),
        Expected("read; nobody is deleted", counts={"unchanged": 10}),
    ),
    Case(
        "0 bytes",
        empty,
        Expected("exit 4", 4, said=("a.csv: it is empty: 0 bytes",)),
        Expected(LATER, outcome="nothing_new", left=1, said=("0 bytes",)),
    ),
    Case(
        "a header and no row",
        header_only,
        Expected("exit 3: fewer rows than `expect.min_rows`", 3, said=("0 rows read", "at least 1"), checks=True),
        Expected("read; nobody is deleted", counts={}),
    ),
    Case(
        "no file",
        missing,
        Expected("exit 4", 4, said=("no file matches",)),
        Expected("an ordinary night", outcome="nothing_new"),
    ),
    Case(
        "a file with a name such as `b.csv.part`",
        under_way,
        Expected("exit 4", 4, said=("b.csv.part", "still being written")),
        Expected(LATER, outcome="nothing_new", left=1, said=("still being written",)),
    ),
    Case(
        "a file that is written while it is read",
        growing,
        Expected("exit 4", 4, said=("growing.csv", "it changed while it was read")),
        Expected(LATER, outcome="nothing_new", left=1, said=("it changed while it was read",)),
    ),
    Case(
        "an export of long before: rows went back, newer ones are not in it",
        older,
        Expected("exit 4", 4, said=("older export", "28 rows are older", "2026-01-20")),
        Expected("read; what is stored is newer and stands", counts={"superseded": 28}),
    ),
    Case(
        "an export in which fewer rows than `gate.and_at_least` went back",
        a_little_older,
        Expected(
            "read as it is; told", counts={"unchanged": 29, "changed": 1}, said=("may be an older export", "1 rows")
        ),
        Expected("read; what is stored is newer and stands", counts={"unchanged": 29, "superseded": 1}),
    ),
    Case(
        "columns in another order, a new one, and one gone that the mapping does not need",
        other_columns,
        Expected("read; told", counts={"changed": 30}, said=("region", "remark", "another order")),
        Expected("read; told", counts={"changed": 30}, said=("region", "remark", "another order")),
    ),
    Case(
        "a mapped column renamed",
        renamed,
        Expected(
            "exit 4, with the line that mends the mapping",
            4,
            said=("lost the column 'email'", "mail", "100% of its values", "sources.one.fields.email: mail"),
        ),
        Expected(
            "exit 4, with the line that mends the mapping",
            4,
            said=("lost the column 'email'", "sources.one.fields.email: {first: [mail, email]}"),
        ),
    ),
    Case(
        "birth dates in another format",
        other_dates,
        Expected("exit 3: more than half cannot be read", 3, said=("unreadable_share",), checks=True),
        Expected("exit 3: more than half cannot be read", 3, said=("unreadable_share",), checks=True),
    ),
    Case(
        "older than `expect.every`",
        long_ago,
        Expected("read; told as late", counts={"unchanged": 30}, said=("late", "one is expected every 24 hours")),
        Expected("not read again; told as late", outcome="nothing_new", said=("late",)),
        more="expect: {every: 1d}",
    ),
    Case(
        "cut off and lacking others, with `if_missing: use_last`",
        cut_short,
        Expected("what was last accepted stands; told", outcome="used_last", said=("what was last accepted stands",)),
        Expected(
            "read; that row is quarantined; told",
            counts={"unchanged": 25, "quarantined": 1},
            said=("middle of a record",),
        ),
        more="if_missing: use_last",
    ),
)
ALONE = [(case, load) for case in CASES for load in ("full", "incremental") if getattr(case, load).exit_code]
TOGETHER = {
    f"{load[0]}{place:02d}": (case, load)
    for place, case in enumerate(CASES)
    for load in ("full", "incremental")
    if not getattr(case, load).exit_code
}


def write(workspace: Path, sources: dict[str, tuple[str, str]]) -> None:
    """Write joinedup.yaml and a whole export for each source, given as its load and what it says besides."""
    parts = [SOURCE.format(name=name, load=load, more=more) for name, (load, more) in sources.items()]
    workspace.mkdir(parents=True)
    (workspace / "joinedup.yaml").write_text("version: 1\nsources:\n" + "".join(parts))
    for name in sources:
        (workspace / name).mkdir()
        (workspace / name / "a.csv").write_text(text(people(name)))


def crosswalk(workspace: Path) -> dict[str, str]:
    con = open_published(Workspace(workspace).current / "golden.duckdb")
    try:
        return dict(con.execute("SELECT source || ':' || source_record_id, golden_id FROM crosswalk").fetchall())
    finally:
        con.close()


@dataclass(frozen=True)
class Ended:
    """How a night ended: the exit code, and all that it said; `summary` where it got to its end."""

    exit_code: int
    said: str
    summary: RunSummary | None = None


def night(workspace: Path, *, checks: bool = False) -> Ended:
    try:
        summary = do_night(Workspace(workspace), TONIGHT, checks=checks)
    except JoinedupError as error:
        return Ended(error.exit_code, error.message)
    said = "\n".join((*summary.held_by, *summary.told))
    return Ended(3 if summary.outcome == "held" else 0, said, summary)


def go_on_writing(patch: pytest.MonkeyPatch) -> None:
    """Go on writing any file called growing.csv while it is open."""
    opened = files.open_file

    @contextmanager
    def grow(file: FoundFile) -> Iterator[BinaryIO]:
        with opened(file) as stream:
            if file.path.endswith("growing.csv"):
                with open(str(file.location), "a", encoding="utf-8") as more:  # noqa: PTH123 - a place of any store
                    more.write("late,2026-01-01,Late Comer,late@mail.example,1990-01-01,\n")
            yield stream

    patch.setattr("connectors.read_files.open_file", grow)


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on_writing(monkeypatch)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return by load a workspace with one source, whose first night was published."""
    made = {}
    for load in ("full", "incremental"):
        made[load] = tmp_path_factory.mktemp("deliveries") / load
        write(made[load], {"one": (load, "")})
        assert night(made[load]).exit_code == 0
    return made


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(("case", "load"), ALONE, ids=lambda value: getattr(value, "name", value))
def test_a_delivery_that_ends_the_night(published: dict[str, Path], tmp_path: Path, case: Case, load: str) -> None:
    expected: Expected = getattr(case, load)
    before = crosswalk(published[load])
    workspace = tmp_path / "later"
    shutil.copytree(published[load], workspace, symlinks=True)
    case.deliver(workspace / "one", people("one"))
    ended = night(workspace, checks=expected.checks)
    assert ended.exit_code == expected.exit_code, ended.said
    assert [part for part in expected.said if part not in ended.said] == [], ended.said
    assert crosswalk(workspace) == before


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.deliver in (empty, header_only, missing, under_way) and not case.more],
    ids=lambda case: case.name,
)
def test_a_first_delivery_that_ends_the_night(tmp_path: Path, case: Case) -> None:
    """What needs nothing to compare with is found on the first night too, and nothing is published."""
    write(tmp_path / "first", {"one": ("full", "")})
    case.deliver(tmp_path / "first" / "one", people("one"))
    ended = night(tmp_path / "first", checks=case.full.checks)
    assert ended.exit_code == case.full.exit_code, ended.said
    assert [part for part in case.full.said if part not in ended.said] == [], ended.said
    assert not Workspace(tmp_path / "first").current.exists()


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], RunSummary, dict[str, str]]:
    """Return what a second night did that brings all other cases at once, and the crosswalks before and after it."""
    workspace = tmp_path_factory.mktemp("deliveries") / "together"
    write(workspace, {name: (load, case.more) for name, (case, load) in TOGETHER.items()})
    assert night(workspace).exit_code == 0
    before = crosswalk(workspace)
    for name, (case, _) in TOGETHER.items():
        case.deliver(workspace / name, people(name))
    with pytest.MonkeyPatch.context() as patch:
        go_on_writing(patch)
        ended = night(workspace)
    assert ended.exit_code == 0, ended.said
    assert ended.summary is not None
    return before, ended.summary, crosswalk(workspace)


@pytest.mark.parametrize("name", TOGETHER)
def test_a_delivery_that_ends_nothing(together: tuple[dict[str, str], RunSummary, dict[str, str]], name: str) -> None:
    (case, load), (before, summary, after) = TOGETHER[name], together
    expected: Expected = getattr(case, load)
    found = summary.deliveries[name]
    counts = {key: count for key, count in summary.records[name].items() if count and key != "read"}
    assert (found["outcome"], counts, found["left"]) == (expected.outcome, expected.counts, expected.left)
    said = " ".join((*found["notes"], report(summary)))
    assert [part for part in expected.said if part not in said] == [], found["notes"]
    assert {key: after[key] for key in after if key.startswith(f"{name}:")} == {
        key: before[key] for key in before if key.startswith(f"{name}:")
    }


def report(summary: RunSummary) -> str:
    with open(summary.report, encoding="utf-8") as page:  # noqa: PTH123 - named by its text
        return page.read()


def test_the_page_about_deliveries_says_so() -> None:
    told = [row for row in rows(PAGE.read_text()) if len(row) == 3]
    expected: list[Any] = [[case.name, case.full.words, case.incremental.words] for case in CASES]
    assert told == expected


@pytest.mark.usefixtures("writer")
def test_a_first_delivery_that_is_cut_off_has_nothing_to_delete(tmp_path: Path) -> None:
    write(tmp_path / "first", {"one": ("full", "")})
    cut_short(tmp_path / "first" / "one", people("one"))
    ended = night(tmp_path / "first")
    assert ended.exit_code == 0
    assert "middle of a record" in ended.said
    assert len(crosswalk(tmp_path / "first")) == PEOPLE - 5

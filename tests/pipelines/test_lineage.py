"""What the stages say they read and write is what their SQL touches, so that the lineage in Dagster is true."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
import sqlglot
from sqlglot import expressions

from connectors import land
from examples.shop.generate import FEWEST_PEOPLE, write_night
from pipelines.night import NightOptions
from pipelines.stages import STAGES
from tests.pipelines.shop import do_night
from warehouse.connection import open_database, open_memory
from warehouse.tables import ALL_TABLES
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from pipelines.night import Night, StepDone
    from pipelines.stages import StageEntry

SCHEMAS = {spec.schema for spec in ALL_TABLES}
CATALOGS = {"base", "latest", "yesterday"}
DONE = "quality.stage"
"""Where every step notes in its own transaction that it is done."""
CHANGES = (expressions.Insert, expressions.Delete, expressions.Update, expressions.Merge, expressions.Create)
_COMPRESSION = re.compile(r" USING COMPRESSION \w+")
ASKS = ("execute", "executemany", "sql", "query", "from_query")


@dataclass
class Touched:
    """The tables, as `schema.table`, that a step's statements named."""

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    def add(self, sql: str) -> None:
        """Take note of what a statement names; temporary and registered tables have no schema and do not count."""
        readable = _COMPRESSION.sub("", sql.replace("?::", "? ::"))  # of both sqlglot knows nothing
        for statement in sqlglot.parse(readable, dialect="duckdb"):
            if statement is None:
                continue
            target = statement.find(expressions.Table) if isinstance(statement, CHANGES) else None
            for table in statement.find_all(expressions.Table):
                schema = table.catalog if table.catalog in CATALOGS else table.db
                if schema in SCHEMAS | CATALOGS:
                    (self.written if table is target else self.read).add(f"{schema}.{table.name}")


class Recorded:
    """A connection that passes everything on, and takes note of the statements it is asked to execute."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con
        self.touched = Touched()

    def __getattr__(self, name: str) -> object:
        asked: Callable[..., object] = getattr(self._con, name)
        if name not in ASKS:
            return asked

        def ask(sql: str, *rest: object, **named: object) -> object:
            self.touched.add(sql)
            return asked(sql, *rest, **named)

        return ask


def record_night(workspace: Workspace, as_of: datetime) -> dict[str, Touched]:
    """Run a night and return what each of its steps touched."""
    steps: dict[str, Touched] = defaultdict(Touched)
    recorded: list[Recorded] = []

    def opened(night: Night) -> None:
        recorded.append(Recorded(night.con))
        night.con = cast("DuckDBPyConnection", recorded[0])

    def watch(name: str, done: StepDone | None) -> None:
        recorded[0].touched = steps["between steps" if done else name]

    do_night(workspace, NightOptions(as_of=as_of), checks=False, opened=opened, watch=watch)
    return steps


def forget_whose_rows(workspace: Workspace) -> None:
    """Leave the warehouse as one is found whose last run has not published: what the base came to is taken up anew."""
    con = open_database(workspace.warehouse_file)
    for stage in ("collapse", "score", "cluster"):
        con.execute(f"DELETE FROM matching.{stage}_run")
    con.close()


@pytest.fixture(scope="module")
def touched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Touched]:
    """Return what each step touched in three nights: the first, one on a release, one with labels and a source less."""
    workspace = Workspace(tmp_path_factory.mktemp("recorded"))
    steps: dict[str, Touched] = defaultdict(Touched)
    for number in (1, 2, 3):
        story = write_night(workspace.path, number, people=FEWEST_PEOPLE)
        if number == 2:
            forget_whose_rows(workspace)
        if number == 3:
            text = workspace.settings_file.read_text()
            start, end = text.index("\n  cases:\n"), text.index("\n  # ", text.index("\n  cases:\n"))
            text = text[:start] + text[end:].replace(
                "\nmatching:\n", "\nmatching:\n  learn_from_decisions: true\n  labels: labels.csv\n"
            )
            workspace.settings_file.write_text(text)
            labels = "source_l,record_l,source_r,record_r,same\nbilling,no such,orders,no such,true\n"
            (workspace.path / "labels.csv").write_text(labels)
        for name, found in record_night(workspace, story.exported_at).items():
            step = "land" if name.startswith("land ") else name
            steps[step].read |= found.read
            steps[step].written |= found.written
    return steps


@pytest.mark.parametrize("entry", STAGES, ids=lambda entry: entry.name)
def test_a_stage_reads_and_writes_what_it_says(touched: dict[str, Touched], entry: StageEntry) -> None:
    found = touched[entry.name]
    assert found.written == {*entry.writes, DONE}
    assert found.read - set(entry.writes) == set(entry.reads) - set(entry.writes)


def test_landing_reads_and_writes_what_it_says(touched: dict[str, Touched]) -> None:
    found = touched["land"]
    assert found.written == {*land.WRITES, DONE}
    assert found.read - set(land.WRITES) == set(land.READS) - set(land.WRITES)


def test_a_table_that_was_not_declared_is_found() -> None:
    """The control: reads and writes show, whatever the statement, and what is temporary does not."""
    recorded = Recorded(open_memory())
    con = cast("DuckDBPyConnection", recorded)
    con.execute("CREATE SCHEMA golden; CREATE SCHEMA care; CREATE TABLE golden.customer (n INTEGER)")
    recorded.touched = Touched()
    con.execute("CREATE TEMP TABLE t AS SELECT * FROM golden.customer").fetchall()
    assert (recorded.touched.read, recorded.touched.written) == ({"golden.customer"}, set())
    con.execute('INSERT INTO "golden"."customer" WITH x AS (SELECT n FROM t) SELECT n FROM x').fetchall()
    con.execute("DELETE FROM golden.customer WHERE n IN (SELECT n FROM t)").fetchall()
    assert recorded.touched.written == {"golden.customer"}
    con.close()

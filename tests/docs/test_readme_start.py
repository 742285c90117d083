"""The README's five minutes: its files are written, its commands typed, and what they print is what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.docs.pages import CHECKOUT, Block, blocks
from tests.docs.sessions import HOME, Command, commands, missing, run, steady

if TYPE_CHECKING:
    from pathlib import Path

README = (CHECKOUT / "README.md").read_text()
START, END = README.index("## Your own exports"), README.index("## What is where")
_FILE = re.compile(r"`(five/[\w./]+)`")
_DUCKDB = re.compile(r'duckdb -readonly (\S+) "([^"]+)"')


def parts() -> list[Block]:
    return [block for block in blocks(README) if START < block.start < END]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("five_minutes")


@pytest.fixture(scope="module")
def typed(home: Path) -> list[tuple[Command, list[str]]]:
    """Follow the README from top to bottom: write each file it shows, type each command; return what was printed."""
    done: list[tuple[Command, list[str]]] = []
    for block in parts():
        name = _FILE.search(block.before)
        if block.language in ("csv", "yaml") and name:
            (home / name[1]).write_text(block.text)
        typeable = commands(block.text) if block.language == "console" else []
        done += [(each, steady(run(each.line, home), home)) for each in typeable if not each.line.startswith("duckdb")]
    return done


def test_the_commands_print_what_the_readme_says(typed: list[tuple[Command, list[str]]]) -> None:
    assert len(typed) >= 6
    for command, printed in typed:
        lost = missing([line.rstrip() for line in command.output], printed)
        assert lost is None, f"$ {command.line}\nnot printed: {lost}\nprinted:\n" + "\n".join(printed)


def test_a_false_line_is_found() -> None:
    printed = ["one", "two", "three"]
    assert missing(["one", "…", "three"], printed) is None
    assert missing(["…", "two", "…"], printed) is None
    assert missing(["one", "three"], printed) == "three"
    assert missing(["…", "three", "…", "two"], printed) == "two"
    assert missing(["one"], printed) == "(the page ends before: two)"
    assert HOME not in printed


def test_reading_a_release_works_as_shown(home: Path, typed: list[tuple[Command, list[str]]]) -> None:
    assert typed
    shown = [block for block in parts() if block.language == "python"]
    for block in shown:
        check = f"{block.text}\nassert len(customers) == 4\n"
        check += "assert margaret['full_name'] == 'Margaret Okafor'\n" if "margaret" in block.text else ""
        subprocess.run([sys.executable, "-c", check], cwd=home, check=True)
    assert len(shown) == 2
    (query,) = (found for block in parts() for found in _DUCKDB.finditer(block.text))
    with duckdb.connect(str(home / query[1]), read_only=True) as con:
        assert len(con.execute(query[2]).fetchall()) == 4


def test_the_runbooks_query_finds_what_was_quarantined(home: Path, typed: list[tuple[Command, list[str]]]) -> None:
    assert typed
    page = (CHECKOUT / "docs" / "running.md").read_text()
    (query,) = (block.text for block in blocks(page) if block.language == "sql")
    with duckdb.connect(str(home / "five/var/releases/current/workings.duckdb"), read_only=True) as con:
        assert [row[:4] for row in con.execute(query).fetchall()] == [("orders", "exports/orders.csv", 6, "bad_number")]

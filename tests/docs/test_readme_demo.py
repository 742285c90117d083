"""The README's excerpt of the demo is what the demo prints, and what the demo says to type next can be typed.

The demo runs here with fewer people: the people of the story, their records and their ids are the same, only how many
others there are differs, and so do the figures of `_FIGURES`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from examples.shop.generate import write_night
from pipelines.commands.demo import DEFAULT_PEOPLE
from pipelines.demo_words import night_heading
from quality.suites.contract import EMPTY_WHEN
from tests.docs.pages import CHECKOUT, blocks
from tests.docs.sessions import commands, missing, run, steady
from warehouse.read import open_release

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = 100
_FIGURES = re.compile(
    r"^(The \w+ night, \d+ \w+ \d+: |  since the night before: |  (?=[\d,]+ records? in)|  Customers with an order).*"
)


def without_figures(lines: list[str]) -> list[str]:
    return [_FIGURES.sub(lambda found: f"{found[1]}FIGURES", line) for line in lines]


def excerpt() -> list[str]:
    readme = (CHECKOUT / "README.md").read_text()
    (command,) = (
        found
        for block in blocks(readme)
        if block.language == "console"
        for found in commands(block.text)
        if found.line == "make demo"
    )
    return [line.rstrip() for line in command.output]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def printed(home: Path) -> list[str]:
    return steady(run(f"joinedup demo demo --people {PEOPLE}", home), home)


def test_the_excerpt_is_what_the_demo_prints(printed: list[str]) -> None:
    # `make` calls the command by its path; here it is on the path
    found = [line.replace("  joinedup ", "  .venv/bin/joinedup ") for line in printed]
    lost = missing(without_figures(excerpt()), without_figures(found))
    assert lost is None, f"not printed: {lost}\nprinted:\n" + "\n".join(found)


def test_the_excerpt_tells_how_much_the_shop_delivers(tmp_path: Path) -> None:
    stories = [write_night(tmp_path, night, people=DEFAULT_PEOPLE) for night in (1, 2, 3)]
    told = excerpt()
    shown = [story for story in stories if night_heading(story) in told]
    assert [story.night for story in shown] == [1, 3]
    for story in shown:
        figures = told[told.index(night_heading(story)) + 1]
        read = sum(story.records.values()) + story.repeated_mails
        assert figures.startswith(f"  {read:,} records in, ")


def test_what_the_demo_says_to_type_next_can_be_typed(printed: list[str], home: Path) -> None:
    after = printed[printed.index("Look further") :]
    lines = [line.strip() for line in after if line.startswith("  joinedup ")]
    assert [line.split()[1] for line in lines] == ["show", "show", "explain", "release", "dagster"]
    for line in lines:
        if "dagster" not in line:
            assert run(line, home)


def test_only_tables_that_may_be_empty_are(printed: list[str], home: Path) -> None:
    assert printed
    with open_release(home / "demo") as release:
        empty = {name for name, count in release.manifest.rows.items() if count == 0}
    assert empty <= {spec.name for spec in EMPTY_WHEN}
    assert "signal" not in empty

"""The page for stewards: its files are written, its commands typed in order, and what they print is what it says."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pipelines.cli import main
from pipelines.night import NightOptions
from tests.docs.pages import CHECKOUT, blocks
from tests.docs.sessions import commands, missing
from tests.pipelines.shop import do_night
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (CHECKOUT / "docs" / "review.md").read_text()
_FILE = re.compile(r"`(books/[\w./]+)`")
_TYPED_ON = "2026-11-22"
"""The day of the sessions on the page."""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """Return the folder of the page's workspace, after its first night."""
    (tmp_path / "books" / "exports").mkdir(parents=True)
    for block in blocks(PAGE):
        name = _FILE.search(block.before)
        if block.language == "yaml" and "version:" in block.text:
            (tmp_path / "books/joinedup.yaml").write_text(block.text)
        if block.language == "csv" and name:
            (tmp_path / name[1]).write_text(block.text)
    do_night(Workspace(tmp_path / "books"), NightOptions(), checks=False)
    return tmp_path


def test_the_commands_print_what_the_page_says(
    books: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(books)
    typed = [each for block in blocks(PAGE) if block.language == "console" for each in commands(block.text)]
    assert len(typed) >= 10
    for command in typed:
        if "review publish" in command.line:  # the same night, without the job around it
            do_night(Workspace(books / "books"), NightOptions(read_exports=False), checks=False)
            continue
        capfd.readouterr()
        with pytest.raises(SystemExit):
            main(shlex.split(command.line)[1:])
        printed = capfd.readouterr()
        told = (printed.out + printed.err).replace(datetime.now(UTC).date().isoformat(), _TYPED_ON).splitlines()
        lost = missing([line.rstrip() for line in command.output], [line.rstrip() for line in told])
        assert lost is None, f"$ {command.line}\nnot printed: {lost}\nprinted:\n" + "\n".join(told)

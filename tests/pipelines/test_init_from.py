"""`joinedup init --from`: what it writes and prints, that the workspace runs as it is, and mistakes."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.cli import main
from pipelines.night import NightOptions
from tests.connectors.propose.awkward_exports import write_exports
from tests.pipelines.shop import do_night
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.propose.awkward_exports import Exports


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return write_exports(tmp_path_factory.mktemp("exports"))


def joinedup(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.fixture(scope="module")
def made(exports: Exports, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Propose a workspace for all of the exports; return its folder and what the command says of it."""
    place = tmp_path_factory.mktemp("made") / "shop"
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert joinedup("init", place, "--from", *exports.files, "--json") == 0
    return place, json.loads(printed.getvalue())


def test_the_proposed_workspace_runs_as_it_is(exports: Exports, made: tuple[Path, dict[str, Any]]) -> None:
    place, document = made
    assert {found["source"] for found in document["sources"]} == set(exports.expected)
    assert [found["problems"] for found in document["sources"]] == [[]] * len(exports.expected)
    assert sorted(path.name for path in place.iterdir()) == ["exports", "joinedup.yaml"]
    assert list((place / "exports").iterdir()) == []
    summary = do_night(Workspace(place), NightOptions(as_of=datetime(2026, 1, 1, tzinfo=UTC)), checks=False)
    assert summary.published
    quarantined = {name: counts["quarantined"] for name, counts in summary.document()["records"].items()}
    assert quarantined == dict.fromkeys(exports.expected, 0)


def test_no_value_of_the_data_stands_in_it(made: tuple[Path, dict[str, Any]]) -> None:
    place, document = made
    for told in ((place / "joinedup.yaml").read_text(), json.dumps(document, ensure_ascii=False)):
        assert not re.search(r"[\w.]+@(?!shop\.example)[\w.]+", told)
        assert not re.search(r"Falkner|Brandvold|FALKNER|Lange Straße|rue des Lilas", told)
    (found,) = (source for source in document["sources"] if source["source"] == "kunden")
    lines = {line["key"]: line for line in found["lines"]}
    assert lines["fields.email"]["confidence"] > 0.9
    assert "unsure" not in lines["fields.email"]
    assert lines["options.encoding"]["unsure"]


def test_a_file_in_the_workspace_is_named_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop/exports").mkdir(parents=True)
    (tmp_path / "shop/exports/crm.csv").write_text("id,email\n1,a@mail.example\n2,b@mail.example\n")
    assert joinedup("init", "shop", "--from", "shop/exports/crm.csv") == 0
    assert load_settings(tmp_path / "shop/joinedup.yaml").sources["crm"].files == "exports/crm.csv"


def test_a_source_that_cannot_be_read_is_a_comment_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "crm.csv").write_text("id,email\n1,a@mail.example\n2,b@mail.example\n")
    (tmp_path / "weather.csv").write_text("station,rain\n1,2.5\n2,0.5\n")
    (tmp_path / "empty.csv").write_text("")
    files = [tmp_path / name for name in ("crm.csv", "weather.csv", "empty.csv")]
    assert joinedup("init", tmp_path / "shop", "--from", *files) == 0
    printed = capsys.readouterr().out
    assert "crm (account, csv)" in printed
    assert f"joinedup check -w {tmp_path / 'shop'}" in printed
    assert printed.count("NOT IN ORDER") == 2
    assert set(load_settings(tmp_path / "shop/joinedup.yaml").sources) == {"crm"}
    text = (tmp_path / "shop/joinedup.yaml").read_text()
    assert "# NOT IN ORDER: no column says whose a record is" in text
    assert "# NOT IN ORDER: it holds no row that can be read" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shop", "--from", "no.csv"], "no.csv is not there: name files that are"),
        (["shop", "crm.csv"], "crm.csv comes after DIR: to have files looked at, write --from crm.csv"),
        (["crm.csv", "--from", "crm.csv"], "crm.csv is a file: name the workspace's folder first"),
        (["shop", "--from", "picture.png"], "is no format that is read: it holds bytes that are no text"),
        (["shop", "--from", "folder"], "is a folder; name the files in it"),
        (["there", "--from", "crm.csv"], "exists already: choose another folder"),
    ],
)
def test_a_mistake_is_told_in_a_line_and_nothing_is_written(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crm.csv").write_text("id,email\n1,a@mail.example\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\0")
    (tmp_path / "folder").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "there/joinedup.yaml").write_text("mine")
    assert joinedup("init", *arguments) in (2, 6)
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert said in told.err
    assert not (tmp_path / "shop").exists()
    assert (tmp_path / "there/joinedup.yaml").read_text() == "mine"


def test_hostile_names_command_no_terminal_and_break_no_yaml(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[Any]] = [["id", "e-mail: #1 {x}", 'say "hi"\x1b[31m', "null", "true"], *(
        [number, f"a{number}@mail.example", "x", number, "y"] for number in range(9)
    )]  # fmt: skip
    content = "\n".join(",".join('"{}"'.format(str(cell).replace('"', '""')) for cell in row) for row in rows)
    (tmp_path / "odd [1] name.csv").write_text(content)
    assert joinedup("init", tmp_path / "shop", "--from", tmp_path / "odd [1] name.csv") == 0
    assert "\x1b" not in capsys.readouterr().out + (tmp_path / "shop/joinedup.yaml").read_text()
    (source,) = load_settings(tmp_path / "shop/joinedup.yaml").sources.values()
    assert source.fields["email"][0].model_dump()["column"] == "e-mail: #1 {x}"
    assert joinedup("check", "-w", tmp_path / "shop") == 0

"""Bad delimited text, file by file: nothing crashes, nothing is lost or changed without a word."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from benchmarks import bad_csv
from benchmarks.polluted import KINDS, NAMES, make
from connectors.formats.batch import UnreadableFile
from connectors.formats.delimited import DELIMITED
from connectors.formats.text_lines import split_lines
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.conftest import Nights


def land(nights: Nights, key: list[str], **options: object) -> list[dict[str, str]]:
    """Land the one file there is under a mapping of all its columns; return its records as they were delivered."""
    source = {
        "holds": "account",
        "files": "people.csv",
        "format": "csv",
        "key": {"hash": key},
        "options": options,
        "fields": {"full_name": key[0]},
    }
    figures = nights.land({"people": source}, publish=False)["people"]
    verdicts = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")
    assert figures["read"] == sum(figures[verdict] for verdict in verdicts)
    rows = nights.rows("SELECT raw FROM landing.source_record WHERE run_id = 'n' || ? ORDER BY line", nights.count)
    return [json.loads(raw) for (raw,) in rows]


def test_csv_spectrum_lands_cell_by_cell(nights: Nights, shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "bad_input.zip") as archive:
        names = [name for name in archive.namelist() if "spectrum" in name and name.endswith(".csv")]
        assert len(names) == 11
        for name in names:
            expected = json.loads(archive.read(name.replace("/csvs/", "/json/").replace(".csv", ".json")))
            nights.write("people.csv", archive.read(name))
            assert land(nights, list(expected[0])) == expected, name


def test_naughty_strings_survive(nights: Nights, shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "bad_input.zip") as archive:
        strings = list(dict.fromkeys(json.loads(archive.read("strings/blns.json"))))
        text = archive.read("strings/blns.txt")
    quoted = "".join('"{}","{}"\n'.format(number, value.replace('"', '""')) for number, value in enumerate(strings))
    nights.write("people.csv", "id,name\n" + quoted)
    rows = land(nights, ["id", "name"])
    assert [row["name"] for row in rows] == strings
    lines = {line.rstrip("\r\n") for line in split_lines(text.decode())} - {""}
    for encoding in ("utf-8", "utf-16"):
        nights.write("people.csv", text.decode().encode(encoding))
        as_they_are = {"header": False, "columns": ["name"], "quote": "", "delimiter": "|*|*|", "encoding": encoding}
        assert {row["name"] for row in land(nights, ["name"], **as_they_are)} == lines


def test_whatever_is_no_csv_is_read_or_refused(shared_data: Path) -> None:
    source = SourceSettings.model_validate({"holds": "account", "files": "x", "format": "csv"})
    outcomes = {"read": 0, "refused": 0}
    with zipfile.ZipFile(shared_data / "bad_input.zip") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            try:
                for batch in DELIMITED.read(io.BytesIO(content), source):
                    assert len(batch.lines) == len(batch.rows)
                outcomes["read"] += 1
            except UnreadableFile:
                outcomes["refused"] += 1
    assert min(outcomes.values()) > 0


def test_polluted_files_are_exact_or_quarantined() -> None:
    assert len(KINDS) >= 15
    outcomes = bad_csv.measure()
    assert all(outcome.files == 10 for outcome in outcomes.values())
    assert sum(outcome.wrong_rows + outcome.lost_rows for outcome in outcomes.values()) == 0
    exact = sum(outcome.exact_cells for outcome in outcomes.values())
    assert exact >= 0.95 * sum(outcome.cells for outcome in outcomes.values())
    for kind, outcome in outcomes.items():
        spoilt = sum(len(make(kind, seed).spoilt) for seed in range(10))
        assert spoilt or outcome.exact_files == 10, kind
        assert not spoilt or outcome.quarantined_rows == spoilt, kind


def test_the_sniffing_reader_is_no_match() -> None:
    kinds = [kind for place, kind in enumerate(KINDS) if place % 3 == 0]
    found = sum(bad_csv.control(kinds, files=2).values(), Counter())
    assert found["exact"] < found["refused"] + found["wrong"]
    assert found["wrong"] > 0


def test_what_is_wrong_or_lost_is_counted() -> None:
    file = make("semicolons", 1)
    rows, _ = bad_csv.read(file)
    changed = [list(row) for row in rows[1:]]
    changed[0][1] = "somebody else"
    outcome = bad_csv.Outcome()
    outcome.add(file, changed, [])
    assert (outcome.wrong_rows, outcome.lost_rows, outcome.exact_files) == (1, 2, 0)


@pytest.mark.parametrize("kind", ["header again in another order", "quotes never closed", "NUL bytes"])
def test_polluted_files_land(nights: Nights, kind: str) -> None:
    file = make(kind, 1)
    nights.write("people.csv", file.content)
    rows = land(nights, ["id", "name"], **file.options)
    expected = [row for row in file.rows if row[0] not in file.spoilt]
    assert [[row[name] for name in NAMES] for row in rows] == expected
    assert len(nights.quarantine()) == len(bad_csv.read(file)[1])

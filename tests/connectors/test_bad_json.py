"""The public suites of valid, invalid and doubtful JSON, file by file: what is accepted, refused and quarantined."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from connectors.formats import find_format
from connectors.formats.batch import UnreadableFile
from warehouse.settings.sources import SourceSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.conftest import Nights

NO_JSON = {"invalid_json", "ambiguous_json"}
"""Reasons that say that a record is no JSON, or not JSON that can be read in one way."""


@dataclass
class Reading:
    """What a file gave: why it was refused, or how many rows and which bad records it has."""

    refused: str | None = None
    rows: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether anything in the file was taken for JSON."""
        return self.refused is None and (not self.reasons or not NO_JSON.issuperset(self.reasons) or self.rows > 0)


def read(content: bytes, file_format: str = "json") -> Reading:
    known, found = find_format(file_format), Reading()
    assert known is not None
    try:
        for batch in known.read(io.BytesIO(content), SourceSettings(holds="order", files="x", format="json")):
            found.rows += len(batch.lines)
            found.reasons += [bad.reason for bad in batch.bad]
    except UnreadableFile as error:
        return Reading(refused=str(error))
    return found


def records_in(content: bytes) -> int | None:
    """Return how many records a document has by the standard library, None where it is none for it."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return len(document) if isinstance(document, list) else 1


@pytest.fixture(scope="module")
def suites(shared_data: Path) -> dict[str, bytes]:
    """Return the files of the suites by their names."""
    with zipfile.ZipFile(shared_data / "bad_input.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith("json/") and name.endswith(".json")]
        return {name.removeprefix("json/JSONTestSuite_"): archive.read(name) for name in names}


def of_kind(suites: dict[str, bytes], beginning: str) -> dict[str, bytes]:
    return {name: content for name, content in suites.items() if name.startswith(f"parsing/{beginning}")}


def test_nothing_invalid_is_accepted(suites: dict[str, bytes]) -> None:
    invalid = of_kind(suites, "n_")
    found = {name: read(content) for name, content in invalid.items()}
    assert len(invalid) > 150
    assert [name for name, reading in found.items() if reading.accepted] == []
    assert all(reading.refused or reading.rows == 0 for reading in found.values())
    # The standard library takes NaN and its kin; a reader that does would be found out here.
    assert any(records_in(content) is not None for content in invalid.values())


def test_everything_valid_is_read(suites: dict[str, bytes]) -> None:
    valid = of_kind(suites, "y_")
    assert len(valid) > 80
    for name, content in valid.items():
        reading = read(content)
        assert reading.refused is None, f"{name}: {reading.refused}"
        assert reading.rows + len(reading.reasons) == records_in(content), name
        allowed = {"not_an_object", "ambiguous_json"} if "duplicated_key" in name else {"not_an_object"}
        assert allowed.issuperset(reading.reasons), name


def test_what_is_doubtful_is_refused_or_accounted_for(suites: dict[str, bytes]) -> None:
    doubtful = {name: content for name, content in suites.items() if not name.startswith(("parsing/n_", "parsing/y_"))}
    assert len(doubtful) > 50
    for name, content in doubtful.items():
        reading = read(content)
        if reading.refused is None:
            assert reading.rows + len(reading.reasons) == records_in(content), name
        else:
            assert "\n" not in reading.refused, name


def test_lines_are_refused_one_by_one(suites: dict[str, bytes]) -> None:
    """As JSON lines no file but an empty or undecodable one is refused: each line is a row or a bad record."""
    for name, content in suites.items():
        reading = read(content, "jsonl")
        if reading.refused is None:
            lines = (
                io.StringIO(content.decode("utf-8-sig"), newline="").read().replace("\r\n", "\n").replace("\r", "\n")
            )
            written = sum(not line.isspace() for line in lines.split("\n") if line)
            assert reading.rows + len(reading.reasons) == written, name
        else:
            assert content in (b"", b"\xef\xbb\xbf") or "decoded" in reading.refused, f"{name}: {reading.refused}"


DEEP = 10_000


@pytest.mark.parametrize("file_format", ["json", "jsonl"])
@pytest.mark.parametrize(
    "content",
    [
        "[" * DEEP + "]" * DEEP,
        '{"a":' * DEEP + "1" + "}" * DEEP,
        '[{"id": "1", "a": ' + "[" * DEEP + "]" * DEEP + "}]",
        "[" * DEEP,
        '[{"":' * DEEP,
    ],
)
def test_what_is_nested_too_deeply_says_so(content: str, file_format: str) -> None:
    reading = read(content.encode(), file_format)
    if file_format == "json":
        assert reading.refused == "it is nested too deeply to be read"
    else:
        assert reading.reasons == ["invalid_json"]


ORDERS: dict[str, Any] = {"holds": "order", "format": "json", "key": "a", "fields": {"full_name": "b"}}


def test_the_suites_land_with_every_record_accounted_for(nights: Nights, suites: dict[str, bytes]) -> None:
    written = {name: content for name, content in of_kind(suites, "y_").items() if read(content).rows}
    for name, content in written.items():
        nights.write(name.replace("parsing/", "in/"), content)
    nights.write("in/z.json", '[{"a": "k", "b": "x\\u0000y"}, {"a": "\\ud83d\\ude00"}, {"a": "k", "b": "x\\u0000y"}]')
    figures = nights.land({"orders": ORDERS | {"files": "in/*.json"}})["orders"]
    assert figures["read"] == sum(records_in(content) or 0 for content in written.values()) + 3
    verdicts = ("new", "changed", "unchanged", "duplicate", "superseded", "quarantined")
    assert figures["read"] == sum(figures[verdict] for verdict in verdicts)
    assert nights.rows("SELECT full_name FROM landing.live_record WHERE source_record_id = 'k'") == [("x\0y",)]

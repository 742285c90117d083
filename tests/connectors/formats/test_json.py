from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats import json_document
from connectors.formats.batch import MAX_COLUMNS, EmptyFile, UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.formats.conftest import ReadBytes

TEXT = st.text(max_size=8)
SCALAR = st.one_of(st.none(), st.booleans(), st.integers(), TEXT)
NESTED = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
OBJECTS = st.lists(st.dictionaries(TEXT, NESTED, max_size=4), min_size=1, max_size=5)


def as_text(value: object) -> str | None:
    """Return what a row is expected to hold: numbers as they were written, nested values as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(numbers_as_text(value), ensure_ascii=False, separators=(",", ":"))


def numbers_as_text(value: object) -> object:
    if isinstance(value, dict):
        return {name: numbers_as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbers_as_text(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def expected(objects: list[dict[str, Any]], columns: list[str]) -> list[list[str | None]]:
    return [[as_text(row.get(column)) for column in columns] for row in objects]


@settings(max_examples=60)
@given(objects=OBJECTS, ascii_only=st.booleans())
def test_objects_on_lines_are_read(read_bytes: ReadBytes, objects: list[dict[str, Any]], *, ascii_only: bool) -> None:
    text = "\n\n".join(json.dumps(row, ensure_ascii=ascii_only) for row in objects)
    found = read_bytes(text.encode(), "jsonl")
    assert found.values() == expected(objects, found.columns)
    assert found.lines == [2 * place + 1 for place in range(len(objects))]


@settings(max_examples=60)
@given(objects=OBJECTS, read_at_least=st.integers(1, 30), indent=st.sampled_from([None, 2]))
def test_an_array_is_read_whatever_is_read_at_once(
    read_bytes: ReadBytes, objects: list[dict[str, Any]], read_at_least: int, indent: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_document, "_READ_AT_LEAST", read_at_least)
        patch.setattr(json_document, "ROWS_PER_BATCH", 2)
        found = read_bytes(json.dumps(objects, indent=indent).encode(), "json")
    assert found.values() == expected(objects, found.columns)
    assert found.lines == list(range(1, len(objects) + 1))


def test_numbers_keep_their_digits(read_bytes: ReadBytes) -> None:
    line = b'{"a": 1.10, "b": 12345678901234567890123, "c": -0, "d": 1E5, "e": [0.10], "f": 0.1}'
    assert read_bytes(line, "jsonl").values() == [["1.10", "12345678901234567890123", "-0", "1E5", '["0.10"]', "0.1"]]


@pytest.mark.parametrize(
    ("line", "reason", "detail", "fields"),
    [
        ('{"id": "1", "a": 1, "a": 2}', "ambiguous_json", "the key 'a' is given more than once", {"id": "1"}),
        ('{"id": "1", "id": "2"}', "ambiguous_json", "the key 'id' is given more than once", {}),
        ('{"id": "1", "a": [{"b": 1, "b": 2}]}', "ambiguous_json", "the key 'b'", {"id": "1", "a": '[{"b":"2"}]'}),
        ('{"id": "1", "a": NaN}', "ambiguous_json", "NaN is no JSON number", {"id": "1", "a": "NaN"}),
        ('{"id": "1", "a": [[-Infinity]]}', "ambiguous_json", "-Infinity is no JSON number", {"id": "1"}),
        ('{"id": "1", "a": "\\ud800"}', "ambiguous_json", "half of a surrogate pair", {"id": "1"}),
        ('{"id": "1", "\\udfff": 1}', "ambiguous_json", "half of a surrogate pair", {"id": "1"}),
        ('["1"]', "not_an_object", "found a list, expected an object", {}),
        ("null", "not_an_object", "found null, expected an object", {}),
        ("17", "not_an_object", "found a text or a number, expected an object", {}),
        ("true", "not_an_object", "found true or false, expected an object", {}),
        ('{"id": "1"', "invalid_json", "Expecting ',' delimiter: column 11", {}),
        ("[" * 100_000, "invalid_json", "nested too deeply", {}),
    ],
)
def test_what_can_be_read_two_ways_is_a_bad_record(
    read_bytes: ReadBytes, line: str, reason: str, detail: str, fields: dict[str, str]
) -> None:
    found = read_bytes(f'{{"id": "0"}}\n{line}\n{{"id": "9"}}\n'.encode(), "jsonl")
    assert found.values() == [["0"], ["9"]]
    (bad,) = found.bad
    assert (bad.line, bad.reason) == (2, reason)
    assert detail in bad.detail
    assert fields.items() <= bad.fields.items()


def test_bad_elements_of_a_document_do_not_spread(read_bytes: ReadBytes) -> None:
    document = '{"data": {"rows": [{"a": 1}, {"a": {"b": NaN}}, {"a": 2, "a": 3}, 4, {"a": 5}]}}'
    found = read_bytes(document.encode(), "json", records="data.rows")
    assert found.values() == [["1"], ["5"]]
    assert [(bad.line, bad.reason) for bad in found.bad] == [
        (2, "ambiguous_json"),
        (3, "ambiguous_json"),
        (4, "not_an_object"),
    ]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "it is empty"),
        ("[1, 2", {}, "after element 2, expected ',' or ']', found ''"),
        ('[{"a": 1} {"a": 2}]', {}, "after element 1, expected ',' or ']'"),
        ('[{"a": 1}] x', {}, "something follows the end of the array"),
        ('[{"a": 1},]', {}, "element 2"),
        ("{'a': 1}", {}, "it is no JSON"),
        ('{"data": 1}', {"records": "data"}, "neither a list nor an object"),
        ('{"data": {"x": []}}', {"records": "data.rows"}, "it has no 'data.rows' (options.records); at 'rows'"),
        ("[" * 100_000, {}, "nested too deeply"),
    ],
)
def test_a_document_that_is_none_says_why(
    read_bytes: ReadBytes, content: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_bytes(content.encode(), "json", **options)
    assert message in str(error.value)


def test_no_elements_are_no_mistake(read_bytes: ReadBytes) -> None:
    assert read_bytes(b" [ ] ", "json").rows == []
    assert read_bytes(b'{"rows": []}', "json", records="rows").rows == []
    assert read_bytes(b"\n", "jsonl").rows == []
    with pytest.raises(EmptyFile):
        read_bytes(b"", "jsonl")


@pytest.mark.parametrize("file_format", ["json", "jsonl"])
def test_undecodable_bytes_stop_the_file(read_bytes: ReadBytes, file_format: str) -> None:
    with pytest.raises(UnreadableFile, match="cannot be decoded as utf-8"):
        read_bytes(b'{"a": "\xe9"}', file_format)


def test_keys_that_are_data_are_refused(read_bytes: ReadBytes) -> None:
    row = json.dumps({str(number): 1 for number in range(MAX_COLUMNS + 1)})
    with pytest.raises(UnreadableFile, match="columns, at most"):
        read_bytes(row.encode(), "jsonl")


def test_json_test_suite(read_bytes: ReadBytes, shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "bad_input.zip") as archive:
        names = [name for name in archive.namelist() if "_parsing/" in name and name.endswith(".json")]
        cases = {name: archive.read(name) for name in names}
    kinds = {name: name.rsplit("/", 1)[1][0] for name in cases}
    assert sum(kind == "n" for kind in kinds.values()) > 100
    for name, content in cases.items():
        try:
            found = read_bytes(content, "json")
            accepted = all(bad.reason != "ambiguous_json" for bad in found.bad)
        except UnreadableFile:
            accepted = False
        if kinds[name] == "n":
            assert not accepted, name
        # Keys given twice are JSON, but can be read two ways.
        elif kinds[name] == "y" and "duplicated_key" not in name:
            assert accepted, name

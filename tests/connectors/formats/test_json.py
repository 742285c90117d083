from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats import json_document, json_rows, json_text
from connectors.formats.batch import MAX_COLUMNS, EmptyFile, UnreadableFile
from connectors.formats.delimited import LONGEST_RAW
from connectors.formats.dialect import LONGEST_FIELD

if TYPE_CHECKING:
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
        patch.setattr(json_text, "READ_AT_LEAST", read_at_least)
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
        ('{"id": "1" "b"', "invalid_json", "Expecting ',' delimiter: column 12", {"id": "1"}),
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
        ('{"a": 1}\n{"a": 2}\n', {}, "where each line is an object of its own, its format is jsonl"),
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


INDENTED = """[
  {"id": "1", "a": [
    {"b": 1}
  ]},
  {"id": "2", "a": [
    {"b": }
  ]},
  {
    "id": "3"
  },
  {"id": "4" "a": 1}
]"""
LINES = '[\n{"id": "1"},\r\n{"id": "2", "n": 1, "a": "x},\n{"id": "3"}\n]'


@pytest.mark.parametrize("read_at_least", [5, 1 << 20])
@pytest.mark.parametrize(
    ("content", "good", "bad", "raw"),
    [
        (INDENTED, ["1", "3"], {2: {"id": "2"}, 4: {"id": "4"}}, '{"id": "2", "a": [\n    {"b": }\n  ]}'),
        (LINES, ["1", "3"], {2: {"id": "2", "n": "1"}}, '{"id": "2", "n": 1, "a": "x}'),
    ],
)
def test_a_broken_element_costs_itself_where_the_layout_says_where_it_ends(
    read_bytes: ReadBytes, content: str, good: list[str], bad: dict[int, dict[str, str]], raw: str, read_at_least: int
) -> None:
    for inside in (content, f'{{"before": [{{}}], "rows": {content}, "after": {{"rows": 1}}}}'):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_text, "READ_AT_LEAST", read_at_least)
            found = read_bytes(inside.encode(), "json", **({} if inside == content else {"records": "rows"}))
        assert [row["id"] for row in found.rows] == good
        assert {record.line: record.fields for record in found.bad} == bad
        assert {record.reason for record in found.bad} == {"invalid_json"}
        assert found.bad[0].raw == raw


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": "1"}, {"id": }, {"id": "3"}]',
        '[\n{"id": },\n{"id": "2"}\n]',
        '[\n{"id": "1"},\n{"id": "2"\n{"id": "3"}\n]',
        '[\n{"a": [\n{"b": 1}\n]},\n{"a": [\n{"b": },\n{"b": 2}\n]}\n]',
        '[\n{"a": 1},\n  {"a": },\n{"a": 2}\n]',
        '[\n{"id": "1"},\nnonsense,\n{"id": "3"}\n]',
    ],
)
def test_where_the_layout_does_not_say_nothing_is_taken(read_bytes: ReadBytes, content: str) -> None:
    with pytest.raises(UnreadableFile, match="it is no JSON"):
        read_bytes(content.encode(), "json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"data": {"rows": [{"a": 1}]}', "after the value of 'data', expected ',' or '}'"),
        ('{"data": {"rows": [{"a": 1}]}} {}', "something follows the end of the object; where each line is"),
        ('{"data": {"rows": [1]}, "data": {"rows": [2]}}', "it gives the key 'data' (options.records) more than once"),
        ('{"data": {"rows": [1], 5: 1}}', "expected a key in double quotes, found '5'"),
        ('{"data": {"rows" [1]}}', "after a key, expected ':'"),
        ('{"data": [1]}', "at 'rows' it has: no object"),
    ],
)
def test_all_of_a_document_is_read(read_bytes: ReadBytes, content: str, message: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_bytes(content.encode(), "json", records="data.rows")
    assert message in str(error.value)


def test_records_inside_a_document_are_read_element_by_element(read_bytes: ReadBytes) -> None:
    rows = [{"id": str(number)} for number in range(50)]
    document = {"about": {"rows": [1]}, "no": [[1], {"x": 2}], "data": {"n": 1.5, "rows": rows, "more": None}, "z": ""}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "READ_AT_LEAST", 7)
        patch.setattr(json_text, "LONGEST_VALUE", 30)
        assert len(read_bytes(json.dumps(document).encode(), "json", records="data.rows").rows) == 50
        with pytest.raises(UnreadableFile, match=r"say where with options\.records"):
            read_bytes(json.dumps(document).encode(), "json")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"id": "1", "a": 2, "b": nul}', {"id": "1", "a": "2"}),
        ('{"id": "1", "id": "2", "b": "x', {}),
        ('{"id": 12', {}),
        ('{"id": "\\ud800", "a": {"b": [1]}', {"a": '{"b":["1"]}'}),
        ('{"a\\"b": "1" "c": 2}', {'a"b': "1"}),
        ("{} {", {}),
    ],
)
def test_what_is_legible_of_a_broken_object(text: str, fields: dict[str, str]) -> None:
    assert json_rows.legible(text) == fields


def test_a_field_that_is_too_long_costs_its_record(read_bytes: ReadBytes) -> None:
    rows = [{"id": "1"}, {"id": "2", "a": "x" * (LONGEST_FIELD + 1)}, {"id": "3"}]
    for content, file_format in (
        (json.dumps(rows), "json"),
        ("\n".join(map(json.dumps, rows)), "jsonl"),
    ):
        found = read_bytes(content.encode(), file_format)
        assert [row["id"] for row in found.rows] == ["1", "3"]
        (bad,) = found.bad
        assert (bad.line, bad.reason, bad.fields["id"], bad.whole) == (2, "field_too_long", "2", False)


def test_of_a_long_broken_record_the_beginning_is_kept(read_bytes: ReadBytes) -> None:
    line = f'{{"id": "2", "a": "{"x" * (LONGEST_RAW + 1)}", "b": nul}}'
    found = read_bytes(f'{{"id": "1"}}\n{line}\n'.encode(), "jsonl")
    (bad,) = found.bad
    assert (bad.reason, bad.raw, bad.whole) == ("invalid_json", line[:LONGEST_RAW], False)
    assert bad.fields == {"id": "2", "a": None}

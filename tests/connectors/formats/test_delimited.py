from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.formats import delimited, text_lines
from connectors.formats.batch import EmptyFile, UnreadableFile
from connectors.formats.dialect import LONGEST_FIELD, dialect_of
from connectors.formats.plain_rows import plain_table
from warehouse.settings.sources import FormatOptions

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.formats.conftest import ReadBytes

# What exports trip over: marks of the dialect itself, line ends, a NUL, wide characters, half-blank cells.
AWKWARD = st.text(st.sampled_from(list("ab01 ,;\t|\"'\\\n\r\x00é€𝄞\ufeffN")), max_size=6)
NAMES = ("id", "name", "note")


def written(rows: list[list[str]], dialect: dict[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, **dialect)
    writer.writerow(NAMES)
    writer.writerows(rows)
    return out.getvalue()


@settings(max_examples=60)
@given(
    rows=st.lists(st.lists(AWKWARD, min_size=3, max_size=3), max_size=5),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32-le", "gb18030"]),
)
def test_what_was_written_is_read(
    read_bytes: ReadBytes, rows: list[list[str]], delimiter: str, end: str, encoding: str
) -> None:
    text = written(rows, {"delimiter": delimiter, "lineterminator": end})
    found = read_bytes(text.encode(encoding), delimiter=delimiter, encoding=encoding)
    assert found.values() == rows
    assert found.bad == []


@settings(max_examples=60)
@given(rows=st.lists(st.lists(AWKWARD, min_size=3, max_size=3), min_size=1, max_size=5))
def test_backslashes_escape_where_they_are_declared(read_bytes: ReadBytes, rows: list[list[str]]) -> None:
    text = written(rows, {"doublequote": False, "escapechar": "\\", "lineterminator": "\n"})
    assert read_bytes(text.encode(), escape="\\").values() == rows


@settings(max_examples=200)
@given(st.text(st.sampled_from(list('ab1,"\n\r\\ ')), max_size=60))
def test_every_line_is_accounted_for(read_bytes: ReadBytes, text: str) -> None:
    content = f"id,name\n{text}"
    found = read_bytes(content.encode())
    lines = list(io.StringIO(content, newline=""))
    starts = {*found.lines, *(bad.line for bad in found.bad)}
    assert len(starts) == len(found.lines) + len(found.bad), "two records start on one line"
    inside_quotes = 0
    for number, line in enumerate(lines[1:], 2):
        if number not in starts and line.strip("\r\n"):
            inside_quotes += 1
    kept = "".join("".join(map(str, row)) for row in found.values()) + "".join(bad.raw for bad in found.bad)
    assert all(text.count(letter) == kept.count(letter) for letter in "ab1"), "characters were lost or doubled"
    assert inside_quotes == 0 or '"' in text


@settings(max_examples=150)
@given(
    text=st.text(st.sampled_from(list('ab1,;"\n\r\\ é\x00\ufeff')), max_size=80),
    block_bytes=st.integers(1, 12),
)
def test_blocks_and_the_fast_way_change_nothing(read_bytes: ReadBytes, text: str, block_bytes: int) -> None:
    content = f"id,name\n{text}".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "plain_table", lambda *_: None)
        slow = read_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_lines, "BLOCK_BYTES", block_bytes)
        blocks = read_bytes(content)
    assert read_bytes(content) == slow == blocks


@pytest.mark.parametrize(
    ("lines", "is_fast"),
    [
        (["1,a\n", "2,b\r\n", "3,c\r", "4,é"], True),
        (['1,"a"\n'], True),
        (['"1","a,""b"\r\n', '"","c\n', 'd"\n', '"""",""'], True),
        (['1,"a\n'], False),
        (['1,"a" \n'], False),
        (['1, "a"\n'], False),
        (['1,a""\n'], False),
        (['"1"a,""\n'], False),
        (["1,a\n", "\n"], False),
        (["1,a,b\n"], False),
        (["1\n"], False),
        (["\ufeff1,a\n"], False),
        (["1," + "a" * (LONGEST_FIELD + 1)], False),
    ],
)
def test_the_fast_way_takes_what_is_plain(lines: list[str], is_fast: bool) -> None:
    table = plain_table("".join(lines), len(lines), dialect_of(FormatOptions(), "options"), 2)
    assert (table is not None) == is_fast
    if table is not None:
        assert table[0].num_rows == len(table[1])


def test_lines_are_where_a_record_starts(read_bytes: ReadBytes) -> None:
    found = read_bytes(b'id,name\r\n1,"two\r\nlines"\r\r\n2,b\n\n3,c')
    assert list(zip(found.values(), found.lines, strict=True)) == [
        (["1", "two\r\nlines"], 2),
        (["2", "b"], 5),
        (["3", "c"], 7),
    ]


@pytest.mark.parametrize(
    ("broken", "reason", "detail", "key"),
    [
        ("3,4,5", "ragged_row", "3 fields, expected 2", "3"),
        ("3", "ragged_row", "1 fields, expected 2", "3"),
        ('3,"d', "bad_quote", "a quote is opened and never closed", "3"),
        ('3,"d"e', "bad_quote", "a quote stands where none can be", "3"),
        ('"3"x,d', "bad_quote", "a quote stands where none can be", "3x"),
    ],
)
def test_a_malformed_record_costs_itself_alone(
    read_bytes: ReadBytes, broken: str, reason: str, detail: str, key: str
) -> None:
    found = read_bytes(f"id,name\n1,a\n{broken}\n4,b\n5,c\n".encode())
    assert found.values() == [["1", "a"], ["4", "b"], ["5", "c"]]
    (bad,) = found.bad
    assert (bad.line, bad.reason, bad.raw, bad.fields["id"]) == (3, reason, broken, key)
    assert detail in bad.detail


def test_a_quote_closed_by_a_later_record_costs_one_line(read_bytes: ReadBytes) -> None:
    found = read_bytes(b'id,name\n1,"a\n2,b\n3,"c"\n4,d\n')
    assert found.values() == [["2", "b"], ["3", "c"], ["4", "d"]]
    assert [bad.line for bad in found.bad] == [2]


def test_many_broken_quotes_are_no_hang(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 25_000)
    found = read_bytes(b"id,name\n" + b'1,"a\n' * 12_001 + b"2,b\n")
    assert len(found.bad) + len(found.rows) == 12_002


def test_a_field_without_end_is_cut_off(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", 4000)
    before = csv.field_size_limit(5_000)
    try:
        found = read_bytes(b'id,name\n1,"open\n' + b"2,b\n" * 5_000)
    finally:
        csv.field_size_limit(before)
    assert [(bad.line, "without end" in bad.detail) for bad in found.bad] == [(2, True)]
    assert len(found.rows) == 5_000


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (b'a||b\n1||"x||y"\n', {"delimiter": "||"}, ["1", "x||y"]),
        (b"a\tb\n1\t2\n", {"delimiter": "\\t"}, ["1", "2"]),
        (b'a,b\n"1,2"\n', {"quote": ""}, ['"1', '2"']),
        (b"a,b\n'1,2','it''s \"'\n", {"quote": "'"}, ["1,2", "it's \""]),
        ("a§b\n1§2\n".encode(), {"delimiter": "§"}, ["1", "2"]),
        (b"# made by hand\n\na,b\n1,2\n", {"skip_rows": 1}, ["1", "2"]),
        (b"a,b\n1,2\nTotal,1\n\n\n", {"skip_footer": 1}, ["1", "2"]),
        (b"1,2\n", {"header": False}, ["1", "2"]),
        (b"a,b\n1,2\n", {"columns": ("x", "y")}, ["1", "2"]),
        (b"a,b\n1,2\n", {"columns": ("x", "y"), "header": False, "skip_rows": 1}, ["1", "2"]),
        (b'a,b\nC:\\new,"say ""a"" \\"b\\" \\\\n"\n', {"escape": "\\"}, ["C:\\new", 'say "a" "b" \\n']),
        (b"a b\n1 'it''s'\n", {"delimiter": " ", "quote": "'", "escape": '"'}, ["1", "it's"]),
        (b"a,b\n3\" x,'it\"'s'\n", {"quote": "'", "escape": '"'}, ['3" x', "it's"]),
        (
            b"a\tb\n\\N\tx\\\ty\\N\n",
            {"delimiter": "\t", "quote": "", "escape": "\\", "nulls": ("\\N",)},
            ["\\N", "x\ty\\N"],
        ),
    ],
)
def test_declared_dialects(read_bytes: ReadBytes, content: bytes, options: dict[str, Any], expected: list[str]) -> None:
    assert read_bytes(content, **options).values() == [expected]


def test_a_footer_may_be_all_there_is(read_bytes: ReadBytes) -> None:
    with pytest.raises(EmptyFile):
        read_bytes(b"a,b\n", skip_footer=5)


def test_names_of_columns_are_kept(read_bytes: ReadBytes) -> None:
    found = read_bytes('\ufeffName,name, name,"na,me",,"select"\n1,2,3,4,5,6\n'.encode())
    assert found.columns == ["Name", "name", " name", "na,me", "column_5", "select"]


def test_space_around_names_is_none_of_them_unless_it_tells_them_apart(read_bytes: ReadBytes) -> None:
    found = read_bytes("id , name,\xa0city, \n1, a ,b,c\n".encode())
    assert found.columns == ["id", "name", "city", "column_4"]
    assert found.values() == [["1", " a ", "b", "c"]]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_header_within_the_file_is_no_record(read_bytes: ReadBytes, quoted: bool) -> None:
    mark = '"' if quoted else ""
    content = f"id,name,city\n1,a,b\n\ufeffid,name,city\n2,{mark}c{mark},d\nname,city,id\ne,f,3\nid,name,city\n4,g,h\n"
    found = read_bytes(content.encode())
    assert found.values() == [["1", "a", "b"], ["2", "c", "d"], ["3", "e", "f"], ["4", "g", "h"]]
    assert found.lines == [2, 4, 6, 8]
    assert [(bad.line, bad.reason) for bad in found.bad] == [(line, "repeated_header") for line in (3, 5, 7)]
    assert ["another order" in bad.detail for bad in found.bad] == [False, True, True]
    assert not any(bad.fields for bad in found.bad), "a header has no key"


@pytest.mark.parametrize("block_bytes", [8, 8_000])
def test_the_order_of_a_header_lasts_over_blocks(
    read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block_bytes)
    found = read_bytes(b"id,name\n1,a\nname,id\n" + b"b,2\n" * 9)
    assert found.values() == [["1", "a"], *[["2", "b"]] * 9]


@pytest.mark.parametrize(
    ("content", "expected", "bad"),
    [
        ("id,name\n1,a,\n2,b,\n3,,\n", [["1", "a"], ["2", "b"], ["3", ""]], []),
        ('id,name\n1,"a",,\n2,b,,\n3\n4,d,e\n', [["1", "a"], ["2", "b"]], [4, 5]),
        ("id,name,,\n1,a\n2,b\n", [["1", "a", "", ""], ["2", "b", "", ""]], []),
        ("id,name\n1,a,\n2,b\n3,c,\n", [["2", "b"]], [2, 4]),
        ("id,name\n1,a,\n", [], [2]),
        ("id,name\n1,a,x\n2,b,\n", [], [2, 3]),
        ("id,name,city\n1,a\n2,b\n", [], [2, 3]),
    ],
)
def test_fields_too_many_or_too_few_are_borne_where_nothing_can_be_in_them(
    read_bytes: ReadBytes, content: str, expected: list[list[str]], bad: list[int]
) -> None:
    found = read_bytes(content.encode())
    assert found.values() == expected
    assert [(record.line, record.reason) for record in found.bad] == [(line, "ragged_row") for line in bad]


def test_what_a_quote_swallowed_is_read_on_its_own(read_bytes: ReadBytes) -> None:
    found = read_bytes(b'id,name,city\n1,"a,b\n2,c,d\n3,e",f\n4,"two\nlines, here",g\n')
    assert found.values() == [["2", "c", "d"], ["3", 'e"', "f"], ["4", "two\nlines, here", "g"]]
    assert [(bad.line, bad.reason) for bad in found.bad] == [(2, "bad_quote")]


def test_a_long_text_is_kept_in_part(read_bytes: ReadBytes) -> None:
    (bad,) = read_bytes(b"id,name\n1,a," + b"x" * 100_000 + b"\n").bad
    assert len(bad.raw) == delimited.LONGEST_RAW
    assert "of its 100,004 characters the first 65,536 are kept here" in bad.detail


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("id,naïve\n1,é€\n".encode("utf-16-be"), "utf-16"),
        ("id,naïve\n1,é€\n".encode("utf-16-le"), "UTF-16"),
        ("id,naïve\n1,é€\n".encode("utf-32-be"), "utf_32"),
        ("id,naïve\n1,é€\n".encode("utf-32-le"), "utf-32"),
        ("\ufeffid,naïve\n1,é€\n".encode("utf-16-be"), "utf-16-be"),
        ("id,naïve\n1,é€\n".encode("cp1252"), "cp1252"),
        ("id,naïve\n1,é€\n".encode("iso8859-15"), "iso8859-15"),
        ("id,naïve\n1,é€\n".encode("utf-7"), "utf-7"),
        ("id,naïve\n1,é€\n".encode("cp1140"), "cp1140"),
    ],
)
@pytest.mark.parametrize("block_bytes", [4, 1_000_000])
def test_encodings(
    read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch, content: bytes, encoding: str, block_bytes: int
) -> None:
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", block_bytes)
    found = read_bytes(content, encoding=encoding)
    assert (found.columns, found.values()) == (["id", "naïve"], [["1", "é€"]])


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "it is empty"),
        (b"\xef\xbb\xbf", {}, "it is empty"),
        (b"\n\n", {}, "it is empty"),
        (b"a,a,b\n", {}, "names 'a' more than once"),
        (b'a,"b\n1,2\n', {}, "line 1: its header cannot be read"),
        (b"a,b\n1,2\n", {"columns": ("x",)}, "its header has 2 columns, options.columns names 1"),
        ("a,b\n1,2\n3,José\n".encode("cp1252"), {}, "line 3 cannot be decoded as utf-8 (bytes e9"),
        (b"a,b\n1,\x81\n", {"encoding": "cp1252"}, "line 2 cannot be decoded as cp1252"),
        (b"a,b\n1,+2AA-\n", {"encoding": "utf-7"}, "line 2 cannot be decoded as utf-7"),
        (
            "\ufeffa,b\n".encode("utf-16-le"),
            {},
            "line 1 cannot be decoded as utf-8: the file begins with",
        ),
        ("\ufeffa,b\n".encode(), {"encoding": "latin-1"}, "set options.encoding to utf-8"),
        ("a,b\n".encode("utf-16-le")[:-1], {"encoding": "utf-16"}, "line 1 cannot be decoded as utf-16"),
        (b"a||b\n1||\xef\xb7\x90\n", {"delimiter": "||"}, "it holds U+FDD0"),
        (b"PK\x03\x04....", {}, "it is a zip archive or a workbook"),
        (",".join(map(str, range(5000))).encode(), {}, "it has 5000 columns, at most 4096"),
    ],
)
def test_a_file_that_is_none_says_why(
    read_bytes: ReadBytes, content: bytes, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_bytes(content, **options)
    assert message in str(error.value)


def test_csv_spectrum(read_bytes: ReadBytes, shared_data: Path) -> None:
    with zipfile.ZipFile(shared_data / "bad_input.zip") as archive:
        names = [name for name in archive.namelist() if "spectrum" in name and name.endswith(".csv")]
        assert names
        for name in names:
            expected_name = name.replace("/csvs/", "/json/").replace(".csv", ".json")
            expected = json.loads(archive.read(expected_name))
            found = read_bytes(archive.read(name))
            assert [dict(row) for row in found.rows] == expected, name
            assert found.bad == []

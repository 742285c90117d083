from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from python_calamine import load_workbook

from connectors.formats import find_format, sheet_rows, workbook, xlsx
from connectors.formats.batch import EmptyFile, UnfinishedFile, UnreadableFile
from tests.connectors.formats.workbooks import text_rows
from tests.connectors.formats.workbooks import workbook as written
from warehouse.settings.sources import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.connectors.formats.conftest import Found, ReadBytes

NOON = datetime(2024, 1, 31, 12, 0)  # noqa: DTZ001 - a workbook knows no zone


def book(**sheets: Iterable[Sequence[object]]) -> openpyxl.Workbook:
    found = openpyxl.Workbook()
    found.remove(found.worksheets[0])
    for name, rows in sheets.items():
        sheet = found.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return found


def packed(found: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


def read_sheet(read_bytes: ReadBytes, *rows: Sequence[object], **options: object) -> Found:
    return read_bytes(packed(book(Sheet1=rows)), "xlsx", **options)


def numbers(read_bytes: ReadBytes, *cells: tuple[str, str], from_1904: bool = False) -> list[str | None]:
    """Return what numbers are read as, each written as given in a number format."""
    codes = [code for _, code in cells]
    rows = "".join(f'<row><c s="{place}"><v>{raw}</v></c></row>' for place, (raw, _) in enumerate(cells, 1))
    content = written(
        {"s": f'<row><c t="inlineStr"><is><t>v</t></is></c></row>{rows}'},
        styles=codes,
        properties='date1904="1"' if from_1904 else "",
    )
    return [row["v"] for row in read_bytes(content, "xlsx").rows]


@pytest.mark.parametrize(
    ("raw", "code", "expected"),
    [
        ("7", "General", "7"),
        ("7.0", "General", "7"),
        ("-0", "General", "0"),
        ("12.5", '"$"#,##0.00', "12.5"),
        ("12.50", "0.00", "12.5"),
        ("0.125", "0%", "0.125"),
        ("4.0199999999999996", "General", "4.02"),
        ("12.500000000000002", "General", "12.5"),
        ("0.30000000000000004", "General", "0.3"),
        ("-1234567.8899999999", "General", "-1234567.89"),
        ("1E+20", "General", "100000000000000000000"),
        ("1.5E-7", "General", "0.00000015"),
        ("1234567890123456789", "General", "1234567890123456789"),
        ("1.2345678901234567E+18", "0", "1234567890123456700"),
        ("1E+999999999", "General", "1E+999999999"),
        ("2134", "00000", "02134"),
        ("-7", "00000", "-7"),
        ("21340001", r"00000\-0000", "021340001"),
        ("1234567", "000-00-0000", "001234567"),
        ("7.5", "00", "7.5"),
        ("7", "00.00", "7"),
        ("45322", "yyyy-mm-dd", "2024-01-31"),
        ("45322", "m/d/yy h:mm", "2024-01-31 00:00:00"),
        ("45322.5", "m/d/yyyy", "2024-01-31 12:00:00"),
        ("45322.572916666664", "yyyy-mm-dd hh:mm:ss", "2024-01-31 13:45:00"),
        ("45322.000001423612", "yyyy-mm-dd hh:mm:ss.000", "2024-01-31 00:00:00.123"),
        ("45322", "mmm-yy", "2024-01-31"),
        ("45322", r"[$-409]d\-mmm\-yy;@", "2024-01-31"),
        ("45322", "[Red]dd.mm.yyyy", "2024-01-31"),
        ("45322", '0.00 "days"', "45322"),
        ("45322", r"0\d", "45322"),
        ("1", "yyyy-mm-dd", "1900-01-01"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("60", "yyyy-mm-dd", "1900-02-29"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
        ("2958465", "yyyy-mm-dd", "9999-12-31"),
        ("2958466", "yyyy-mm-dd", "2958466"),
        ("-1", "yyyy-mm-dd", "-1"),
        ("0.5", "hh:mm", "12:00:00"),
        ("0.5", "h:mm AM/PM", "12:00:00"),
        ("45322.5", "hh:mm", "2024-01-31 12:00:00"),
        ("1.2534722222222223", "[h]:mm:ss", "30:05:00"),
        ("-0.5", "[h]:mm", "-12:00:00"),
        ("nonsense", "yyyy-mm-dd", "nonsense"),
        ("nonsense", "General", "nonsense"),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(read_bytes: ReadBytes, raw: str, code: str, expected: str) -> None:
    assert numbers(read_bytes, (raw, code)) == [expected]


def test_days_are_counted_from_1904_where_the_workbook_says_so(read_bytes: ReadBytes) -> None:
    cells = [("0", "yyyy-mm-dd"), ("43860", "yyyy-mm-dd"), ("0.5", "hh:mm"), ("0.5", "yyyy-mm-dd hh:mm")]
    found = numbers(read_bytes, *cells, from_1904=True)
    assert found == ["1904-01-01", "2024-01-31", "12:00:00", "1904-01-01 12:00:00"]


@pytest.mark.parametrize("from_1904", [False, True])
def test_values_of_a_spreadsheet_program_are_read(read_bytes: ReadBytes, *, from_1904: bool) -> None:
    found = book(s=[["v"], [date(2024, 1, 31)], [NOON], [time(1, 2, 3)], [timedelta(hours=30)], [True], ["007"]])
    if from_1904:
        found.epoch = CALENDAR_MAC_1904
    rows = read_bytes(packed(found), "xlsx").rows
    values = ["2024-01-31", "2024-01-31 12:00:00", "01:02:03", "30:00:00", "true", "007"]
    assert [row["v"] for row in rows] == values


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=6)
    .map(lambda text: text.removeprefix("="))
    .filter(bool),
    st.dates(date(1900, 3, 1)),
    st.datetimes(datetime(1904, 1, 2), datetime(9999, 12, 31)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
)


def as_text(value: Any) -> str | None:  # noqa: ANN401 - any cell that calamine reads
    """Return a cell of calamine as text by the rules of this format."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format(int(value)) if value.is_integer() else format(value, "f") if abs(value) < 1e-4 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return None if value == "" else str(value)


@settings(max_examples=60)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=4))
def test_it_reads_what_calamine_reads(read_bytes: ReadBytes, rows: list[list[object]]) -> None:
    content = packed(book(Sheet1=[["a", "b", "c"], *rows]))
    expected = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)[1:]
    texts = [[as_text(value) for value in [*row, "", "", ""][:3]] for row in expected]
    found = read_bytes(content, "xlsx").values()
    dates = [[None if text is None else text.removesuffix(" 00:00:00") for text in row] for row in found]
    assert dates == [
        [None if text is None else text.removesuffix(" 00:00:00") for text in row] for row in texts if any(row)
    ]


def test_text_stays_as_it_is(read_bytes: ReadBytes) -> None:
    values = ["  x ", "a\nb", "00123", "1e5", "=1+1", "_x0041_", "x\x01\x00\r", "#N/A", "🙂", "_x000D", "<&>"]
    content = written({"s": text_rows(["v"], [{"v": value} for value in values])})
    assert [row["v"] for row in read_bytes(content, "xlsx").rows] == values


def test_runs_of_a_text_are_one_text_without_phonetic_hints(read_bytes: ReadBytes) -> None:
    cell = "<c t='inlineStr'><is><r><t>東</t></r><r><t>京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></is></c>"
    content = written({"s": f"{text_rows(['v'], [])}<row>{cell}</row>"})
    assert read_bytes(content, "xlsx").values() == [["東京"]]


def test_errors_and_results_of_formulas_are_their_text(read_bytes: ReadBytes) -> None:
    cells = ["<c t='e'><v>#N/A</v></c>", "<c><f>1+1</f><v>2</v></c>", "<c t='str'><f>x</f><v></v></c>"]
    content = written({"s": f"{text_rows(['a', 'b', 'c'], [])}<row>{''.join(cells)}</row>"})
    assert read_bytes(content, "xlsx").values() == [["#N/A", "2", ""]]


def test_a_formula_without_its_result_is_a_bad_record(read_bytes: ReadBytes) -> None:
    found = read_sheet(read_bytes, ["id", "total"], ["1", 5], ["2", "=B2*2"], ["3", 7])
    assert found.values() == [["1", "5"], ["3", "7"]]
    (bad,) = found.bad
    assert (bad.line, bad.reason, bad.fields) == (3, "no_result", {"id": "2", "total": None})
    assert "B3 has the formula =B2*2 without its result" in bad.detail


def test_empty_rows_and_columns_around_a_table_are_none_of_it(read_bytes: ReadBytes) -> None:
    rows = [[], [], [None, None, "id", "name"], [None, None, "1", "a"], [], [None, None, None, "b"]]
    found = read_sheet(read_bytes, *rows)
    assert (found.columns, found.values(), found.lines) == (["id", "name"], [["1", "a"], [None, "b"]], [4, 6])


def test_a_value_without_a_name_above_it_has_the_letter_of_its_column(read_bytes: ReadBytes) -> None:
    found = read_sheet(read_bytes, ["id", None, "name"], ["1", None, "a"], ["2", "x", "b", None, "note"])
    assert found.columns == ["id", "name", "column_B", "column_E"]
    assert found.values() == [["1", "a", None, None], ["2", "b", "x", "note"]]


def test_space_around_a_name_is_not_part_of_it_unless_it_tells_two_apart(read_bytes: ReadBytes) -> None:
    found = read_sheet(read_bytes, [" id", "name\n", " "], ["1", "a", "b"])
    assert found.columns == ["id", "name", "column_C"]
    assert read_sheet(read_bytes, ["id", "id "], ["1", "2"]).columns == ["id", "id "]


def test_what_the_options_leave_out(read_bytes: ReadBytes) -> None:
    rows = [["Report"], ["id", "v"], ["1", "a"], ["2", "b"], [], ["Total", "2"], []]
    found = read_sheet(read_bytes, *rows, skip_rows=1, skip_footer=1)
    assert (found.values(), found.lines) == ([["1", "a"], ["2", "b"]], [3, 4])
    found = read_sheet(read_bytes, *rows, skip_rows=1, skip_footer=1, columns=["key", "value"])
    assert found.columns == ["key", "value"]
    found = read_sheet(read_bytes, *rows[2:4], header=False, columns=["key", "value"])
    assert (found.columns, found.values()) == (["key", "value"], [["1", "a"], ["2", "b"]])
    with pytest.raises(UnreadableFile, match=r"header has 2 columns, options\.columns names 3"):
        read_sheet(read_bytes, *rows, skip_rows=1, columns=["a", "b", "c"])
    with pytest.raises(UnreadableFile, match="names 'id' more than once"):
        read_sheet(read_bytes, ["id", "id"], ["1", "2"])


def test_merged_cells_count_for_every_row_they_cover(read_bytes: ReadBytes) -> None:
    found = book(s=[["id", "name", "item"], ["1", "Ann", "x"], [None, None, "y"], [None, None, None], ["2", "Bo", "z"]])
    for place in ("A2:A4", "B2:B4", "B5:C5"):
        found.worksheets[0].merge_cells(place)
    rows = read_bytes(packed(found), "xlsx")
    assert rows.values() == [["1", "Ann", "x"], ["1", "Ann", "y"], ["2", "Bo", None]]
    assert rows.lines == [2, 3, 5]


def test_hidden_rows_columns_and_sheets_are_read(read_bytes: ReadBytes) -> None:
    found = book(a=[["id", "v"], ["1", "x"]], b=[["id", "v"], ["2", "y"]])
    found.worksheets[0].row_dimensions[2].hidden = True
    found.worksheets[0].column_dimensions["B"].hidden = True
    found.worksheets[1].sheet_state = "hidden"
    assert read_bytes(packed(found), "xlsx", key="id").values() == [["1", "x"], ["2", "y"]]


SHEETS = {
    "Notes": [["About"], ["made by hand"]],
    "2023": [["id", "name"], ["1", "a"]],
    "Empty": [],
    "2024": [["name", "id"], ["b", "2"], ["c", "3"]],
}


def test_the_sheets_that_hold_the_key_are_read_and_the_others_told(read_bytes: ReadBytes) -> None:
    content = packed(book(**SHEETS))
    found = read_bytes(content, "xlsx", key="id")
    assert [(row["id"], row["name"]) for row in found.rows] == [("1", "a"), ("2", "b"), ("3", "c")]
    assert found.lines == [2, xlsx.LINES_OF_A_SHEET + 2, xlsx.LINES_OF_A_SHEET + 3]
    assert found.note == "sheet 'Notes'"
    hashed = read_bytes(content, "xlsx", key={"hash": ["name", "id"]})
    assert len(hashed.rows) == 3


def test_sheets_that_are_named_are_read_in_that_order(read_bytes: ReadBytes) -> None:
    content = packed(book(**SHEETS))
    found = read_bytes(content, "xlsx", key="id", sheets=["2024", "2023"])
    assert [row["id"] for row in found.rows] == ["2", "3", "1"]
    assert read_bytes(content, "xlsx", key="id", sheets="2023").note.count("sheet ") == 2
    with pytest.raises(UnreadableFile, match=r"no sheet '2025' \(options.sheets\); it has: 'Notes', '2023', 'Empty'"):
        read_bytes(content, "xlsx", sheets=["2025"])


def test_no_sheet_with_the_key_is_told_with_what_there_is(read_bytes: ReadBytes) -> None:
    with pytest.raises(UnreadableFile, match=r"key 'no'.*'Notes' \(About\); sheet '2023' \(id, name\)"):
        read_bytes(packed(book(**SHEETS)), "xlsx", key="no")


def test_a_sheet_without_rows_still_tells_the_columns(read_bytes: ReadBytes) -> None:
    found = read_sheet(read_bytes, ["id", "v"])
    assert (found.columns, found.rows) == (["id", "v"], [])


def test_an_unpacked_stream_is_read() -> None:
    content = gzip.compress(packed(book(s=[["id"], ["1"]])))
    stream: Any = gzip.GzipFile(fileobj=io.BytesIO(content))
    known = find_format("xlsx")
    assert known is not None
    source = SourceSettings(holds="order", files="x", format="xlsx")
    assert sum(batch.rows.num_rows for batch in known.read(stream, source)) == 1


def replaced(content: bytes, part: str, new: str | bytes) -> bytes:
    """Return a workbook with other content in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as package:
        for name in old.namelist():
            package.writestr(name, new if name == part else old.read(name))
    return out.getvalue()


PLAIN = packed(book(s=[["id"], ["1"]]))
DAMAGED = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (replaced(PLAIN, "xl/workbook.xml", "<document/>"), "it has no sheet of rows"),
        (b"id,name\n1,a\n", "it is no workbook (its first bytes are 69 64 2c 6e"),
        (PLAIN[:-200], "it is no workbook, or is cut off"),
        (packed(book(s=[])), "none of its sheets holds anything"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "the old kind .xls: save it as .xlsx"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "it is protected by a password",
        ),
        (replaced(PLAIN, "xl/worksheets/sheet1.xml", DAMAGED), "declares a document type"),
        (replaced(PLAIN, "xl/worksheets/sheet1.xml", "<worksheet><row>"), "a part of the workbook is damaged"),
        (replaced(PLAIN, "_rels/.rels", "<Relationships/>"), "no workbook of the kind .xlsx, but another zip file"),
        (written({"s": "<row r='2'><c r='?1'/></row>"}), "which is no cell"),
        (written({"s": "<row r='2'/><row r='1'/>"}), "row 1 follows row 2"),
        (written({"s": "<row r='1048577'/>"}), "row 1048577 follows row 0"),
        (written({"s": "<row><c r='A1'><v>1</v></c><c r='A1'><v>1</v></c></row>"}), "one cell twice"),
        (written({"s": "<row><c t='s'><v>5</v></c></row>"}), "refers to a text '5' that is not there"),
        (written({"s": "<row><c r='XFE1'/></row>"}), "beyond column 16384"),
    ],
)
def test_what_is_no_workbook_says_why(read_bytes: ReadBytes, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_bytes(content, "xlsx", key="id")
    assert message in str(error.value)


def test_a_workbook_that_is_cut_off_may_be_whole_later(read_bytes: ReadBytes) -> None:
    with pytest.raises(UnfinishedFile):
        read_bytes(PLAIN[:-200], "xlsx")


def test_nothing_that_holds_anything_is_no_file(read_bytes: ReadBytes) -> None:
    with pytest.raises(EmptyFile):
        read_bytes(packed(book(s=[])), "xlsx")


def test_a_bomb_is_refused_by_its_sizes(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    content = replaced_packed(PLAIN, "xl/worksheets/sheet1.xml", b" " * 80_000_000)
    with pytest.raises(UnreadableFile, match="a zip bomb"):
        read_bytes(content, "xlsx")
    monkeypatch.setattr(workbook, "LARGEST_WORKBOOK", 1000)
    with pytest.raises(UnreadableFile, match="at most 1000 are read"):
        read_bytes(PLAIN, "xlsx")
    monkeypatch.setattr(workbook, "MOST_PARTS", 2)
    with pytest.raises(UnreadableFile, match="parts, at most 2 are read"):
        read_bytes(PLAIN, "xlsx")


def replaced_packed(content: bytes, part: str, new: bytes) -> bytes:
    """Return a workbook with other content in one of its parts, packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in old.namelist():
            package.writestr(name, new if name == part else old.read(name))
    return out.getvalue()


def test_two_cells_far_apart_cost_two_cells(read_bytes: ReadBytes) -> None:
    found = read_bytes(
        written({"s": f"{text_rows(['id'], [])}<row r='1048576'><c r='XFD1048576'><v>2</v></c></row>"}), "xlsx"
    )
    assert found.rows == [{"id": None, "column_XFD": "2"}]
    assert found.lines == [sheet_rows.MOST_ROWS]


def test_elements_may_have_a_prefix(read_bytes: ReadBytes) -> None:
    rows = '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    content = replaced(PLAIN, "xl/worksheets/sheet1.xml", rows)
    assert read_bytes(content, "xlsx").columns == ["5"]

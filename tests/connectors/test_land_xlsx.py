from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from connectors.preview import preview
from warehouse.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.connectors.conftest import Nights

ACCOUNTS: dict[str, Any] = {
    "holds": "account",
    "files": "crm.xlsx",
    "format": "xlsx",
    "key": "No",
    "fields": {"full_name": "Name", "birth_date": "Born", "postal_code": "Zip"},
    "activity": {"at": "Opened", "amount": "Balance"},
}
OPENED = datetime(2024, 2, 29, 13, 45)  # noqa: DTZ001 - a workbook knows no zone


def crm(**sheets: Iterable[Sequence[object]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


HEADER = ["No", "Name", "Born", "Zip", "Opened", "Balance"]
NORTH: list[Sequence[object]] = [
    HEADER,
    [7, "Ann", date(1980, 1, 31), "02134", OPENED, 12.5],
    [8, "Bo", None, None, None, "a lot"],
]
SOUTH: list[Sequence[object]] = [HEADER, ["007", "Cy", date(1900, 1, 1), None, date(2024, 3, 1), 1e20]]


def test_a_workbook_lands_typed(nights: Nights) -> None:
    nights.write("crm.xlsx", crm(North=NORTH, Notes=[["To do"], ["call Ann"]], South=SOUTH))
    figures = nights.land({"crm": ACCOUNTS})["crm"]
    assert figures["not_read"] == "crm.xlsx: sheet 'Notes'"
    assert preview(nights.settings({"crm": ACCOUNTS}), nights.workspace, "crm").not_read == "sheet 'Notes'"
    assert {name: figures[name] for name in ("read", "new", "quarantined")} == {"read": 3, "new": 1, "quarantined": 2}
    columns = ("source_record_id", "birth_date", "postal_code", "at", "amount")
    assert nights.live(*columns) == [("7", date(1980, 1, 31), "02134", OPENED, Decimal("12.5"))]
    assert nights.quarantine() == [(3, "8", "bad_number"), (10_000_002, "007", "bad_number")]


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M:%S", None])
def test_times_are_read_with_and_without_a_format(nights: Nights, pattern: str | None) -> None:
    nights.write("crm.xlsx", crm(North=NORTH[:2]))
    opened: Any = "Opened" if pattern is None else {"column": "Opened", "format": pattern}
    nights.land({"crm": ACCOUNTS | {"activity": {"at": opened}}})
    assert nights.live("at") == [(OPENED,)]


def test_a_date_is_read_as_such_whatever_format_texts_have(nights: Nights) -> None:
    rows: list[Sequence[object]] = [
        [1, "Ann", date(1980, 1, 31), None, datetime(2024, 2, 29), 1],  # noqa: DTZ001 - a workbook knows no zone
        [2, "Bo", "01/31/1980", None, "29.02.2024", 1],
        [3, "Cy", "1980-31-01", None, "2024-02-30", 1],
        [4, "Di", "0500-01-01", None, None, 1],
    ]
    nights.write("crm.xlsx", crm(North=[HEADER, *rows]))
    fields = ACCOUNTS["fields"] | {"birth_date": {"column": "Born", "format": "%m/%d/%Y"}}
    activity = {"at": {"column": "Opened", "format": "%d.%m.%Y"}}
    nights.land({"crm": ACCOUNTS | {"fields": fields, "activity": activity}})
    same = (date(1980, 1, 31), datetime(2024, 2, 29))  # noqa: DTZ001 - the warehouse keeps naive UTC
    assert nights.live("birth_date", "at") == [same, same, (None, None)]
    assert nights.quarantine() == [(4, "3", "bad_timestamp")]


def test_a_key_that_no_sheet_has_is_told(nights: Nights) -> None:
    nights.write("crm.xlsx", crm(North=NORTH))
    with pytest.raises(SettingsError, match=r"crm\.xlsx has no column 'no'"):
        nights.land({"crm": ACCOUNTS | {"key": "no"}})
    nights.write("crm.xlsx", crm(North=NORTH, South=SOUTH))
    with pytest.raises(SourceError, match=r"has the key 'no' .* 'North' \(No, Name, Born"):
        nights.land({"crm": ACCOUNTS | {"key": "no"}})


def test_a_workbook_that_is_cut_off_deletes_nobody(nights: Nights) -> None:
    content = crm(North=NORTH[:2])
    nights.write("crm.xlsx", content)
    nights.land({"crm": ACCOUNTS})
    nights.write("crm.xlsx", content[:-100])
    with pytest.raises(SourceError, match="cut off"):
        nights.land({"crm": ACCOUNTS})
    nights.land({"crm": ACCOUNTS | {"if_missing": "use_last"}})
    assert nights.live() == [("7",)]

"""What every format has to bear: the same awkward records, written in each and landed, are the same cell by cell."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.formats import FORMATS
from tests.connectors.formats.writers import EXCEPTED, WRITERS, Typed

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

TEXTS: dict[str, str | None] = {
    "combining": "Zoe\u0308",
    "composed": "Zoë",
    "right to left": "شركة \u202bאבג\u202c 12",
    "emoji": "👩‍👩‍👧‍👦 🇳🇴",
    "beyond the first plane": "𝒜𠀀",
    "no-break space": "\u00a0a\u202fb\u00a0",
    "zero width": "a\u200bb\u200d\ufeffc",
    "line separators": "a\u2028b\u2029c\x85d",
    "control characters": "a\x01\x02\x1b[31m\x7f\x1fz",
    "a NUL": "a\x00b",
    "a line end": "a\nb",
    "other line ends": "a\r\nb\rc",
    "a tab": "\ta\t",
    "a megabyte": "äx" * (1 << 19),
    "empty": "",
    "none": None,
    "a space": " ",
    "spaces around": "  a  ",
    "leading zeros": "000123",
    "long digits": "12345678901234567890123456789",
    "a float": "1e5",
    "a number with zeros": "1.10",
    "a date": "01/02/03",
    "a truth": "TRUE",
    "a formula": "=1+1",
    "a command": "@SUM(A1)",
    "minus one": "-1",
    "plus one": "+1",
    "a quote": "'",
    "quotes": 'say ""x"" and "y',
    "delimiters": "a,b;c|d\te",
    "a backslash": "\\n \\",
    "a script": "<script>&amp;]]></script>",
    "an escape of workbooks": "_x000D_ _x005F_",
    "JSON": '{"a": [1, null]}',
    **{spelling: spelling for spelling in ("NULL", "null", "None", "NA", "N/A", "#N/A", "\\N", "NaN", "nan", "-")},
}
KEYS = ("007", "7", "7.0", " 7", "Ä", "A\u0308", "NULL", "NA", "=1", "a|b", "a\nb", "'; DROP", "1e3", "9" * 40)
RECORDS = [{"id": f"text {name}", "value": value} for name, value in TEXTS.items()] + [
    {"id": key, "value": key} for key in KEYS
]
ORDERS: dict[str, Any] = {"holds": "order", "key": "id", "fields": {"full_name": "value", "identifier.value": "value"}}


def test_every_format_is_held_to_it() -> None:
    """A format that is added needs a writer here, or a reason why it cannot have one."""
    assert {known.name for known in FORMATS} == WRITERS.keys() | EXCEPTED.keys()
    assert not WRITERS.keys() & EXCEPTED.keys()


def land(nights: Nights, file_format: str, records: list[dict[str, str | None]]) -> dict[str, Any]:
    writer = WRITERS[file_format]
    writer.write(nights.workspace / writer.files.removeprefix("sqlite:///"), records)
    return nights.land({"orders": ORDERS | writer.mapping(file_format)})["orders"]


@pytest.mark.parametrize("file_format", WRITERS)
def test_awkward_records_are_the_same_in_every_format(nights: Nights, file_format: str) -> None:
    figures = land(nights, file_format, RECORDS)
    assert (figures["read"], figures["new"], figures["quarantined"]) == (len(RECORDS), len(RECORDS), 0)
    found = dict(nights.rows("SELECT source_record_id, raw FROM landing.source_record"))
    found = {key: json.loads(raw) for key, raw in found.items()}
    assert found.keys() == {record["id"] for record in RECORDS}
    for record in RECORDS:
        expected = record if WRITERS[file_format].has_null or record["value"] is not None else record | {"value": ""}
        assert found[record["id"]] == expected, record["id"]
    named = dict(nights.live("source_record_id", "full_name"))
    assert {key: named[f"text {key}"] for key in TEXTS} == TEXTS | {"empty": None}


@pytest.mark.parametrize("file_format", WRITERS)
def test_only_what_is_declared_stands_for_no_value(nights: Nights, file_format: str) -> None:
    writer = WRITERS[file_format]
    mapping = writer.mapping(file_format)
    options = {**mapping.get("options", {}), "nulls": ["", "NULL", "\\N"]}
    writer.write(nights.workspace / writer.files.removeprefix("sqlite:///"), RECORDS)
    nights.land({"orders": ORDERS | mapping | {"options": options}})
    named = dict(nights.live("source_record_id", "full_name"))
    nulls = ("NULL", "\\N", "empty", "none")
    assert [name for name in TEXTS if named[f"text {name}"] is None] == [name for name in TEXTS if name in nulls]
    assert nights.quarantine("reason") == [("no_key",)]


@pytest.mark.parametrize("file_format", WRITERS)
def test_a_record_without_its_key_is_quarantined(nights: Nights, file_format: str) -> None:
    records: list[dict[str, str | None]] = [{"id": "1", "value": "a"}, {"id": "", "value": "b"}]
    records.append({"id": None, "value": "c"})
    figures = land(nights, file_format, records)
    assert (figures["read"], figures["new"], figures["quarantined"]) == (3, 1, 2)
    assert [reason for (reason,) in nights.quarantine("reason")] == ["no_key", "no_key"]


DIGITS = st.text("0123456789", min_size=1, max_size=25)
TYPED = st.builds(
    Typed,
    id=DIGITS,
    card=DIGITS,
    amount=st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents) / 100),
    born=st.dates(date(1900, 3, 1), date(2024, 12, 31)),
    at=st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
)
ACCOUNTS: dict[str, Any] = {
    "holds": "account",
    "key": "id",
    "fields": {"birth_date": "born", "identifier.card": "card"},
    "activity": {"amount": "amount", "at": "at"},
}


@pytest.mark.parametrize("file_format", WRITERS)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(TYPED, min_size=30, max_size=60, unique_by=lambda record: record.id))
def test_digits_days_and_money_survive(nights: Nights, file_format: str, records: list[Typed]) -> None:
    writer = WRITERS[file_format]
    writer.write_typed(nights.workspace / writer.files.removeprefix("sqlite:///"), records)
    figures = nights.land({"accounts": ACCOUNTS | writer.mapping(file_format)})["accounts"]
    assert (figures["read"], figures["quarantined"]) == (len(records), 0)
    found = nights.live("source_record_id", "identifiers", "amount", "birth_date", "at")
    assert {key: (cards[0]["value"], *values) for key, cards, *values in found} == {
        record.id: (record.card, record.amount, record.born, record.at) for record in records
    }

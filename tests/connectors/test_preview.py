from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from connectors.preview import preview
from warehouse.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

PEOPLE: dict[str, Any] = {
    "holds": "account",
    "files": "people*.csv",
    "format": "csv",
    "key": "id",
    "fields": {"full_name": "name", "birth_date": {"column": "born", "format": "%Y-%m-%d"}, "email": "mail"},
    "activity": {"amount": "paid", "at": "day", "items": {"sku": "sku"}},
}
HEADER = "id,name,born,mail,paid,day,sku\n"


def test_the_first_rows_as_they_would_land(nights: Nights) -> None:
    nights.write("people1.csv", HEADER + "1,Ann,1990-01-31,a@x,1.50,2021-01-01,S\n2,Bob,,,never,,\n" * 80)
    nights.write("people2.csv", HEADER)
    found = preview(nights.settings({"people": PEOPLE}), nights.workspace, "people").document()
    json.dumps(found)
    assert (found["source"], found["holds"], found["rows"]) == ("people", "account", 100)
    assert found["files"] == ["people1.csv", "people2.csv"]
    raw = dict(
        zip(HEADER.strip().split(","), ["1", "Ann", "1990-01-31", "a@x", "1.50", "2021-01-01", "S"], strict=True)
    )
    typed = {
        "updated_at": "2021-01-01T00:00:00Z",
        "full_name": "Ann",
        "birth_date": "1990-01-31",
        "emails": ["a@x"],
        "at": "2021-01-01T00:00:00Z",
        "amount": "1.5000",
        "channel": "account",
        "items": [{"line": 1, "sku": "S"}],
    }
    assert found["records"][0] == {"source_record_id": "1", "raw": raw, "typed": typed}
    assert (len(found["records"]), len(found["quarantined"])) == (50, 50)
    assert found["quarantined"][0] == {
        "path": "people1.csv",
        "line": 3,
        "source_record_id": "2",
        "reason": "bad_number",
        "detail": "amount from column 'paid': found 'never', allowed: a number with '.' as decimal mark,"
        " up to 14 digits before it",
    }


def test_keys_that_come_late_are_looked_for(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.formats.text_lines.BLOCK_BYTES", 16)
    nights.write("people.jsonl", '{"id": 1}\n' * 9 + '{"id": 2, "name": "Bob"}\n' + '{"id": 3, "late": 1}\n' * 9)
    source = {**PEOPLE, "files": "people.jsonl", "format": "jsonl", "fields": {"full_name": "name"}, "activity": {}}
    found = preview(nights.settings({"people": source}), nights.workspace, "people", limit=3)
    assert (found.rows, len(found.records)) == (3, 3)
    source["fields"] = {"full_name": "nmae"}
    with pytest.raises(SettingsError, match="has no column 'nmae'; did you mean 'name'"):
        preview(nights.settings({"people": source}), nights.workspace, "people", limit=3)


def test_nothing_to_look_at(nights: Nights) -> None:
    with pytest.raises(SourceError, match="no file matches"):
        preview(nights.settings({"people": PEOPLE}), nights.workspace, "people")
    found = preview(nights.settings({"people": {**PEOPLE, "load": "incremental"}}), nights.workspace, "people")
    assert (found.files, found.rows) == ((), 0)
    nights.write("people.csv", b"\xff\xfe\x00")
    with pytest.raises(SourceError, match=r"people\.csv: line 1 cannot be decoded"):
        preview(nights.settings({"people": PEOPLE}), nights.workspace, "people")


def test_mail_is_looked_at(nights: Nights) -> None:
    nights.write(
        "mail.mbox",
        "From x Mon May 03 03:03:15 2021\nMessage-ID: <1@x>\nFrom: Jo <jo@x.example>\nTo: us@shop.example\n\nHelp!\n",
    )
    source = {"holds": "message", "files": "mail.mbox", "format": "mbox", "own_addresses": ["us@shop.example"]}
    found = preview(nights.settings({"mail": source}), nights.workspace, "mail")
    assert found.records[0]["typed"]["body"] == "Help!"


def test_each_attribute_says_how_many_have_it_and_what_cannot_be_read(nights: Nights) -> None:
    nights.write(
        "people.csv",
        "id,name,born,mail,paid,day,sku,state,left out\n"
        "1,Ann,1990-01-31,a@x,1.50,2021-01-01,S,Open,1\n2,Bob,31.1.90,,never,,,gone,\n",
    )
    status = {"column": "state", "open": ["open"]}
    activity = {**PEOPLE["activity"], "status": status, "currency": {"value": "USD"}}
    source = {**PEOPLE, "files": "people.csv", "activity": activity}
    found = preview(nights.settings({"people": source}), nights.workspace, "people").document()
    json.dumps(found)
    seen = {each["attribute"]: each for each in found["attributes"]}
    assert list(seen) == ["full_name", "birth_date", "email", "at", "amount", "currency", "status", "items.sku"]
    assert (seen["email"]["filled"], seen["email"]["delivered"], seen["email"]["read"]) == (1, "a@x", ["a@x"])
    assert (seen["birth_date"]["filled"], seen["birth_date"]["unread"]) == (1, 1)
    assert seen["birth_date"]["unreadable"] == "31.1.90"
    assert (seen["amount"]["delivered"], seen["amount"]["read"], seen["amount"]["unread"]) == ("1.50", "1.5000", 1)
    assert (seen["currency"]["constant"], seen["currency"]["columns"]) == ("USD", [])
    assert found["unmapped"] == ["left out"]
    assert found["statuses"] == {"Open": "open", "gone": None}


def test_paths_and_sql_name_their_columns(nights: Nights) -> None:
    nights.write("people.jsonl", '{"id": 1, "who": {"name": "Ann", "age": 9}, "Cents": 950, "rest": 1}\n')
    source = {
        **PEOPLE,
        "files": "people.jsonl",
        "format": "jsonl",
        "fields": {"full_name": {"path": "who.name"}, "identifier.no": "id"},
        "activity": {"amount": {"sql": "TRY_CAST(cents AS DECIMAL(18,2)) / 100"}},
    }
    found = preview(nights.settings({"people": source}), nights.workspace, "people").document()
    seen = {each["attribute"]: (each["columns"], each["delivered"], each["read"]) for each in found["attributes"]}
    assert seen["full_name"] == (["who.name"], "Ann", "Ann")
    assert seen["identifier.no"] == (["id"], "1", ["1"])
    assert seen["amount"][0] == ["cents"]
    assert found["unmapped"] == ["rest"]

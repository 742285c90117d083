"""Columns that change between nights: what stops a source, what is told, and the line that mends the mapping."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.mapping import mapped_columns
from connectors.mend import mending_line
from connectors.unfinished import is_no_delivery, is_under_way
from warehouse.errors import SettingsError, SourceError
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tests.connectors.conftest import Nights

PEOPLE: dict[str, Any] = {
    "holds": "account",
    "files": "people*.csv",
    "format": "csv",
    "key": "id",
    "fields": {"full_name": "name", "email": "e_mail"},
}
NAMES = ("Ann", "Bob", "Cid", "Dora", "Eve", "Finn", "Gail", "Hal")


def people(**changes: object) -> dict[str, Any]:
    return {"people": {**PEOPLE, **changes}}


def export(*columns: str, start: int = 0) -> str:
    """Return a row per name; columns whose names say nothing hold what the mapping calls e-mail."""
    values = {"id": "{number}", "name": "{name}", "city": "Ulm", "phone": "0731 {number}"}
    rows = [
        ",".join(values.get(column, "{name}@mail.example").format(number=number, name=name) for column in columns)
        for number, name in enumerate(NAMES, start)
    ]
    return "\n".join([",".join(columns), *rows, ""])


def notes(nights: Nights) -> list[str]:
    """Return what the newest night told of the source."""
    (found,) = nights.rows("SELECT notes FROM landing.delivery WHERE delivery_id = 'people@n' || ?", nights.count)[0]
    return list(found)


def lost(nights: Nights, sources: dict[str, Any]) -> str:
    with pytest.raises(SourceError) as error:
        nights.land(sources)
    return error.value.message


@pytest.mark.parametrize(
    ("columns", "because"),
    [
        (("id", "name", "kontakt"), "e_mail is likely kontakt now (100% of its values are there again)"),
        (("kontakt", "id", "name", "phone"), "e_mail is likely kontakt now (100% of its values are there again)"),
        (("id", "name", "phone", "email"), "e_mail is likely email now (100% of its values are there again)"),
    ],
)
def test_a_renamed_column_is_known_by_its_values(nights: Nights, columns: tuple[str, ...], because: str) -> None:
    nights.write("people.csv", export("id", "name", "e_mail"))
    nights.land(people())
    nights.write("people.csv", export(*columns))
    told = lost(nights, people())
    assert "people.csv lost the column 'e_mail', which sources.people.fields.email maps" in told
    assert because in told
    new = next(name for name in columns if name in ("kontakt", "email"))
    assert f"write in joinedup.yaml: sources.people.fields.email: {new};" in told
    assert "@mail" not in told


def test_a_renamed_column_is_known_by_its_name_where_the_values_are_new(nights: Nights) -> None:
    incremental = people(load="incremental")
    nights.write("people1.csv", export("id", "name", "e_mail"))
    nights.land(incremental)
    nights.write("people2.csv", export("id", "name", "E-Mail", start=100).replace("@mail", "@other"))
    told = lost(nights, incremental)
    assert "e_mail is likely E-Mail now (the names are alike)" in told
    assert "sources.people.fields.email: {first: [E-Mail, e_mail]}" in told


def test_the_mending_line_mends_and_keeps_what_was_stored(nights: Nights) -> None:
    nights.write("people1.csv", export("id", "name", "e_mail"))
    nights.land(people(load="incremental"))
    nights.write("people2.csv", export("id", "name", "mail", start=100))
    fields = {"full_name": "name", "email": {"first": ["mail", "e_mail"]}}
    figures = nights.land(people(load="incremental", fields=fields))["people"]
    assert (figures["new"], figures["quarantined"], figures["deleted"]) == (8, 0, 0)
    assert [len(emails) for (emails,) in nights.live("emails")] == [1] * 16
    assert any("e_mail is gone from people2.csv; what stands beside it" in note for note in notes(nights))


def test_of_a_first_one_part_is_enough_but_each_was_there_once(nights: Nights) -> None:
    nights.write("people.csv", export("id", "name", "e_mail"))
    both = people(fields={"full_name": "name", "email": {"first": ["mail", "e_mail"]}})
    with pytest.raises(SettingsError, match="has no column 'mail'"):
        nights.land(both)
    nights.write("people.csv", export("id", "name", "e_mail", "mail"))
    nights.land(both)
    nights.write("people.csv", export("id", "name", "mail"))
    assert nights.land(both)["people"]["outcome"] == "read"
    nights.write("people.csv", export("id", "name", "city"))
    assert "lost 2 columns: 'mail'" in lost(nights, both)


def test_every_column_that_never_was_is_named(nights: Nights) -> None:
    nights.write("people.csv", export("id", "name", "e_mail"))
    with pytest.raises(SettingsError) as error:
        nights.land(people(fields={"full_name": "nam", "email": "mail", "city": "town"}))
    assert [each.key for each in (error.value, *error.value.others)] == [
        f"sources.people.fields.{name}" for name in ("full_name", "email", "city")
    ]


def test_what_the_mapping_does_not_need_is_told(nights: Nights) -> None:
    nights.write("people.csv", export("id", "name", "e_mail", "city"))
    nights.land(people())
    assert notes(nights) == []
    nights.write("people.csv", export("phone", "e_mail", "name", "id"))
    assert nights.land(people())["people"]["changed"] == 8
    assert notes(nights) == [
        "columns that were not there before: phone",
        "columns that are gone, which the mapping does not need: city",
        "the columns stand in another order than before, which changes nothing",
    ]
    nights.land(people())
    assert notes(nights) == []


def test_declared_types_are_kept_and_their_change_is_told(nights: Nights) -> None:
    source = people(format="parquet", files="people.parquet")
    path = nights.workspace / "people.parquet"
    columns = {"id": range(8), "name": NAMES, "e_mail": [f"{name}@mail.example" for name in NAMES]}
    table = pa.table({name: list(values) for name, values in columns.items()})
    pq.write_table(table, path)
    nights.land(source)
    assert nights.rows("SELECT columns, types FROM landing.file") == [
        (["id", "name", "e_mail"], ["int64", "string", "string"])
    ]
    pq.write_table(
        table.cast(pa.schema([("id", pa.string()), ("name", pa.large_string()), ("e_mail", pa.string())])), path
    )
    assert nights.land(source)["people"]["unchanged"] == 8
    assert notes(nights) == [
        "columns whose declared type changed: id was int64, is string; name was string, is large_string"
    ]
    dates = pa.array([datetime(2026, 1, day + 1) for day in range(8)])  # noqa: DTZ001 - a timestamp without a zone
    pq.write_table(table.set_column(0, "id", dates), path)
    assert "the key column id was string and is timestamp[us]" in lost(nights, source)


def test_a_file_has_its_size_and_arrival(nights: Nights) -> None:
    path = nights.write("people.csv", export("id", "name", "e_mail"))
    os.utime(path, (1748736000, 1748736000))
    nights.land(people())
    assert nights.rows("SELECT bytes, rows, arrived_at, types, left_because FROM landing.file") == [
        (path.stat().st_size, 8, datetime(2025, 6, 1), None, None)  # noqa: DTZ001 - the warehouse keeps naive UTC
    ]
    assert nights.rows("SELECT newest_arrival FROM landing.delivery") == [(datetime(2025, 6, 1),)]  # noqa: DTZ001 - as above


@pytest.mark.parametrize(
    ("mapping", "load", "line"),
    [
        ({"email": "old"}, "full", "fields.email: new"),
        ({"email": "old"}, "incremental", "fields.email: {first: [new, old]}"),
        ({"email": ["mail", "old"]}, "full", "fields.email: [mail, new]"),
        ({"email": {"first": ["old", "b"]}}, "incremental", "fields.email: {first: [new, old, b]}"),
        (
            {"street": {"join": ["house", "old"], "with": ", "}},
            "full",
            'fields.street: {join: [house, new], with: ", "}',
        ),
        (
            {"birth_date": {"column": "old", "format": "%d.%m.%Y"}},
            "full",
            'fields.birth_date: {column: new, format: "%d.%m.%Y"}',
        ),
        ({"phone": {"path": "old.tel", "take": "number"}}, "full", "fields.phone: {path: new.tel, take: number}"),
        ({"full_name": {"sql": "upper(old)"}}, "full", None),
    ],
)
def test_the_line_keeps_the_rest_of_the_mapping(
    con: DuckDBPyConnection, mapping: dict[str, Any], load: str, line: str | None
) -> None:
    source = SourceSettings.model_validate({**PEOPLE, "load": load, "fields": mapping})
    (column,) = [each for each in mapped_columns(con, source, "sources.s") if each.name.partition(".")[0] == "old"]
    assert mending_line(source, "sources.s", column, "new") == (line and f"sources.s.{line}")


@pytest.mark.parametrize(
    ("key", "line"), [("old", "new"), (["a", "old"], "[a, new]"), ({"hash": ["old", "b"]}, "{hash: [new, b]}")]
)
def test_a_key_is_mended_too(con: DuckDBPyConnection, key: object, line: str) -> None:
    source = SourceSettings.model_validate({**PEOPLE, "key": key, "deleted": {"column": "old", "equals": "x"}})
    found = [each for each in mapped_columns(con, source, "sources.s") if each.name == "old"]
    lines = [mending_line(source, "sources.s", column, "new") for column in found]
    assert lines == [f"sources.s.key: {line}", "sources.s.deleted.column: new"]


@pytest.mark.parametrize(
    ("name", "pattern", "under_way", "nobodys"),
    [
        ("in/a.csv.part", "in/a*", True, False),
        ("in/a.csv.CRDOWNLOAD", "in/*", True, False),
        ("in/a.csv.tmp", "in/*.tmp", False, False),
        ("in/.a.csv", "in/*", False, True),
        ("in/~$a.xlsx", "in/*.xlsx", False, True),
        ("in/a.csv~", "in/a*", False, True),
        ("in/a.csv", "in/*", False, False),
        ("in/part.csv", "in/*", False, False),
        ("s3://b/.hidden.csv", "s3://b/.hidden.csv", False, False),
    ],
)
def test_names_tell_what_is_not_to_be_read(name: str, pattern: str, under_way: bool, nobodys: bool) -> None:
    assert (is_under_way(name, pattern), is_no_delivery(name, pattern)) == (under_way, nobodys)


def test_of_the_latest_only_whole_files_count(nights: Nights) -> None:
    nights.write("people1.csv", export("id", "name", "e_mail"))
    nights.write("people2.csv.part", "id,na")
    nights.write("people3.csv~", "id,na")
    assert nights.land(people(files="people*", take="latest"))["people"]["new"] == 8
    assert notes(nights) == ["left for a later night: people2.csv.part: by its name it is still being written"]
    assert nights.rows("SELECT path, sha256 IS NULL FROM landing.file ORDER BY path") == [
        ("people1.csv", False),
        ("people2.csv.part", True),
        ("people3.csv~", True),
    ]


def test_values_that_stop_fitting_are_told_with_the_share_of_before(nights: Nights) -> None:
    mapping = {**PEOPLE["fields"], "extra.since": {"column": "since", "format": "%Y-%m-%d"}}
    rows = [f"{number},Ann {number},a{number}@mail.example,2020-01-0{1 + number % 9}" for number in range(40)]
    nights.write("people.csv", "id,name,e_mail,since\n" + "\n".join(rows) + "\n")
    nights.land(people(fields=mapping))
    assert notes(nights) == []
    nights.write("people.csv", "id,name,e_mail,since\n" + "\n".join(row.replace("2020-", "20-") for row in rows) + "\n")
    assert nights.land(people(fields=mapping))["people"]["quarantined"] == 40
    assert notes(nights) == [
        "extra.since from column 'since': 100% of 40 values are not what the mapping says (before: 0%)"
    ]
    assert len(nights.live()) == 40

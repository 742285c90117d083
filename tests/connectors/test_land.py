# ruff: noqa: DTZ001 - the warehouse keeps naive UTC
from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors import files
from connectors.formats.batch import UnreadableFile
from connectors.settle import check_accounts
from warehouse.errors import JoinedupError, SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from connectors.found_file import FoundFile
    from tests.connectors.conftest import Nights

PEOPLE: dict[str, Any] = {
    "holds": "account",
    "files": "people*.csv",
    "format": "csv",
    "key": "id",
    "updated_at": "changed",
    "fields": {"full_name": "name", "extra.born": {"column": "born", "format": "%Y-%m-%d"}},
}
HEADER = "id,changed,name,born\n"
COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "deleted")


def counted(figures: dict[str, Any]) -> dict[str, int]:
    """Return the counts that are not zero."""
    return {name: figures[name] for name in COUNTS if figures[name]}


def people(**changes: object) -> dict[str, Any]:
    return {"people": {**PEOPLE, **changes}}


def test_three_nights(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,2021-01-01,Ann,\n2,2021-01-01,Bob,\n3,2021-01-01,Cid,\n")
    assert counted(nights.land(people())["people"]) == {"read": 3, "new": 3}
    nights.write("people.csv", HEADER + "1,2021-01-01,Ann,\n2,2021-02-01,Bobby,\n4,2021-01-01,Dan,1990-13-01\n")
    figures = nights.land(people())["people"]
    assert counted(figures) == {"read": 3, "unchanged": 1, "changed": 1, "quarantined": 1, "deleted": 1}
    assert nights.live("source_record_id", "full_name") == [("1", "Ann"), ("2", "Bobby")]
    nights.write("people.csv", HEADER + "3,2021-01-01,Cid,\n1,2021-01-01,Ann,\n2,2021-02-01,Bobby,\n")
    assert counted(nights.land(people())["people"]) == {"read": 3, "unchanged": 2, "new": 1}
    assert nights.live() == [("1",), ("2",), ("3",)]
    assert nights.rows("SELECT count(*), sum(deleted::INT) FROM landing.source_record") == [(6, 1)]


@pytest.mark.parametrize("mapped", ["name", " name "])
def test_space_around_a_name_is_none_of_it(nights: Nights, mapped: str) -> None:
    nights.write("people.csv", "id , changed, name ,born\n1,2021-01-01,Ann,\n")
    nights.land(people(fields={"full_name": mapped}))
    assert nights.live("source_record_id", "full_name") == [("1", "Ann")]


def test_a_night_that_was_not_published_does_not_count(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,2021-01-01,Ann,\n")
    assert counted(nights.land(people(), publish=False)["people"]) == {"read": 1, "new": 1}
    assert counted(nights.land(people())["people"]) == {"read": 1, "new": 1}


def test_a_quarantined_row_with_a_readable_key_is_no_deletion(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,2021-01-01,Ann,\n2,2021-01-01,Bob,\n3,2021-01-01,Cid,\n")
    nights.land(people())
    nights.write("people.csv", HEADER + '1,2021-02-01,Anna,tomorrow\n2,2021-01-01\n3,"x"y,Cid,\n')
    figures = nights.land(people())["people"]
    assert counted(figures) == {"read": 3, "quarantined": 3}
    assert nights.live("full_name") == [("Ann",), ("Bob",), ("Cid",)]
    assert nights.quarantine("line", "source_record_id", "reason", "raw") == [
        (2, "1", "bad_date", '{"id":"1","changed":"2021-02-01","name":"Anna","born":"tomorrow"}'),
        (3, "2", "ragged_row", "2,2021-01-01"),
        (4, "3", "bad_quote", '3,"x"y,Cid,'),
    ]


def test_one_key_twice(nights: Nights) -> None:
    nights.write(
        "people1.csv",
        HEADER
        + "1,2021-03-01,newest,\n1,2021-01-01,older,\n1,2021-03-01,newest,\n1,2021-01-01,older,\n"
        + "2,,first,\n2,,last line,\n3,,first file,\n4,2021-01-01,dated,\n",
    )
    nights.write("people2.csv", HEADER + "3,,last file,\n4,,undated,\n")
    figures = nights.land(people())["people"]
    assert counted(figures) == {"read": 10, "new": 4, "duplicate": 2, "superseded": 4}
    assert nights.live("full_name") == [("newest",), ("last line",), ("last file",), ("dated",)]


def test_a_row_may_say_that_its_record_was_deleted(nights: Nights) -> None:
    marking = people(deleted={"column": "name", "equals": ["gone", "GONE"]}, load="incremental")
    nights.write("people1.csv", HEADER + "1,2021-01-01,Ann,\n2,2021-01-01,Bob,\n3,2021-01-01,gone,\n")
    assert counted(nights.land(marking)["people"]) == {"read": 3, "new": 3}
    assert nights.live() == [("1",), ("2",)]
    nights.write("people2.csv", HEADER + "1,2021-02-01,GONE,\n3,2021-01-01,gone,\n")
    assert counted(nights.land(marking)["people"]) == {"read": 2, "changed": 1, "unchanged": 1, "deleted": 1}
    assert nights.live() == [("2",)]
    nights.write("people3.csv", HEADER + "1,2021-03-01,Ann again,\n3,2020-01-01,too old,\n")
    assert counted(nights.land(marking)["people"]) == {"read": 2, "new": 1, "superseded": 1}
    assert nights.live("full_name") == [("Ann again",), ("Bob",)]


def test_incremental_nights(nights: Nights) -> None:
    incremental = people(load="incremental")
    assert nights.land(incremental)["people"]["outcome"] == "nothing_new"
    nights.write("people1.csv", HEADER + "1,2021-01-01,Ann,\n2,2021-05-01,Bob,\n3,,Cid,\n")
    assert counted(nights.land(incremental)["people"]) == {"read": 3, "new": 3}
    figures = nights.land(incremental)["people"]
    assert (figures["outcome"], counted(figures)) == ("nothing_new", {})
    nights.write("people2.csv", HEADER + "1,2021-02-01,Anna,\n2,2021-04-01,Rob,\n3,,Sid,\n")
    figures = nights.land(incremental)["people"]
    assert counted(figures) == {"read": 3, "changed": 2, "superseded": 1}
    assert nights.rows("SELECT path, rows FROM landing.file WHERE delivery_id = 'people@n4'") == [("people2.csv", 3)]
    assert nights.live("full_name") == [("Anna",), ("Bob",), ("Sid",)]


def test_two_nights_give_what_one_gives(nights: Nights) -> None:
    incremental = people(load="incremental")
    first = HEADER + "1,,Ann,\n2,2021-05-01,Bob,\n"
    second = HEADER + "2,2021-04-01,Rob,\n1,,Anna,\n3,,Cid,\n"
    nights.write("people1.csv", first)
    nights.land(incremental)
    nights.write("people2.csv", second)
    nights.land(incremental)
    in_two = nights.live("source_record_id", "full_name", "record_hash", "updated_at")
    nights.lineage.clear()
    nights.land(incremental)
    assert nights.live("source_record_id", "full_name", "record_hash", "updated_at") == in_two


def test_only_the_latest_file_is_taken_where_told(nights: Nights) -> None:
    nights.write("people1.csv", HEADER + "1,,Ann,\n")
    nights.write("people2.csv", HEADER + "2,,Bob,\n")
    nights.land(people(take="latest"))
    assert nights.live() == [("2",)]


def test_a_source_taken_out_is_deleted_and_may_come_back(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,,Ann,\n2,,Bob,\n")
    nights.write("others.csv", HEADER + "7,,Zoe,\n")
    both = people(load="incremental") | {"others": {**PEOPLE, "files": "others.csv"}}
    nights.land(both)
    figures = nights.land({"others": both["others"]})
    assert figures["(withdrawn)"]["deleted"] == 2
    assert nights.rows("SELECT outcome, deleted, load FROM landing.delivery WHERE delivery_id = 'people@n2'") == [
        ("withdrawn", 2, "incremental")
    ]
    assert nights.live() == [("7",)]
    assert nights.land({"others": both["others"]})["(withdrawn)"]["deleted"] == 0
    assert counted(nights.land(both)["people"]) == {"read": 2, "new": 2}
    assert nights.live() == [("7",), ("1",), ("2",)]


def test_a_header_alone_is_read(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,,Ann,\n")
    nights.land(people())
    nights.write("people.csv", HEADER)
    figures = nights.land(people())["people"]
    assert (figures["outcome"], counted(figures)) == ("read", {"deleted": 1})
    assert nights.land(people())["people"]["deleted"] == 0


def test_a_header_alone_on_the_first_night(nights: Nights) -> None:
    nights.write("people.csv", HEADER)
    assert counted(nights.land(people())["people"]) == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "no file matches people*.csv"),
        (b"", "people.csv: it is empty"),
        ("id,name\n1,José\n".encode("cp1252"), "people.csv: line 2 cannot be decoded as utf-8"),
        (b"id,name,name\n", "people.csv: its header names 'name' more than once"),
        (b"id,name,born\n1,Ann,\n", "people.csv lost the column 'changed', which sources.people.updated_at maps"),
    ],
)
@pytest.mark.parametrize("if_missing", ["hold", "use_last"])
def test_a_full_source_that_is_missing(nights: Nights, content: bytes | None, problem: str, if_missing: str) -> None:
    source = people(if_missing=if_missing)
    path = nights.write("people.csv", HEADER + "1,2021-01-01,Ann,\n2,2021-01-01,Bob,\n")
    nights.land(source)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    if if_missing == "hold":
        with pytest.raises(SourceError) as error:
            nights.land(source)
        assert problem in error.value.message
        assert error.value.message.startswith("source people: ")
        assert nights.rows("SELECT count(*) FROM landing.delivery") == [(1,)]
    else:
        figures = nights.land(source)["people"]
        assert (figures["outcome"], counted(figures)) == ("used_last", {})
        assert problem in figures["used_last_because"]
        assert nights.live() == [("1",), ("2",)]


def test_there_is_no_last_data_on_the_first_night(nights: Nights) -> None:
    with pytest.raises(SourceError, match=r"no file matches people\*\.csv"):
        nights.land(people(if_missing="use_last"))


def test_a_column_that_never_was_is_a_mistake_of_the_mapping(nights: Nights) -> None:
    nights.write("people.csv", "id,changed,full_name,born\n1,,Ann,\n")
    with pytest.raises(SettingsError) as error:
        nights.land(people(if_missing="use_last"))
    assert error.value.key == "sources.people.fields.full_name"
    assert error.value.message.endswith(
        "people.csv has no column 'name'; did you mean 'full_name'? it has: born, changed, full_name, id"
    )


def test_a_column_that_one_part_lacks_was_lost(nights: Nights) -> None:
    nights.write("people1.csv", HEADER + "1,,Ann,\n")
    nights.write("people2.csv", "id,changed,born\n2,,\n")
    with pytest.raises(SourceError, match=r"people2\.csv lost the column 'name'"):
        nights.land(people())


def test_objects_may_leave_keys_out(nights: Nights) -> None:
    mapping = {"fields": {"full_name": {"path": "contact.name"}, "email": {"path": "contact.email"}, "city": "city"}}
    source = people(format="jsonl", files="people*.jsonl", **mapping)
    rows = [{"id": 1, "changed": None, "contact": {"name": "Ann"}}, {"id": 2, "city": "Rom"}]
    nights.write("people.jsonl", "\n".join(map(json.dumps, rows)))
    nights.land(source)
    assert nights.live("full_name", "emails", "city") == [("Ann", [], None), (None, [], "Rom")]
    nights.write("people.jsonl", '{"id": 1, "changed": null, "city": "Rom"}')
    with pytest.raises(SourceError, match=r"lost 2 columns: 'contact\.name'"):
        nights.land(source)
    incremental = {"people": {**source["people"], "load": "incremental"}}
    assert counted(nights.land(incremental)["people"]) == {"read": 1, "changed": 1}
    nights.write("people.jsonl", "{}\nnull\n")
    assert counted(nights.land(incremental)["people"]) == {"read": 2, "quarantined": 2}
    nights.write("people.jsonl", '{"id": 1, "changed": null}')
    with pytest.raises(SettingsError, match="has no column 'town'"):
        nights.land(people(format="jsonl", files="people*.jsonl", fields={"city": "town"}))


def test_a_new_mapping_reaches_what_is_stored(nights: Nights) -> None:
    source = people(load="incremental")
    path = nights.write("people1.csv", HEADER + "1,,Ann,1990-01-31\n2,2021-01-01,Bob,31.01.1990\n")
    assert counted(nights.land(source)["people"]) == {"read": 2, "new": 1, "quarantined": 1}
    nights.write("people2.csv", HEADER + "1,,Anna,1990-01-31\n")
    nights.land(source)
    both = {**PEOPLE["fields"], "extra.born": {"column": "born", "format": ["%Y-%m-%d", "%d.%m.%Y"]}}
    remapped = people(load="incremental", fields={**both, "city": {"value": "Rom"}})
    figures = nights.land(remapped)["people"]
    # The row that was bad is good now; the row of the first file was overtaken by the second one.
    assert counted(figures) == {"read": 3, "new": 1, "unchanged": 1, "superseded": 1}
    assert nights.live("full_name", "city") == [("Anna", "Rom"), ("Bob", "Rom")]
    path.unlink()
    (nights.workspace / "people2.csv").unlink()
    figures = nights.land(people(load="incremental", fields={**both, "city": {"value": "Ulm"}}))["people"]
    assert (figures["outcome"], counted(figures)) == ("nothing_new", {})
    assert nights.live("full_name", "city") == [("Anna", "Ulm"), ("Bob", "Ulm")]
    assert len(set(nights.live("mapping_hash"))) == 1


def test_a_stored_record_that_the_new_mapping_cannot_type_stays(nights: Nights) -> None:
    path = nights.write("people.csv", HEADER + "1,,Ann,31.01.1990\n2,,Bob,\n")
    source = people(load="incremental", fields={"full_name": "name"})
    nights.land(source)
    path.unlink()
    figures = nights.land(people(load="incremental"))["people"]
    assert figures["kept_as_typed_before"] == "1"
    assert nights.live("full_name") == [("Ann",), ("Bob",)]
    assert nights.land(people(load="incremental"))["(settled)"]


def test_a_new_key_takes_the_old_one_away(nights: Nights) -> None:
    path = nights.write("people.csv", HEADER + "1,,Ann,\n2,,Bob,\n")
    nights.land(people(load="incremental"))
    path.unlink()
    figures = nights.land(people(load="incremental", key=["id", "name"]))["people"]
    assert counted(figures) == {"deleted": 2}
    assert nights.live() == [("1|Ann",), ("2|Bob",)]


def test_a_corrected_encoding_reaches_what_was_read_before(nights: Nights) -> None:
    nights.write("people.csv", (HEADER + "1,,José,\n").encode())
    wrong = people(load="incremental", options={"encoding": "cp1252"})
    nights.land(wrong)
    assert nights.live("full_name") == [("JosÃ©",)]
    assert counted(nights.land(people(load="incremental"))["people"]) == {"read": 1, "changed": 1}
    assert nights.live("full_name") == [("José",)]


def test_a_new_mapping_over_a_full_source_counts_as_unchanged(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,,Ann,\n")
    nights.land(people())
    assert counted(nights.land(people(trust=90))["people"]) == {"read": 1, "unchanged": 1}
    assert nights.live("trust") == [(90,)]


def test_landing_a_source_twice_in_one_run_replaces_it(nights: Nights) -> None:
    from connectors.land import land_source  # noqa: PLC0415 - beside the fixture, only this test calls it by hand

    nights.write("people.csv", HEADER + "1,,Ann,\nbad\n")
    settings, run = nights.settings(people()), nights.begin()
    for _ in range(2):
        land_source(nights.con, settings, run, "people")
    check_accounts(nights.con, run)
    for table, rows in (("source_record", 1), ("delivery", 1), ("file", 1), ("quarantine", 1)):
        assert nights.rows(f"SELECT count(*) FROM landing.{table}") == [(rows,)]


def test_accounts_that_do_not_add_up_end_the_night(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,,Ann,\nbad\n")
    nights.land(people())
    run = nights.begin()
    nights.con.execute("UPDATE landing.delivery SET run_id = ?, read = 3", [run.run_id])
    with pytest.raises(JoinedupError, match=r"3 read, but 1 new .* = 2, and 1 in quarantine"):
        check_accounts(nights.con, run)
    nights.con.execute("UPDATE landing.delivery SET read = 2")
    check_accounts(nights.con, run)
    nights.con.execute("DELETE FROM landing.quarantine")
    with pytest.raises(JoinedupError, match="0 in quarantine"):
        check_accounts(nights.con, run)


def test_as_of_is_the_newest_accepted_time_before_the_start(nights: Nights) -> None:
    nights.write("people.csv", HEADER + "1,2021-01-01,Ann,\n2,2024-05-01,Bob,\n3,2031-01-01,Cid,\n4,2025-01-01,bad,x\n")
    assert nights.land(people())["(settled)"]["as_of"] == "2024-05-01T00:00:00Z"
    given = datetime(2022, 1, 1)
    assert nights.land(people(), given_as_of=given)["(settled)"]["as_of"] == "2022-01-01T00:00:00Z"
    nights.write("people.csv", HEADER + "1,,Ann,\n")
    assert nights.land(people())["(settled)"]["as_of"] == "2025-06-04T03:00:00Z"
    assert nights.rows("SELECT run_id FROM landing.night") == [("n3",)]


def test_packed_files_are_read_as_they_are(nights: Nights) -> None:
    nights.write("people.csv.gz", gzip.compress((HEADER + "1,,Ann,\n").encode()))
    source = people(files="people.csv.gz")
    assert counted(nights.land(source)["people"]) == {"read": 1, "new": 1}
    nights.write("people.csv.gz", gzip.compress(HEADER.encode() * 1000)[:-9])
    with pytest.raises(SourceError, match=r"people\.csv\.gz: it is cut off, or still being written"):
        nights.land(source)
    nights.write("people.csv.gz", HEADER)
    with pytest.raises(SourceError, match="it is no gzip file"):
        nights.land(source)


def test_a_file_that_changes_while_it_is_read_lands_nothing(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    path = nights.write("people.csv", HEADER + "1,,Ann,\n")
    opened = files.open_file

    def growing(file: FoundFile) -> AbstractContextManager[BinaryIO]:
        from contextlib import contextmanager  # noqa: PLC0415

        @contextmanager
        def grow() -> Iterator[BinaryIO]:
            with opened(file) as stream:
                path.write_text(HEADER + "1,,Ann,\n2,,Bob,\n")
                yield stream

        return grow()

    monkeypatch.setattr("connectors.read_files.open_file", growing)
    with pytest.raises(SourceError, match="it changed while it was read"):
        nights.land(people())


def test_urls_are_looked_into(nights: Nights) -> None:
    nights.write("deep/er/people.csv", HEADER + "1,,Ann,\n")
    url = (nights.workspace / "deep").as_uri() + "/**/people*.csv"
    assert counted(nights.land(people(files=url))["people"]) == {"read": 1, "new": 1}
    with pytest.raises(SourceError, match="cannot be looked into"):
        nights.land(people(files="nowhere://x/*.csv"))


def test_files_are_found_by_name(nights: Nights) -> None:
    for name in ("b.csv", "a.csv", "sub/c.csv", "we[i]rd.csv"):
        nights.write(name, HEADER)
    source = nights.settings(people(files="**/*.csv")).sources["people"]
    found = [file.path for file in files.find_files(source, nights.workspace)]
    assert found == ["a.csv", "b.csv", "sub/c.csv", "we[i]rd.csv"]
    exact = nights.settings(people(files="we[i]rd.csv")).sources["people"]
    assert [file.path for file in files.find_files(exact, nights.workspace)] == ["we[i]rd.csv"]


def test_a_directory_is_no_file(nights: Nights) -> None:
    (nights.workspace / "people.csv").mkdir()
    with pytest.raises(SourceError, match="no file matches"):
        nights.land(people())


def test_an_unreadable_place_says_so(nights: Nights) -> None:
    source = nights.settings(people(files="nowhere://x")).sources["people"]
    with pytest.raises(UnreadableFile, match="nowhere://x cannot be looked into"):
        files.find_files(source, nights.workspace)


@pytest.mark.parametrize(
    ("changes", "key", "problem"),
    [
        ({"options": {"quote": "''"}}, "options.quote", "is 2 characters; allowed: one character"),
        ({"options": {"delimiter": ""}}, "options.delimiter", "'' cannot part fields"),
        ({"options": {"delimiter": '"'}}, "options.delimiter", "cannot part fields"),
    ],
)
def test_options_that_declare_nothing_are_refused(
    nights: Nights, changes: dict[str, Any], key: str, problem: str
) -> None:
    nights.write("people.csv", HEADER)
    with pytest.raises(SettingsError) as error:
        nights.land(people(**changes))
    assert error.value.key == f"sources.people.{key}"
    assert problem in error.value.message

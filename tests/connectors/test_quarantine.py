"""What is set aside can be read again: as if it had been in order when it came, nothing doubled, nothing deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.selection import Selection
from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "deleted")
STRICT = {"column": "born", "format": "%Y-%m-%d"}
MENDED = {"column": "born", "format": ["%Y-%m-%d", "%d.%m.%Y"]}
HEAD = "id,changed,name,born\n"


def people(born: object = STRICT, **given: object) -> dict[str, Any]:
    source = {"holds": "account", "files": "people*.csv", "format": "csv", "key": "id"}
    return {"people": source | {"fields": {"full_name": "name", "extra.born": born}} | given}


def counted(figures: dict[str, Any]) -> dict[str, int]:
    return {name: figures[name] for name in COUNTS if figures[name]}


def forget(nights: Nights) -> None:
    """Begin as on the first night."""
    for file in nights.workspace.glob("people*"):
        file.unlink()
    nights.lineage.clear()
    for table in ("source_record", "delivery", "file", "quarantine", "quarantine_end", "quarantine_drop"):
        nights.con.execute(f"DELETE FROM landing.{table}")


def state(nights: Nights) -> list[tuple[Any, ...]]:
    """Return all that the live records say, but for the runs that wrote them."""
    columns = "* EXCLUDE (run_id, delivery_id, path, line)"
    return nights.rows(f"SELECT {columns} FROM landing.live_record ORDER BY source, source_record_id")


class Row(NamedTuple):
    key: str
    changed: str
    name: str
    fault: str

    def text(self) -> str:
        born = {"date": "31.12.1970", "never": "never"}.get(self.fault, "1970-12-31")
        name = f'"{self.name}"x' if self.fault == "quote" else self.name
        return f"{self.key},{self.changed},{name},{born}" + (",more" if self.fault == "ragged" else "")


def rows(*faults: str, times: bool) -> st.SearchStrategy[Row]:
    changed = ["", "2021-01-01", "2021-01-02", "2021-01-03"] if times else [""]
    return st.builds(
        Row,
        key=st.sampled_from(["1", "2", "3", ""]),
        changed=st.sampled_from(changed),
        name=st.sampled_from(["Ann", "Bob", "gone"]),
        fault=st.sampled_from(["", "", *faults]),
    )


TIMED = st.lists(st.lists(rows("date", "never", times=True), max_size=5), min_size=2, max_size=3)
UNTIMED = st.lists(st.lists(rows("date", "never", "quote", "ragged", times=False), max_size=5), min_size=2, max_size=3)
HISTORY = st.sampled_from([TIMED, UNTIMED]).flatmap(lambda kind: st.tuples(st.just(kind is TIMED), kind))


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(load=st.sampled_from(["full", "incremental"]), history=HISTORY, by_reason=st.booleans())
def test_a_replay_gives_what_a_mended_mapping_had_given_from_the_start(
    nights: Nights, load: str, history: tuple[bool, list[list[Row]]], by_reason: bool
) -> None:
    timed, deliveries = history
    if load == "full":  # where the newest reading stands for all that the source has
        deliveries = [[row._replace(fault="") for row in rows] for rows in deliveries[:-1]] + deliveries[-1:]
    given: dict[str, Any] = {"load": load, "deleted": {"column": "name", "equals": ["gone"]}}
    given |= {"updated_at": "changed"} if timed else {}
    mended = people(MENDED, **given, options={} if timed else {"quote": ""})

    def land(sources: dict[str, Any]) -> None:
        forget(nights)
        for number, delivered in enumerate(deliveries):
            path = nights.write(
                f"people{number}.csv", HEAD + "".join(row.text() + "\n" for row in delivered) + "\n" * number
            )
            nights.land(sources)
            path.unlink()

    land(mended)
    expected = state(nights)
    land(people(**given))
    reasons = ("bad_quote", "bad_date", None) if by_reason else (None,)
    for reason in reasons:
        nights.replay(mended, Selection(reason=reason))
    assert state(nights) == expected
    again = nights.replay(mended)["people"]
    assert again["read"] == again["quarantined"]
    assert state(nights) == expected


def test_a_full_source_whose_file_is_gone(nights: Nights) -> None:
    path = nights.write("people.csv", HEAD + "1,,Ann,1970-12-31\n2,,Bob,31.12.1970\n,,Cy,1970-12-31\n")
    assert counted(nights.land(people())["people"]) == {"read": 3, "new": 1, "quarantined": 2}
    path.unlink()
    figures = nights.replay(people(MENDED))["people"]
    assert figures["outcome"] == "replayed"
    assert counted(figures) == {"read": 2, "new": 1, "quarantined": 1}
    assert nights.live("source_record_id", "full_name", "path", "line") == [
        ("1", "Ann", "people.csv", 2),
        ("2", "Bob", "people.csv", 3),
    ]
    assert nights.open() == [("people.csv", 4, None, "no_key")]


def test_the_next_reading_of_the_same_file_finds_nothing_new(nights: Nights) -> None:
    nights.write("people.csv", HEAD + "1,,Ann,1970-12-31\n2,,Bob,31.12.1970\n")
    nights.land(people())
    nights.replay(people(MENDED))
    assert counted(nights.land(people(MENDED))["people"]) == {"read": 2, "unchanged": 2}
    assert nights.open() == []


def test_what_was_accepted_since_stands(nights: Nights) -> None:
    load = {"load": "incremental"}
    nights.write("people1.csv", HEAD + "1,,Ann,31.12.1970\n2,,Bob,31.12.1970\n")
    nights.land(people(**load))
    (nights.workspace / "people1.csv").unlink()
    nights.write("people2.csv", HEAD + "1,,Ann Smith,1970-12-31\n")
    nights.land(people(**load))
    assert nights.open() == [("people1.csv", 3, "2", "bad_date")]
    nights.replay(people(MENDED, **load))
    assert nights.live("source_record_id", "full_name") == [("1", "Ann Smith"), ("2", "Bob")]


@pytest.mark.parametrize(
    ("quarantined", "since", "stands"),
    [("2021-01-02", "2021-01-01", "Ann"), ("2021-01-01", "2021-01-02", "Anna")],
)
def test_the_greater_updated_at_wins_whenever_it_came(
    nights: Nights, quarantined: str, since: str, stands: str
) -> None:
    given: dict[str, Any] = {"load": "incremental", "updated_at": "changed"}
    nights.write("people1.csv", HEAD + f"1,{quarantined},Ann,31.12.1970\n")
    nights.land(people(**given))
    (nights.workspace / "people1.csv").unlink()
    nights.write("people2.csv", HEAD + f"1,{since},Anna,1970-12-31\n")
    nights.land(people(**given))
    assert bool(nights.open()) == (stands == "Ann")
    nights.replay(people(MENDED, **given))
    assert nights.live("full_name") == [(stands,)]
    assert nights.open() == []


def test_a_file_that_was_read_again_takes_its_first_place_in_time(nights: Nights) -> None:
    load = {"load": "incremental"}
    nights.write("people1.csv", HEAD + "1,,Ann,31.12.1970\n")
    nights.land(people(**load))
    nights.write("people2.csv", HEAD + "1,,Anna,1970-12-31\n")
    nights.land(people(**load))
    (nights.workspace / "people2.csv").unlink()
    assert counted(nights.land(people(**load, trust=70))["people"]) == {"read": 1, "quarantined": 1}
    assert nights.rows("SELECT delivered_in FROM landing.quarantine WHERE delivery_id = 'people@n3'") == [
        ("people@n1",)
    ]
    assert nights.open() == []
    nights.replay(people(MENDED, **load, trust=70))
    assert nights.live("full_name") == [("Anna",)]


def test_nobody_is_deleted_by_a_replay(nights: Nights) -> None:
    keys = "".join(f"{key},,Ann,1970-12-31\n" for key in range(50))
    nights.write("people.csv", HEAD + keys + "90,,Bob,31.12.1970\n")
    nights.land(people())
    (nights.workspace / "people.csv").unlink()
    assert counted(nights.replay(people(MENDED))["people"]) == {"read": 1, "new": 1}
    assert len(nights.live()) == 51


def test_a_record_that_its_unreadable_row_had_deleted_comes_back(nights: Nights) -> None:
    nights.write("people.csv", HEAD + "1,,Ann,1970-12-31\n2,,Bob,1970-12-31\n")
    nights.land(people())
    nights.write("people.csv", HEAD + '1,,Ann,1970-12-31\n"2"",,Bob,1970-12-31\n')
    assert counted(nights.land(people())["people"]) == {"read": 2, "unchanged": 1, "quarantined": 1, "deleted": 1}
    mended = people(options={"quote": ""}, key="id")
    nights.replay(mended)
    assert nights.live("source_record_id") == [('"2""',), ("1",)]


def test_a_night_that_was_not_published_leaves_no_trace(nights: Nights) -> None:
    nights.write("people.csv", HEAD + "2,,Bob,31.12.1970\n")
    nights.land(people())
    before = nights.open()
    nights.replay(people(MENDED), publish=False)
    nights.begin()
    assert nights.open() == before


@pytest.mark.parametrize("kind", ["jsonl", "json"])
def test_objects(nights: Nights, kind: str) -> None:
    texts = [
        '{"id": "1", "name": "Ann", "born": "31.12.1970"}',
        '{"id": "2", "id": "3"}',
        '{"id": "4", "born": "1970-12-31"}',
        "[5]",
    ]
    source = people(files="people.*", format=kind, load="incremental")
    mended = people(MENDED, files="people.*", format=kind, load="incremental")
    nights.write(f"people.{kind}", "\n".join(texts) if kind == "jsonl" else f"[{', '.join(texts)}]")
    nights.land(source)
    assert [reason for _, _, _, reason in nights.open()] == ["bad_date", "ambiguous_json", "not_an_object"]
    (nights.workspace / f"people.{kind}").unlink()
    assert counted(nights.replay(mended)["people"]) == {"read": 3, "new": 1, "quarantined": 2}
    assert nights.live() == [("1",), ("4",)]
    assert [line for _, line, _, _ in nights.open()] == [2, 4]


def test_what_was_not_kept_whole_is_not_read_again(nights: Nights) -> None:
    """Bytes that are no text cannot be kept as one, so that the mail would be another one."""
    nights.write("mail.mbox", b"From x@x.example Mon May 03 03:03:15 2021\nno header \xff at all\n\n")
    source: dict[str, Any] = {"holds": "message", "files": "mail*.mbox", "format": "mbox", "load": "incremental"}
    nights.land({"mail": source})
    assert counted(nights.replay({"mail": source})["mail"]) == {}
    assert nights.open("kept_as", "reason") == [("part", "unreadable_mail")]


def test_mail(nights: Nights) -> None:
    mail = "From x@x.example Mon May 03 03:03:15 2021\nMessage-ID: <{0}@x>\nDate: Mon, 03 May 2021 03:03:15 -0800\n"
    mail += "From: Jo Doe <jo@x.example>\nTo: Shop <support@shop.example>\nSubject: Order {0}\n\nWhere is it?\n\n"
    noise = "From x@x.example Mon May 03 03:03:15 2021\nno header at all\n\n"
    source: dict[str, Any] = {"holds": "message", "files": "mail*.mbox", "format": "mbox", "load": "incremental"}
    at = {"column": "date_text", "format": "%d/%m/%Y"}
    nights.write("mail.mbox", mail.format(1) + noise)
    nights.land({"mail": source | {"activity": {"at": at}}})
    assert nights.open("reason", "kept_as") == [("bad_timestamp", "row"), ("unreadable_mail", "text")]
    (nights.workspace / "mail.mbox").unlink()
    assert counted(nights.replay({"mail": source})["mail"]) == {"read": 2, "new": 1, "quarantined": 1}
    replayed = state(nights)
    forget(nights)
    nights.write("mail.mbox", mail.format(1) + noise)
    nights.land({"mail": source})
    assert replayed == state(nights)
    assert nights.open("reason") == [("unreadable_mail",)]


def orders(amount: dict[str, Any], load: str = "full") -> dict[str, Any]:
    source = {"holds": "order", "files": "people*.csv", "format": "csv", "key": "no", "rows": "lines", "load": load}
    return {"orders": source | {"activity": {"items": {"sku": "sku", "amount": amount}}}}


PLAIN, COMMA = {"column": "price"}, {"column": "price", "decimal": ","}


@pytest.mark.parametrize("load", ["full", "incremental"])
def test_lines_of_one_record_are_replayed_together(nights: Nights, load: str) -> None:
    text = 'no;sku;price\n1;a;1\n1;b;"2,50"\n2;c;3\n1;d;4\n'.replace(";", ",")
    nights.write("people.csv", text)
    assert counted(nights.land(orders(PLAIN, load))["orders"]) == {"read": 2, "new": 1, "quarantined": 1}
    (nights.workspace / "people.csv").unlink()
    assert counted(nights.replay(orders(COMMA, load))["orders"]) == {"read": 1, "new": 1}
    replayed = state(nights)
    assert [item["sku"] for item in nights.live("items")[0][0]] == ["a", "b", "d"]
    forget(nights)
    nights.write("people.csv", text)
    nights.land(orders(COMMA, load))
    assert replayed == state(nights)


def test_a_line_that_could_not_be_read_does_not_replace_its_record(nights: Nights) -> None:
    """Its record was accepted without it: where the line belongs among the others is not known any more."""
    nights.write("people.csv", 'no,sku,price\n1,a,1\n"1"x,b,2\n2,c,3\n')
    source = orders(PLAIN)
    assert counted(nights.land(source)["orders"]) == {"read": 3, "new": 2, "quarantined": 1}
    (nights.workspace / "people.csv").unlink()
    nights.rows("UPDATE landing.quarantine SET lines = [{path: path, line: line, kept_as: 'text', raw: '1,b,2'}]")
    assert counted(nights.replay(source)["orders"]) == {"read": 1, "quarantined": 1}
    assert nights.open("source_record_id", "reason") == [("1", "incomplete_record")]
    assert [[item["sku"] for item in items] for (items,) in nights.live("items")] == [["a"], ["c"]]


def test_a_column_that_never_was_is_a_mistake(nights: Nights) -> None:
    nights.write("people.csv", HEAD + "2,,Bob,31.12.1970\n")
    nights.land(people())
    with pytest.raises(SettingsError, match="'birn'"):
        nights.replay(people({"column": "birn", "format": "%Y"}))


def test_the_same_row_has_the_same_id_wherever_it_stands(nights: Nights) -> None:
    nights.write("people.csv", HEAD + "2,,Bob,31.12.1970\n,,x,1970-12-31\n1,2\n")
    nights.land(people())
    first = dict(nights.open("reason", "row_id"))
    nights.write(
        "people.csv", HEAD.replace("\n", ",new\n") + "1,2\n9,,Cy,1970-12-31,\n,,x,1970-12-31,\n2,,Bob,31.12.1970,\n"
    )
    nights.land(people())
    assert dict(nights.open("reason", "row_id")) == first
    assert len(set(first.values())) == 3
    nights.rows(
        "INSERT INTO landing.quarantine_drop SELECT source, row_id, path, line, reason, now()::TIMESTAMP, 'ann', 'test'"
        f" FROM landing.quarantine WHERE row_id = '{first['no_key']}'"
    )
    nights.land(people())
    assert [reason for (reason,) in nights.open("reason")] == ["ragged_row", "bad_date"]

# ruff: noqa: DTZ001 - the warehouse keeps naive UTC
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from tests.connectors.conftest import Typing

LOS_ANGELES = "America/Los_Angeles"
CONTACTS = '[{"type":"phone","value":"1"},{"type":"mail","value":"x"},{"type":"phone","value":"2"},{"type":"phone"}]'


@pytest.mark.parametrize(
    ("expression", "texts", "expected"),
    [
        ("name", {"name": " Jo  Doe "}, " Jo  Doe "),
        ("name", {"name": ""}, None),
        ("name", {"name": None}, None),
        ({"join": ["a", "b"]}, {"a": "1", "b": "Elm"}, "1 Elm"),
        ({"join": ["a", "b", "c"], "with": ", "}, {"a": "1", "b": "", "c": "Elm"}, "1, Elm"),
        ({"join": ["a", {"value": "USA"}]}, {"a": ""}, "USA"),
        ({"join": ["a", "b"]}, {"a": "", "b": None}, None),
        ({"first": ["a", "b"]}, {"a": "", "b": "x"}, "x"),
        ({"first": ["a", {"join": ["b", "b"]}]}, {"a": None, "b": "x"}, "x x"),
        ({"value": "it's"}, {}, "it's"),
        ({"sql": "upper(name) || '!'"}, {"name": "jo"}, "JO!"),
        ({"sql": "CASE WHEN name IS NULL THEN 'none' END"}, {"name": ""}, "none"),
        ({"sql": 'coalesce("odd name", NAME) -- a note'}, {"odd name": None, "name": "jo"}, "jo"),
        ({"column": "a", "decimal": ",", "thousands": "."}, {"a": "1.234,50"}, "1234.50"),
        ({"column": "a", "format": "%d.%m.%Y"}, {"a": "5.6.2020"}, "2020-06-05"),
        ({"column": "a", "format": "%d.%m.%Y %H:%M"}, {"a": "5.6.2020 7:08"}, "2020-06-05T07:08:00Z"),
        ({"column": "a", "epoch": "s"}, {"a": "0"}, "1970-01-01T00:00:00Z"),
        ({"path": "a.b"}, {"a": '{"b":"x"}'}, "x"),
        ({"path": "a.b"}, {"a": '{"b":null}'}, None),
        ({"path": "a.b"}, {"a": '{"b":""}'}, None),
        ({"path": "a.b"}, {"a": '{"c":"x"}'}, None),
        ({"path": "a.b"}, {"a": "no object"}, None),
        ({"path": "a.b"}, {"a": '{"b":["", "y","z"]}'}, "y"),
        ({"path": "a.b.1.c"}, {"a": '{"b":[{"c":"x"},{"c":"y"}]}'}, "y"),
        ({"path": "a.b"}, {"a": '{"b":{"c":"x"}}'}, '{"c":"x"}'),
        ({"path": "a"}, {"a": "007"}, "007"),
        ({"path": "a"}, {"a": "12"}, "12"),
        ({"path": "a.b"}, {"a.b": "flat"}, "flat"),
        ({"path": "a.b~/c"}, {"a": '{"b~/c":"x"}'}, "x"),
        ({"path": "a", "where": {"type": "mail"}, "take": "value"}, {"a": CONTACTS}, "x"),
        ({"path": "a", "where": {"type": "fax"}, "take": "value"}, {"a": CONTACTS}, None),
    ],
)
def test_texts(typing: Typing, expression: object, texts: dict[str, str | None], expected: str | None) -> None:
    assert typing.value("full_name", expression, **texts) == expected


@pytest.mark.parametrize(
    ("expression", "texts", "expected"),
    [
        ("a", {"a": "x@y"}, ["x@y"]),
        ("a", {"a": ""}, []),
        (["a", "b", "c"], {"a": "1", "b": "", "c": "3"}, ["1", "3"]),
        ({"path": "a", "where": {"type": "phone"}, "take": "value"}, {"a": CONTACTS}, ["1", "2"]),
        ({"path": "a", "where": {"type": "phone", "value": "2"}, "take": "value"}, {"a": CONTACTS}, ["2"]),
        ({"path": "a.list"}, {"a": '{"list":["1",null,"","2"]}'}, ["1", "2"]),
        ({"path": "a.list"}, {"a": '{"list":"1"}'}, ["1"]),
        ({"path": "a.list"}, {"a": '{"list":[]}'}, []),
        ({"path": "a"}, {"a": "+1 (555) 12"}, ["+1 (555) 12"]),
        ({"path": "a.list", "take": "deep.er"}, {"a": '{"list":[{"deep":{"er":"1"}},{}]}'}, ["1"]),
        ([{"path": "a.list"}, "b"], {"a": '{"list":["1"]}', "b": "2"}, ["1", "2"]),
    ],
)
def test_lists(typing: Typing, expression: object, texts: dict[str, str | None], expected: list[str]) -> None:
    assert typing.value("phone", expression, **texts) == expected


@pytest.mark.parametrize(
    ("declared", "text", "expected"),
    [
        ({}, "1234.5", Decimal("1234.5")),
        ({}, " -7 ", Decimal(-7)),
        ({}, "+.5", Decimal("0.5")),
        ({}, "1e3", Decimal(1000)),
        ({}, "0.12345", Decimal("0.1235")),
        ({}, "1,234.50", "bad_number"),
        ({}, "1_000", "bad_number"),
        ({}, "$5", "bad_number"),
        ({}, "NaN", "bad_number"),
        ({}, "123456789012345", "bad_number"),
        ({}, "", None),
        ({"decimal": ","}, "1234,5", Decimal("1234.5")),
        ({"decimal": ","}, "1234.5", "bad_number"),
        ({"decimal": ",", "thousands": "."}, "1.234.567,89", Decimal("1234567.89")),
        ({"decimal": ",", "thousands": "."}, "1234567,89", Decimal("1234567.89")),
        ({"decimal": ",", "thousands": "."}, "1.23", "bad_number"),
        ({"thousands": ","}, "12,34,567.5", Decimal("1234567.5")),
        ({"thousands": "'"}, "1'234.5", Decimal("1234.5")),
        ({"decimal": ",", "thousands": " "}, "1\u202f234\u00a0567,5", Decimal("1234567.5")),
    ],
)
def test_money(typing: Typing, declared: dict[str, str], text: str, expected: object) -> None:
    assert typing.value("amount", {"column": "a", **declared}, a=text) == expected


def test_money_by_sql(typing: Typing) -> None:
    expression = {"sql": "TRY_CAST(cents AS DECIMAL(18,2)) / 100"}
    assert typing.value("amount", expression, cents="1234") == Decimal("12.34")
    assert typing.value("amount", expression, cents="x") is None
    assert typing.value("amount", {"sql": "cents"}, cents="x") == "bad_number"


@pytest.mark.parametrize(
    ("declared", "text", "expected"),
    [
        ({}, "1984-02-29", date(1984, 2, 29)),
        ({}, "1984-02-29T10:00:00+02:00", date(1984, 2, 29)),
        ({}, "02/29/1984", None),
        ({"format": "%m/%d/%Y"}, "02/29/1984", date(1984, 2, 29)),
        ({"format": "%m/%d/%Y"}, "02/30/1984", None),
        ({"format": "%m/%d/%Y"}, "06/01/2025", date(2025, 6, 1)),
        ({"format": "%m/%d/%Y"}, "06/02/2025", None),
        ({"format": "%m/%d/%Y"}, "infinity", None),
        ({"format": "%m/%d/%Y"}, "02/03/97", None),
        ({"format": ["%m/%d/%Y", "%m/%d/%y"]}, "02/03/97", date(1997, 2, 3)),
        ({"format": ["%m/%d/%Y", "%d.%m.%Y"]}, "29.2.1984", date(1984, 2, 29)),
        ({"format": "%d%m%y"}, "010243", date(1943, 2, 1)),
        ({"format": "%d%m%y"}, "010625", date(2025, 6, 1)),
        ({"format": "%d%m%y"}, "020625", date(1925, 6, 2)),
        ({"format": "%d%m%y"}, "290228", date(1928, 2, 29)),
        ({"format": "%Y-%m-%dT%H:%M:%S%z"}, "1984-02-29T00:30:00+0200", date(1984, 2, 29)),
        ({"epoch": "s"}, "86400", date(1970, 1, 2)),
        ({"epoch": "s"}, "99999999999", None),
    ],
)
def test_birth_dates(typing: Typing, declared: dict[str, Any], text: str, expected: object) -> None:
    typing.zone = LOS_ANGELES  # a birth date has no zone
    row = typing.one({"fields": {"birth_date": {"column": "a", **declared}}}, a=text)
    assert (row["_reason"], row["birth_date"]) == (None, expected)
    # what cannot be read costs the date, not the record, and is kept
    assert row["unreadable"] == ([] if expected else [{"attribute": "birth_date", "value": text}])


@pytest.mark.parametrize(
    ("declared", "text", "expected"),
    [
        ({}, "2021-06-01", datetime(2021, 6, 1, 7)),
        ({}, "2021-06-01 10:00", datetime(2021, 6, 1, 17)),
        ({}, "2021-06-01T10:00:00.25Z", datetime(2021, 6, 1, 10, 0, 0, 250_000)),
        ({}, "2021-06-01T10:00:00 +0200", datetime(2021, 6, 1, 8)),
        ({}, "2021-06-01T10:00:00,5-05", datetime(2021, 6, 1, 15, 0, 0, 500_000)),
        ({}, "06/01/2021", "bad_timestamp"),
        ({}, "epoch", "bad_timestamp"),
        ({}, "2021-02-30T00:00:00", "bad_timestamp"),
        ({"format": "%Y-%m-%dT%H:%M:%SZ"}, "2021-06-01T10:00:00Z", datetime(2021, 6, 1, 10)),
        ({"format": "%Y-%m-%dT%H:%M:%S%z"}, "2021-06-01T10:00:00+0200", datetime(2021, 6, 1, 8)),
        ({"format": "%Y-%m-%dT%H:%M:%S%z"}, "2021-06-01T10:00:00Z", datetime(2021, 6, 1, 10)),
        ({"format": "%d.%m.%Y %H:%M %Z"}, "1.6.2021 10:00 Europe/Berlin", datetime(2021, 6, 1, 8)),
        ({"format": ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]}, "2021-06-01T10:00:00Z", datetime(2021, 6, 1, 10)),
        ({"format": ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]}, "2021-06-01 10:00:00", datetime(2021, 6, 1, 17)),
        ({"format": "%Y-%m-%d"}, "-infinity", "bad_timestamp"),
        ({"epoch": "s"}, "1600000000.5", datetime(2020, 9, 13, 12, 26, 40, 500_000)),
        ({"epoch": "ms"}, "1600000000123", datetime(2020, 9, 13, 12, 26, 40, 123_000)),
        ({"epoch": "us"}, "1600000000123456", datetime(2020, 9, 13, 12, 26, 40, 123_456)),
        ({"epoch": "ns"}, "1600000000123456789", datetime(2020, 9, 13, 12, 26, 40, 123_456)),
        ({"epoch": "s"}, "-1", datetime(1969, 12, 31, 23, 59, 59)),
        ({"epoch": "s"}, "1600000000000", "bad_timestamp"),
        ({"epoch": "s"}, "1e9", "bad_timestamp"),
    ],
)
def test_times(typing: Typing, declared: dict[str, Any], text: str, expected: object) -> None:
    typing.zone = LOS_ANGELES
    assert typing.value("at", {"column": "a", **declared}, a=text) == expected


def test_times_by_parts(typing: Typing) -> None:
    typing.zone = LOS_ANGELES
    joined = {"join": [{"column": "day", "format": "%d/%m/%Y"}, "clock"], "with": "T"}
    assert typing.value("at", joined, day="02/06/2021", clock="10:30:00") == datetime(2021, 6, 2, 17, 30)
    assert typing.value("at", joined, day="31/02/2021", clock="10:30:00") == "bad_date"
    first = {"first": [{"column": "new", "epoch": "s"}, {"column": "old", "format": "%Y%m%d"}]}
    assert typing.value("at", first, new="", old="20210602") == datetime(2021, 6, 2, 7)
    assert typing.value("at", first, new="0", old="20210602") == datetime(1970, 1, 1)
    assert typing.value("at", {"sql": "TRY_CAST(day AS DATE)"}, day="2021-06-02") == datetime(2021, 6, 2, 7)
    assert typing.value("at", {"sql": "TRY_CAST(day AS TIMESTAMPTZ)"}, day="2021-06-02 00:00:00+00") == datetime(
        2021, 6, 2
    )
    assert typing.value("at", {"value": "2021-06-02T00:00:00Z"}) == datetime(2021, 6, 2)


CHANGES_OF_A_CLOCK = [
    datetime(2021, 3, 14, 2),
    datetime(2021, 11, 7, 2),
    datetime(2021, 3, 28, 2),
    datetime(2021, 10, 31, 3),
]
MOMENTS = st.one_of(
    st.datetimes(datetime(1980, 1, 1), datetime(2036, 1, 1)),
    st.builds(
        lambda change, minutes: change + timedelta(minutes=minutes),
        st.sampled_from(CHANGES_OF_A_CLOCK),
        st.integers(-180, 180),
    ),
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from([LOS_ANGELES, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]),
    moments=st.lists(MOMENTS, min_size=20, max_size=60),
)
def test_a_time_without_a_zone_is_in_the_configured_one(typing: Typing, zone: str, moments: list[datetime]) -> None:
    typing.zone = zone
    local = [moment.replace(microsecond=0) for moment in [*moments, *CHANGES_OF_A_CLOCK]]
    # fold=0 shifts forward what a gap leaves out, and takes the first of what an overlap gives twice.
    expected = [moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC).replace(tzinfo=None) for moment in local]
    mapping = {"activity": {"at": {"column": "a", "format": "%Y-%m-%dT%H:%M:%S"}}}
    assert [row["at"] for row in typing.rows(mapping, *({"a": moment.isoformat()} for moment in local))] == expected


def test_what_does_not_convert_says_where_and_what_is_allowed(typing: Typing) -> None:
    mapping = {
        "fields": {"extra.born": {"column": "born on", "format": "%m/%d/%Y"}},
        "activity": {"amount": {"path": "paid.sum", "decimal": ","}},
    }
    row = typing.one(mapping, **{"born on": "13/45/1990", "paid": '{"sum":"1,5"}'})
    assert row["_reason"] == "bad_date"
    assert row["_detail"] == ("extra.born from column 'born on': found '13/45/1990', allowed: %m/%d/%Y")
    row = typing.one(mapping, **{"born on": "", "paid": '{"sum":"1.5"}'})
    assert row["_detail"].startswith("amount from 'paid.sum': found '1.5', allowed: a number with ',' as decimal mark")


def test_names_and_order(typing: Typing) -> None:
    row = typing.one({"fields": {"full_name": {"column": "NAME", "name_order": "family_first"}}}, NAME="DOE JO")
    assert (row["full_name"], row["name_order"]) == ("DOE JO", "family_first")
    assert typing.one({"fields": {"full_name": "NAME"}}, NAME="Jo Doe")["name_order"] is None


def test_identifiers_extras_and_links(typing: Typing) -> None:
    mapping = {
        "fields": {
            "identifier.loyalty": {"column": "card", "exclusive": True},
            "identifier.login": ["login", "nick"],
            "extra.tier": "tier",
        },
        "links": [{"source": "accounts", "record": "account"}, {"source": "crm", "record": {"value": "1"}}],
    }
    row = typing.one(mapping, card="77", login="", nick="jo", tier="gold", account="")
    assert row["identifiers"] == [
        {"name": "loyalty", "value": "77", "exclusive": True},
        {"name": "login", "value": "jo", "exclusive": False},
    ]
    assert row["extras"] == [{"name": "tier", "value": "gold"}]
    assert row["links"] == [{"source": "crm", "source_record_id": "1"}]


def test_status_channel_direction(typing: Typing) -> None:
    status = {"column": "state", "open": ["open", "pending"], "closed": "Solved", "cancelled": ["void"]}
    mapping = {"holds": "case", "activity": {"status": status, "direction": "way", "channel": "via"}}
    classes = [typing.one(mapping, state=state, way=None, via=None) for state in ("Pending", "solved", "void", "else")]
    assert [row["status_class"] for row in classes] == ["open", "closed", "cancelled", None]
    assert classes[0]["status"] == "Pending"
    assert classes[0]["channel"] == "case"
    row = typing.one(mapping, state="", way="Inbound ", via="phone")
    assert (row["direction"], row["channel"]) == ("inbound", "phone")
    assert typing.one(mapping, state="", way="in", via="")["_reason"] == "bad_value"


def test_references_are_found_in_subject_and_body(typing: Typing) -> None:
    mapping = {
        "activity": {"subject": "about", "body": "text"},
        "references": [r"SO-\d{4}", r"(?i)case (\d+)"],
    }
    row = typing.one(mapping, about="Re: SO-0002", text="so-0001 SO-0001, Case 17\nand SO-0002")
    assert row["quoted_references"] == ["17", "SO-0001", "SO-0002"]
    assert typing.one(mapping, about="", text="")["quoted_references"] == []


def test_what_is_nobodys_by_what_its_source_holds(typing: Typing) -> None:
    assert typing.one({"holds": "inventory"})["excluded_reason"] == "not_a_customer_record"
    assert typing.one({"holds": "account"})["excluded_reason"] is None


def test_updated_at_is_the_time_it_happened_where_none_is_mapped(typing: Typing) -> None:
    row = typing.one({"activity": {"at": "a"}}, a="2021-06-01")
    assert row["updated_at"] == datetime(2021, 6, 1)
    row = typing.one({"activity": {"at": "a"}, "updated_at": "b"}, a="2021-06-01", b="2021-06-02")
    assert row["updated_at"] == datetime(2021, 6, 2)


def test_nulls_are_what_is_declared(typing: Typing) -> None:
    mapping = {"fields": {"city": "a", "email": {"path": "b.c"}}, "options": {"nulls": ["NULL", "-"]}}
    row = typing.one(mapping, a="NULL", b='{"c":"-"}')
    assert (row["city"], row["emails"]) == (None, [])
    assert typing.one(mapping, a="", b="")["city"] == ""


def test_odd_names_of_columns_stay_apart(typing: Typing) -> None:
    odd = 'k" from x; drop table landing.file; --'
    mapping = {"fields": {"given_name": "Name", "family_name": "name", "city": odd, "street": ""}}
    row = typing.one(mapping, Name="Jo", name="Doe", **{odd: "x", "": "y"})
    assert (row["given_name"], row["family_name"], row["city"], row["street"]) == ("Jo", "Doe", "x", "y")


@pytest.mark.parametrize(
    ("mapping", "key", "problem"),
    [
        (
            {"activity": {"at": {"column": "a", "decimal": ","}}},
            "activity.at",
            "gives a text, and this attribute is a time",
        ),
        ({"activity": {"amount": {"column": "a", "epoch": "s"}}}, "activity.amount", "gives a time"),
        ({"fields": {"city": {"sql": "SELECT 1"}}}, "fields.city", "the sql cannot be read"),
        ({"fields": {"city": {"sql": "a + 1 + [1]"}}}, "fields.city", "the sql cannot be computed"),
        ({"key": []}, "key", "missing"),
    ],
)
def test_a_mapping_that_cannot_be_computed_is_refused(
    typing: Typing, mapping: dict[str, Any], key: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as error:
        typing.one(mapping, a="1")
    assert error.value.key == f"sources.s.{key}"
    assert problem in error.value.message


def test_sql_that_fails_on_a_row_says_what_to_use(typing: Typing) -> None:
    mapping = {"fields": {"city": {"sql": "CAST(a AS INTEGER)"}}}
    assert typing.one(mapping, a="1")["city"] == "1"
    with pytest.raises(SettingsError, match="use TRY_CAST"):
        typing.one(mapping, a="x")


def test_a_zone_that_is_none_is_refused(typing: Typing) -> None:
    typing.zone = "America/Nowhere"
    with pytest.raises(SettingsError, match="'America/Nowhere' is no time zone"):
        typing.one({}, a="1")

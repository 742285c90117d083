"""The data contract: what breaks a reader fails here until the contract's major version says so.

`contract_of_major_version.yaml` is what the current major version has promised so far. Where the contract breaks it,
raise the first number of `VERSION` in warehouse/data_contract.py, and copy docs/reference/data-contract.yaml over it.
Where something new is to be kept from now on, raise the second number and copy it too.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from warehouse.connection import open_memory
from warehouse.contract_breaks import SEALED, find_breaks, is_allowed
from warehouse.contract_promises import ALWAYS, RELATIONS
from warehouse.data_contract import contract_page, data_contract
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    Document = dict[str, Any]
    Change = Callable[[Document], object]

PROMISED = Path(__file__).with_name("contract_of_major_version.yaml")
FULL = {spec.name: spec for spec in RELEASE_TABLES}


@pytest.fixture(scope="module")
def contract() -> Document:
    return data_contract()


def changed(document: Document, *changes: Change) -> Document:
    """Return a copy to which the changes were made."""
    found = copy.deepcopy(document)
    for change in changes:
        change(found)
    return found


def table(document: Document, name: str) -> Document:
    found: Document = next(entry for entry in document["schema"] if entry["name"] == name)
    return found


def column(document: Document, place: str) -> Document:
    name, _, of_it = place.partition(".")
    found: Document = next(entry for entry in table(document, name)["properties"] if entry["name"] == of_it)
    return found


def drop(place: str) -> Change:
    name, _, of_it = place.partition(".")
    if not of_it:
        return lambda document: document["schema"].remove(table(document, name))
    return lambda document: table(document, name)["properties"].remove(column(document, place))


def put(place: str, **said: object) -> Change:
    return lambda document: column(document, place).update(said)


def values_of(document: Document, place: str) -> list[str]:
    found: list[str] = column(document, place)["quality"][0]["arguments"]["validValues"]
    return found


BREAKS: dict[str, Change] = {
    "the table household is gone": drop("household"),
    "profile.orders is gone": drop("profile.orders"),
    "customer.email is gone": put("customer.email", name="e_mail"),
    "profile.orders is INTEGER, which was BIGINT": put("profile.orders", physicalType="INTEGER"),
    "activity.amount is DECIMAL(12,2), which was DECIMAL(18,4)": put("activity.amount", physicalType="DECIMAL(12,2)"),
    "activity.amount is DECIMAL(18,2), which was DECIMAL(18,4)": put("activity.amount", physicalType="DECIMAL(18,2)"),
    "customer.emails is VARCHAR, which was VARCHAR[]": put("customer.emails", physicalType="VARCHAR"),
    "customer.birth_date is VARCHAR, which was DATE": put("customer.birth_date", physicalType="VARCHAR"),
    "crosswalk.golden_id may be null": put("crosswalk.golden_id", required=False),
    "known_issue.title holds personal data": put("known_issue.title", classification="personal"),
    "customer.safe_for is never service any more": lambda document: values_of(document, "customer.safe_for").remove(
        "service"
    ),
    "profile.experience has no closed list any more": lambda document: column(document, "profile.experience").pop(
        "quality"
    ),
    "change.event may be renamed, which nobody": lambda document: values_of(document, "change.event").append("renamed"),
    "crosswalk has another key": put("crosswalk.source", primaryKey=False),
    "crosswalk: crosswalk.golden_id need not lead to": lambda document: table(document, "crosswalk").pop(
        "relationships"
    ),
    "the promise goldenIdIsPermanent is gone": lambda document: document["customProperties"].pop(0),
}
NO_BREAKS: dict[str, Change] = {
    "the same": lambda document: document.update(document),
    "a table": lambda document: document["schema"].append({"name": "more", "properties": []}),
    "a column": lambda document: table(document, "profile")["properties"].append({"name": "more"}),
    "a wider number": put("item.line", physicalType="BIGINT"),
    "more digits": put("activity.amount", physicalType="DECIMAL(38,4)"),
    "never null": put("customer.full_name", required=True),
    "no personal data": put("activity.subject", classification="internal"),
    "a value": lambda document: values_of(document, "activity.kind").append("visit"),
    "a part of a struct": put(
        "provenance.alternatives",
        physicalType="STRUCT(value VARCHAR, source VARCHAR, source_record_id VARCHAR, observed_at TIMESTAMP,"
        " rule VARCHAR)[]",
    ),
    "another meaning": put("profile.orders", description="orders that were paid"),
}


def test_nothing_breaks_who_reads_by_the_major_version(contract: Document) -> None:
    promised = YAML(typ="safe").load(PROMISED)
    assert is_allowed(promised, contract), find_breaks(promised, contract)


@pytest.mark.parametrize("told", BREAKS)
def test_a_break_takes_another_major_version(contract: Document, told: str) -> None:
    broken = changed(contract, BREAKS[told])
    assert [each for each in find_breaks(contract, broken) if each.startswith(told)], find_breaks(contract, broken)
    assert not is_allowed(contract, broken)
    assert not is_allowed(contract, {**broken, "version": "1.9.0"})
    assert is_allowed(contract, {**broken, "version": "2.0.0"})


@pytest.mark.parametrize("what", NO_BREAKS)
def test_what_is_new_or_stricter_breaks_nobody(contract: Document, what: str) -> None:
    assert find_breaks(contract, changed(contract, NO_BREAKS[what])) == []


def test_the_contract_says_all_of_the_specs(contract: Document) -> None:
    assert YAML(typ="safe").load(contract_page()) == contract
    assert [entry["name"] for entry in contract["schema"]] == list(FULL)
    for spec in RELEASE_TABLES:
        for said in spec.columns:
            found = column(contract, f"{spec.name}.{said.name}")
            assert found["required"] is not said.nullable
            assert found["description"] == said.meaning
            assert (found["classification"] == "personal") is said.personal
            if said.values:
                assert values_of(contract, f"{spec.name}.{said.name}") == list(said.values)


def test_what_is_promised_is_of_tables_that_there_are() -> None:
    for relation in RELATIONS:
        assert set(relation.columns) <= set(FULL[relation.table].column_names)
        assert set(relation.to_columns) <= set(FULL[relation.to_table].column_names)
    for place in SEALED:
        assert place[1] in FULL[place[0]].column_names


def test_every_rule_can_be_asked_of_an_empty_release(contract: Document) -> None:
    with open_memory() as con:
        for spec in RELEASE_TABLES:
            con.execute(spec.create_sql(schema="main"))
        asked = [rule["query"] for entry in contract["schema"] for rule in entry["quality"] if rule["type"] == "sql"]
        assert len(asked) == len(RELATIONS) + len(ALWAYS)
        for query in asked:
            assert con.execute(query).fetchall() == [(0,)], query

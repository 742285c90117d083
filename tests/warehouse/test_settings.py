"""Loading joinedup.yaml: what is right is understood, what is wrong is named with file, line and key."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.warehouse.written_settings import RIGHT, load
from warehouse.errors import SettingsError
from warehouse.settings.digest import mapping_hash, settings_hash
from warehouse.settings.expressions import ColumnExpression, FirstExpression, JoinExpression, PathExpression
from warehouse.settings.load import load_settings
from warehouse.settings.secrets import reveal
from warehouse.settings.sources import KeyHash
from warehouse.settings.template import TEMPLATE

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_right_is_understood(tmp_path: Path) -> None:
    settings = load(tmp_path, RIGHT)
    orders = settings.sources["orders"]
    assert orders.key == ("order_id",)
    assert orders.options.nulls == ("", "NULL")
    assert orders.expect.every == timedelta(days=1)
    assert orders.fields["full_name"] == (ColumnExpression(column="customer"),)
    email, path = orders.fields["email"]
    assert (email, path) == (
        ColumnExpression(column="email"),
        PathExpression(path="contacts", where={"type": "mail"}, take="value"),
    )
    street = orders.fields["street"][0]
    assert isinstance(street, JoinExpression)
    assert isinstance(street.join[1], FirstExpression)
    assert orders.fields["identifier.loyalty"] == (ColumnExpression(column="card", exclusive=True),)
    assert orders.activity.status is not None
    assert orders.activity.status.closed == ("done",)
    assert orders.activity.items is not None
    assert orders.activity.items.sku == ColumnExpression(column="sku")


def test_norway_is_a_country_and_no_is_not_false(tmp_path: Path) -> None:
    assert load(tmp_path, RIGHT.replace("country: US", "country: NO")).country == "NO"
    assert load(tmp_path, RIGHT.replace("country: US", "country: no")).country == "NO"


def test_a_key_may_be_one_column_several_or_a_hash(tmp_path: Path) -> None:
    for written, understood in (
        ("[a, b]", ("a", "b")),
        ("{hash: [a, b]}", KeyHash(hash=("a", "b"))),
        ("{hash: a}", KeyHash(hash=("a",))),
    ):
        settings = load(tmp_path, RIGHT.replace("key: order_id", f"key: {written}"))
        assert settings.sources["orders"].key == understood


def test_shares_are_percentages_or_numbers(tmp_path: Path) -> None:
    settings = load(tmp_path, RIGHT + "gate: {max_merged_customers: 7.5%, max_split_customers: 0}\n")
    assert (settings.gate.max_merged_customers, settings.gate.max_split_customers) == (0.075, 0)


def test_the_template_loads_and_its_comments_are_true(tmp_path: Path) -> None:
    settings = load(tmp_path, TEMPLATE)
    assert list(settings.sources) == ["customers"]
    told = TEMPLATE[TEMPLATE.index("# survivorship:") :].replace("\n# ", "\n").removeprefix("# ")
    told = told.replace("  attributes: {email: [recency, trust]}\n", "")
    assert load(tmp_path, TEMPLATE + told) == settings
    commented = "\n".join(
        line.replace("# ", "", 1) if line.startswith(("    # ", "      # ", "  #   ", "  # mail:")) else line
        for line in TEMPLATE.split("\n# What follows")[0].splitlines()
    ).replace("    links: [{source: other", "    links: [{source: mail")
    opened = load(tmp_path, commented.replace("full_name: name ", "name_suffix: name "))
    assert list(opened.sources) == ["customers", "mail"]
    assert opened.sources["customers"].activity.status is not None


def test_what_yaml_1_1_would_have_made_of_it_stays_text(tmp_path: Path) -> None:
    text = RIGHT.replace("open: [new]", "open: [yes, off, 12:30, 2026-01-31]")
    status = load(tmp_path, text).sources["orders"].activity.status
    assert status is not None
    assert status.open == ("yes", "off", "12:30", "2026-01-31")


def test_a_secret_is_in_no_settings_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = RIGHT + "stewardship: {database: 'postgresql://ann:${DB_PASSWORD}@host/db'}\n"
    monkeypatch.setenv("DB_PASSWORD", "canary")
    settings = load(tmp_path, text)
    before = settings_hash(settings)
    assert "canary" not in repr(settings) + settings.model_dump_json()
    assert reveal(settings.stewardship.database) == "postgresql://ann:canary@host/db"
    monkeypatch.setenv("DB_PASSWORD", "another")
    assert settings_hash(load(tmp_path, text)) == before
    monkeypatch.delenv("DB_PASSWORD")
    with pytest.raises(SettingsError, match="DB_PASSWORD is not set"):
        reveal(settings.stewardship.database)


def test_the_hashes_of_the_configuration_cover_what_they_should(tmp_path: Path) -> None:
    settings = load(tmp_path, RIGHT)
    commented = load(tmp_path, "# a comment\n" + RIGHT)
    assert settings_hash(commented) == settings_hash(settings)

    def mapping(text: str, zone: str = "UTC") -> str:
        return mapping_hash(load(tmp_path, text).sources["orders"], zone, "US")

    assert mapping(RIGHT) == mapping(RIGHT.replace("exports/", "elsewhere/"))
    changed = {
        mapping(RIGHT),
        mapping(RIGHT, "Europe/Berlin"),
        mapping(RIGHT.replace("full_name: customer", "full_name: name")),
        mapping(RIGHT.replace('delimiter: ";"', 'delimiter: ","')),
        mapping(RIGHT.replace("key: order_id", "key: order_id\n    trust: 60")),
    }
    assert len(changed) == 5
    assert settings_hash(load(tmp_path, RIGHT + "identity: {salt: x}\n")) != settings_hash(settings)


def test_shared_examples_load(shared_data: Path) -> None:
    for path in sorted((shared_data.parents[1] / "examples").glob("*.yaml")):
        assert load_settings(path).version == 1

"""The example's joinedup.yaml: YAML 1.2 that the settings accept, naming nothing that the exports lack."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.examples.conftest import Night


def parsed(night: Night) -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(night.folder / "joinedup.yaml")
    return document


def columns_named(value: object) -> Iterator[str]:
    """Yield every column and path that settings name."""
    if isinstance(value, dict):
        yield from (str(value[word]) for word in ("column", "path") if value.get(word))
        for inner in value.values():
            yield from columns_named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from columns_named(inner)


def test_only_the_first_night_brings_it(nights: dict[int, Night]) -> None:
    assert [(night.folder / "joinedup.yaml").exists() for night in nights.values()] == [True, False, False]
    assert ["joinedup.yaml" in night.story.files for night in nights.values()] == [True, False, False]


def test_the_settings_accept_it(nights: dict[int, Night]) -> None:
    settings = Settings.model_validate(parsed(nights[1]))
    assert list(settings.sources) == list(nights[1].story.records)
    loads = {name: source.load for name, source in settings.sources.items()}
    assert {name for name, load in loads.items() if load == "incremental"} == {"mail"}
    assert set(loads.values()) == {"full", "incremental"}


def test_every_column_it_names_is_exported(nights: dict[int, Night]) -> None:
    folder = nights[1].folder
    settings = Settings.model_validate(parsed(nights[1]))
    with (folder / "exports/orders.csv").open(encoding="cp1252", newline="") as file:
        orders = set(next(csv.reader(file, delimiter=";")))
    with (folder / "exports/billing.csv").open(encoding="utf-8", newline="") as file:
        billing = set(next(csv.reader(file)))
    case = json.loads((folder / "exports/cases.jsonl").read_text(encoding="utf-8").splitlines()[0])
    cases = set(case) | {f"contact.{name}" for name in case["contact"]}
    for source, exported in (("orders", orders), ("billing", billing), ("cases", cases)):
        named = set(columns_named(settings.sources[source].model_dump()))
        assert len(named) > 10
        assert named <= exported
    for source in ("shipments", "inventory", "known_issues"):
        with (folder / f"exports/{source}.csv").open(encoding="utf-8", newline="") as file:
            plain = set(next(csv.reader(file)))
        named = set(columns_named(settings.sources[source].model_dump()))
        assert len(named) >= 5
        assert named <= plain


def test_every_status_is_known_and_every_reference_found(nights: dict[int, Night]) -> None:
    settings = Settings.model_validate(parsed(nights[1]))
    status = settings.sources["orders"].activity.status
    assert status is not None
    with (nights[1].folder / "exports/orders.csv").open(encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert {row["status"] for row in rows} == {*status.open, *status.closed, *status.cancelled}
    pattern = settings.sources["mail"].references[0]
    assert all(re.fullmatch(pattern, row["order_no"]) for row in rows)

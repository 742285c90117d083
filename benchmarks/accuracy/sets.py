"""The data sets to measure on: what each is, where it lies, and the joinedup.yaml that it is read with.

A set is a YAML file under `sets/`, or a folder that was made beforehand (`joinedup.yaml`, `exports/`, `truth.parquet`).
No set has a `matching` key: what is measured are the defaults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from warehouse.connection import open_memory, quote_literal

SETS = Path(__file__).parent / "sets"

ORDER = (
    "customers_small",
    "customers_hard",
    "customers_large",
    "fake_1000",
    "febrl3",
    "febrl4",
    "historical_50k",
    "pseudopeople_link",
    "senzing_truthset",
    "dedupe_childcare_sites",
    "dupehell_ecommerce_medium",
    "RLdata500",
)
"""The sets in the order of the table."""


@dataclass(frozen=True, slots=True)
class AccuracySet:
    """One set: `records` is its one table with a column `source`, or `exports` the folder of its sources' files.

    `fields` maps the one table's columns; `joinedup` is the whole joinedup.yaml of a set of several exports.
    `persons` is what the truth knows of each person, where it does. `splink_exact` names columns that Splink is to
    compare besides: of `extra.*`, or a city that does not go with the postal code; `splink_gigabytes` is the memory
    that Splink needs, where that is more than most machines have.
    """

    name: str
    about: str
    licence: str
    origin: str
    truth: Path
    records: Path | None = None
    exports: Path | None = None
    persons: Path | None = None
    country: str | None = None
    fields: dict[str, Any] | None = None
    joinedup: dict[str, Any] | None = None
    splink_exact: tuple[str, ...] = ()
    splink_gigabytes: int | None = None

    @property
    def is_there(self) -> bool:
        """Whether the data and its truth are where they should be."""
        data = self.records or self.exports
        return data is not None and data.exists() and self.truth.exists()

    def settings(self) -> dict[str, Any]:
        """Return the content of its joinedup.yaml. Raises ValueError where that would not be the defaults."""
        settings = self.joinedup or self._settings_of_table()
        if "matching" in settings:
            raise ValueError(f"{self.name} has a `matching` key: only the defaults are measured; remove it")
        return settings

    def sources(self) -> dict[str, str]:
        """Return the one table's sources: the name that joinedup.yaml allows, and the name in the column `source`."""
        con = open_memory()
        table = quote_literal(str(self.records))
        names = con.execute(f"SELECT DISTINCT source FROM read_parquet({table}) ORDER BY 1").fetchall()
        con.close()
        return {re.sub(r"\W+", "_", name.lower()).strip("_"): name for (name,) in names}

    def _settings_of_table(self) -> dict[str, Any]:
        source = {"holds": "account", "format": "parquet", "load": "full", "key": "source_record_id"}
        sources = {
            name: {**source, "files": f"exports/{name}.parquet", "fields": self.fields} for name in self.sources()
        }
        return {"version": 1, "timezone": "UTC", "country": self.country, "sources": sources}


def load_sets(data: Path) -> tuple[AccuracySet, ...]:
    """Return the shipped sets, whose files are looked for under `data`."""
    return tuple(load_set(name, data) for name in ORDER)


def load_set(name: str, data: Path) -> AccuracySet:
    """Return one shipped set."""
    told = _read(SETS / f"{name}.yaml")
    like = told.pop("same_joinedup_as", None)
    if like:
        told["joinedup"] = _read(SETS / f"{like}.yaml")["joinedup"]
    for key in ("records", "exports", "truth", "persons"):
        if key in told:
            told[key] = data / told[key]
    return AccuracySet(name=name, **told | {"splink_exact": tuple(told.get("splink_exact", ()))})


def scale_set(folder: Path) -> AccuracySet:
    """Return a workspace with truth, made beforehand, as a set."""
    return AccuracySet(
        name=folder.name,
        about="a generated workspace",
        licence="none needed: made up",
        origin="generated",
        truth=folder / "truth.parquet",
        exports=folder / "exports",
        joinedup=_read(folder / "joinedup.yaml"),
    )


def _read(path: Path) -> dict[str, Any]:
    yaml = YAML(typ="safe")
    yaml.version = (1, 2)
    content: dict[str, Any] = yaml.load(path)
    return content

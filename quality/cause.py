"""What made a rule hold: a cause, told by source, delivery, value and rule, and the candidate it is looked for in.

Invariant: a value is named only where so many customers carry it that it is nobody's own; else it is counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

_FILES_TOLD = 3
_LONGEST_VALUE = 60
_PLACEHOLDERS = {"email", "phone", "identifier"}
"""What may be proposed for `matching.placeholders`; to take a name for nobody's is not to be said lightly."""

NAMES = {
    "name": ("name", "names"),
    "given_name": ("given name", "given names"),
    "family_name": ("family name", "family names"),
    "birth_date": ("birth date", "birth dates"),
    "email": ("e-mail", "e-mails"),
    "phone": ("phone", "phones"),
    "address": ("address", "addresses"),
    "street": ("street", "streets"),
    "organisation": ("organisation", "organisations"),
    "identifier": ("identifier", "identifiers"),
}
"""What people call an attribute: one of it, and several."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: a clause for people and what to do about it, and the same as data.

    `affected` are the customers or records that it explains. `value` is empty where it is not to be named.
    """

    told: str
    advice: str = ""
    affected: int = 0
    source: str = ""
    delivery_id: str = ""
    files: tuple[str, ...] = ()
    attribute: str = ""
    value: str = ""
    match_key: str = ""

    def document(self) -> dict[str, Any]:
        """Return the cause as quality.gate keeps it."""
        data = (self.told, self.affected, self.source, self.delivery_id, list(self.files))
        names = ("told", "affected", "source", "delivery_id", "files")
        last = {"attribute": self.attribute, "value": self.value, "match_key": self.match_key}
        return dict(zip(names, data, strict=True)) | last


@dataclass(frozen=True)
class Candidate:
    """Tonight's candidate, to be asked: an open transaction of the warehouse, with the last releases attached."""

    con: DuckDBPyConnection
    settings: Settings
    run: Run

    @property
    def at_least(self) -> int:
        """From how many customers or records on a share counts, and a value may be named."""
        return self.settings.gate.and_at_least

    def rows(self, query: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Return what the query finds; of the parameters, and of $run and $at_least, it gets those that it names."""
        known = {"run": self.run.run_id, "at_least": self.at_least, **parameters}
        asked = {name: value for name, value in known.items() if f"${name}" in query}
        return self.con.execute(query, asked).fetchall()

    def count(self, query: str, **parameters: object) -> int:
        """Return the one number that the query finds, 0 where there is none."""
        found = self.rows(query, **parameters)
        return int(found[0][0] or 0) if found else 0

    @cached_property
    def deliveries(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Tonight's deliveries: source -> its delivery and the files that were read."""
        found = self.rows(
            "SELECT delivery.source, delivery.delivery_id,"
            " coalesce(list(file.path ORDER BY file.path) FILTER (file.left_because IS NULL AND file.path IS NOT NULL),"
            " []) FROM landing.delivery AS delivery LEFT JOIN landing.file AS file USING (delivery_id)"
            " WHERE delivery.run_id = $run GROUP BY ALL"
        )
        return {source: (delivery, tuple(files)) for source, delivery, files in found}

    def files(self, source: str) -> tuple[str, ...]:
        """Return the files that were read of a source tonight."""
        return self.deliveries.get(source, ("", ()))[1]

    def of(self, source: str) -> dict[str, Any]:
        """Return what a Cause says of where it came from."""
        delivery, files = self.deliveries.get(source, ("", ()))
        return {"source": source, "delivery_id": delivery, "files": files}

    def place(self, source: str) -> str:
        """Return the source with the files of tonight's delivery, for people."""
        return f"{source} ({named(self.files(source))})" if self.files(source) else source


def named(files: Sequence[str]) -> str:
    """Return the names of the first files, and how many more there are."""
    more = f" and {len(files) - _FILES_TOLD} more" if len(files) > _FILES_TOLD else ""
    return ", ".join(files[:_FILES_TOLD]) + more


def shown(value: str) -> str:
    """Return a value on one line, cut where it is long."""
    line = " ".join(value.split())
    return line if len(line) <= _LONGEST_VALUE else f"{line[: _LONGEST_VALUE - 1]}…"


def noun(attribute: str, count: int = 1) -> str:
    """Return what people call the attribute, or so many of it."""
    one, several = NAMES.get(attribute, (attribute, attribute))
    return one if count == 1 else several


def placeholder_advice(attribute: str, value: str) -> str:
    """Return the line that takes the value out of matching; empty where no placeholder can be named."""
    if attribute not in _PLACEHOLDERS:
        return ""
    line = f"placeholders: {{{attribute}: [{json.dumps(value, ensure_ascii=False)}]}}"
    return f"if that {noun(attribute)} is nobody's, write `{line}` under matching in joinedup.yaml"

"""What a role sees of personal data: a reader gets it masked or withheld, an agent what serving takes, a steward all.

Which columns are personal the table specs say. A reader sees names and places as far as the city, the first letter and
the domain of an e-mail, the end of a phone and of an identifier, the year of a birth date, and nothing else of these:
what is personal and not named here is withheld. Keeps this: a column that becomes personal is masked that day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stewardship.accounts import allows
from warehouse.tables.care import CONTACT_FACT
from warehouse.tables.golden import CHANGE, CUSTOMER, PROVENANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from serving.reading.tables import Row
    from warehouse.table_spec import TableSpec

HIDDEN = "•••"
_LAST = 2
_LEAST_OF_AN_END = 5
"""A value has to be so long for its last two characters to tell next to nothing about it."""


def sees_masked(role: str) -> bool:
    """Say whether contact data are masked for a role; then it does not find by parts of them either."""
    return not allows(role, "agent")


def mask(spec: TableSpec, row: Row, role: str) -> Row:
    """Return a row of a table, or a part of one, as a role may see it; what is no column of the table stays."""
    if allows(role, "steward"):
        return row
    if sees_masked(role):
        personal = {column.name for column in spec.columns if column.personal}
        seen = {name: _seen(name, value) if name in personal else value for name, value in row.items()}
    else:
        seen = dict(row)
    if spec in (PROVENANCE, CONTACT_FACT):
        _mask_told(seen, row, role)
    elif spec is CHANGE and "after" in row:
        after = row["after"]
        seen["after"] = mask(CUSTOMER, after, role) if isinstance(after, dict) else None
    return seen


def mask_all(spec: TableSpec, rows: Iterable[Row], role: str) -> list[Row]:
    """Return rows of a table as a role may see them."""
    return [mask(spec, row, role) for row in rows]


def mask_email(email: str) -> str:
    """Return an e-mail by its first letter and its domain: `a•••@domain`."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}{HIDDEN}@{domain}" if at and len(name) > 1 else f"{HIDDEN}@{domain}" if at else HIDDEN


def mask_end(value: str) -> str:
    """Return a phone or an identifier by its last two characters."""
    return f"{HIDDEN}{value[-_LAST:]}" if len(value) >= _LEAST_OF_AN_END else HIDDEN


def _mask_told(seen: Row, row: Row, role: str) -> None:
    """Mask a value that is of the attribute that its row names; and the values that lost."""
    if sees_masked(role) and "value" in row:
        seen["value"] = _seen(row["attribute"].partition(".")[0], row["value"])
    if "alternatives" in row:
        may_see = allows(role, "agent")
        seen["alternatives"] = [lost | {"source_record_id": None} for lost in row["alternatives"]] if may_see else []


def _seen(name: str, value: Any) -> Any:  # noqa: ANN401 - a value of any type
    """Return what a reader sees of a personal value of an attribute or column."""
    if value is None:
        return None
    return value if name in _KEPT else _MASKS[name](value) if name in _MASKS else None


def _each(mask_one: Callable[[str], str]) -> Callable[[Iterable[str]], list[str]]:
    return lambda values: [mask_one(value) for value in values]


def _identifiers(values: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {name: [mask_end(value) for value in each] for name, each in values.items()}


_KEPT = frozenset({"full_name", "given_name", "middle_name", "family_name", "name_suffix", "name"}) | {
    "organisation",
    "city",
    "region",
    "country",
}
_MASKS: Mapping[str, Callable[[Any], Any]] = {
    "email": mask_email,
    "phone": mask_end,
    "emails": _each(mask_email),
    "phones": _each(mask_end),
    "identifiers": _identifiers,
    "identifier": mask_end,
    "birth_date": lambda value: str(value)[:4],
}

"""A record that is asked about: its identity attributes as delivered, by the names that they have in joinedup.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS = (
    *("full_name", "given_name", "middle_name", "family_name", "name_suffix", "organisation"),
    *("street", "unit", "city", "region", "postal_code", "country"),
)
"""The attributes that are one text."""

LISTS = {"email": "emails", "phone": "phones", "address": "addresses", "reference": "references"}
"""The attributes that may be one text or several, and what they are called where there are several."""

LONGEST = 1000
"""No attribute has more characters …"""

MOST = 20
"""… and none more values."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One record. `references` are numbers that it quotes or is known by; `family_first` speaks of `full_name`."""

    full_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    name_suffix: str | None = None
    family_first: bool = False
    organisation: str | None = None
    birth_date: date | None = None
    street: str | None = None
    unit: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = field(default=())
    references: tuple[str, ...] = ()


def asked_from(record: Mapping[str, object]) -> Asked:
    """Return the record that a JSON object says.

    Raises UsageError, naming the attribute and never its value, for what is no attribute or has not its shape.
    """
    found: dict[str, object] = {}
    for name, value in record.items():
        if value is None:
            continue
        if name in TEXTS:
            found[name] = _text(name, value)
        elif name == "birth_date":
            found[name] = _date(value)
        elif name == "identifiers":
            found[name] = _identifiers(value)
        elif name == "name_order":
            found["family_first"] = _is_family_first(value)
        elif (several := LISTS.get(name, name)) in LISTS.values():
            found[several] = (*found.get(several, ()), *_texts(name, value))  # type: ignore[misc]  # tuples alone
        else:
            allowed = ", ".join((*TEXTS, *LISTS, *LISTS.values(), "birth_date", "identifiers", "name_order"))
            message = f"a record has no attribute of that name: it may have {allowed}"
            raise UsageError(message)
    return Asked(**found)  # type: ignore[arg-type]  # each was read by the field's own reader


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        message = f"{name} must be a text of at most {LONGEST} characters"
        raise UsageError(message)
    return value.replace("\x00", " ")


def _texts(name: str, value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or len(values) > MOST:
        message = f"{name} must be a text or a list of at most {MOST} texts"
        raise UsageError(message)
    return tuple(_text(name, one) for one in values)


def _date(value: object) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        message = "birth_date must be a day, as in 1980-12-31"
        raise UsageError(message) from error


def _identifiers(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or len(value) > MOST:
        message = f"identifiers must be an object of at most {MOST} names, each with a text or a list of texts"
        raise UsageError(message)
    return tuple((str(name), one) for name, values in value.items() for one in _texts("identifiers", values))


def _is_family_first(value: object) -> bool:
    if value not in ("given_first", "family_first"):
        message = "name_order must be given_first or family_first"
        raise UsageError(message)
    return value == "family_first"

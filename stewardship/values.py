"""The values that stewards name: of a placeholder as the matching compares it, of a pin as it is to be published."""

from __future__ import annotations

from datetime import date

from matching.attributes.characters import visible
from matching.attributes.email import standardise_email
from matching.attributes.identifier import standardise_identifier
from matching.attributes.name import RawName, standardise_name
from matching.attributes.phone import standardise_phone
from matching.find_shared import PLACEHOLDER_ATTRIBUTES
from warehouse.errors import UsageError
from warehouse.tables.golden import ATTRIBUTES

PLACEHOLDERS = tuple(PLACEHOLDER_ATTRIBUTES)
"""The attributes that a placeholder may be a value of."""
PINNED = ATTRIBUTES
"""The attributes that may be pinned: those of `customer` that are one value each."""


def placeholder_value(attribute: str, value: str, country: str = "US") -> str:
    """Return the value as the matching compares it: `identifier` takes `name:value`, `phone` is dialled in `country`.

    Raises UsageError for an attribute that no placeholder is of, for a value that says nothing once it is standardised,
    and for one that the matching leaves out already.
    """
    if attribute not in PLACEHOLDERS:
        raise UsageError(f"a placeholder is of {_listed(PLACEHOLDERS)}; found {attribute}")
    compared, problem = _compared(attribute, value, country)
    if compared and not problem:
        compared, problem = _settled(attribute, compared, country)
    if compared is None or problem:
        why = problem or "nothing is left of it"
        raise UsageError(f"{value!r} cannot be compared as {attribute} ({why}): the matching leaves it out by itself")
    return compared


def pinned_value(attribute: str, value: str, country: str = "US") -> str:
    """Return the value as it is published: e-mail and phone in their published form, a date as in 1970-12-31.

    Raises UsageError for an attribute that cannot be pinned, and for a value that is none of it.
    """
    if attribute not in PINNED:
        raise UsageError(f"what can be pinned is {_listed(PINNED)}; found {attribute}")
    text = visible(value)
    if not text:
        raise UsageError(f"the value to pin for {attribute} is empty")
    if attribute == "email":
        email = standardise_email(text)
        return _usable(email.clean, email.reason, attribute, value)
    if attribute == "phone":
        phone = standardise_phone(text, country)
        again = standardise_phone(phone.clean, country)
        return _usable(again.clean, phone.reason or again.reason, attribute, value)
    if attribute == "birth_date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise UsageError(f"birth_date is {value!r}; allowed: a date such as 1970-12-31") from error
    return text


def _settled(attribute: str, compared: str, country: str) -> tuple[str | None, str | None]:
    """Return a compared form that is its own: as what is written out has to be read again."""
    again, problem = _compared(attribute, compared, country)
    if again != compared and not problem:
        return None, "it reads otherwise once it is standardised"
    return again, problem


def _compared(attribute: str, value: str, country: str) -> tuple[str | None, str | None]:
    """Return the compared form and why it is none."""
    if attribute == "email":
        email = standardise_email(value)
        return email.address, email.reason
    if attribute == "phone":
        phone = standardise_phone(value, country)
        return phone.national, phone.reason
    if attribute == "identifier":
        name, _, of = value.partition(":")
        if not of:
            raise UsageError(f"an identifier is written name:value, as loyalty:7001; found {value!r}")
        identifier = standardise_identifier(name, of)
        return identifier.compared, identifier.reason
    raw = RawName(given_name=value) if attribute == "given_name" else RawName(family_name=value)
    name_form = standardise_name(raw)
    whole = name_form.given if attribute == "given_name" else name_form.family
    other = name_form.family if attribute == "given_name" else name_form.given
    if name_form.dropped:
        return None, name_form.dropped[0].reason
    if other or name_form.middle or name_form.suffix or name_form.organisation:
        return None, "more than one name, or none of a person"
    return whole, None


def _usable(clean: str, reason: str | None, attribute: str, value: str) -> str:
    if reason:
        raise UsageError(f"{value!r} cannot be pinned as {attribute}: {reason}")
    return clean


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"

"""What is derived of one record before it is blocked and compared: `features_sql`, for a single record.

A twin in Python of what the night does in SQL to all records at once; a test holds the two together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from matching.attributes.email import ROLE_MAILBOXES
from matching.attributes.email_domain import PUBLIC_PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_LETTERS, _NOT_DIGITS = re.compile("[^a-z]"), re.compile("[^0-9]")
_VOWELS = re.compile("[aeiouyhw]")
_LEAST_TELLING = 2


def features_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the features of a record given by the columns of matching.distinct_record, all but its names' roots."""
    given, family = record["given"], record["family"]
    street = record["street"]
    if street is None and record["po_box"] is not None:
        street = f"po box {record['po_box']}"
    place = street
    if street is not None and record["street_number"] is not None:
        place = f"{record['street_number']} {street}"
    is_firm = given is None and family is None and record["organisation"] is not None
    endings = (number for number in record["phones"] if record["phone"] and number.endswith(record["phone"]))
    return {
        **record,
        **{name: record[name] or None for name in ("nicknames", "identifiers", "quoted")},
        "phone": next(endings, record["phone"]),
        "street": street,
        "place": place,
        "is_firm": is_firm,
        "is_sparse": is_firm or (record["email"] is None and record["phone"] is None),
        **_of_persons(record),
        **_of_contacts(record),
        **_of_firms_or_others(record, place, is_firm=is_firm),
    }


def _of_persons(record: Mapping[str, Any]) -> dict[str, Any]:
    given, family, day = record["given"], record["family"], record["birth_date"]
    nicknames = record["nicknames"] or []
    return {
        "given_initial": given and given[:1],
        "given_is_initial": None if given is None else len(given) == 1,
        "short_for": nicknames if len(nicknames) > 1 else None,
        "family_initial": family and family[:1],
        "family_is_initial": None if family is None else len(family) == 1,
        "families": family.split(" ") if family is not None and " " in family else None,
        "family_skeleton": None if family is None else family[:1] + _VOWELS.sub("", family.replace(" ", "")[1:]),
        "birth_year": day and day.year,
        "birth_month": day and day.month,
        "birth_day": day and day.day,
    }


def _of_contacts(record: Mapping[str, Any]) -> dict[str, Any]:
    email, code = record["email"], record["postal_code"]
    found: dict[str, Any] = {
        "many_emails": record["emails"] if len(record["emails"]) > 1 else None,
        "many_phones": record["phones"] if len(record["phones"]) > 1 else None,
        "phone_line": record["phone"],
        "postal_area": None if code is None else (code.split(" ")[0] if " " in code else code[:-2]) or None,
    }
    if email is None:
        return found | dict.fromkeys(_OF_EMAIL)
    local, _, domain = email.partition("@")
    letters = _NOT_LETTERS.sub("", local)
    kind = _email_kind(record, letters)
    digits = _NOT_DIGITS.sub("", local)
    is_public = domain in PUBLIC_PROVIDERS
    told = (local, domain.partition("@")[0], kind, letters or None, digits, kind == "handle" or digits != "", is_public)
    return found | dict(zip(_OF_EMAIL, told, strict=True))


_OF_EMAIL = (
    *("email_local", "email_domain", "email_kind", "email_letters", "email_digits"),
    *("email_is_telling", "email_is_public"),
)


def _of_firms_or_others(record: Mapping[str, Any], place: str | None, *, is_firm: bool) -> dict[str, Any]:
    organisation, phone = record["organisation"], record["phone"]
    return {
        "firm": organisation if is_firm else None,
        "firm_words": organisation.split(" ") if is_firm else None,
        "site": place if is_firm else None,
        "switchboard": phone if is_firm else None,
        "employer": None if is_firm else organisation,
        "home": None if is_firm else place,
        "own_phone": None if is_firm else phone,
    }


def _email_kind(record: Mapping[str, Any], letters: str) -> str:
    """Return whom an address speaks of: its bearer alone, the bearer's family or office, or nobody by name."""
    given, middle = record["given"], record["middle"]
    joined = None if record["family"] is None else record["family"].replace(" ", "")
    if letters in ROLE_MAILBOXES:
        return "family"
    if given is not None and len(given) > _LEAST_TELLING and given.replace(" ", "") in letters:
        return "personal"
    if any(len(name) > _LEAST_TELLING and name in letters for name in record["nicknames"] or []):
        return "personal"
    if given is not None and joined is not None:
        initial = given[:1]
        spelled = {initial + joined, joined + initial} | ({initial + middle + joined} if middle is not None else set())
        if letters in spelled:
            return "personal"
    return "family" if joined is not None and len(joined) > _LEAST_TELLING and joined in letters else "handle"

"""One record standardised as the night does, by its own readers of values and by what its records taught.

Keeps this: of the values of a live record it makes the columns of matching.standardised that are compared, but for what
another message says (answers inherit from what they answer).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matching.attributes.address import RawAddress, address_table
from matching.attributes.birth_date import standardise_birth_date
from matching.attributes.characters import fold
from matching.attributes.email import cut_email, email_table, split_emails
from matching.attributes.email_domain import MORE_FREQUENT
from matching.attributes.email_name import EmailName, name_from_email
from matching.attributes.identifier import standardise_identifier
from matching.attributes.name import RawName, standardise_name
from matching.attributes.nickname import canonical_names, known_given_names
from matching.attributes.organisation import standardise_organisation
from matching.attributes.phone import phone_table
from matching.lookup.roles import put_right

if TYPE_CHECKING:
    from datetime import date

    from matching.attributes.name import Name
    from matching.lookup.asked import Asked
    from matching.lookup.taught import Taught

_ADDRESS_FIELDS = ("street", "unit", "city", "region", "postal_code", "country")


def standardise_one(asked: Asked, taught: Taught) -> dict[str, Any]:
    """Return the record's attributes by the columns of matching.standardised, without those that nothing compares."""
    email = _email(asked, taught)
    phone = phone_table([list(asked.phones)], ["0"], taught.country).to_pylist()[0]
    name = _name(asked, taught)
    organisation = standardise_organisation(asked.organisation).core if (asked.organisation or "").strip() else None
    said = organisation or (name.organisation and standardise_organisation(name.organisation).core)
    given, middle, family = _with_email(name, email["email"], said, taught)
    identifiers = {standardise_identifier(key, value) for key, value in asked.identifiers}
    return {
        "given": given,
        "middle": middle[:1] or None if middle else None,
        "family": family,
        "suffix": name.suffix,
        "nicknames": list(canonical_names(given)) if given and len(given) > 1 else [],
        "organisation": said,
        "birth_date": _birth_date(asked, taught),
        "email": email["email"],
        "emails": email["emails"],
        "phone": phone["phone"],
        "phones": phone["phones"],
        **_address(asked, taught),
        "identifiers": sorted({one.compared for one in identifiers if one.reason is None}),
        "quoted": [],
    }


def _email(asked: Asked, taught: Taught) -> dict[str, Any]:
    raws = [raw for raw in asked.emails if raw]
    domains = {cut_email(part)[1] for raw in raws for part in split_emails(raw)} - {""}
    counts = {domain: n for domain, n in taught.domains.items() if n >= MORE_FREQUENT}
    counts |= {domain: taught.domains.get(domain, 0) + 1 for domain in domains}
    found: dict[str, Any] = email_table([raws], ["0"], taught.own, counts).to_pylist()[0]
    return found


def _name(asked: Asked, taught: Taught) -> Name:
    raw = RawName(
        asked.full_name,
        asked.given_name,
        asked.middle_name,
        asked.family_name,
        asked.name_suffix,
        family_first=asked.family_first,
    )
    name = standardise_name(raw)
    if name.organisation and raw.full_name:
        name = standardise_name(raw, taught.given_names)
    name = put_right(name, taught)
    if name.organisation is None and raw.full_name and _is_known_organisation(raw.full_name, taught):
        return replace(name, organisation=raw.full_name, given=None, middle=None, family=None)
    return name


def _is_known_organisation(full_name: str, taught: Taught) -> bool:
    words = fold(full_name).split()
    if len(words) < 2 or words[0] in known_given_names():  # noqa: PLR2004 - one word may be anybody's name
        return False
    return standardise_organisation(full_name).core in taught.organisations


def _with_email(name: Name, email: str | None, organisation: str | None, taught: Taught) -> tuple[str | None, ...]:
    """Return given name, middle names and family name with what an e-mail address adds to them."""
    given, middle, family = name.given, name.middle, name.family
    lacks = any(part is None or len(part) == 1 for part in (given, family))
    if email is None or organisation is not None or not lacks:
        return given, middle, family
    known = EmailName(given or None, (middle or "")[:1] or None, (family or "").replace(" ", "") or None)
    read = name_from_email(email.partition("@")[0], known, taught.words)
    if read is None:
        return given, middle, family
    if read.family is not None and read.family != known.family:
        family = taught.families.get(read.family, family)
    return read.given, middle or read.middle, family


def _birth_date(asked: Asked, taught: Taught) -> date | None:
    day = asked.birth_date
    if day is None:
        return None
    reason = standardise_birth_date(day, taught.today, of_the_past=taught.of_the_past, frequent=taught.unused_dates)
    return None if reason else day


def _address(asked: Asked, taught: Taught) -> dict[str, str | None]:
    fields = [getattr(asked, name) or None for name in _ADDRESS_FIELDS]
    in_parts = [RawAddress(*fields)] if any(field and field.strip() for field in fields) else []
    lines = list(asked.addresses[:1])
    if lines and fields[0] is None:
        in_parts = []
    elif in_parts:
        lines = []
    keys = ["0"] * (len(in_parts) + len(lines))
    rows = address_table(in_parts, lines, keys, taught.country).to_pylist() if keys else [{}]
    return {name: rows[0].get(name) for name in ("street_number", "street", "unit", "po_box", "city", "postal_code")}

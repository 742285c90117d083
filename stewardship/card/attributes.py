"""The rows of a card: which attributes are shown, where a record says them, and what of them is compared.

What is shown first is always what was delivered; the standardised form stands beside it only where it says something
else than another spelling of the same letters and digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["text", "name", "date", "phone", "email", "street", "code"]
"""How two values of an attribute are held to be near."""
Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A row: `raw` are the columns of the record as delivered, `clean` those fit to publish, `compared` the key.

    `pin` says that a value of it can be pinned, `placeholder` that one can be declared to say nothing about anybody.
    """

    name: str
    label: str
    kind: Kind
    raw: tuple[str, ...]
    clean: str | None = None
    compared: tuple[str, ...] = ()
    pin: bool = True
    placeholder: bool = False


ATTRIBUTES = (
    Attribute("full_name", "Name as delivered", "text", ("full_name", "signature_name"), pin=False),
    Attribute("given_name", "Given name", "name", ("given_name",), "clean_given_name", ("given",), placeholder=True),
    Attribute("middle_name", "Middle name", "name", ("middle_name",), "clean_middle_name", ("middle",)),
    Attribute(
        "family_name", "Family name", "name", ("family_name",), "clean_family_name", ("family",), placeholder=True
    ),
    Attribute("name_suffix", "Suffix", "code", ("name_suffix",), "clean_name_suffix", ("suffix",)),
    Attribute("organisation", "Organisation", "text", ("organisation",), "clean_organisation", ("organisation",)),
    Attribute("birth_date", "Birth date", "date", ("birth_date",), "birth_date", ("birth_date",)),
    Attribute("email", "E-mail", "email", ("emails",), "clean_emails", ("emails",), placeholder=True),
    Attribute("phone", "Phone", "phone", ("phones", "signature_phones"), "clean_phones", ("phones",), placeholder=True),
    Attribute("address", "Address as delivered", "text", ("addresses", "signature_addresses"), pin=False),
    Attribute("street", "Street", "street", ("street",), "clean_street", ("street_number", "street", "po_box")),
    Attribute("unit", "Unit", "code", ("unit",), "clean_unit", ("unit",)),
    Attribute("city", "City", "text", ("city",), "clean_city", ("city",)),
    Attribute("region", "Region", "code", ("region",), "clean_region", ("region",)),
    Attribute("postal_code", "Postal code", "code", ("postal_code",), "clean_postal_code", ("postal_code",)),
    Attribute("country", "Country", "code", ("country",), "clean_country", ("country",)),
)
"""In the order in which they are shown; identifiers come after them, a row for each name."""

RAW_COLUMNS = tuple(dict.fromkeys((*(name for row in ATTRIBUTES for name in row.raw), "identifiers", "unreadable")))
"""What is read of landing.source_record."""
CLEAN_COLUMNS = tuple(
    dict.fromkeys(
        (*(name for row in ATTRIBUTES for name in (row.clean, *row.compared) if name), "nicknames", "identifiers")
    )
)
"""What is read of matching.standardised."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one record says of an attribute: as delivered, fit to publish, and the forms that are compared."""

    raw: Values = ()
    clean: Values = ()
    compared: Values = ()


def said_of(attribute: Attribute, raw: Mapping[str, Any], clean: Mapping[str, Any]) -> Said:
    """Return what a record says of an attribute, by its rows of landing.source_record and matching.standardised."""
    delivered = tuple(dict.fromkeys(value for name in attribute.raw for value in texts(raw.get(name))))
    unreadable = raw.get("unreadable") or ()
    delivered += tuple(said["value"] for said in unreadable if said["attribute"] == attribute.name)
    if attribute.clean is None:
        return Said(
            delivered, (), tuple(dict.fromkeys(words for value in delivered if (words := _in_any_order(value))))
        )
    fit = texts(clean.get(attribute.clean))
    return Said(delivered, fit, _compared(attribute, clean))


def identifiers_of(raw: Mapping[str, Any], clean: Mapping[str, Any]) -> dict[str, Said]:
    """Return what a record says of each identifier, by its name."""
    delivered: dict[str, list[str]] = {}
    for said in raw.get("identifiers") or ():
        delivered.setdefault(said["name"], []).append(said["value"])
    compared: dict[str, list[str]] = {}
    for told in clean.get("identifiers") or ():
        name, _, value = told.partition(":")
        compared.setdefault(name, []).append(value)
    return {
        name: Said(tuple(delivered.get(name, ())), tuple(compared.get(name, ())), tuple(compared.get(name, ())))
        for name in sorted({*delivered, *compared})
    }


def texts(value: object) -> Values:
    """Return a value, or a list of values, as texts; nothing for what is null or empty."""
    if value is None:
        return ()
    found = value if isinstance(value, (list, tuple)) else [value]
    return tuple(str(one) for one in found if one is not None and str(one) != "")


def folded(value: str) -> str:
    """Return the letters and digits of a value, case aside: what tells another value from another spelling."""
    return "".join(letter for letter in value.casefold() if letter.isalnum())


def _compared(attribute: Attribute, clean: Mapping[str, Any]) -> Values:
    if attribute.kind != "street":
        return texts(clean.get(attribute.compared[0]))
    if clean.get("street"):
        return (" ".join(texts([clean.get("street_number"), clean["street"]])),)
    return tuple(f"po box {box}" for box in texts(clean.get("po_box")))


def _in_any_order(value: str) -> str:
    """Return the words of a line, sorted: a name may be delivered either way round."""
    spaced = "".join(letter if letter.isalnum() else " " for letter in value.casefold())
    return " ".join(sorted(spaced.split()))

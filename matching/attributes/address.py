"""A postal address: house number, street, unit, box, and the place, from parts or from one line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from matching.attributes.address_line import RawAddress, parse_address
from matching.attributes.characters import visible
from matching.attributes.dropped import Dropped, dropped_column
from matching.attributes.place import (
    Part,
    cased,
    standardise_city,
    standardise_country,
    standardise_postal_code,
    standardise_region,
)
from matching.attributes.street import Street, standardise_street, standardise_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LABEL", "Address", "RawAddress", "address_table", "parse_address", "standardise_address"]

LABEL = "Address"

_COMPARED = ("street_number", "street", "unit", "po_box", "city", "region", "postal_code", "country")
_CLEAN = ("clean_street", "clean_unit", "clean_city", "clean_region", "clean_postal_code", "clean_country")


@dataclass(frozen=True, slots=True)
class Address:
    """A standardised address: compared parts, `clean_` parts fit to publish, and what was dropped."""

    street_number: str | None = None
    street: str | None = None
    unit: str | None = None
    po_box: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    clean_street: str | None = None
    clean_unit: str | None = None
    clean_city: str | None = None
    clean_region: str | None = None
    clean_postal_code: str | None = None
    clean_country: str | None = None
    dropped: tuple[Dropped, ...] = ()


def standardise_address(raw: RawAddress, region: str = "US") -> Address:
    """Return the standardised address; `region` is the country where the address names none. Never raises."""
    dropped: list[Dropped] = []
    country = _part(raw.country, "country", standardise_country, dropped)
    code = country.compared or region
    street = standardise_street(raw.street) if raw.street and raw.street.strip() else Street()
    if raw.street and street.reason:
        dropped.append(Dropped("street", raw.street, street.reason))
    unit = standardise_unit(raw.unit) if raw.unit else None
    city = _part(raw.city, "city", standardise_city, dropped)
    state = _part(raw.region, "region", partial(standardise_region, country=code), dropped)
    postal = _part(raw.postal_code, "postal_code", partial(standardise_postal_code, country=code), dropped)
    return Address(
        street_number=street.number,
        street=street.core,
        unit=unit or street.unit,
        po_box=street.po_box,
        city=city.compared,
        region=state.compared,
        postal_code=postal.compared,
        country=country.compared,
        clean_street=street.clean,
        clean_unit=cased(visible(raw.unit)) if raw.unit and unit else street.unit and f"# {street.unit}",
        clean_city=city.clean,
        clean_region=state.clean,
        clean_postal_code=postal.clean,
        clean_country=country.clean,
        dropped=tuple(dropped),
    )


def _part(raw: str | None, attribute: str, standardise: Callable[[str], Part], dropped: list[Dropped]) -> Part:
    if raw is None or not raw.strip():
        return Part()
    part = standardise(raw)
    if part.reason:
        dropped.append(Dropped(attribute, raw, part.reason))
    return part


def address_table(
    raws: Sequence[RawAddress],
    lines: Sequence[str],
    keys: Sequence[str],
    region: str,
) -> pa.Table:
    """Return one row per address, those in parts first, then those on one line, named by `keys` in that order.

    The cities of the addresses in parts help to read the lines; a street that holds a whole address is read as one.
    Columns: raw, the fields of Address, dropped.
    """
    addresses = [standardise_address(raw, region) for raw in raws]
    cities = frozenset(address.city for address in addresses if address.city)
    for index, raw in enumerate(raws):
        if raw.street and "," in raw.street and not (raw.city or raw.region or raw.postal_code):
            parsed = parse_address(raw.street, region, cities)
            addresses[index] = standardise_address(parsed._replace(unit=raw.unit or parsed.unit), region)
    addresses += [standardise_address(parse_address(line, region, cities), region) for line in lines]
    columns: dict[str, pa.Array[Any]] = {"raw": pa.array(keys, pa.string())}
    for field in (*_COMPARED, *_CLEAN):
        columns[field] = pa.array([getattr(address, field) for address in addresses], pa.string())
    columns["dropped"] = dropped_column([address.dropped for address in addresses])
    return pa.table(columns)

"""Finds customers by one thing that is known of them: an e-mail, a phone, a reference, or a source record.

By any words they are found by `serving.lookup`.

Reads customer, profile, crosswalk, activity and redirect of a release.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matching.attributes.email import standardise_email
from matching.attributes.phone import standardise_phone
from serving.lookup.spelling import plain_sql
from serving.reading.tables import Row, in_memory, relation, rows
from warehouse.tables.care import ACTIVITY, PROFILE
from warehouse.tables.golden import CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serving.lookup import Index
    from stewardship.web.releases import Pinned

LIMIT = 25
SUMMARY = (
    *("golden_id", "full_name", "organisation", "email", "phone", "city", "region", "country"),
    *("record_count", "last_seen_at"),
)
"""The columns of `customer` that tell customers apart."""
_FIGURES = ("orders", "open_cases")
_NOT_DIGIT = re.compile(r"\D")
_LEAST_DIGITS = 5

_EMAIL_SQL = f"""
    SELECT golden_id FROM customer
    WHERE list_has_any(
        list_transform(emails, lambda email: {plain_sql("email")}),
        list_transform($forms::VARCHAR[], lambda form: {plain_sql("form")}))"""
_PHONE_SQL = """
    SELECT golden_id FROM customer
    WHERE list_contains(phones, $clean)
       OR ($end::VARCHAR IS NOT NULL AND list_bool_or(list_transform(phones, lambda phone: suffix(phone, $end))))"""
_REFERENCE_SQL = f"SELECT golden_id FROM {{activity}} WHERE {plain_sql('reference')} = {plain_sql('$reference')}"
_RECORD_SQL = "SELECT golden_id FROM crosswalk WHERE source = $source AND source_record_id = $key"


def by_email(pinned: Pinned, email: str, limit: int = LIMIT, index: Index | None = None) -> list[Row]:
    """Return the customers with an e-mail, however it is written; `index`: the release's, where it is made."""
    forms = sorted({email.strip(), email.strip().casefold(), standardise_email(email).clean})
    known = index.with_email(forms) if index is not None else None
    if known is not None:
        return _most_records_first(pinned, known, limit)
    return _found(pinned, _EMAIL_SQL, {"forms": forms}, limit)


def by_phone(pinned: Pinned, phone: str, country: str, limit: int = LIMIT, *, whole: bool = False) -> list[Row]:
    """Return the customers with a phone number, however it is written, dialled in `country` where it does not say.

    A number without its area code finds those that end like it, unless it has to be `whole`.
    """
    meant = standardise_phone(phone, country)
    digits = _NOT_DIGIT.sub("", meant.national)
    is_end = not whole and not meant.clean.startswith("+") and len(digits) >= _LEAST_DIGITS
    end = digits if is_end else None
    return _found(pinned, _PHONE_SQL, {"clean": meant.clean, "end": end}, limit)


def by_reference(pinned: Pinned, reference: str, limit: int = LIMIT, index: Index | None = None) -> list[Row]:
    """Return the customers of an order, case or invoice number, in any case of its letters; `index` as `by_email`."""
    asked = reference.strip()
    if index is not None:
        return _most_records_first(pinned, index.with_reference(asked), limit)
    query = _REFERENCE_SQL.format(activity=relation(pinned, ACTIVITY))
    return _found(pinned, query, {"reference": asked}, limit)


def by_record(pinned: Pinned, source: str, source_record_id: str, limit: int = LIMIT) -> list[Row]:
    """Return the customer of a source record, byte for byte."""
    return _found(pinned, _RECORD_SQL, {"source": source, "key": source_record_id}, limit)


def summaries(pinned: Pinned, golden_ids: Sequence[str]) -> list[Row]:
    """Return what tells customers apart, in the order of the ids; an id that is no customer's is left out.

    Each: the columns of SUMMARY, orders and open_cases.
    """
    customers, profiles = in_memory(pinned, CUSTOMER), in_memory(pinned, PROFILE)
    if customers is not None and profiles is not None:
        in_figures = {row.pop("golden_id"): row for row in profiles.of_each(golden_ids, ("golden_id", *_FIGURES))}
        nothing: Row = dict.fromkeys(_FIGURES, 0)
        found = customers.of_each(golden_ids, SUMMARY)
        return [row | in_figures.get(row["golden_id"], nothing) for row in found]
    query = f"""
        SELECT {", ".join(SUMMARY)}, {", ".join(f"coalesce({name}, 0) AS {name}" for name in _FIGURES)}
        FROM customer LEFT JOIN {relation(pinned, PROFILE)} AS profile USING (golden_id)
        WHERE golden_id IN (SELECT unnest($ids::VARCHAR[]))"""
    with pinned.golden() as con:
        by_id = {row["golden_id"]: row for row in rows(con, query, {"ids": list(golden_ids)})}
    return [by_id[golden_id] for golden_id in golden_ids if golden_id in by_id]


def _most_records_first(pinned: Pinned, golden_ids: list[str], limit: int) -> list[Row]:
    """Return these customers as `_found` does, which is asked where they have to be chosen from."""
    if len(golden_ids) > limit:
        return _found(pinned, "SELECT unnest($ids::VARCHAR[])", {"ids": golden_ids}, limit)
    return sorted(summaries(pinned, sorted(golden_ids)), key=lambda row: -row["record_count"])


def _found(pinned: Pinned, query: str, parameters: dict[str, object], limit: int) -> list[Row]:
    """Return the customers whose ids a query gives, those of most records first."""
    chosen = f"""
        SELECT golden_id FROM customer WHERE golden_id IN ({query})
        ORDER BY record_count DESC, golden_id LIMIT $limit"""
    with pinned.golden() as con:
        ids = [row["golden_id"] for row in rows(con, chosen, parameters | {"limit": limit})]
    return summaries(pinned, ids)

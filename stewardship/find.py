"""Looks for customers: by what somebody remembers of them, and by what they share with a record.

Reads the golden tables of a release, matching.standardised and matching.cluster; writes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stewardship.entry import Record, written
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.web.releases import Pinned

_FEWEST_DIGITS = 5
_MOST_WORDS = 8

_WHO = """
    SELECT golden_id, coalesce(full_name, organisation) AS name, email, phone, city, record_count AS records,
        coalesce(orders, 0) AS orders, coalesce(open_cases, 0) AS open_cases, last_seen_at
    FROM customer LEFT JOIN profile USING (golden_id)"""

_WORDS_SQL = f"""
    WITH said AS (
        SELECT golden_id, record_count, lower(concat_ws(' ', full_name, organisation, city, postal_code,
            array_to_string(emails, ' '))) AS words,
            regexp_replace(array_to_string(phones, ' '), '[^0-9 ]', '', 'g') AS digits
        FROM customer
    ),
    named AS (
        SELECT golden_id FROM activity WHERE lower(reference) = $text
        UNION SELECT golden_id FROM crosswalk
        WHERE lower(source_record_id) = $text OR lower(source || ':' || source_record_id) = $text
        UNION SELECT current_golden_id FROM redirect WHERE lower(golden_id) = $text
    ),
    found AS (
        SELECT golden_id FROM said
        WHERE (len($words::VARCHAR[]) > 0 AND list_bool_and(list_transform($words, lambda w: contains(words, w))))
           OR ($digits <> '' AND contains(digits, $digits)) OR lower(golden_id) = $text OR golden_id IN (FROM named)
        ORDER BY record_count DESC, golden_id LIMIT $limit
    )
    SELECT who.*, record FROM ({_WHO}) AS who
    JOIN (
        SELECT golden_id, min((source, source_record_id)) AS record FROM crosswalk SEMI JOIN found USING (golden_id)
        GROUP BY golden_id
    ) USING (golden_id)
    ORDER BY records DESC, golden_id"""

_SHARED_SQL = """
    WITH asked AS (FROM matching.standardised WHERE source = $source AND source_record_id = $record),
    own AS (
        SELECT cluster_id FROM matching.cluster WHERE source = $source AND source_record_id = $record
    ),
    other AS (SELECT o.* FROM matching.standardised AS o WHERE (source, source_record_id) <> ($source, $record)),
    hit AS (
        SELECT o.source, o.source_record_id, 'e-mail' AS what, 6 AS worth,
            list_intersect(o.emails, a.emails) AS "values"
        FROM other AS o JOIN asked AS a ON list_has_any(o.emails, a.emails)
        UNION ALL
        SELECT o.source, o.source_record_id, 'phone', 5, list_intersect(o.phones, a.phones)
        FROM other AS o JOIN asked AS a ON list_has_any(o.phones, a.phones)
        UNION ALL
        SELECT o.source, o.source_record_id, 'identifier', 8, list_intersect(o.identifiers, a.identifiers)
        FROM other AS o JOIN asked AS a ON list_has_any(o.identifiers, a.identifiers)
        UNION ALL
        SELECT o.source, o.source_record_id, 'address', 3, [concat_ws(' ', o.street_number, o.street, o.postal_code)]
        FROM other AS o JOIN asked AS a ON o.street = a.street AND o.postal_code = a.postal_code
            AND o.street_number IS NOT DISTINCT FROM a.street_number
        UNION ALL
        SELECT o.source, o.source_record_id, 'name', 4, [concat_ws(' ', o.given, o.family)]
        FROM other AS o JOIN asked AS a ON o.family = a.family AND o.given = a.given
        UNION ALL
        SELECT o.source, o.source_record_id, 'family name and postal code', 2, [concat_ws(' ', o.family, o.postal_code)]
        FROM other AS o JOIN asked AS a ON o.family = a.family AND o.postal_code = a.postal_code
            AND o.given IS DISTINCT FROM a.given
        UNION ALL
        SELECT o.source, o.source_record_id, 'birth date and family name', 4, [concat_ws(' ', o.family, o.birth_date)]
        FROM other AS o JOIN asked AS a ON o.family = a.family AND o.birth_date = a.birth_date
        UNION ALL
        SELECT o.source, o.source_record_id, 'organisation', 3, [o.organisation]
        FROM other AS o JOIN asked AS a ON o.organisation = a.organisation
    ),
    told AS (
        SELECT cluster_id, what, max(worth) AS worth, list_sort(list_distinct(flatten(list("values"))))[:3] AS "values",
            min((source, source_record_id)) AS record
        FROM hit JOIN matching.cluster USING (source, source_record_id)
        WHERE cluster_id NOT IN (FROM own) GROUP BY cluster_id, what
    )
    SELECT min(record) AS record, sum(worth)::BIGINT AS worth,
        list({'what': what, 'values': "values"} ORDER BY worth DESC, what) AS shared
    FROM told GROUP BY cluster_id ORDER BY worth DESC, record LIMIT $limit"""

_OF_RECORDS_SQL = f"""
    WITH asked AS (
        SELECT unnest($sources::VARCHAR[]) AS source, unnest($keys::VARCHAR[]) AS source_record_id
    ),
    found AS (SELECT source, source_record_id, golden_id FROM asked JOIN crosswalk USING (source, source_record_id))
    SELECT * FROM found JOIN ({_WHO}) USING (golden_id)"""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer who shares something with a record: `shared` says what, as (attribute, values), the strongest first.

    `record` is one of theirs that shares it, by which to look at both side by side.
    """

    customer: Row
    record: Record
    shared: tuple[tuple[str, tuple[str, ...]], ...]


def search(pinned: Pinned, text: str, limit: int = 25) -> list[Row]:
    """Return customers by words of their name, e-mails and place, digits of a phone, a reference, a record or an id.

    Each row: golden_id, name, email, phone, city, records, orders, open_cases, last_seen_at, and the least of its
    records; the ones of most records first.
    """
    wanted = " ".join(text.lower().split())
    if not wanted:
        return []
    digits = re.sub(r"\D", "", wanted)
    is_number = re.fullmatch(r"[\d\s()+./-]+", wanted) and len(digits) >= _FEWEST_DIGITS
    with pinned.golden() as con:
        return _rows(
            con,
            _WORDS_SQL,
            {
                "words": [] if is_number else wanted.split()[:_MOST_WORDS],
                "digits": digits.lstrip("0") if is_number else "",
                "text": wanted,
                "limit": limit,
            },
        )


def candidates(pinned: Pinned, record: Record, limit: int = 25) -> list[Candidate]:
    """Return the other customers who share a value with the record, those that share most first.

    Raises Refused for a record that the release does not know or that is nobody's.
    """
    own(pinned, record)
    with pinned.workings() as con:
        found = _rows(con, _SHARED_SQL, {"source": record[0], "record": record[1], "limit": limit})
    records: list[Record] = [row["record"] for row in found]
    customers = _customers_of(pinned, records)
    return [
        Candidate(customers[key], key, tuple((hit["what"], tuple(hit["values"])) for hit in row["shared"]))
        for key, row in zip(records, found, strict=True)
        if key in customers
    ]


def own(pinned: Pinned, record: Record) -> Row:
    """Return the customer that a record belongs to. Raises Refused where it is nobody's, or not known."""
    customers = _customers_of(pinned, [record])
    if record in customers:
        return customers[record]
    with pinned.golden() as con:
        why = con.execute(
            "SELECT reason FROM excluded_record WHERE source = ? AND source_record_id = ?", list(record)
        ).fetchall()
    name = written(record)
    if why:
        raise Refused(f"{name} is nobody's in {pinned.release_id} ({why[0][0]}): look for another record")
    raise Refused(f"{pinned.release_id} has no record {name}: write it as SOURCE:ID, as in orders:SO-1")


def _customers_of(pinned: Pinned, records: Sequence[Record]) -> dict[Record, Row]:
    parameters: dict[str, object] = {"sources": [source for source, _ in records], "keys": [key for _, key in records]}
    with pinned.golden() as con:
        rows = _rows(con, _OF_RECORDS_SQL, parameters)
    return {(row["source"], row["source_record_id"]): row for row in rows}


def _rows(con: DuckDBPyConnection, query: str, parameters: dict[str, object]) -> list[Row]:
    cursor = con.execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

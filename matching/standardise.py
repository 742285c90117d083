"""Standardises what is live tonight: clean attributes beside what was delivered, and why a value is not used.

Reads the live records of the landing, and matching.ruling. Writes matching.standardised (records that may be
somebody's), matching.excluded_record (records that are nobody's) and matching.dropped_value. Keeps this: every live
record is in exactly one of the first two, and what is written depends on the set of live records, and on which of them
stewards say are no customer's, not on their order.

Each attribute is standardised once per distinct value delivered, in Python; records meet their values again in SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from matching.assemble import assemble
from matching.attributes.address import RawAddress, address_table
from matching.attributes.birth_date import birth_date_table
from matching.attributes.characters import fold
from matching.attributes.email import email_table, own_mailboxes
from matching.attributes.identifier import identifier_table
from matching.attributes.name import RawName, name_table
from matching.attributes.name_roles import family_first_sources, settle_roles
from matching.attributes.nickname import known_given_names
from matching.attributes.organisation import organisation_table, standardise_organisation
from matching.attributes.phone import phone_table
from matching.changed_records import FINGERPRINT_SQL
from matching.set_aside import exclude, note_dropped, rule_out
from warehouse.connection import quote_identifier, quote_literal
from warehouse.run import Run, StageReport
from warehouse.tables.matching import STANDARDISED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = ("landing.live_record", "landing.night", "matching.ruling")
WRITES = ("matching.standardised", "matching.excluded_record", "matching.dropped_value")

_SEPARATOR, _SQL_SEPARATOR = "\x1f", "chr(31)"
"""Stands between the fields of one attribute, or the values of one list, where they are one text."""
_NAME_FIELDS = ("full_name", "given_name", "middle_name", "family_name", "name_suffix")
_ADDRESS_FIELDS = ("street", "unit", "city", "region", "postal_code", "country")
MOST_TIED = 1000
_TEMPORARY = (
    "delivered",
    "name",
    "email",
    "phone",
    "address",
    "organisation",
    "unused_birth_date",
    "identifier",
    "name_word",
    "tie",
    "draft",
)


def standardise(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Standardise all live records anew."""
    rule_out(con)
    _deliver(con)
    own = own_mailboxes(address for source in settings.sources.values() for address in source.own_addresses)
    _names(con)
    _lists(con, settings.country, own)
    _addresses(con, settings.country)
    _organisations(con)
    _birth_dates(con)
    _identifiers(con)
    _ties(con)
    assemble(con)
    _write(con)
    for table in _TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS temp.{table}")
    con.execute("DROP VIEW temp.considered")
    rows = {table: _count(con, table) for table in WRITES}
    from_email = con.execute("SELECT count(*) FROM matching.standardised WHERE name_from_email").fetchone()
    return StageReport(rows=rows, figures={"names_from_email": from_email[0] if from_email else 0})


def _deliver(con: DuckDBPyConnection) -> None:
    """Make the temporary table of the records at hand, each attribute as one text to be distinct by."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE one_line_name AS
        SELECT DISTINCT source, full_name FROM considered
        WHERE name_order IS NULL AND full_name IS NOT NULL
    """)
    turned = ", ".join(quote_literal(source) for source in family_first_sources(con, "one_line_name")) or "NULL"
    con.execute("DROP TABLE one_line_name")
    name = _joined(_NAME_FIELDS)
    address = _joined(_ADDRESS_FIELDS)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE delivered AS
        SELECT source, source_record_id, direction, reply_to, birth_date, identifiers,
            CASE WHEN trim({name}, {_SQL_SEPARATOR}) != '' THEN {name} || {_SQL_SEPARATOR} ||
                CASE WHEN coalesce(name_order = 'family_first', source IN ({turned}))
                    THEN 'family_first' ELSE '' END END AS name_key,
            replace(signature_name, {_SQL_SEPARATOR}, ' ') || repeat({_SQL_SEPARATOR}, 5) AS signature_key,
            nullif(array_to_string(emails, {_SQL_SEPARATOR}), '') AS email_key,
            nullif(array_to_string(
                list_concat(coalesce(phones, []), coalesce(signature_phones, [])), {_SQL_SEPARATOR}), '') AS phone_key,
            CASE
                WHEN street IS NULL AND len(lines) > 0 THEN replace(lines[1], {_SQL_SEPARATOR}, ' ')
                WHEN trim({address}, {_SQL_SEPARATOR}) != '' THEN {address}
            END AS address_key,
            nullif(trim(organisation), '') AS organisation_key
        FROM (
            SELECT *, list_concat(coalesce(addresses, []), coalesce(signature_addresses, [])) AS lines
            FROM considered
        )
    """)


def _joined(fields: tuple[str, ...]) -> str:
    return f" || {_SQL_SEPARATOR} || ".join(
        f"replace(coalesce({field}, ''), {_SQL_SEPARATOR}, ' ')" for field in fields
    )


def _keys(con: DuckDBPyConnection, column: str) -> list[str]:
    rows = con.execute(f"SELECT DISTINCT {column} FROM delivered WHERE {column} IS NOT NULL ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def _store(con: DuckDBPyConnection, name: str, table: pa.Table) -> None:
    con.register("arrow_table", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {quote_identifier(name)} AS SELECT * FROM arrow_table")
    con.unregister("arrow_table")


def _names(con: DuckDBPyConnection) -> None:
    con.execute("""
        CREATE OR REPLACE TEMP TABLE name_count AS
        SELECT raw, count(*) AS records
        FROM (SELECT name_key AS raw FROM delivered UNION ALL SELECT signature_key FROM delivered)
        WHERE raw IS NOT NULL GROUP BY raw
    """)
    keys = [row[0] for row in con.execute("SELECT raw FROM name_count ORDER BY raw").fetchall()]
    raws = []
    for key in keys:
        full, given, middle, family, suffix, order = key.split(_SEPARATOR)
        raws.append(RawName(full, given, middle, family, suffix, family_first=bool(order)))
    _store(con, "name", name_table(raws, keys))
    con.execute("CREATE OR REPLACE TEMP TABLE name AS SELECT * FROM name JOIN name_count USING (raw)")
    con.execute("DROP TABLE name_count")
    settle_roles(con, "name")


def _lists(con: DuckDBPyConnection, country: str, own: frozenset[str]) -> None:
    emails = _keys(con, "email_key")
    _store(con, "email", email_table([key.split(_SEPARATOR) for key in emails], emails, own))
    phones = _keys(con, "phone_key")
    _store(con, "phone", phone_table([key.split(_SEPARATOR) for key in phones], phones, country))


def _addresses(con: DuckDBPyConnection, country: str) -> None:
    keys = _keys(con, "address_key")
    in_parts = [key for key in keys if _SEPARATOR in key]
    lines = [key for key in keys if _SEPARATOR not in key]
    raws = [RawAddress(*(field or None for field in key.split(_SEPARATOR))) for key in in_parts]
    _store(con, "address", address_table(raws, lines, in_parts + lines, country))


def _organisations(con: DuckDBPyConnection) -> None:
    """Standardise organisations, those found in names too; a name that equals a known organisation is one."""
    delivered = _keys(con, "organisation_key")
    cores = {standardise_organisation(raw).core for raw in delivered} - {None}
    rows = con.execute("SELECT raw FROM name WHERE organisation IS NULL ORDER BY raw").fetchall() if cores else []
    found = [raw for (raw,) in rows if _is_known_organisation(raw.split(_SEPARATOR)[0], cores)]
    _store(con, "known_organisation", pa.table({"raw": pa.array(found, pa.string())}))
    con.execute(f"""
        UPDATE name SET organisation = string_split(raw, {_SQL_SEPARATOR})[1],
            given = NULL, middle = NULL, family = NULL,
            clean_given = NULL, clean_middle = NULL, clean_family = NULL
        WHERE raw IN (SELECT raw FROM known_organisation)
    """)
    con.execute("DROP TABLE known_organisation")
    in_names = con.execute("SELECT DISTINCT organisation FROM name WHERE organisation IS NOT NULL").fetchall()
    _store(con, "organisation", organisation_table(sorted({*delivered, *(row[0] for row in in_names)})))


def _is_known_organisation(full_name: str, cores: set[str | None]) -> bool:
    words = fold(full_name).split()
    return len(words) > 1 and words[0] not in known_given_names() and standardise_organisation(full_name).core in cores


def _birth_dates(con: DuckDBPyConnection) -> None:
    people = con.execute("""
        SELECT birth_date, greatest(count(DISTINCT left(given, 1) || left(family, 1)), 1)
        FROM delivered LEFT JOIN name ON raw = name_key
        WHERE year(birth_date) BETWEEN 1 AND 9999 GROUP BY birth_date
    """).fetchall()
    # people are told apart by their initials alone: a misspelt name must not count as one more
    night = con.execute("SELECT as_of FROM landing.night").fetchall()
    _store(con, "unused_birth_date", birth_date_table(dict(people), night[0][0].date()))
    # Python has no dates outside these years, DuckDB has
    con.execute("""
        INSERT INTO unused_birth_date
        SELECT DISTINCT birth_date,
            CASE WHEN year(birth_date) > 9999 THEN 'in the future' ELSE 'more than 120 years ago' END
        FROM delivered WHERE year(birth_date) NOT BETWEEN 1 AND 9999
    """)


def _identifiers(con: DuckDBPyConnection) -> None:
    pairs = con.execute("""
        SELECT DISTINCT entry.name, entry.value FROM (SELECT unnest(identifiers) AS entry FROM delivered)
        WHERE entry.value IS NOT NULL ORDER BY ALL
    """).fetchall()
    _store(con, "identifier", identifier_table(pairs))


def _ties(con: DuckDBPyConnection) -> None:
    """Make the temporary table of the references that tie records: quoted, or foreign keys, shared by some records.

    A number that two sources both give to records of their own says not which is meant, and one without a digit, or
    shared by very many, is a filler.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE tie AS
        WITH record AS (FROM considered),
        foreign_key AS (
            SELECT source, source_record_id, link.source || ':' || link.source_record_id AS reference
            FROM (SELECT source, source_record_id, unnest(links) AS link FROM record)
        ),
        mention AS (
            SELECT source, source_record_id, upper(trim(reference)) AS reference, true AS is_own FROM record
            UNION ALL
            SELECT source, source_record_id,
                upper(trim(unnest(list_concat([about], coalesce(quoted_references, []))))), false
            FROM record
            UNION ALL
            SELECT *, false FROM foreign_key
            UNION ALL
            SELECT source, source_record_id, source || ':' || source_record_id, true FROM record
            WHERE source || ':' || source_record_id IN (SELECT reference FROM foreign_key)
        ),
        distinct_mention AS (
            SELECT source, source_record_id, reference, bool_or(is_own) AS is_own FROM mention
            WHERE regexp_matches(reference, '[0-9]')
            GROUP BY source, source_record_id, reference
        ),
        shared AS (
            SELECT reference FROM distinct_mention GROUP BY reference
            HAVING count(*) BETWEEN 2 AND {MOST_TIED} AND count(DISTINCT source) FILTER (is_own) <= 1
        )
        SELECT source, source_record_id, list(reference ORDER BY reference) AS quoted
        FROM distinct_mention SEMI JOIN shared USING (reference)
        GROUP BY source, source_record_id
    """)


def _write(con: DuckDBPyConnection) -> None:
    """Fill the three tables from the draft."""
    for table in WRITES:
        con.execute(f"DELETE FROM {table}")
    exclude(con)
    columns = ", ".join(quote_identifier(column) for column in STANDARDISED.column_names if column != "fingerprint")
    con.execute(f"""
        INSERT INTO matching.standardised ({columns}, fingerprint)
        SELECT {columns}, {FINGERPRINT_SQL}
        FROM draft ANTI JOIN matching.excluded_record USING (source, source_record_id)
        ORDER BY source, source_record_id
    """)
    note_dropped(con)


def _count(con: DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0

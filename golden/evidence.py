"""What each record of a customer says, fit to publish: the candidates that survivorship chooses from.

Values come from matching.standardised in their published form. Placeholders and values that many people share
(matching.shared_value) are left out: they are never published, whatever rule would prefer them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.rules import ADDRESS_PARTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SEPARATOR = "chr(31)"
"""Stands between the parts of a name or an address that move together; the unit separator occurs in neither."""


def _shared(attribute: str) -> str:
    return f"(SELECT value FROM matching.shared_value WHERE attribute = '{attribute}')"


_RECORD = f"""
    CREATE OR REPLACE TEMP TABLE evidence AS
    SELECT
        held.golden_id, source, source_record_id, record.trust, coalesce(record.updated_at, record.at) AS observed_at,
        CASE WHEN said.given IN {_shared("given")} THEN '' ELSE coalesce(clean_given_name, '') END AS given_name,
        CASE WHEN said.given IN {_shared("given")} THEN '' ELSE coalesce(clean_middle_name, '') END AS middle_name,
        CASE WHEN said.family IN {_shared("family")} THEN '' ELSE coalesce(clean_family_name, '') END AS family_name,
        coalesce(clean_name_suffix, '') AS name_suffix,
        coalesce(name_from_email, false) AS is_guess,
        clean_organisation AS organisation, said.birth_date,
        list_distinct(said.emails) AS emails, clean_emails, clean_phones,
        {", ".join(f"coalesce(clean_{part}, '') AS {part}" for part in ADDRESS_PARTS)},
        said.identifiers, record.extras
    FROM golden.crosswalk AS held
    JOIN landing.live_record AS record USING (source, source_record_id)
    JOIN matching.standardised AS said USING (source, source_record_id)
    """

_FROM_RECORD = "golden_id, source, source_record_id, trust, observed_at"
"""Columns that every candidate takes from its record."""


def _single(attribute: str, column: str) -> str:
    return f"""
        SELECT {_FROM_RECORD}, '{attribute}' AS attribute, {column}::VARCHAR AS value, 0 AS fullness, 1 AS position
        FROM evidence WHERE {column} IS NOT NULL
        """


def _listed(attribute: str, column: str) -> str:
    return f"""
        SELECT {_FROM_RECORD}, '{attribute}' AS attribute, value, 0 AS fullness, min(position) AS position
        FROM (
            SELECT *, unnest({column}) AS value, generate_subscripts({column}, 1) AS position FROM evidence
        )
        GROUP BY ALL
        """


_MAILBOX = "replace(split_part(lower({address}), '@', 1), '.', '') || '@' || split_part(lower({address}), '@', 2)"
_EMAIL = f"""
    SELECT candidate.* FROM ({_listed("email", "clean_emails")}) AS candidate
    ANTI JOIN (SELECT DISTINCT {_MAILBOX.format(address="value")} AS mailbox FROM {_shared("email")}) AS shared
        ON shared.mailbox = {_MAILBOX.format(address="candidate.value")}
    """
_DIGITS = r"regexp_replace({phone}, '[^0-9]', '', 'g')"
_PHONE = f"""
    SELECT candidate.* FROM ({_listed("phone", "clean_phones")}) AS candidate
    ANTI JOIN {_shared("phone")} AS shared
        ON right({_DIGITS.format(phone="candidate.value")}, 7) = right(shared.value, 7)
        AND ends_with({_DIGITS.format(phone="candidate.value")}, shared.value)
    """
_IDENTIFIER = f"""
    SELECT {_FROM_RECORD}, 'identifier.' || split_part(entry, ':', 1) AS attribute,
        substr(entry, strpos(entry, ':') + 1) AS value, 0 AS fullness, 1 AS position
    FROM (SELECT *, unnest(list_distinct(identifiers)) AS entry FROM evidence)
    WHERE entry NOT IN {_shared("identifier")}
    """
_EXTRA = f"""
    SELECT {_FROM_RECORD}, 'extra.' || entry.name AS attribute, entry.value, 0 AS fullness, 1 AS position
    FROM (SELECT *, unnest(list_distinct(extras)) AS entry FROM evidence)
    WHERE entry.value IS NOT NULL
    """
_NAME = f"""
    SELECT {_FROM_RECORD}, 'name' AS attribute, given_name || {SEPARATOR} || family_name AS value,
        2 * (given_name <> '' AND family_name <> '')::INTEGER + (NOT is_guess)::INTEGER AS fullness, 1 AS position
    FROM evidence WHERE given_name <> '' OR family_name <> ''
    """
_ADDRESS_VALUE = f" || {SEPARATOR} || ".join(ADDRESS_PARTS)
_ADDRESS = f"""
    SELECT {_FROM_RECORD}, 'address' AS attribute, {_ADDRESS_VALUE} AS value,
        CASE WHEN street <> '' AND (city <> '' OR postal_code <> '') THEN 2 WHEN street <> '' THEN 1 ELSE 0 END
            AS fullness,
        1 AS position
    FROM evidence
    WHERE street || unit || city || region || postal_code <> ''
    """
_CANDIDATES = (
    _NAME,
    _single("organisation", "organisation"),
    _single("birth_date", "birth_date"),
    _EMAIL,
    _PHONE,
    _ADDRESS,
    _IDENTIFIER,
    _EXTRA,
)

_WITH_CHOSEN_NAME = f"""
    INSERT INTO candidate BY NAME
    SELECT {", ".join(f"evidence.{column.strip()}" for column in _FROM_RECORD.split(","))},
        part.attribute, part.value, 0 AS fullness, 1 AS position
    FROM (
        SELECT *, unnest([
            {{'attribute': 'middle_name', 'value': middle_name}}, {{'attribute': 'name_suffix', 'value': name_suffix}}
        ]) AS part
        FROM evidence
    ) AS evidence
    JOIN ranked AS name ON name.golden_id = evidence.golden_id AND name.attribute = 'name' AND name.chosen
        AND name.value = evidence.given_name || {SEPARATOR} || evidence.family_name
    WHERE part.value <> ''
    """


def find_candidates(con: DuckDBPyConnection) -> None:
    """Make the temporary table `candidate`: one row per value that a record offers for an attribute.

    Columns: golden_id, source, source_record_id, trust, observed_at, attribute, value, fullness (greater is a whole
    rather than a part), position (in the record's own list). `name` holds given and family name, `address` all of
    ADDRESS_PARTS, since these are chosen together.
    """
    con.execute(_RECORD)
    con.execute(f"CREATE OR REPLACE TEMP TABLE candidate AS {' UNION ALL BY NAME '.join(_CANDIDATES)}")


def add_rest_of_name(con: DuckDBPyConnection) -> None:
    """Add middle names and suffixes to `candidate`, only those said along with the name that was chosen in `ranked`."""
    con.execute(_WITH_CHOSEN_NAME)

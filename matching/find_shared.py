"""Finds values that say nothing about who somebody is: placeholders, and contact points that strangers share.

Reads matching.standardised and matching.ruling. Writes matching.shared_value, whose values `collapse` takes out of the
comparison. Keeps this: what is found depends on the set of records alone, and no list of words is needed: a value is
found by the disagreement among the people it joins. What is named under `matching.placeholders`, or by a steward, is
added.

A *group* is what one e-mail address or one phone number joins. A name that stands in many groups, and there with other
names each time, is no name ("unknown", "householder"). An address or number that joins people of many names, none of
which prevails, is no contact point of theirs ("none@none.com").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.errors import SettingsError
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = ("matching.standardised", "matching.ruling")
WRITES = ("matching.shared_value",)

PLACEHOLDER_ATTRIBUTES = {
    "given_name": "given",
    "family_name": "family",
    "email": "email",
    "phone": "phone",
    "identifier": "identifier",
}
"""What `matching.placeholders` and a steward may name, and what it is called in matching.shared_value."""

LEAST_GROUPS = 4
"""A name must be at odds with its company in so many groups before it is taken for a placeholder."""

MOST_AGREEMENT = 0.2
"""… and in at most this share of its groups may another record bear it out."""

LEAST_NAMES = 3
"""A contact point must join so many given names, and as many family names, before it is taken for a shared one."""

MOST_PREVALENCE = 0.4
"""… and at most this share of its records may bear its commonest family name."""

MOST_OWN_NAME = 0.3
"""… and at most this share of them may bear a family name that an e-mail address is made of."""

WIDEST_GROUP = 200
"""Groups that join more names than this are shared contact points, not company to judge a name by."""


def find_shared(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Find placeholder names and shared contact points anew, and add those that the settings and stewards name."""
    con.execute("DELETE FROM matching.shared_value")
    con.execute(_GROUPS_SQL)
    names = [_placeholder_names_sql(name) for name in ("given", "family")]
    contacts = [_shared_contacts_sql(contact) for contact in ("email", "phone")]
    found = " UNION ALL ".join(f"({select})" for select in (*names, *contacts))
    con.execute(f"INSERT INTO matching.shared_value {found}")
    con.execute("DROP TABLE temp.contact_group")
    _add(con, list(_configured(settings)), "configured")
    _add(con, list(_ruled(con)), "decision")
    counts = con.execute(
        "SELECT reason, count(*) FROM matching.shared_value GROUP BY reason ORDER BY reason"
    ).fetchall()
    return StageReport(rows={WRITES[0]: sum(count for _, count in counts)}, figures=dict(counts))


_GROUPS_SQL = """
CREATE OR REPLACE TEMP TABLE contact_group AS
SELECT contact || ':' || address AS group_key, contact, address, given, family, nicknames, count(*) AS records
FROM (
    SELECT 'email' AS contact, email AS address, given, family, nicknames FROM matching.standardised
    UNION ALL
    SELECT 'phone', phone, given, family, nicknames FROM matching.standardised
)
WHERE address IS NOT NULL
GROUP BY ALL
"""


def _placeholder_names_sql(name: str) -> str:
    """Return the query of the `given` or `family` names that their company does not bear out.

    A name is borne out in a group by a second record with it or by another name there that looks like it.
    """
    alike = "list_has_any(a.nicknames, b.nicknames)" if name == "given" else "false"
    return f"""
    WITH named AS (
        SELECT group_key, {name} AS value, list_distinct(flatten(list(coalesce(nicknames, [])))) AS nicknames,
            sum(records) AS records
        FROM contact_group WHERE length({name}) > 1 GROUP BY group_key, {name}
    ),
    company AS (
        SELECT *, sum(records) OVER group_of AS group_records, count(*) OVER group_of AS group_names
        FROM named WINDOW group_of AS (PARTITION BY group_key)
    ),
    judged AS (
        SELECT a.value, a.group_key, a.records, a.group_names, a.records >= 2 OR bool_or(
            {alike} OR jaro_winkler_similarity(a.value, b.value) >= 0.8) AS borne_out
        FROM company AS a JOIN named AS b ON b.group_key = a.group_key AND b.value != a.value
        WHERE a.group_names <= {WIDEST_GROUP}
        GROUP BY a.value, a.group_key, a.records, a.group_names
        UNION ALL
        SELECT value, group_key, records, group_names, true FROM company WHERE group_names = 1 AND group_records > 1
    )
    SELECT '{name}', value, sum(records), sum(group_names - 1), 'disagreement'
    FROM judged GROUP BY value
    HAVING count(*) >= {LEAST_GROUPS} AND count(*) FILTER (borne_out) <= {MOST_AGREEMENT} * count(*)
    """


def _shared_contacts_sql(contact: str) -> str:
    """Return the query of the e-mail addresses or phone numbers whose bearers agree on nothing."""
    own_name = "length(family) >= 3 AND contains(split_part(address, '@', 1), replace(family, ' ', ''))"
    return f"""
    WITH bearer AS (
        SELECT address, given, records, {own_name if contact == "email" else "false"} AS is_own,
            left(family, 1) || regexp_replace(substr(family, 2), '[aeiouyhw ]', '', 'g') AS skeleton
        FROM contact_group WHERE contact = '{contact}'
    ),
    skeleton AS (
        SELECT address, skeleton, sum(records) AS records FROM bearer WHERE skeleton IS NOT NULL GROUP BY ALL
    ),
    spread AS (
        SELECT address, count(*) AS skeletons, max(records) / sum(records) AS prevalence FROM skeleton GROUP BY address
    ),
    bearers AS (
        SELECT address, sum(records) AS records, count(DISTINCT given) AS givens,
            coalesce(sum(records) FILTER (is_own), 0) / sum(records) AS own_share
        FROM bearer GROUP BY address
    )
    SELECT '{contact}', address, records, greatest(skeletons, givens), 'disagreement'
    FROM bearers JOIN spread USING (address)
    WHERE skeletons >= {LEAST_NAMES} AND givens >= {LEAST_NAMES}
        AND prevalence <= {MOST_PREVALENCE} AND own_share < {MOST_OWN_NAME}
    """


_CARRIED_SQL = {
    "given": "SELECT given AS value FROM matching.standardised",
    "family": "SELECT family AS value FROM matching.standardised",
    "email": "SELECT unnest(emails) AS value FROM matching.standardised",
    "phone": "SELECT right(unnest(phones), 7) AS value FROM matching.standardised",
    "identifier": "SELECT unnest(identifiers) AS value FROM matching.standardised",
}


def _configured(settings: Settings) -> Iterator[tuple[str, str]]:
    for key, values in settings.matching.placeholders.items():
        attribute = PLACEHOLDER_ATTRIBUTES.get(key)
        if attribute is None:
            allowed = ", ".join(PLACEHOLDER_ATTRIBUTES)
            raise SettingsError(f"placeholders are known for {allowed}", key=f"matching.placeholders.{key}")
        for value in values:
            yield attribute, compared_as(attribute, value)


def _ruled(con: DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    found = con.execute(
        "SELECT attribute, value FROM matching.ruling WHERE ruling = 'placeholder' AND value IS NOT NULL ORDER BY ALL"
    ).fetchall()
    for key, value in found:
        if attribute := PLACEHOLDER_ATTRIBUTES.get(key):
            yield attribute, compared_as(attribute, value)


def compared_as(attribute: str, value: str) -> str:
    """Return a value that people spell as matching.shared_value has it; `attribute` is named as it is there."""
    text = value.strip().casefold()
    return "".join(filter(str.isdigit, text))[-7:] if attribute == "phone" else text


def _add(con: DuckDBPyConnection, named: list[tuple[str, str]], reason: str) -> None:
    """Add the values that are named and not there yet, with how many records carry each."""
    for attribute in dict.fromkeys(attribute for attribute, _ in named):
        con.execute(
            f"""
            INSERT INTO matching.shared_value
            WITH wanted AS (
                SELECT DISTINCT unnest($values::VARCHAR[]) AS value
            ), carried AS (
                SELECT value, count(*) AS records FROM ({_CARRIED_SQL[attribute]}) SEMI JOIN wanted USING (value)
                GROUP BY value
            )
            SELECT $attribute, value, coalesce(records, 0), 0, $reason FROM wanted LEFT JOIN carried USING (value)
            WHERE value <> '' AND NOT EXISTS (
                FROM matching.shared_value AS known WHERE known.attribute = $attribute AND known.value = wanted.value)
            """,
            {
                "values": [value for of, value in named if of == attribute],
                "attribute": attribute,
                "reason": reason,
            },
        )

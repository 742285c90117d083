"""Puts one record's standardised attributes together: headers with signatures, replies with what they answer.

Works on the temporary tables of `standardise` and leaves the temporary table `draft`: one row per record, with the
columns of matching.standardised and a few to decide by. A fuller name takes a name's place only where the two agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from matching.attributes.email_name import EmailName, NameWords, name_from_email
from matching.attributes.nickname import canonical_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

_TEXTS = pa.list_(pa.string())

LEAST_BEARERS = 2
"""A name is read out of e-mail addresses only when so many votes say that it is one."""


def assemble(con: DuckDBPyConnection) -> None:
    """Make the temporary table `draft` out of `delivered` and the tables of its attributes."""
    _canonical_names(con, "name")
    con.execute(_DRAFT_SQL)
    con.execute(_INHERITANCE_SQL)
    con.execute(_INHERIT_SQL)
    _names_from_emails(con)
    _canonical_names(con, "draft")
    con.execute(_SPELL_OUT_SQL)
    for table in ("canonical", "inheritance", "read_name"):
        con.execute(f"DROP TABLE temp.{table}")


def _agree(left: str, right: str) -> str:
    """Return SQL that tells whether two aliases' names can be one person's, as far as both say."""

    def alike(part: str) -> str:
        one, other = f"{left}.{part}", f"{right}.{part}"
        initial = f"left({one}, 1) = left({other}, 1) AND least(length({one}), length({other})) = 1"
        return f"{one} IS NULL OR {other} IS NULL OR {one} = {other} OR ({initial})"

    nicknames = f"coalesce(list_has_any({left}.nicknames, {right}.nicknames), false)"
    return f"(({alike('given')} OR {nicknames}) AND ({alike('family')}))"


def _fuller(kept: str, other: str) -> str:
    """Return SQL that tells whether a name part is missing or an initial, and another has more."""
    return f"({other} IS NOT NULL AND ({kept} IS NULL OR (length({kept}) = 1 AND length({other}) > 1)))"


_DRAFT_SQL = f"""
CREATE OR REPLACE TEMP TABLE draft AS
WITH named AS (
    SELECT n.*, c.nicknames FROM name AS n LEFT JOIN canonical AS c USING (given)
),
chosen AS (
    SELECT d.*, h, s,
        h.raw IS NULL OR {_agree("h", "s")} AS agree
    FROM delivered AS d
    LEFT JOIN named AS h ON h.raw = d.name_key
    LEFT JOIN named AS s ON s.raw = d.signature_key
),
flagged AS (
    SELECT *,
        agree AND {_fuller("h.given", "s.given")} AND s.given IS DISTINCT FROM h.family AS given_signed,
        agree AND {_fuller("h.family", "s.family")} AS family_signed,
        agree AND h.middle IS NULL AS middle_signed
    FROM chosen
)
SELECT f.source, f.source_record_id, f.direction, f.reply_to,
    CASE WHEN given_signed THEN s.given ELSE h.given END AS given,
    CASE WHEN middle_signed THEN s.middle ELSE h.middle END AS middle_words,
    CASE WHEN family_signed THEN s.family ELSE h.family END AS family,
    coalesce(h.suffix, CASE WHEN agree THEN s.suffix END) AS suffix,
    []::VARCHAR[] AS nicknames,
    coalesce(o.organisation, ho.organisation) AS organisation,
    CASE WHEN b.raw IS NULL THEN f.birth_date END AS birth_date,
    e.email, coalesce(e.emails, []) AS emails,
    p.phone, coalesce(p.phones, []) AS phones,
    a.street_number, a.street, a.unit, a.po_box, a.city, a.region, a.postal_code, a.country,
    coalesce(i.identifiers, []) AS identifiers,
    coalesce(t.quoted, []) AS quoted,
    false AS name_from_email,
    CASE WHEN given_signed THEN s.clean_given ELSE h.clean_given END AS clean_given_name,
    CASE WHEN middle_signed THEN s.clean_middle ELSE h.clean_middle END AS clean_middle_name,
    CASE WHEN family_signed THEN s.clean_family ELSE h.clean_family END AS clean_family_name,
    coalesce(h.clean_suffix, CASE WHEN agree THEN s.clean_suffix END) AS clean_name_suffix,
    coalesce(o.clean_organisation, ho.clean_organisation) AS clean_organisation,
    coalesce(e.clean_emails, []) AS clean_emails,
    coalesce(p.clean_phones, []) AS clean_phones,
    a.clean_street, a.clean_unit, a.clean_city, a.clean_region, a.clean_postal_code, a.clean_country,
    NULL::VARCHAR AS middle,
    coalesce(e.is_test, false) AS is_test_address
FROM flagged AS f
LEFT JOIN email AS e ON e.raw = f.email_key
LEFT JOIN phone AS p ON p.raw = f.phone_key
LEFT JOIN address AS a ON a.raw = f.address_key
LEFT JOIN organisation AS o ON o.raw = f.organisation_key
LEFT JOIN organisation AS ho ON ho.raw = coalesce(h.organisation, s.organisation)
LEFT JOIN unused_birth_date AS b ON b.raw = f.birth_date
LEFT JOIN tie AS t ON t.source = f.source AND t.source_record_id = f.source_record_id
LEFT JOIN (
    SELECT source, source_record_id, list(DISTINCT i.identifier ORDER BY i.identifier) AS identifiers
    FROM (SELECT source, source_record_id, unnest(identifiers) AS entry FROM delivered) AS r
    JOIN identifier AS i ON i.name = r.entry.name AND i.value = r.entry.value
    WHERE i.identifier IS NOT NULL
    GROUP BY source, source_record_id
) AS i ON i.source = f.source AND i.source_record_id = f.source_record_id
"""

_INHERITANCE_SQL = f"""
CREATE OR REPLACE TEMP TABLE inheritance AS
WITH named AS (SELECT d.*EXCLUDE (nicknames), c.nicknames FROM draft AS d LEFT JOIN canonical AS c USING (given))
SELECT r.source, r.source_record_id, {_agree("r", "m")} AS agree,
    m.given, m.middle_words, m.family, m.suffix, m.organisation, m.birth_date, m.email, m.emails, m.phone, m.phones,
    coalesce(r.street_number, r.street, r.po_box) IS NULL AS lacks_address,
    m.street_number, m.street, m.unit, m.po_box, m.city, m.region, m.postal_code, m.country
FROM named AS r
JOIN named AS m ON m.source = r.source AND m.source_record_id = r.reply_to
WHERE r.direction = 'outbound' AND (r.email IS NULL OR m.email IS NULL OR r.email = m.email)
"""
"""What we wrote is the business of whom we answered: an answer takes over, for comparison alone, what it lacks."""

_INHERIT_SQL = f"""
UPDATE draft AS d SET
    given = CASE
        WHEN i.agree AND {_fuller("d.given", "i.given")} AND i.given IS DISTINCT FROM d.family THEN i.given
        ELSE d.given END,
    middle_words = coalesce(d.middle_words, CASE WHEN i.agree THEN i.middle_words END),
    family = CASE WHEN i.agree AND {_fuller("d.family", "i.family")} THEN i.family ELSE d.family END,
    suffix = coalesce(d.suffix, CASE WHEN i.agree THEN i.suffix END),
    organisation = coalesce(d.organisation, i.organisation),
    birth_date = coalesce(d.birth_date, i.birth_date),
    email = coalesce(d.email, i.email),
    emails = CASE WHEN d.email IS NULL THEN i.emails ELSE d.emails END,
    phone = coalesce(d.phone, i.phone),
    phones = CASE WHEN d.phone IS NULL THEN i.phones ELSE d.phones END,
    street_number = CASE WHEN i.lacks_address THEN i.street_number ELSE d.street_number END,
    street = CASE WHEN i.lacks_address THEN i.street ELSE d.street END,
    unit = CASE WHEN i.lacks_address THEN i.unit ELSE d.unit END,
    po_box = CASE WHEN i.lacks_address THEN i.po_box ELSE d.po_box END,
    city = CASE WHEN i.lacks_address THEN i.city ELSE d.city END,
    region = CASE WHEN i.lacks_address THEN i.region ELSE d.region END,
    postal_code = CASE WHEN i.lacks_address THEN i.postal_code ELSE d.postal_code END,
    country = CASE WHEN i.lacks_address THEN i.country ELSE d.country END
FROM inheritance AS i
WHERE i.source = d.source AND i.source_record_id = d.source_record_id
"""


def _canonical_names(con: DuckDBPyConnection, table: str) -> None:
    """Make the temporary table of the given names in `table`, each with those it may stand for; initials have none."""
    rows = con.execute(f"SELECT DISTINCT given FROM {table} WHERE length(given) > 1 ORDER BY given").fetchall()
    givens = [row[0] for row in rows]
    canonical = [list(canonical_names(given)) for given in givens]
    _store(con, "canonical", {"given": pa.array(givens, pa.string()), "nicknames": pa.array(canonical, _TEXTS)})


def _store(con: DuckDBPyConnection, name: str, columns: Mapping[str, pa.Array[Any]]) -> None:
    con.register("arrow_table", pa.table(dict(columns)))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM arrow_table")
    con.unregister("arrow_table")


_READ_KEY = (
    "concat_ws(chr(31), d.email, coalesce(d.given, ''), coalesce(left(d.middle_words, 1), ''), coalesce(d.family, ''))"
)

_UNREAD_SQL = f"""
SELECT DISTINCT {_READ_KEY} AS raw, email, given, left(middle_words, 1), replace(family, ' ', '')
FROM draft AS d
WHERE email IS NOT NULL AND organisation IS NULL
    AND (given IS NULL OR family IS NULL OR length(given) = 1 OR length(family) = 1)
ORDER BY raw
"""

GIVEN_WORDS_SQL = """
SELECT n.given, n.clean_given, sum(least(n.records, 5)) OVER (PARTITION BY n.given) AS votes
FROM (
    SELECT given, clean_given, sum(records) AS records FROM name
    WHERE length(given) > 2 AND NOT contains(given, ' ') AND NOT contains(clean_given, ' ') GROUP BY ALL
) AS n
LEFT JOIN name_word AS w ON w.word = n.given
WHERE coalesce(3 * w.as_given >= w.as_family, true)
QUALIFY row_number() OVER (PARTITION BY n.given ORDER BY n.records DESC, n.clean_given) = 1
ORDER BY n.given
"""

FAMILY_WORDS_SQL = """
SELECT replace(n.family, ' ', '') AS joined, n.family, n.clean_family,
    sum(least(n.records, 5)) OVER (PARTITION BY replace(n.family, ' ', '')) AS votes
FROM (
    SELECT family, clean_family, sum(records) AS records FROM name WHERE length(family) > 2 GROUP BY ALL
) AS n
LEFT JOIN name_word AS w ON w.word = string_split(n.family, ' ')[-1]
WHERE coalesce(3 * w.as_family >= w.as_given, true)
QUALIFY row_number() OVER (
    PARTITION BY replace(n.family, ' ', '') ORDER BY n.records DESC, n.family, n.clean_family) = 1
ORDER BY joined
"""


def _names_from_emails(con: DuckDBPyConnection) -> None:
    """Read names out of the addresses of records that lack one, or have an initial, and are no organisation's."""
    givens = {given: (clean, int(votes)) for given, clean, votes in con.execute(GIVEN_WORDS_SQL).fetchall()}
    families = {joined: row for joined, *row in con.execute(FAMILY_WORDS_SQL).fetchall()}
    words = NameWords(
        {given: votes for given, (_, votes) in givens.items() if votes >= LEAST_BEARERS},
        {joined: int(row[2]) for joined, row in families.items() if row[2] >= LEAST_BEARERS},
    )
    found: list[tuple[str | None, ...]] = []
    for raw, email, given, middle, family in con.execute(_UNREAD_SQL).fetchall():
        read = name_from_email(email.partition("@")[0], EmailName(given, middle, family), words)
        if read:
            clean_given = givens[read.given][0] if read.given in givens else read.given and read.given.upper()
            family_words = families.get(read.family or "", [None, None])[:2] if read.family != family else [None, None]
            found.append((raw, read.given, clean_given, read.middle, *family_words))
    names = ("raw", "given", "clean_given", "middle", "family", "clean_family")
    columns = {name: pa.array([row[index] for row in found], pa.string()) for index, name in enumerate(names)}
    _store(con, "read_name", columns)
    con.execute(_FILL_SQL)


_FILL_SQL = f"""
UPDATE draft AS d SET
    name_from_email = true,
    clean_given_name = CASE WHEN d.given IS DISTINCT FROM r.given THEN r.clean_given ELSE d.clean_given_name END,
    given = r.given,
    clean_middle_name = coalesce(d.clean_middle_name, upper(r.middle)),
    middle_words = coalesce(d.middle_words, r.middle),
    clean_family_name = coalesce(r.clean_family, d.clean_family_name),
    family = coalesce(r.family, d.family)
FROM read_name AS r
WHERE r.raw = {_READ_KEY} AND d.organisation IS NULL
"""

_SPELL_OUT_SQL = """
UPDATE draft AS d SET middle = left(middle_words, 1), nicknames = coalesce(
    (SELECT c.nicknames FROM canonical AS c WHERE c.given = d.given), [])
"""

"""Sets aside what is no evidence of who somebody is: records that are nobody's, and values, each with its reason.

Reads landing.live_record and matching.ruling, and works on the temporary tables of `standardise`. Writes
matching.excluded_record and matching.dropped_value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.attributes.name_words import BESIDE_TEST_WORDS, TEST_WORDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def rule_out(con: DuckDBPyConnection) -> None:
    """Make the temporary view `considered`: the live records but those that the landing excluded or stewards did.

    What is ruled out does not bear on any other record, as a newsletter does not.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW considered AS
        FROM landing.live_record ANTI JOIN ({_RULED_OUT}) AS ruled USING (source, source_record_id)
        WHERE excluded_reason IS NULL
    """)


def exclude(con: DuckDBPyConnection) -> None:
    """Write the records that are nobody's: excluded by the landing or a steward, tests, and what identifies nobody.

    A test record calls itself one and gives no usable contact, or gives a test mailbox and no other identity than a
    name that nobody bears.
    """
    con.execute(_EXCLUDE_SQL, {"test": sorted(TEST_WORDS), "beside": sorted(TEST_WORDS | BESIDE_TEST_WORDS)})


def note_dropped(con: DuckDBPyConnection) -> None:
    """Write the values of standardised records that are not used, once each with one reason."""
    con.execute(_DROPPED_SQL)


_RULED_OUT = """
SELECT DISTINCT source_l AS source, source_record_id_l AS source_record_id
FROM matching.ruling WHERE ruling = 'not_a_customer'"""

_EXCLUDE_SQL = f"""
INSERT INTO matching.excluded_record
WITH judged AS (
    SELECT source, source_record_id,
        CASE
            WHEN email IS NULL AND phone IS NULL AND list_has_any(words, $test) AND list_has_all($beside, words)
                THEN 'test'
            WHEN is_test_address AND has_only_a_name AND NOT coalesce(w.as_given > 1 OR w.is_known, false) THEN 'test'
            WHEN given IS NULL AND family IS NULL AND organisation IS NULL AND email IS NULL AND has_only_a_name
                AND len(quoted) = 0 THEN 'no_identity'
        END AS reason
    FROM (
        SELECT *, string_split(concat_ws(' ', given, middle_words, family), ' ') AS words,
            phone IS NULL AND street IS NULL AND street_number IS NULL AND po_box IS NULL AND birth_date IS NULL
                AND len(identifiers) = 0 AS has_only_a_name
        FROM draft
    ) AS d
    LEFT JOIN name_word AS w ON w.word = d.given
)
SELECT source, source_record_id, excluded_reason FROM landing.live_record WHERE excluded_reason IS NOT NULL
UNION ALL
SELECT source, source_record_id, 'not_a_customer'
FROM landing.live_record SEMI JOIN ({_RULED_OUT}) AS ruled USING (source, source_record_id)
WHERE excluded_reason IS NULL
UNION ALL
SELECT source, source_record_id, reason FROM judged WHERE reason IS NOT NULL
ORDER BY ALL
"""

_DROPPED_SQL = """
INSERT INTO matching.dropped_value
WITH noted AS (
    SELECT source, source_record_id, n.dropped FROM delivered JOIN name AS n ON n.raw = name_key
    UNION ALL
    SELECT source, source_record_id, n.dropped FROM delivered JOIN name AS n ON n.raw = signature_key
    UNION ALL
    SELECT source, source_record_id, e.dropped FROM delivered JOIN email AS e ON e.raw = email_key
    UNION ALL
    SELECT source, source_record_id, p.dropped FROM delivered JOIN phone AS p ON p.raw = phone_key
    UNION ALL
    SELECT source, source_record_id, a.dropped FROM delivered JOIN address AS a ON a.raw = address_key
    UNION ALL
    SELECT source, source_record_id, o.dropped FROM delivered JOIN organisation AS o ON o.raw = organisation_key
),
entry AS (
    SELECT source, source_record_id, unnest(dropped, recursive := true) FROM noted WHERE dropped IS NOT NULL
    UNION ALL
    SELECT source, source_record_id, u.attribute, u.value, 'not as the mapping says'
    FROM (SELECT source, source_record_id, unnest(unreadable) AS u FROM landing.live_record)
    UNION ALL
    SELECT source, source_record_id, 'birth_date', birth_date::VARCHAR, b.reason
    FROM delivered JOIN unused_birth_date AS b ON b.raw = birth_date
    UNION ALL
    SELECT source, source_record_id, 'identifier.' || i.name, i.value, i.reason
    FROM (SELECT source, source_record_id, unnest(identifiers) AS given FROM delivered) AS r
    JOIN identifier AS i ON i.name = r.given.name AND i.value = r.given.value
    WHERE i.reason IS NOT NULL
)
SELECT source, source_record_id, attribute, value, min(reason)
FROM entry SEMI JOIN matching.standardised USING (source, source_record_id)
GROUP BY ALL
ORDER BY ALL
"""

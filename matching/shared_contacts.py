"""Who can be reached where: the dwellings, telephone numbers and mailboxes that a few customers share.

Reads matching.cluster, matching.member, matching.distinct_record and landing.live_record. Makes the temporary tables
`known_from`, `consensus` and `sharing`, which `find_households` judges and drops. Keeps this: a contact point that is
an office's (two customers name one organisation there), a dormitory's or a whole building's, and an address that
somebody has left, is shared by nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.observations import SINGLE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = ("known_from", "consensus", "sharing")

MOST_SHARERS = 10
"""A contact point that more customers share is no household's.

Of a hundred households one or two count seven people or more; ten leaves room for those who came and went.
"""

MOST_FAMILIES = 3
"""… and so is one that customers of more family names share.

A couple, her parents and a lodger are three; strangers in one office or dormitory reach four at once.
"""

APART_DAYS = 365
"""Who was first seen at a dwelling so long after the other was last seen there has followed him.

Who was seen at another dwelling so long after having been last seen at this one has left it.
"""


def find_shared_contacts(con: DuckDBPyConnection) -> None:
    """Make the temporary tables.

    `known_from`: cluster_id, distinct_record_id, first_at, last_at. `consensus`: per cluster the names and the birth
    date that most of its records bear, ties to the lesser value. `sharing`: cluster_id_l < cluster_id_r, `shared` (the
    contact points as `kind:value`, sorted), `dwell_together` (one of them is a dwelling, held at the same time).
    """
    con.execute(_KNOWN_FROM)
    con.execute(_consensus_sql())
    con.execute(_SHARING)


_KNOWN_FROM = """
CREATE OR REPLACE TEMP TABLE known_from AS
SELECT cluster_id, distinct_record_id,
    min(coalesce(r."at", r.updated_at)) AS first_at, max(coalesce(r."at", r.updated_at)) AS last_at
FROM matching.cluster
JOIN matching.member USING (source, source_record_id)
JOIN landing.live_record AS r USING (source, source_record_id)
GROUP BY ALL
"""


def _consensus_sql() -> str:
    """Return the statement that makes `consensus`; an initial counts only where no record has the name."""
    counted = " UNION ALL ".join(
        f"SELECT cluster_id, '{name}' AS attribute, {name}::VARCHAR AS value, sum(records) AS times"
        f" FROM known_from JOIN matching.distinct_record USING (distinct_record_id)"
        f" WHERE {name} IS NOT NULL GROUP BY cluster_id, {name}"
        for name in SINGLE
    )
    chosen = ", ".join(f"max(value) FILTER (attribute = '{name}') AS {name}" for name in SINGLE)
    return f"""
    CREATE OR REPLACE TEMP TABLE consensus AS
    WITH first AS (
        SELECT cluster_id, attribute, value FROM ({counted})
        QUALIFY row_number() OVER (
            PARTITION BY cluster_id, attribute
            ORDER BY attribute IN ('given', 'family') AND length(value) = 1, times DESC, value
        ) = 1
    )
    SELECT cluster_id, {chosen} FROM first GROUP BY cluster_id
    """


_SHARING = f"""
CREATE OR REPLACE TEMP TABLE sharing AS
WITH record AS (
    SELECT cluster_id, first_at, last_at, d.*,
        CASE WHEN po_box IS NOT NULL THEN 'po box ' || po_box ELSE street_number || ' ' || street END AS place
    FROM known_from JOIN matching.distinct_record AS d USING (distinct_record_id)
),
coded AS (
    SELECT * REPLACE (
        coalesce(postal_code, CASE WHEN min(postal_code) OVER of_place = max(postal_code) OVER of_place
            THEN min(postal_code) OVER of_place END, '') AS postal_code
    ) FROM record WHERE place IS NOT NULL WINDOW of_place AS (PARTITION BY place)
),
building AS (
    SELECT *, coalesce(min(unit) OVER here <> max(unit) OVER here, false) AS has_units
    FROM coded WINDOW here AS (PARTITION BY place, postal_code)
),
reached AS (
    SELECT 'address' AS contact,
        concat_ws(', ', place, nullif(postal_code, ''), CASE WHEN has_units THEN unit END) AS value,
        cluster_id, first_at, last_at, organisation
    FROM building WHERE NOT has_units OR unit IS NOT NULL
    UNION ALL
    SELECT 'phone', unnest(phones), cluster_id, first_at, last_at, organisation FROM record
    UNION ALL
    SELECT 'email', unnest(emails), cluster_id, first_at, last_at, organisation FROM record
),
held AS (
    SELECT contact, value, cluster_id, min(first_at) AS first_at, max(last_at) AS last_at
    FROM reached GROUP BY contact, value, cluster_id
),
office AS (
    SELECT contact, value FROM reached WHERE organisation IS NOT NULL
    GROUP BY contact, value, organisation HAVING count(DISTINCT cluster_id) > 1
),
private AS (
    SELECT contact, value FROM held LEFT JOIN consensus USING (cluster_id)
    GROUP BY contact, value
    HAVING count(*) BETWEEN 2 AND {MOST_SHARERS} AND count(DISTINCT family) <= {MOST_FAMILIES}
),
present AS (
    SELECT * FROM held
    QUALIFY contact <> 'address' OR coalesce(
        max(last_at) OVER (PARTITION BY contact, cluster_id) <= last_at + INTERVAL {APART_DAYS} DAY, true)
),
tying AS (
    SELECT * FROM present SEMI JOIN private USING (contact, value) ANTI JOIN office USING (contact, value)
)
SELECT l.cluster_id AS cluster_id_l, r.cluster_id AS cluster_id_r,
    list_sort(list(contact || ':' || value)) AS shared,
    bool_or(contact = 'address' AND coalesce(
        greatest(l.first_at, r.first_at) <= least(l.last_at, r.last_at) + INTERVAL {APART_DAYS} DAY, true
    )) AS dwell_together
FROM tying AS l JOIN tying AS r USING (contact, value)
WHERE l.cluster_id < r.cluster_id
GROUP BY ALL
"""

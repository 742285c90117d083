"""Finds the customers who live together, as pairs: the stage `find_households`.

Reads matching.cluster, matching.member, matching.distinct_record, matching.possible_match, matching.model,
matching.model_frequency and landing.live_record. Writes matching.household_tie. Keeps this: two customers are tied only
by a contact point that is private and present, and only if they are visibly two people.

Who dwells together at a private address is of one household, whatever their names. Where less is shared, the posterior
of the model's household class decides. Neither a common street nor a common family name is a basis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import copy_table, table
from matching.bench import open_bench
from matching.common_names import mark_common_names
from matching.features import features_sql
from matching.household_odds import household_probability
from matching.model import DECIMALS, tonights_model
from matching.shared_contacts import TABLES, find_shared_contacts
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

READS = (
    "matching.cluster",
    "matching.member",
    "matching.distinct_record",
    "matching.possible_match",
    "matching.model",
    "matching.model_frequency",
    "landing.live_record",
)
WRITES = ("matching.household_tie",)

LEAST_PROBABILITY = 0.5
"""Two customers who do not dwell together are tied where it is more likely than not that they are of one household."""


def find_households(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Find all ties anew."""
    find_shared_contacts(con)
    con.execute(_HOME_PAIRS)
    _judge(con, run)
    con.execute("DELETE FROM matching.household_tie")
    con.execute(_TIES)
    for name in (*TABLES, "home_pair", "judged"):
        con.execute(f"DROP TABLE temp.{name}")
    by_basis = con.execute("SELECT basis, count(*) FROM matching.household_tie GROUP BY ALL ORDER BY ALL").fetchall()
    figures = {str(basis): int(ties) for basis, ties in by_basis}
    return StageReport(rows={WRITES[0]: sum(figures.values())}, figures=figures)


_HOME_PAIRS = """
CREATE OR REPLACE TEMP TABLE home_pair AS
WITH nickname AS (
    SELECT given, min(nicknames) AS nicknames FROM matching.distinct_record WHERE given IS NOT NULL GROUP BY given
),
person AS (SELECT * FROM consensus LEFT JOIN nickname USING (given))
SELECT (row_number() OVER (ORDER BY cluster_id_l, cluster_id_r) - 1)::BIGINT AS pair_no,
    cluster_id_l, cluster_id_r, shared, dwell_together, coalesce(match_probability, 0) AS match_probability
FROM sharing
JOIN person AS l ON l.cluster_id = cluster_id_l
JOIN person AS r ON r.cluster_id = cluster_id_r
LEFT JOIN matching.possible_match USING (cluster_id_l, cluster_id_r)
WHERE (length(l.given) > 1 AND length(r.given) > 1 AND NOT coalesce(list_has_any(l.nicknames, r.nicknames), false)
        AND jaro_winkler_similarity(l.given, r.given) < 0.9 AND levenshtein(l.given, r.given) > 1)
    OR (l.family = r.family AND (l.middle <> r.middle OR l.suffix IS DISTINCT FROM r.suffix))
    OR (l.birth_date <> r.birth_date AND year(l.birth_date::DATE) <> year(r.birth_date::DATE))
"""
"""Pairs that share something and are visibly two: by given name, middle initial, suffix or year of birth."""


def _judge(con: DuckDBPyConnection, run: Run) -> None:
    """Make the temporary table `judged`: pair_no and the posterior of a household."""
    model = tonights_model(con, run)
    scratch = open_bench(con, model, threads=run.threads)
    pairs = copy_table(con, "SELECT pair_no, cluster_id_l, cluster_id_r FROM home_pair", scratch, "home_pair")
    copy_table(con, _NODES, scratch, "node")
    scratch.execute(f"CREATE TABLE feature AS {features_sql('FROM node')}")
    mark_common_names(scratch, "feature")
    posterior = household_probability(scratch, model, pairs)
    scratch.close()
    con.register("incoming_judged", table({"pair_no": np.arange(pairs), "posterior": posterior}))
    con.execute("CREATE OR REPLACE TEMP TABLE judged AS SELECT * FROM incoming_judged")
    con.unregister("incoming_judged")


_NODES = """
SELECT (row_number() OVER (ORDER BY distinct_record_id) - 1)::INTEGER AS tuple_no, cluster_id, d.*
FROM known_from JOIN matching.distinct_record AS d USING (distinct_record_id)
WHERE cluster_id IN (SELECT cluster_id_l FROM home_pair UNION SELECT cluster_id_r FROM home_pair)
"""
"""The distinct records of these customers: few, of all that there are."""

_TIES = f"""
INSERT INTO matching.household_tie
WITH weighed AS (
    SELECT *, round(posterior * (1 - match_probability), {DECIMALS}) AS household_probability,
        list_sort(list_distinct(list_transform(shared, lambda point: split_part(point, ':', 1)))) AS kinds
    FROM home_pair JOIN judged USING (pair_no)
)
SELECT cluster_id_l, cluster_id_r, array_to_string(kinds, '_and_'), shared, dwell_together, household_probability
FROM weighed
WHERE dwell_together OR household_probability >= {LEAST_PROBABILITY}
ORDER BY cluster_id_l, cluster_id_r
"""

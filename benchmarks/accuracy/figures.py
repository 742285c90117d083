"""How the clusters of a set hold against its truth: the figures of the table.

A record without a cluster is one by itself, so what is left out costs recall and never helps. Records that are nobody's
(their person is null) count in none of the shares; how many of them stand in a customer is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.agreement import b_cubed, pairwise
from warehouse.connection import open_memory, quote_literal
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

IDENTITY = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "organisation",
    "birth_date",
    "unreadable",
    "emails",
    "phones",
    "street",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
    "addresses",
    "identifiers",
    "extras",
    "signature_name",
    "signature_phones",
    "signature_addresses",
)
"""The mapped columns that say who somebody is, as they were delivered."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and shares of one set and one program.

    `false_pairs` are joined pairs of records of two persons; of these `contradicted` are equal in every mapped column:
    the truth says that they differ, and nothing that was delivered does. `contradictions` are all such pairs, joined
    or not. `nobodies` are records that are nobody's, `nobodies_merged` those of them that stand in a customer.
    """

    records: int
    entities: int
    precision: float | None
    recall: float | None
    f1: float | None
    b_cubed: float | None
    exact: float
    false_pairs: int
    contradicted: int
    contradictions: int
    nobodies: int
    nobodies_merged: int


def open_labelled(workspace: Path, truth: Path, clusters: Path) -> DuckDBPyConnection:
    """Return a scratch database with the tables `labelled`, `told` and `landed`.

    `labelled` has every record of the truth: source, source_record_id, person (may be null), cluster; `told` those of
    somebody; `landed` is what the night of the workspace has mapped of each record.
    """
    con = open_memory()
    warehouse = quote_literal(str(Workspace(workspace).warehouse_file))
    con.execute(f"ATTACH {warehouse} AS warehouse (READ_ONLY)")
    con.execute("CREATE TABLE landed AS SELECT * FROM warehouse.landing.live_record")
    con.execute("DETACH warehouse")
    con.execute(f"""
        CREATE TABLE labelled AS
        SELECT t.source::VARCHAR AS source, t.source_record_id::VARCHAR AS source_record_id,
            t.person_id::VARCHAR AS person,
            coalesce('cluster ' || c.cluster, 'none ' || t.source || ':' || t.source_record_id) AS cluster
        FROM read_parquet({quote_literal(str(truth))}) AS t
        LEFT JOIN read_parquet({quote_literal(str(clusters))}) AS c USING (source, source_record_id)
    """)
    con.execute("CREATE TABLE told AS SELECT * FROM labelled WHERE person IS NOT NULL")
    return con


def measure(scratch: DuckDBPyConnection) -> Figures:
    """Return the figures of the tables `labelled`, `told` and `landed`."""
    pairs, thirds = pairwise(scratch), b_cubed(scratch)
    records, entities, exact, nobodies, merged = scratch.execute(_COUNTS_SQL).fetchall()[0]
    contradictions, contradicted = scratch.execute(_CONTRADICTIONS_SQL).fetchall()[0]
    return Figures(
        records=records,
        entities=entities,
        precision=pairs.score.precision,
        recall=pairs.score.recall,
        f1=pairs.score.f1,
        b_cubed=thirds.f1,
        exact=exact / entities if entities else 0.0,
        false_pairs=pairs.joined - pairs.right,
        contradicted=int(contradicted),
        contradictions=int(contradictions),
        nobodies=nobodies,
        nobodies_merged=merged,
    )


_COUNTS_SQL = """
WITH sized AS (
    SELECT person, count(*) OVER (PARTITION BY person) AS of_person, count(*) OVER (PARTITION BY cluster) AS of_cluster,
        count(*) OVER (PARTITION BY person, cluster) AS of_both
    FROM told
),
judged AS (
    SELECT bool_and(of_both = of_person AND of_both = of_cluster) AS is_exact FROM sized GROUP BY person
)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM judged), (SELECT count(*) FROM judged WHERE is_exact),
    (SELECT count(*) FROM labelled WHERE person IS NULL),
    (SELECT count(*) FROM labelled WHERE person IS NULL AND cluster IN (SELECT cluster FROM told))
"""

_SPELLED = " || chr(31) || ".join(f"coalesce({column}::VARCHAR, '')" for column in IDENTITY)

_CONTRADICTIONS_SQL = f"""
WITH spelled AS (
    SELECT person, cluster, md5({_SPELLED}) AS content
    FROM told JOIN landed USING (source, source_record_id)
    WHERE length(replace({_SPELLED}, chr(31), '')) > 0
),
pairs AS (
    SELECT
        (SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*)::HUGEINT AS n FROM spelled GROUP BY content))
        AS equal,
        (SELECT coalesce(sum(n * (n - 1) // 2), 0)
        FROM (SELECT count(*)::HUGEINT AS n FROM spelled GROUP BY content, person)) AS of_one,
        (SELECT coalesce(sum(n * (n - 1) // 2), 0)
        FROM (SELECT count(*)::HUGEINT AS n FROM spelled GROUP BY content, cluster)) AS joined,
        (SELECT coalesce(sum(n * (n - 1) // 2), 0)
        FROM (SELECT count(*)::HUGEINT AS n FROM spelled GROUP BY content, cluster, person)) AS joined_of_one
)
SELECT equal - of_one, joined - joined_of_one FROM pairs
"""

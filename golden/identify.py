"""Gives every cluster the golden id it had, and a new one only where it never had one: the stage `identify`.

READS: matching.cluster, matching.excluded_record, base.customer, latest.customer, latest.crosswalk, latest.change, and
what golden.same_records reads.
WRITES: golden.crosswalk, golden.excluded_record.
Invariant: no golden id ever stands for two people. An id stays with the cluster that has most of its records, a record
under a corrected key being the same record. If another id has the better claim to that cluster, it does not move on to
a lesser part, it ends. Where a merge is taken back, the records from before it decide, and both ids are as they were.
An id that ended comes back only to a cluster that is mostly its records and holds most of them. Any other cluster gets
an id that was never used. The result depends on the history and on tonight's clusters, not on the order of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.history import births, last_members
from golden.ids import Claim, Founder, found_customers, settle_claims
from golden.same_records import READS as SAME_RECORDS
from golden.same_records import find_same_records
from golden.unmerge import undo_merges
from warehouse.connection import has_rows
from warehouse.run import StageReport
from warehouse.state import next_release_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (
    *SAME_RECORDS,
    "matching.cluster",
    "matching.excluded_record",
    "base.customer",
    "latest.customer",
    "latest.crosswalk",
    "latest.change",
)
WRITES = ("golden.crosswalk", "golden.excluded_record")

FOUNDER_FIRST = "coalesce(record.at, record.updated_at) NULLS LAST, record.source, record.source_record_id"
"""The order of a customer's records in which the first one is its founder; `at` comes first because it never moves."""

WEIGHT_DECIMALS = 6
"""Match weights are published so: the last bits of a double are not a change of a record."""


def identify(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write who every live record belongs to, and which live records are nobody's."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE identified"
        " (cluster_id VARCHAR NOT NULL, golden_id VARCHAR NOT NULL, how VARCHAR NOT NULL)"
    )
    _find_members(con)
    _settle(con, undo_merges(con), "returned")
    _keep_ids(con)
    _bring_back_ids(con)
    _found_customers(con, settings.identity.salt)
    con.execute("DELETE FROM golden.crosswalk")
    con.execute(_CROSSWALK, [next_release_id(run)])
    con.execute("DELETE FROM golden.excluded_record")
    con.execute(
        "INSERT INTO golden.excluded_record BY NAME"
        " SELECT source, source_record_id, reason FROM matching.excluded_record ORDER BY ALL"
    )
    rows = {table: _count(con, f"SELECT count(*) FROM {table}") for table in WRITES}
    figures = {
        f"ids_{how}": _count(con, f"SELECT count(*) FROM identified WHERE how = '{how}'")
        for how in ("kept", "returned", "founded")
    }
    for table in ("identified", "held", "overlap", "former_member", "renamed", "returned"):
        con.execute(f"DROP TABLE {table}")
    return StageReport(rows=rows, figures=figures)


_HELD = """
    CREATE OR REPLACE TEMP TABLE held AS
    SELECT golden_id, source, source_record_id FROM base.crosswalk
    UNION ALL
    SELECT golden_id, source, source_record_id FROM renamed
    """
_OVERLAP = f"""
    CREATE OR REPLACE TEMP TABLE overlap AS
    SELECT held.golden_id, cluster.cluster_id, count(*) AS records, birth.age,
        bool_or(held.source = birth.source AND held.source_record_id = birth.source_record_id) AS holds_founder
    FROM held
    JOIN matching.cluster AS cluster USING (source, source_record_id)
    JOIN ({births("latest.change")}) AS birth ON birth.golden_id = held.golden_id
    GROUP BY ALL
    """
_FORMER_MEMBER = f"""
    CREATE OR REPLACE TEMP TABLE former_member AS
    WITH absent AS (
        SELECT golden_id FROM ({births("latest.change")}) ANTI JOIN base.customer AS live USING (golden_id)
    ), resting AS (
        SELECT golden_id FROM absent ANTI JOIN latest.customer AS live USING (golden_id)
    ), unchanged AS (
        SELECT source, source_record_id FROM returned WHERE unchanged
    )
    SELECT held.golden_id, held.source, held.source_record_id
    FROM latest.crosswalk AS held SEMI JOIN absent ON absent.golden_id = held.golden_id
    UNION ALL
    ({last_members("latest.change", not_live="resting", back="unchanged")})
    """
"""The records of ids that the base does not know: as published by a release rolled back, or when they ended."""


def _find_members(con: DuckDBPyConnection) -> None:
    """Make the tables of whose records are whose: `held` and `overlap` of the base's ids, `former_member` of others."""
    find_same_records(con)
    for statement in (_HELD, _OVERLAP, _FORMER_MEMBER):
        con.execute(statement)


_CLAIM = """
    CREATE OR REPLACE TEMP TABLE claim AS
    WITH best AS (
        SELECT * FROM overlap QUALIFY records = max(records) OVER (PARTITION BY golden_id)
    )
    SELECT *, count(*) OVER (PARTITION BY golden_id) > 1 OR count(*) OVER (PARTITION BY cluster_id) > 1 AS contested
    FROM best ANTI JOIN identified USING (cluster_id)
    """
"""What each id of the base claims: the cluster that has most of its records, all of them where several tie."""


def _keep_ids(con: DuckDBPyConnection) -> None:
    con.execute(_CLAIM)
    kept = "SELECT cluster_id, golden_id, 'kept' AS how FROM claim WHERE NOT contested"
    if has_rows(con, kept):
        con.execute(f"INSERT INTO identified {kept}")
    contested = con.execute(
        "SELECT golden_id, cluster_id, records, age, holds_founder FROM claim WHERE contested"
    ).fetchall()
    _settle(con, settle_claims(Claim(*row) for row in contested), "kept")
    con.execute("DROP TABLE claim")


_RETURN = f"""
    WITH vote AS (
        SELECT former.golden_id, cluster.cluster_id, count(*) AS records, birth.age,
            bool_or(former.source = birth.source AND former.source_record_id = birth.source_record_id) AS holds_founder
        FROM former_member AS former
        JOIN matching.cluster AS cluster USING (source, source_record_id)
        JOIN ({births("latest.change")}) AS birth ON birth.golden_id = former.golden_id
        GROUP BY ALL
    ), surviving AS (
        SELECT golden_id, sum(records) AS records FROM vote GROUP BY ALL
    ), known AS (
        SELECT source, source_record_id FROM held
        UNION ALL
        SELECT source, source_record_id FROM latest.crosswalk
        UNION ALL
        SELECT source, source_record_id FROM former_member
    ), size AS (
        SELECT cluster_id, count(*) AS records
        FROM matching.cluster SEMI JOIN vote USING (cluster_id) SEMI JOIN known USING (source, source_record_id)
        GROUP BY ALL
    )
    SELECT vote.golden_id, vote.cluster_id, vote.records, vote.age, vote.holds_founder
    FROM vote
    JOIN surviving ON surviving.golden_id = vote.golden_id
    JOIN size ON size.cluster_id = vote.cluster_id
    ANTI JOIN identified ON identified.cluster_id = vote.cluster_id
    WHERE 2 * vote.records > size.records AND 2 * vote.records > surviving.records
    """
"""Both halves matter: a cluster that is mostly an id's records may still be the lesser part of who that id was.

Records that nobody had before say nothing against it, as they say nothing against an id that lives.
"""


def _bring_back_ids(con: DuckDBPyConnection) -> None:
    claims = [Claim(*row) for row in con.execute(_RETURN).fetchall()]
    _settle(con, settle_claims(claims), "returned")


_FOUNDER = f"""
    WITH founder AS (
        SELECT cluster.cluster_id, record.source, record.source_record_id
        FROM matching.cluster AS cluster
        JOIN landing.live_record AS record USING (source, source_record_id)
        ANTI JOIN identified ON identified.cluster_id = cluster.cluster_id
        QUALIFY row_number() OVER (PARTITION BY cluster.cluster_id ORDER BY {FOUNDER_FIRST}) = 1
    )
    SELECT founder.cluster_id, founder.source, founder.source_record_id, count(birth.golden_id)
    FROM founder LEFT JOIN ({births("latest.change")}) AS birth USING (source, source_record_id)
    GROUP BY ALL
    """


def _found_customers(con: DuckDBPyConnection, salt: str) -> None:
    founders = [Founder(*row) for row in con.execute(_FOUNDER).fetchall()]
    created = con.execute(f"SELECT golden_id FROM ({births('latest.change')})").fetchall()
    _settle(con, found_customers(salt, founders, {row[0] for row in created}), "founded")


_CROSSWALK = f"""
    INSERT INTO golden.crosswalk BY NAME
    SELECT
        cluster.source,
        cluster.source_record_id,
        identified.golden_id,
        cluster.basis,
        round(cluster.match_weight, {WEIGHT_DECIMALS}) AS match_weight,
        CASE WHEN held.golden_id = identified.golden_id THEN held.attached_in ELSE ? END AS attached_in
    FROM matching.cluster AS cluster
    JOIN identified ON identified.cluster_id = cluster.cluster_id
    LEFT JOIN base.crosswalk AS held
        ON held.source = cluster.source AND held.source_record_id = cluster.source_record_id
    ORDER BY cluster.source, cluster.source_record_id
    """


def _settle(con: DuckDBPyConnection, ids: Mapping[str, str], how: str) -> None:
    if not ids:
        return
    con.execute(
        "INSERT INTO identified SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), ?",
        [list(ids), list(ids.values()), how],
    )


def _count(con: DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return 0 if row is None else int(row[0])

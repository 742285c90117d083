"""Finds the merges that tonight takes back, and gives both customers the ids they had before.

Records that came since the merge say nothing about who was who before it. So where a customer comes apart along the
line of an earlier merge, only records from before that merge decide: the retired id goes with its own, whatever has
been ordered since. Reads matching.cluster, latest.change and the temporary tables `held`, `overlap`, `former_member`
and `identified` of the stage `identify`; adds to `identified` and takes claims out of `overlap`.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from golden.history import endings
from golden.ids import Claim, settle_claims

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duckdb import DuckDBPyConnection

_PARTED = """
    CREATE OR REPLACE TEMP TABLE parted AS
    SELECT held.golden_id AS holder, source, source_record_id, cluster.cluster_id
    FROM held
    SEMI JOIN (SELECT golden_id FROM overlap GROUP BY ALL HAVING count(*) > 1) AS apart USING (golden_id)
    JOIN matching.cluster AS cluster USING (source, source_record_id)
    """
_MERGE = f"""
    CREATE OR REPLACE TEMP TABLE merge AS
    WITH release AS (
        SELECT release_id, min(sequence) AS began FROM latest.change GROUP BY ALL
    )
    SELECT ending.golden_id, ending.other_golden_id AS into_id, release.began, parted.holder
    FROM ({endings("latest.change")}) AS ending
    JOIN release USING (release_id)
    JOIN former_member AS former ON former.golden_id = ending.golden_id
    JOIN parted USING (source, source_record_id)
    WHERE ending.event = 'merged'
    GROUP BY ending.golden_id, into_id, release.began, parted.holder
    QUALIFY row_number() OVER (PARTITION BY ending.golden_id ORDER BY count(*) DESC, parted.holder) = 1
    """
_STANDING = """
    CREATE OR REPLACE TEMP TABLE standing AS
    WITH told AS (
        SELECT source, source_record_id, sequence, event, golden_id, other_golden_id
        FROM latest.change SEMI JOIN parted USING (source, source_record_id)
        WHERE event IN ('attached', 'detached')
    ), fresh AS (
        SELECT source, source_record_id, max(sequence) AS since
        FROM told WHERE event = 'attached' AND other_golden_id IS NULL GROUP BY ALL
    ), before AS (
        SELECT merge.golden_id, source, source_record_id, arg_max(told.golden_id, told.sequence) AS of_id
        FROM merge JOIN parted ON parted.holder = merge.holder
        JOIN told USING (source, source_record_id)
        WHERE told.sequence < merge.began AND told.event = 'attached'
        GROUP BY ALL
    )
    SELECT parted.*, fresh.since, merge.golden_id,
        former.golden_id IS NOT NULL AS is_ours, before.of_id IS NOT DISTINCT FROM merge.into_id AS is_theirs
    FROM merge
    JOIN parted USING (holder)
    LEFT JOIN fresh USING (source, source_record_id)
    LEFT JOIN former_member AS former
        ON former.golden_id = merge.golden_id AND former.source = parted.source
        AND former.source_record_id = parted.source_record_id
    LEFT JOIN before
        ON before.golden_id = merge.golden_id AND before.source = parted.source
        AND before.source_record_id = parted.source_record_id
    """
"""For each merge the records of the customer that holds it: whose they were, and since when nobody has missed them."""

_VOTE = """
    WITH claimed AS (
        SELECT golden_id, cluster_id FROM overlap QUALIFY records = max(records) OVER (PARTITION BY golden_id)
    ), present AS (
        SELECT cluster_id, golden_id, sum(records) AS records FROM overlap GROUP BY ALL
    ), vote AS (
        SELECT golden_id, holder, cluster_id,
            count(*) FILTER (is_ours) AS ours,
            count(*) FILTER (is_theirs AND NOT is_ours AND coalesce(since < merge.began, false)) AS theirs,
            count(*) FILTER (NOT is_ours AND coalesce(since < merge.began, false)) AS others
        FROM standing JOIN merge USING (golden_id, holder)
        GROUP BY ALL
    )
    SELECT vote.golden_id, merge.into_id, vote.holder, merge.began, vote.cluster_id, vote.ours, vote.theirs,
        vote.others + coalesce((
            SELECT sum(records) FROM present
            WHERE present.cluster_id = vote.cluster_id AND present.golden_id <> vote.holder
        ), 0)::BIGINT AS others,
        EXISTS (
            SELECT 1 FROM claimed WHERE claimed.cluster_id = vote.cluster_id AND claimed.golden_id <> vote.holder
        ) AS is_claimed,
        birth.sequence AS age,
        EXISTS (
            SELECT 1 FROM matching.cluster AS cluster
            WHERE cluster.cluster_id = vote.cluster_id
                AND cluster.source = birth.source AND cluster.source_record_id = birth.source_record_id
        ) AS holds_founder
    FROM vote
    JOIN merge USING (golden_id, holder)
    JOIN latest.change AS birth ON birth.golden_id = vote.golden_id AND birth.event = 'created'
    ORDER BY merge.began, vote.golden_id, vote.cluster_id
    """


class Vote(NamedTuple):
    """What one cluster holds of a merge, of records from before it.

    Records of the id that ended, of the one it merged into, of anybody but the former; and whether an id that lives has
    most of its records there.
    """

    golden_id: str
    into_id: str
    holder: str
    began: int
    cluster_id: str
    ours: int
    theirs: int
    others: int
    is_claimed: bool
    age: int
    holds_founder: bool


def undo_merges(con: DuckDBPyConnection) -> dict[str, str]:
    """Return cluster_id -> the id that comes back there, and leave in `overlap` what the others may still claim."""
    for statement in (_PARTED, _MERGE, _STANDING):
        con.execute(statement)
    votes = [Vote(*row) for row in con.execute(_VOTE).fetchall()]
    restored = take_back(votes)
    if restored:
        _restrict_claims(con, restored, votes)
    for table in ("parted", "merge", "standing"):
        con.execute(f"DROP TABLE {table}")
    return restored


def take_back(votes: list[Vote]) -> dict[str, str]:
    """Return cluster_id -> golden_id for the merges that the votes take back, the earliest merges first.

    `votes` are ordered by `began`. A merge is taken back where most of the retired id's records are in one cluster,
    more of the other side's in another one; where records from before the merge of anybody else do not outweigh the
    former, and no other living customer has its place.
    """
    restored: dict[str, str] = {}
    for _, together in groupby(votes, key=lambda vote: vote.began):
        claims = list(_claims(list(together), votes, restored))
        restored |= settle_claims(claims)
    return restored


def _claims(votes: list[Vote], everywhere: list[Vote], taken: Mapping[str, str]) -> Iterator[Claim]:
    for golden_id, found in groupby(votes, key=lambda vote: vote.golden_id):
        places = list(found)
        free = [vote for vote in places if vote.cluster_id not in taken]
        most = max((vote.ours for vote in free), default=0)
        others = _places_of_others(everywhere, golden_id, places[0].into_id)
        for vote in free:
            theirs = [other.theirs for other in places if other is not vote and other.cluster_id not in others]
            outweighs = vote.ours > vote.others and max(theirs, default=0) > vote.theirs
            if 0 < most == vote.ours and outweighs and not vote.is_claimed:
                yield Claim(golden_id, vote.cluster_id, vote.ours, vote.age, vote.holds_founder)


def _places_of_others(votes: list[Vote], golden_id: str, into_id: str) -> set[str]:
    """Return where others that merged into the same id have most of their records: nobody else's are meant there."""
    found = set()
    siblings = (vote for vote in votes if vote.into_id == into_id and vote.golden_id != golden_id)
    for _, group in groupby(siblings, key=lambda vote: vote.golden_id):
        places = list(group)
        most = max(vote.ours for vote in places)
        found |= {vote.cluster_id for vote in places if vote.ours == most > 0}
    return found


def _restrict_claims(con: DuckDBPyConnection, restored: Mapping[str, str], votes: list[Vote]) -> None:
    """Leave to a customer that came apart only what is not restored, judged by records from before the merges."""
    undone: dict[str, int] = {}
    for vote in votes:
        if restored.get(vote.cluster_id) == vote.golden_id:
            undone[vote.holder] = min(vote.began, undone.get(vote.holder, vote.began))
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE elder AS
        WITH undone AS (SELECT unnest(?::VARCHAR[]) AS holder, unnest(?::BIGINT[]) AS began),
        restored AS (SELECT unnest(?::VARCHAR[]) AS cluster_id),
        standing_once AS (SELECT DISTINCT holder, source, source_record_id, cluster_id, since FROM standing)
        SELECT holder AS golden_id, cluster_id,
            count(*) FILTER (coalesce(since < undone.began, false)) AS records
        FROM standing_once JOIN undone USING (holder) ANTI JOIN restored USING (cluster_id)
        GROUP BY ALL
        """,
        [list(undone), list(undone.values()), list(restored)],
    )
    con.execute(
        """
        DELETE FROM overlap WHERE golden_id IN (SELECT unnest(?::VARCHAR[])) AND (
            cluster_id IN (SELECT unnest(?::VARCHAR[]))
            OR (golden_id IN (SELECT golden_id FROM elder WHERE records > 0)
                AND (golden_id, cluster_id) NOT IN (SELECT (golden_id, cluster_id) FROM elder WHERE records > 0))
        )
        """,
        [list(undone), list(restored)],
    )
    con.execute(
        """
        UPDATE overlap SET records = elder.records FROM elder
        WHERE elder.golden_id = overlap.golden_id AND elder.cluster_id = overlap.cluster_id AND elder.records > 0
        """
    )
    con.execute("DROP TABLE elder")

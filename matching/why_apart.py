"""Why two distinct records are not one customer: which keys could have let them meet, and what their customers weigh.

Reads matching.distinct_record, matching.member, matching.cluster and matching.pair over a connection that need not be
able to write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.blocking import SAME_ATTRIBUTES
from matching.entities import EntityPass
from matching.evidence import workbench
from matching.features import features_sql
from matching.observations import SINGLE
from matching.weights import rarity_bits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from matching.arrays import Floats, Numbers
    from matching.blocking import BlockingRule
    from matching.model import Model
    from matching.observations import Observations

Key = tuple[str, str | None]
"""A blocking key and the narrower one that a key carried by too many needs."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One blocking rule: the keys of either record, those that both have, and whether they met by one of them.

    `bearers` is how many distinct tuples carry the shared key that comes nearest; `limit` is how many may.
    """

    rule: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    shared: tuple[str, ...]
    bearers: int
    limit: int
    met: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a person has one of and two customers do not agree on, with the number of distinct records that say so."""

    attribute: str
    left: str
    left_support: int
    right: str
    right_support: int


@dataclass(frozen=True, slots=True)
class AsAWhole:
    """Two customers weighed against each other with all their records: `pairs` of these were compared.

    `weight` and `probability` are None where no pair was.
    """

    pairs: int
    strongest: float | None
    weight: float | None
    probability: float | None
    conflicts: tuple[Conflict, ...]


def meetings(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, left: int, right: int
) -> tuple[Meeting, ...]:
    """Return what each blocking rule says about two tuples on the workbench `scratch`; `con` has all the others."""
    return tuple(
        _meeting(con, rule, _keys(scratch, rule, left), _keys(scratch, rule, right)) for rule in model.definitions.rules
    )


def _keys(scratch: DuckDBPyConnection, rule: BlockingRule, tuple_no: int) -> set[Key]:
    query = f"SELECT ({rule.key})::VARCHAR, ({rule.narrower})::VARCHAR FROM {_spelled(rule, 'feature')}"
    return {row for row in scratch.execute(f"{query} WHERE tuple_no = ?", [tuple_no]).fetchall() if row[0] is not None}


def _spelled(rule: BlockingRule, features: str) -> str:
    return f"(SELECT *, unnest({rule.each}) AS element FROM {features})" if rule.each else features


def _meeting(con: DuckDBPyConnection, rule: BlockingRule, left: set[Key], right: set[Key]) -> Meeting:
    """Count the bearers of the shared keys, as `make_keys` does."""
    shared = sorted({key for key, _ in left} & {key for key, _ in right})
    met, nearest = False, 0
    for key in shared:
        bearers = _bearers(con, rule, key, None)
        if bearers > rule.limit:
            narrower = {key_and for key_and in left & right if key_and[0] == key and key_and[1] is not None}
            counts = [_bearers(con, rule, *key_and) for key_and in narrower]
            met = met or any(count <= rule.limit for count in counts)
        else:
            met = True
        nearest = bearers if nearest == 0 else min(nearest, bearers)
    return Meeting(
        rule=rule.name,
        left=tuple(sorted({key for key, _ in left})),
        right=tuple(sorted({key for key, _ in right})),
        shared=tuple(shared),
        bearers=nearest,
        limit=rule.limit,
        met=met,
    )


def _bearers(con: DuckDBPyConnection, rule: BlockingRule, key: str, narrower: str | None) -> int:
    tuples = """
        SELECT * FROM matching.distinct_record
        QUALIFY row_number() OVER (PARTITION BY tuple_id ORDER BY distinct_record_id) = 1
    """
    source = _spelled(rule, f"({features_sql(tuples)})")
    condition, values = f"({rule.key})::VARCHAR = ?", [key]
    if narrower is not None:
        condition, values = f"{condition} AND ({rule.narrower})::VARCHAR = ?", [key, narrower]
    return int(con.execute(f"SELECT count(*) FROM {source} WHERE {condition}", values).fetchall()[0][0])


def as_a_whole(con: DuckDBPyConnection, model: Model, left: str, right: str) -> AsAWhole:
    """Weigh the clusters `left` and `right` against each other, as the entity pass does after its last round."""
    nodes = con.execute(_NODES_SQL, [left, right]).fetchall()
    pairs = con.execute(_BETWEEN_SQL, [left, right, SAME_ATTRIBUTES]).fetchall()
    if not pairs:
        return AsAWhole(0, None, None, None, ())
    number = {name: place for place, (name, _) in enumerate(nodes)}
    of_left = np.array([cluster_id == left for _, cluster_id in nodes])
    one, two = (np.array([number[pair[side]] for pair in pairs], dtype=np.int64) for side in (0, 1))
    gammas = {
        comparison.name: np.array([pair[3][place] for pair in pairs], np.int8)
        for place, comparison in enumerate(model.definitions.comparisons)
    }
    with workbench(con, list(number), model) as scratch:
        tuple_of_node, crowd = _tuples_and_crowds(scratch, number)
        bits = rarity_bits(scratch, model)
        entity_pass = EntityPass(scratch, model, tuple_of_node, bits, (one, two, gammas), crowd)
        sides = np.flatnonzero(of_left), np.flatnonzero(~of_left)
        into = np.concatenate([np.full(len(side) - 1, side[0]) for side in sides])
        other = np.concatenate([side[1:] for side in sides])
        # no pair merges at an infinite threshold: what is left is the pair of the two customers
        resolved = entity_pass.run(np.inf, (into, other, np.full(len(into), np.inf)))
        conflicts = _conflicts(entity_pass.observed, (int(sides[0][0]), int(sides[1][0])))
    strongest = max(pair[2] for pair in pairs)
    posterior = float(model.entity_posterior(resolved.weight)[0])
    return AsAWhole(len(pairs), strongest, float(resolved.weight[0]), posterior, conflicts)


def _tuples_and_crowds(scratch: DuckDBPyConnection, names: Iterable[str]) -> tuple[Numbers, Floats]:
    """Return each distinct record's tuple and log2 of how many records stand alone with it, as `cluster` does."""
    found = scratch.execute("""
        SELECT distinct_record_id, tuple_no,
            CASE WHEN stands_alone THEN log2(count(*) OVER (PARTITION BY tuple_no)) ELSE 0 END
        FROM node
    """).fetchall()
    told = {name: (tuple_no, crowd) for name, tuple_no, crowd in found}
    tuples, crowds = zip(*(told[name] for name in names), strict=True)
    return np.array(tuples, np.int64), np.array(crowds, np.float64)


def _conflicts(observed: Observations, heads: tuple[int, int]) -> tuple[Conflict, ...]:
    left, right = heads
    found = []
    for name in SINGLE:
        consensus, support, values = observed.consensus[name], observed.support[name], observed.coded[name].values
        if consensus[left] >= 0 and consensus[right] >= 0 and consensus[left] != consensus[right]:
            said = [str(values[int(consensus[side])].as_py()) for side in heads]
            found.append(Conflict(name, said[0], int(support[left]), said[1], int(support[right])))
    return tuple(found)


_NODES_SQL = """
SELECT distinct_record_id, min(cluster_id) FROM matching.member JOIN matching.cluster USING (source, source_record_id)
WHERE cluster_id IN (?, ?) GROUP BY distinct_record_id ORDER BY distinct_record_id
"""

_BETWEEN_SQL = """
WITH node AS (
    SELECT DISTINCT distinct_record_id, cluster_id
    FROM matching.member JOIN matching.cluster USING (source, source_record_id) WHERE cluster_id IN (?, ?)
)
SELECT p.distinct_record_id_l, p.distinct_record_id_r, p.match_weight, p.gammas
FROM matching.pair AS p
JOIN node AS l ON l.distinct_record_id = p.distinct_record_id_l
JOIN node AS r ON r.distinct_record_id = p.distinct_record_id_r
WHERE l.cluster_id <> r.cluster_id AND p.match_key <> ?
ORDER BY 1, 2
"""

"""Two groups of distinct records weighed against each other, as the pass of entities does it: step by step, in bits.

Reads matching.distinct_record, matching.member, matching.cluster, matching.pair and matching.model_frequency over a
connection that need not be able to write. Keeps this: prior, steps and crowd add up to the weight of the two.

The share of one comparison is what it adds to the weight when it comes after those before it, as in `evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.blocking import SAME_ATTRIBUTES
from matching.entities import CONFLICTS, SEEN_OFTEN, EntityPass
from matching.evidence import ALL_OF, workbench
from matching.observations import COUNTED, SINGLE, OnBench
from matching.resolve import tuples_and_crowds
from matching.weights import combine, few_rarity_bits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from matching.arrays import Levels, Numbers
    from matching.model import Model

LISTED = {**COUNTED, "identifier": "identifiers", "reference": "quoted"}
"""The feature that shows what a group has of an attribute of which a person may have several."""


@dataclass(frozen=True, slots=True)
class WholeStep:
    """What one comparison says of two groups: the level, why it counts as it does, what either has, and bits.

    `left` and `right` are the values that most records bear, or of multiple attributes all of them, shared ones first.
    """

    comparison: str
    words: str
    aside: str | None
    left: str | None
    right: str | None
    match_bits: float
    household_bits: float
    bits: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a person has one of and two groups do not agree on, with the number of distinct records that say so."""

    attribute: str
    left: str
    left_support: int
    right: str
    right_support: int


@dataclass(frozen=True, slots=True)
class AsAWhole:
    """Two groups with all their records: `pairs` of these were compared, the `strongest` weighing most.

    From `prior_bits`, `steps` and `crowd_bits` (what it costs that many say the same and too little) the weight adds
    up; `probability` is what the model knows of customers of such weights. None or empty where no pair was compared.
    """

    pairs: int
    strongest: float | None = None
    prior_bits: float | None = None
    steps: tuple[WholeStep, ...] = ()
    crowd_bits: float = 0.0
    weight: float | None = None
    probability: float | None = None
    conflicts: tuple[Conflict, ...] = ()


def two_clusters(con: DuckDBPyConnection, model: Model, left: str, right: str) -> AsAWhole:
    """Weigh the clusters `left` and `right` against each other, as the entity pass does after its last round."""
    return weigh_groups(con, model, _nodes(con, left), _nodes(con, right))


def against_the_rest(con: DuckDBPyConnection, model: Model, cluster_id: str, distinct_record_id: str) -> AsAWhole:
    """Weigh one distinct record of a cluster against all its others: what would bring it in if it stood outside."""
    others = [name for name in _nodes(con, cluster_id) if name != distinct_record_id]
    return weigh_groups(con, model, [distinct_record_id], others)


def _nodes(con: DuckDBPyConnection, cluster_id: str) -> list[str]:
    return [name for (name,) in con.execute(_NODES_SQL, [cluster_id]).fetchall()]


def weigh_groups(con: DuckDBPyConnection, model: Model, left: Sequence[str], right: Sequence[str]) -> AsAWhole:
    """Weigh two groups of distinct records, each taken to be one customer, by all pairs that were compared."""
    names = sorted((*left, *right))
    ours = set(left)
    stored = con.execute(_BETWEEN_SQL, [SAME_ATTRIBUTES, names, names]).fetchall()
    pairs = [pair for pair in stored if (pair[0] in ours) != (pair[1] in ours)]
    if not pairs:
        return AsAWhole(0)
    number = {name: place for place, name in enumerate(names)}
    groups = [np.array(sorted(number[name] for name in group), np.int64) for group in (left, right)]
    with workbench(con, names, model, rooted=False) as scratch:
        entity_pass, tuples = _prepared(scratch, model, number, pairs)
        into = np.concatenate([np.full(len(group) - 1, group[0]) for group in groups])
        other = np.concatenate([group[1:] for group in groups])
        # no pair merges at an infinite threshold: what is left is the pair of the two groups
        resolved = entity_pass.run(np.inf, (into, other, np.full(len(into), np.inf)))
        heads = int(groups[0][0]), int(groups[1][0])
        prior, steps = _steps(
            entity_pass, _Shown(scratch, entity_pass, [tuples[group] for group in groups], heads), heads
        )
    return AsAWhole(
        pairs=len(pairs),
        strongest=max(pair[2] for pair in pairs),
        prior_bits=prior,
        steps=steps,
        crowd_bits=-float(entity_pass.crowd[list(heads)].sum()),
        weight=float(resolved.weight[0]),
        probability=float(model.entity_posterior(resolved.weight)[0]),
        conflicts=_conflicts(entity_pass, heads),
    )


def _prepared(
    scratch: DuckDBPyConnection,
    model: Model,
    number: dict[str, int],
    pairs: Sequence[tuple[Any, ...]],
) -> tuple[EntityPass, Numbers]:
    """Return the pass over the pairs of the records on the workbench that `number` numbers, and the tuples of these."""
    known = [name for (name,) in scratch.execute("SELECT distinct_record_id FROM node ORDER BY 1").fetchall()]
    chosen = np.array([place for place, name in enumerate(known) if name in number])
    tuples, crowd = tuples_and_crowds(scratch)
    one, two = (np.array([number[pair[side]] for pair in pairs], np.int64) for side in (0, 1))
    gammas: dict[str, Levels] = {
        comparison.name: np.array([pair[3][place] for pair in pairs], np.int8)
        for place, comparison in enumerate(model.definitions.comparisons)
    }
    bits = few_rarity_bits(scratch, model)
    return EntityPass(OnBench(scratch), model, tuples[chosen], bits, (one, two, gammas), crowd[chosen]), tuples[chosen]


def _steps(entity_pass: EntityPass, shown: _Shown, heads: tuple[int, int]) -> tuple[float, tuple[WholeStep, ...]]:
    """Return what the priors say and what each comparison adds to it, of the one pair that is left."""
    comparisons = {comparison.name: comparison for comparison in entity_pass.model.definitions.comparisons}
    match, household = entity_pass.model.prior_match, entity_pass.model.prior_household
    weight = prior = _combined(match, household)
    steps = []
    for name, for_match, for_household in entity_pass.evidence(np.array([0])):
        match, household = match + float(for_match[0]), household + float(for_household[0])
        before, weight = weight, _combined(match, household)
        level = comparisons[name].level_of(_gamma(entity_pass, name, heads))
        if level is not None:
            left, right = shown(name)
            aside = "; ".join(_asides(entity_pass, name, heads)) or None
            says = float(for_match[0]), float(for_household[0])
            steps.append(WholeStep(name, level.words, aside, left, right, *says, weight - before))
    return prior, tuple(steps)


def _combined(match: float, household: float) -> float:
    return float(combine(np.array([match]), np.array([household]))[0])


def _gamma(entity_pass: EntityPass, name: str, heads: tuple[int, int]) -> int:
    """Return the level of the pair that is left: of several values the best, `different` where none was compared."""
    if name in SINGLE:
        return int(entity_pass.single[name][0])
    best = int(entity_pass.best[name][0])
    if best > 0:
        return best & 0xFF
    distinct = entity_pass.observed.distinct.get(name)
    return 0 if distinct is not None and all(distinct[head] > 0 for head in heads) else -1


def _asides(entity_pass: EntityPass, name: str, heads: tuple[int, int]) -> Iterator[str]:
    """Say why the same level counts otherwise for groups than for two records."""
    observed, gamma = entity_pass.observed, _gamma(entity_pass, name, heads)
    if name in SINGLE:
        support = [int(observed.support[name][head]) for head in heads]
        level_of = {of: level for (of_name, level), of in entity_pass.gamma_of.items() if of_name == name}
        if level_of.get(gamma) in CONFLICTS[name] and max(support) > 1:
            yield f"in {support[0]} against {support[1]} records"
        if name == "suffix" and level_of.get(gamma) == "one_side":
            without = next(head for head in heads if observed.consensus[name][head] < 0)
            if observed.named[without] > 1:
                yield f"{observed.named[without]} records without one"
    elif name in COUNTED:
        tries = int(observed.distinct[name][heads[0]] * observed.distinct[name][heads[1]])
        seen = min(int(observed.seen[name][head]) for head in heads)
        if gamma > 0 and tries > 1:
            yield f"the best of {tries} tries"
        times = next((times for often, times in SEEN_OFTEN if seen >= often), 1.0)
        if gamma == 0 and times > 1:
            yield f"counts {times:g} times: both were seen {seen} times or more"


def _conflicts(entity_pass: EntityPass, heads: tuple[int, int]) -> tuple[Conflict, ...]:
    observed, found = entity_pass.observed, []
    for name in SINGLE:
        consensus, support, values = observed.consensus[name], observed.support[name], observed.coded[name].values
        left, right = heads
        if consensus[left] >= 0 and consensus[right] >= 0 and consensus[left] != consensus[right]:
            said = [str(values[int(consensus[side])].as_py()) for side in heads]
            found.append(Conflict(name, said[0], int(support[left]), said[1], int(support[right])))
    return tuple(found)


class _Shown:
    """What two groups of nodes have of an attribute, as it is shown."""

    def __init__(
        self,
        scratch: DuckDBPyConnection,
        entity_pass: EntityPass,
        tuples: Sequence[Numbers],
        heads: tuple[int, int],
    ) -> None:
        self._scratch, self._observed, self._heads = scratch, entity_pass.observed, heads
        self._tuples = [sorted({int(number) for number in group}) for group in tuples]

    def __call__(self, name: str) -> tuple[str | None, str | None]:
        if name in SINGLE:
            return self._consensus(name, self._heads[0]), self._consensus(name, self._heads[1])
        left, right = (self._values(LISTED[name], tuples) for tuples in self._tuples)
        shared = [value for value in left if value in right]
        one, other = ([*shared, *(value for value in side if value not in shared)] for side in (left, right))
        return ", ".join(one) or None, ", ".join(other) or None

    def _consensus(self, name: str, head: int) -> str | None:
        code = int(self._observed.consensus[name][head])
        return str(self._observed.coded[name].values[code].as_py()) if code >= 0 else None

    def _values(self, feature: str, tuples: list[int]) -> list[str]:
        every = ALL_OF.get(feature, feature if feature in ("identifiers", "quoted") else f"[{feature}]")
        told = f"SELECT unnest({every}) AS value FROM feature WHERE tuple_no IN (SELECT unnest(?))"
        query = f"SELECT DISTINCT value FROM ({told}) WHERE value IS NOT NULL ORDER BY value"
        rows = self._scratch.execute(query, [tuples]).fetchall()
        return [str(found) for (found,) in rows]


_NODES_SQL = """
SELECT DISTINCT distinct_record_id FROM matching.member JOIN matching.cluster USING (source, source_record_id)
WHERE cluster_id = ? ORDER BY distinct_record_id
"""

_BETWEEN_SQL = """
SELECT distinct_record_id_l, distinct_record_id_r, match_weight, gammas FROM matching.pair
WHERE match_key <> ? AND distinct_record_id_l IN (SELECT unnest(?::VARCHAR[]))
    AND distinct_record_id_r IN (SELECT unnest(?::VARCHAR[]))
ORDER BY 1, 2
"""

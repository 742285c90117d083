"""How likely two customers are of one household: the model's household class against random, for pairs of clusters.

With the shares h and u of the levels that two clusters reach and the prior in log2 odds against random,

    b = prior_household + sum over comparisons of the best log2(h / u) over their records        P = 1 / (1 + 2^-b)

which is the third class of `weights.py` without the match class: that two clusters are not one customer was settled
when they were left apart, and where it was not quite, `find_households` takes the posterior of a match off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns
from matching.weights import all_level_weights, probability, rarity_bits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from matching.arrays import Floats
    from matching.comparison import Comparison
    from matching.model import Model
    from matching.weights import LevelWeights

LEAST_SHARE = {"family": 0.15, "address": 0.02}
"""So many pairs of one household at least have different family names, or no address in common.

The class is learned from pairs that blocking finds, which is to say relatives under one roof; couples who kept their
names, families of two marriages, flatmates, and people who are known by another address each are rare among these.
"""

RARE_IF_SHARED = ("email", "phone")
"""What few customers share is held by chance no more often than by the model's random pairs.

In a small set the value's own frequency would be that of the household itself.
"""


def household_probability(scratch: DuckDBPyConnection, model: Model, pairs: int) -> Floats:
    """Return the posterior of each pair, in the order of their numbers.

    Reads the scratch tables `home_pair` (pair_no from 0 to `pairs` - 1, cluster_id_l, cluster_id_r), `feature` (the
    columns of `features.py`, cluster_id, and tuple_no from 0) and `frequency`.
    """
    weights = all_level_weights(model.parameters, model.definitions.comparisons)
    bits = rarity_bits(scratch, model)
    odds = np.full(pairs, model.prior_household)
    for comparison in model.definitions.comparisons:
        weight = _with_least_share(comparison, weights[comparison.name], model)
        levels = comparison.levels[::-1]
        random = np.array([-np.log2(model.parameters[comparison.name][level.name][2]) for level in levels])
        least = random if comparison.name in RARE_IF_SHARED else np.zeros(len(levels))
        odds += _best(scratch, comparison, weight, (bits, least), pairs)
    return probability(odds)


def _with_least_share(comparison: Comparison, weight: LevelWeights, model: Model) -> LevelWeights:
    least = LEAST_SHARE.get(comparison.name)
    if least is None:
        return weight
    _, share, random = model.parameters[comparison.name][comparison.levels[-1].name]
    household = weight.household.copy()
    household[0] = np.log2(max(share, least) / random)
    return replace(weight, household=household)


def _best(
    scratch: DuckDBPyConnection,
    comparison: Comparison,
    weight: LevelWeights,
    rarity: tuple[Mapping[str, Floats], Floats],
    pairs: int,
) -> Floats:
    """Return per pair the most that any two of its records say for a household; 0 where nothing can be said.

    `rarity` holds the bits of the tuples' values by attribute, and the least bits of a level.
    """
    bits, least = rarity
    names = comparison.columns
    sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in names)
    found = columns(
        scratch,
        f"""
        WITH said AS (
            SELECT cluster_id, min(tuple_no)::BIGINT AS tuple_no, {", ".join(names)}
            FROM feature GROUP BY cluster_id, {", ".join(names)}
        ),
        met AS (
            SELECT pair_no::BIGINT AS pair_no, l.tuple_no, {sides}
            FROM home_pair AS p
            JOIN said AS l ON l.cluster_id = p.cluster_id_l JOIN said AS r ON r.cluster_id = p.cluster_id_r
        )
        SELECT * FROM (SELECT pair_no, tuple_no, ({comparison.gamma_sql()})::TINYINT AS gamma FROM met)
        WHERE gamma >= 0
        """,
    )
    gamma = found["gamma"]
    evidence = weight.household[gamma]
    for attribute, is_meant in weight.rarities:
        rare = np.flatnonzero(is_meant[gamma])
        evidence[rare] += np.maximum(bits[attribute][found["tuple_no"][rare]], least[gamma[rare]])
    best = np.full(pairs, -np.inf)
    np.maximum.at(best, found["pair_no"], evidence)
    return np.where(np.isneginf(best), 0.0, best)

"""From levels of agreement to the weight of a pair, for whole arrays of pairs at once.

Three hypotheses compete for a pair: match (same person), household (two people of one household), random. With the
shares m, h, u of the levels that the pair shows and the priors in log2 odds against random,

    a = prior_match + sum log2(m / u)        b = prior_household + sum log2(h / u)
    weight = a - log2(1 + 2^b)               probability = 1 / (1 + 2^-weight)

which is the log2 odds of match against the other two together (Fellegi and Sunter 1969, with a third class). Where a
level says that two values are equal, u is the frequency of that very value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns
from matching.comparisons import COMPARISONS
from matching.features import FREQUENCY_ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

    from matching.arrays import Flags, Floats, Levels, Numbers
    from matching.comparison import Comparison
    from matching.model import Model, Parameters

_FARTHEST = 60.0


@dataclass(frozen=True, slots=True)
class LevelWeights:
    """The weights of one comparison's levels, indexed by gamma; the last entry, reached by -1, is 0: nothing said.

    Where a level counts the rarity of a value, `match` and `household` lack the value's own -log2(frequency), which is
    to be added; `rarities` names the attributes and tells for which gammas each is meant.
    """

    match: Floats
    household: Floats
    rarities: tuple[tuple[str, Flags], ...]

    def rarity(self, gamma: Levels, bits: Mapping[str, Floats], left: Numbers) -> Floats:
        """Return what the rarity of values adds: `bits` is the rarity per attribute and tuple, `left` the tuples."""
        added = np.zeros(len(gamma))
        for attribute, is_meant in self.rarities:
            rare = np.flatnonzero(is_meant[gamma])
            added[rare] = bits[attribute][left[rare]]
        return added

    def attribute(self, gamma: int) -> str | None:
        """Return the attribute whose rarity counts at `gamma`, None where none does."""
        return next((attribute for attribute, is_meant in self.rarities if is_meant[gamma]), None)


def level_weights(comparison: Comparison, parameters: Parameters) -> LevelWeights:
    """Return the weights of `comparison`'s levels under `parameters`."""
    levels = comparison.levels[::-1]
    shares = np.array([parameters[comparison.name][level.name] for level in levels])
    random = np.where([level.frequency is not None for level in levels], 1.0, shares[:, 2])
    attributes = dict.fromkeys(level.frequency for level in levels if level.frequency)
    return LevelWeights(
        match=np.append(np.log2(shares[:, 0] / random), 0.0),
        household=np.append(np.log2(shares[:, 1] / random), 0.0),
        rarities=tuple(
            (attribute, np.array([*(level.frequency == attribute for level in levels), False]))
            for attribute in attributes
        ),
    )


def all_level_weights(
    parameters: Parameters, comparisons: Iterable[Comparison] = COMPARISONS
) -> dict[str, LevelWeights]:
    """Return the weights of every comparison's levels, by comparison."""
    return {comparison.name: level_weights(comparison, parameters) for comparison in comparisons}


def pair_evidence(
    weights: Mapping[str, LevelWeights], gammas: Mapping[str, Levels], bits: Mapping[str, Floats], left: Numbers
) -> tuple[Floats, Floats]:
    """Return the summed log2 ratios of match and of household against random, without priors.

    `gammas` holds an array per comparison, `bits` the rarity per tuple and attribute, `left` the pairs' left tuples.
    """
    match, household = np.zeros(len(left)), np.zeros(len(left))
    for name, weight in weights.items():
        gamma = gammas[name]
        rarity = weight.rarity(gamma, bits, left)
        match += weight.match[gamma] + rarity
        household += weight.household[gamma] + rarity
    return match, household


def combine(match: Floats, household: Floats) -> Floats:
    """Return the weight of match against household and random together; both arguments include their priors."""
    combined: Floats = match - np.logaddexp2(0.0, household)
    return combined


def probability(weight: Floats) -> Floats:
    """Return the posterior that a weight in log2 odds stands for."""
    posterior: Floats = 1.0 / (1.0 + np.exp2(-np.clip(weight, -_FARTHEST, _FARTHEST)))
    return posterior


def rarity_bits(scratch: DuckDBPyConnection, model: Model) -> dict[str, Floats]:
    """Return per attribute and tuple the value's rarity in bits, from the scratch tables `feature` and `frequency`."""
    bits = {}
    for attribute in FREQUENCY_ATTRIBUTES:
        found = columns(
            scratch,
            f"""
            SELECT CASE WHEN {attribute} IS NULL THEN 1.0::DOUBLE ELSE coalesce(q.frequency, ?) END AS frequency
            FROM feature LEFT JOIN frequency AS q ON q.attribute = ? AND q.value = feature.{attribute}::VARCHAR
            ORDER BY tuple_no
            """,
            [model.rarest(attribute), attribute],
        )
        bits[attribute] = -np.log2(found["frequency"].astype(np.float64))
    return bits


def few_rarity_bits(scratch: DuckDBPyConnection, model: Model) -> dict[str, Floats]:
    """Return what `rarity_bits` does, of a handful of tuples: by two queries instead of one per attribute."""
    known = {
        (attribute, value): frequency
        for attribute, value, frequency in scratch.execute(
            "SELECT attribute, value, frequency FROM frequency"
        ).fetchall()
    }
    told = ", ".join(f"{attribute}::VARCHAR" for attribute in FREQUENCY_ATTRIBUTES)
    rows = scratch.execute(f"SELECT {told} FROM feature ORDER BY tuple_no").fetchall()
    bits = {}
    for place, attribute in enumerate(FREQUENCY_ATTRIBUTES):
        rarest = model.rarest(attribute)
        shares = [1.0 if row[place] is None else known.get((attribute, row[place]), rarest) for row in rows]
        bits[attribute] = -np.log2(np.array(shares, np.float64))
    return bits

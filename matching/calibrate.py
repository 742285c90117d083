"""Calibrates a model's posteriors by labelled pairs: how likely a merge of such a weight is right, on these very data.

What decides about two records is the weight at which their entities merge, not the weight of the pair alone. So the
entity pass is run once more over all pairs that blocking finds, with a threshold that sinks bit by bit; the first at
which two labelled records are one is theirs. Over these weights, near the threshold, a logistic regression is fitted,
which leans on the shipped numbers (a normal prior, the maximum a posteriori by Newton's method).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matching.blocking import make_candidates
from matching.entities import EntityPass
from matching.model import DECIMALS
from matching.observations import OnBench
from matching.score import HOPELESS
from matching.splink_settings import compare
from matching.weights import all_level_weights, combine, pair_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from matching.arrays import Flags, Floats, Levels, Numbers
    from matching.model import Model
    from matching.train import Known

LEAST_LABELS = 50
"""So many of either kind have to lie near the threshold: fewer tell less than the eight sets behind the shipped
numbers do, for the interval of a share of 50 pairs is some .2 wide."""

NEAR = 8.0
"""So many bits from the weight at which two entities merge a label still tells of where to merge."""

SHIFT_DEVIATION, SLOPE_DEVIATION = 1.5, 0.15
"""How far the shipped numbers may be from the truth on other data, as standard deviations."""

LEAST_SLOPE = 0.5
"""Labels under which less than this share of the shipped slope is left contradict the evidence: they are not believed,
for a model whose posteriors hardly rise with the weight would merge all or nothing."""

_HIGHEST, _LOWEST = 16, -12
_STEPS = 100
_ENOUGH = 1e-9
_HALVINGS = 30
_FARTHEST = 500.0


def calibrate(
    scratch: DuckDBPyConnection, model: Model, bits: Mapping[str, Floats], known: Known
) -> tuple[float, float]:
    """Return the shift and the slope of entities' log2 odds; the model's own where the labels tell too little.

    Reads the scratch tables `feature`, `node` and `block_key`; replaces `candidate`.
    """
    if _too_few(known.same):
        return model.entity_shift, model.entity_slope
    make_candidates(scratch)
    return calibrated(model, *merging_weights(scratch, model, bits, known))


def calibrated(model: Model, weight: Floats, same: Flags) -> tuple[float, float]:
    """Return the shift and the slope by labels and the weights at which they merge; see `calibrate`."""
    near = np.abs(weight - model.entity_weight(model.merge_at)) <= NEAR
    if _too_few(same[near]):
        return model.entity_shift, model.entity_slope
    shift, slope = fit(weight[near], same[near], model.entity_shift, model.entity_slope)
    if slope < LEAST_SLOPE * model.entity_slope:
        return model.entity_shift, model.entity_slope
    return round(shift, DECIMALS), round(slope, DECIMALS)


def _too_few(same: Flags) -> bool:
    return bool(min(same.sum(), (~same).sum()) < LEAST_LABELS)


def merging_weights(
    scratch: DuckDBPyConnection, model: Model, bits: Mapping[str, Floats], known: Known
) -> tuple[Floats, Flags]:
    """Return for the labelled pairs that become one the weight, to half a bit, at which they do; and their labels.

    The scratch table `candidate` has to hold all pairs that blocking finds.
    """
    left, right, gammas = _pairs(scratch, model, bits)
    tuples = len(next(iter(bits.values())))
    entity_pass = EntityPass(OnBench(scratch), model, np.arange(tuples), bits, (left, right, gammas), np.zeros(tuples))
    nobody = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    merged_at = np.full(len(known.same), np.nan)
    for threshold in range(_HIGHEST, _LOWEST - 1, -1):
        entity = entity_pass.run(threshold, nobody).entity
        now = np.isnan(merged_at) & (entity[known.left] == entity[known.right])
        merged_at[now] = threshold + 0.5
    merged = ~np.isnan(merged_at)
    return merged_at[merged], known.same[merged]


def fit(weight: Floats, same: Flags, shift: float, slope: float) -> tuple[float, float]:
    """Return the shift and slope of the log2 odds of `same` by `weight` that fit best, leaning on those given."""
    lean = np.array([shift, slope]) * np.log(2)
    precision = 1 / (np.array([SHIFT_DEVIATION, SLOPE_DEVIATION]) * np.log(2)) ** 2
    design = np.stack([np.ones(len(weight)), weight], axis=1)

    def misfit(at: Floats) -> float:
        odds = design @ at
        return float((np.logaddexp(0.0, odds) - same * odds).sum() + (precision * (at - lean) ** 2).sum() / 2)

    found = lean
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(design @ found, -_FARTHEST, _FARTHEST)))
        gradient = design.T @ (same - expected) - precision * (found - lean)
        curvature = (design * (expected * (1 - expected))[:, None]).T @ design + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        for _ in range(_HALVINGS):  # a whole step of Newton's may leap over the best
            if misfit(found + step) <= misfit(found):
                break
            step = step / 2
        found = found + step
        if np.abs(step).max() < _ENOUGH:
            break
    return float(found[0] / np.log(2)), float(found[1] / np.log(2))


def _pairs(
    scratch: DuckDBPyConnection, model: Model, bits: Mapping[str, Floats]
) -> tuple[Numbers, Numbers, dict[str, Levels]]:
    """Return the candidates that the night would keep, as `score` does."""
    comparisons = model.definitions.comparisons
    weights = all_level_weights(model.parameters, comparisons)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    gammas = {comparison.name: [np.empty(0, np.int8)] for comparison in comparisons}
    for chunk in compare(scratch, model.parameters, comparisons):
        match, household = pair_evidence(weights, chunk.gammas, bits, chunk.left)
        weight = combine(match + model.prior_match, household + model.prior_household)
        kept = np.flatnonzero((weight >= HOPELESS) & (chunk.left != chunk.right))
        lefts.append(chunk.left[kept])
        rights.append(chunk.right[kept])
        for name, levels in gammas.items():
            levels.append(chunk.gammas[name][kept])
    return (
        np.concatenate(lefts),
        np.concatenate(rights),
        {name: np.concatenate(levels) for name, levels in gammas.items()},
    )

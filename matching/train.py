"""Estimates a model from tonight's records: frozen frequencies, class priors, and the levels' shares.

Random pairs are drawn and counted. The expectation-maximisation (Dempster, Laird and Rubin 1977) runs over a sample of
the blocked pairs and estimates the shares of the matches and of the household pairs and the two priors. Every share
leans on the shipped one, as if `PSEUDO_PAIRS` (of random pairs: `PSEUDO_HITS` of that very level) had shown it: a few
hundred records keep close to the shipped model, many records of another kind move away from it.

The priors count the expected matches and household pairs against all pairs there are, not against the blocked ones:
they do not depend on how generous the blocking is.

Labelled pairs are known with certainty: one that is the same is a match, one that is not is shared out between
household and random. Each counts for the shares as up to `LABEL_PAIRS` do, as long as all together are not more than
`LABEL_SHARE` of the sample, and as one at least: two hundred labels are heard among a hundred thousand records, and do
not drown out five hundred. For the priors they do not count: people choose what they label, so labels do not tell how
common matches are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import columns, numbers
from matching.blocking import count_key_pairs, make_candidates, make_random_pairs
from matching.compare_firms import SITE
from matching.compare_persons import SUFFIX
from matching.comparisons import COMPARISONS, IDENTIFIER, REFERENCE
from matching.features import FREQUENCY_ATTRIBUTES
from matching.model import DECIMALS, Parameters, Shares
from matching.shares import hold
from matching.weights import all_level_weights, pair_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from matching.arrays import Flags, Floats, Levels, Numbers
    from matching.comparison import Comparison
    from matching.splink_settings import Comparing

SAMPLE_KEY_PAIRS = 600_000
"""Training looks at a share of the tuples such that their keys make about so many pairs."""

ROUNDS = 15
PSEUDO_PAIRS = 200
PSEUDO_HITS = 10
RANDOM_PAIRS = 100_000
LEAST_SHARE = 1e-6
LEAST_RANDOM = 0.1
FREQUENCY_DECIMALS = 10

LABEL_PAIRS = 5.0
LABEL_SHARE = 0.25

START_PER_TUPLE = {"match": 1.0, "household": 0.5}
"""Where the priors start: so many matches and household pairs per tuple."""

FIXED = (SUFFIX.name, SITE.name, IDENTIFIER.name, REFERENCE.name)
"""Comparisons whose shares stay as shipped: two only ever speak for a match, and a father and his son of the same name
look so much like one person that learning from them would teach that suffixes mean nothing."""


def freeze_frequencies(scratch: DuckDBPyConnection) -> tuple[dict[str, int], str]:
    """Make the scratch table `frequency` from `feature`: values that several records carry, per attribute.

    Returns per attribute how many records have it, and the hash of the table.
    """
    records, shares = {}, []
    for attribute in FREQUENCY_ATTRIBUTES:
        carried = f"FROM feature WHERE {attribute} IS NOT NULL"
        records[attribute] = int(scratch.execute(f"SELECT coalesce(sum(records), 0) {carried}").fetchall()[0][0])
        share = f"round(sum(records)::DOUBLE / {records[attribute]}, {FREQUENCY_DECIMALS})"
        shares.append(
            f"SELECT '{attribute}' AS attribute, {attribute}::VARCHAR AS value, {share} AS frequency"
            f" {carried} GROUP BY {attribute} HAVING sum(records) > 1"
        )
    scratch.execute(f"CREATE OR REPLACE TABLE frequency AS {' UNION ALL '.join(shares)}")
    rows = columns(scratch, "SELECT attribute, value, frequency FROM frequency ORDER BY attribute, value")
    digest = hashlib.sha256()
    for attribute, value, frequency in zip(*rows.values(), strict=True):
        digest.update(f"{attribute}\x1f{value}\x1f{frequency:.{FREQUENCY_DECIMALS}f}\x1e".encode())
    return records, digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of the blocked pairs, compared.

    `left` are the pairs' left tuples, `gammas` their levels by comparison, `bits` the rarity per tuple and attribute;
    `tuples` is the number of all tuples, `all_pairs` the number of pairs, blocked or not, that the sample speaks for.
    """

    left: Numbers
    gammas: Mapping[str, Levels]
    bits: Mapping[str, Floats]
    tuples: int
    all_pairs: float


@dataclass(frozen=True, slots=True)
class Known:
    """Labelled pairs, compared: `left` their left tuples, `right` the others, `gammas` their levels by comparison."""

    left: Numbers
    right: Numbers
    gammas: Mapping[str, Levels]
    same: Flags


def count_random(comparing: Comparing, shipped: Parameters, tuples: int) -> dict[str, dict[str, Shares]]:
    """Return the shipped parameters with the shares of random pairs as they are among the tuples of `feature`."""
    counts = {comparison.name: np.zeros(len(comparison.levels)) for comparison in comparing.comparisons}
    make_random_pairs(comparing.scratch, tuples, RANDOM_PAIRS)
    for pairs in comparing.pairs():
        for name, gamma in pairs.gammas.items():
            counts[name] += np.bincount(gamma[gamma >= 0], minlength=len(counts[name]))
    counted = {}
    for comparison in comparing.comparisons:
        levels = comparison.levels[::-1]
        shares = np.array([shipped[comparison.name][level.name] for level in levels])
        if comparison.name not in FIXED:
            hits = counts[comparison.name]
            shares[:, 2] = (hits + PSEUDO_HITS) / (hits.sum() + PSEUDO_HITS / shares[:, 2])
        counted[comparison.name] = _by_level(comparison, shares)
    return counted


def draw_sample(comparing: Comparing, bits: Mapping[str, Floats], tuples: int) -> Sample:
    """Draw and compare a sample of the pairs that the scratch table `block_key` makes."""
    scratch, comparisons = comparing.scratch, comparing.comparisons
    share = min(1.0, SAMPLE_KEY_PAIRS / max(1, count_key_pairs(scratch)))
    per_mille = max(1, round(1000 * share))
    make_candidates(scratch, per_mille=per_mille)
    lefts, gammas = [np.empty(0, np.int64)], [{comparison.name: np.empty(0, np.int8) for comparison in comparisons}]
    for chunk in comparing.pairs():
        of_two = chunk.left != chunk.right
        lefts.append(numbers(chunk.left[of_two]))
        gammas.append({name: gamma[of_two] for name, gamma in chunk.gammas.items()})
    return Sample(
        left=np.concatenate(lefts),
        gammas={c.name: np.concatenate([gamma[c.name] for gamma in gammas]) for c in comparisons},
        bits=bits,
        tuples=tuples,
        all_pairs=max(1.0, per_mille / 1000 * tuples * (tuples - 1) / 2),
    )


def estimate(
    sample: Sample, start: Parameters, comparisons: Sequence[Comparison] = COMPARISONS, known: Known | None = None
) -> tuple[dict[str, dict[str, Shares]], float, float]:
    """Return the parameters and the two priors (log2 odds) that explain the sample best, beginning at `start`.

    `known` are labelled pairs, whether or not they are in the sample too.
    """
    left, gammas, sampled = _with_known(sample, known)
    labelled = len(left) - sampled
    per_label = max(1.0, min(LABEL_PAIRS, LABEL_SHARE * sampled / max(1, labelled)))
    parameters = {name: dict(levels) for name, levels in start.items()}
    priors = {name: float(np.log2(per / max(2, sample.tuples))) for name, per in START_PER_TUPLE.items()}
    for _ in range(ROUNDS):
        weights = all_level_weights(parameters, comparisons)
        match, household = pair_evidence(weights, gammas, sample.bits, left)
        expected = _expected(match + priors["match"], household + priors["household"], known)
        found = {name: float(of_pair[:sampled].sum()) for name, of_pair in expected.items()}
        priors = {name: float(np.log2(max(count, 1.0) / sample.all_pairs)) for name, count in found.items()}
        of_all = {name: count / sample.all_pairs for name, count in found.items()}
        for of_pair in expected.values():
            of_pair[sampled:] *= per_label
        parameters = {
            comparison.name: dict(start[comparison.name])
            if comparison.name in FIXED
            else _refined(comparison, gammas[comparison.name], start, expected, of_all)
            for comparison in comparisons
        }
    return parameters, round(priors["match"], DECIMALS), round(priors["household"], DECIMALS)


def _with_known(sample: Sample, known: Known | None) -> tuple[Numbers, Mapping[str, Levels], int]:
    """Return left tuples and gammas of the sampled pairs and then of the labelled ones, and how many are sampled."""
    if known is None:
        return sample.left, sample.gammas, len(sample.left)
    gammas = {name: np.concatenate([of_sample, known.gammas[name]]) for name, of_sample in sample.gammas.items()}
    return np.concatenate([sample.left, known.left]), gammas, len(sample.left)


def _expected(match: Floats, household: Floats, known: Known | None) -> dict[str, Floats]:
    """Return how far each pair is a match, and of one household; the last ones are those of `known`, who know it."""
    total = np.logaddexp2(np.logaddexp2(match, household), 0.0)
    expected = {"match": np.exp2(match - total), "household": np.exp2(household - total)}
    if known is not None:
        labelled = slice(len(match) - len(known.same), None)
        of_two = np.exp2(household - np.logaddexp2(household, 0.0))
        expected["match"][labelled] = known.same
        expected["household"][labelled] = np.where(known.same, 0.0, of_two[labelled])
    return expected


def _refined(
    comparison: Comparison,
    gamma: Levels,
    start: Parameters,
    expected: Mapping[str, Floats],
    of_all: Mapping[str, float],
) -> dict[str, Shares]:
    """Return the shares that the responsibilities imply, each leaning on pseudo-pairs of the start's.

    The shares of random pairs were counted over pairs of which a few are matches or of one household, `of_all` so many:
    they are taken off, as far as a share of LEAST_RANDOM of the count remains.
    """
    levels = comparison.levels[::-1]
    said = gamma >= 0
    shares = np.array([start[comparison.name][level.name] for level in levels])
    random = shares[:, 2].copy()
    for column, of_class in enumerate(("match", "household")):
        counts = np.bincount(gamma[said], expected[of_class][said], len(levels))
        shares[:, column] = (counts + PSEUDO_PAIRS * shares[:, column]) / (counts.sum() + PSEUDO_PAIRS)
        random -= shares[:, column] * of_all[of_class]
    shares[:, 2] = np.maximum(random, LEAST_RANDOM * shares[:, 2])
    return _by_level(comparison, shares)


def _by_level(comparison: Comparison, shares: Floats) -> dict[str, Shares]:
    """Return the rows of `shares`, which are in the order of the gammas, by level, rounded, strongest level first.

    Those given by hand stay.
    """
    held = hold(comparison, shares, scaled=comparison.name not in FIXED)
    rows = np.maximum(np.round(held, DECIMALS), LEAST_SHARE)[::-1]
    return {
        level.name: (float(m), float(h), float(u)) for level, (m, h, u) in zip(comparison.levels, rows, strict=True)
    }

"""A model as data to look at: what is compared, how often each level shows, what it weighs, and what decides."""

from __future__ import annotations

from dataclasses import asdict
from math import log2
from typing import TYPE_CHECKING, Any

from matching.model import DECIMALS
from matching.overrides import NEVER, is_off

if TYPE_CHECKING:
    from matching.comparison import Comparison, Level
    from matching.model import Model, Shares

CLASSES = ("match", "household", "random")


def model_document(model: Model) -> dict[str, Any]:
    """Return the model as data for JSON.

    Priors and bits are log2 odds against a random pair. `by_hand` names the shares of a level that joinedup.yaml gives;
    where a level has a `rarity`, the frequency of the very value of that attribute counts instead of its `random`.
    """
    return {
        "model_version": model.version,
        "prior_match": model.prior_match,
        "prior_household": model.prior_household,
        "merge_at": model.merge_at,
        "review_at": model.review_at,
        "entity_shift": model.entity_shift,
        "entity_slope": model.entity_slope,
        "records": dict(model.records),
        "settings_hash": model.settings_hash,
        "frequencies_hash": model.frequencies_hash,
        "hot_keys_hash": model.hot_keys_hash,
        "comparisons": [_comparison(model, comparison) for comparison in model.definitions.comparisons],
        "blocking_rules": [asdict(rule) for rule in model.definitions.rules],
    }


def _comparison(model: Model, comparison: Comparison) -> dict[str, Any]:
    shares = model.parameters[comparison.name]
    return {
        "name": comparison.name,
        "kind": comparison.kind,
        "off": is_off(comparison),
        "null": comparison.null,
        "levels": [_level(level, shares[level.name]) for level in comparison.levels],
    }


def _level(level: Level, shares: Shares) -> dict[str, Any]:
    match, household, random = shares
    return {
        "name": level.name,
        "words": level.words,
        "sql": level.sql or None,
        "off": level.sql == NEVER,
        **dict(zip(CLASSES, shares, strict=True)),
        "by_hand": [of_class for of_class, given in zip(CLASSES, level.given, strict=True) if given is not None],
        "match_bits": round(log2(match / random), DECIMALS),
        "household_bits": round(log2(household / random), DECIMALS),
        "rarity": level.frequency,
    }

"""A model: all numbers that decide who is one customer, frozen, rounded, and named by the hash of its content.

For every level of every comparison it knows three shares: how often records of the same person show that level (match),
how often two people of one household do (household), and how often two people at random do (random). With the priors,
the thresholds and the frozen frequencies of values, a night's decisions are a pure function of its records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from math import log2
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import copy_table
from matching.definitions import SHIPPED_DEFINITIONS, Definitions, definitions_from
from matching.weights import probability
from warehouse.connection import quote_literal
from warehouse.errors import JoinedupError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.arrays import Floats
    from warehouse.run import Run
    from warehouse.settings import Settings

Shares = tuple[float, float, float]
"""Of one level: the shares of matches, of household pairs and of random pairs that show it."""

Parameters = Mapping[str, Mapping[str, Shares]]
"""Comparison -> level -> shares."""

DECIMALS = 6
"""What every number of a model is rounded to; Splink's own parameters differ beyond that between two runs."""

_VERSION_DIGITS = 12


@dataclass(frozen=True)
class Model:
    """One frozen model.

    `prior_match` and `prior_household` are log2 odds, before any comparison, that a pair of records is a match, or of
    one household, against being a random pair. `merge_at` and `review_at` are posteriors of entities; their log2 odds
    are `entity_shift` + `entity_slope` x the weight that two entities reach. `records` is, per attribute, how many
    records had it; a value that the model has not seen is taken to be as rare as one among them. The hashes are those
    of the frequencies, of the blocking keys that too many tuples carried, and of the settings. `definitions` are the
    comparisons and blocking rules that all of it is about.
    """

    parameters: Parameters
    prior_match: float
    prior_household: float
    entity_shift: float
    entity_slope: float
    merge_at: float
    review_at: float
    records: Mapping[str, int]
    frequencies_hash: str
    hot_keys_hash: str
    settings_hash: str
    definitions: Definitions = SHIPPED_DEFINITIONS

    @cached_property
    def content(self) -> str:
        """The model as canonical JSON: sorted keys, rounded numbers."""
        return json.dumps(_rounded(asdict(self)), sort_keys=True, separators=(",", ":"))

    @cached_property
    def version(self) -> str:
        """`m` and the first digits of the hash of the content."""
        return "m" + hashlib.sha256(self.content.encode()).hexdigest()[:_VERSION_DIGITS]

    def rarest(self, attribute: str) -> float:
        """Return the frequency of a value of `attribute` that the model has not seen."""
        return 1.0 / max(1, self.records[attribute])

    def entity_posterior(self, weight: Floats) -> Floats:
        """Return the posteriors of pairs of entities that reach these weights."""
        return np.round(probability(self.entity_shift + self.entity_slope * weight), DECIMALS)

    def entity_weight(self, posterior: float) -> float:
        """Return the weight from which on a pair of entities has this posterior."""
        return (log2(posterior / (1 - posterior)) - self.entity_shift) / self.entity_slope


def model_from(content: str) -> Model:
    """Return the model that `content` describes.

    Raises KeyError or TypeError for content that another version of this program has written.
    """
    fields = json.loads(content)
    fields["definitions"] = definitions_from(fields["definitions"])
    fields["parameters"] = {
        comparison: {level: tuple(shares) for level, shares in levels.items()}
        for comparison, levels in fields["parameters"].items()
    }
    return Model(**fields)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_rounded(inner) for inner in value]
    return value


def settings_hash(settings: Settings, definitions: Definitions = SHIPPED_DEFINITIONS, labels: str | None = None) -> str:
    """Return the hash of what a model is made for: comparisons, blocking rules, thresholds, and the labels' hash."""
    made_for = {
        "definitions": asdict(definitions),
        "merge_at": settings.matching.merge_at,
        "review_at": settings.matching.review_at,
        "labels": labels,
    }
    return hashlib.sha256(json.dumps(made_for, sort_keys=True).encode()).hexdigest()


def find_model(con: DuckDBPyConnection, version: str | None) -> Model | None:
    """Return the model of this version from matching.model, None where this program does not know or understand it."""
    found = con.execute("SELECT content FROM matching.model WHERE model_version = ?", [version]).fetchall()
    try:
        return model_from(found[0][0]) if found else None
    except (KeyError, TypeError):
        return None


def tonights_model(con: DuckDBPyConnection, run: Run) -> Model:
    """Return the model of this run: the one it made, or else the base's."""
    made = con.execute("SELECT model_version FROM matching.model WHERE run_id = ?", [run.run_id]).fetchall()
    model = find_model(con, made[0][0] if made else run.base.model_version if run.base else None)
    if model is None:
        message = "matching.model has no model for this run: the stage prepare_model has not run"
        raise JoinedupError(message)
    return model


def load_frequencies(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model) -> None:
    """Copy the model's frequencies into the scratch table `frequency`."""
    frozen = f"""
        SELECT attribute, value, frequency FROM matching.model_frequency
        WHERE model_version = {quote_literal(model.version)}
    """
    copy_table(con, frozen, scratch, "frequency")

"""Whom a record meets, and what each pair weighs: blocking and comparing for one record against all of a release.

The definitions are the night's, compiled; keys are found by their hashes among those of all tuples; weights are made by
the night's own arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.features import FREQUENCY_ATTRIBUTES
from matching.lookup.compiled import compiled
from matching.lookup.levels import Levelling
from matching.lookup.spelled import features_of
from matching.model import DECIMALS
from matching.score import HOPELESS
from matching.weights import all_level_weights, combine, pair_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from matching.arrays import Floats, Levels, Numbers
    from matching.lookup.held import Held
    from matching.lookup.roots import Roots

_HASHES_SQL = """
SELECT hash(rule::TINYINT, key), CASE WHEN narrower IS NOT NULL THEN hash(hash(rule::TINYINT, key), narrower) END,
    hash(name, key), hash(key)
FROM (SELECT unnest($1::BIGINT[]) AS rule, unnest($2::VARCHAR[]) AS name, unnest($3::VARCHAR[]) AS key,
    unnest($4::VARCHAR[]) AS narrower, generate_subscripts($1::BIGINT[], 1) AS place)
ORDER BY place
"""
"""Of each key what `blocking` calls it, and with its narrower key; of each value, what `held` does."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The pairs of the record with tuples: the tuples' numbers, levels, weights; `features` are the record's own.

    `place` is where the record's tuple stands among all: tuples of lesser numbers are left of it. `same` is the number
    of the tuple that says the same, None where there is none. `bits` are the rarities of what the record says.
    """

    tuples: Numbers
    place: int
    same: int | None
    gammas: Mapping[str, Levels]
    weight: Floats
    bits: Mapping[str, float]
    features: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Hashes:
    """What the texts of a record are called: its keys by rule, its values by attribute, its references."""

    keys: Sequence[tuple[int, int, int | None]]
    values: Mapping[str, int]
    references: Sequence[int]


class Meetings:
    """Blocking and comparing against what is held; for one thread at a time."""

    def __init__(self, held: Held, roots: Roots) -> None:
        self._held, self._roots = held, roots
        self._weights = all_level_weights(held.model.parameters, held.model.definitions.comparisons)
        self._levelling = Levelling(held.model.definitions.comparisons)
        self._rules = [
            (number, rule.each, compiled(rule.key), compiled(rule.narrower))
            for number, rule in enumerate(held.model.definitions.rules)
        ]
        self._compared = sorted({name for c in held.model.definitions.comparisons for name in c.columns})

    def meet(self, record: Mapping[str, Any], references: Sequence[str]) -> Meeting:
        """Return whom the record meets; `references` are the numbers that it quotes, upper case, each once."""
        held = self._held
        features = self._roots.rooted(self._roots.marked(features_of(record)))
        hashes = self._hashes(features, references)
        sought = record["tuple_id"].encode()
        place = int(np.searchsorted(held.tuple_ids, sought))
        same = place if place < len(held.tuple_ids) and held.tuple_ids[place] == sought else None
        mentioning = [np.unique(held.tuple_of_node[held.mentions.of(one)]) for one in hashes.references]
        own = [np.array([place], np.int64)] if same is not None else []
        tuples = np.unique(np.concatenate([self._bearers(hashes, calls=features["is_sparse"]), *mentioning, *own]))
        levels = self._levels(tuples, place, features)
        self._tie(levels["reference"], tuples, mentioning)
        return self._weighed(tuples, place, same, levels, self._rarities(features, hashes), features)

    def _hashes(self, features: Mapping[str, Any], references: Sequence[str]) -> _Hashes:
        rules: list[int] = []
        keys: list[str] = []
        narrower: list[str | None] = []
        for number, each, key_of, narrower_of in self._rules:
            elements = [{**features, "element": one} for one in features[each] or ()] if each else [features]
            for said in elements:
                if (key := key_of(said, said)) is not None:
                    less = narrower_of(said, said)
                    rules.append(number)
                    keys.append(str(key))
                    narrower.append(None if less is None else str(less))
        values = [name for name in FREQUENCY_ATTRIBUTES if features[name] is not None]
        texts = [*keys, *(str(features[name]) for name in values), *references]
        names = [*[""] * len(keys), *values, *[""] * len(references)]
        padding = [0] * (len(texts) - len(keys))
        columns = [rules + padding, names, texts, [*narrower, *[None] * len(padding)]]
        rows = self._held.bench.execute(_HASHES_SQL, columns).fetchall()
        of_values = rows[len(keys) : len(keys) + len(values)]
        return _Hashes(
            keys=[(rule, row[0], row[1]) for rule, row in zip(rules, rows, strict=False)],
            values={name: row[2] for name, row in zip(values, of_values, strict=True)},
            references=[row[3] for row in rows[len(keys) + len(values) :]],
        )

    def _rarities(self, features: Mapping[str, Any], hashes: _Hashes) -> dict[str, float]:
        bits = {}
        for name in FREQUENCY_ATTRIBUTES:
            share = 1.0
            if features[name] is not None:
                known = self._held.frequencies.of(hashes.values[name])
                share = float(known[0]) if len(known) else self._held.model.rarest(name)
            bits[name] = -float(np.log2(share))
        return bits

    def _bearers(self, hashes: _Hashes, *, calls: bool) -> Numbers:
        """Return the tuples that share a key with the record and may meet it by it."""
        held, rules = self._held.keys, self._held.model.definitions.rules
        found = [np.empty(0, np.int64)]
        for rule, first_key, with_narrower in hashes.keys:
            key: int | None = first_key
            if _holds(held.hot, first_key):
                key = with_narrower
            if key is None or _holds(held.left_out, key):
                continue
            first, end = np.searchsorted(held.key, np.uint64(key)), np.searchsorted(held.key, np.uint64(key), "right")
            bearers = held.tuples[first:end].astype(np.int64)
            found.append(bearers if calls or not rules[rule].sparse_only else bearers[held.calls[first:end]])
        return np.concatenate(found)

    def _levels(self, tuples: Numbers, place: int, features: Mapping[str, Any]) -> dict[str, Levels]:
        others = self._held.features.select(self._compared).take(tuples).to_pylist()
        gammas = [
            self._levelling(other, features) if number < place else self._levelling(features, other)
            for number, other in zip(tuples.tolist(), others, strict=True)
        ]
        levels = np.array(gammas, np.int8).reshape(len(tuples), len(self._levelling.names))
        return {name: levels[:, at] for at, name in enumerate(self._levelling.names)}

    def _tie(self, gamma: Levels, tuples: Numbers, mentioning: Sequence[Numbers]) -> None:
        """Put in the levels of references: until now who mentions one need not have shared it with anybody."""
        if not mentioning:
            return
        reference = next(c for c in self._held.model.definitions.comparisons if c.name == "reference")
        several = next(g for g, level in enumerate(reference.levels[::-1]) if level.name == "several")
        tied, times = np.unique(np.concatenate(mentioning), return_counts=True)
        gamma[np.searchsorted(tuples, tied)] = np.where(times > 1, several, 0)

    def _weighed(
        self,
        tuples: Numbers,
        place: int,
        same: int | None,
        levels: Mapping[str, Levels],
        mine: Mapping[str, float],
        features: Mapping[str, Any],
    ) -> Meeting:
        model = self._held.model
        is_left = tuples < place
        bits = {name: np.where(is_left, self._held.bits[name][tuples], own) for name, own in mine.items()}
        match, household = pair_evidence(self._weights, levels, bits, np.arange(len(tuples)))
        weight = np.round(combine(match + model.prior_match, household + model.prior_household), DECIMALS)
        kept = np.flatnonzero((weight >= HOPELESS) | (tuples == (-1 if same is None else same)))
        gammas = {name: gamma[kept] for name, gamma in levels.items()}
        return Meeting(tuples[kept], place, same, gammas, weight[kept], mine, features)


def _holds(hashes: NDArray[Any], key: int) -> bool:
    place = np.searchsorted(hashes, np.uint64(key))
    return bool(place < len(hashes) and hashes[place] == np.uint64(key))

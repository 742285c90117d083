"""Entities against entities: merges, round by round, those that are one customer with enough certainty.

It starts with every node by itself. For each pair of entities that some pair of their nodes connects, the evidence is

* of attributes that a person may have several of (e-mail, phone, address, organisation, references): the best level
  over all connected nodes, less log2 of the number of tries that it had; where nothing agrees although both sides were
  seen several times, more weight against;
* of attributes that a person has one of (names, birth date): the level between the two consensus values, a conflict
  counting the more, the more nodes stand behind either value ("hardening");
* less what a crowd costs: of k nodes that say the same and too little, each pays log2(k).

Pairs that are each other's best and weigh at least the threshold merge; then the next round, until none is left. What
stewards decided binds: what they said is one merges first, and two entities that they hold apart anywhere never do.
Nothing but a component's own pairs, its decisions and the model decides, and no order of anything matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.bound import NOTHING_BOUND
from matching.bound_groups import starting_merges
from matching.observations import COUNTED, SINGLE, Observations
from matching.weights import all_level_weights, combine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matching.arrays import Flags, Floats, Levels, Numbers
    from matching.bound import Bound
    from matching.model import Model
    from matching.observations import Source

MULTIPLE = (*COUNTED, "identifier", "reference")

HARDEST = {"given": 1e-4, "family": 3e-3, "middle": 5e-4, "birth_date": 1e-4, "suffix": 1e-6}
"""How unlikely a conflict between two well-supported values of one person becomes at most."""

SUFFIX_LEFT_OUT = np.log2(0.45)
"""What each named node without a suffix says against the owner of one, in bits."""

MOST_LEFT_OUT = 6
HARD_SUPPORT = 2

SEEN_OFTEN = ((4, 2.0), (2, 1.5))
"""From so many observations on both sides on, that nothing agrees counts so many times."""

CONFLICTS = {
    "given": ("different", "alike"),
    "family": ("different", "alike"),
    "middle": ("different",),
    "birth_date": ("different",),
    "suffix": ("different", "namesake"),
}
"""The levels that speak the louder against one person, the better both values are supported."""

_SCALE = 1e6
_OFFSET = 1 << 40


@dataclass(frozen=True, slots=True)
class Resolution:
    """The result: the entity of each node, the weakest merge that formed each entity, and the pairs left apart.

    `weakest` is infinite for an entity of one node. `left`, `right`, `weight` are the pairs of entities after the last
    round that no decision holds apart, `merges` the pairs that became one, round by round: into which entity, which
    other, and their weight, infinite where a decision made them one.
    """

    entity: Numbers
    weakest: Floats
    left: Numbers
    right: Numbers
    weight: Floats
    rounds: int
    merges: tuple[tuple[Numbers, Numbers, Floats], ...]


class EntityPass:
    """One pass over pairs of nodes (left < right, gammas by comparison); `crowd` is what each node's crowd costs.

    `source` knows the features of the tuples.
    """

    def __init__(
        self,
        source: Source,
        model: Model,
        tuple_of_node: Numbers,
        bits: Mapping[str, Floats],
        pairs: tuple[Numbers, Numbers, Mapping[str, Levels]],
        crowd: Floats,
    ) -> None:
        self.left, self.right, gammas = pairs
        self.model = model
        self.weights = all_level_weights(model.parameters, model.definitions.comparisons)
        self.gamma_of = {
            (comparison.name, level.name): gamma
            for comparison in model.definitions.comparisons
            for gamma, level in enumerate(comparison.levels[::-1])
        }
        # nodes of one tuple that do not stand alone pay for no crowd
        shared = np.bincount(tuple_of_node)[tuple_of_node] > 1
        self.observed = Observations(source.features(), tuple_of_node, bits, shared & (crowd == 0))
        self.levels = source.levels(self.observed, model.definitions.comparisons)
        self.single = {name: gammas[name] for name in SINGLE}
        self.best = {name: self._packed(name, gammas[name], bits, tuple_of_node[self.left]) for name in MULTIPLE}
        self.weakest = np.full(len(tuple_of_node), np.inf)
        self.crowd = crowd.copy()
        self.weight = self._weigh(np.arange(len(self.left)))

    def run(self, threshold: float, equal: tuple[Numbers, Numbers, Floats], bound: Bound = NOTHING_BOUND) -> Resolution:
        """Merge what must be one and `equal` (nodes that are one by their attributes alone), then by rounds.

        `equal` are pairs of nodes and their weights. No entity ever holds two nodes that `bound` holds apart.
        """
        merges = []
        compared = self.left, self.right, self.weight
        for into, other, weight in starting_merges(len(self.weakest), equal, bound, compared).merges:
            if len(into):
                self._note_weakest(into, other, weight)
                self._merge(into, other)
            merges.append((into, other, weight))
        rounds = 0
        while len(chosen := self._mutual_best(threshold, bound)):
            into, other, weight = self.left[chosen], self.right[chosen], self.weight[chosen]
            self._note_weakest(into, other, weight)
            merges.append((into, other, weight))
            self._merge(into, other)
            rounds += 1
        open_pairs = np.flatnonzero(~self._held_apart(np.arange(len(self.left)), bound))
        left_apart = self.left[open_pairs], self.right[open_pairs], self.weight[open_pairs]
        return Resolution(self.observed.entity, self.weakest, *left_apart, rounds, tuple(merges))

    def _note_weakest(self, into: Numbers, other: Numbers, weight: Floats) -> None:
        np.minimum.at(self.weakest, into, np.minimum(weight, self.weakest[other]))

    def _held_apart(self, places: Numbers, bound: Bound) -> Flags:
        """Say of the pairs at these places whether a decision holds any of their nodes apart."""
        if not len(bound.apart_left):
            return np.zeros(len(places), bool)
        entity, entities = self.observed.entity, len(self.observed.entity)
        one, other = entity[bound.apart_left], entity[bound.apart_right]
        apart = np.minimum(one, other) * entities + np.maximum(one, other)
        held: Flags = np.isin(self.left[places] * entities + self.right[places], apart)
        return held

    def _mutual_best(self, threshold: float, bound: Bound) -> Numbers:
        """Return the places of the pairs that are both sides' best; ties go to the lesser entities."""
        places = np.flatnonzero(self.weight >= threshold)
        places = places[~self._held_apart(places, bound)]
        left, right, weight = self.left[places], self.right[places], np.round(self.weight[places], 6)
        entities = len(self.observed.entity)
        most = np.full(entities, -np.inf)
        np.maximum.at(most, left, weight)
        np.maximum.at(most, right, weight)
        best = (weight == most[left]) & (weight == most[right])
        places, left, right = places[best], left[best], right[best]
        key = left * entities + right
        least = np.full(entities, entities * entities)
        np.minimum.at(least, left, key)
        np.minimum.at(least, right, key)
        chosen: Numbers = places[(least[left] == key) & (least[right] == key)]
        return chosen

    def _merge(self, into: Numbers, other: Numbers) -> None:
        """Merge entities and join the pairs that have become pairs of the same two entities."""
        before = {name: values.copy() for name, values in self.observed.consensus.items()}
        renamed = self.observed.merge(into, other)
        self.crowd[into] = 0.0
        changed = np.zeros(len(renamed), bool)
        changed[into] = changed[other] = True
        touched = changed[self.left] | changed[self.right]
        source, left, right, starts = _regrouped(self.left, self.right, renamed, np.flatnonzero(touched))
        single = self._compare_anew(source[starts], left, right, before, renamed)
        kept = ~touched
        self.left = np.concatenate([self.left[kept], left])
        self.right = np.concatenate([self.right[kept], right])
        for name, packed in self.best.items():
            best = np.maximum.reduceat(packed[source], starts) if len(starts) else packed[:0]
            self.best[name] = np.concatenate([packed[kept], best])
        self.single = {name: np.concatenate([self.single[name][kept], single[name]]) for name in SINGLE}
        untouched = int(kept.sum())
        self.weight = np.concatenate([self.weight[kept], self._weigh(np.arange(untouched, len(self.left)))])

    def _compare_anew(
        self, place: Numbers, left: Numbers, right: Numbers, before: Mapping[str, Numbers], renamed: Numbers
    ) -> dict[str, Levels]:
        """Return the levels of the single attributes, taken over from `place` where neither consensus has changed."""
        one, two = self.left[place], self.right[place]
        turned = renamed[one] != left
        one, two = np.where(turned, two, one), np.where(turned, one, two)
        stale = np.zeros(len(place), bool)
        for name in SINGLE:
            now = self.observed.consensus[name]
            stale |= (before[name][one] != now[left]) | (before[name][two] != now[right])
        levels = {name: self.single[name][place] for name in SINGLE}
        anew = np.flatnonzero(stale)
        if len(anew):
            for name, gammas in self.levels(left[anew], right[anew]).items():
                levels[name][anew] = gammas
        return levels

    def _weigh(self, places: Numbers) -> Floats:
        match = np.full(len(places), self.model.prior_match)
        household = np.full(len(places), self.model.prior_household)
        for _, for_match, for_household in self.evidence(places):
            match += for_match
            household += for_household
        return combine(match, household) - self.crowd[self.left[places]] - self.crowd[self.right[places]]

    def evidence(self, places: Numbers) -> Iterator[tuple[str, Floats, Floats]]:
        """Yield what each comparison says of the pairs at these places: name, log2 ratios of match and of household."""
        left, right = self.left[places], self.right[places]
        for name in SINGLE:
            yield name, *self._of_single(name, self.single[name][places], left, right)
        for name in MULTIPLE:
            yield name, *self._of_multiple(name, self.best[name][places], left, right)

    def _of_single(self, name: str, gamma: Levels, left: Numbers, right: Numbers) -> tuple[Floats, Floats]:
        """Return the evidence of one consensus against another."""
        weights, consensus, support = self.weights[name], self.observed.consensus[name], self.observed.support[name]
        match, household = weights.match[gamma], weights.household[gamma]
        rarity = weights.rarity(gamma, {name: self.observed.coded[name].bits}, consensus[left])
        match += rarity
        household += rarity
        for level in CONFLICTS[name]:
            conflict = np.flatnonzero(gamma == self.gamma_of[name, level])
            share, _, random = self.model.parameters[name][level]
            hardened = sum((share / 2) ** np.minimum(support[side[conflict]], HARD_SUPPORT) for side in (left, right))
            match[conflict] = np.log2(np.maximum(hardened, HARDEST[name]) / random)
        if name == "suffix":
            lone = np.flatnonzero(gamma == self.gamma_of[name, "one_side"])
            has = consensus[left[lone]] >= 0
            others = np.where(has, self.observed.named[right[lone]], self.observed.named[left[lone]])
            match[lone] = SUFFIX_LEFT_OUT * np.clip(others, 1, MOST_LEFT_OUT)
            household[lone] = 0.0
        return match, household

    def _of_multiple(self, name: str, best: Numbers, left: Numbers, right: Numbers) -> tuple[Floats, Floats]:
        """Return the evidence of the best level found, allowing for the tries that it took."""
        weights = self.weights[name]
        said = best > 0
        level = np.where(said, best & 0xFF, 0)
        match = np.where(said, ((best >> 8) - _OFFSET) / _SCALE, 0.0)
        household = np.where(said, weights.household[level] + (match - weights.match[level]), 0.0)
        if name not in COUNTED:
            return match, household
        distinct, seen = self.observed.distinct[name], self.observed.seen[name]
        nothing = np.where(said, level == 0, (distinct[left] > 0) & (distinct[right] > 0))
        tries = np.log2(np.maximum(distinct[left] * distinct[right], 1))
        by_both = np.minimum(seen[left], seen[right])
        factor = np.select([by_both >= often for often, _ in SEEN_OFTEN], [times for _, times in SEEN_OFTEN], 1.0)
        least_match, least_household = weights.match[0], weights.household[0]
        match = np.where(said, np.maximum(match - tries, np.minimum(match, least_match)), match)
        household = np.where(said, np.maximum(household - tries, np.minimum(household, least_household)), household)
        return np.where(nothing, least_match * factor, match), np.where(nothing, least_household * factor, household)

    def _packed(self, name: str, gamma: Levels, bits: Mapping[str, Floats], left: Numbers) -> Numbers:
        """Return per pair one number in the order of evidence: the match weight, then the level; 0 for null."""
        weights = self.weights[name]
        match = weights.match[gamma] + weights.rarity(gamma, bits, left)
        packed = ((np.round(match * _SCALE).astype(np.int64) + _OFFSET) << 8) | gamma.astype(np.int64)
        return np.where(gamma >= 0, packed, 0)


def _regrouped(
    left: Numbers, right: Numbers, renamed: Numbers, touched: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Rename the pairs at the places `touched` and group them.

    Returns the places sorted by group, the groups' left and right entities, and where each group starts.
    """
    one, two = renamed[left[touched]], renamed[right[touched]]
    apart = one != two
    low, high = np.minimum(one, two)[apart], np.maximum(one, two)[apart]
    key = low * len(renamed) + high
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    return touched[apart][order], key[starts] // len(renamed), key[starts] % len(renamed), starts

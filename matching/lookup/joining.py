"""Which customer a record would join: the night's own pass of entities over the component that it would be part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from matching.bound import Bound
from matching.components import tying_weight
from matching.lookup.quick import QUICK, InMemory
from matching.poisoned import STRICTEST, part_poisoned
from matching.resolve import Nodes, Pairs, Prepared, pass_over
from matching.score import MOST_ALIKE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matching.arrays import Flags, Floats, Numbers
    from matching.entities import Resolution
    from matching.lookup.held import Held
    from matching.lookup.meeting import Meeting
    from matching.lookup.roots import Roots


@dataclass(frozen=True, slots=True)
class Near:
    """A customer near the record: one of its nodes that it met with most weight, and the posterior of being one."""

    golden_id: str
    probability: float
    records: int
    place: int


@dataclass(frozen=True, slots=True)
class _Met:
    """The nodes that the record met: their numbers, and the place among the meeting's tuples of each."""

    nodes: Numbers
    place: Numbers
    same: Flags


class Joining:
    """Resolves one record among what is held; for one thread at a time."""

    def __init__(self, held: Held, roots: Roots) -> None:
        self._held, self._roots = held, roots

    def join(self, record: Mapping[str, Any], meeting: Meeting) -> list[Near]:
        """Return the customers that the record becomes one with, the one with most records first; mostly one."""
        held, met = self._held, self._met(meeting)
        weight = meeting.weight[met.place]
        ties = (weight >= tying_weight(held.model)) | (met.same & ~held.alone[met.nodes])
        components = np.unique(held.component[met.nodes[ties]])
        if not len(components):
            return []
        world = _World(held, meeting, met, self._of_components(components), record)
        prepared = world.prepared(self._roots)
        found = prepared.run(held.model.entity_weight(held.model.merge_at))
        strict = held.model.entity_weight(STRICTEST)
        resolution = part_poisoned(found, prepared.nodes.records, prepared.bound, strict, prepared.among).resolution
        mine = np.flatnonzero(resolution.entity == resolution.entity[world.me])
        others = world.numbers[mine[mine != world.me]]
        posterior = self._posterior(resolution, world.me)
        return self._customers(others, meeting, met, dict.fromkeys(held.golden_ids[others].tolist(), posterior))

    def near(self, record: Mapping[str, Any], meeting: Meeting) -> list[Near]:
        """Return the customers, as they are, that the record may be one with, though it is not; likeliest first."""
        held, met = self._held, self._met(meeting)
        seeds = met.nodes[meeting.weight[met.place] >= held.model.entity_weight(held.model.review_at)]
        ids = np.unique(held.golden_ids[seeds])
        if not len(ids):
            return []
        components = np.unique(held.component[seeds])
        nodes = self._of_components(components)
        nodes = nodes[np.isin(held.golden_ids[nodes], ids)]
        world = _World(held, meeting, met, nodes, record)
        prepared = world.prepared(self._roots)
        weighed = prepared.entity_pass.run(np.inf, world.as_they_are(), prepared.bound)
        mine = np.flatnonzero((weighed.left == world.me) | (weighed.right == world.me))
        other = np.where(weighed.left[mine] == world.me, weighed.right[mine], weighed.left[mine])
        posterior = held.model.entity_posterior(weighed.weight[mine])
        likely = {
            held.golden_ids[world.numbers[entity]]: float(chance)
            for entity, chance in zip(other.tolist(), posterior.tolist(), strict=True)
            if chance >= held.model.review_at
        }
        kept = nodes[np.isin(held.golden_ids[nodes], np.array(list(likely), dtype="S"))] if likely else nodes[:0]
        return self._customers(kept, meeting, met, likely)

    def _met(self, meeting: Meeting) -> _Met:
        """Return the nodes of the tuples met; of a large crowd that says the same none tells anything."""
        first = self._held.first_node
        sizes = first[meeting.tuples + 1] - first[meeting.tuples]
        place = np.repeat(np.arange(len(sizes)), sizes)
        offsets = np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        nodes = self._held.nodes_by_tuple[first[meeting.tuples][place] + offsets]
        same = meeting.tuples[place] == (-1 if meeting.same is None else meeting.same)
        telling = same | ~self._held.alone[nodes] | (sizes[place] <= MOST_ALIKE)
        return _Met(nodes[telling], place[telling], same[telling])

    def _of_components(self, components: Numbers) -> Numbers:
        held = self._held
        first = np.searchsorted(held.component_of_place, components)
        end = np.searchsorted(held.component_of_place, components, side="right")
        nodes = [held.nodes_by_component[one:two] for one, two in zip(first.tolist(), end.tolist(), strict=True)]
        return np.sort(np.concatenate(nodes))

    def _posterior(self, resolution: Resolution, me: int) -> float:
        """Return the posterior of the merge by which the record became one with anybody."""
        for into, other, weight in resolution.merges:
            place = np.flatnonzero((into == me) | (other == me))
            if len(place):
                return float(self._held.model.entity_posterior(weight[place[:1]])[0])
        return 1.0

    def _customers(self, nodes: Numbers, meeting: Meeting, met: _Met, likely: Mapping[bytes, float]) -> list[Near]:
        held, found = self._held, []
        for golden_id, posterior in likely.items():
            own = nodes[held.golden_ids[nodes] == golden_id]
            mine = np.flatnonzero(np.isin(met.nodes, own))
            places = met.place[mine]
            place = int(places[np.argmax(meeting.weight[places])]) if len(places) else -1
            found.append(Near(golden_id.decode(), posterior, int(held.records[own].sum()), place))
        return sorted(found, key=lambda near: (-near.probability, -near.records, near.golden_id))


class _World:
    """The nodes that the record is resolved among, in the order of their ids, with the record as one of them."""

    def __init__(self, held: Held, meeting: Meeting, met: _Met, nodes: Numbers, record: Mapping[str, Any]) -> None:
        self._held, self._meeting, self._record, self._nodes = held, meeting, record, nodes
        own_id = record["distinct_record_id"].encode() + b"~"
        self.me = int(np.searchsorted(nodes, np.searchsorted(held.node_ids, own_id)))
        self.numbers = np.insert(nodes, self.me, -1)
        inside = np.isin(met.nodes, nodes)
        self._met = _Met(met.nodes[inside], met.place[inside], met.same[inside])

    def _local(self, nodes: Numbers) -> Numbers:
        places = np.searchsorted(self._nodes, nodes)
        shifted: Numbers = places + (places >= self.me)
        return shifted

    def prepared(self, roots: Roots) -> Prepared:
        """Return the pass ready to run."""
        held, meeting = self._held, self._meeting
        tuples = np.unique(held.tuple_of_node[self._nodes])
        mine = meeting.place if meeting.same is not None else meeting.place - 0.5
        every = np.unique(np.append(tuples.astype(np.float64), mine))
        of_node = np.searchsorted(every, np.insert(held.tuple_of_node[self._nodes].astype(np.float64), self.me, mine))
        my_tuple = int(of_node[self.me])
        alone = np.insert(held.alone[self._nodes], self.me, self._record["stands_alone"])
        nodes = Nodes(of_node, self._crowd(alone), alone, np.insert(held.records[self._nodes], self.me, 1))
        bits = {}
        for name, mine_bits in meeting.bits.items():
            of_tuples = held.bits[name][tuples]
            bits[name] = (
                of_tuples
                if meeting.same is not None and meeting.same in tuples
                else np.insert(of_tuples, my_tuple, mine_bits)
            )
        pairs, bound = self._pairs(), self._bound()
        component = np.zeros(len(self.numbers), np.int64)
        features = held.features.take(tuples)
        if meeting.same is None or meeting.same not in tuples:
            own = pa.Table.from_pylist([meeting.features], schema=features.schema)
            features = pa.concat_tables([features.slice(0, my_tuple), own, features.slice(my_tuple)])
        source = InMemory(features.select(QUICK), roots)
        ready = pass_over(source, held.model, nodes, pairs, bits)
        return Prepared(source, held.model, nodes, pairs, bound, component, *ready, bits)

    def _crowd(self, alone: Flags) -> Floats:
        held, meeting = self._held, self._meeting
        tuples = held.tuple_of_node[self._nodes]
        sizes = (held.first_node[tuples + 1] - held.first_node[tuples]).astype(np.float64)
        mine = 1.0
        if meeting.same is not None:
            sizes[tuples == meeting.same] += 1
            mine += float(held.first_node[meeting.same + 1] - held.first_node[meeting.same])
        return np.where(alone, np.log2(np.insert(sizes, self.me, mine)), 0.0)

    def _pairs(self) -> Pairs:
        held, meeting, met = self._held, self._meeting, self._met
        first, end = held.first_pair[self._nodes], held.first_pair[self._nodes + 1]
        places = np.concatenate([np.arange(one, two) for one, two in zip(first.tolist(), end.tolist(), strict=True)])
        places = places[np.isin(held.pairs.right[places], self._nodes)]
        among = held.pairs.at(places.astype(np.int64))
        other = self._local(met.nodes)
        gammas = {
            name: np.concatenate([levels, np.where(met.same, -1, meeting.gammas[name][met.place]).astype(np.int8)])
            for name, levels in among.gammas.items()
        }
        return Pairs(
            left=np.concatenate([self._local(among.left), np.minimum(other, self.me)]),
            right=np.concatenate([self._local(among.right), np.maximum(other, self.me)]),
            weight=np.concatenate([among.weight, meeting.weight[met.place]]),
            same=np.concatenate([among.same, met.same]),
            gammas=gammas,
        )

    def _bound(self) -> Bound:
        bound = self._held.bound.among(self._nodes)
        sides = (
            *(bound.must_left, bound.must_right, bound.apart_left, bound.apart_right),
            *(bound.overruled_left, bound.overruled_right),
        )
        return Bound(*(side + (side >= self.me) for side in sides))

    def as_they_are(self) -> tuple[Numbers, Numbers, Floats]:
        """Return the pairs that make the nodes the customers that they are: each with the first of its customer."""
        ids = self._held.golden_ids[self._nodes]
        _, first, of_node = np.unique(ids, return_index=True, return_inverse=True)
        local = self._local(self._nodes)
        left, right = local[first[of_node]], local
        apart = left != right
        return left[apart], right[apart], np.full(int(apart.sum()), np.inf)

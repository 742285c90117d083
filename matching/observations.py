"""What entities have been seen with: the consensus of what a person has once, and how much there is of the rest.

An entity is a set of nodes (distinct records) held to be one customer, named by its least node. For a single attribute
(names, birth date) the consensus is the value that most of its nodes bear, an initial only where there is nothing
fuller; ties go to the commoner value, then to the lesser one. All of it is local to an entity and independent of order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.arrays import columns, table
from matching.common_names import marked_sql
from matching.features import FREQUENCY_ATTRIBUTES, features_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from duckdb import DuckDBPyConnection

    from matching.arrays import Flags, Floats, Levels, Numbers
    from matching.comparison import Comparison

SINGLE = ("given", "middle", "family", "suffix", "birth_date")
"""Attributes of which a person has one; each is also the name of its comparison."""

COUNTED = {
    "email": "email",
    "phone": "own_phone",
    "address": "home",
    "organisation": "employer",
    "firm": "firm",
    "site": "site",
    "switchboard": "switchboard",
}
"""Comparisons of attributes of which a person may have several, and the feature whose values are counted."""

OBSERVED = tuple(sorted({"tuple_no", "nicknames", *SINGLE, *COUNTED.values(), *FREQUENCY_ATTRIBUTES}))
"""The features that a pass of entities looks at."""

_INITIAL_COUNTS = 1e-6


@dataclass(frozen=True, slots=True)
class Coded:
    """The values of one attribute as numbers in the values' order; -1 is null. `codes` has one entry per node."""

    codes: Numbers
    values: pa.Array[Any]
    is_initial: Flags
    bits: Floats


class Observations:
    """The consensus, support and counts of every entity; `entity` names the entity of each node.

    `features` are those of the tuples, in their order. Nodes marked as `repeats` are one node by what they say, taken
    apart because of a decision: of those that an entity has of one tuple only one counts.
    """

    def __init__(self, features: pa.Table, tuple_of_node: Numbers, bits: Mapping[str, Floats], repeats: Flags) -> None:
        self._tuples = np.where(repeats, tuple_of_node, -1)
        names = [*SINGLE, *COUNTED.values()]
        self.coded = {name: _code(features[name], tuple_of_node, bits.get(name)) for name in names}
        nodes = len(tuple_of_node)
        self.entity: Numbers = np.arange(nodes)
        self.consensus = {name: np.full(nodes, -1, np.int64) for name in SINGLE}
        self.support = {name: np.zeros(nodes, np.int64) for name in SINGLE}
        self.distinct = {name: np.zeros(nodes, np.int64) for name in COUNTED}
        self.seen = {name: np.zeros(nodes, np.int64) for name in COUNTED}
        self.named = np.zeros(nodes, np.int64)
        self._count(np.arange(nodes))

    def merge(self, into: Numbers, other: Numbers) -> Numbers:
        """Let each entity of `other` become part of the one beside it in `into`; return the new name of each entity."""
        renamed = np.arange(len(self.entity))
        renamed[other] = into
        changed = np.zeros(len(self.entity), bool)
        changed[into] = changed[other] = True
        nodes = np.flatnonzero(changed[self.entity])
        self.entity[nodes] = renamed[self.entity[nodes]]
        self._count(nodes)
        return renamed

    def _count(self, nodes: Numbers) -> None:
        """Count the entities that `nodes` make up, all of whose nodes must be among them."""
        nodes = self._once(nodes)
        entity = self.entity[nodes]
        for name in SINGLE:
            self._agree(name, entity, self.coded[name].codes[nodes])
        for name, feature in COUNTED.items():
            codes = self.coded[feature].codes[nodes]
            said = codes >= 0
            width = len(self.coded[feature].values) + 1
            _tally(self.distinct[name], entity, np.unique(entity[said] * width + codes[said]) // width)
            _tally(self.seen[name], entity, entity[said])
        fully = (self.coded["given"].codes[nodes] >= 0) & (self.coded["family"].codes[nodes] >= 0)
        _tally(self.named, entity, entity[fully])

    def _once(self, nodes: Numbers) -> Numbers:
        """Leave out the nodes that repeat what another one of their entity says."""
        tuples = self._tuples[nodes]
        again = np.flatnonzero(tuples >= 0)
        if not len(again):
            return nodes
        _, first = np.unique(self.entity[nodes[again]] * (self._tuples.max() + 1) + tuples[again], return_index=True)
        counts = tuples < 0
        counts[again[first]] = True
        counted: Numbers = nodes[counts]
        return counted

    def _agree(self, name: str, entity: Numbers, codes: Numbers) -> None:
        coded = self.coded[name]
        said = codes >= 0
        width = len(coded.values) + 1
        pairs, counts = np.unique(entity[said] * width + codes[said], return_counts=True)
        owners, values = pairs // width, pairs % width
        score = np.where(coded.is_initial[values], counts * _INITIAL_COUNTS, counts)
        order = np.lexsort((values, coded.bits[values], -score, owners))
        owners, values, counts = owners[order], values[order], counts[order]
        first = np.flatnonzero(np.diff(owners, prepend=-1))
        self.consensus[name][entity], self.support[name][entity] = -1, 0
        self.consensus[name][owners[first]] = values[first]
        self.support[name][owners[first]] = counts[first]


def _tally(counts: Numbers, counted: Numbers, owners: Numbers) -> None:
    """Write into `counts`, for the entities `counted`, how often each is among `owners`."""
    counts[counted] = 0
    found, times = np.unique(owners, return_counts=True)
    counts[found] = times


def _code(column: pa.ChunkedArray[Any], tuple_of_node: Numbers, bits: Floats | None) -> Coded:
    encoded = column.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    # the entry beyond the last is reached by -1, which null is filled with
    rank = np.full(len(order) + 1, -1, np.int64)
    rank[order] = np.arange(len(order))
    codes = rank[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    values = encoded.dictionary.take(pa.array(order))
    rarity = np.zeros(len(order))
    if bits is not None:
        rarity[codes[codes >= 0]] = bits[codes >= 0]
    is_initial = np.zeros(len(order), bool)
    if pa.types.is_string(values.type):
        is_initial = np.array([len(str(value)) == 1 for value in values.to_pylist()], bool)
    return Coded(codes[tuple_of_node], values, is_initial, rarity)


class Source(Protocol):
    """Where a pass of entities reads what tuples say, and has the consensus of entities compared."""

    def features(self) -> pa.Table:
        """Return the features of the tuples, in their order: those of SINGLE, and those counted."""

    def levels(
        self, observed: Observations, comparisons: Iterable[Comparison]
    ) -> Callable[[Numbers, Numbers], dict[str, Levels]]:
        """Return what gives the levels of the single attributes for each pair of entities."""


@dataclass(frozen=True, slots=True)
class OnBench:
    """A bench with the table `feature`."""

    scratch: DuckDBPyConnection

    def features(self) -> pa.Table:
        """Return the features of the tuples."""
        names = ", ".join((*SINGLE, *COUNTED.values()))
        found: pa.Table = self.scratch.sql(f"SELECT {names} FROM feature ORDER BY tuple_no").to_arrow_table()
        return found

    def levels(
        self, observed: Observations, comparisons: Iterable[Comparison]
    ) -> Callable[[Numbers, Numbers], dict[str, Levels]]:
        """Return what compares by SQL."""
        return ConsensusLevels(self.scratch, observed, comparisons)


class ConsensusLevels:
    """Compares the consensus of entities by the very SQL that compares tuples."""

    def __init__(self, scratch: DuckDBPyConnection, observed: Observations, comparisons: Iterable[Comparison]) -> None:
        self._scratch, self._observed = scratch, observed
        self._comparisons = [comparison for comparison in comparisons if comparison.name in SINGLE]
        texts = ("email", "phone", "street_number", "street", "po_box", "postal_code", "city", "organisation")
        nothing = [f"NULL::VARCHAR AS {name}" for name in texts]
        nothing += [f"NULL::VARCHAR[] AS {name}" for name in ("emails", "phones", "identifiers", "quoted")]
        scratch.execute("""
            CREATE OR REPLACE TABLE nickname AS
            SELECT given, min(nicknames) AS nicknames FROM feature WHERE given IS NOT NULL GROUP BY given
        """)
        spelled = features_sql(f"SELECT *, {', '.join(nothing)} FROM consensus LEFT JOIN nickname USING (given)")
        gammas = ", ".join(f"({c.gamma_sql()})::TINYINT AS {c.name}" for c in self._comparisons)
        names = sorted({name for c in self._comparisons for name in c.columns})
        told = {"entity", "given", "family", *names} - {"given_is_common", "family_is_common"}
        self._features = marked_sql(f"(SELECT {', '.join(sorted(told))} FROM ({spelled}))")
        sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in names)
        self._query = f"""
            SELECT {gammas} FROM (
                SELECT p.place AS place_of_pair, {sides} FROM pair_of_entities AS p
                JOIN consensus_feature AS l ON l.entity = p.one JOIN consensus_feature AS r ON r.entity = p.other
            ) ORDER BY place_of_pair
        """

    def __call__(self, left: Numbers, right: Numbers) -> dict[str, Levels]:
        """Return the gammas of the single attributes for each pair of entities."""
        entities = np.unique(np.concatenate([left, right]))
        consensus: dict[str, pa.Array[Any]] = {"entity": pa.array(entities)}
        for name in SINGLE:
            codes = self._observed.consensus[name][entities]
            consensus[name] = self._observed.coded[name].values.take(pa.array(codes, mask=codes < 0))
        self._scratch.register("consensus", pa.table(consensus))
        self._scratch.execute(f"CREATE OR REPLACE TABLE consensus_feature AS {self._features}")
        self._scratch.unregister("consensus")
        pairs = table({"place": np.arange(len(left)), "one": left, "other": right})
        self._scratch.register("pair_of_entities", pairs)
        found = columns(self._scratch, self._query)
        self._scratch.unregister("pair_of_entities")
        return {comparison.name: found[comparison.name] for comparison in self._comparisons}

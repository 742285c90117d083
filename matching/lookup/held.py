"""What the look-up holds in memory of a release: tuples and their keys, nodes and their pairs, and whose each is.

Reads the workings of a release and its crosswalk. Keeps this: it is what the night compared and resolved, by the
night's own SQL; nothing of it changes once it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.arrays import columns, copy_table, numbers
from matching.bench import open_bench
from matching.blocking import GUARD, find_hot_keys, settle_keys, spell_keys
from matching.bound import NOTHING_BOUND, load_bound
from matching.common_names import add_roots, mark_common_names
from matching.components import tying_weight
from matching.features import load_features
from matching.hot_keys import load_hot_keys
from matching.observations import OBSERVED
from matching.resolve import ALL_NODES_SQL, Pairs, components_of_pairs, read_pairs, tuples_and_crowds
from matching.standardise import MOST_TIED
from matching.weights import rarity_bits
from warehouse.connection import has_rows, open_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    from matching.arrays import Flags, Floats, Numbers
    from matching.bound import Bound
    from matching.model import Model


@dataclass(frozen=True, slots=True)
class Keys:
    """The blocking keys of all tuples, in the order of the keys; and what is hot, as sorted hashes.

    `hot` are first keys that are narrowed, `left_out` keys by which nobody meets.
    """

    key: NDArray[Any]
    rule: NDArray[Any]
    tuples: NDArray[Any]
    calls: Flags
    hot: NDArray[Any]
    left_out: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Hashed:
    """Values by the hashes of texts, in the order of the hashes."""

    hashes: NDArray[Any]
    values: NDArray[Any]

    def of(self, text: int) -> NDArray[Any]:
        """Return the values of the text that has this hash."""
        sought = np.uint64(text)
        first, end = np.searchsorted(self.hashes, sought), np.searchsorted(self.hashes, sought, side="right")
        values: NDArray[Any] = self.values[first:end]
        return values


@dataclass(frozen=True, slots=True)
class Held:
    """A release as it was matched.

    Nodes are known by their numbers, in the order of distinct_record_id, tuples by theirs, in that of tuple_id. `bench`
    is a database that hashes as the keys are hashed. `features` are those of the tuples. `nodes_by_tuple` are the nodes
    in the order of their tuples, `first_node` where those of each tuple start; likewise `pairs` are in the order of
    their left nodes, and `first_pair` says where those of each start. `mentions` are the nodes that mention a
    reference, `frequencies` the frozen frequencies by attribute and value.
    """

    bench: DuckDBPyConnection
    model: Model
    tuple_ids: NDArray[Any]
    node_ids: NDArray[Any]
    golden_ids: NDArray[Any]
    tuple_of_node: Numbers
    alone: Flags
    records: Numbers
    nodes_by_tuple: Numbers
    first_node: Numbers
    pairs: Pairs
    first_pair: Numbers
    component: Numbers
    nodes_by_component: Numbers
    component_of_place: Numbers
    bound: Bound
    bits: Mapping[str, Floats]
    keys: Keys
    mentions: Hashed
    frequencies: Hashed
    features: pa.Table

    @property
    def ties_at(self) -> float:
        """The weight from which on a pair ties."""
        return tying_weight(self.model)


def hold(workings: DuckDBPyConnection, golden: DuckDBPyConnection, model: Model) -> Held:
    """Load what the look-up needs of a release: its workings, its crosswalk, and the model that made its customers."""
    bench = _spelled_bench(workings, model)
    bits = rarity_bits(bench, model)
    keys = _keys(workings, bench, model)
    tuple_of_node, _ = tuples_and_crowds(bench)
    told = columns(workings, _NODES_SQL)
    pairs = read_pairs(workings, model, ALL_NODES_SQL)
    is_bound = has_rows(workings, "SELECT 1 FROM matching.decision")
    bound = load_bound(workings, ALL_NODES_SQL) if is_bound else NOTHING_BOUND
    component = components_of_pairs(pairs, tying_weight(model), told["stands_alone"], bound)
    by_tuple, by_component = np.argsort(tuple_of_node, kind="stable"), np.argsort(component, kind="stable")
    tuples = int(tuple_of_node.max(initial=-1)) + 1
    ids = columns(workings, "SELECT DISTINCT tuple_id FROM matching.distinct_record ORDER BY tuple_id")["tuple_id"]
    nodes = len(tuple_of_node)
    return Held(
        bench=bench,
        model=model,
        tuple_ids=ids.astype("S"),
        node_ids=told["distinct_record_id"].astype("S"),
        golden_ids=_golden_ids(workings, golden),
        tuple_of_node=tuple_of_node,
        alone=told["stands_alone"],
        records=numbers(told["records"]),
        nodes_by_tuple=by_tuple,
        first_node=np.searchsorted(tuple_of_node[by_tuple], np.arange(tuples + 1)),
        pairs=pairs,
        first_pair=np.searchsorted(pairs.left, np.arange(nodes + 1)),
        component=component,
        nodes_by_component=by_component,
        component_of_place=component[by_component],
        bound=bound,
        bits=bits,
        keys=keys,
        mentions=Hashed(*columns(workings, _MENTIONS_SQL).values()),
        frequencies=Hashed(*columns(bench, _FREQUENCIES_SQL).values()),
        features=_features(bench, model),
    )


def _spelled_bench(workings: DuckDBPyConnection, model: Model) -> DuckDBPyConnection:
    """Return a bench with the features of all tuples, names with their roots."""
    bench = open_bench(workings, model)
    load_features(workings, bench)
    mark_common_names(bench, "feature")
    add_roots(bench)
    return bench


_NODES_SQL = f"""
SELECT distinct_record_id, stands_alone, records
FROM matching.distinct_record JOIN ({ALL_NODES_SQL}) USING (distinct_record_id) ORDER BY number
"""
_FREQUENCIES_SQL = "SELECT hash(attribute, value) AS said, frequency FROM frequency ORDER BY ALL"


def _keys(workings: DuckDBPyConnection, bench: DuckDBPyConnection, model: Model) -> Keys:
    rules = model.definitions.rules
    load_hot_keys(workings, bench, model)
    spell_keys(bench, rules)
    find_hot_keys(bench, rules, GUARD)
    settle_keys(bench, rules, GUARD)
    found = columns(bench, "SELECT key, rule, tuple_no, calls FROM temp.block_key ORDER BY key, tuple_no, rule")
    hot = columns(bench, "SELECT DISTINCT first_key FROM temp.hot_first ORDER BY 1")["first_key"]
    left_out = columns(
        bench,
        """
        SELECT DISTINCT key FROM (
            SELECT key FROM temp.settled_key WHERE is_left_out
            UNION ALL
            SELECT hash(first_key, narrower) FROM temp.hot_key WHERE narrower IS NOT NULL
        ) ORDER BY 1
        """,
    )["key"]
    for name in ("spelled_key", "settled_key", "block_key", "hot_first", "hot_key"):
        bench.execute(f"DROP TABLE temp.{name}")
    return Keys(found["key"], found["rule"], found["tuple_no"], found["calls"], hot, left_out)


def _golden_ids(workings: DuckDBPyConnection, golden: DuckDBPyConnection) -> NDArray[Any]:
    """Return the customer of each node, by its least record."""
    with open_memory() as scratch:
        copy_table(workings, _RECORD_OF_NODE_SQL, scratch, "record_of_node")
        copy_table(golden, "SELECT source, source_record_id, golden_id FROM crosswalk", scratch, "crosswalk")
        found = columns(
            scratch,
            "SELECT golden_id FROM record_of_node JOIN crosswalk USING (source, source_record_id) ORDER BY number",
        )
    ids: NDArray[Any] = found["golden_id"].astype("S")
    return ids


_RECORD_OF_NODE_SQL = f"""
SELECT number, source, source_record_id FROM matching.member JOIN ({ALL_NODES_SQL}) USING (distinct_record_id)
QUALIFY row_number() OVER (PARTITION BY number ORDER BY source, source_record_id) = 1
"""

_MENTIONS_SQL = f"""
WITH record AS (
    SELECT source, source_record_id, number, reference, about, quoted_references
    FROM landing.source_record JOIN matching.member USING (source, source_record_id)
    JOIN ({ALL_NODES_SQL}) USING (distinct_record_id)
    WHERE NOT deleted
    QUALIFY row_number() OVER (
        PARTITION BY source, source_record_id ORDER BY updated_at DESC NULLS LAST, run_id DESC) = 1
),
mention AS (
    SELECT source, number, upper(trim(reference)) AS reference, true AS is_own FROM record
    UNION ALL
    SELECT source, number, upper(trim(unnest(list_concat([about], coalesce(quoted_references, []))))), false FROM record
),
distinct_mention AS (
    SELECT source, number, reference, bool_or(is_own) AS is_own FROM mention
    WHERE regexp_matches(reference, '[0-9]') GROUP BY ALL
)
SELECT hash(reference) AS reference, number FROM distinct_mention
QUALIFY count(*) OVER (PARTITION BY reference) < {MOST_TIED}
    AND count(DISTINCT CASE WHEN is_own THEN source END) OVER (PARTITION BY reference) <= 1
ORDER BY ALL
"""


def _features(bench: DuckDBPyConnection, model: Model) -> pa.Table:
    """Return of the features what is compared or observed, in the order of the tuples; the bench lets go of them."""
    compared = {name for comparison in model.definitions.comparisons for name in comparison.columns}
    names = sorted({"given_is_common", "family_is_common", *compared, *OBSERVED} - {"tuple_no"})
    found: pa.Table = (
        bench.sql(f"SELECT {', '.join(names)} FROM feature ORDER BY tuple_no").to_arrow_table().combine_chunks()
    )
    bench.execute("DROP TABLE feature")
    bench.execute("DROP TABLE node")
    return found

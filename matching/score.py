"""Scores the pairs of distinct records that blocking lets meet, each pair of tuples once.

Reads matching.distinct_record, matching.model and matching.model_frequency. Writes matching.pair, every compared pair
that is not hopelessly unlike, and matching.blocking_rule. Keeps this: a pair's levels and weight are a function of the
two tuples and the model.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from matching.audit_blocking import write_audit
from matching.blocking import SAME_ATTRIBUTES, make_candidates, make_keys
from matching.common_names import add_roots, load_common_names, mark_common_names
from matching.features import NODES_SQL, load_features
from matching.model import DECIMALS, load_frequencies, tonights_model
from matching.splink_settings import compare
from matching.weights import all_level_weights, combine, pair_evidence, rarity_bits
from warehouse.connection import open_memory, quote_literal
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from matching.model import Model
    from warehouse.settings import Settings

READS = ("matching.distinct_record", "matching.model", "matching.model_frequency")
WRITES = ("matching.pair", "matching.blocking_rule")

HOPELESS = -10.0
"""Pairs below this weight are not kept: whatever else their entities share, they do not become one."""


def score(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Block, compare and weigh anew."""
    model = tonights_model(con, run)
    scratch = open_memory(threads=run.threads)
    load_features(con, scratch)
    load_frequencies(con, scratch, model)
    load_common_names(scratch, model.records)
    mark_common_names(scratch, "feature")
    add_roots(scratch)
    keys = make_keys(scratch, model.definitions.rules)
    started = time.process_time()
    compared = make_candidates(scratch)
    pairing = time.process_time() - started
    con.execute("""
        CREATE OR REPLACE TEMP TABLE scored (
            tuple_no_l INTEGER, tuple_no_r INTEGER, rules BIGINT, gammas TINYINT[], weight DOUBLE)
    """)
    for chunk in _scored(scratch, model):
        if not chunk.num_rows:  # an empty insert must not come first: docs/decisions/0007
            continue
        con.register("incoming_scored", chunk)
        con.execute("INSERT INTO temp.scored SELECT * FROM incoming_scored")
        con.unregister("incoming_scored")
    write_audit(con, scratch, model.definitions.rules, keys, pairing)
    scratch.close()
    con.execute(f"DELETE FROM {WRITES[0]}")
    con.execute(_pairs_sql(model))
    con.execute("DROP TABLE temp.scored")
    kept = con.execute("SELECT count(*) FROM matching.pair").fetchall()[0][0]
    return StageReport(rows={WRITES[0]: kept, WRITES[1]: len(keys)}, figures={"compared": compared})


def _scored(scratch: DuckDBPyConnection, model: Model) -> Iterator[pa.Table]:
    """Yield the compared pairs that are worth keeping, with their gammas in the order of the model's comparisons."""
    comparisons = model.definitions.comparisons
    weights = all_level_weights(model.parameters, comparisons)
    bits = rarity_bits(scratch, model)
    for pairs in compare(scratch, model.parameters, comparisons):
        match, household = pair_evidence(weights, pairs.gammas, bits, pairs.left)
        weight = np.round(combine(match + model.prior_match, household + model.prior_household), DECIMALS)
        kept = np.flatnonzero(weight >= HOPELESS)
        levels = np.stack([pairs.gammas[comparison.name][kept] for comparison in comparisons], axis=1)
        columns: dict[str, pa.Array[Any]] = {
            "tuple_no_l": pa.array(pairs.left[kept]),
            "tuple_no_r": pa.array(pairs.right[kept]),
            "rules": pa.array(pairs.rules[kept]),
            "gammas": pa.FixedSizeListArray.from_arrays(pa.array(levels.ravel()), len(comparisons)),
            "weight": pa.array(weight[kept]),
        }
        yield pa.table(columns)


def _pairs_sql(model: Model) -> str:
    """Return the INSERT that makes pairs of nodes of the pairs of tuples.

    Of the nodes of one and the same tuple each meets the first alone. A pair's key is the first rule that finds it.
    """
    rule_names = ", ".join(quote_literal(rule.name) for rule in model.definitions.rules)
    return f"""
        INSERT INTO matching.pair
        WITH node AS ({NODES_SQL}),
        first_node AS (SELECT tuple_no, min(distinct_record_id) AS distinct_record_id FROM node GROUP BY tuple_no),
        met AS (
            SELECT l.distinct_record_id AS one, r.distinct_record_id AS other, s.rules, s.gammas, s.weight
            FROM temp.scored AS s
            JOIN node AS l ON l.tuple_no = s.tuple_no_l
            JOIN node AS r ON r.tuple_no = s.tuple_no_r
            WHERE s.tuple_no_l < s.tuple_no_r
            UNION ALL
            SELECT l.distinct_record_id, r.distinct_record_id, s.rules, s.gammas, s.weight
            FROM temp.scored AS s
            JOIN first_node AS l ON l.tuple_no = s.tuple_no_l
            JOIN node AS r ON r.tuple_no = s.tuple_no_r
            WHERE s.tuple_no_l = s.tuple_no_r AND l.distinct_record_id < r.distinct_record_id
        )
        SELECT least(one, other), greatest(one, other),
            CASE WHEN rules = 0 THEN '{SAME_ATTRIBUTES}' ELSE ([{rule_names}])[bit_count((rules & -rules) - 1) + 1] END,
            gammas, weight, round(1 / (1 + pow(2, -weight)), {DECIMALS})
        FROM met
        ORDER BY 1, 2
    """

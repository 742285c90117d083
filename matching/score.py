"""Scores the pairs of distinct records that blocking lets meet, each pair of tuples once.

Reads matching.distinct_record, matching.model, matching.model_frequency and matching.model_hot_key, and
matching.node_change and the base's pairs where tonight builds on it. Writes matching.pair, every compared pair that is
not hopelessly unlike; matching.blocking_rule, what tonight's comparing cost and brought; matching.block_key and
matching.touched_node for the nights and the stage after it. Keeps this: a pair's levels and weight are a function of
the two tuples and the model, and whether two tuples meet is one of the model and of how many share their keys, far from
the limit: so pairs that touch nothing new stand.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from matching.arrays import copy_table
from matching.audit_blocking import write_audit
from matching.bench import open_bench
from matching.blocking import SAME_ATTRIBUTES, make_candidates, make_keys, spell_keys
from matching.common_names import add_roots, mark_common_names
from matching.components import tying_weight
from matching.delta import CANDIDATES_SQL, CONCERNED, FRESH, FRESH_TUPLES_SQL, block_changed, keep_keys, renew_pairs
from matching.features import NODES, load_features, nodes_sql
from matching.hot_keys import load_hot_keys
from matching.model import DECIMALS, tonights_model
from matching.splink_settings import compare, compare_few
from matching.weights import all_level_weights, combine, pair_evidence, rarity_bits
from matching.yesterday import holds_base, mark, scores_as_base, take_up
from warehouse.connection import quote_literal
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from matching.model import Model
    from matching.splink_settings import Compared
    from warehouse.settings import Settings

READS = (
    "matching.distinct_record",
    "matching.node_change",
    "matching.model",
    "matching.model_frequency",
    "matching.model_hot_key",
    "yesterday.distinct_record",
    "yesterday.pair",
)
WRITES = (
    "matching.pair",
    "matching.blocking_rule",
    "matching.block_key",
    "matching.touched_node",
    "matching.score_run",
)
PAIRS, RULES, KEYS, TOUCHED, MARKER = WRITES

HOPELESS = -10.0
"""Pairs below this weight are not kept: whatever else their entities share, they do not become one."""

FEW = 200_000
"""Up to so many pairs are compared at once, without Splink: measured, that takes half as long or less."""

MOST_ALIKE = 100
"""Of more records that stand alone and say the same nobody can tell whose each is: they are held against each other
alone. Each of two such crowds against each of the other would be more pairs than a night has time for."""


def score(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Block, compare and weigh: all tuples, or those that are not as in the base against all."""
    model = tonights_model(con, run)
    con.execute(f"DELETE FROM {TOUCHED}")
    scratch = open_bench(con, model, threads=run.threads)
    score_them = _score_changed if scores_as_base(con, run, model) else _score_all
    compared = score_them(con, scratch, model, run)
    scratch.close()
    rows = {name: int(con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]) for name in WRITES}
    return StageReport(rows=rows, figures={"compared": compared})


def _score_all(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, run: Run) -> int:
    """Compare all tuples that blocking lets meet; return how many pairs of them."""
    _spell(con, scratch)
    load_hot_keys(con, scratch, model)
    keys = make_keys(scratch, model.definitions.rules, is_frozen=True)
    keep_keys(con, scratch)
    started = time.process_time()
    compared = make_candidates(scratch)
    pairing = time.process_time() - started
    _keep(con, scratch, model, compare(scratch, model.parameters, model.definitions.comparisons))
    write_audit(con, scratch, model.definitions.rules, keys, pairing)
    con.execute(f"DELETE FROM {PAIRS}")
    con.execute(f"INSERT INTO {PAIRS} {pairs_sql(model)} ORDER BY 1, 2")
    con.execute("DROP TABLE temp.scored")
    mark(con, MARKER, run.run_id)
    return compared


def _score_changed(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, run: Run) -> int:
    """Compare anew what touches a tuple that is not as in the base; return how many pairs. All others stand."""
    rules = model.definitions.rules
    if not holds_base(con, run, MARKER):
        _spell(con, scratch, nodes="yesterday.matching.distinct_record")
        spell_keys(scratch, rules)
        keep_keys(con, scratch, nodes="yesterday.matching.distinct_record")
        take_up(con, run, MARKER, (PAIRS,))
    con.execute(FRESH_TUPLES_SQL)
    _spell(con, scratch, among=FRESH)
    spell_keys(scratch, rules)
    started = time.process_time()
    keys = block_changed(con, scratch, model)
    pairing = time.process_time() - started
    load_features(con, scratch, among=CONCERNED)  # without the roots of names: those are for keys
    mark_common_names(scratch, "feature")
    compared, comparisons = copy_table(con, CANDIDATES_SQL, scratch, "candidate"), model.definitions.comparisons
    are_few = compared <= FEW
    pairs = [compare_few(scratch, comparisons)] if are_few else compare(scratch, model.parameters, comparisons)
    _keep(con, scratch, model, pairs)
    write_audit(con, scratch, rules, keys, pairing)
    if renew_pairs(con, pairs_sql(model, CONCERNED), tying_weight(model)):
        mark(con, MARKER, run.run_id)
    con.execute("DROP TABLE temp.scored")
    return compared


def _spell(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, *, among: str | None = None, nodes: str = NODES
) -> None:
    """Make the features of tuples in `scratch`, names with their roots."""
    load_features(con, scratch, among=among, nodes=nodes)
    mark_common_names(scratch, "feature")
    add_roots(scratch)


def _keep(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, compared: Iterable[Compared]) -> None:
    """Make the temporary table `scored` of the compared pairs that are worth keeping."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE scored (
            tuple_no_l INTEGER, tuple_no_r INTEGER, rules BIGINT, gammas TINYINT[], weight DOUBLE)
    """)
    for chunk in _scored(scratch, model, compared):
        if not chunk.num_rows:  # an empty insert must not come first: docs/decisions/0007
            continue
        con.register("incoming_scored", chunk)
        con.execute("INSERT INTO temp.scored SELECT * FROM incoming_scored")
        con.unregister("incoming_scored")


def _scored(scratch: DuckDBPyConnection, model: Model, compared: Iterable[Compared]) -> Iterator[pa.Table]:
    """Yield the compared pairs that are worth keeping, with their gammas in the order of the model's comparisons."""
    comparisons = model.definitions.comparisons
    weights = all_level_weights(model.parameters, comparisons)
    bits = rarity_bits(scratch, model)
    for pairs in compared:
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


def pairs_sql(model: Model, among: str | None = None) -> str:
    """Return the query of the pairs of nodes of the scored pairs of tuples; `among` names the tuples numbered there.

    Of the nodes of one and the same tuple each meets the first alone; so do all of a crowd of more than MOST_ALIKE. A
    pair's key is the first rule that finds it.
    """
    rule_names = ", ".join(quote_literal(rule.name) for rule in model.definitions.rules)
    return f"""
        WITH node AS ({nodes_sql(among)}),
        telling AS (
            SELECT * FROM node QUALIFY NOT stands_alone OR count(*) OVER (PARTITION BY tuple_no) <= {MOST_ALIKE}
        ),
        first_node AS (SELECT tuple_no, min(distinct_record_id) AS distinct_record_id FROM node GROUP BY tuple_no),
        met AS (
            SELECT l.distinct_record_id AS one, r.distinct_record_id AS other, s.rules, s.gammas, s.weight
            FROM temp.scored AS s
            JOIN telling AS l ON l.tuple_no = s.tuple_no_l
            JOIN telling AS r ON r.tuple_no = s.tuple_no_r
            WHERE s.tuple_no_l < s.tuple_no_r
            UNION ALL
            SELECT l.distinct_record_id, r.distinct_record_id, s.rules, s.gammas, s.weight
            FROM temp.scored AS s
            JOIN first_node AS l ON l.tuple_no = s.tuple_no_l
            JOIN node AS r ON r.tuple_no = s.tuple_no_r
            WHERE s.tuple_no_l = s.tuple_no_r AND l.distinct_record_id < r.distinct_record_id
        )
        SELECT least(one, other) AS distinct_record_id_l, greatest(one, other) AS distinct_record_id_r,
            CASE WHEN rules = 0 THEN '{SAME_ATTRIBUTES}'
                ELSE ([{rule_names}])[bit_count((rules & -rules) - 1) + 1] END AS match_key,
            gammas, weight AS match_weight, round(1 / (1 + pow(2, -weight)), {DECIMALS}) AS match_probability
        FROM met
    """

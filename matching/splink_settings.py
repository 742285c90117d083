"""Splink's view of a model: the same comparisons and blocking rules as a SettingsCreator, and comparing with it.

Splink compares the pairs and weighs match against random; the third class and the rarity of values are weighed
elsewhere. Its `predict` returns the weight that each comparison contributed, and the level is read back from that:
returning gammas would make it carry every compared column along, at twice the time and three times the memory.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import And, CustomRule
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison

from matching.arrays import columns, numbers
from matching.blocking import BLOCKING_RULES, BlockingRule
from matching.comparisons import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection
    from splink.internals.blocking_rule_creator import BlockingRuleCreator

    from matching.arrays import Floats, Levels, Numbers
    from matching.comparison import Comparison
    from matching.model import Parameters, Shares

CHUNK = 1_000_000
"""About so many pairs are compared at a time: it bounds the memory."""

_CHUNKS_SQL = f"""
SELECT min(tuple_no_l), max(tuple_no_l)
FROM (
    SELECT tuple_no_l, (sum(count(*)) OVER (ORDER BY tuple_no_l) - 1) // {CHUNK} AS chunk
    FROM candidate GROUP BY tuple_no_l
)
GROUP BY chunk ORDER BY chunk
"""
"""The first and the last left tuple of each chunk."""

_LEAST_GAP = 1e-4


@dataclass(frozen=True, slots=True)
class Compared:
    """Compared pairs: left and right tuples, the bits of the blocking rules, and the gammas by comparison."""

    left: Numbers
    right: Numbers
    rules: Numbers
    gammas: Mapping[str, Levels]


def splink_settings(
    parameters: Parameters,
    *,
    probability_of_match: float = 1e-4,
    comparisons: Iterable[Comparison] = COMPARISONS,
    rules: Iterable[BlockingRule] = BLOCKING_RULES,
) -> SettingsCreator:
    """Return the model as Splink settings over the columns of `features.py`: match against random, no frequencies."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="tuple_no",
        probability_two_random_records_match=probability_of_match,
        comparisons=[_splink_comparison(comparison, parameters[comparison.name]) for comparison in comparisons],
        blocking_rules_to_generate_predictions=[_splink_rule(rule) for rule in rules],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _splink_rule(rule: BlockingRule) -> BlockingRuleCreator:
    key, arrays = (rule.key.replace("element", rule.each), [rule.each]) if rule.each else (rule.key, None)
    if not rule.sparse_only:
        return block_on(key, arrays_to_explode=arrays)
    return And(block_on(key), CustomRule("l.is_sparse OR r.is_sparse"), arrays_to_explode=arrays)


def _told_apart(comparison: Comparison, shares: Mapping[str, Shares]) -> list[float]:
    """Return log2(m / u) per gamma, moved a little where two levels, or a level and null, would weigh the same."""
    weights: list[float] = []
    for level in comparison.levels[::-1]:
        match, _, random = shares[level.name]
        weight = float(np.log2(match / random))
        while any(abs(weight - taken) < _LEAST_GAP for taken in (*weights, 0.0)):
            weight += 2 * _LEAST_GAP
        weights.append(weight)
    return weights


def _splink_comparison(comparison: Comparison, shares: Mapping[str, Shares]) -> CustomComparison:
    levels: list[Any] = [CustomLevel(comparison.null, "nothing can be said").configure(is_null_level=True)]
    for level, weight in zip(comparison.levels, _told_apart(comparison, shares)[::-1], strict=True):
        random = shares[level.name][2]
        creator = CustomLevel(level.sql, level.words) if level.sql else ElseLevel()
        levels.append(creator.configure(m_probability=random * 2.0**weight, u_probability=random))
    return CustomComparison(output_column_name=comparison.name, comparison_levels=levels)


@contextmanager
def quiet_splink() -> Iterator[None]:
    """Keep Splink's log to its errors while the block runs."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class Comparing:
    """Splink, set up once to compare the pairs of the scratch table `candidate` by the features in `feature`.

    Splink is told the candidates: our blocking has budgets that its has not. It is given no more columns than it needs,
    for it copies those of all tuples concerned. What the levels are does not depend on `parameters`.
    """

    def __init__(
        self, scratch: DuckDBPyConnection, parameters: Parameters, comparisons: Sequence[Comparison] = COMPARISONS
    ) -> None:
        self.scratch, self.comparisons = scratch, comparisons
        self._weights = {c.name: _told_apart(c, parameters[c.name]) for c in comparisons}
        names = ", ".join(sorted({name for comparison in comparisons for name in comparison.columns}))
        scratch.execute(f"CREATE OR REPLACE VIEW compared_feature AS SELECT tuple_no, {names} FROM feature")
        self._api = DuckDBAPI(scratch)
        settings = splink_settings(parameters, comparisons=comparisons, rules=())
        with quiet_splink():
            table = self._api.register("compared_feature")
            self._linker = Linker(table, settings, log_level=None, validate_settings=False)

    def pairs(self) -> Iterator[Compared]:
        """Yield the compared pairs of `candidate` as it is now, chunk by chunk, in the order of (left, right)."""
        for first, last in self.scratch.execute(_CHUNKS_SQL).fetchall():
            self.scratch.execute(f"""
                CREATE OR REPLACE TABLE candidate_chunk AS
                SELECT rules::VARCHAR AS match_key, tuple_no_l AS join_key_l, tuple_no_r AS join_key_r
                FROM candidate WHERE tuple_no_l BETWEEN {first} AND {last}
            """)
            with quiet_splink():
                yield self._compare_chunk()

    def _compare_chunk(self) -> Compared:
        self._linker.table_management.register_blocked_pairs_for_predict(self._api.register("candidate_chunk"))
        scored = self._linker.inference.predict(warning_mode="never")
        contributed = ", ".join(f"mw_{name}" for name in self._weights)
        found = columns(
            self.scratch,
            f"""
            SELECT tuple_no_l, tuple_no_r, match_key::BIGINT AS rules, {contributed}
            FROM {scored.physical_name} ORDER BY tuple_no_l, tuple_no_r
            """,
        )
        scored.drop_table_from_database_and_remove_from_cache()
        return Compared(
            left=numbers(found["tuple_no_l"]),
            right=numbers(found["tuple_no_r"]),
            rules=numbers(found["rules"]),
            gammas={name: _gammas(found[f"mw_{name}"], levels) for name, levels in self._weights.items()},
        )


def compare(
    scratch: DuckDBPyConnection, parameters: Parameters, comparisons: Sequence[Comparison] = COMPARISONS
) -> Iterator[Compared]:
    """Yield the compared pairs of the scratch table `candidate`, by the features in `feature`; see `Comparing`."""
    return Comparing(scratch, parameters, comparisons).pairs()


def compare_few(scratch: DuckDBPyConnection, comparisons: Sequence[Comparison]) -> Compared:
    """Return what `compare` gives, all pairs at once, by the comparisons' own SQL: setting up Splink takes longer."""
    names = sorted({name for comparison in comparisons for name in comparison.columns})
    sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in names)
    levels = ", ".join(f"({comparison.gamma_sql()})::TINYINT AS {comparison.name}" for comparison in comparisons)
    found = columns(
        scratch,
        f"""
        SELECT tuple_no_l, tuple_no_r, rules, {levels} FROM (
            SELECT tuple_no_l, tuple_no_r, rules, {sides} FROM candidate
            JOIN feature AS l ON l.tuple_no = tuple_no_l JOIN feature AS r ON r.tuple_no = tuple_no_r
        ) ORDER BY tuple_no_l, tuple_no_r
        """,
    )
    left, right, rules = (numbers(found.pop(name)) for name in ("tuple_no_l", "tuple_no_r", "rules"))
    return Compared(left, right, rules, found)


def _gammas(contributed: Floats, weights: list[float]) -> Levels:
    """Return the gammas that the weights in `contributed` stand for; 0.0 is null, hence -1."""
    known = np.array([*weights, 0.0])
    order = np.argsort(known)
    between = (known[order][1:] + known[order][:-1]) / 2
    gammas: Levels = np.append(np.arange(len(weights)), -1).astype(np.int8)[order]
    return gammas[np.searchsorted(between, contributed)]

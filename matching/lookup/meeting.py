"""Whom a record meets, and what each pair weighs: blocking and comparing for one record against all of a release.

Its features, its keys and its levels are made by the very SQL of the night, prepared once; weights by the night's own
arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.arrays import numbers
from matching.common_names import marked_sql
from matching.features import FREQUENCY_ATTRIBUTES, features_sql
from matching.model import DECIMALS
from matching.observations import OBSERVED
from matching.score import HOPELESS
from matching.weights import all_level_weights, combine, pair_evidence
from warehouse.connection import quote_literal
from warehouse.tables.matching import DISTINCT_RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from matching.arrays import Floats, Levels, Numbers
    from matching.lookup.held import Held

_GIVEN = [c for c in DISTINCT_RECORD.columns if c.name not in ("distinct_record_id", "tuple_id", "stands_alone", "records")]
_SAID = ", ".join(f"${place}::{column.type} AS {column.name}" for place, column in enumerate(_GIVEN, start=1))
_ROOTS = f"${len(_GIVEN) + 1}::VARCHAR AS given_root, ${len(_GIVEN) + 2}::VARCHAR AS family_root"
_MORE = len(_GIVEN) + 3
_MINE = f"(SELECT *, {_ROOTS} FROM ({marked_sql('(' + features_sql('SELECT ' + _SAID) + ')')}))"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The pairs of the record with tuples: the tuples' numbers, which are left of it, levels, weights.

    `place` is where the record's tuple stands among all: tuples of lesser numbers are left. `same` is the number of the
    tuple that says the same, None where there is none. `bits` are the rarities of what the record says.
    """

    tuples: Numbers
    place: int
    same: int | None
    gammas: Mapping[str, Levels]
    weight: Floats
    match: Floats
    household: Floats
    bits: Mapping[str, float]
    told: Sequence[str]


class Meetings:
    """The prepared statements over the bench of what is held; for one thread at a time."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._weights = all_level_weights(held.model.parameters, held.model.definitions.comparisons)
        held.bench.execute(f"PREPARE observe AS {_OBSERVE_SQL}")
        held.bench.execute(f"PREPARE spell AS {_keys_sql(held)}")
        held.bench.execute(f"PREPARE compare AS {_compare_sql(held)}")

    def meet(self, record: Mapping[str, Any], roots: tuple[str | None, str | None], mentioning: Numbers) -> Meeting:
        """Return whom the record meets; `mentioning` are tuples that mention its references, once for each."""
        held = self._held
        told = [*(_literal(record[column.name]) for column in _GIVEN), *(_literal(root) for root in roots)]
        keys, said = held.bench.execute(f"EXECUTE spell({', '.join(told)})").fetchall()[0]
        place = int(np.searchsorted(held.tuple_ids, record["tuple_id"].encode()))
        is_known = place < len(held.tuple_ids) and held.tuple_ids[place] == record["tuple_id"].encode()
        same = place if is_known else None
        found = self._bearers(keys, record, said[-1])
        times = dict(zip(*np.unique(mentioning, return_counts=True), strict=True))
        tuples = np.unique(np.concatenate([found, mentioning, np.array([place] if is_known else [], np.int64)]))
        levels = self._levels(tuples, place, told)
        if times:
            _tie(levels["reference"], tuples, times, held)
        bits = {
            name: -np.log2(float(share)) for name, share in zip(FREQUENCY_ATTRIBUTES, self._shares(said), strict=True)
        }
        return self._weighed(tuples, place, same, levels, bits, told)

    def observe(self, meeting: Meeting, tuples: Numbers) -> pa.Table:
        """Return the features that a pass of entities looks at, of these tuples and of the record, by the ids.

        Where the record says what one of the tuples says it has no row of its own.
        """
        listed = ", ".join(map(str, tuples.tolist()))
        mine = "true" if meeting.same is None else "false"
        query = f"EXECUTE observe({', '.join(meeting.told)}, [{listed}], {meeting.place}, {mine})"
        return self._held.bench.execute(query).to_arrow_table()

    def _shares(self, said: Sequence[int | None]) -> list[float]:
        shares = []
        for name, text in zip(FREQUENCY_ATTRIBUTES, said, strict=False):
            known = self._held.frequencies.of(text) if text is not None else ()
            shares.append(1.0 if text is None else known[0] if len(known) else self._held.model.rarest(name))
        return shares

    def _weighed(
        self, tuples: Numbers, place: int, same: int | None, levels: dict[str, Levels], mine: Mapping[str, float],
        told: Sequence[str],
    ) -> Meeting:
        held = self._held
        bits = {
            name: np.where(tuples < place, held.bits[name][tuples], mine[name]) if len(tuples) else np.empty(0)
            for name in FREQUENCY_ATTRIBUTES
        }
        match, household = pair_evidence(self._weights, levels, bits, np.arange(len(tuples)))
        weight = np.round(combine(match + held.model.prior_match, household + held.model.prior_household), DECIMALS)
        kept = np.flatnonzero((weight >= HOPELESS) | (tuples == (-1 if same is None else same)))
        gammas = {name: gamma[kept] for name, gamma in levels.items()}
        return Meeting(tuples[kept], place, same, gammas, weight[kept], match[kept], household[kept], mine, told)

    def _bearers(self, keys: Sequence[Sequence[Mapping[str, int]]], record: Mapping[str, Any], calls: bool) -> Numbers:
        """Return the tuples that share a key with the record and may meet it by it."""
        held = self._held.keys
        found = []
        for rule, of_rule in zip(self._held.model.definitions.rules, keys, strict=True):
            calling = calls or not rule.sparse_only
            for entry in of_rule or ():
                key = np.uint64(entry["first"])
                if _holds(held.hot, key):
                    if entry["narrow"] is None:
                        continue
                    key = np.uint64(entry["narrow"])
                if _holds(held.left_out, key):
                    continue
                first, end = np.searchsorted(held.key, key), np.searchsorted(held.key, key, side="right")
                bearers = held.tuples[first:end]
                found.append(bearers if calling else bearers[held.calls[first:end]])
        return np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)

    def _levels(self, tuples: Numbers, place: int, told: Sequence[str]) -> dict[str, Levels]:
        listed = ", ".join(map(str, tuples.tolist()))
        rows = self._held.bench.execute(f"EXECUTE compare({', '.join(told)}, [{listed}], {place})").fetchnumpy()
        return {c.name: np.asarray(rows[c.name]) for c in self._held.model.definitions.comparisons}


def _tie(gamma: Levels, tuples: Numbers, times: Mapping[Any, Any], held: Held) -> None:
    """Put in the levels of references: the record's are known to others, who need not have had them until now."""
    comparison = next(c for c in held.model.definitions.comparisons if c.name == "reference")
    several = next(g for g in range(len(comparison.levels)) if comparison.levels[::-1][g].name == "several")
    for tuple_no, count in times.items():
        gamma[np.flatnonzero(tuples == tuple_no)] = several if count > 1 else 0


def _holds(hashes: Any, key: Any) -> bool:
    place = np.searchsorted(hashes, key)
    return bool(place < len(hashes) and hashes[place] == key)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"[{', '.join(quote_literal(str(one)) for one in value)}]"
    return quote_literal(str(value))


_OBSERVE_SQL = f"""
SELECT (row_number() OVER (ORDER BY place) - 1)::INTEGER AS tuple_no, {", ".join(n for n in OBSERVED if n != "tuple_no")}
FROM (
    SELECT o.tuple_no::DOUBLE AS place, {", ".join(n for n in OBSERVED if n != "tuple_no")},
        given_is_common, family_is_common
    FROM everyone AS o JOIN (SELECT unnest(${_MORE}::INTEGER[]) AS tuple_no) USING (tuple_no)
    UNION ALL
    SELECT ${_MORE + 1} - 0.5, {", ".join(n for n in OBSERVED if n != "tuple_no")}, given_is_common, family_is_common
    FROM {_MINE} AS m WHERE ${_MORE + 2}::BOOLEAN
)
ORDER BY place
"""


def _keys_sql(held: Held) -> str:
    """Return the query of one row: the hashes of the keys by rule, and those of the values by attribute."""
    rules = []
    for number, rule in enumerate(held.model.definitions.rules):
        keys = f"[({rule.key})::VARCHAR]"
        if rule.each:
            keys = f"list_transform({rule.each}, lambda element: ({rule.key})::VARCHAR)"
        first = f"hash(({number})::TINYINT, said)"
        narrower = f"({rule.narrower})::VARCHAR"
        rules.append(
            f"list_transform(list_filter({keys}, lambda said: said IS NOT NULL), lambda said: {{'first': {first},"
            f" 'narrow': CASE WHEN {narrower} IS NOT NULL THEN hash({first}, {narrower}) END}})"
        )
    said = ", ".join(
        f"CASE WHEN {name} IS NOT NULL THEN hash('{name}', {name}::VARCHAR) END" for name in FREQUENCY_ATTRIBUTES
    )
    return f"SELECT [{', '.join(rules)}] AS keys, [{said}, is_sparse::UBIGINT] AS said FROM {_MINE}"


def _compare_sql(held: Held) -> str:
    """Return the query of the levels of the record and each of the tuples of a list, in their order."""
    comparisons = held.model.definitions.comparisons
    names = sorted({name for comparison in comparisons for name in comparison.columns})
    left = f"o.tuple_no < ${_MORE + 1}"
    sides = ", ".join(
        f"CASE WHEN {left} THEN o.{name} ELSE m.{name} END AS {name}_l,"
        f" CASE WHEN {left} THEN m.{name} ELSE o.{name} END AS {name}_r"
        for name in names
    )
    levels = ", ".join(f"({comparison.gamma_sql()})::TINYINT AS {comparison.name}" for comparison in comparisons)
    return f"""
        SELECT {levels} FROM (
            SELECT o.tuple_no, {sides}
            FROM (SELECT unnest(${_MORE}::INTEGER[]) AS tuple_no) JOIN everyone AS o USING (tuple_no), {_MINE} AS m
        ) ORDER BY tuple_no
    """

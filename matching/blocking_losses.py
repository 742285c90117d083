"""What blocking lets be found, held against labelled truth: which rules bring true pairs together, and which none does.

Reads matching.distinct_record and matching.model_hot_key, and the scratch tables `told` and `pure` that the truth has
made. Writes nothing but scratch tables. The rules and their budgets are those that the release was made with.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.arrays import columns, numbers
from matching.audit_blocking import counts_by_rule
from matching.blocking import make_keys
from matching.common_names import add_roots, load_common_names, mark_common_names
from matching.features import load_features
from matching.hot_keys import load_hot_keys
from matching.model import load_frequencies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.arrays import Numbers
    from matching.model import Model

NO_LIMIT = 1 << 40
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class RuleFinds:
    """How many true pairs a rule finds, and how many only it finds."""

    rule: str
    found: int
    alone: int


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The recall, over pairs of records, that is left to the best of deciders after this blocking.

    Of the `true` pairs `direct` meet themselves or say the same, and `connected` are tied by way of other records of
    their person. `people_apart` are people whose records do not all hang together; an example names a record of either
    part, largest parts first.
    """

    true: int
    direct: int
    connected: int
    people_apart: int
    examples: tuple[tuple[str, str], ...]

    @property
    def recall(self) -> float | None:
        """The share of true pairs that can still be found, directly or by way of others."""
        return self.connected / self.true if self.true else None

    @property
    def direct_recall(self) -> float | None:
        """The share of true pairs that can still be found if nobody is found by way of others."""
        return self.direct / self.true if self.true else None


@dataclass(frozen=True, slots=True)
class Met:
    """Of the true pairs of distinct records that say different things, those that some rule lets meet, and by which.

    `over_budget` are those that only share keys which too many carry.
    """

    pairs: int
    over_budget: int
    rules: tuple[RuleFinds, ...]
    ceiling: Ceiling


def met_pairs(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model) -> Met:
    """Return what the model's rules let meet; needs the scratch tables `told` and `pure` of the evaluation."""
    rules = model.definitions.rules
    load_features(con, scratch)
    load_frequencies(con, scratch, model)
    load_common_names(scratch, model.records)
    mark_common_names(scratch, "feature")
    add_roots(scratch)
    make_keys(scratch, [replace(rule, limit=NO_LIMIT) for rule in rules])
    shared = sum(_count_by_bits(scratch).values())
    load_hot_keys(con, scratch, model)
    make_keys(scratch, rules, is_frozen=True)
    by_bits = _count_by_bits(scratch)
    met = sum(by_bits.values())
    finds = zip(rules, counts_by_rule(by_bits, len(rules)), strict=True)
    return Met(
        pairs=met,
        over_budget=shared - met,
        rules=tuple(RuleFinds(rule.name, found, alone) for rule, (found, alone) in finds),
        ceiling=_ceiling(scratch),
    )


def document(met: Met) -> dict[str, Any]:
    """Return what was met as data for JSON."""
    ceiling = {"recall": met.ceiling.recall, "direct_recall": met.ceiling.direct_recall}
    return {
        "met": met.pairs,
        "over_budget": met.over_budget,
        "rules": [asdict(rule) for rule in met.rules],
        "ceiling": asdict(met.ceiling) | ceiling,
    }


def _count_by_bits(scratch: DuckDBPyConnection) -> dict[int, int]:
    """Return how many true pairs of distinct records the keys bring together, by the rules that do, a bit per rule."""
    return dict(scratch.execute(_MET_SQL).fetchall())


def _ceiling(scratch: DuckDBPyConnection) -> Ceiling:
    """Tie what each person says in as many tuples as may be, and count the pairs of records that hang together."""
    scratch.execute(_PIECES_SQL)
    pieces = columns(scratch, "SELECT person_no, records, record FROM piece ORDER BY piece")
    ties = columns(scratch, _TIES_SQL)
    records, left, right = pieces["records"], ties["l"], ties["r"]
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(records), len(records)))
    part = numbers(connected_components(graph, directed=False)[1])
    in_person, in_part = _sums(pieces["person_no"], records), _sums(part, records)
    direct = _pairs(records) + int((records[left] * records[right]).sum())
    examples, apart = _parts_apart(pieces["person_no"], part, in_part, pieces["record"].tolist())
    return Ceiling(_pairs(in_person), direct, _pairs(in_part), apart, examples)


def _pairs(sizes: Numbers) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _sums(groups: Numbers, records: Numbers) -> Numbers:
    return np.bincount(groups, records).astype(np.int64)


def _parts_apart(
    person: Numbers, part: Numbers, in_part: Numbers, names: Sequence[str]
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Return examples of two parts of one person, largest first, and how many people are in several."""
    first_of_part = np.unique(part, return_index=True)[1]
    parts: dict[int, list[tuple[int, str]]] = {}
    for place in first_of_part:
        parts.setdefault(int(person[place]), []).append((-int(in_part[part[place]]), names[place]))
    several = [sorted(found) for found in parts.values() if len(found) > 1]
    several.sort(key=lambda found: (found[0][0] * -found[1][0], found))
    return tuple((found[0][1], found[1][1]) for found in several[:EXAMPLES]), len(several)


_MET_SQL = """
WITH true_key AS (
    SELECT p.distinct_record_id, p.person, k.rule, k.key, k.tuple_no, k.calls
    FROM pure AS p JOIN node USING (distinct_record_id) JOIN block_key AS k USING (tuple_no)
),
met AS (
    SELECT l.distinct_record_id, r.distinct_record_id, bit_or(1::BIGINT << l.rule) AS rules
    FROM true_key AS l JOIN true_key AS r
        ON l.key = r.key AND l.person = r.person AND l.tuple_no < r.tuple_no AND (l.calls OR r.calls)
    GROUP BY ALL
)
SELECT rules, count(*) FROM met GROUP BY rules
"""

_PIECES_SQL = """
CREATE OR REPLACE TABLE piece AS
WITH said AS (
    SELECT person, coalesce(tuple_no::VARCHAR, source || ':' || source_record_id) AS said, min(tuple_no) AS tuple_no,
        count(*) AS records, min(source || ':' || source_record_id) AS record
    FROM told LEFT JOIN node USING (distinct_record_id) WHERE is_somebody GROUP BY ALL
)
SELECT *, row_number() OVER (ORDER BY record) - 1 AS piece, dense_rank() OVER (ORDER BY person) - 1 AS person_no
FROM said
"""
"""What one person says in one tuple, by number; a record without a customer says nothing that anything could tie."""

_TIES_SQL = """
WITH keyed AS (SELECT piece, person, tuple_no, key, calls FROM piece JOIN block_key USING (tuple_no))
SELECT DISTINCT l.piece AS l, r.piece AS r
FROM keyed AS l JOIN keyed AS r
    ON l.key = r.key AND l.person = r.person AND l.tuple_no < r.tuple_no AND (l.calls OR r.calls)
"""

"""What other thresholds would have made of the same pairs, held against labelled truth.

Reads matching.distinct_record, matching.member, matching.pair, matching.model and matching.model_frequency, and the
scratch table `told` that the truth has made. Writes nothing but scratch tables. Every threshold is a pass of entities
of its own, as the stage `cluster` does it: at the model's own threshold it gives tonight's customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from matching.agreement import PairCounts, pairwise
from matching.bench import open_bench
from matching.components import tying_weight
from matching.resolve import prepare_pass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.model import Model

TRIED = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
"""The posteriors that are tried besides the model's own."""


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Merging from the posterior `merge_at` on: pairs of labelled records, and how many customers there would be."""

    merge_at: float
    is_tonights: bool
    customers: int
    pairs: PairCounts

    def document(self) -> dict[str, Any]:
        """Return the counts as data for JSON."""
        told = {"merge_at": self.merge_at, "is_tonights": self.is_tonights, "customers": self.customers}
        return told | self.pairs.document()


def try_thresholds(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, tried: Sequence[float] = TRIED
) -> tuple[AtThreshold, ...]:
    """Resolve all pairs at each threshold, from the lowest up, and hold the result against the truth in `scratch`."""
    names = con.sql("SELECT distinct_record_id FROM matching.distinct_record ORDER BY 1").to_arrow_table()
    return tuple(_at(con, scratch, model, merge_at, names) for merge_at in sorted({*tried, model.merge_at}))


def _at(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, merge_at: float, names: pa.Table
) -> AtThreshold:
    bench = open_bench(con, model)
    try:
        threshold = model.entity_weight(merge_at)
        entity = prepare_pass(con, bench, model, ties_at=tying_weight(model, merge_at)).run(threshold).entity
    finally:
        bench.close()
    scratch.register("resolved", names.append_column("entity", pa.array(entity)))
    scratch.execute("""
        CREATE OR REPLACE TABLE told_otherwise AS
        SELECT told.person, CASE WHEN told.is_assigned THEN resolved.entity::VARCHAR ELSE told.cluster END AS cluster
        FROM told LEFT JOIN resolved USING (distinct_record_id)
    """)
    scratch.unregister("resolved")
    pairs = pairwise(scratch, "told_otherwise")
    return AtThreshold(merge_at, merge_at == model.merge_at, len(np.unique(entity)), pairs)

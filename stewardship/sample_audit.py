"""Draws pairs of records at random for stewards to judge blind, and measures by what they have judged of them so far.

Reads matching.cluster, cluster_tie, member, merge, model, pair, possible_match, standardised, and stewards' log. Writes
review.audit_pair, review.audit_stratum and review.audit_measure. Keeps this: who draws cannot choose; every pair that
is together, or was compared and left apart, may be drawn; what is drawn depends on the records, the model and what has
been judged alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from stewardship.audit_draw import LOOKS, Drawn, Source, draw, in_order, item_id
from stewardship.audit_judged import answered, judged_pairs
from stewardship.audit_strata import TEMPORARY, count_cells
from stewardship.measure import measured
from stewardship.store import open_store
from warehouse.run import Run, StageReport
from warehouse.state import model_version
from warehouse.tables.review import AUDIT_MEASURE, AUDIT_PAIR, AUDIT_STRATUM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.audit_judged import Judged
    from stewardship.audit_strata import Cell
    from stewardship.entry import Pair
    from stewardship.measure import Measured
    from warehouse.settings import Settings
    from warehouse.table_spec import TableSpec

READS = (
    "matching.standardised",
    "matching.member",
    "matching.pair",
    "matching.cluster",
    "matching.cluster_tie",
    "matching.merge",
    "matching.possible_match",
    "matching.model",
)
WRITES = ("review.audit_pair", "review.audit_stratum", "review.audit_measure")

BETWEEN = 4
"""After so many new pairs comes one that was judged before: nobody can tell which it is."""


def sample_audit(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Draw, and measure.

    Raises SurroundingsError where the store of decisions is out of reach.
    """
    model = model_version(con, run) or ""
    standing = open_store(settings, run.workspace).read()
    cells = count_cells(con)
    judged = judged_pairs(con, standing, model)
    drawn = draw(con, cells, model, [found.pair for found in judged])
    asked = in_order(drawn, cells, _judged_by_stratum(cells, judged))
    for name in TEMPORARY:
        con.execute(f"DROP TABLE temp.{name}")
    found = measured(cells, judged, standing.head)
    written = (
        (AUDIT_PAIR, list(_pair_rows(asked, judged, cells, _Ids(model, answered(standing))))),
        (AUDIT_STRATUM, [_stratum_row(cell) for cell in cells]),
        (AUDIT_MEASURE, _measure_rows(found) if found.whole.judged or found.whole.unsure else []),
    )
    for spec, rows in written:
        _replace(con, spec, rows)
    figures = {"audit_head": standing.head, "judged": found.whole.judged, "unsure": found.whole.unsure}
    return StageReport(rows={spec.full_name: len(rows) for spec, rows in written}, figures=figures)


def _judged_by_stratum(cells: Sequence[Cell], judged: Sequence[Judged]) -> Counter[str]:
    """Count the judged pairs by tonight's strata; pairs of sources or bands that are no more are nowhere."""
    stratum = {(cell.is_together, cell.band, cell.source_l, cell.source_r): cell.stratum for cell in cells}
    places = ((found.source.is_together, found.source.band, found.pair[0][0], found.pair[1][0]) for found in judged)
    return Counter(stratum[place] for place in places if place in stratum)


@dataclass(frozen=True, slots=True)
class _Ids:
    """Gives ids that nobody has answered yet."""

    model: str
    answered: frozenset[str]

    def of(self, source: Source, pair: Pair) -> str:
        """Return the id of the first such look, that of `source` or one every second look later."""
        looks = [item_id(self.model, source._replace(look=look), pair) for look in LOOKS[source.look - 1 :: 2]]
        return next((asked for asked in looks if asked not in self.answered), looks[-1])


def _pair_rows(
    asked: Sequence[Drawn], judged: Sequence[Judged], cells: Sequence[Cell], ids: _Ids
) -> Iterator[dict[str, object]]:
    """Yield the rows of the pairs in the order in which they are asked, second looks among first ones."""
    names = {(cell.is_together, cell.band): cell.stratum for cell in cells}
    again = [found for found in judged if found.to_ask_again]
    place = 0
    for number, first in enumerate(asked):
        if number % BETWEEN == BETWEEN - 1 and again:
            yield _second_look(again.pop(0), names, ids, place)
            place += 1
        yield _pair_row(first, ids.of(Source(first.is_together, first.band, 1), first.pair), place)
        place += 1
    for found in again:
        yield _second_look(found, names, ids, place)
        place += 1


def _second_look(found: Judged, names: Mapping[tuple[bool, float], str], ids: _Ids, place: int) -> dict[str, object]:
    source = found.source._replace(look=found.source.look + 1)
    stratum = names.get((source.is_together, source.band), "")
    return _pair_row(Drawn(source.is_together, source.band, stratum, found.pair), ids.of(source, found.pair), place)


def _pair_row(drawn: Drawn, asked_as: str, place: int) -> dict[str, object]:
    (source_l, record_l), (source_r, record_r) = drawn.pair
    return {
        "item_id": asked_as,
        "stratum": drawn.stratum,
        "is_together": drawn.is_together,
        "source_l": source_l,
        "source_record_id_l": record_l,
        "source_r": source_r,
        "source_record_id_r": record_r,
        "place": place,
    }


def _stratum_row(cell: Cell) -> dict[str, object]:
    same_names = ("stratum", "is_together", "source_l", "source_r", "pairs", "expected_same")
    return {name: getattr(cell, name) for name in same_names} | {"least_probability": cell.band}


def _measure_rows(found: Measured) -> list[dict[str, object]]:
    rows = []
    for measure in found.measures:
        row: dict[str, object] = {
            "sources": measure.sources,
            "head": found.head,
            "judged": measure.judged,
            "unsure": measure.unsure,
        }
        for name in ("precision", "recall"):
            estimate = getattr(measure, name)
            row[name] = estimate.value if estimate else None
            row[f"{name}_low"] = estimate.low if estimate else None
            row[f"{name}_high"] = estimate.high if estimate else None
        rows.append(row)
    return rows


def _replace(con: DuckDBPyConnection, spec: TableSpec, rows: Sequence[Mapping[str, object]]) -> None:
    con.execute(f"DELETE FROM {spec.full_name}")
    if not rows:
        return
    con.register("incoming_review", pa.Table.from_pylist(list(rows)))
    columns = ", ".join(spec.column_names)
    con.execute(f"INSERT INTO {spec.full_name} ({columns}) SELECT {columns} FROM incoming_review")
    con.unregister("incoming_review")

"""Simulate audits of a release whose truth is known: `python -m benchmarks.audits [--data DIR] [--only SET]…`.

Each audit draws anew, as another model would, and is judged by the truth, with and without mistakes. Prints how many of
the 95 % intervals cover the true value, and how wide they are. With `--workspace DIR` a published workspace with a
truth.parquet is taken instead of making one.
"""

from __future__ import annotations

import random
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.accuracy.workspaces import TRUTH
from benchmarks.released import attach_workings, released
from benchmarks.stewards.simulate import persons
from stewardship.audit_draw import Drawn, Source, draw, in_order
from stewardship.audit_judged import Judged
from stewardship.audit_strata import Cell, count_cells
from stewardship.measure import measured
from warehouse.connection import open_memory, quote_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Pair, Record

SETS = ("customers_small", "customers_hard")
AUDITS = 100
JUDGED = (100, 200, 300)


class Way(NamedTuple):
    """How pairs are judged: with so many mistakes, and with a second look at what is judged against the release."""

    mistakes: float
    looks_again: bool


WAYS = (Way(0.0, looks_again=False), Way(0.05, looks_again=False), Way(0.05, looks_again=True))


def main() -> None:
    """Simulate what was asked for."""
    print("| set | judged | mistakes | precision | covered | width | recall | covered | width |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for name, workspace in released("benchmarks.audits", __doc__, SETS):
        _simulate(name, workspace)


def _simulate(name: str, workspace: Path) -> None:
    con = open_memory()
    con.execute(f"{attach_workings(workspace)}; USE workings")
    person = persons(workspace / TRUTH)
    cells = count_cells(con)
    precision, recall = _truth(con, workspace / TRUTH)
    drawn = [in_order(draw(con, cells, f"m{number}", ()), cells, {}) for number in range(AUDITS)]
    for way in WAYS:
        for count in JUDGED:
            rows = list(_audits(drawn, cells, person, way, count))
            told = "none" if not way.mistakes else f"{way.mistakes:.0%}{', second look' if way.looks_again else ''}"
            cells_of_row = [name, str(count), told]
            for true, of in ((precision, [row[0] for row in rows]), (recall, [row[1] for row in rows])):
                covered = sum(low <= true <= high for low, high in of)
                cells_of_row += [f"{true:.4f}", str(covered), f"{mean(high - low for low, high in of):.3f}"]
            print(f"| {' | '.join(cells_of_row)} |", flush=True)
    con.close()


def _audits(
    drawn: Sequence[Sequence[Drawn]], cells: Sequence[Cell], person: dict[Record, str], way: Way, count: int
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the intervals of precision and recall of each audit."""
    for number, pairs in enumerate(drawn):
        dice = random.Random(number)
        judged = [_judge(found, person, way, dice) for found in pairs[:count]]
        whole = measured(cells, judged, 0).whole
        if whole.precision and whole.recall:
            yield (whole.precision.low, whole.precision.high), (whole.recall.low, whole.recall.high)


def _judge(found: Drawn, person: dict[Record, str], way: Way, dice: random.Random) -> Judged:
    same = _is_same(found.pair, person) is not (dice.random() < way.mistakes)
    if way.looks_again and same is not found.is_together:
        same = _is_same(found.pair, person) is not (dice.random() < way.mistakes)
    return Judged(found.pair, Source(found.is_together, found.band, 1), same, again=False, looks=())


def _is_same(pair: Pair, person: dict[Record, str]) -> bool:
    one, other = (person.get(record) for record in pair)
    return one is not None and one == other


def _truth(con: DuckDBPyConnection, truth: Path) -> tuple[float, float]:
    """Return precision and recall over all pairs that are together, or were compared, counted one by one."""
    (row,) = con.execute(_TRUTH_SQL.format(truth=quote_literal(str(truth)))).fetchall()
    right, joined, missed = (int(count or 0) for count in row)
    return right / joined, right / (right + missed)


_TRUTH_SQL = """
WITH told AS (
    SELECT cluster_id, coalesce(person_id::VARCHAR, 'nobody ' || r.source || ':' || r.source_record_id) AS person
    FROM temp.audit_record AS r LEFT JOIN read_parquet({truth}) AS t
        ON t.source::VARCHAR = r.source AND t.source_record_id::VARCHAR = r.source_record_id
),
counted AS (SELECT cluster_id, person, count(*) AS n FROM told GROUP BY ALL)
SELECT (SELECT sum(n * (n - 1) // 2) FROM counted),
    (SELECT sum(n * (n - 1) // 2) FROM (SELECT sum(n) AS n FROM counted GROUP BY cluster_id)),
    (SELECT sum(l.n * r.n) FROM temp.audit_near JOIN counted AS l ON l.cluster_id = one
        JOIN counted AS r ON r.cluster_id = other AND r.person = l.person)
"""


if __name__ == "__main__":
    main()

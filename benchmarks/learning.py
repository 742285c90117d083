"""What decisions teach a model: `python -m benchmarks.learning [--data DIR] [--only SET]…`.

The persons of a set are cut in two by hash. Stewards judge pairs of the one half, by the truth with one mistake in
twenty: every other one is the likeliest of the queue, every other one drawn for the audit. A model is made with and
without them as labels, binding nothing, and each is held against the other half, which no decision is about. With
`--workspace DIR` a published workspace with a truth.parquet is taken instead of making one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from benchmarks.accuracy.workspaces import TRUTH
from benchmarks.released import attach_workings, released
from benchmarks.stewards.simulate import is_mistaken, persons
from matching.agreement import pairwise
from matching.cluster import cluster
from matching.prepare_model import prepare_model
from matching.score import score
from stewardship.audit_draw import draw, in_order
from stewardship.audit_strata import count_cells
from stewardship.entry import pair_of
from warehouse.connection import open_memory
from warehouse.migrations import migrate
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.state import attach_empty_workings

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Pair, Record

SETS = ("customers_small", "customers_hard", "historical_50k")
TAUGHT = (0, 100, 300, 1000)
SOURCE = {"holds": "order", "files": "x.csv", "format": "csv", "key": "id"}
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Teach and measure what was asked for."""
    print("| set | decisions | of them same | calibrated | precision | recall | F1 |")
    print("| --- | ---: | ---: | --- | ---: | ---: | ---: |", flush=True)
    for name, workspace in released("benchmarks.learning", __doc__, SETS):
        _teach(name, workspace)


def _teach(name: str, workspace: Path) -> None:
    con = open_memory()
    migrate(con)
    attach_empty_workings(con)
    con.execute(attach_workings(workspace))
    for table in ("distinct_record", "member", "cluster", "cluster_tie", "merge", "pair", "possible_match"):
        con.execute(f"INSERT INTO matching.{table} BY NAME SELECT * FROM workings.matching.{table}")
    person = persons(workspace / TRUTH)
    asked = _questions(con, person)
    for count in TAUGHT:
        if count > len(asked):
            break
        judged = {pair: (person[pair[0]] == person[pair[1]]) != is_mistaken(pair, 1) for pair in asked[:count]}
        calibrated = _match(con, judged, workspace)
        scratch = open_memory()
        _tell(con, scratch, person)
        found = pairwise(scratch).score
        scratch.close()
        same = sum(judged.values())
        figures = (found.precision or 0, found.recall or 0, found.f1 or 0)
        told = " | ".join(f"{figure:.4f}" for figure in figures)
        print(f"| {name} | {count} | {same} | {'yes' if calibrated else 'no'} | {told} |", flush=True)
    con.close()


def _questions(con: DuckDBPyConnection, person: dict[Record, str]) -> list[Pair]:
    """Return the pairs that stewards are asked about, of persons of the half that teaches."""
    queue = con.execute(_QUEUE_SQL).fetchall()
    likeliest = [pair_of((row[0], row[1]), (row[2], row[3])) for row in queue]
    cells = count_cells(con)
    audit: list[Pair] = []
    for seed in range(6):
        audit += [found.pair for found in in_order(draw(con, cells, f"m{seed}", audit), cells, {})]
    mixed = [pair for pair in chain.from_iterable(zip_longest(likeliest, audit)) if pair]
    return [pair for pair in dict.fromkeys(mixed) if all(teaches(person.get(record)) for record in pair)]


def teaches(person: str | None) -> bool:
    """Return whether a person is of the half that teaches; the others are what a model is held against."""
    return person is not None and hashlib.sha256(person.encode()).digest()[0] % 2 == 0


def _match(con: DuckDBPyConnection, judged: dict[Pair, bool], workspace: Path) -> bool:
    """Make a model that has learned from the judgements, match with it, and say whether it is calibrated."""
    learning = {"learn_from_decisions": True}
    settings = Settings.model_validate({"version": 1, "sources": {"s": SOURCE}, "matching": learning})
    con.execute("DELETE FROM matching.decision")
    for number, ((left, right), same) in enumerate(judged.items()):
        con.execute(
            "INSERT INTO matching.decision BY NAME SELECT ? AS decision_id, 0 AS place, ? AS decision, ? AS source_l,"
            " ? AS source_record_id_l, ? AS source_r, ? AS source_record_id_r, 'sam' AS decided_by,"
            " TIMESTAMP '2026-01-01' AS decided_at, 'bound' AS state",
            [number, "same" if same else "different", *left, *right],
        )
    run = Run(f"learn{len(judged)}", workspace, STARTED)
    report = prepare_model(con, settings, run)
    con.execute("DELETE FROM matching.decision")
    score(con, settings, run)
    cluster(con, settings, run)
    return bool(report.figures.get("calibrated"))


def _tell(con: DuckDBPyConnection, scratch: DuckDBPyConnection, person: dict[Record, str]) -> None:
    """Make the scratch table `told` of the records of the half that teaches nothing."""
    rows = con.execute("SELECT source, source_record_id, cluster_id FROM matching.cluster").fetchall()
    scratch.execute("CREATE TABLE told (source VARCHAR, source_record_id VARCHAR, person VARCHAR, cluster VARCHAR)")
    told = [
        (source, record, person[source, record], found)
        for source, record, found in rows
        if (source, record) in person and not teaches(person[source, record])
    ]
    scratch.executemany("INSERT INTO told VALUES (?, ?, ?, ?)", told)


_QUEUE_SQL = """
WITH record AS (
    SELECT cluster_id, min((source, source_record_id)) AS least FROM matching.cluster GROUP BY cluster_id
)
SELECT l.least[1], l.least[2], r.least[1], r.least[2]
FROM matching.possible_match
JOIN record AS l ON l.cluster_id = cluster_id_l JOIN record AS r ON r.cluster_id = cluster_id_r
ORDER BY match_probability DESC, cluster_id_l, cluster_id_r
"""


if __name__ == "__main__":
    main()

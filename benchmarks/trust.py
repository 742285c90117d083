"""Measure what `safe_for`, `cohesion`, `possible_match` and `household` are worth: `python -m benchmarks.trust`.

Each set gets a first night in a fresh workspace, nothing tuned, and its customers are held against the truth. A
customer counts as *one person's* where all of its records that the truth knows are; of two records that share a
customer, *pairs* is the share that are of one person. Also measures releases that are there, each as it is:
`--released WORKSPACE TRUTH`; what `truth_persons.parquet` beside the truth says of households is used, too.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.sets import load_set
from benchmarks.accuracy.workspaces import TRUTH, prepare
from benchmarks.run import measure
from warehouse.connection import PUBLISHED, open_memory, quote_literal
from warehouse.release.manifest import GOLDEN
from warehouse.tables.golden import SAFE_FOR
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SETS = ("customers_small", "customers_hard")
BANDS = (1.0, 0.9999, 0.999, 0.99, 0.95, 0.9, 0.8, 0.7, 0.0)
LIKELY = (0.9, 0.8, 0.7, 0.5, 0.0)

_KNOWN = """
    CREATE TEMP TABLE known AS
    SELECT golden_id, count(*) AS records, count(DISTINCT person_id) AS persons,
        sum(own * (own - 1)) // 2 AS together, sum(own) * (sum(own) - 1) // 2 AS pairs,
        max_by(person_id, (own, person_id)) AS person
    FROM (
        SELECT golden_id, person_id, count(*) AS own
        FROM crosswalk JOIN truth USING (source, source_record_id) WHERE person_id IS NOT NULL GROUP BY ALL
    )
    GROUP BY golden_id
    """
_WHOLE = """
    CREATE TEMP TABLE whole AS
    SELECT person_id AS person, count(DISTINCT golden_id) AS pieces
    FROM crosswalk JOIN truth USING (source, source_record_id) WHERE person_id IS NOT NULL GROUP BY person_id
    """
_TIERS = """
    SELECT safe_for, count(*), count(*) / sum(count(*)) OVER (), avg((persons = 1)::INTEGER),
        sum(together) / nullif(sum(pairs), 0), avg((pieces = 1)::INTEGER)
    FROM customer JOIN known USING (golden_id) JOIN whole USING (person) GROUP BY safe_for
    """
_COHESION = """
    SELECT least, count(*), avg(cohesion), avg((persons = 1)::INTEGER), sum(together) / nullif(sum(pairs), 0)
    FROM (
        SELECT *, list_max(list_filter($bands::DOUBLE[], lambda b: b <= cohesion)) AS least
        FROM customer JOIN known USING (golden_id) WHERE record_count > 1
    )
    GROUP BY least ORDER BY least DESC
    """
_POSSIBLE = """
    SELECT least, count(*), avg(match_probability), avg((l.person = r.person)::INTEGER)
    FROM (
        SELECT *, list_max(list_filter($bands::DOUBLE[], lambda b: b <= match_probability)) AS least FROM possible_match
    )
    JOIN known AS l ON l.golden_id = golden_id_l JOIN known AS r ON r.golden_id = golden_id_r
    GROUP BY least ORDER BY least DESC
    """
_LEFT_APART = """
    SELECT near.golden_id IS NULL, count(*), avg((pieces = 1)::INTEGER)
    FROM customer JOIN known USING (golden_id) JOIN whole USING (person)
    LEFT JOIN (
        SELECT golden_id_l AS golden_id FROM possible_match UNION SELECT golden_id_r FROM possible_match
    ) AS near ON near.golden_id = customer.golden_id
    GROUP BY ALL ORDER BY ALL
    """
_HOUSEHOLDS = """
    SELECT count(*), avg((one.household_id = other.household_id)::INTEGER), avg((l.person = r.person)::INTEGER)
    FROM household AS a JOIN household AS b ON a.household_id = b.household_id AND a.golden_id < b.golden_id
    JOIN known AS l ON l.golden_id = a.golden_id JOIN known AS r ON r.golden_id = b.golden_id
    JOIN persons AS one ON one.person_id = l.person JOIN persons AS other ON other.person_id = r.person
    """


def main() -> None:
    """Measure what was asked for, and print a table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sets", nargs="*", default=None, help=f"sets of benchmarks.accuracy (default: {', '.join(SETS)})"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("JOINEDUP_TEST_DATA", "../shared/data/open")),
        help="where they lie",
    )
    parser.add_argument(
        "--released", nargs=2, type=Path, action="append", default=[], metavar=("WORKSPACE", "TRUTH"),
        help="measure the current release of a workspace instead",
    )  # fmt: skip
    asked = parser.parse_args()
    for workspace, truth in asked.released:
        print(report(workspace.name, workspace, truth, truth.with_name("truth_persons.parquet")), flush=True)
    for name in asked.sets or (() if asked.released else SETS):
        dataset = load_set(name, asked.data)
        with tempfile.TemporaryDirectory() as scratch:
            workspace = Path(scratch) / name
            prepare(dataset, workspace)
            measure(workspace)
            print(report(name, workspace, workspace / TRUTH, dataset.persons), flush=True)


def report(name: str, workspace: Path, truth: Path, persons: Path | None) -> str:
    """Return what is measured of a workspace's current release, as Markdown."""
    golden = Workspace(workspace).current / GOLDEN
    with open_memory() as con:
        con.execute(f"ATTACH {quote_literal(str(golden))} AS {PUBLISHED} (READ_ONLY)")
        con.execute(f"USE {PUBLISHED}")
        read = "read_csv" if truth.suffix == ".csv" else "read_parquet"
        con.execute(f"CREATE TEMP VIEW truth AS FROM {read}({quote_literal(str(truth))})")
        con.execute(_KNOWN)
        con.execute(_WHOLE)
        parts = [f"\n## {name}\n", _tiers(con), _cohesion(con), _possible(con)]
        if persons and persons.exists() and _has_households(con, persons):
            parts.append(_households(con))
        return "\n".join(parts)


def _tiers(con: DuckDBPyConnection) -> str:
    found = {row[0]: row[1:] for row in con.execute(_TIERS).fetchall()}
    lines = [
        "| safe_for | customers | share | one person's | pairs | person has no other customer |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for use in SAFE_FOR:
        if use in found:
            count, share, pure, pairs, whole = found[use]
            lines.append(f"| {use} | {count:,} | {share:.1%} | {pure:.2%} | {_share(pairs)} | {whole:.1%} |")
    return "\n".join(lines)


def _cohesion(con: DuckDBPyConnection) -> str:
    lines = [
        "\n| cohesion from | customers of several records | mean cohesion | one person's | pairs |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for least, count, mean, pure, pairs in con.execute(_COHESION, {"bands": list(BANDS)}).fetchall():
        lines.append(f"| {least:g} | {count:,} | {mean:.4f} | {pure:.2%} | {_share(pairs)} |")
    return "\n".join(lines)


def _possible(con: DuckDBPyConnection) -> str:
    lines = [
        "\n| possible_match from | pairs | mean probability | one person |",
        "| --- | ---: | ---: | ---: |",
    ]
    for least, count, mean, same in con.execute(_POSSIBLE, {"bands": list(LIKELY)}).fetchall():
        lines.append(f"| {least:g} | {count:,} | {mean:.2f} | {same:.0%} |")
    for has_none, count, whole in con.execute(_LEFT_APART).fetchall():
        with_or_without = "without" if has_none else "with"
        lines.append(f"\n{count:,} customers {with_or_without} a possible match: {whole:.1%} are all of their person.")
    return "\n".join(lines)


def _has_households(con: DuckDBPyConnection, persons: Path) -> bool:
    con.execute(f"CREATE TEMP VIEW persons AS FROM read_parquet({quote_literal(str(persons))})")
    columns = [row[0] for row in con.execute("DESCRIBE persons").fetchall()]
    return "household_id" in columns


def _households(con: DuckDBPyConnection) -> str:
    pairs, right, one = con.execute(_HOUSEHOLDS).fetchall()[0]
    return (
        f"\nOf {pairs:,} pairs of customers in one household {_share(right)} live in one by the truth;"
        f" {_share(one)} are one person in two pieces."
    )


def _share(value: Any) -> str:  # noqa: ANN401 - a number of DuckDB's, or null
    return "" if value is None else f"{value:.2%}"


if __name__ == "__main__":
    main()

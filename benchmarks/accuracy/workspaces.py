"""Makes the workspace that a set is run in: joinedup.yaml, one export per source, the truth in the sources' names."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from warehouse.connection import open_memory, quote_literal

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.sets import AccuracySet

TRUTH = "truth.parquet"
_NOT_EXPORTED = ("truth*", "stats.json")


def prepare(dataset: AccuracySet, workspace: Path) -> None:
    """Write the set as a fresh workspace; its truth beside, where the program does not look."""
    workspace.mkdir(parents=True)
    (workspace / "joinedup.yaml").write_text(json.dumps(dataset.settings(), indent=1))
    if dataset.exports:
        shutil.copytree(
            dataset.exports,
            workspace / "exports",
            ignore=shutil.ignore_patterns(*_NOT_EXPORTED),
            copy_function=shutil.copyfile,
        )
        shutil.copyfile(dataset.truth, workspace / TRUTH)
    else:
        _split(dataset, workspace)


def _split(dataset: AccuracySet, workspace: Path) -> None:
    """Write one export per value of `source`, and the truth with the sources' names in joinedup.yaml."""
    (workspace / "exports").mkdir()
    con = open_memory()
    con.execute("CREATE TABLE named (name VARCHAR, source VARCHAR)")
    for name, source in dataset.sources().items():
        con.execute("INSERT INTO named VALUES (?, ?)", [name, source])
        con.execute(f"""
            COPY (
                SELECT * EXCLUDE (source) FROM read_parquet({quote_literal(str(dataset.records))})
                WHERE source = {quote_literal(source)} ORDER BY source_record_id
            ) TO {quote_literal(str(workspace / "exports" / f"{name}.parquet"))} (FORMAT parquet)
        """)
    con.execute(f"""
        COPY (
            SELECT name AS source, source_record_id, person_id
            FROM read_parquet({quote_literal(str(dataset.truth))}) JOIN named USING (source)
        ) TO {quote_literal(str(workspace / TRUTH))} (FORMAT parquet)
    """)
    con.close()

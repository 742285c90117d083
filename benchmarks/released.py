"""Released workspaces whose truth is known, as the command lines of the simulations ask for them."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy.children import CHECKOUT
from benchmarks.accuracy.sets import load_sets
from benchmarks.stewards.simulate import publish_first
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def released(program: str, description: str | None, sets: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield name and workspace of each set that the arguments ask for, published anew, or of one that is published."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--data", type=Path, help="the folder of the data sets (default: $JOINEDUP_TEST_DATA)")
    parser.add_argument("--only", action="append", default=[], metavar="SET", help=f"by default {', '.join(sets)}")
    parser.add_argument("--workspace", type=Path, metavar="DIR", help="a published workspace with truth.parquet")
    asked = parser.parse_args()
    if asked.workspace:
        yield asked.workspace.resolve().name, asked.workspace
        return
    data = asked.data or Path(os.environ.get("JOINEDUP_TEST_DATA", CHECKOUT.parent / "shared" / "data" / "open"))
    for dataset in load_sets(data):
        if dataset.name in (asked.only or sets) and dataset.is_there:
            with tempfile.TemporaryDirectory() as scratch:
                publish_first(dataset, Path(scratch) / "base")
                yield dataset.name, Path(scratch) / "base"


def attach_workings(workspace: Path) -> str:
    """Return the statement that attaches the workings of a workspace's release as `workings`."""
    workings = (workspace / "var" / "releases" / "current").resolve() / "workings.duckdb"
    return f"ATTACH {quote_literal(str(workings))} AS workings (READ_ONLY)"

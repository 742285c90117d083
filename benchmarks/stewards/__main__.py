"""Remake docs/measuring-stewards.md: `python -m benchmarks.stewards [--data DIR] [--only SET]… [--results DIR]`.

An order takes a first release and four publications of each set; with `--order` the others are left out. With
`--results DIR` every line that was simulated is kept there as JSON and not simulated again, whichever orders are asked
for; remove a file to do it anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy.children import CHECKOUT
from benchmarks.accuracy.sets import load_sets
from benchmarks.stewards.document import document
from benchmarks.stewards.orders import ORDERS
from benchmarks.stewards.plot import plot
from benchmarks.stewards.simulate import Point, publish_first, simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.sets import AccuracySet

SETS = ("customers_small", "customers_hard")
"""The sets of several sources with orders: something hangs on what is decided."""


def main() -> None:
    """Simulate what was asked for, and write the page and its picture."""
    asked = _parser().parse_args()
    data = asked.data or Path(os.environ.get("JOINEDUP_TEST_DATA", CHECKOUT.parent / "shared" / "data" / "open"))
    known = {dataset.name: dataset for dataset in load_sets(data)}
    if unknown := set(asked.only) - set(known):
        sys.exit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
    measured = {}
    for name in asked.only or SETS:
        if not known[name].is_there:
            print(f"{name} is left out: not found under {data}")
            continue
        measured[name] = _lines(known[name], asked.order or tuple(ORDERS), asked.seed, asked.results)
    if not measured:
        sys.exit("nothing was simulated: name the folder of the data sets with --data")
    asked.picture.write_text(plot(measured), encoding="utf-8")
    asked.out.write_text(document(measured), encoding="utf-8")
    print(f"wrote {asked.out} and {asked.picture}")


def _parser() -> argparse.ArgumentParser:
    docs = CHECKOUT / "docs"
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stewards", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the data sets (default: $JOINEDUP_TEST_DATA)")
    parser.add_argument("--only", action="append", default=[], metavar="SET", help=f"by default {', '.join(SETS)}")
    parser.add_argument("--order", action="append", choices=tuple(ORDERS), help="by default all of them")
    parser.add_argument("--seed", type=int, default=1, help="of the mistakes")
    parser.add_argument("--results", type=Path, metavar="DIR", help="keep what was simulated here, and go on from it")
    parser.add_argument("--out", type=Path, default=docs / "measuring-stewards.md", help="the page to write")
    parser.add_argument("--picture", type=Path, default=docs / "images" / "stewards.svg", help="the picture to write")
    return parser


def _lines(dataset: AccuracySet, orders: Sequence[str], seed: int, results: Path | None) -> dict[str, list[Point]]:
    """Return the points of each order, simulated or kept; what is kept of the others is told as well."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "base"
        return {
            order: _line(dataset, order, seed, results, base)
            for order in ORDERS
            if order in orders or _kept(dataset, order, seed, results).exists()
        }


def _line(dataset: AccuracySet, order: str, seed: int, results: Path | None, base: Path) -> list[Point]:
    kept = _kept(dataset, order, seed, results)
    if kept.exists():
        return [Point(**point) for point in json.loads(kept.read_text(encoding="utf-8"))]
    if not base.exists():
        publish_first(dataset, base)
    path = base.parent / "order"
    points = []
    for point in simulate(base, path, order, seed):
        points.append(point)
        print(f"{dataset.name}, {order}: {point.decisions} decisions, {point.wrong_pairs:,} wrong pairs", flush=True)
    shutil.rmtree(path)
    if results:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([point.document() for point in points], indent=1), encoding="utf-8")
    return points


def _kept(dataset: AccuracySet, order: str, seed: int, results: Path | None) -> Path:
    """Return where a line is kept; without `results` a file that is never there."""
    return (results or Path(os.devnull)) / f"{dataset.name}-{order.replace(' ', '_')}-{seed}.json"


if __name__ == "__main__":
    main()

"""Remake docs/accuracy.md: `python -m benchmarks.accuracy [--data DIR] [--only SET]… [--scale DIR]… [--out FILE]`.

Sets that are not there are left out, and named. With `--results DIR` every measurement is kept there as JSON and not
made again, so that a page of many sets can be measured in parts; remove a file to measure anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.accuracy.ablation import ablate, chosen_ideas
from benchmarks.accuracy.children import CHECKOUT
from benchmarks.accuracy.document import document
from benchmarks.accuracy.measurements import Conditions, Measurement, measure_set
from benchmarks.accuracy.sets import ORDER, AccuracySet, load_sets, scale_set

ABLATED = ("customers_hard", "pseudopeople_link")
"""Sets that nothing was tuned on; a generated workspace takes the place of the last."""

MOST_ABLATED = 150_000
"""A generated workspace of more records is too large to be run so many times."""


def main() -> None:
    """Measure what was asked for, and write the page."""
    asked = _parser().parse_args()
    data = asked.data or Path(os.environ.get("JOINEDUP_TEST_DATA", CHECKOUT.parent / "shared" / "data" / "open"))
    known = (*load_sets(data), *(scale_set(folder.resolve()) for folder in asked.scale))
    unknown = set(asked.only) - {dataset.name for dataset in known}
    if unknown:
        sys.exit(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(each.name for each in known)}")
    wanted = [dataset for dataset in known if not asked.only or dataset.name in asked.only]
    there = [dataset for dataset in wanted if dataset.is_there]
    left_out = [dataset for dataset in known if dataset not in there]
    conditions = Conditions(asked.limit, asked.results, asked.with_large_splink)
    rows = []
    for dataset in there:
        ours, splink = measure_set(dataset, conditions)
        rows.append((dataset, ours, splink))
        _say(ours)
        _say(splink)
    for dataset in left_out:
        print(f"{dataset.name} is left out: {'not asked for' if dataset.is_there else f'not found under {data}'}")
    ablations = []
    for dataset in [] if asked.without_ablation else _to_ablate(rows):
        ablations.append(ablate(dataset, chosen_ideas(asked.idea), conditions))
        for measured in ablations[-1].without.values():
            _say(measured)
    asked.out.write_text(document(rows, left_out, ablations))
    print(f"wrote {asked.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the data sets (default: $JOINEDUP_TEST_DATA)")
    parser.add_argument("--only", action="append", default=[], metavar="SET", help=f"some of {', '.join(ORDER)}")
    parser.add_argument("--scale", action="append", default=[], type=Path, metavar="DIR", help="a workspace with truth")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "docs" / "accuracy.md", help="the page to write")
    parser.add_argument("--results", type=Path, metavar="DIR", help="keep measurements here, and go on from them")
    parser.add_argument("--limit", type=float, default=1800, help="seconds that one measured process may take")
    parser.add_argument("--with-large-splink", action="store_true", help="run Splink also where it needs much memory")
    parser.add_argument("--without-ablation", action="store_true", help="leave out what each idea brings")
    parser.add_argument("--idea", action="append", default=[], help="ablate these alone")
    return parser


def _to_ablate(rows: list[tuple[AccuracySet, Measurement, Measurement]]) -> list[AccuracySet]:
    measured = {dataset.name: dataset for dataset, _, _ in rows}
    generated = [
        dataset.name
        for dataset, ours, _ in rows
        if dataset.name not in ORDER and ours.figures and ours.figures.records <= MOST_ABLATED
    ]
    names = [ABLATED[0], generated[-1]] if generated else ABLATED
    return [measured[name] for name in names if name in measured]


def _say(measured: Measurement) -> None:
    found = measured.figures
    told = f"P {found.precision} R {found.recall} F1 {found.f1}" if found else measured.why_not
    print(f"{measured.dataset} {measured.program}: {told}", flush=True)


if __name__ == "__main__":
    main()

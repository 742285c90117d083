"""Measures what each idea brings: a night as far as its clusters without it, beside one with all of them."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy.children import DidNotFinish, run_child
from benchmarks.accuracy.figures import measure, open_labelled
from benchmarks.accuracy.ideas import Idea, ideas
from benchmarks.accuracy.measurements import Conditions, Measurement
from benchmarks.accuracy.workspaces import TRUTH, prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.sets import AccuracySet

NONE = Idea("none", "all ideas")
_CLUSTERS = "clusters.parquet"


@dataclass(frozen=True, slots=True)
class Ablation:
    """One set with all ideas, and without each of them by name."""

    dataset: str
    whole: Measurement
    without: dict[str, Measurement]


def chosen_ideas(names: Sequence[str]) -> tuple[Idea, ...]:
    """Return the ideas by name, all where no name is given. Raises ValueError for a name that there is not."""
    known = ideas()
    unknown = set(names) - {idea.name for idea in known}
    if unknown:
        raise ValueError(
            f"no such idea: {', '.join(sorted(unknown))}; there are {', '.join(idea.name for idea in known)}"
        )
    return tuple(idea for idea in known if not names or idea.name in names)


def ablate(dataset: AccuracySet, chosen: Sequence[Idea], conditions: Conditions) -> Ablation:
    """Return the figures of the set with all ideas, and without each of the chosen ones."""
    whole = _without(dataset, NONE, conditions)
    return Ablation(dataset.name, whole, {idea.name: _without(dataset, idea, conditions) for idea in chosen})


def _without(dataset: AccuracySet, idea: Idea, conditions: Conditions) -> Measurement:
    program = f"without_{idea.name}"
    blank = Measurement(dataset.name, program)
    if kept := conditions.kept(dataset.name, program):
        return kept
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / dataset.name
        prepare(dataset, workspace)
        if idea.settings:
            changed = dataset.settings() | {"matching": {"comparisons": dict(idea.settings)}}
            (workspace / "joinedup.yaml").write_text(json.dumps(changed))
        clusters = workspace / _CLUSTERS
        module = "benchmarks.accuracy.ablated_night"
        try:
            report = run_child(["-m", module, idea.name, str(workspace), str(clusters)], conditions.limit)
        except DidNotFinish as reason:
            return replace(blank, why_not=str(reason))
        judged = open_labelled(workspace, workspace / TRUTH, clusters)
        figures = measure(judged)
        judged.close()
    return conditions.keep(replace(blank, figures=figures, cpu_seconds=report["cpu_seconds"]))

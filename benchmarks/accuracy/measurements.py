"""Measures a set: our night and Splink, each in a process of its own; keeps what was measured, to go on from there."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.children import DidNotFinish, run_child
from benchmarks.accuracy.figures import Figures, measure, open_labelled
from benchmarks.accuracy.night import CLUSTERS, matching_seconds, run_night
from benchmarks.accuracy.slices import Slice, measure_slices
from benchmarks.accuracy.splink_records import write_records
from benchmarks.accuracy.workspaces import TRUTH, prepare
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from benchmarks.accuracy.sets import AccuracySet

OURS, SPLINK = "joinedup", "splink"
_RECORDS, _SPLINK_CLUSTERS = "records.parquet", "clusters_splink.parquet"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One program on one set: the figures, or why there are none.

    `cpu_seconds` are the whole process's; of ours `matching_seconds` are those of the steps that Splink has too.
    `notes` is what could not be done as it should.
    """

    dataset: str
    program: str
    figures: Figures | None = None
    why_not: str | None = None
    cpu_seconds: float | None = None
    matching_seconds: float | None = None
    peak_rss_mb: float | None = None
    estimated_precision: float | None = None
    slices: tuple[Slice, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """How to measure: `limit` in seconds per process; `results` is where measurements are kept and found again."""

    limit: float
    results: Path | None = None
    large_splink: bool = False

    def kept(self, dataset: str, program: str) -> Measurement | None:
        """Return what was measured before, if it was kept."""
        path = self._path(dataset, program)
        return measurement_from(json.loads(path.read_text())) if path and path.exists() else None

    def keep(self, measurement: Measurement) -> Measurement:
        """Keep what was measured, if there is a place for it; what did not finish is tried again next time."""
        path = self._path(measurement.dataset, measurement.program)
        if path and measurement.figures:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(measurement), indent=1))
        return measurement

    def _path(self, dataset: str, program: str) -> Path | None:
        return self.results / f"{dataset}.{program}.json" if self.results else None


def measurement_from(document: dict[str, Any]) -> Measurement:
    """Return the measurement that `asdict` has made a document of, by way of JSON."""
    figures = document["figures"]
    return Measurement(
        **document
        | {
            "figures": Figures(**figures) if figures else None,
            "slices": tuple(Slice(**each) for each in document["slices"]),
            "notes": tuple(document["notes"]),
        }
    )


def measure_set(dataset: AccuracySet, conditions: Conditions) -> tuple[Measurement, Measurement]:
    """Return our measurement and Splink's of one set."""
    ours, splink = (conditions.kept(dataset.name, program) for program in (OURS, SPLINK))
    if splink is None and dataset.splink_gigabytes and not conditions.large_splink:
        why_not = f"not run: it needs about {dataset.splink_gigabytes} GB of memory"
        splink = Measurement(dataset.name, SPLINK, why_not=why_not)
    if ours and splink:
        return ours, splink
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / dataset.name
        prepare(dataset, workspace)
        again = conditions.keep(_measure_night(dataset, workspace, conditions.limit))
        return ours or again, splink or conditions.keep(_measure_splink(dataset, workspace, conditions.limit))


def _measure_night(dataset: AccuracySet, workspace: Path, limit: float) -> Measurement:
    blank = Measurement(dataset.name, OURS)
    try:
        report = run_night(workspace, limit)
    except DidNotFinish as reason:
        return replace(blank, why_not=str(reason))
    blank = replace(
        blank,
        cpu_seconds=report["cpu_seconds"],
        matching_seconds=matching_seconds(report),
        peak_rss_mb=report["peak_rss_mb"],
        estimated_precision=report["estimated_precision"],
    )
    return _judged(blank, dataset, workspace, workspace / CLUSTERS)


def _measure_splink(dataset: AccuracySet, workspace: Path, limit: float) -> Measurement:
    blank = Measurement(dataset.name, SPLINK)
    if not Workspace(workspace).warehouse_file.exists():
        return replace(blank, why_not="not run: our night has landed no records for it")
    records, clusters = workspace / _RECORDS, workspace / _SPLINK_CLUSTERS
    write_records(workspace, records, dataset.splink_exact)
    country = dataset.settings().get("country")
    further = [argument for name in dataset.splink_exact for argument in ("--exact", name)]
    module = ["-m", "benchmarks.accuracy.splink_docs", str(records), str(clusters)]
    try:
        report = run_child([*module, *(["--country", country] if country else []), *further], limit)
    except DidNotFinish as reason:
        return replace(blank, why_not=str(reason))
    notes, cpu, peak = tuple(report["notes"]), report["cpu_seconds"], report["peak_rss_mb"]
    return _judged(replace(blank, cpu_seconds=cpu, peak_rss_mb=peak, notes=notes), dataset, workspace, clusters)


def _judged(blank: Measurement, dataset: AccuracySet, workspace: Path, clusters: Path) -> Measurement:
    scratch = open_labelled(workspace, workspace / TRUTH, clusters)
    figures = measure(scratch)
    slices = tuple(measure_slices(scratch, dataset.truth, dataset.persons)) if dataset.persons else ()
    scratch.close()
    return replace(blank, figures=figures, slices=slices)

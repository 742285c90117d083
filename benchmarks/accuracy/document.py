"""Writes docs/accuracy.md: what was measured, how, and the tables. Every sentence about a result follows from it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.accuracy import splink_docs, words
from benchmarks.accuracy.ideas import ideas

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.accuracy.ablation import Ablation
    from benchmarks.accuracy.figures import Figures
    from benchmarks.accuracy.measurements import Measurement
    from benchmarks.accuracy.sets import AccuracySet

Row = tuple["AccuracySet", "Measurement", "Measurement"]
"""A set, our measurement, and that of Splink."""

AIMED_PRECISION = 0.985


def document(rows: Sequence[Row], left_out: Iterable[AccuracySet], ablations: Sequence[Ablation]) -> str:
    """Return the page: `rows` are the sets with our measurement and Splink's, `left_out` those that were not there."""
    method = words.METHOD.format(
        splink=version("splink"),
        duckdb=version("duckdb"),
        recall=splink_docs.RECALL,
        pairs=splink_docs.U_PAIRS,
        seed=splink_docs.SEED,
        threshold=splink_docs.THRESHOLD,
    )
    parts = [
        words.INTRO,
        _results(rows),
        _notes(rows, left_out),
        method,
        *_slices(rows),
        *_ablated(ablations),
        _sets(rows),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _results(rows: Sequence[Row]) -> str:
    lines = [
        "## Results\n",
        "| set | records | entities | | P | R | F1 | B³ | exact | CPU s | peak MB | estimate | contradictions |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for dataset, ours, splink in rows:
        known = ours.figures or splink.figures
        size = f"{known.records:,} | {known.entities:,}" if known else " | "
        lines.append(f"| {dataset.name} | {size} | joinedup | {_cells(ours)} |")
        lines.append(f"| | | | Splink | {_cells(splink)} |")
    return "\n".join(lines)


def _cells(measured: Measurement) -> str:
    figures = measured.figures
    if figures is None:
        return f"{measured.why_not} | | | | | | | |"
    shares = (figures.precision, figures.recall, figures.f1, figures.b_cubed, figures.exact)
    matching = f" ({measured.matching_seconds:,.1f})" if measured.matching_seconds is not None else ""
    contradicted = f"{figures.contradicted:,} of {figures.false_pairs:,}" if figures.false_pairs else "0"
    return " | ".join(
        [
            *(_share(share) for share in shares),
            f"{measured.cpu_seconds or 0:,.1f}{matching}",
            f"{measured.peak_rss_mb or 0:,.0f}",
            _share(measured.estimated_precision),
            contradicted,
        ]
    )


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _notes(rows: Sequence[Row], left_out: Iterable[AccuracySet]) -> str:
    notes = []
    for dataset, ours, splink in rows:
        mine, theirs = ours.figures, splink.figures
        if mine:
            notes += [f"{dataset.name}: {note}" for note in _notes_on(mine, ours.estimated_precision)]
        if mine and theirs and (theirs.f1 or 0) > (mine.f1 or 0):
            notes.append(f"{dataset.name}: Splink is ahead, F1 {_share(theirs.f1)} against {_share(mine.f1)}.")
        notes += [f"{dataset.name}: Splink: {note}." for note in splink.notes]
    notes += [
        f"{dataset.name} was not measured{'' if dataset.is_there else ': its files are not there'}."
        for dataset in left_out
    ]
    return "\n".join(["", *(f"- {note}" for note in notes)]) if notes else ""


def _notes_on(figures: Figures, estimate: float | None) -> list[str]:
    """Return what there is to say of our figures on one set."""
    notes = []
    if figures.nobodies:
        notes.append(
            f"of {figures.nobodies:,} records of nobody, {figures.nobodies_merged:,} were merged into a customer."
        )
    if figures.precision is not None and figures.precision < AIMED_PRECISION:
        notes.append(f"the precision is below the {AIMED_PRECISION} aimed at.")
    if figures.contradicted and figures.precision is not None:
        joined = figures.false_pairs / (1 - figures.precision)
        without = 1 - (figures.false_pairs - figures.contradicted) / (joined - figures.contradicted)
        notes.append(
            f"{figures.contradicted:,} of the {figures.false_pairs:,} false pairs are equal in all that was delivered;"
            f" without these the precision were {without:.4f}."
        )
    if estimate is not None and figures.precision is not None and estimate > figures.precision:
        notes.append(f"the night overestimates its precision by {estimate - figures.precision:.4f}.")
    return notes


def _slices(rows: Sequence[Row]) -> list[str]:
    """Return a table per set whose truth knows its persons."""
    tables = []
    for dataset, ours, splink in rows:
        if not ours.slices:
            continue
        theirs = {each.name: each for each in splink.slices}
        lines = [
            f"## The hard cases of {dataset.name}\n",
            words.HARD_CASES,
            "| slice | of | count | merged | split | Splink: merged | split |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for each in ours.slices:
            other = theirs.get(each.name)
            beside = f"{other.merged:,} | {other.split:,}" if other else " | "
            lines.append(
                f"| {each.name} | {each.what} | {each.count:,} | {each.merged:,} | {each.split:,} | {beside} |"
            )
        tables.append("\n".join(lines))
    return tables


def _ablated(ablations: Sequence[Ablation]) -> list[str]:
    if not ablations:
        return []
    known = {idea.name: idea.words for idea in ideas()}
    names = list(dict.fromkeys(name for ablation in ablations for name in ablation.without))
    sets = " | ".join(f"{each.dataset}: dP | dR | dF1" for each in ablations)
    lines = [
        "## What each idea brings\n",
        words.IDEAS.format(whole="; ".join(_whole(each) for each in ablations)),
        f"| idea | {sets} |",
        f"| --- |{' ---: | ---: | ---: |' * len(ablations)}",
    ]
    for name in names:
        cells = " | ".join(_difference(each, name) for each in ablations)
        lines.append(f"| {known.get(name, name)} | {cells} |")
    return ["\n".join(lines)]


def _whole(ablation: Ablation) -> str:
    figures = ablation.whole.figures
    if figures is None:
        return f"{ablation.dataset} {ablation.whole.why_not}"
    return f"{ablation.dataset} P {_share(figures.precision)}, R {_share(figures.recall)}, F1 {_share(figures.f1)}"


def _difference(ablation: Ablation, name: str) -> str:
    whole, without = ablation.whole.figures, ablation.without.get(name)
    if whole is None or without is None:
        return " | | "
    if without.figures is None:
        return f"{without.why_not} | | "
    other = without.figures
    pairs = ((whole.precision, other.precision), (whole.recall, other.recall), (whole.f1, other.f1))
    return " | ".join(f"{100 * ((with_it or 0) - (without_it or 0)):+.2f}" for with_it, without_it in pairs)


def _sets(rows: Sequence[Row]) -> str:
    lines = [
        "## The sets\n",
        words.SETS,
        "| set | what it is | licence | origin |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {dataset.name} | {dataset.about} | {dataset.licence} | {dataset.origin} |" for dataset, _, _ in rows]
    return "\n".join(lines)

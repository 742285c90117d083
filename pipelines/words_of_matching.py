"""What `explain` and `evaluate` print for a person: the answer in sentences first, then the numbers."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pipelines.words import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matching.agreement import Score
    from matching.error_classes import ErrorClass
    from matching.evaluate import Blocking, Evaluation
    from matching.evidence import Waterfall
    from matching.explain import Explanation
    from matching.thresholds import AtThreshold
    from matching.why_apart import Meeting

WIDTH = 110
_BAR = 12
_VALUE = 32
_FIGURES = ("precision", "recall", "F1")


def explanation_page(found: Explanation) -> str:
    """Return why two records are one customer or not: sentences, the waterfall of bits, and what led there."""
    lines = [line for sentence in found.words() for line in textwrap.wrap(sentence, WIDTH, subsequent_indent="  ")]
    if found.evidence and not found.same_distinct_record:
        lines += ["", *_waterfall_lines(found, found.evidence)]
    if found.ties:
        lines += ["", "How they are tied"]
        lines += table((tie.left, tie.right, f"{tie.weight:+.2f}", tie.match_key) for tie in found.ties)
    if found.meetings and not any(meeting.met for meeting in found.meetings):
        lines += ["", "Blocking keys (those in brackets are shared, but too common)"]
        lines += table(_meeting_row(meeting) for meeting in found.meetings if meeting.left or meeting.right)
    return "\n".join(lines)


def evaluation_page(found: Evaluation) -> str:
    """Return how the release holds against the truth: the shares, what was lost where, and which mistakes there are."""
    counts = found.found
    about = f"{counts.records} labelled records of {counts.people} people, in {counts.clusters} customers"
    shares = [("", *_FIGURES), ("pairs", *_score(found.pairs.score)), ("B-cubed", *_score(found.b_cubed))]
    lines = [f"{about}; {counts.unlabelled} records of customers have no label", "", *_aligned(shares), ""]
    lines += table(_count_rows(found))
    by_source = [(*sources, *_score(c.score), c.true) for sources, c in found.by_source.items()]
    lines += ["", "By source", *_aligned([("", "", *_FIGURES, "true pairs"), *by_source])]
    lines += _threshold_lines(found.thresholds)
    curve = [(f"{weight:+.0f}", *_score(c.score), c.joined) for weight, c in found.curve]
    lines += ["", "Direct pairs of distinct records, from a weight on"]
    lines += _aligned([("bits", *_FIGURES, "pairs"), *curve])
    lines += _blocking_lines(found.blocking)
    lines += _class_lines("People who share a customer", found.false_merges)
    lines += _class_lines("People split over customers", found.missed)
    return "\n".join(lines)


def _count_rows(found: Evaluation) -> list[tuple[object, ...]]:
    counts = found.found
    exact = counts.exact / counts.people if counts.people else None
    return [
        ("exact people", f"{counts.exact} ({_percent(exact)})"),
        ("mixed customers", counts.mixed_clusters),
        ("split people", counts.split_people),
        ("records without a customer", counts.missing),
        ("nobody's records with a customer", f"{counts.nobodies_kept}, merged {counts.nobodies_merged}"),
    ]


def _threshold_lines(tried: tuple[AtThreshold, ...]) -> list[str]:
    if not tried:
        return []
    rows = [
        (f"{at.merge_at:g}", *_score(at.pairs.score), at.customers, "as it is" if at.is_tonights else "")
        for at in tried
    ]
    heading = ("", *_FIGURES, "customers", "")
    return ["", "Pairs of records, had matching.merge_at been", *_aligned([heading, *rows])]


def _blocking_lines(found: Blocking) -> list[str]:
    """Return what becomes of the true pairs before anything is decided, and what each rule does for them."""
    rows: list[tuple[object, ...]] = [("pairs of one person that say different things", found.true, "")]
    met = found.met
    if met:
        rows.append(("let meet by a blocking rule", met.pairs, _share(_part(met.pairs, found.true))))
        rows.append(
            ("only share keys that too many carry", met.over_budget, _share(_part(met.over_budget, found.true)))
        )
    rows.append(("compared and not hopelessly unlike", found.compared, _share(_part(found.compared, found.true))))
    lines = ["", "Blocking, in pairs of distinct records", *_aligned(rows)]
    if not met:
        return lines
    ceiling = met.ceiling
    lines += ["", "The most that any decision can find after it, in pairs of records"]
    lines += _aligned(
        [
            ("recall, by way of other records of the person", _share(ceiling.recall)),
            ("recall, each pair by itself", _share(ceiling.direct_recall)),
            ("people whose records do not hang together", ceiling.people_apart),
        ]
    )
    lines += table(ceiling.examples, indent="    ")
    rules = [(rule.rule, rule.found, _share(_part(rule.found, found.true)), rule.alone) for rule in met.rules]
    return [*lines, "", "By rule", *_aligned([("", "true pairs", "share", "only it"), *rules])]


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _waterfall_lines(found: Explanation, evidence: Waterfall) -> list[str]:
    steps = [step for step in evidence.steps if step.level is not None]
    most = max(abs(bits) for bits in (evidence.prior_bits, 1.0, *(step.bits for step in steps)))
    rows: list[tuple[object, ...]] = [("", "", "bits", "", found.left.name, found.right.name)]
    rows.append(("before looking", "", f"{evidence.prior_bits:+.2f}", _bar(evidence.prior_bits, most), "", ""))
    for step in steps:
        rare = f" (one in {step.one_in})" if step.one_in else ""
        values = _short(step.left), _short(step.right)
        said = f"{step.words}{rare}"
        rows.append((step.comparison.replace("_", " "), said, f"{step.bits:+.2f}", _bar(step.bits, most), *values))
    rows.append(("together", f"{100 * evidence.probability:.2f}%", f"{evidence.weight:+.2f}", "", "", ""))
    return _aligned(rows, right={2})


def _bar(bits: float, most: float) -> str:
    """Return a bar to the left for negative bits, to the right for positive ones."""
    length = min(_BAR, round(_BAR * abs(bits) / most))
    blocks = "█" * length
    return f"{blocks:>{_BAR}}│{'':{_BAR}}" if bits < 0 else f"{'':{_BAR}}│{blocks:<{_BAR}}"


def _short(value: str | None) -> str:
    if value is None:
        return "-"
    return value if len(value) <= _VALUE else value[: _VALUE - 1] + "…"


def _meeting_row(meeting: Meeting) -> tuple[object, ...]:
    return meeting.rule, *(
        ", ".join(f"[{key}]" if key in meeting.shared else key for key in keys) or "-"
        for keys in (meeting.left, meeting.right)
    )


def _score(score: Score) -> tuple[str, str, str]:
    return _share(score.precision), _share(score.recall), _share(score.f1)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"


def _class_lines(title: str, classes: tuple[ErrorClass, ...]) -> list[str]:
    if not classes:
        return ["", f"{title}: none"]
    rows = [(found.words, f"{found.cases} cases", f"{found.pairs} pairs", *found.examples[0]) for found in classes]
    return ["", f"{title}, with an example each to `joinedup explain`", *table(rows)]


def _aligned(rows: Iterable[tuple[object, ...]], *, right: set[int] | None = None) -> list[str]:
    """Return the rows as aligned lines, the columns `right` (by default all after the first) to the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in texts) for place in range(len(texts[0]))]
    turned = right if right is not None else set(range(1, len(widths)))
    return [
        (
            "  "
            + "  ".join(
                cell.rjust(width) if place in turned else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        ).rstrip()
        for row in texts
    ]

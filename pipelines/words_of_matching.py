"""What `evaluate` prints for a person: the shares, what was lost where, and which mistakes there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.words import aligned, table

if TYPE_CHECKING:
    from matching.agreement import Score
    from matching.error_classes import ErrorClass
    from matching.evaluate import Blocking, Evaluation
    from matching.thresholds import AtThreshold

_FIGURES = ("precision", "recall", "F1")


def evaluation_page(found: Evaluation) -> str:
    """Return how the release holds against the truth: the shares, what was lost where, and which mistakes there are."""
    counts = found.found
    about = f"{counts.records} labelled records of {counts.people} people, in {counts.clusters} customers"
    shares = [("", *_FIGURES), ("pairs", *_score(found.pairs.score)), ("B-cubed", *_score(found.b_cubed))]
    lines = [f"{about}; {counts.unlabelled} records of customers have no label", "", *aligned(shares), ""]
    lines += table(_count_rows(found))
    by_source = [(*sources, *_score(c.score), c.true) for sources, c in found.by_source.items()]
    lines += ["", "By source", *aligned([("", "", *_FIGURES, "true pairs"), *by_source])]
    lines += _threshold_lines(found.thresholds)
    curve = [(f"{weight:+.0f}", *_score(c.score), c.joined) for weight, c in found.curve]
    lines += ["", "Direct pairs of distinct records, from a weight on"]
    lines += aligned([("bits", *_FIGURES, "pairs"), *curve])
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
    return ["", "Pairs of records, had matching.merge_at been", *aligned([heading, *rows])]


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
    lines = ["", "Blocking, in pairs of distinct records", *aligned(rows)]
    if not met:
        return lines
    ceiling = met.ceiling
    lines += ["", "The most that any decision can find after it, in pairs of records"]
    lines += aligned(
        [
            ("recall, by way of other records of the person", _share(ceiling.recall)),
            ("recall, each pair by itself", _share(ceiling.direct_recall)),
            ("people whose records do not hang together", ceiling.people_apart),
        ]
    )
    lines += table(ceiling.examples, indent="    ")
    rules = [(rule.rule, rule.found, _share(_part(rule.found, found.true)), rule.alone) for rule in met.rules]
    return [*lines, "", "By rule", *aligned([("", "true pairs", "share", "only it"), *rules])]


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None


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

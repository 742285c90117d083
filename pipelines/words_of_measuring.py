"""What stewards' judgements of pairs drawn at random say of a release, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import counted, table

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = ("precision", "recall")


def measured_sentence(measure: Mapping[str, Any]) -> str:
    """Return the estimates in one sentence; `measure` has the columns of review.audit_measure."""
    judged = f"By {counted(measure['judged'], 'pair', 'pairs')} drawn at random and judged blind"
    told = [
        f"{name} {measure[name]:.2%} ({measure[f'{name}_low']:.1%} to {measure[f'{name}_high']:.1%})"
        for name in _NAMES
        if measure[name] is not None
    ]
    unsure = f"; {measure['unsure']:,} more left unsure" if measure["unsure"] else ""
    if not told:
        return f"{judged}{unsure}: too few yet to tell precision or recall."
    return f"{judged}{unsure}: {', '.join(told)}, each with its 95 % interval."


def measure_page(document: Mapping[str, Any]) -> str:
    """Return what `joinedup review measure` prints."""
    if document["release_id"] is None:
        return "There is no release yet to measure: run `joinedup run` first."
    measures = [document, *document["parts"]]
    if not document["judged"]:
        return f"Nothing has been judged of {document['release_id']}: {_next(document)}"
    lines = [f"{measured_sentence(_flat(document))}"]
    if document["parts"]:
        rows = [
            (measure["sources"], measure["judged"], *(_share(measure[name]) for name in _NAMES)) for measure in measures
        ]
        lines += ["", *table([("sources", "judged", *_NAMES), *rows])]
    if document["judged_twice"]:
        lines += ["", _twice(document)]
    lines += ["", _next(document)]
    return "\n".join(lines)


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"judged": document["judged"], "unsure": document["unsure"]}
    for name in _NAMES:
        estimate = document[name] or {"value": None, "low": None, "high": None}
        told |= {name: estimate["value"], f"{name}_low": estimate["low"], f"{name}_high": estimate["high"]}
    return told


def _share(estimate: Mapping[str, float] | None) -> str:
    return "-" if estimate is None else f"{estimate['value']:.2%} ({estimate['low']:.1%} to {estimate['high']:.1%})"


def _twice(document: Mapping[str, Any]) -> str:
    twice, disagreed, error = (document[name] for name in ("judged_twice", "disagreed", "stewards_error"))
    return (
        f"{counted(twice, 'pair')} judged twice by chance, {disagreed:,} of them otherwise the second time: about "
        f"{error:.1%} of single judgements are wrong, if the two know nothing of each other."
    )


def _next(document: Mapping[str, Any]) -> str:
    waits = document["to_judge"]
    if not waits:
        return "No pair waits in the queue `audit`."
    verb = "waits" if waits == 1 else "wait"
    return f"{counted(waits, 'pair')} {verb} in the queue `audit`, in the order in which they tell most."

"""Numbers of a card as pictures: the bars of a waterfall, and what happened along a line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stewardship.card.strip import Event, Strip
    from stewardship.card.waterfall import Evidence

WIDTH = 300
"""The units that a line of time is drawn in; its marks keep EDGE from its ends."""
EDGE = 8
_LEAST_BAR = 0.6
_KINDS = {"order": "order", "invoice": "order", "case": "case", "message": "mail", "interaction": "mail"}
_MOST_BITS = 40.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A step of a waterfall: from `x` so wide, in hundredths of the picture; `total` where it is a sum and no step."""

    label: str
    said: str
    bits: float
    kind: str
    x: float
    width: float
    total: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The bars of one weighing, `zero` being where neither side is favoured."""

    bars: tuple[Bar, ...]
    zero: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, at its place on the line of time."""

    kind: str
    x: float


def waterfall(evidence: Evidence) -> Waterfall:
    """Return the bars from what was to be expected before looking to the weight."""
    totals = [0.0, evidence.start, *(step.total for step in evidence.steps), evidence.weight]
    least, most = (max(-_MOST_BITS, min(_MOST_BITS, bound)) for bound in (min(totals), max(totals)))
    scale = 100 / max(most - least, 1.0)

    def bar(label: str, said: str, bits: float, start: float, kind: str = "") -> Bar:
        ends = sorted(max(least, min(most, end)) for end in (start, start + bits))
        width = max((ends[1] - ends[0]) * scale, _LEAST_BAR)
        x = min((ends[0] - least) * scale, 100 - width)
        kind = kind or ("for" if bits > 0 else "against")
        return Bar(label, said, bits, kind, round(x, 2), round(width, 2), total=kind == "sum")

    bars = [bar("Before looking", "", evidence.start, 0.0, "sum")]
    for step in evidence.steps:
        values = f"{step.left} | {step.right}" if step.left and step.right and step.left != step.right else step.left
        said = ", ".join(part for part in (values, step.aside) if part)
        bars.append(bar(step.label, said, step.bits, step.total - step.bits))
    bars.append(bar("All together", "", evidence.weight, 0.0, "sum"))
    return Waterfall(tuple(bars), round(-least * scale, 2))


def timelines(strips: Sequence[Strip]) -> tuple[dict[str, tuple[Mark, ...]], str, str]:
    """Return the marks of each strip by its letter, on one line of time, and the days that it begins and ends."""
    every = [_moment(event) for strip in strips for event in strip.events if event.at]
    if not every:
        return {strip.letter: () for strip in strips}, "", ""
    first, last = min(every), max(every)
    length = max((last - first).total_seconds(), 1.0)

    def place(event: Event) -> float:
        share = (_moment(event) - first).total_seconds() / length if last > first else 0.5
        return round(EDGE + share * (WIDTH - 2 * EDGE), 1)

    marks = {
        strip.letter: tuple(Mark(_KINDS.get(event.kind, "other"), place(event)) for event in strip.events if event.at)
        for strip in strips
    }
    return marks, f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event.at or "").replace(tzinfo=None)

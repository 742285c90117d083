"""Draws what decisions mend as an SVG: per set F1 and wrong pairs against decisions, a line per order."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from benchmarks.stewards.simulate import AT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.stewards.simulate import Point

    Measured = Mapping[str, Mapping[str, Sequence[Point]]]
    """Set -> order -> points."""

COLOURS = ("#0b6e4f", "#b3541e", "#2f5d9b", "#6b6b6b")
DASHES = ("", "7 4", "2 3", "10 3 2 3")
"""The lines are told apart without their colours, too."""
WIDTH, HEIGHT = 380, 236
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 34, 46
LEGEND = 34
_TICKS = 4


def plot(measured: Measured) -> str:
    """Return the SVG: a row of two panels per set."""
    orders = list(dict.fromkeys(order for lines in measured.values() for order in lines))
    height = LEGEND + HEIGHT * len(measured)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {height}" width="{2 * WIDTH}"'
            f' height="{height}" font-family="system-ui, sans-serif" font-size="12" role="img">'
        ),
        "<title>F1 and wrong pairs against decisions, by the order in which a steward is asked</title>",
        f'<rect width="{2 * WIDTH}" height="{height}" fill="#ffffff"/>',
        *_legend(orders),
    ]
    for row, (name, lines) in enumerate(measured.items()):
        top = LEGEND + row * HEIGHT
        parts += _panel(f"{name}: F1", lines, orders, (0, top), lambda point: point.f1, "{:.4f}".format)
        parts += _panel(
            f"{name}: wrong pairs of records",
            lines,
            orders,
            (WIDTH, top),
            lambda point: float(point.wrong_pairs),
            lambda value: f"{value:,.0f}",
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(orders: Sequence[str]) -> list[str]:
    parts = []
    for number, order in enumerate(orders):
        x = LEFT + number * 180
        parts += [
            f'<path d="M{x} 18h34" {_stroke(number)}/>',
            f'<text x="{x + 42}" y="22" fill="#222222">{escape(order)}</text>',
        ]
    return parts


def _panel(
    title: str,
    lines: Mapping[str, Sequence[Point]],
    orders: Sequence[str],
    corner: tuple[int, int],
    value: Callable[[Point], float],
    spelled: Callable[[float], str],
) -> list[str]:
    values = [value(point) for points in lines.values() for point in points]
    least, most = min(values), max(values)
    span = (most - least) or 1.0
    x0, y0 = corner[0] + LEFT, corner[1] + TOP
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(decisions: int, of: float) -> tuple[float, float]:
        return x0 + width * decisions / AT[-1], y0 + height * (1 - (of - least) / span)

    parts = [f'<text x="{x0}" y="{y0 - 12}" fill="#222222" font-weight="600">{escape(title)}</text>']
    for tick in range(_TICKS + 1):
        at = least + span * tick / _TICKS
        y = place(0, at)[1]
        parts += [
            f'<path d="M{x0} {y:.1f}h{width}" stroke="#dddddd"/>',
            f'<text x="{x0 - 6}" y="{y + 4:.1f}" fill="#555555" text-anchor="end">{spelled(at)}</text>',
        ]
    for decisions in AT:
        x = place(decisions, least)[0]
        parts.append(f'<text x="{x:.1f}" y="{y0 + height + 18}" fill="#555555" text-anchor="middle">{decisions}</text>')
    middle = x0 + width / 2
    parts.append(f'<text x="{middle}" y="{y0 + height + 34}" fill="#555555" text-anchor="middle">decisions</text>')
    for order, points in lines.items():
        number = orders.index(order)
        spots = [place(point.decisions, value(point)) for point in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        parts.append(f'<path d="M{path}" {_stroke(number)}/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[number]}"/>' for x, y in spots]
    return parts


def _stroke(number: int) -> str:
    dashes = f' stroke-dasharray="{DASHES[number]}"' if DASHES[number] else ""
    return f'fill="none" stroke="{COLOURS[number]}" stroke-width="2"{dashes}'

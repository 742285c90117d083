"""The page and the picture of simulated stewards: every sentence follows from the figures."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from benchmarks.stewards.document import document
from benchmarks.stewards.orders import ORDERS
from benchmarks.stewards.plot import plot
from benchmarks.stewards.simulate import MISTAKES, Point, is_mistaken


def line(*wrong: int) -> list[Point]:
    """Return points of so many wrong pairs, after 0, 50, … decisions."""
    return [Point(50 * place, 1 - pairs / 1000, 1.0, 1.0, 0, pairs, 5, 2, 0) for place, pairs in enumerate(wrong)]


def measured(ours: list[Point], nearest: list[Point]) -> dict[str, dict[str, list[Point]]]:
    return {"made_up": dict(zip(ORDERS, (ours, nearest, line(100), line(100)), strict=True))}


@pytest.mark.parametrize(
    ("nearest", "said"),
    [
        ((100, 90, 80), "After 100 of the nearest records 20: we remove 3.0 times as many."),
        ((100, 50), "nearest records 50: we remove 1.2 times as many, short of the 1.5 times that were aimed at."),
        ((100, 103), "After 50 of the nearest records none, and 3 more were made."),
    ],
)
def test_the_page_says_how_often_as_much_is_mended(nearest: tuple[int, ...], said: str) -> None:
    page = " ".join(document(measured(line(100, 60, 40), line(*nearest))).split())
    assert "After 100 decisions in our order 60 of 100 wrong pairs are gone." in page
    assert said in page
    assert "| our queue | 100 | 0.9600 |" in page


def test_the_picture_has_a_line_per_order_in_each_panel() -> None:
    picture = ET.fromstring(plot(measured(line(100, 60), line(100, 80))))  # noqa: S314 - our own
    paths = [each.get("d", "") for each in picture.iter("{http://www.w3.org/2000/svg}path")]
    assert sum("L" in path for path in paths) == 4
    assert "made_up: F1" in [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]


def test_a_steward_errs_in_the_same_few_questions() -> None:
    questions = [(("a", str(number)), ("b", str(number))) for number in range(4000)]
    mistaken = [question for question in questions if is_mistaken(question, 1)]
    assert len(mistaken) / len(questions) == pytest.approx(MISTAKES, abs=0.01)
    assert mistaken == [question for question in questions if is_mistaken(question, 1)]
    assert mistaken != [question for question in questions if is_mistaken(question, 2)]

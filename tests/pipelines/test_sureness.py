"""What a run holds of its own precision: told where it is known, with what to do where it is low."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipelines.commands.run import render_summary
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.run import StageReport

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.night import Night, StepDone
    from pipelines.summary import RunSummary

OWN = ("merge_at", "estimated_precision")


def night_with(path: Path, **figures: float) -> tuple[RunSummary, str]:
    """Run a night whose stage `cluster` reports these figures; return its summary and its page."""
    shop = Shop(path)
    shop.populate(12, 4)
    shop.write()
    nights: list[Night] = []

    def watch(name: str, _done: StepDone | None) -> None:
        if name == "gate":
            steps = nights[0].steps
            place = next(place for place, step in enumerate(steps) if step.name == "cluster")
            kept = {key: value for key, value in steps[place].report.figures.items() if key not in OWN}
            report = StageReport(steps[place].report.rows, kept | figures)
            steps[place] = replace(steps[place], report=report)

    summary = do_night(shop.workspace, TONIGHT, checks=False, opened=nights.append, watch=watch)
    (page,) = shop.workspace.reports.glob("*.html")
    return summary, page.read_text()


@pytest.mark.parametrize("estimated", [0.993, 0.985])
def test_a_good_estimate_is_told_and_nothing_else(tmp_path: Path, estimated: float) -> None:
    summary, page = night_with(tmp_path / "shop", merge_at=0.85, estimated_precision=estimated)
    assert (summary.document()["merge_at"], summary.document()["estimated_precision"]) == (0.85, estimated)
    for told in (page.replace("&#39;", "'"), " ".join(render_summary(summary).split())):
        assert f"from a probability of 0.85 on; by the run's own estimate {estimated:.2%}" in told
        assert "Be stricter" not in told


def test_what_was_taken_apart_is_told_with_its_number(tmp_path: Path) -> None:
    summary, _ = night_with(tmp_path / "shop", merge_at=0.85, estimated_precision=0.993)
    assert summary.taken_apart == 0
    assert not any("taken apart" in told for told in summary.sureness)
    for number, came in ((1, "1 came out as one customer"), (1200, "1,200 came out as one customer")):
        (told,) = [told for told in replace(summary, taken_apart=number).sureness if "taken apart" in told]
        assert told.startswith(came)


def test_an_estimate_below_the_aim_says_what_to_do(tmp_path: Path) -> None:
    summary, page = night_with(tmp_path / "shop", merge_at=0.85, estimated_precision=0.97)
    for told in (page, " ".join(render_summary(summary).split())):
        assert "97.00%" in told
        assert "less than the 98.5% aimed at. Be stricter: set matching.merge_at" in told
        assert "to more than 0.85 and run again" in told


def test_without_an_estimate_nothing_is_told(tmp_path: Path) -> None:
    summary, page = night_with(tmp_path / "shop")
    assert (summary.merge_at, summary.estimated_precision, summary.sureness) == (None, None, ())
    assert "own estimate" not in page


def test_the_page_shows_what_each_blocking_rule_brings(tmp_path: Path) -> None:
    _, page = night_with(tmp_path / "shop")
    rules = page[page.index("<h2>Blocking</h2>") : page.index("<h2>Time and memory</h2>")]
    for word in ("only it", "matches", "narrowed", "left out", "cpu s", "<td>email</td>", "<td>place_given</td>"):
        assert word in rules

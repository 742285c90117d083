"""The shipped example's three nights, and the story they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer360.view import customer_view, golden_id_of_record
from examples.shop.generate import truth, write_night, write_truth
from pipelines.night import NightOptions
from pipelines.run_nightly import run_nightly
from warehouse.durable import remove_tree
from warehouse.errors import Refused
from warehouse.read import open_release
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from customer360.view import CustomerView
    from examples.shop.story import NightStory, Part
    from pipelines.night import StepDone
    from pipelines.summary import RunSummary

NIGHTS = 3
TRUTH = "truth.csv"
MARKER = ".joinedup-demo"
"""The file that says that a folder was made by the demo, and may be made anew."""


@dataclass(frozen=True, slots=True)
class DemoNight:
    """One night of the demo: what was delivered, what the run did, and which customers each part's records now are.

    `told` holds, per part, its sentence and the golden ids of its groups (each group's distinct ids, sorted).
    """

    story: NightStory
    summary: RunSummary
    told: tuple[tuple[Part, tuple[tuple[str, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """The three nights, and two customers to look at: who moved, and whose order a known issue touches.

    `touched` counts the customers of the last night who have such an order.
    """

    workspace: Workspace
    nights: tuple[DemoNight, ...]
    shown: CustomerView
    forewarned: CustomerView
    touched: int

    def document(self) -> dict[str, Any]:
        """Return the demo as JSON-ready data."""
        return {
            "workspace": str(self.workspace.path),
            "nights": [
                {
                    "run": night.summary.document(),
                    "told": [
                        {"role": part.role, "told": part.told, "records": part.groups, "golden_ids": ids}
                        for part, ids in night.told
                    ],
                }
                for night in self.nights
            ],
            "customer": self.shown.document(),
            "forewarned": self.forewarned.document(),
            "customers_touched": self.touched,
        }


def run_demo(
    directory: Path,
    *,
    people: int,
    watch: Callable[[str, StepDone | None], None],
    announce: Callable[[NightStory], None],
) -> Demo:
    """Write the example into `directory`, run its three nights there, and gather the story.

    Who each record of the last night really is stands in `truth.csv`, which no run reads. Raises Refused where the
    directory holds something that the demo has not made.
    """
    workspace = _fresh(directory)
    nights = []
    for number in range(1, NIGHTS + 1):
        story = write_night(workspace.path, number, people=people)
        announce(story)
        summary = run_nightly(workspace, NightOptions(as_of=story.exported_at), watch)
        nights.append(_tell(workspace, story, summary))
    write_truth(workspace.path / TRUTH, truth(NIGHTS, people=people))
    moved = _view(workspace, nights[1].story.part("moves"))
    forewarned = _view(workspace, nights[2].story.part("forewarned"))
    with open_release(workspace.path) as release:
        ((touched,),) = release.con.execute("SELECT count(DISTINCT golden_id) FROM issue_effect").fetchall()
    return Demo(workspace, tuple(nights), moved, forewarned, int(touched))


def _view(workspace: Workspace, part: Part) -> CustomerView:
    """Return who plays a part, by the first record."""
    record = part.groups[0][0]
    with open_release(workspace.path) as release:
        golden_id = golden_id_of_record(release.con, *record.split(":", 1))
        view = customer_view(release.con, golden_id) if golden_id else None
    if view is None:
        message = f"{record} is nobody's in the last release: the demo has nothing to show"
        raise Refused(message)
    return view


def _fresh(directory: Path) -> Workspace:
    if directory.exists() and any(directory.iterdir()):
        if not (directory / MARKER).exists():
            message = f"{directory} is not empty and was not made by the demo: name another folder; nothing was changed"
            raise Refused(message)
        remove_tree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MARKER).touch()
    return Workspace(directory.absolute())


def _tell(workspace: Workspace, story: NightStory, summary: RunSummary) -> DemoNight:
    with open_release(workspace.path) as release:
        told = []
        for part in story.parts:
            ids = []
            for group in part.groups:
                found = {golden_id_of_record(release.con, *record.split(":", 1)) for record in group}
                ids.append(tuple(sorted(golden_id for golden_id in found if golden_id)))
            told.append((part, tuple(ids)))
    return DemoNight(story, summary, tuple(told))

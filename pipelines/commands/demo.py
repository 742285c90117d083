"""`joinedup demo`: the shipped example, three nights, and its story."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import JsonOption, answer
from pipelines.progress import Progress

DEFAULT_PEOPLE = 3000


def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make the example in.")] = Path(
        "demo"
    ),
    *,
    people: Annotated[int, typer.Option("--people", min=100, help="How many people the shop knows.")] = DEFAULT_PEOPLE,
    as_json: JsonOption = False,
) -> None:
    """Write the shipped example, run its three nights, and tell what happened."""
    from pipelines.demo import run_demo  # a help page need not wait for the matching to load
    from pipelines.demo_words import demo_page, night_heading

    progress = Progress(quiet=as_json)
    try:
        done = run_demo(
            directory, people=people, watch=progress, announce=lambda story: progress.say(night_heading(story))
        )
    finally:
        progress.close()
    answer(done.document(), lambda: demo_page(done, str(directory)), as_json=as_json)

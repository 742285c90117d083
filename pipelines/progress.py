"""What a person sees while a night runs: one line per step on standard error, a spinner only on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from warehouse.visible import visible

if TYPE_CHECKING:
    from pipelines.night import StepDone

_SHOWN_ROWS = 2


class Progress:
    """Writes a line for each step that ends; on a terminal also the step that is under way."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._status = None if quiet or not self._console.is_terminal else self._console.status("")

    def __call__(self, name: str, done: StepDone | None) -> None:
        """Take note that step `name` starts (`done` is None) or ended."""
        if self._quiet:
            return
        if done is None:
            if self._status is not None:
                self._status.start()
                self._status.update(name)
            return
        if self._status is not None:
            self._status.stop()
        told = escape(visible(_words(done)))
        self._console.print(f"[green]✓[/green] {name:<22} {done.seconds:7.1f} s  [dim]{told}[/dim]")

    def say(self, heading: str) -> None:
        """Write a line between two nights."""
        if not self._quiet:
            self._console.print(f"\n[bold]{heading}[/bold]")

    def close(self) -> None:
        """Take the spinner off the terminal."""
        if self._status is not None:
            self._status.stop()


def _words(done: StepDone) -> str:
    rows = [f"{table.split('.')[-1].replace('_', ' ')} {count:,}" for table, count in done.report.rows.items()]
    figures = [f"{name.replace('_', ' ')} {value}" for name, value in done.report.figures.items()]
    return ", ".join([*rows[:_SHOWN_ROWS], *figures[:_SHOWN_ROWS]])

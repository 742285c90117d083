"""Shell sessions in the documentation: commands after `$`, and what they print, with `…` where lines are left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ELIDED = "…"
HOME = "/srv"
"""Where the documentation's workspaces lie."""

_CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "RUN"),
    (re.compile(r"[\d,.]+ CPU s, [\d,]+ MB"), "N CPU s, N MB"),
)
"""What differs from one run to the next."""


@dataclass(frozen=True)
class Command:
    """One command of a session, and the lines that the page says it prints."""

    line: str
    output: tuple[str, ...]


def commands(session: str) -> list[Command]:
    """Return the commands of a session; lines before the first one belong to none."""
    found: list[tuple[str, list[str]]] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif found:
            found[-1][1].append(line)
    return [Command(line, tuple(output)) for line, output in found]


def run(line: str, folder: Path) -> str:
    """Run a shell command in a folder, with this project's commands on the path; return what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "COLUMNS": "200"},
    )
    assert done.returncode == 0, f"$ {line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def steady(text: str, folder: Path) -> list[str]:
    """Return the lines of an output without what differs between two runs and two machines."""
    told = text.replace(str(folder), HOME)
    for pattern, word in _CHANGING:
        told = pattern.sub(word, told)
    return [line.rstrip() for line in told.splitlines()]


def missing(expected: tuple[str, ...] | list[str], found: list[str]) -> str | None:
    """Return the first expected line that is not where the page has it; None where the page is true.

    Lines follow one another as on the page; `…` stands for any number of lines.
    """
    place, may_skip = 0, False
    for line in expected:
        if line.strip() == ELIDED:
            may_skip = True
            continue
        if may_skip:
            place = found.index(line, place) if line in found[place:] else len(found)
        if place >= len(found) or found[place] != line:
            return line
        place, may_skip = place + 1, False
    return None if may_skip or place == len(found) else f"(the page ends before: {found[place]})"

"""The pages of the documentation, taken apart: headings, fenced blocks, tables, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NOT_OURS = (".", "demo", "var")
"""Folders of the checkout whose pages nobody wrote: environments, caches, what a run leaves."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")


@dataclass(frozen=True)
class Block:
    """A fenced block: the language it names, its text, the line of prose before it, and where it starts."""

    language: str
    text: str
    before: str
    start: int


def pages() -> list[Path]:
    """Return every Markdown page of the checkout."""
    found = (path for path in CHECKOUT.rglob("*.md") if not path.relative_to(CHECKOUT).parts[0].startswith(NOT_OURS))
    return sorted(found)


def blocks(text: str) -> list[Block]:
    return [
        Block(found[1], found[2], (text[: found.start()].strip().splitlines() or [""])[-1], found.start())
        for found in _FENCE.finditer(text)
    ]


def prose(text: str) -> str:
    """Return the page without its fenced blocks."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[str]:
    return _HEADING.findall(prose(text))


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading) for heading in headings(text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def links(text: str) -> list[str]:
    return [next(filter(None, found)) for found in _LINK.findall(prose(text))]


def sections(text: str) -> dict[str, str]:
    """Return the text under each heading, up to the next one of any level."""
    found = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in found[1:]), len(text)]
    return {heading[1]: text[heading.end() : end] for heading, end in zip(found, ends, strict=True)}


def rows(section: str) -> list[list[str]]:
    """Return the cells of all table rows in a section, without the heading rows."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = {index for index, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for index, row in enumerate(cells) if index not in rules and index + 1 not in rules]

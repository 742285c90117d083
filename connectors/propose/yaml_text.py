"""A proposal as the text of joinedup.yaml: a line for each thing it says, with what speaks for it and against it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.propose.proposal import Line, Proposal, ProposedSource

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ./@*-]*[A-Za-z0-9_*]|[A-Za-z_]")
_WORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "nan", "inf"])
_COMMENT_AT = 58
_LAST_OF_FOUR_DIGITS = 0xFFFF
_GROUPS = ("options", "fields", "activity")
_ORDER = ("holds", "files", "format", "options", "load", "key", "rows", "updated_at", "fields", "links", "activity",
          "references", "own_addresses")  # fmt: skip
_LONGEST_COMMENT = 200


def yaml_text(proposal: Proposal) -> str:
    """Return the whole file."""
    lines = [
        "# Proposed by `joinedup init --from` after looking at the files: read it before the first night.",
        "# What is not sure is marked `unsure`; `joinedup check` shows the first rows as they would land.",
        "version: 1",
        _commented("", proposal.timezone),
        _commented("", proposal.country),
        "",
        "sources:",
    ]
    for source in proposal.sources:
        written = list(_source(source))
        lines += [f"  # {line[2:]}".rstrip() if line else line for line in written] if source.broken else written
    return "\n".join(lines) + "\n"


def _source(source: ProposedSource) -> Iterator[str]:
    yield f"  {source.name}:"
    for problem in source.problems:
        yield f"    # NOT IN ORDER: {_one_line(problem)}"
    by_group: dict[str, list[Line]] = {}
    for line in source.lines:
        group = line.key.partition(".")[0]
        by_group.setdefault(group, []).append(line)
    for group in (*_ORDER, *(name for name in by_group if name not in _ORDER)):
        found = by_group.get(group, [])
        if found and group in _GROUPS:
            yield f"    {group}:"
            yield from (_commented("      ", line, line.key.partition(".")[2]) for line in found)
        else:
            yield from (_commented("    ", line) for line in found)
    if source.unmapped:
        yield "    # Columns that are left out:"
        yield from (f"    #   {_one_line(name)}: {_one_line(why)}" for name, why in source.unmapped.items())
    yield ""


def _commented(indent: str, line: Line, key: str = "") -> str:
    written = f"{indent}{_key(key or line.key)}: {flow(line.value)}"
    said = [line.why] if line.why and line.why != "its name" else []
    if line.unsure:
        said.append(f"unsure: {line.unsure}")
    if not said:
        return written
    comment = _one_line("; ".join(said))[:_LONGEST_COMMENT]
    if line.unsure:
        comment = _one_line(f"unsure: {line.unsure}" + (f" ({line.why})" if line.why else ""))[:_LONGEST_COMMENT]
    return f"{written:<{_COMMENT_AT}}  # {comment}"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[a-z_.]+[a-z0-9_.]*", key) else json.dumps(key, ensure_ascii=False)


def flow(value: Any) -> str:  # noqa: ANN401 - whatever YAML can say
    """Return a value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(str(key))}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, int):
        return str(value).lower()
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(character: str) -> str:
    """Return a character as YAML writes it between double quotes."""
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= _LAST_OF_FOUR_DIGITS else f"\\U{ord(character):08x}"


def _one_line(text: str) -> str:
    """Return a text for a comment: on one line, without characters that a terminal obeys."""
    return "".join(character if character.isprintable() else " " for character in " ".join(text.split()))

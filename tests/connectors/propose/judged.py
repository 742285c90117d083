"""A proposal beside what a reader would have written by hand: which of its lines are right, and which are wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.propose.proposal import Line, ProposedSource

NOT_JUDGED = ("files", "format", "load")
"""What no file tells: it is said by the user's call, or is a decision."""


@dataclass
class Judged:
    """The lines by how they fare; each is `source.key`, with what was proposed and what was expected."""

    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of what was expected or proposed that is right."""
        return len(self.right) / max(1, len(self.right) + len(self.wrong) + len(self.missed))

    def said(self) -> str:
        """Return the figures, and what is not right."""
        found = f"{len(self.right)} right, {len(self.wrong)} wrong, {len(self.missed)} missed: {self.share:.1%}"
        return "\n".join(
            [found, *(f"wrong: {each}" for each in self.wrong), *(f"missed: {each}" for each in self.missed)]
        )


def judge(source: ProposedSource, expected: Mapping[str, Any], judged: Judged) -> None:
    """Add what a source's lines are to `judged`; keys of `expected` with a question mark may stand or be left out."""
    wanted = {key.lstrip("?"): value for key, value in expected.items()}
    proposed = {line.key: line for line in source.lines if line.key not in NOT_JUDGED}
    for key, value in wanted.items():
        name = f"{source.name}.{key}"
        line = proposed.pop(key, None)
        if line is None:
            judged.missed += [name] if f"?{key}" not in expected else []
        elif is_right(key, line, value):
            judged.right.append(name)
        else:
            _wrong(judged, line, f"{name}: {line.value} instead of {value}")
    for key, line in proposed.items():
        _wrong(judged, line, f"{source.name}.{key}: {line.value}, where nothing was expected")


def _wrong(judged: Judged, line: Line, said: str) -> None:
    judged.wrong.append(said)
    judged.silent += [said] if not line.unsure else []


def is_right(key: str, line: Line, expected: Any) -> bool:  # noqa: ANN401 - whatever YAML can say
    """Say whether a line is what was expected, or one of several things that are as good."""
    if isinstance(expected, tuple):
        return any(is_right(key, line, each) for each in expected)
    if key == "activity.status":
        return bool(_normal(line.value)["column"] == _normal(expected)["column"])
    if key == "references":
        return all(any(re.fullmatch(found, _example(each)) for found in line.value) for each in expected)
    return bool(_normal(line.value) == _normal(expected))


def _example(pattern: str) -> str:
    """Return a number that a pattern of digits means."""
    return re.sub(r"\\d(\{(\d+)\}|\+)", lambda found: "01234567890"[-int(found[2] or 4) :], pattern)


def _normal(value: Any) -> Any:  # noqa: ANN401 - whatever YAML can say
    if isinstance(value, str):
        return {"column": value}
    if isinstance(value, list):
        return [_normal(inner) for inner in value] if len(value) != 1 else _normal(value[0])
    if isinstance(value, dict):
        return {name: inner if name in ("column", "path", "format") else _normal(inner) for name, inner in value.items()
                if (name, inner) != ("with", " ")}  # fmt: skip
    return value

"""A proposal: what joinedup.yaml may say of some files, line by line, each with what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

SURE, LIKELY, UNSURE = 0.98, 0.9, 0.6


@dataclass(frozen=True, slots=True)
class Line:
    """One proposed line: the key within its source, as in `fields.email`, and the value that YAML says.

    `confidence` is from 0 to 1; `why` what speaks for it, without any value of the data; `unsure` what it may be
    instead, empty where it is sure.
    """

    key: str
    value: Any
    confidence: float = SURE
    why: str = ""
    unsure: str = ""

    def document(self) -> dict[str, Any]:
        """Return the line as JSON-ready data."""
        found = {"key": self.key, "value": self.value, "confidence": round(self.confidence, 2), "why": self.why}
        return found | ({"unsure": self.unsure} if self.unsure else {})


@dataclass(slots=True)
class ProposedSource:
    """What is proposed for one source.

    `unmapped` says of each column that is left out why; `problems` what does not hold; `broken` that it cannot be read.
    """

    name: str
    files: str
    format: str
    paths: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)
    unmapped: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    broken: bool = False

    def without_links(self) -> ProposedSource:
        """Return the source as it stands by itself."""
        lines = [line for line in self.lines if line.key != "links"]
        if not any(line.key.startswith(("fields", "activity.about")) for line in lines) and len(lines) < len(
            self.lines
        ):
            lines.append(Line("fields.extra.link", {"value": ""}))
        return replace(self, lines=lines)

    def drop_links(self, sources: set[str]) -> None:
        """Take out the links to sources that are not there."""
        for place, line in enumerate(self.lines):
            if line.key == "links":
                kept = [link for link in line.value if link["source"] not in sources]
                self.lines[place] = replace(line, value=kept)
        self.lines = [line for line in self.lines if line.key != "links" or line.value]

    def get(self, key: str) -> Any:  # noqa: ANN401 - whatever YAML can say
        """Return the value of a line, None where there is none."""
        return next((line.value for line in self.lines if line.key == key), None)

    def settings(self) -> dict[str, Any]:
        """Return the source as joinedup.yaml says it."""
        found: dict[str, Any] = {}
        for line in self.lines:
            group, _, name = line.key.partition(".")
            if name and group in ("fields", "activity", "options"):
                found.setdefault(group, {})[name] = line.value
            else:
                found[line.key] = line.value
        return found

    def document(self) -> dict[str, Any]:
        """Return the source as JSON-ready data."""
        return {
            "source": self.name,
            "files": list(self.paths),
            "settings": self.settings(),
            "lines": [line.document() for line in self.lines],
            "unmapped": self.unmapped,
            "problems": self.problems,
        }


@dataclass(slots=True)
class Proposal:
    """A whole joinedup.yaml, proposed: its place in the world, and its sources."""

    timezone: Line
    country: Line
    sources: list[ProposedSource] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the proposal as JSON-ready data."""
        return {
            "timezone": self.timezone.document(),
            "country": self.country.document(),
            "sources": [source.document() for source in self.sources],
        }

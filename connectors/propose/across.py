"""What sources say of each other: columns that hold another's keys, and texts that quote another's numbers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.propose.judge import percent
from connectors.propose.proposal import LIKELY, SURE, UNSURE, Line
from warehouse.settings.source_checks import MAIL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.propose.looked_at import LookedAt

_MOSTLY, _SOME = 0.7, 0.3
_FEWEST = 5
_QUOTING = ("message", "case", "interaction")
_QUOTED = ("order", "invoice", "case", "account")
_DIGITS = re.compile(r"\d+")
_SHORTEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a source, by whose numbers others may be recognised."""

    source: str
    holds: str
    keys: frozenset[int]
    shape: str


def tie_sources(looked_at: Sequence[LookedAt]) -> None:
    """Add `links`, `activity.about` and `references` to the sources that hold or quote another's numbers."""
    every = [
        _Keys(found.proposed.name, str(found.proposed.get("holds")), found.keys, number_pattern(found.key_texts))
        for found in looked_at
        if found.keys
    ]
    for found in looked_at:
        others = [keys for keys in every if keys.source != found.proposed.name]
        if found.proposed.format not in MAIL:
            _links(found, others)
        if found.proposed.get("holds") in _QUOTING:
            _references(found, [keys for keys in every if keys.holds in _QUOTED])


def _links(found: LookedAt, others: Sequence[_Keys]) -> None:
    links = []
    for evidence in found.evidences:
        column = evidence.column
        values = set(map(hash, column.filled))
        if column.name in found.key or len(values) < _FEWEST or evidence.length < 2:  # noqa: PLR2004 - 1, 2, 3 are no keys
            continue
        best = max(others, key=lambda keys: len(values & keys.keys), default=None)
        if best is None or len(values & best.keys) < _SOME * len(values):
            continue
        share = len(values & best.keys) / len(values)
        why = f"{percent(share)} of its values are keys of {best.source}"
        unsure = "" if share >= _MOSTLY else "the others are not, of the rows that were looked at"
        found.proposed.unmapped.pop(column.name, None)
        _drop(found, column.name)
        if best.holds == "account" and found.proposed.get("holds") != "account":
            links.append({"source": best.source, "record": column.written()})
            found.proposed.lines.append(Line("links", list(links), SURE if not unsure else UNSURE, why, unsure))
        elif found.proposed.get("activity.about") is None:
            line = Line("activity.about", column.written(), LIKELY if not unsure else UNSURE, why, unsure)
            found.proposed.lines.append(line)
    if len(links) > 1:
        last = found.proposed.lines[-1]
        found.proposed.lines = [line for line in found.proposed.lines if line.key != "links" or line is last]


def _drop(found: LookedAt, column: str) -> None:
    """Take back what a column was proposed for: as another's key it says more."""
    found.proposed.lines = [
        line
        for line in found.proposed.lines
        if line.value != column
        or not line.key.startswith(("activity.about", "activity.reference", "fields.identifier"))
    ]


def _references(found: LookedAt, others: Sequence[_Keys]) -> None:
    patterns: dict[str, str] = {}
    for keys in others:
        if keys.shape:
            patterns.setdefault(keys.shape, keys.source)
    texts = [text for name in ("subject", "body", *found.texts) for text in found.sample.columns.get(name, []) if text]
    quoted = {pattern: sum(bool(re.search(pattern, text)) for text in texts) for pattern in patterns}
    likely = {keys.shape for keys in others if keys.holds in ("order", "case")}
    kept = [pattern for pattern in patterns if quoted[pattern] or (any(quoted.values()) and pattern in likely)]
    if kept:
        said = ", ".join(f"numbers of {patterns[pattern]} in {quoted[pattern]:,} texts" for pattern in kept)
        none = [patterns[pattern] for pattern in kept if not quoted[pattern]]
        unsure = f"no number of {' and '.join(none)} was met" if none else ""
        found.proposed.lines.append(Line("references", kept, UNSURE if none else LIKELY, said, unsure))


def number_pattern(keys: Sequence[str]) -> str:
    r"""Return a pattern for numbers such as `SO-00012345`, as in `SO-\d{8}`; empty where they have no shape."""
    shapes = Counter(_DIGITS.sub("#", key) for key in keys)
    if not shapes:
        return ""
    shape, count = shapes.most_common(1)[0]
    if count < _MOSTLY * len(keys) or "#" not in shape or not re.fullmatch(r"[\w#./-]{1,24}", shape):
        return ""
    runs = [_DIGITS.findall(key) for key in keys if _DIGITS.sub("#", key) == shape]
    pattern = ""
    place = 0
    for part in re.split("(#)", shape):
        if part != "#":
            pattern += re.escape(part).replace(r"\-", "-")
            continue
        lengths = {len(run[place]) for run in runs}
        padded = any(run[place].startswith("0") for run in runs) or min(lengths) >= _SHORTEST_NUMBER
        pattern += rf"\d{{{lengths.pop()}}}" if len(lengths) == 1 and padded else r"\d+"
        place += 1
    letters = any(character.isalpha() for character in shape)
    long = min(len("".join(run)) for run in runs) >= _SHORTEST_NUMBER
    return pattern if letters or long else ""

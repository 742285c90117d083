"""Which files are one source: those of one format whose names differ in digits alone, with the same columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anyascii import anyascii

from connectors.propose.word_sets import word_set

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DIGITS = re.compile(r"[-_. ]*\d[\d._-]*")
_ENDING = re.compile(
    r"(?:\.(?:csv|tsv|tab|txt|psv|dat|jsonl|ndjson|json|parquet|pq|mbox|mbx|xlsx|xlsm|eml))?(?:\.gz)?$", re.IGNORECASE
)
_NO_WORDS = word_set("""
    export exports dump data full all extract backup table dbo public prod csv final
""")


def stem_of(path: Path) -> str:
    """Return a file's name without its ending."""
    return _ENDING.sub("", path.name) or path.name


def group_files(paths: Sequence[tuple[Path, str]]) -> list[tuple[Path, ...]]:
    """Return the files (each with its format) by source, in the order in which they are named."""
    groups: dict[tuple[str, str, str], list[Path]] = {}
    for path, kind in paths:
        groups.setdefault((str(path.parent), kind, _DIGITS.sub("#", stem_of(path))), []).append(path)
    return [tuple(sorted(group)) for group in groups.values()]


def source_name(called: str, taken: set[str]) -> str:
    """Return a name for a source that is not taken, from its file's or table's: letters, digits and _."""
    words = [word for word in re.split(r"[^a-z0-9]+", anyascii(called).lower()) if word and not word.isdigit()]
    name = "_".join([word for word in words if word not in _NO_WORDS] or words) or "source"
    name = name[:40] if name[0].isalpha() else f"source_{name[:40]}"
    number = 1
    while name in taken:
        number += 1
        name = re.sub(r"_\d+$", "", name) + f"_{number}"
    taken.add(name)
    return name


def files_pattern(paths: Sequence[Path], directory: Path) -> str:
    """Return what `files` says: one path, or a glob for several; relative to the workspace where they lie in it."""
    name = paths[0].name
    if len(paths) > 1:
        ending = _ENDING.search(name)
        end = ending[0] if ending else ""
        begin = _shared_beginning([stem_of(path) for path in paths])
        name = f"{begin}*{end}" if all(path.name.endswith(end) for path in paths) else f"{begin}*"
    place = paths[0].parent / name
    try:
        return place.relative_to(directory).as_posix()
    except ValueError:
        return place.as_posix()


def _shared_beginning(names: Sequence[str]) -> str:
    shortest = min(names, key=len)
    for end in range(len(shortest), -1, -1):
        if all(name.startswith(shortest[:end]) for name in names):
            return re.sub(r"\d+$", "", shortest[:end])
    return ""

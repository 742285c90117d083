"""Labelled pairs: what people know to be the same customer or not.

They are read from the file that `matching.labels` names; stewards' decisions join them where joinedup.yaml wants that.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings

KEY = "matching.labels"

COLUMNS = ("source_l", "record_l", "source_r", "record_r", "same")

_SAME = ("true", "t", "yes", "y", "1", "same")
_DIFFERENT = ("false", "f", "no", "n", "0", "different")

Record = tuple[str, str]
"""A source and a source_record_id."""


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """Two records, the lesser one first, and whether they are one customer."""

    left: Record
    right: Record
    same: bool


def labels_of(settings: Settings, workspace: Path) -> tuple[Label, ...]:
    """Return the labels that the settings name, each pair once, sorted; none where they name no file.

    Raises SettingsError, with the line of the file, for what is no label.
    """
    if settings.matching.labels is None:
        return ()
    return read_labels(workspace / settings.matching.labels, settings.matching.labels)


def with_decisions(con: DuckDBPyConnection, labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return the labels and what stewards have decided, each pair once, sorted; where they differ stewards are right.

    A decision whose records say something else now teaches nothing, and of one that parts many pairs the first one
    alone does: it was one judgement.
    """
    decided = con.execute(
        "SELECT source_l, source_record_id_l, source_r, source_record_id_r, decision = 'same' FROM matching.decision"
        " WHERE state = 'bound' AND place = 0 ORDER BY decision_id"
    ).fetchall()
    known = {(label.left, label.right): label for label in labels}
    for source_l, record_l, source_r, record_r, same in decided:
        left, right = (source_l, record_l), (source_r, record_r)
        known[left, right] = Label(left, right, bool(same))
    return tuple(sorted(known.values()))


def read_labels(path: Path, name: str) -> tuple[Label, ...]:
    """Return the labels in the csv file at `path`, which messages call `name`.

    Its first row names the columns, those of COLUMNS among them. Raises SettingsError for a file that cannot be read,
    lacks a column, has a cell that is no label, or says two things of one pair.
    """
    found: dict[tuple[Record, Record], tuple[Label, int]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, label in _rows(csv.DictReader(file, strict=True), name):
                before, first = found.setdefault((label.left, label.right), (label, line))
                if before.same != label.same:
                    problem = f"says the opposite of line {first} about the same pair; keep one of them"
                    raise _mistake(name, line, problem)
    except FileNotFoundError as error:
        problem = f"no file {name} in {path.parent}; write it, or take the key out"
        raise SettingsError(problem, key=KEY) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{name} cannot be read as csv in UTF-8: {error}", key=KEY) from error
    return tuple(sorted(label for label, _ in found.values()))


def labels_hash(labels: Iterable[Label]) -> str:
    """Return the sha256 of what the labels say, whatever the order and form of their file."""
    said = [(*label.left, *label.right, label.same) for label in labels]
    return hashlib.sha256(json.dumps(sorted(said), ensure_ascii=False).encode()).hexdigest()


def labels_table(labels: Sequence[Label]) -> pa.Table:
    """Return the labels with the columns source_l, record_l, source_r, record_r, same."""
    columns: dict[str, pa.Array[Any]] = {
        "source_l": pa.array([label.left[0] for label in labels], pa.string()),
        "record_l": pa.array([label.left[1] for label in labels], pa.string()),
        "source_r": pa.array([label.right[0] for label in labels], pa.string()),
        "record_r": pa.array([label.right[1] for label in labels], pa.string()),
        "same": pa.array([label.same for label in labels], pa.bool_()),
    }
    return pa.table(columns)


def _rows(reader: csv.DictReader[str], name: str) -> Iterator[tuple[int, Label]]:
    given = reader.fieldnames or []
    if missing := [column for column in COLUMNS if column not in given]:
        has = f"has the columns {', '.join(given)}" if given else "is empty"
        raise _mistake(name, 1, f"{has} and lacks {', '.join(missing)}; allowed: {', '.join(COLUMNS)}")
    for row in reader:
        yield reader.line_num, _label(row, name, reader.line_num)


def _label(row: dict[str, str], name: str, line: int) -> Label:
    for column in COLUMNS:
        if not row[column]:
            raise _mistake(name, line, f"{column} is empty; a label names two records and says whether they are one")
    said = row["same"].strip().lower()
    if said not in (*_SAME, *_DIFFERENT):
        raise _mistake(name, line, f"same is {row['same']!r}; allowed: true or false, yes or no, 1 or 0")
    left, right = sorted([(row["source_l"], row["record_l"]), (row["source_r"], row["record_r"])])
    if left == right:
        raise _mistake(name, line, "names one record twice; a label is about two")
    return Label(left, right, said in _SAME)


def _mistake(name: str, line: int, problem: str) -> SettingsError:
    return SettingsError(f"{name}:{line}: {problem}", key=KEY)

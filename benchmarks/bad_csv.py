"""What becomes of bad delimited text: `python -m benchmarks.bad_csv` prints the tables of docs/formats.md.

Polluted files are read with their dialect declared, and beside it by DuckDB's `read_csv`, which sniffs it (all columns
as text): a file is exact where every cell is what was written and no row is missing or added.
"""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from benchmarks.polluted import KINDS, NAMES, Polluted, make
from connectors.formats.delimited import DELIMITED
from warehouse.connection import open_memory
from warehouse.settings import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILES_PER_KIND = 10


@dataclass(slots=True)
class Outcome:
    """What became of files: how many there were and were exact, and their cells and rows by what became of them."""

    files: int = 0
    exact_files: int = 0
    cells: int = 0
    exact_cells: int = 0
    quarantined_rows: int = 0
    wrong_rows: int = 0
    lost_rows: int = 0

    def add(self, file: Polluted, rows: Sequence[Sequence[str | None]], quarantined: Sequence[str]) -> None:
        """Hold what was read against what was written; `quarantined` are the texts of records kept aside."""
        written = {row[0]: row for row in file.rows}
        right = {str(row[0]) for row in rows if list(row) == written.get(row[0] or "")}
        aside = {key for key in written.keys() - right if any(key in text for text in quarantined)}
        wrong = len(rows) - len(right)
        lost = len(written.keys() - right - aside)
        self.files += 1
        self.exact_files += len(right) == len(written) and not wrong
        self.cells += len(written) * len(NAMES)
        self.exact_cells += len(right) * len(NAMES)
        self.quarantined_rows += len(quarantined)
        self.wrong_rows += wrong
        self.lost_rows += lost


def read(file: Polluted) -> tuple[list[list[str | None]], list[str]]:
    """Return the rows that we read of a file, and the texts of those that were quarantined."""
    source = SourceSettings.model_validate(
        {"holds": "account", "files": "x", "format": "csv", "key": "id", "options": file.options}
    )
    rows: list[list[str | None]] = []
    quarantined: list[str] = []
    for batch in DELIMITED.read(io.BytesIO(file.content), source):
        rows += [[row[name] for name in NAMES] for row in batch.rows.to_pylist()]
        quarantined += [record.raw for record in batch.bad]
    return rows, quarantined


def measure(kinds: Iterable[str] = KINDS, files: int = FILES_PER_KIND) -> dict[str, Outcome]:
    """Return what becomes of the files of each kind."""
    outcomes: dict[str, Outcome] = {}
    for kind in kinds:
        outcomes[kind] = Outcome()
        for seed in range(files):
            file = make(kind, seed)
            outcomes[kind].add(file, *read(file))
    return outcomes


def control(kinds: Iterable[str] = KINDS, files: int = FILES_PER_KIND) -> dict[str, Counter[str]]:
    """Return for each kind how many files DuckDB's sniffing reader gives exactly, refuses, or gives otherwise."""
    found: dict[str, Counter[str]] = {}
    con = open_memory(threads=1)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "polluted.csv"
        for kind in kinds:
            found[kind] = Counter()
            for seed in range(files):
                file = make(kind, seed)
                path.write_bytes(file.content)
                try:
                    rows = con.execute("FROM read_csv(?, all_varchar = true)", [str(path)]).fetchall()
                except duckdb.Error:
                    found[kind]["refused"] += 1
                    continue
                given = [["" if value is None else value for value in row] for row in rows]
                found[kind]["exact" if given == file.rows else "wrong"] += 1
    con.close()
    return found


def table(ours: dict[str, Outcome], theirs: dict[str, Counter[str]]) -> str:
    """Return both as a Markdown table."""
    lines = [
        "| spoilt by | files | exact | cells exact | quarantined | wrong or lost | sniffed: exact | refused | wrong |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, outcome in [*ours.items(), ("**all**", _together(ours.values()))]:
        sniffed = theirs.get(kind) or sum(theirs.values(), Counter())
        lines.append(
            f"| {kind} | {outcome.files} | {outcome.exact_files} | {outcome.exact_cells / outcome.cells:.1%} "
            f"| {outcome.quarantined_rows} | {outcome.wrong_rows + outcome.lost_rows} "
            f"| {sniffed['exact']} | {sniffed['refused']} | {sniffed['wrong']} |"
        )
    return "\n".join(lines)


def _together(outcomes: Iterable[Outcome]) -> Outcome:
    whole = Outcome()
    for outcome in outcomes:
        for name in Outcome.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(outcome, name))
    return whole


if __name__ == "__main__":
    print(table(measure(), control()))

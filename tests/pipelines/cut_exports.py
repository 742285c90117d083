"""The open sets cut by date: the exports of each night hold what had been written by then."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NIGHTS = 3
SUFFIX = {"billing": "csv", "orders": "csv", "cases": "jsonl", "mail": "mbox"}
INCREMENTAL = {"load: full": "load: incremental"} | {
    f"exports/{name}.{suffix}": f"exports/{name}*.{suffix}" for name, suffix in SUFFIX.items()
}
"""What makes of the settings of the whole exports those of exports that only say what is new."""


@dataclass(frozen=True)
class Exported:
    """One record as its export has it; `moment` is when it was written, empty where it does not say."""

    name: str
    key: str
    moment: str
    text: str


@dataclass(frozen=True)
class Cut:
    """The records of a set, the moments at which it is cut, and the header of each export."""

    records: tuple[Exported, ...]
    moments: tuple[str, ...]
    headers: dict[str, str]

    def night_of(self, record: Exported) -> int:
        """Return the night on which the record is there for the first time: 0, 1, …; 0 where it has no time."""
        return sum(record.moment > moment for moment in self.moments)

    def write(self, exports: Path, night: int, *, growing: bool) -> None:
        """Write the exports of this night: with `growing` all there is by then, else a file more of what is new."""
        exports.mkdir(parents=True, exist_ok=True)
        for name, suffix in SUFFIX.items():
            written = ((self.night_of(record), record) for record in self.records if record.name == name)
            wanted = [record.text for there, record in written if there == night or (growing and there < night)]
            place = exports / f"{name}{'' if growing else f'-{night}'}.{suffix}"
            place.write_text(self.headers[name] + "".join(wanted), encoding="utf-8", newline="")


def cut_by_date(folder: Path, *, one_in: int = 1) -> Cut:
    """Read a set, of whose persons one in so many is taken with all that is theirs, and cut it into equal parts."""
    truth = parquet.read_table(folder / "truth.parquet").to_pylist()
    person = {(row["source"], row["source_record_id"]): row["person_id"] for row in truth}
    headers = dict.fromkeys(SUFFIX, "")
    records = []
    for name, suffix in SUFFIX.items():
        header, exported = _read(name, (folder / f"{name}.{suffix}").read_text(encoding="utf-8"))
        headers[name] = header
        source = "email" if name == "mail" else name
        records += [each for each in exported if _is_taken(person.get((source, each.key)) or each.key, one_in)]
    dated = sorted(record.moment for record in records if record.moment)
    moments = tuple(dated[len(dated) * night // NIGHTS] for night in range(1, NIGHTS))
    return Cut(tuple(records), moments, headers)


def _is_taken(person: str, one_in: int) -> bool:
    return int(hashlib.sha256(person.encode()).hexdigest(), 16) % one_in == 0


def _read(name: str, text: str) -> tuple[str, Iterator[Exported]]:
    """Return an export's header and its records."""
    if SUFFIX[name] == "csv":
        header, *rows = csv.reader(io.StringIO(text))
        time = header.index({"billing": "opened_on", "orders": "order_ts"}[name])
        return _line(header), (Exported(name, row[0], row[time], _line(row)) for row in rows)
    if SUFFIX[name] == "jsonl":
        parsed = ((json.loads(line), line) for line in text.splitlines(keepends=True))
        return "", (Exported(name, row["case_id"], row["opened_at"], line) for row, line in parsed)
    mails = re.split(r"(?m)^(?=From )", text)
    return "", (Exported(name, _header(mail, "Message-ID"), _sent(mail), mail) for mail in mails if mail)


def _line(values: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(values)
    return written.getvalue()


def _header(mail: str, name: str) -> str:
    found = re.search(rf"(?mi)^{name}: (.*)$", mail)
    return found.group(1).strip() if found else ""


def _sent(mail: str) -> str:
    date = _header(mail, "Date")
    return parsedate_to_datetime(date).strftime("%Y-%m-%dT%H:%M:%S") if date else ""

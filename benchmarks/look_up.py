"""Measure the look-ups in memory: `python -m benchmarks.look_up agreement WORKSPACE` and `… latency WORKSPACE`.

`agreement` copies the workspace, withholds about so many records of its CSV and JSON Lines exports by the hash of their
keys, runs a night on the rest, asks for each of them which customer it is, then runs the night with all of them. A
record is agreed on where it joins the customer that it was said to be, or nobody of whom there was a record before
where none was said. What is not agreed on is counted by what was said and what came; then each such record is
delivered alone, to a night of its own after the first, which tells what the others of its night had to do with it.

`latency` asks one question after the other of the workspace's current release: `match`, of records of its customers
with an attribute left out and a slip in the name; and `find`, of parts of names, e-mails, phones and numbers. It prints
milliseconds of wall clock and of CPU at the median and the 99th percentile, what loading takes, and the memory.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.run import copy_workspace
from matching.lookup import Asked, Lookup, asked_from, model_in_use
from serving.lookup import Index
from stewardship.web.releases import Releases
from warehouse.read import open_release
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matching.lookup import Match

Record = tuple[str, str]
QUESTIONS = 1000


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("agreement", "latency"))
    parser.add_argument("workspace", type=Path, help="it stays as it is")
    parser.add_argument("--records", type=int, default=2000, help="about how many are withheld")
    asked = parser.parse_args()
    if asked.what == "latency":
        latency(asked.workspace)
        return
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / "held-back"
        copy_workspace(asked.workspace, workspace)
        agreement(asked.workspace, workspace, asked.records)


def agreement(origin: Path, workspace: Path, wanted: int) -> None:
    """Print how far the answers and the night agree, and the nights of those alone on which they do not."""
    withheld = drawn(origin, wanted)
    write_exports(origin, workspace, withheld)
    night(workspace)
    alone = workspace.parent / "alone"
    shutil.copytree(workspace, alone, symlinks=True)
    before, lookup = asked_before(workspace)
    write_exports(origin, workspace, set())
    night(workspace)
    with open_release(workspace) as release, release.workings() as workings:
        after = crosswalk(release.con)
        records = {record: asked for record, asked in delivered(workings) if record in withheld}
    matches = {record: lookup.match(asked) for record, asked in records.items()}
    were = customers_before(before, after)
    outcomes = {record: outcome(match, after.get(record), were) for record, match in matches.items()}
    counted = Counter(outcomes.values())
    print(json.dumps({"asked": len(records), "share": round(counted[AGREED] / len(records), 5)} | dict(counted)))
    for record in [record for record, came in outcomes.items() if came != AGREED]:
        one = workspace.parent / "one"
        shutil.copytree(alone, one, symlinks=True)
        write_exports(origin, one, withheld - {record})
        night(one)
        with open_release(one) as release:
            after = crosswalk(release.con)
        came = outcome(matches[record], after.get(record), customers_before(before, after))
        print(json.dumps({"record": record, "with all": outcomes[record], "delivered alone": came}), flush=True)
        shutil.rmtree(one)


def asked_before(workspace: Path) -> tuple[dict[Record, str], Lookup]:
    """Return whose each record is before the night, and what is asked."""
    settings = load_settings(workspace / "joinedup.yaml")
    with open_release(workspace) as release, release.workings() as workings:
        model, today = model_in_use(workings), release.manifest.as_of.date()
        return crosswalk(release.con), Lookup.of(workings, release.con, model, settings, today)


AGREED = "agreed"


def customers_before(before: dict[Record, str], after: dict[Record, str]) -> dict[str, set[str]]:
    """Return which customers of before each customer is made of."""
    were: dict[str, set[str]] = {}
    for record in before.keys() & after.keys():
        were.setdefault(after[record], set()).add(before[record])
    return were


def outcome(match: Match, golden_id: str | None, were: dict[str, set[str]]) -> str:
    """Return what came of a record, by what was said of it: whose it is, if anybody's, and who they were before."""
    joined = were.get(golden_id or "", set())
    said = match.candidates[0].golden_id if match.verdict == "this" else None
    if said in joined or (said is None and not joined):
        return AGREED
    if golden_id is None:
        return "said to be somebody's, nobody's by the night"
    if said is None:
        return f"said to be {match.verdict}, joined a customer"
    return "said to be another's" if joined else "said to be somebody's, joined no one known before"


def drawn(origin: Path, wanted: int) -> set[Record]:
    """Return about so many records of the CSV and JSON Lines exports, by the hash of their keys."""
    rows = list(_rows(origin))
    share = wanted / max(1, len(rows))
    return {(source, key) for source, key, *_ in rows if _place(key) < share}


def write_exports(origin: Path, workspace: Path, withheld: set[Record]) -> None:
    """Write the CSV and JSON Lines exports of `origin` but for some records."""
    rows = list(_rows(origin))
    for path in {path for _, _, path, _ in rows}:
        kept = [line for source, key, of, line in rows if of == path and (source, key) not in withheld]
        head = [path.read_text(encoding="utf-8").splitlines(keepends=True)[0]] if path.suffix == ".csv" else []
        (workspace / path.relative_to(origin)).write_text("".join([*head, *kept]), encoding="utf-8")


def _rows(origin: Path) -> Iterator[tuple[str, str, Path, str]]:
    for name, source in load_settings(origin / "joinedup.yaml").sources.items():
        if source.format not in ("csv", "jsonl") or not isinstance(source.key, tuple) or len(source.key) != 1:
            continue
        for path in sorted(origin.glob(str(source.files))):
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            if source.format == "jsonl":
                yield from ((name, str(json.loads(line)[_column(source.key[0])]), path, line) for line in lines)
                continue
            column = next(csv.reader(lines[:1])).index(_column(source.key[0]))
            yield from ((name, next(csv.reader([line]))[column], path, line) for line in lines[1:])


def _column(key: Any) -> str:  # noqa: ANN401 - a column's name, or an expression of one column
    return key if isinstance(key, str) else str(key.column)


def _place(key: str) -> float:
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32


def night(workspace: Path) -> None:
    """Run a night in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "run", "-w", workspace, "--json"], capture_output=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr.decode() + done.stdout.decode())


def crosswalk(con: Any) -> dict[Record, str]:  # noqa: ANN401 - a DuckDB connection
    """Return whose each record is."""
    rows = con.execute("SELECT source, source_record_id, golden_id FROM crosswalk").fetchall()
    return {(source, key): golden_id for source, key, golden_id in rows}


def delivered(workings: Any) -> Iterator[tuple[Record, Asked]]:  # noqa: ANN401 - a DuckDB connection
    """Yield the records of a release as they were delivered."""
    told = workings.sql("SELECT * FROM landing.source_record WHERE NOT deleted").to_arrow_table()
    for row in told.to_pylist():
        yield (
            (row["source"], row["source_record_id"]),
            Asked(
                **{name: row[name] for name in Asked.__slots__ if name in row and not isinstance(row[name], list)},
                family_first=row["name_order"] == "family_first",
                emails=tuple(row["emails"] or ()),
                phones=tuple(row["phones"] or ()),
                addresses=tuple(row["addresses"] or ()),
                identifiers=tuple((each["name"], each["value"]) for each in row["identifiers"] or ()),
                references=tuple(filter(None, (row["reference"], row["about"], *(row["quoted_references"] or ())))),
            ),
        )


def latency(path: Path) -> None:
    """Print what answers take."""
    settings = load_settings(path / "joinedup.yaml")
    pinned = Releases(Workspace(path)).current()
    if pinned is None:
        sys.exit(f"{path}: nothing is published there")
    dice = random.Random(7)
    with pinned.golden() as golden:
        rows = golden.sql(_CUSTOMERS_SQL).to_arrow_table().to_pylist()
        references = golden.execute(_REFERENCES_SQL).fetchall()
    _tell("load the index", timed(lambda: Index.of(pinned, settings.country)))
    index = Index.of(pinned, settings.country)
    typed = [text for row in rows for text in _typed(row, dice)] + [text for (text,) in references]
    _tell("find", *(timed(partial(index.find, text, 25)) for text in dice.sample(typed, QUESTIONS)))
    with pinned.workings() as workings, pinned.golden() as golden:
        model, today = model_in_use(workings), pinned.manifest.as_of.date()
        wall, cpu = time.perf_counter(), time.process_time()
        lookup = Lookup.of(workings, golden, model, settings, today)
    _tell("load the look-up", (time.perf_counter() - wall, time.process_time() - cpu))
    asked = [asked_from(_slipped(row, dice)) for row in rows[:QUESTIONS]]
    _tell("match", *(timed(partial(lookup.match, one)) for one in asked))
    print(f"resident memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


_CUSTOMERS_SQL = f"""
SELECT full_name, email, phone, street, city, postal_code FROM customer
WHERE full_name IS NOT NULL AND email IS NOT NULL ORDER BY hash(golden_id) LIMIT {QUESTIONS}
"""
_REFERENCES_SQL = f"SELECT reference FROM activity WHERE reference <> '' ORDER BY hash(activity_id) LIMIT {QUESTIONS}"


def _typed(row: dict[str, Any], dice: random.Random) -> Iterator[str]:
    """Yield what somebody might type to find a customer."""
    name = row["full_name"]
    yield name
    yield name[: dice.randint(1, len(name))]
    yield name.split()[-1]
    yield name[:2] + name[3:]
    yield row["email"][: dice.randint(3, len(row["email"]))]
    if row["phone"]:
        yield row["phone"][-dice.randint(4, 10) :]


def _slipped(row: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    name = row["full_name"]
    place = dice.randrange(len(name))
    left_out = dice.choice(("email", "phone", "street", "city"))
    said = row | {"full_name": name[:place] + name[place + 1 :] if dice.random() < 0.3 else name}  # noqa: PLR2004
    return {key: value for key, value in said.items() if value is not None and key != left_out}


def timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of wall clock and of CPU that a call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return time.perf_counter() - wall, time.process_time() - cpu


def _tell(what: str, *taken: tuple[float, float]) -> None:
    told = []
    for place, clock in enumerate(("wall", "CPU")):
        sorted_ms = sorted(1000 * each[place] for each in taken)
        last = sorted_ms[min(len(sorted_ms) - 1, int(0.99 * len(sorted_ms)))]
        told.append(f"{clock} p50 {sorted_ms[len(sorted_ms) // 2]:.1f} ms, p99 {last:.1f} ms")
    print(f"{what} ({len(taken)} times): {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()

"""A steward who answers by the truth, with some mistakes, and what is wrong with the release after each publication."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.workspaces import TRUTH, prepare
from benchmarks.stewards.orders import ORDERS
from matching.agreement import pairwise
from pipelines.night_options import NightOptions
from pipelines.run_nightly import run_nightly
from stewardship.answer import Statement, answer
from stewardship.log import Said
from stewardship.store import open_store
from warehouse.connection import open_memory, quote_literal
from warehouse.errors import Refused
from warehouse.read import open_release
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.accuracy.sets import AccuracySet
    from benchmarks.stewards.orders import Question, Record
    from pipelines.night import StepDone

MISTAKES = 0.05
"""The share of questions that the steward answers wrongly: the same ones in every order."""
AT = (0, 50, 100, 200, 300)
"""After so many decisions they are published and the release is measured."""
GATE = {"max_merged_customers": 1, "max_split_customers": 1}
"""Whoever decides this much at once in a small set approves it."""
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Point:
    """What is wrong after so many decisions.

    `wrong_pairs` are pairs of records that are together and of two persons, or apart and of one; `misplaced` are
    records that are not in the customer which has most of their person's, or in one that is mostly another's;
    `misplaced_orders` are those of them that are orders.
    """

    decisions: int
    f1: float
    precision: float
    recall: float
    false_merges: int
    false_splits: int
    misplaced: int
    misplaced_orders: int
    refused: int

    @property
    def wrong_pairs(self) -> int:
        """False merges and false splits."""
        return self.false_merges + self.false_splits

    def document(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return asdict(self)


def publish_first(dataset: AccuracySet, path: Path) -> None:
    """Make the set's workspace and publish its first release, which no decision binds."""
    prepare(dataset, path)
    workspace = Workspace(path)
    workspace.settings_file.write_text(json.dumps(dataset.settings() | {"gate": GATE}), encoding="utf-8")
    _publish(workspace, NightOptions(as_of=START))


def simulate(base: Path, path: Path, order: str, seed: int) -> Iterator[Point]:
    """Copy the workspace `base` to `path`, let the steward work in this order, and yield what is wrong at each of AT.

    Where the order has no question left, the points end before the last of AT.
    """
    shutil.copytree(base, path, symlinks=True)
    workspace = Workspace(path)
    truth = persons(path / TRUTH)
    store = open_store(load_settings(workspace.settings_file), path)
    asked: set[Question] = set()
    refused = 0
    yield measure(workspace, 0, refused)
    for until in AT[1:]:
        before = len(asked)
        with open_release(workspace) as release, release.workings() as workings:
            questions = [one for one in dict.fromkeys(ORDERS[order](workings)) if one not in asked]
        for question in questions[: until - before]:
            asked.add(question)
            said = Said("sam", START.replace(tzinfo=None) + timedelta(minutes=len(asked)), "by the truth")
            same = _is_same(truth, question) != is_mistaken(question, seed)
            try:
                answer(store, None, [Statement("same" if same else "different", question)], said)
            except Refused:
                refused += 1
        if len(asked) == before:
            return
        _publish(workspace, NightOptions(read_exports=False))
        yield measure(workspace, len(asked), refused)


def measure(workspace: Workspace, decisions: int, refused: int) -> Point:
    """Hold the published release against the truth; a record that is nobody's is a customer by itself."""
    scratch = open_memory()
    golden = quote_literal(str(workspace.current.resolve() / "golden.duckdb"))
    scratch.execute(f"ATTACH {golden} AS golden (READ_ONLY)")
    scratch.execute(_TOLD_SQL.format(truth=quote_literal(str(workspace.path / TRUTH))))
    pairs = pairwise(scratch)
    ((misplaced, orders),) = scratch.execute(_MISPLACED_SQL).fetchall()
    scratch.close()
    score = pairs.score
    return Point(
        decisions=decisions,
        f1=round(score.f1 or 0, 6),
        precision=round(score.precision or 0, 6),
        recall=round(score.recall or 0, 6),
        false_merges=pairs.joined - pairs.right,
        false_splits=pairs.true - pairs.right,
        misplaced=misplaced,
        misplaced_orders=orders,
        refused=refused,
    )


def _publish(workspace: Workspace, options: NightOptions) -> None:
    def say_nothing(_name: str, _done: StepDone | None) -> None:
        pass

    summary = run_nightly(workspace, options, say_nothing, job="nightly" if options.read_exports else "decisions")
    if summary.outcome not in {"published", "nothing_changed"}:
        message = f"{workspace.path}: {summary.outcome}: {summary.held_by}"
        raise Refused(message)


def persons(truth: Path) -> dict[Record, str]:
    """Return whose each record is, by a file of the truth."""
    con = open_memory()
    found = con.execute(
        f"SELECT source::VARCHAR, source_record_id::VARCHAR, person_id::VARCHAR"
        f" FROM read_parquet({quote_literal(str(truth))}) WHERE person_id IS NOT NULL"
    ).fetchall()
    con.close()
    return {(source, record): person for source, record, person in found}


def _is_same(truth: dict[Record, str], question: Question) -> bool:
    one, other = (truth.get(record) for record in question)
    return one is not None and one == other


def is_mistaken(question: Question, seed: int) -> bool:
    """Say whether the steward errs in this question: MISTAKES of them, the same ones for one seed."""
    digest = hashlib.sha256(f"{seed} {question}".encode()).digest()
    return int.from_bytes(digest[:4]) < MISTAKES * 2**32


_TOLD_SQL = """
CREATE TABLE told AS
SELECT source, source_record_id, person_id::VARCHAR AS person,
    coalesce(golden_id, source || ':' || source_record_id) AS cluster, kind IS NOT NULL AS is_order
FROM (
    SELECT source::VARCHAR AS source, source_record_id::VARCHAR AS source_record_id, person_id
    FROM read_parquet({truth}) WHERE person_id IS NOT NULL
)
LEFT JOIN golden.crosswalk USING (source, source_record_id)
LEFT JOIN (SELECT DISTINCT source, source_record_id, kind FROM golden.activity WHERE kind = 'order')
    USING (source, source_record_id)
"""
_MISPLACED_SQL = """
WITH counted AS (SELECT person, cluster, count(*) AS records FROM told GROUP BY ALL),
home AS (
    SELECT person, cluster,
        row_number() OVER (PARTITION BY person ORDER BY records DESC, cluster) = 1
            AND row_number() OVER (PARTITION BY cluster ORDER BY records DESC, person) = 1 AS is_home
    FROM counted
)
SELECT count(*), count(*) FILTER (is_order) FROM told JOIN home USING (person, cluster) WHERE NOT is_home
"""

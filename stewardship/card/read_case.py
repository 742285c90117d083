"""Reads what an item asks from a release: of the queue from review.item, of the audit from review.audit_pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.card.case import Asked, Case

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from stewardship.web.releases import Pinned

AUDIT = "audit"

_ITEM_SQL = "SELECT queue, golden_ids FROM review.item WHERE item_id = ?"
_QUESTIONS_SQL = """
    SELECT source_l, source_record_id_l, source_r, source_record_id_r, match_probability, reason, decision_id
    FROM review.question WHERE item_id = ? ORDER BY place"""
_PAIR_SQL = """
    SELECT source_l, source_record_id_l, source_r, source_record_id_r FROM review.audit_pair WHERE item_id = ?"""


def read_case(pinned: Pinned, item_id: str) -> Case | None:
    """Return what the item asks, None where the release has no such item."""
    with pinned.workings() as con:
        return _of_queue(con, item_id) or _of_audit(con, item_id)


def _of_queue(con: DuckDBPyConnection, item_id: str) -> Case | None:
    item = con.execute(_ITEM_SQL, [item_id]).fetchall()
    if not item:
        return None
    questions = con.execute(_QUESTIONS_SQL, [item_id]).fetchall()
    asked = tuple(Asked((row[0], row[1]), (row[2], row[3]), *row[4:]) for row in questions)
    return Case(item_id, item[0][0], tuple(item[0][1]), asked)


def _of_audit(con: DuckDBPyConnection, item_id: str) -> Case | None:
    found = con.execute(_PAIR_SQL, [item_id]).fetchall()
    if not found:
        return None
    row = found[0]
    return Case(item_id, AUDIT, (), (Asked((row[0], row[1]), (row[2], row[3])),))

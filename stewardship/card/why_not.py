"""Why the customers of a card are not one already: what stewards decided, what was taken apart, what is too little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.bound import BINDING, SAME
from matching.decided import Decided
from matching.explained_words import percent
from matching.taken_apart import taken_apart
from stewardship.card.reading import rows_of
from stewardship.entry import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from duckdb import DuckDBPyConnection

    from stewardship.card.case import Asked
    from stewardship.card.waterfall import Evidence
    from stewardship.entry import Record

_DECIDED_SQL = f"""
    WITH shown AS (SELECT unnest($source::VARCHAR[]) AS source, unnest($record::VARCHAR[]) AS source_record_id)
    SELECT d.decision_id, d.decision, d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r, d.decided_by,
        strftime(d.decided_at, '%Y-%m-%d'), d.reason, d.state
    FROM matching.decision AS d
    SEMI JOIN shown AS l ON l.source = d.source_l AND l.source_record_id = d.source_record_id_l
    SEMI JOIN shown AS r ON r.source = d.source_r AND r.source_record_id = d.source_record_id_r
    WHERE d.state IN {BINDING} ORDER BY ALL"""


def decided_among(workings: DuckDBPyConnection, whose: Mapping[Record, str]) -> tuple[Decided, ...]:
    """Return what binds two of these records, each with its customer, the earliest first."""
    rows = workings.execute(
        _DECIDED_SQL, {"source": [source for source, _ in whose], "record": [key for _, key in whose]}
    ).fetchall()
    return tuple(
        Decided(
            decision_id=number,
            left=written((source_l, key_l)),
            right=written((source_r, key_r)),
            is_same=decision == SAME,
            by=by,
            at=at,
            reason=reason,
            asks_again=state != BINDING[0],
            holds=(decision == SAME) == (whose[source_l, key_l] == whose[source_r, key_r]),
        )
        for number, decision, source_l, key_l, source_r, key_r, by, at, reason, state in rows
    )


def why_not(
    workings: DuckDBPyConnection,
    asked: Asked,
    evidence: Evidence | None,
    decisions: tuple[Decided, ...],
    *,
    are_one: bool,
) -> tuple[str, ...]:
    """Return the lines that say why the two customers asked about are two; of one, which decisions yielded in it."""
    if are_one:
        return tuple(said.sentence() for said in decisions if not said.holds)
    return tuple(_lines(workings, asked, evidence, decisions))


def _lines(
    workings: DuckDBPyConnection, asked: Asked, evidence: Evidence | None, decisions: tuple[Decided, ...]
) -> Iterator[str]:
    for said in decisions:
        if not said.is_same or not said.holds:
            yield said.sentence()
    if whole := _taken_apart(workings, asked):
        yield whole
    if evidence is None:
        yield "Nothing was weighed between them."
        return
    weighs = f"{percent(evidence.probability)}; {percent(evidence.needed)} is needed to merge"
    if evidence.basis == "customers":
        yield f"As wholes they weigh {evidence.weight:+.1f} bits, {weighs}."
    elif evidence.basis == "records":
        yield f"These two records weigh {evidence.weight:+.1f} bits, {weighs}."
    else:
        yield "Their records never met: no blocking rule gives them the same key."
        yield f"Compared they would weigh {evidence.weight:+.1f} bits, {weighs}."
    for conflict in evidence.conflicts:
        name = conflict.attribute.replace("_", " ")
        sides = f"{conflict.left} (in {conflict.left_support}) against {conflict.right} (in {conflict.right_support})"
        yield f"They do not agree on {name}: {sides}."
    if asked.reason and evidence.probability >= evidence.needed:
        yield f"Left apart because of this: {asked.reason}."


def _taken_apart(workings: DuckDBPyConnection, asked: Asked) -> str | None:
    if not workings.execute("SELECT 1 FROM matching.poisoned LIMIT 1").fetchall():
        return None
    clusters = rows_of(workings, "matching.cluster", ("cluster_id",), (asked.left, asked.right))
    found = taken_apart(workings, *(clusters[record]["cluster_id"] for record in (asked.left, asked.right)))
    if found is None:
        return None
    why = "more than any customer has" if found.reason == "giant" else "and what was decided of them contradicts itself"
    whole = f"They came out as one customer of {found.records} records, {why}"
    return f"{whole}, and were taken apart into {found.parts} parts."

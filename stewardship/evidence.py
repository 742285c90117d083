"""What a decision was taken on: a hash of what is compared of a record, and what became of a decision's records since.

One definition serves whoever decides, the stage that binds, and the list of decisions. What other records do to a
record (references that tie it to them, words that stand for its given name) is no part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record
    from stewardship.standing import Bound

_TEXTS = (
    "given",
    "middle",
    "family",
    "suffix",
    "organisation",
    "birth_date",
    "street_number",
    "street",
    "unit",
    "po_box",
    "city",
    "postal_code",
)
_LISTS = ("emails", "phones", "identifiers")
"""Named here, and not taken from the matching: a hash that is in the log must stay what it is when more is compared."""
_DIGITS = 32


def _evidence_sql() -> str:
    """Return the expression over matching.standardised; what a record lacks is left out, a column added later too."""
    texts = [f"'{name}=' || {name}::VARCHAR" for name in _TEXTS]
    lists = [f"'{name}=' || nullif(array_to_string({name}, chr(30)), '')" for name in _LISTS]
    return f"left(sha256(concat_ws(chr(31), {', '.join(texts + lists)})), {_DIGITS})"


_RECORD_SQL = f"""
    SELECT source, source_record_id, {_evidence_sql()} AS evidence
    FROM matching.standardised SEMI JOIN about USING (source, source_record_id)"""

_STATES_SQL = f"""
    WITH decided AS (
        SELECT unnest($id::BIGINT[]) AS decision_id, unnest($place::INTEGER[]) AS place,
            unnest($decision::VARCHAR[]) AS decision,
            unnest($source_l::VARCHAR[]) AS source_l, unnest($record_l::VARCHAR[]) AS source_record_id_l,
            unnest($source_r::VARCHAR[]) AS source_r, unnest($record_r::VARCHAR[]) AS source_record_id_r,
            unnest($by::VARCHAR[]) AS decided_by, unnest($at::TIMESTAMP[]) AS decided_at,
            unnest($reason::VARCHAR[]) AS reason,
            unnest($evidence_l::VARCHAR[]) AS evidence_l, unnest($evidence_r::VARCHAR[]) AS evidence_r
    ),
    about AS (
        SELECT source_l AS source, source_record_id_l AS source_record_id FROM decided
        UNION SELECT source_r, source_record_id_r FROM decided
    ),
    record AS ({_RECORD_SQL})
    SELECT decided.*, CASE
        WHEN l.evidence IS NULL OR r.evidence IS NULL THEN 'dormant'
        WHEN l.evidence <> evidence_l OR r.evidence <> evidence_r THEN 'reconfirm'
        ELSE 'bound' END AS state
    FROM decided
    LEFT JOIN record AS l ON l.source = source_l AND l.source_record_id = source_record_id_l
    LEFT JOIN record AS r ON r.source = source_r AND r.source_record_id = source_record_id_r
    ORDER BY decision_id, place"""


def evidence_of(con: DuckDBPyConnection, records: Iterable[Record]) -> dict[Record, str]:
    """Return the evidence of those of the records that may be somebody's; `con` has matching.standardised."""
    asked = sorted(set(records))
    rows = con.execute(
        "WITH about AS (SELECT unnest($source::VARCHAR[]) AS source, unnest($record::VARCHAR[]) AS source_record_id)"
        + _RECORD_SQL,
        {"source": [source for source, _ in asked], "record": [key for _, key in asked]},
    ).fetchall()
    return {(source, record): evidence for source, record, evidence in rows}


def states_query(bound: Iterable[Bound]) -> tuple[str, dict[str, list[Any]]]:
    """Return a query and its parameters: the bound pairs with the columns of matching.decision, each with its state.

    It is bound where both records may be somebody's and are what they were, reconfirm where one is not what it was,
    dormant where one is not there. What was not known when it was decided counts as what it is.
    """
    rows = list(bound)
    evidence = [dict(zip(entry.records, entry.evidence, strict=True)) for entry, *_ in rows]
    return _STATES_SQL, {
        "id": [entry.id for entry, *_ in rows],
        "place": [each.place for each in rows],
        "decision": [each.verdict for each in rows],
        "source_l": [each.pair[0][0] for each in rows],
        "record_l": [each.pair[0][1] for each in rows],
        "source_r": [each.pair[1][0] for each in rows],
        "record_r": [each.pair[1][1] for each in rows],
        "by": [entry.decided_by for entry, *_ in rows],
        "at": [entry.decided_at for entry, *_ in rows],
        "reason": [entry.reason for entry, *_ in rows],
        "evidence_l": [known[each.pair[0]] for known, each in zip(evidence, rows, strict=True)],
        "evidence_r": [known[each.pair[1]] for known, each in zip(evidence, rows, strict=True)],
    }

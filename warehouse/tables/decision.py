"""What stewards have decided, as tonight's matching is bound by it."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

DECISION = TableSpec(
    schema="matching",
    name="decision",
    grain="steward's decision that binds, or would if its records were there",
    key=("decision_id",),
    columns=(
        Column("decision_id", "BIGINT", "its place in the stewards' log, growing", nullable=False),
        Column(
            "decision",
            "VARCHAR",
            "same: the two records are one customer; different: they never are",
            nullable=False,
            values=("same", "different"),
        ),
        Column("source_l", "VARCHAR", "the lesser record's source", nullable=False),
        Column("source_record_id_l", "VARCHAR", "its key in its source", nullable=False),
        Column("source_r", "VARCHAR", "the greater record's source", nullable=False),
        Column("source_record_id_r", "VARCHAR", "its key in its source", nullable=False),
        Column("decided_by", "VARCHAR", "who decided", nullable=False),
        Column("decided_at", "TIMESTAMP", "when, UTC", nullable=False),
        Column("reason", "VARCHAR", "why, in their words", personal=True),
        Column(
            "evidence_l",
            "VARCHAR",
            "hash of what was compared of the lesser record when it was decided; null where it was not known then",
        ),
        Column("evidence_r", "VARCHAR", "hash of what was compared of the greater record then"),
        Column(
            "state",
            "VARCHAR",
            "bound; reconfirm: binds too, but a record is no longer what it was when it was decided; "
            "dormant: a record is not there tonight, or nobody's",
            nullable=False,
            values=("bound", "reconfirm", "dormant"),
        ),
    ),
)

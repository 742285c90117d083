"""What stewards have decided, as tonight is bound by it: decisions about pairs of records, and rulings."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

DECISION = TableSpec(
    schema="matching",
    name="decision",
    grain="steward's decision that binds, or would if its records were there",
    key=("decision_id", "place"),
    columns=(
        Column("decision_id", "BIGINT", "its place in the stewards' log, growing", nullable=False),
        Column("place", "INTEGER", "which of its pairs, from 0: a split parts many at once", nullable=False),
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

RULING = TableSpec(
    schema="matching",
    name="ruling",
    grain="what a steward has said that is neither same nor different, and holds",
    key=("decision_id",),
    columns=(
        Column("decision_id", "BIGINT", "its place in the stewards' log, growing", nullable=False),
        Column(
            "ruling",
            "VARCHAR",
            "pin: the attribute of the record's customer has this value; placeholder: the value says nothing about "
            "anybody; household: the two records are two people of one household; not_a_customer: the record is "
            "nobody's; unsure: looked at, and left to the matching",
            nullable=False,
            values=("pin", "placeholder", "household", "not_a_customer", "unsure"),
        ),
        Column("source_l", "VARCHAR", "the record's source, of two the lesser's; null for a placeholder"),
        Column("source_record_id_l", "VARCHAR", "its key in its source"),
        Column("source_r", "VARCHAR", "the greater record's source; null where it is about one record, or none"),
        Column("source_record_id_r", "VARCHAR", "its key in its source"),
        Column("attribute", "VARCHAR", "what is pinned, or what the placeholder is a value of"),
        Column("value", "VARCHAR", "the value, in its standardised form", personal=True),
        Column("until", "TIMESTAMP", "when a pin ends, UTC; null: it does not"),
        Column("decided_by", "VARCHAR", "who said so", nullable=False),
        Column("decided_at", "TIMESTAMP", "when, UTC", nullable=False),
        Column("reason", "VARCHAR", "why, in their words", personal=True),
        Column("evidence_l", "VARCHAR", "hash of what was compared of the record then; null where it was not known"),
        Column("evidence_r", "VARCHAR", "hash of what was compared of the greater record then"),
    ),
)

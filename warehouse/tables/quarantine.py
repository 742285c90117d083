"""Tables of the quarantine: records that could not be read or break their contract, and how their stay ends."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

KEPT_AS = ("row", "text", "part")
"""How much of a quarantined record is kept."""

QUARANTINE = TableSpec(
    schema="landing",
    name="quarantine",
    grain="record that could not be read or breaks its contract",
    key=("delivery_id", "delivered_in", "path", "line"),
    columns=(
        Column("delivery_id", "VARCHAR", "the delivery that set it aside", nullable=False),
        Column("source", "VARCHAR", "the source's name", nullable=False),
        Column("path", "VARCHAR", "its file", nullable=False),
        Column("line", "BIGINT", "first line or row of the record in its file, from 1", nullable=False),
        Column("source_record_id", "VARCHAR", "its key, where one could be read"),
        Column("reason", "VARCHAR", "what is wrong, as a short code", nullable=False),
        Column("detail", "VARCHAR", "what was found and what is allowed", personal=True),
        Column("raw", "VARCHAR", "the record as delivered", personal=True),
        Column("row_id", "VARCHAR", "`q` and a hash of what it says: the same in every delivery that says it"),
        Column(
            "kept_as",
            "VARCHAR",
            "what `raw` is. row: JSON of column -> text; text: all of it as it stood in its file; part: not enough to "
            "read it again",
            values=KEPT_AS,
        ),
        Column(
            "lines",
            "STRUCT(path VARCHAR, line BIGINT, kept_as VARCHAR, raw VARCHAR)[]",
            "with rows: lines, each of its lines",
            personal=True,
        ),
        Column("updated_at", "TIMESTAMP", "when the source last changed it, UTC, where that could be read"),
        Column(
            "delivered_in",
            "VARCHAR",
            "the delivery that brought its file; another than delivery_id where it was read again since",
        ),
    ),
)

QUARANTINE_END = TableSpec(
    schema="landing",
    name="quarantine_end",
    grain="quarantined record that a later delivery of its source has put an end to",
    key=("delivery_id", "delivered_in", "path", "line", "run_id"),
    columns=(
        Column("delivery_id", "VARCHAR", "as in landing.quarantine", nullable=False),
        Column("delivered_in", "VARCHAR", "as there", nullable=False),
        Column("path", "VARCHAR", "as there", nullable=False),
        Column("line", "BIGINT", "as there", nullable=False),
        Column("source", "VARCHAR", "the source's name", nullable=False),
        Column(
            "ended",
            "VARCHAR",
            "replayed: it was read again on demand; superseded: its key was delivered again, in order",
            nullable=False,
            values=("replayed", "superseded"),
        ),
        Column("run_id", "VARCHAR", "the run that did so", nullable=False),
        Column("ended_in", "VARCHAR", "its delivery", nullable=False),
    ),
)

QUARANTINE_DROP = TableSpec(
    schema="landing",
    name="quarantine_drop",
    grain="row that somebody took out of the quarantine for good",
    key=("source", "row_id", "path", "line", "dropped_at"),
    columns=(
        Column("source", "VARCHAR", "the source's name", nullable=False),
        Column("row_id", "VARCHAR", "what it said, as in landing.quarantine", nullable=False),
        Column("path", "VARCHAR", "its file", nullable=False),
        Column("line", "BIGINT", "its place there", nullable=False),
        Column("reason", "VARCHAR", "why it was in quarantine", nullable=False),
        Column("dropped_at", "TIMESTAMP", "when it was taken out, UTC", nullable=False),
        Column("dropped_by", "VARCHAR", "the login name of who did", nullable=False),
        Column("why", "VARCHAR", "what they said", nullable=False),
    ),
)

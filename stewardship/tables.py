"""The stewards' log as tables of SQLite or PostgreSQL: rows are added, and never changed or deleted.

One row of `decision_log` is one thing that was said; `decision_record` names the source records it is about, in
`place` 0, 1, …: one about a single record has one row there, a split many, each with its `side`, one about a value
none. `kind` is a closed list in `stewardship.entry`, not in the database, since SQLite cannot alter a constraint. `act`
is the id of the first entry that was written together with this one; null, as it is in old rows, stands for its own.
`item_id`, `queue`, `seconds` and `probability` are of the card that was answered.

A user is who `decided_by` names. Free text is in `reason` alone: to erase a person's, the trigger on changes is to let
that one column become null.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

DECISION_LOG = sa.Table(
    "decision_log",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("release_id", sa.Text),
    sa.Column("revokes", sa.BigInteger, sa.ForeignKey("decision_log.id")),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("act", sa.BigInteger),
    sa.Column("item_id", sa.Text),
    sa.Column("queue", sa.Text),
    sa.Column("seconds", sa.Double),
    sa.Column("probability", sa.Double),
    sa.Column("attribute", sa.Text),
    sa.Column("value", sa.Text),
    sa.Column("until", sa.DateTime),
    sa.Index("decision_log_item_id", "item_id"),
    sa.Index("decision_log_revokes", "revokes"),
)

DECISION_RECORD = sa.Table(
    "decision_record",
    METADATA,
    sa.Column("log_id", sa.BigInteger, sa.ForeignKey("decision_log.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_record_id", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("side", sa.Integer),
)

SINCE_KINDS = ("act", "item_id", "queue", "seconds", "probability", "attribute", "value", "until", "side")
"""Columns that a store does not have which nobody has written since the step 0002."""

SAID = tuple(column.name for column in DECISION_LOG.columns if column.name != "key")
"""The columns that are fields of an entry."""

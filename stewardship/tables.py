"""The stewards' log as tables of SQLite or PostgreSQL: rows are added, and never changed or deleted.

One row of `decision_log` is one thing that was said; `decision_record` names the source records it is about, in
`place` 0, 1, … That carries further kinds of decision as they come: one about a single record has one row there, one
about a household many, one about a value none; what else a kind says goes into columns of its own, by a further
migration. `kind` is a closed list in `stewardship.entry`, not in the database, since SQLite cannot alter a constraint.

An audit chain is a column more, the hash of the row before: ids grow without gaps, in the order of the commits. A user
is who `decided_by` names. Free text is in `reason` alone: to erase a person's, the trigger on changes is to let that
one column become null.
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
)

DECISION_RECORD = sa.Table(
    "decision_record",
    METADATA,
    sa.Column("log_id", sa.BigInteger, sa.ForeignKey("decision_log.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_record_id", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
)

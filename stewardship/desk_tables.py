"""What stewards have on their desks, as tables of SQLite or PostgreSQL beside the log: rows come, change and go.

None of it decides anything. What was decided is in the log alone, so that all of this may be lost and nothing is wrong.
"""

from __future__ import annotations

import sqlalchemy as sa

from stewardship.tables import METADATA

CLAIM = sa.Table(
    "desk_claim",
    METADATA,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("claimed_by", sa.Text, nullable=False),
    sa.Column("until", sa.DateTime, nullable=False),
)
"""Who works on an item, until when nobody else may."""

ASSIGNMENT = sa.Table(
    "desk_assignment",
    METADATA,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("assigned_to", sa.Text, nullable=False),
    sa.Column("assigned_by", sa.Text, nullable=False),
    sa.Column("assigned_at", sa.DateTime, nullable=False),
)
"""Whose an item is to be: others are not given it as their next."""

SKIP = sa.Table(
    "desk_skip",
    METADATA,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("skipped_by", sa.Text, primary_key=True),
    sa.Column("until", sa.DateTime, nullable=False),
)
"""What somebody does not want to see until then."""

COMMENT = sa.Table(
    "desk_comment",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("said_at", sa.DateTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""What stewards tell each other about an item."""

PROPOSAL = sa.Table(
    "desk_proposal",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("item_id", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", sa.DateTime, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("release_id", sa.Text),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("statements", sa.Text, nullable=False),
    sa.Column("queue", sa.Text),
    sa.Column("seconds", sa.Double),
    sa.Column("probability", sa.Double),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("ended_by", sa.Text),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("ended_reason", sa.Text),
    sa.Column("act", sa.BigInteger),
)
"""An answer that waits for a second person, or did: `why` it needs one, `statements` as JSON, `state` open, confirmed
or declined."""

DOUBT = sa.Table(
    "doubt",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("golden_id", sa.Text, nullable=False, index=True),
    sa.Column("source", sa.Text),
    sa.Column("source_record_id", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("said_at", sa.DateTime, nullable=False),
    sa.Column("settles", sa.BigInteger, sa.ForeignKey("doubt.id"), unique=True),
)
"""What somebody at the telephone told the stewards: that a customer, or one record of it, may be somebody else.

Rows are added, and never changed or deleted, but that a note may become null; one with `settles` says that a steward
has looked at the row of that id.
"""

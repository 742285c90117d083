"""What stewards have on their desks: claims, assignments, comments, what was put off or proposed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables, and let the log be asked by item and by what was revoked."""
    op.create_index("decision_log_item_id", "decision_log", ["item_id"])
    op.create_index("decision_log_revokes", "decision_log", ["revokes"])
    op.create_table(
        "desk_claim",
        sa.Column("item_id", sa.Text, primary_key=True),
        sa.Column("claimed_by", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "desk_assignment",
        sa.Column("item_id", sa.Text, primary_key=True),
        sa.Column("assigned_to", sa.Text, nullable=False),
        sa.Column("assigned_by", sa.Text, nullable=False),
        sa.Column("assigned_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "desk_skip",
        sa.Column("item_id", sa.Text, primary_key=True),
        sa.Column("skipped_by", sa.Text, primary_key=True),
        sa.Column("until", sa.DateTime, nullable=False),
    )
    op.create_table(
        "desk_comment",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("item_id", sa.Text, nullable=False, index=True),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("said_at", sa.DateTime, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    _make_proposals()


def _make_proposals() -> None:
    op.create_table(
        "desk_proposal",
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

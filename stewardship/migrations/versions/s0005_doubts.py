"""What agents doubt: that a customer, or a record of it, is who it is said to be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"

_REFUSAL = "doubts only grow: none is changed or deleted"
_KEPT = "id, golden_id, source, source_record_id, said_by, said_at, settles"
"""What never changes of a row; its note may become null, so that somebody's words can be erased."""


def upgrade() -> None:
    """Make the table, and the triggers that let it only grow."""
    op.create_table(
        "doubt",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("golden_id", sa.Text, nullable=False, index=True),
        sa.Column("source", sa.Text),
        sa.Column("source_record_id", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("said_at", sa.DateTime, nullable=False),
        sa.Column("settles", sa.BigInteger, sa.ForeignKey("doubt.id"), unique=True),
    )
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    op.execute(f"CREATE TRIGGER doubt_no_delete BEFORE DELETE ON doubt {refuse}")
    op.execute(f"CREATE TRIGGER doubt_no_update BEFORE UPDATE OF {_KEPT} ON doubt {refuse}")
    op.execute(f"CREATE TRIGGER doubt_note BEFORE UPDATE OF note ON doubt WHEN NEW.note IS NOT NULL {refuse}")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION doubt_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    refuse = "EXECUTE FUNCTION doubt_only_grows()"
    op.execute(f"CREATE TRIGGER doubt_no_delete BEFORE DELETE OR TRUNCATE ON doubt FOR EACH STATEMENT {refuse}")
    op.execute(f"CREATE TRIGGER doubt_no_update BEFORE UPDATE OF {_KEPT} ON doubt FOR EACH STATEMENT {refuse}")
    op.execute(
        f"CREATE TRIGGER doubt_note BEFORE UPDATE OF note ON doubt FOR EACH ROW WHEN (NEW.note IS NOT NULL) {refuse}"
    )

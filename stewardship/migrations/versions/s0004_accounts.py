"""Accounts: users, sessions, sign-in links, tokens, and the chained audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"

_REFUSAL = "the audit chain only grows: nothing in it is changed or deleted"
_REFUSED = (("audit_entry", ("UPDATE", "DELETE")), ("audit_salt", ("UPDATE",)))
"""What is refused on which table; a salt may be deleted, so that a text cannot be opened any more."""


def upgrade() -> None:
    """Make the tables, and the triggers that let the chain only grow."""
    _make_chain()
    _make_users()
    _make_ways_in()
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _make_chain() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("commitment", sa.Text),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_salt",
        sa.Column("audit_id", sa.BigInteger, sa.ForeignKey("audit_entry.id"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.Text, nullable=False),
    )


def _make_users() -> None:
    op.create_table(
        "account_user",
        sa.Column("folded", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("password_at", sa.DateTime),
        sa.Column("signed_in_at", sa.DateTime),
        sa.Column("disabled_at", sa.DateTime),
    )
    op.create_table(
        "account_attempt",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime, nullable=False),
        sa.Column("wait_until", sa.DateTime),
    )


def _make_ways_in() -> None:
    op.create_table(
        "account_session",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("folded", sa.Text, sa.ForeignKey("account_user.folded"), nullable=False, index=True),
        sa.Column("by_link", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "account_link",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("folded", sa.Text, sa.ForeignKey("account_user.folded")),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "account_token",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False, unique=True),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("used_at", sa.DateTime),
        sa.Column("revoked_at", sa.DateTime),
    )


def _guard_sqlite() -> None:
    for table, events in _REFUSED:
        for event in events:
            op.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_entry_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    for table, events in _REFUSED:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE {' OR '.join(events)} OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_only_grows()"
        )

"""The accounts and the audit chain as tables of SQLite or PostgreSQL, beside the stewards' log.

Rows of `audit_entry` are added, and never changed or deleted; a row of `audit_salt` may be deleted. Of what lets
somebody in (sessions, links, tokens) there is the sha256 alone, and of passwords what argon2id makes of them.
"""

from __future__ import annotations

import sqlalchemy as sa

from stewardship.tables import METADATA

AUDIT_ENTRY = sa.Table(
    "audit_entry",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("commitment", sa.Text),
    sa.Column("prev", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

AUDIT_SALT = sa.Table(
    "audit_salt",
    METADATA,
    sa.Column("audit_id", sa.BigInteger, sa.ForeignKey("audit_entry.id"), primary_key=True, autoincrement=False),
    sa.Column("salt", sa.Text, nullable=False),
)

USER = sa.Table(
    "account_user",
    METADATA,
    sa.Column("folded", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("password_at", sa.DateTime),
    sa.Column("signed_in_at", sa.DateTime),
    sa.Column("disabled_at", sa.DateTime),
)

SESSION = sa.Table(
    "account_session",
    METADATA,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("folded", sa.Text, sa.ForeignKey("account_user.folded"), nullable=False, index=True),
    sa.Column("by_link", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sa.Column("place", sa.Text),
)
"""`place` is what kind of address it was begun from, of a closed list in `stewardship.accounts.sessions`."""

LINK = sa.Table(
    "account_link",
    METADATA,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("folded", sa.Text, sa.ForeignKey("account_user.folded")),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)
"""A link without a user makes the first admin."""

TOKEN = sa.Table(
    "account_token",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("used_at", sa.DateTime),
    sa.Column("revoked_at", sa.DateTime),
)

ATTEMPT = sa.Table(
    "account_attempt",
    METADATA,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.DateTime, nullable=False),
    sa.Column("wait_until", sa.DateTime),
)
"""Failed sign-ins of a name or from an address (`subject` is a hash of either), forgotten after a while."""

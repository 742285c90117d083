"""Accounts: users, sessions, sign-in links, tokens, and the chained audit log."""

from __future__ import annotations

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Make the tables."""

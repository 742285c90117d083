"""Further kinds of decision, what each says, and the acts that decisions belong to."""

from __future__ import annotations

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make the tables."""

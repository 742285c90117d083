"""What stewards have on their desks: claims, assignments, comments, what was put off or proposed."""

from __future__ import annotations

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables."""

"""From what kind of address a session was begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Add the column; of sessions that are open it is not known."""
    op.add_column("account_session", sa.Column("place", sa.Text))

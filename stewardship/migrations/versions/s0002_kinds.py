"""Further kinds of decision, what each says, and the acts that decisions belong to.

Only columns are added, so no row that was there is touched, and the triggers go on holding.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add the columns."""
    for name, kind in (
        ("act", sa.BigInteger),
        ("item_id", sa.Text),
        ("queue", sa.Text),
        ("seconds", sa.Double),
        ("probability", sa.Double),
        ("attribute", sa.Text),
        ("value", sa.Text),
        ("until", sa.DateTime),
    ):
        op.add_column("decision_log", sa.Column(name, kind))
    op.add_column("decision_record", sa.Column("side", sa.Integer))

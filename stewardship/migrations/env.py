"""What Alembic runs: the steps, on the connection that the store has open, in the transaction it is in."""

from __future__ import annotations

from alembic import context

from stewardship.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()

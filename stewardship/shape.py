"""Brings the store to this version's shape, by itself, when it is opened for writing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from warehouse.errors import SurroundingsError

if TYPE_CHECKING:
    from stewardship.database import Place

NEWEST = "0006"
"""The last step in `migrations/versions`."""
KINDS = "0002"
"""The step since which there are further kinds of decision."""
FOLDER = Path(__file__).parent / "migrations"
"""Where the steps lie."""


def found_shape(con: sa.Connection, place: Place) -> str | None:
    """Return the last step that the store has taken, None for one that is new.

    Raises SurroundingsError where a later version of joinedup has been at work.
    """
    if not sa.inspect(con).has_table("alembic_version"):
        return None
    found = con.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found > NEWEST:
        message = (
            f"the stewards' store {place.shown} was last used by a later joinedup (its step {found}, "
            f"known here: up to {NEWEST}): update joinedup"
        )
        raise SurroundingsError(message)
    return str(found) if found else None


def bring_up_to_date(con: sa.Connection, place: Place) -> None:
    """Take the steps that are missing, in the open transaction, which nobody else writes beside."""
    if found_shape(con, place) == NEWEST:
        return
    from alembic import command  # noqa: PLC0415 - slow to import, and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config(attributes={"connection": con})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(config, "head")

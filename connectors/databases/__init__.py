"""Databases: what a query gives becomes rows of text, as an export's rows do; one module per way to a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.databases import any_sqlalchemy, postgresql, sqlite

if TYPE_CHECKING:
    from connectors.databases.question import Database

DATABASES: tuple[Database, ...] = (postgresql.DATABASE, sqlite.DATABASE)
"""The databases with a way of their own; what has none goes through SQLAlchemy."""


def find_database(url: str) -> Database:
    """Return the way to the database that a URL names; drivers, as in `postgresql+psycopg`, make no difference."""
    kind = url.partition("://")[0].partition("+")[0].lower()
    return next((known for known in DATABASES if kind in known.kinds), any_sqlalchemy.DATABASE)

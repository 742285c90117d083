"""PostgreSQL for SQLAlchemy through ADBC: the driver that sources are read with, and the same URLs.

ADBC streams what a statement gives as a copy, which only a query can be; here every statement goes the ordinary way.
"""

# ruff: noqa: ANN401 - what is overridden here takes and returns Any in SQLAlchemy

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect

if TYPE_CHECKING:
    import sqlalchemy as sa

_PLAIN = {"adbc.postgresql.use_copy": "false"}


class AdbcPostgresql(PGDialect):
    """The dialect `postgresql+adbc`; libpq is given the whole URL as it is, in the engine's connect_args as `uri`."""

    driver = "adbc"
    supports_statement_cache = True

    def __init__(self, **options: Any) -> None:
        options["paramstyle"] = "numeric_dollar"
        super().__init__(**options)  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return ADBC's module of PEP 249."""
        import adbc_driver_postgresql.dbapi as adbc  # noqa: PLC0415 - only where the log is on PostgreSQL

        return adbc

    def create_connect_args(self, url: sa.URL) -> tuple[list[str], dict[str, Any]]:
        """Take nothing from SQLAlchemy's URL, which would leave out what libpq alone knows.

        Transactions are begun by a statement: ADBC would have one open from commit to commit, however long that takes.
        """
        del url
        return [], {"autocommit": True}

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction."""
        self._say(dbapi_connection, "BEGIN")

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit it."""
        self._say(dbapi_connection, "COMMIT")

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Take back what was done in it."""
        self._say(dbapi_connection, "ROLLBACK")

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Say whether the server still answers on a connection that was kept."""
        try:
            self._say(dbapi_connection, "SELECT 1")
        except self.loaded_dbapi.Error:
            return False
        return True

    def _say(self, dbapi_connection: Any, statement: str) -> None:
        with closing(dbapi_connection.cursor()) as cursor:
            self.do_execute(cursor, statement, None)

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """Return what PostgreSQL has by default, without asking."""
        del dbapi_conn
        return "READ COMMITTED"

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Execute a statement; one without parameters is given none, which ADBC tells from an empty list."""
        del context
        cursor.adbc_statement.set_options(**_PLAIN)
        cursor.execute(statement, parameters or None)
        if not cursor.description:  # an empty one, where SQLAlchemy looks for none and would wait for rows
            cursor.close()

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        """Execute a statement as it is."""
        self.do_execute(cursor, statement, None, context)


def register() -> None:
    """Let SQLAlchemy know the dialect by its name."""
    registry.register("postgresql.adbc", __name__, AdbcPostgresql.__name__)

"""Any other database that SQLAlchemy knows, by the driver that its URL names; the query is rolled back at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.databases.python_values import answers
from connectors.databases.question import ROWS_PER_BATCH, Database, check_names
from connectors.formats.batch import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.databases.question import Answer, Question

_MARK = ":joinedup_since"


def ask(url: str, workspace: Path, question: Question) -> Iterator[Answer]:
    """Yield the rows of the question's answer; raises UnreadableFile."""
    del workspace  # what lies in a file has a module of its own
    import sqlalchemy as sa  # noqa: PLC0415 - only where there is such a source

    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
    except ImportError as error:
        problem = f"the Python package {error.name} is missing: install it beside joinedup, or export to files"
        raise UnreadableFile(problem) from error
    except sa.exc.NoSuchModuleError as error:
        kind = url.partition("://")[0]
        problem = f"no database {kind!r} is known: install the package of its SQLAlchemy dialect, or correct `files`"
        raise UnreadableFile(problem) from error
    except (sa.exc.ArgumentError, ValueError) as error:
        problem = "it is no database URL; allowed: such as postgresql://user:${PASSWORD}@host/database"
        raise UnreadableFile(problem) from error
    try:
        with engine.connect() as con:
            yield from _answers(con.execution_options(stream_results=True, yield_per=ROWS_PER_BATCH), question)
    except sa.exc.SQLAlchemyError as error:
        raise UnreadableFile(f"the database says: {getattr(error, 'orig', None) or error}") from error


def _answers(con: Any, question: Question) -> Iterator[Answer]:  # noqa: ANN401 - imported only where it is used
    import sqlalchemy as sa  # noqa: PLC0415 - only where there is such a source

    quote = con.dialect.identifier_preparer.quote_identifier
    if question.since is None:
        result = con.execute(sa.text(_no_parameters(question.query)))
    else:
        # Written around the mark, so that no colon of the query is taken for a parameter.
        parts = question.narrowed(_MARK, quote).split(_MARK)
        result = con.execute(sa.text(_MARK.join(map(_no_parameters, parts))), {_MARK[1:]: question.since.value})
    names = list(result.keys())
    check_names(names, question)
    yield from answers(names, result.partitions(ROWS_PER_BATCH), question.watermark)


def _no_parameters(query: str) -> str:
    return query.replace(":", r"\:")


DATABASE = Database((), ask)

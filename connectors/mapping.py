"""What a source's mapping takes from its export: every expression with its place in joinedup.yaml, and every column.

Mail needs no mapping: its own stands here, in the same terms; what joinedup.yaml says comes before it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from warehouse.errors import SettingsError
from warehouse.scalar_sql import read_scalar
from warehouse.settings.expressions import (
    ColumnExpression,
    FirstExpression,
    JoinExpression,
    PathExpression,
    SqlExpression,
)
from warehouse.settings.source_checks import MAIL
from warehouse.settings.sources import ActivitySettings, KeyHash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from warehouse.settings import SourceSettings
    from warehouse.settings.expressions import AnyExpression

_MAIL_FIELDS: dict[str, tuple[AnyExpression, ...]] = {
    "full_name": (ColumnExpression(column="party_name"),),
    "email": (ColumnExpression(column="party_address"), PathExpression(path="signature_emails")),
    "organisation": (ColumnExpression(column="signature_organisation"),),
}
_MAIL_ACTIVITY: dict[str, AnyExpression] = {
    "at": ColumnExpression(column="date"),
    "subject": ColumnExpression(column="subject"),
    "body": ColumnExpression(column="body"),
    "direction": ColumnExpression(column="direction"),
    "conversation": ColumnExpression(column="conversation"),
}


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column that the mapping names: `key` is where in joinedup.yaml, `kind` how the name is looked up.

    `instead` are the columns of which each would do in its place, as the other parts of a `first`.
    """

    name: str
    key: str
    kind: Literal["plain", "path", "sql"]
    instead: tuple[MappedColumn, ...] = ()


def is_mail(source: SourceSettings) -> bool:
    """Say whether a source's records are mails."""
    return source.format in MAIL


def complete(source: SourceSettings) -> SourceSettings:
    """Return the source with the mapping that mail has by itself; other sources as they are."""
    if not is_mail(source):
        return source
    given = {name: value for name, value in source.activity if value is not None}
    return source.model_copy(
        update={
            "key": source.key or ("key",),
            "fields": _MAIL_FIELDS | source.fields,
            "activity": ActivitySettings.model_validate(_MAIL_ACTIVITY | given),
        }
    )


def expressions_of(source: SourceSettings, place: str) -> Iterator[tuple[str, AnyExpression]]:
    """Yield every expression of the mapping with its key, which begins with `place`."""
    for attribute, expressions in source.fields.items():
        for expression in expressions:
            yield f"{place}.fields.{attribute}", expression
    for attribute, value in source.activity:
        if attribute == "items" and value is not None:
            yield from ((f"{place}.activity.items.{name}", part) for name, part in value if part is not None)
        elif value is not None:
            yield f"{place}.activity.{attribute}", value
    for index, link in enumerate(source.links):
        yield f"{place}.links[{index}].record", link.record
    if source.updated_at is not None:
        yield f"{place}.updated_at", source.updated_at


def mapped_columns(con: DuckDBPyConnection, source: SourceSettings, place: str) -> tuple[MappedColumn, ...]:
    """Return every column that the mapping names; raises SettingsError for `sql` that is no scalar, and for no key."""
    columns = source.key.hash if isinstance(source.key, KeyHash) else source.key
    if not columns:
        problem = "missing; allowed: a column, a list of columns, or {hash: [columns]}"
        raise SettingsError(problem, key=f"{place}.key")
    found = [MappedColumn(name, f"{place}.key", "plain") for name in columns]
    if source.deleted is not None:
        found.append(MappedColumn(source.deleted.column, f"{place}.deleted.column", "plain"))
    for key, expression in expressions_of(source, place):
        found += _columns_in(con, expression, key)
    return tuple(dict.fromkeys(found))


def _columns_in(con: DuckDBPyConnection, expression: AnyExpression, key: str) -> Iterator[MappedColumn]:
    if isinstance(expression, ColumnExpression):
        yield MappedColumn(expression.column, key, "plain")
    elif isinstance(expression, PathExpression):
        yield MappedColumn(expression.path, key, "path")
    elif isinstance(expression, SqlExpression):
        for name in read_scalar(con, expression.sql, key).columns:
            yield MappedColumn(name, key, "sql")
    elif isinstance(expression, JoinExpression):
        for part in expression.join:
            yield from _columns_in(con, part, key)
    elif isinstance(expression, FirstExpression):
        choices = [tuple(_columns_in(con, part, key)) for part in expression.first]
        alone = [columns[0] for columns in choices if len(columns) == 1]
        for columns in choices:
            others = tuple(other for other in alone if other not in columns)
            yield from (replace(column, instead=others) for column in columns)

"""Expressions: how an export's columns become one value (contract: joinedup.yaml, Expressions)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

NameOrder = Literal["given_first", "family_first"]
Epoch = Literal["s", "ms", "us", "ns"]


class Frozen(BaseModel):
    """A setting: immutable, and without room for a misspelt key."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _as_tuple(value: object) -> object:
    return [value] if isinstance(value, str) else value


TextTuple = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One string or a list of strings."""


class _Typed(Frozen):
    """How the text of a column or path is read as a value."""

    format: TextTuple = ()
    decimal: str | None = None
    thousands: str | None = None
    epoch: Epoch | None = None
    name_order: NameOrder | None = None
    exclusive: bool = False


class ColumnExpression(_Typed):
    """The text of one column, read by a format, a decimal mark or an epoch where one is given."""

    column: str


class PathExpression(_Typed):
    """The values at a path in a JSON object; `where` keeps the list members that equal it, `take` picks their field."""

    path: str
    where: dict[str, str] = Field(default_factory=dict)
    take: str | None = None


class JoinExpression(Frozen):
    """The parts that are not null, joined by `with`."""

    join: tuple[Expression, ...] = Field(min_length=1)
    separator: str = Field(default=" ", alias="with")


class FirstExpression(Frozen):
    """The first part that is not null."""

    first: tuple[Expression, ...] = Field(min_length=1)


class ConstantExpression(Frozen):
    """The same text for every record."""

    value: str


class SqlExpression(Frozen):
    """One DuckDB scalar over the columns, which are all text."""

    sql: str


def _column_from_text(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


AnyExpression = (
    ColumnExpression | PathExpression | JoinExpression | FirstExpression | ConstantExpression | SqlExpression
)
Expression = Annotated[AnyExpression, BeforeValidator(_column_from_text)]


def _as_expressions(value: object) -> object:
    return value if isinstance(value, list) else [value]


Expressions = Annotated[tuple[Expression, ...], BeforeValidator(_as_expressions)]
"""One expression or a list of them."""

JoinExpression.model_rebuild()
FirstExpression.model_rebuild()

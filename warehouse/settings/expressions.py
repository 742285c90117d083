"""Expressions: how an export's columns become one value (contract: joinedup.yaml, Expressions)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

NameOrder = Literal["given_first", "family_first"]
Epoch = Literal["s", "ms", "us", "ns"]
Flag = Annotated[bool, Field(strict=True)]
"""true or false, and none of the other words for them."""


class Frozen(BaseModel):
    """A setting: immutable, and without room for a misspelt key."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)


def as_tuple(value: object) -> object:
    """Return a list of one for a text; leave everything else for the model to judge."""
    return [value] if isinstance(value, str) else value


TextTuple = Annotated[tuple[str, ...], BeforeValidator(as_tuple, json_schema_input_type=str | tuple[str, ...])]
"""One string or a list of strings."""


class _Typed(Frozen):
    """How the text of a column or path is read as a value."""

    format: TextTuple = ()
    """A strptime format, or several of which the first that fits counts; a literal Z at the end means UTC."""
    decimal: str | None = None
    """The decimal mark of numbers, as in ","."""
    thousands: str | None = None
    """What groups the digits of numbers, as in "."."""
    epoch: Epoch | None = None
    """The unit of a time that is counted from 1970-01-01T00:00:00Z."""
    name_order: NameOrder | None = None
    """How a one-line name is ordered."""
    exclusive: Flag = False
    """Whether a person has only one such identifier."""


class ColumnExpression(_Typed):
    """The text of one column, read by a format, a decimal mark or an epoch where one is given."""

    column: str
    """The column's name, as it stands in the export."""


class PathExpression(_Typed):
    """The values at a path in a JSON object; `where` keeps the list members that equal it, `take` picks their field."""

    path: str
    """Keys into the object, as in contact.email."""
    where: dict[str, str] = Field(default_factory=dict)
    """Which members of a list count: those whose fields have these values."""
    take: str | None = None
    """The field of each member that is the value."""


class JoinExpression(Frozen):
    """The parts that are not null, joined by `with`."""

    join: tuple[Expression, ...] = Field(min_length=1)
    """The parts, in their order."""
    separator: str = Field(default=" ", alias="with")
    """What stands between two parts."""


class FirstExpression(Frozen):
    """The first part that is not null."""

    first: tuple[Expression, ...] = Field(min_length=1)
    """The parts, in the order they are tried."""


class ConstantExpression(Frozen):
    """The same text for every record."""

    value: str
    """The text."""


class SqlExpression(Frozen):
    """One DuckDB scalar over the columns, which are all text."""

    sql: str
    """The scalar, without SELECT."""


AnyExpression = (
    ColumnExpression | PathExpression | JoinExpression | FirstExpression | ConstantExpression | SqlExpression
)
KINDS = ("column", "path", "join", "first", "value", "sql")
"""The key that tells what an expression is."""


def _column_from_text(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _kind(value: object) -> str | None:
    """Return the tag of the expression that the value is or describes."""
    if isinstance(value, str):
        return "<column>"
    names = value if isinstance(value, dict) else getattr(type(value), "model_fields", ())
    return next((f"<{kind}>" for kind in KINDS if kind in names), None)


Expression = Annotated[
    Annotated[
        ColumnExpression,
        BeforeValidator(_column_from_text, json_schema_input_type=str | ColumnExpression),
        Tag("<column>"),
    ]
    | Annotated[PathExpression, Tag("<path>")]
    | Annotated[JoinExpression, Tag("<join>")]
    | Annotated[FirstExpression, Tag("<first>")]
    | Annotated[ConstantExpression, Tag("<value>")]
    | Annotated[SqlExpression, Tag("<sql>")],
    Discriminator(
        _kind,
        custom_error_type="no_expression",
        custom_error_message="a column's name, or a mapping with one of column, path, join, first, value, sql",
    ),
]
"""A column's name, or one of the expressions; tags are in brackets so that no key can be taken for one."""


def _as_expressions(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


Expressions = Annotated[
    tuple[Expression, ...],
    BeforeValidator(_as_expressions, json_schema_input_type=Expression | tuple[Expression, ...]),
]
"""One expression or a list of them."""

JoinExpression.model_rebuild()
FirstExpression.model_rebuild()

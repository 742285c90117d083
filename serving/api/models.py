"""The shapes of answers for the OpenAPI document, made from the table specs: what a column means is said there alone.

Nothing is checked against them when an answer is given; a test holds every answer to its shape.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

if TYPE_CHECKING:
    from collections.abc import Collection

    from warehouse.table_spec import Column, TableSpec

Fields = dict[str, Any]
_TYPES: dict[str, Any] = {
    "VARCHAR": str,
    "BIGINT": int,
    "INTEGER": int,
    "DOUBLE": float,
    "BOOLEAN": bool,
    "DATE": str,
    "TIMESTAMP": datetime,
    "DECIMAL(18,4)": str,
    "VARCHAR[]": list[str],
    "MAP(VARCHAR, VARCHAR[])": dict[str, list[str]],
    "MAP(VARCHAR, DECIMAL(18,4))": dict[str, str],
}
_MASKED = "masked or withheld for the role reader"


def shape(name: str, **fields: Any) -> Any:  # noqa: ANN401 - pydantic's own: a type and what is said of it
    """Return a model of these fields, each (type, description), and of no others."""
    made: Fields = {field: (kind, Field(description=meaning)) for field, (kind, meaning) in fields.items()}
    return create_model(name, __config__=ConfigDict(extra="forbid"), **made)


def many(kind: Any) -> Any:  # noqa: ANN401 - as above
    """Return the type of a list of such."""
    return list[kind]


def fields_of(spec: TableSpec, *, without: Collection[str] = (), **others: Any) -> Fields:  # noqa: ANN401 - as above
    """Return the fields of a table's rows, but for these, `others` in the place of those with their names."""
    made = {column.name: _field(column) for column in spec.columns if column.name not in without}
    return made | others


def answer_shape(name: str, **fields: Any) -> Any:  # noqa: ANN401 - as above
    """Return a model of an answer: these fields, and the stamp that every answer has."""
    return shape(name, release_id=(str, "the release that all of this answer is of"), as_of=(datetime, AS_OF), **fields)


AS_OF = "the time that late, open since and the like are relative to, UTC"


class ProblemShape(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="`urn:joinedup:problem:` and the kind of problem; it stays as it is")
    title: str = Field(description="the kind of problem, in words")
    status: int = Field(description="the status of the answer")
    detail: str = Field(description="what to do about it; nothing of what was sent")
    release_id: str | None = Field(None, description="the release that was asked")
    as_of: datetime | None = Field(None, description=AS_OF)
    errors: list[dict[str, str]] | None = Field(None, description="422: `where` in the request, and what is `expected`")


def _field(column: Column) -> tuple[Any, str]:
    kind: Any = Literal[column.values] if column.values else _TYPES.get(column.type, Any)
    is_scalar = not column.type.startswith(("MAP", "STRUCT")) and not column.type.endswith("]")
    optional = column.nullable or (column.personal and is_scalar)
    meaning = f"{column.meaning}; {_MASKED}" if column.personal else column.meaning
    return (kind | None if optional else kind), meaning

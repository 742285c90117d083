"""What `sources:` in joinedup.yaml may say about one source."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from warehouse.settings.durations import parse_duration
from warehouse.settings.expressions import ColumnExpression, Expression, Expressions, Frozen, TextTuple

Holds = Literal["order", "invoice", "account", "message", "case", "interaction", "campaign", "inventory", "known_issue"]
Format = Literal["csv", "jsonl", "json", "parquet", "xlsx", "mbox", "maildir", "eml", "sql"]
Load = Literal["full", "incremental"]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]

IDENTITY_ATTRIBUTES = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "organisation",
    "birth_date",
    "email",
    "phone",
    "street",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
    "address",
)
LIST_ATTRIBUTES = ("email", "phone", "address")
"""Attributes that may be a list of expressions."""
OPEN_ATTRIBUTES = ("identifier.", "extra.")
"""Prefixes of attributes that the user names."""


class FormatOptions(Frozen):
    """How a file's bytes become rows; everything is declared, nothing is guessed."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    encoding: str = "utf-8"
    header: bool = True
    skip_rows: int = Field(default=0, ge=0)
    skip_footer: int = Field(default=0, ge=0)
    nulls: tuple[str, ...] = ("",)
    columns: tuple[str, ...] = ()
    records: str | None = None


class KeyHash(Frozen):
    """A key made by hashing columns, for exports that have none."""

    hash: TextTuple = Field(min_length=1)


class Deleted(Frozen):
    """The column and the values by which a row says that its record was deleted."""

    column: str
    equals: TextTuple = Field(min_length=1)


class Expect(Frozen):
    """What a delivery is expected to be."""

    every: Duration | None = None
    min_rows: int = Field(default=1, ge=0)


class Link(Frozen):
    """A column that holds the key of another source's record."""

    source: str
    record: Expression


class Status(ColumnExpression):
    """The status column, and which of its values mean open, closed and cancelled."""

    open: TextTuple = ()
    closed: TextTuple = ()
    cancelled: TextTuple = ()


class ItemColumns(Frozen):
    """The columns of one line of an order or invoice."""

    sku: Expression | None = None
    quantity: Expression | None = None
    amount: Expression | None = None
    description: Expression | None = None


def _items(value: object) -> object:
    return {"sku": value} if isinstance(value, str) else value


def _status(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class ActivitySettings(Frozen):
    """What goes on the customer's timeline."""

    at: Expression | None = None
    reference: Expression | None = None
    about: Expression | None = None
    amount: Expression | None = None
    currency: Expression | None = None
    status: Annotated[Status | None, BeforeValidator(_status)] = None
    subject: Expression | None = None
    body: Expression | None = None
    items: Annotated[ItemColumns | None, BeforeValidator(_items)] = None
    channel: Expression | None = None
    direction: Expression | None = None
    handled_by: Expression | None = None
    promised_at: Expression | None = None
    conversation: Expression | None = None


class SourceSettings(Frozen):
    """One source: what it holds, where its exports are, and how their columns are to be understood."""

    holds: Holds
    files: str
    format: Format
    take: Literal["all", "latest"] = "all"
    options: FormatOptions = FormatOptions()
    load: Load = "full"
    key: KeyHash | TextTuple = ()
    rows: Literal["records", "lines"] = "records"
    updated_at: Expression | None = None
    deleted: Deleted | None = None
    if_missing: Literal["hold", "use_last"] = "hold"
    expect: Expect = Expect()
    trust: int = Field(default=50, ge=0, le=100)
    fields: dict[str, Expressions] = Field(default_factory=dict)
    links: tuple[Link, ...] = ()
    activity: ActivitySettings = ActivitySettings()
    references: TextTuple = ()
    own_addresses: TextTuple = ()

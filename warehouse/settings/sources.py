"""What `sources:` in joinedup.yaml may say about one source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, JsonValue, Tag

from warehouse.settings.durations import Duration  # noqa: TC001 - pydantic reads annotations while running
from warehouse.settings.expressions import (
    ColumnExpression,
    Expression,
    Expressions,
    Flag,
    Frozen,
    TextTuple,
    as_tuple,
)

Holds = Literal["order", "invoice", "account", "message", "case", "interaction", "campaign", "inventory", "known_issue"]
Format = Literal["csv", "jsonl", "json", "parquet", "xlsx", "mbox", "maildir", "eml", "sql"]
Load = Literal["full", "incremental"]
Count = Annotated[int, Field(strict=True, ge=0)]

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

Nulls = Annotated[tuple[str, ...], BeforeValidator(as_tuple, json_schema_input_type=str | tuple[str | None, ...])]
"""Texts that stand for no value; an editor takes NULL for one, where the loader keeps it as written."""


class FormatOptions(Frozen):
    """How a file's bytes become rows; everything is declared, nothing is guessed."""

    delimiter: str = ","
    """What parts the fields of a csv row."""
    quote: str = '"'
    """What stands around a csv field that holds a delimiter or a line end; empty for none."""
    escape: str = '"'
    """What stands before a quote inside a csv field."""
    encoding: str = "utf-8"
    """The encoding of a text file: any codec of Python."""
    header: Flag = True
    """Whether the first row of a csv file or sheet names the columns."""
    skip_rows: Count = 0
    """Lines to leave out at the top of a csv file or sheet, before the header."""
    skip_footer: Count = 0
    """Lines to leave out at the end of a csv file or sheet."""
    nulls: Nulls = ("",)
    """Texts that stand for no value."""
    columns: tuple[str, ...] = ()
    """The names of the columns of a csv file or sheet without a header."""
    records: str | None = None
    """The key under which a json document has its list of records; keys into keys with dots."""
    sheets: TextTuple = ()
    """The sheets of an xlsx workbook; without it those whose header has the key."""
    query: str | None = None
    """What a database is asked: one SELECT, whose rows are the records."""
    watermark: str | None = None
    """The query's column that grows whenever a row is new or changed: rows below the last one seen are not read."""
    look_back: Duration | None = None
    """How far before the last watermark to read again, for rows that a database shows late."""
    storage: dict[str, JsonValue] = Field(default_factory=dict)
    """What the store of a URL is opened with besides: fsspec's options."""


class KeyHash(Frozen):
    """A key made by hashing columns, for exports that have none."""

    hash: TextTuple = Field(min_length=1)
    """The columns."""


class Deleted(Frozen):
    """The column and the values by which a row says that its record was deleted."""

    column: str
    """The column's name."""
    equals: TextTuple = Field(min_length=1)
    """The values that say so."""


class Expect(Frozen):
    """What a delivery is expected to be."""

    every: Duration | None = None
    """How often the source delivers."""
    min_rows: Count = 1
    """The fewest rows that a delivery has."""


class Link(Frozen):
    """A column that holds the key of another source's record: strong evidence, not proof."""

    source: str
    """The other source."""
    record: Expression
    """Where its record's key stands."""


class Status(ColumnExpression):
    """The status column, and which of its values mean open, closed and cancelled."""

    open: TextTuple = ()
    """Values that mean: still open."""
    closed: TextTuple = ()
    """Values that mean: done with."""
    cancelled: TextTuple = ()
    """Values that mean: does not count."""


class ItemColumns(Frozen):
    """The columns of one line of an order or invoice."""

    sku: Expression | None = None
    """What was bought."""
    quantity: Expression | None = None
    """How many."""
    amount: Expression | None = None
    """For how much, in the activity's currency."""
    description: Expression | None = None
    """In words."""


def _items(value: object) -> object:
    return {"sku": value} if isinstance(value, str) else value


def _status(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class ActivitySettings(Frozen):
    """What goes on the customer's timeline."""

    at: Expression | None = None
    """When it happened."""
    reference: Expression | None = None
    """What others quote: order number, case number."""
    about: Expression | None = None
    """The reference of another record."""
    amount: Expression | None = None
    """How much money it is about."""
    currency: Expression | None = None
    """The currency of the amounts."""
    status: Annotated[Status | None, BeforeValidator(_status, json_schema_input_type=str | Status | None)] = None
    """The status column."""
    subject: Expression | None = None
    """In one line."""
    body: Expression | None = None
    """In full."""
    items: Annotated[ItemColumns | None, BeforeValidator(_items, json_schema_input_type=str | ItemColumns | None)] = (
        None
    )
    """The columns of its lines, or the column of the sku."""
    channel: Expression | None = None
    """How it came: phone, chat, …"""
    direction: Expression | None = None
    """inbound, outbound or internal."""
    handled_by: Expression | None = None
    """Who of us saw to it."""
    promised_at: Expression | None = None
    """What was promised for when."""
    conversation: Expression | None = None
    """What ties it to others of the same exchange."""


def _key_kind(value: object) -> str:
    return "<hash>" if isinstance(value, dict | KeyHash) else "<columns>"


Key = Annotated[Annotated[KeyHash, Tag("<hash>")] | Annotated[TextTuple, Tag("<columns>")], Discriminator(_key_kind)]


class SourceSettings(Frozen):
    """One source: what it holds, where its exports are, and how their columns are to be understood."""

    holds: Holds
    """What a record is."""
    files: str = Field(min_length=1)
    """A glob in the workspace, or any fsspec URL; .gz is read as it is."""
    format: Format
    """The format of the files."""
    take: Literal["all", "latest"] = "all"
    """all: the matching files are one delivery in parts; latest: only the last by name."""
    options: FormatOptions = FormatOptions()
    """How the files' bytes become rows."""
    load: Load = "full"
    """full: an id that is gone was deleted; incremental: new and changed rows, never deletes."""
    key: Key = ()
    """The column or columns that know a record, or {hash: [columns]} where the export has none."""
    rows: Literal["records", "lines"] = "records"
    """records: a key is one row; lines: rows of one key are the lines of one order or invoice."""
    updated_at: Expression | None = None
    """When the source last changed the record."""
    deleted: Deleted | None = None
    """How a row says that its record was deleted."""
    if_missing: Literal["hold", "use_last"] = "hold"
    """What to do where a full source delivers nothing: hold everything, or go on with what it had."""
    expect: Expect = Expect()
    """What a delivery is expected to be."""
    trust: int = Field(default=50, strict=True, ge=0, le=100)
    """How much the source is believed where sources differ, 0 to 100."""
    fields: dict[str, Expressions] = Field(default_factory=dict)
    """Identity attributes and where they stand in the export."""
    links: tuple[Link, ...] = ()
    """Foreign keys to records of other sources."""
    activity: ActivitySettings = ActivitySettings()
    """What goes on the customer's timeline."""
    references: TextTuple = ()
    """Patterns of numbers that subject and body quote; group 1 where a pattern has one."""
    own_addresses: TextTuple = ()
    """Our own mail addresses: what they send belongs to the customer it goes to."""

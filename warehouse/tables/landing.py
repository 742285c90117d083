"""Tables of the landing: what was delivered, as it was delivered, with every version of every source record."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec
from warehouse.tables.quarantine import QUARANTINE, QUARANTINE_DROP, QUARANTINE_END

HOLDS = ("order", "invoice", "account", "message", "case", "interaction", "campaign", "inventory", "known_issue")
EXCLUSION_REASONS = (
    "newsletter",
    "bounce",
    "no_reply",
    "out_of_office",
    "internal",
    "test",
    "no_identity",
    "not_a_customer_record",
    "not_a_customer",
)

DELIVERY = TableSpec(
    schema="landing",
    name="delivery",
    grain="source in one run",
    key=("delivery_id",),
    columns=(
        Column("delivery_id", "VARCHAR", "`<source>@<run_id>`", nullable=False),
        Column("run_id", "VARCHAR", "the run that landed it", nullable=False),
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("load", "VARCHAR", "how the source delivers", nullable=False, values=("full", "incremental")),
        Column(
            "outcome",
            "VARCHAR",
            "read: files were read; used_last: missing, so the last accepted data stand; nothing_new: an incremental "
            "source without a new file; withdrawn: the source was taken out of joinedup.yaml; replayed: no file was "
            "read, only what was asked for of the quarantine",
            nullable=False,
            values=("read", "used_last", "nothing_new", "withdrawn", "replayed"),
        ),
        Column(
            "mapping_hash",
            "VARCHAR",
            "sha256 of what decides how a row becomes a record: the source's part of the configuration, time zone and "
            "country, and the version of the typing",
            nullable=False,
        ),
        Column(
            "read",
            "BIGINT",
            "records read from the files; with rows: lines all the lines of a key are one record",
            nullable=False,
        ),
        Column("new", "BIGINT", "keys not known to the base", nullable=False),
        Column("changed", "BIGINT", "keys known with other content", nullable=False),
        Column("unchanged", "BIGINT", "keys known with the same content", nullable=False),
        Column("duplicate", "BIGINT", "further equal rows of a key", nullable=False),
        Column("superseded", "BIGINT", "further rows of a key that another row wins over", nullable=False),
        Column("quarantined", "BIGINT", "records that could not be read or break the contract", nullable=False),
        Column(
            "deleted", "BIGINT", "keys of the base that are gone: absent from a full load, or marked", nullable=False
        ),
        Column(
            "newest_arrival",
            "TIMESTAMP",
            "when the newest of its files was last written, UTC; where no file was read, of those last accepted",
        ),
        Column("notes", "VARCHAR[]", "what people should know of it, in sentences, without values of records"),
    ),
)

FILE = TableSpec(
    schema="landing",
    name="file",
    grain="file of a delivery, read or left for a later night",
    key=("delivery_id", "path"),
    columns=(
        Column("delivery_id", "VARCHAR", "the delivery it belongs to", nullable=False),
        Column("source", "VARCHAR", "the source's name", nullable=False),
        Column(
            "path",
            "VARCHAR",
            "as found by the source's glob, relative to the workspace; a URL without passwords",
            nullable=False,
        ),
        Column(
            "sha256",
            "VARCHAR",
            "of the bytes as delivered (of a query's rows in any order); null of a file that was not looked into",
        ),
        Column("bytes", "BIGINT", "size as delivered", nullable=False),
        Column(
            "rows", "BIGINT", "rows read from it, bad ones included; with rows: lines that is each line", nullable=False
        ),
        Column("columns", "VARCHAR[]", "its header, or the keys that its objects had, in their order"),
        Column("arrived_at", "TIMESTAMP", "when the store says that it was last written, UTC"),
        Column("types", "VARCHAR[]", "of each column the type that the file declares; null where its format has none"),
        Column("left_because", "VARCHAR", "why nothing of it was taken, so that a later night looks at it again"),
        Column("etag", "VARCHAR", "its store's own word for the content, where it has one"),
        Column("watermark", "VARCHAR", "of a database: type and value of the greatest watermark that was read"),
    ),
)

SOURCE_RECORD = TableSpec(
    schema="landing",
    name="source_record",
    grain="version of a source record",
    key=("source", "source_record_id", "run_id"),
    columns=(
        Column("source", "VARCHAR", "the source's name", nullable=False),
        Column("source_record_id", "VARCHAR", "its key, byte for byte", nullable=False),
        Column("run_id", "VARCHAR", "the run that wrote this version", nullable=False),
        Column("delivery_id", "VARCHAR", "the delivery that brought it", nullable=False),
        Column("path", "VARCHAR", "its file"),
        Column("line", "BIGINT", "first line or row in its file, from 1"),
        Column("deleted", "BOOLEAN", "a tombstone: the source no longer has it", nullable=False),
        Column(
            "record_hash",
            "VARCHAR",
            "sha256 of the record as delivered; a tombstone of an absent record has the last one",
            nullable=False,
            compression="uncompressed",
        ),
        Column("mapping_hash", "VARCHAR", "of the mapping that typed this version", nullable=False),
        Column(
            "raw",
            "VARCHAR",
            "the record as delivered: JSON of column -> text; an array for rows: lines",
            personal=True,
            compression="zstd",
        ),
        Column("updated_at", "TIMESTAMP", "when the source last changed it, UTC"),
        Column("holds", "VARCHAR", "what its source holds", nullable=False, values=HOLDS),
        Column("trust", "SMALLINT", "its source's trust, 0 to 100", nullable=False),
        Column("excluded_reason", "VARCHAR", "why it is nobody's, if it is", values=EXCLUSION_REASONS),
        Column("full_name", "VARCHAR", "one-line name", personal=True),
        Column("name_order", "VARCHAR", "how full_name is ordered", values=("given_first", "family_first")),
        Column("given_name", "VARCHAR", "as delivered", personal=True),
        Column("middle_name", "VARCHAR", "as delivered", personal=True),
        Column("family_name", "VARCHAR", "as delivered", personal=True),
        Column("name_suffix", "VARCHAR", "as delivered", personal=True),
        Column("organisation", "VARCHAR", "as delivered", personal=True),
        Column("birth_date", "DATE", "never in the future", personal=True),
        Column(
            "unreadable",
            "STRUCT(attribute VARCHAR, value VARCHAR)[]",
            "identity values that are not what the mapping says, and are left out",
            personal=True,
        ),
        Column("emails", "VARCHAR[]", "as delivered, in the mapping's order", personal=True),
        Column("phones", "VARCHAR[]", "as delivered, in the mapping's order", personal=True),
        Column("street", "VARCHAR", "house number and street", personal=True),
        Column("unit", "VARCHAR", "flat, suite or floor", personal=True),
        Column("city", "VARCHAR", "as delivered", personal=True),
        Column("region", "VARCHAR", "state or province", personal=True),
        Column("postal_code", "VARCHAR", "as delivered", personal=True),
        Column("country", "VARCHAR", "as delivered", personal=True),
        Column("addresses", "VARCHAR[]", "one-line addresses", personal=True),
        Column(
            "identifiers", "STRUCT(name VARCHAR, value VARCHAR, exclusive BOOLEAN)[]", "identifier.*", personal=True
        ),
        Column("extras", "STRUCT(name VARCHAR, value VARCHAR)[]", "extra.*", personal=True),
        Column("links", "STRUCT(source VARCHAR, source_record_id VARCHAR)[]", "foreign keys to other records"),
        Column("signature_name", "VARCHAR", "a mail's name line", personal=True),
        Column("signature_phones", "VARCHAR[]", "a mail's phone lines", personal=True),
        Column("signature_addresses", "VARCHAR[]", "a mail's postal addresses, one line each", personal=True),
        Column("at", "TIMESTAMP", "when it happened, UTC"),
        Column("reference", "VARCHAR", "what others quote"),
        Column("about", "VARCHAR", "the reference of another record"),
        Column("quoted_references", "VARCHAR[]", "references found in subject and body, sorted, distinct"),
        Column("amount", "DECIMAL(18,4)", "in `currency`"),
        Column("currency", "VARCHAR", "of `amount`, as delivered"),
        Column("status", "VARCHAR", "as delivered"),
        Column(
            "status_class",
            "VARCHAR",
            "what `status` means, by the mapping's lists",
            values=("open", "closed", "cancelled"),
        ),
        Column("subject", "VARCHAR", "of a message or case", personal=True),
        Column(
            "body",
            "VARCHAR",
            "text of a message or case; of a mail what its sender wrote, without signature and quotation",
            personal=True,
        ),
        Column("channel", "VARCHAR", "the way it came; by default what the source holds, email for messages"),
        Column(
            "direction",
            "VARCHAR",
            "of a message: from the customer, to the customer, or among ourselves",
            values=("inbound", "outbound", "internal"),
        ),
        Column("handled_by", "VARCHAR", "who of us", personal=True),
        Column("promised_at", "TIMESTAMP", "by when we promised something, UTC"),
        Column("conversation", "VARCHAR", "what ties messages together"),
        Column("reply_to", "VARCHAR", "the source_record_id that a message answers"),
        Column(
            "items",
            "STRUCT(line INTEGER, sku VARCHAR, description VARCHAR, quantity DECIMAL(18,4), amount DECIMAL(18,4))[]",
            "lines of an order or invoice, in the file's order",
        ),
    ),
)

LINEAGE = TableSpec(
    schema="landing",
    name="lineage",
    grain="run whose versions count tonight",
    key=("run_id",),
    columns=(
        Column("run_id", "VARCHAR", "the run that wrote them", nullable=False),
        Column("position", "INTEGER", "0: tonight; 1: the run of the base release; 2: its parent's; …", nullable=False),
    ),
)

LIVE_RECORD = TableSpec(
    schema="landing",
    name="live_record",
    grain="source record that exists tonight: its newest version in the lineage, unless that is a tombstone",
    key=("source", "source_record_id"),
    columns=tuple(column for column in SOURCE_RECORD.columns if column.name not in {"deleted", "raw"}),
)

NIGHT = TableSpec(
    schema="landing",
    name="night",
    grain="the settled landing: always one row",
    key=("run_id",),
    columns=(
        Column("run_id", "VARCHAR", "tonight's run", nullable=False),
        Column("as_of", "TIMESTAMP", "the time that everything relative to now is computed at, UTC", nullable=False),
    ),
)

TABLES = (
    DELIVERY,
    FILE,
    QUARANTINE,
    QUARANTINE_END,
    QUARANTINE_DROP,
    SOURCE_RECORD,
    LINEAGE,
    LIVE_RECORD,
    NIGHT,
)

ACCUMULATED = (SOURCE_RECORD, DELIVERY, FILE, QUARANTINE, QUARANTINE_END, QUARANTINE_DROP)
"""Tables that grow by run and outlive it; the others are a full picture of the run that wrote them."""

"""The shape of the warehouse over time: each step is applied once, in one transaction with its own record.

Invariant: after `migrate` the warehouse has every table of `warehouse.tables.ALL_TABLES`, whatever version made it.
To change a table that is already in use, change its spec and append a step here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from warehouse.connection import quote_identifier, transaction
from warehouse.errors import SurroundingsError
from warehouse.failpoint import failpoint
from warehouse.tables import (
    ALL_TABLES,
    care,
    decision,
    household,
    label,
    landing,
    matching,
    nightly,
    quality,
    quarantine,
    review,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import TableSpec


class Migration(NamedTuple):
    """One step: its name in the record, and its statements."""

    name: str
    statements: tuple[str, ...]


def _create_all() -> tuple[str, ...]:
    schemas = sorted({spec.schema for spec in ALL_TABLES})
    return (
        *(f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)}" for schema in schemas),
        *(spec.create_sql() for spec in ALL_TABLES),
    )


def _rebuilt(spec: TableSpec) -> tuple[str, ...]:
    """Return what gives a table in use the constraints that its spec has now, which DuckDB cannot alter."""
    before = f"{spec.name}_before"
    return (
        f"ALTER TABLE {spec.full_name} RENAME TO {quote_identifier(before)}",
        spec.create_sql(),
        f"INSERT INTO {spec.full_name} BY NAME SELECT * FROM {spec.schema}.{quote_identifier(before)}",
        f"DROP TABLE {spec.schema}.{quote_identifier(before)}",
    )


MIGRATIONS = (
    Migration("0001 tables of the first version", _create_all()),
    Migration("0002 what blocking costs and brings", (matching.BLOCKING_RULE.create_sql(),)),
    Migration("0003 households", (household.HOUSEHOLD_TIE.create_sql(),)),
    Migration("0004 labels", (label.LABEL_MEASURE.create_sql(),)),
    Migration(
        "0005 the city of a distinct record",
        ("ALTER TABLE matching.distinct_record ADD COLUMN IF NOT EXISTS city VARCHAR",),
    ),
    Migration(
        "0006 deliveries, and files left for later",
        (
            "ALTER TABLE landing.delivery ADD COLUMN IF NOT EXISTS newest_arrival TIMESTAMP",
            "ALTER TABLE landing.delivery ADD COLUMN IF NOT EXISTS notes VARCHAR[]",
            "ALTER TABLE landing.file ALTER COLUMN sha256 DROP NOT NULL",
            "ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS arrived_at TIMESTAMP",
            "ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS types VARCHAR[]",
            "ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS left_because VARCHAR",
        ),
    ),
    Migration(
        "0007 a quarantine to work with",
        (
            "ALTER TABLE landing.quarantine ADD COLUMN IF NOT EXISTS row_id VARCHAR",
            "ALTER TABLE landing.quarantine ADD COLUMN IF NOT EXISTS kept_as VARCHAR",
            (
                "ALTER TABLE landing.quarantine ADD COLUMN IF NOT EXISTS lines"
                " STRUCT(path VARCHAR, line BIGINT, kept_as VARCHAR, raw VARCHAR)[]"
            ),
            "ALTER TABLE landing.quarantine ADD COLUMN IF NOT EXISTS updated_at TIMESTAMP",
            "ALTER TABLE landing.quarantine ADD COLUMN IF NOT EXISTS delivered_in VARCHAR",
            (
                "UPDATE landing.quarantine SET delivered_in = delivery_id,"
                " row_id = 'q' || left(sha256(source || chr(10) || coalesce(raw, '')), 12),"
                # What could be read is JSON; of what could not, only these stand there as they stood in their file.
                " kept_as = CASE"
                " WHEN reason IN ('ragged_row', 'bad_quote', 'invalid_json') AND raw[1] <> '[' THEN 'text'"
                " WHEN json_valid(raw) AND raw[1] = '{' AND reason NOT IN ('ambiguous_json', 'not_an_object')"
                " THEN 'row'"
                " ELSE 'part' END WHERE delivered_in IS NULL"
            ),
            *_rebuilt(quarantine.QUARANTINE),
            quarantine.QUARANTINE_END.create_sql(),
            quarantine.QUARANTINE_DROP.create_sql(),
            *_rebuilt(landing.DELIVERY),
        ),
    ),
    Migration(
        "0008 databases and stores",
        (
            "ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS etag VARCHAR",
            "ALTER TABLE landing.file ADD COLUMN IF NOT EXISTS watermark VARCHAR",
        ),
    ),
    Migration("0009 decisions of stewards", (decision.DECISION.create_sql(),)),
    Migration("0010 nights that plan", _rebuilt(quality.RUN)),
    Migration(
        "0011 what caused a hold",
        (
            "ALTER TABLE quality.gate ADD COLUMN IF NOT EXISTS unit VARCHAR",
            (
                "ALTER TABLE quality.gate ADD COLUMN IF NOT EXISTS causes STRUCT(told VARCHAR, affected BIGINT,"
                " source VARCHAR, delivery_id VARCHAR, files VARCHAR[], attribute VARCHAR, value VARCHAR,"
                " match_key VARCHAR)[]"
            ),
        ),
    ),
    Migration("0012 nights that build on the night before", tuple(spec.create_sql() for spec in nightly.TABLES)),
    Migration(
        "0013 rulings, and what waits for stewards",
        (
            "DROP TABLE matching.decision",  # written anew every night
            decision.DECISION.create_sql(),
            decision.RULING.create_sql(),
            "CREATE SCHEMA IF NOT EXISTS review",
            *(spec.create_sql() for spec in review.TABLES),
        ),
    ),
    Migration(
        "0014 what to know before a customer calls",
        (  # the two tables that there were are written anew every night
            f"DROP TABLE {care.ACTIVITY.full_name}",
            f"DROP TABLE {care.SIGNAL.full_name}",
            *(spec.create_sql() for spec in care.TABLES),
        ),
    ),
    Migration(
        "0015 what an activity is between a customer and us",
        ("ALTER TABLE care.activity ADD COLUMN IF NOT EXISTS role VARCHAR",),  # written anew every night
    ),
    Migration(
        "0016 changes found by fingerprints",
        (
            "ALTER TABLE matching.standardised ADD COLUMN IF NOT EXISTS fingerprint UBIGINT",
            f"DROP TABLE {nightly.BLOCK_KEY.full_name}",  # spelled anew where another program has made the base
            nightly.BLOCK_KEY.create_sql(),
        ),
    ),
)


def migrate(con: DuckDBPyConnection) -> None:
    """Bring the warehouse to this version's shape; a killed step starts over.

    Raises SurroundingsError where a later version of joinedup has been at work.
    """
    con.execute("CREATE TABLE IF NOT EXISTS main.migration (name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL)")
    applied = {name for (name,) in con.execute("SELECT name FROM main.migration").fetchall()}
    unknown = sorted(applied - {step.name for step in MIGRATIONS})
    if unknown:
        message = f"var/warehouse.duckdb was last used by a later joinedup ({unknown[-1]}): update joinedup"
        raise SurroundingsError(message)
    for step in MIGRATIONS:
        if step.name in applied:
            continue
        with transaction(con):
            for statement in step.statements:
                con.execute(statement)
            con.execute("INSERT INTO main.migration VALUES (?, now() AT TIME ZONE 'UTC')", [step.name])
            failpoint("migrating")
        failpoint("migrated")

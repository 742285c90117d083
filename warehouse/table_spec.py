"""The shape of a table, said once: DDL, documentation, Dagster's column schema and the data contract derive from it."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.connection import quote_identifier, quote_literal


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its DuckDB type, what it means, whether it may be null, and its closed list of values if it has one.

    `personal` marks values that are personal data, which no log, report or metadata may show. `compression` names the
    one that pays for long texts that are written every night, where DuckDB would try them all.
    """

    name: str
    type: str
    meaning: str
    nullable: bool = True
    values: tuple[str, ...] = ()
    personal: bool = False
    compression: str = ""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table `schema.name`, one row per `grain`; `key` is unique and never null."""

    schema: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        """The table as `schema.name`, the name used by READS, WRITES, Dagster's asset key and the docs."""
        return f"{self.schema}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in their order."""
        return tuple(column.name for column in self.columns)

    def create_sql(self, *, schema: str | None = None, catalog: str | None = None) -> str:
        """Return the `CREATE TABLE IF NOT EXISTS` statement, into another schema or attached database where given."""
        lines = [_column_sql(column) for column in self.columns]
        place = [catalog] if catalog else []
        target = ".".join(quote_identifier(name) for name in (*place, schema or self.schema, self.name))
        return f"CREATE TABLE IF NOT EXISTS {target} ({', '.join(lines)})"


def _column_sql(column: Column) -> str:
    parts = [quote_identifier(column.name), column.type]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.values:
        allowed = ", ".join(quote_literal(value) for value in column.values)
        parts.append(f"CHECK ({quote_identifier(column.name)} IN ({allowed}))")
    if column.compression:
        parts.append(f"USING COMPRESSION {column.compression}")
    return " ".join(parts)

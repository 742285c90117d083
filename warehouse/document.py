"""Writes `docs/reference/tables.md` from the table specs: `python -m warehouse.document > docs/reference/tables.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from warehouse.table_spec import Column, TableSpec

_HEADING = """\
# Tables of a release

Generated from `warehouse/tables/`: `python -m warehouse.document > docs/reference/tables.md`.

`golden.duckdb` and `parquet/<table>.parquet` hold the same rows, in the order of their key. Times are UTC. Columns
marked • hold personal data. A table has no rows where there is nothing to tell: `known_issue` without a source that
holds known issues, `offer` without offers in `joinedup.yaml`.

| table | one row per |
| --- | --- |
"""


def tables_page() -> str:
    """Return the reference page of the published tables, as Markdown."""
    listed = "".join(f"| [`{spec.name}`](#{spec.name}) | {spec.grain} |\n" for spec in RELEASE_TABLES)
    return "\n".join([_HEADING + listed, *(_section(spec) for spec in RELEASE_TABLES)])


def _section(spec: TableSpec) -> str:
    key = ", ".join(f"`{name}`" for name in spec.key)
    lines = [
        f"## {spec.name}",
        "",
        f"One row per {spec.grain}. Key: {key}.",
        "",
        "| column | type | null | meaning |",
        "| --- | --- | --- | --- |",
        *(_row(column) for column in spec.columns),
        "",
    ]
    return "\n".join(lines)


def _row(column: Column) -> str:
    mark = " •" if column.personal else ""
    values = f"one of {', '.join(f'`{value}`' for value in column.values)}" if column.values else ""
    meaning = "; ".join(part for part in (column.meaning, values) if part)
    return f"| `{column.name}`{mark} | `{column.type}` | {'yes' if column.nullable else 'no'} | {meaning} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(tables_page())

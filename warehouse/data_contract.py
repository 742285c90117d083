"""The data contract of a release, in the form of the Open Data Contract Standard, made from the table specs.

    python -m warehouse.data_contract > docs/reference/data-contract.yaml

`VERSION` is the contract's own: its first number is raised with what breaks a reader (`warehouse.contract_breaks` says
what does), its second with what is new, its third with what only reads better.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from duckdb.sqltypes import DuckDBPyType
from ruamel.yaml import YAML

from warehouse.connection import open_memory
from warehouse.contract_promises import ALWAYS, RELATIONS, SEMANTICS, counts_strays
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import Column, TableSpec

VERSION = "1.0.0"
STANDARD = "v3.1.0"
PERSONAL, INTERNAL = "personal", "internal"

_HEAD = """\
# The data contract of a joinedup release: Open Data Contract Standard (ODCS) v3.1.
# Made from warehouse/tables/ and warehouse/contract_promises.py: `joinedup schema --contract`.
"""
_WIDTH = 118
_LOGICAL = {
    "varchar": "string",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "double": "number",
    "decimal": "number",
    "list": "array",
    "map": "object",
    "struct": "object",
}
"""Logical types by DuckDB's; all others are integers."""

Document = dict[str, Any]

DESCRIPTION = {
    "purpose": "One golden record per customer, with every source record, what happened and what to know.",
    "usage": "Read a pinned release: golden.duckdb, its Parquet files, or the API. Follow `change` to mirror ids.",
    "limitations": "Columns classified `personal` hold personal data. `customer.safe_for` says how far to rely on a"
    " customer.",
}
SERVERS = (
    {
        "server": "duckdb",
        "type": "duckdb",
        "description": "Storage format v1.0.0: every DuckDB from 1.0 on opens it, read-only.",
        "database": "var/releases/current/golden.duckdb",
        "schema": "main",
    },
    {"server": "parquet", "type": "local", "path": "var/releases/current/parquet/*.parquet", "format": "parquet"},
    {
        "server": "api",
        "type": "api",
        "description": "Where `joinedup serve` listens; the feed is GET /changes.",
        "location": "http://127.0.0.1:8080/api/v1",
    },
)
"""Paths are relative to the workspace."""


def data_contract() -> Document:
    """Return the contract as a document."""
    with open_memory() as con:
        tables = [_table(con, spec) for spec in RELEASE_TABLES]
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": "joinedup-release",
        "name": "Golden customers: a joinedup release",
        "version": VERSION,
        "status": "active",
        "domain": "customer",
        "description": DESCRIPTION,
        "servers": [*SERVERS],
        "schema": tables,
        "customProperties": [{"property": each.name, "value": each.promise} for each in SEMANTICS],
    }


def contract_page() -> str:
    """Return the contract as YAML."""
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(data_contract(), stream)
    return _HEAD + stream.getvalue()


def _table(con: DuckDBPyConnection, spec: TableSpec) -> Document:
    relations = [relation for relation in RELATIONS if relation.table == spec.name]
    document: Document = {
        "name": spec.name,
        "physicalName": spec.name,
        "physicalType": "table",
        "logicalType": "object",
        "description": f"One row per {spec.grain}.",
        "dataGranularityDescription": f"One row per {spec.grain}.",
        "properties": [_property(con, spec, column) for column in spec.columns],
    }
    if relations:
        document["relationships"] = [
            {
                "type": "foreignKey",
                "from": _reference(relation.table, relation.columns),
                "to": _reference(relation.to_table, relation.to_columns),
            }
            for relation in relations
        ]
    document["quality"] = [
        _none("library", f"one row per {spec.grain}", metric="duplicateValues", arguments={"properties": [*spec.key]}),
        *(
            _none("sql", f"{', '.join(each.columns)} leads to a row of {each.to_table}", query=counts_strays(each))
            for each in relations
        ),
        *(_none("sql", rule.guards, query=rule.query, name=rule.name) for rule in ALWAYS if rule.table == spec.name),
    ]
    return document


def _reference(table: str, columns: tuple[str, ...]) -> str | list[str]:
    found = [f"{table}.{column}" for column in columns]
    return found[0] if len(found) == 1 else found


def _property(con: DuckDBPyConnection, spec: TableSpec, column: Column) -> Document:
    document: Document = {"name": column.name, **_typed(con.sqltype(column.type)), "physicalType": column.type}
    document["required"] = not column.nullable
    if spec.key == (column.name,):
        document["unique"] = True
    if column.name in spec.key:
        document["primaryKey"] = True
        document["primaryKeyPosition"] = spec.key.index(column.name) + 1
    document["classification"] = PERSONAL if column.personal else INTERNAL
    document["description"] = column.meaning
    if column.values:
        guards = f"{column.name} is one of its closed list"
        listed = {"validValues": [*column.values]}
        document["quality"] = [_none("library", guards, metric="invalidValues", arguments=listed)]
    return document


def _typed(kind: DuckDBPyType) -> Document:
    document: Document = {"logicalType": _LOGICAL.get(kind.id, "integer"), "physicalType": str(kind)}
    if kind.id == "timestamp":
        document["logicalTypeOptions"] = {"timezone": False}
    if kind.id in {"list", "struct"}:
        parts = {name: _typed(part) for name, part in kind.children if isinstance(part, DuckDBPyType)}
        if kind.id == "list":
            document["items"] = parts["child"]
        else:
            document["properties"] = [{"name": name, **part} for name, part in parts.items()]
    return document


def _none(kind: str, guards: str, **rule: object) -> Document:
    name = rule.pop("name", None)
    return {**({"name": name} if name else {}), "type": kind, "description": guards, **rule, "mustBe": 0}


if __name__ == "__main__":
    import sys

    sys.stdout.write(contract_page())

"""What each column of a source record is made of: SQL per column of landing.source_record.

Keeps: every column that a mapping can fill stands in TYPED_COLUMNS; what is not mapped is null, or an empty list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from connectors.expression_values import MONEY
from connectors.mapping import is_mail
from warehouse.connection import open_memory, quote_literal
from warehouse.settings.expressions import PathExpression
from warehouse.tables import landing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.expression_values import Kind
    from connectors.expressions import ExpressionSql
    from warehouse.settings import SourceSettings
    from warehouse.settings.expressions import AnyExpression

TEXT_ATTRIBUTES = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "organisation",
    "street",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
)
LISTS = {"emails": "email", "phones": "phone", "addresses": "address"}
ACTIVITY_KINDS: dict[str, Kind] = {
    "at": "moment",
    "reference": "text",
    "about": "text",
    "amount": "money",
    "currency": "text",
    "subject": "text",
    "body": "text",
    "channel": "text",
    "handled_by": "text",
    "promised_at": "moment",
    "conversation": "text",
}
CHANNELS = {
    "order": "order",
    "invoice": "invoice",
    "account": "account",
    "message": "email",
    "case": "case",
    "interaction": "interaction",
    "campaign": "campaign",
}
"""The channel of a record whose mapping names none, by what its source holds."""
NOT_CUSTOMERS = ("inventory", "known_issue")
"""What a source may hold that is about nobody in particular."""

TYPES = {column.name: column.type for column in landing.SOURCE_RECORD.columns}
TYPED_COLUMNS = tuple(
    name for name in landing.SOURCE_RECORD.column_names[landing.SOURCE_RECORD.column_names.index("excluded_reason") :]
)
"""The columns of landing.source_record that a row's content decides, besides updated_at."""


def typed_columns(source: SourceSettings, to_sql: ExpressionSql, place: str) -> dict[str, str]:
    """Return SQL for updated_at and each of TYPED_COLUMNS; `place` is where the source stands in joinedup.yaml."""
    found = _identity(source, to_sql, f"{place}.fields") | _activity(source, to_sql, f"{place}.activity")
    found["links"] = _listed(
        f"{{'source': {quote_literal(link.source)}, 'source_record_id': {value}}}"
        for index, link in enumerate(source.links)
        for value in [to_sql.value(link.record, "text", f"{place}.links[{index}].record")]
    )
    found["quoted_references"] = _quoted_references(source, found)
    found |= _of_mail(to_sql) if is_mail(source) else {}
    if source.holds in NOT_CUSTOMERS:
        found["excluded_reason"] = "'not_a_customer_record'"
    if source.updated_at is not None:
        found["updated_at"] = to_sql.value(source.updated_at, "moment", f"{place}.updated_at")
    else:
        found["updated_at"] = found["at"]
    return {name: _cast(found.get(name, "NULL"), name) for name in ("updated_at", *TYPED_COLUMNS)}


def _cast(sql: str, column: str) -> str:
    return f"CAST({sql} AS {TYPES[column]})"


def _identity(source: SourceSettings, to_sql: ExpressionSql, place: str) -> dict[str, str]:
    found = {
        name: to_sql.value(source.fields[name][0], "text", f"{place}.{name}")
        for name in TEXT_ATTRIBUTES
        if name in source.fields
    }
    order = getattr(next(iter(source.fields.get("full_name", ())), None), "name_order", None)
    if order is not None:
        found["name_order"] = quote_literal(order)
    if "birth_date" in source.fields:
        declared = source.fields["birth_date"][0]
        found["birth_date"] = to_sql.spared_value(declared, "date", f"{place}.birth_date", "birth_date")
        found["unreadable"] = to_sql.unreadable()
    for column, attribute in LISTS.items():
        found[column] = _all_texts(source.fields.get(attribute, ()), to_sql, f"{place}.{attribute}")
    found["identifiers"] = _named(source, to_sql, place, "identifier.")
    found["extras"] = _named(source, to_sql, place, "extra.")
    return found


def _all_texts(expressions: Iterable[AnyExpression], to_sql: ExpressionSql, place: str) -> str:
    lists = [to_sql.values(part, place) for part in expressions]
    if not lists:
        return "[]"
    return lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"


def _named(source: SourceSettings, to_sql: ExpressionSql, place: str, prefix: str) -> str:
    """Return SQL for the list of identifiers or extras, one member per value found."""
    members = []
    for attribute, expressions in source.fields.items():
        if not attribute.startswith(prefix):
            continue
        name = quote_literal(attribute.removeprefix(prefix))
        for part in expressions:
            exclusive = str(bool(getattr(part, "exclusive", False))).lower()
            ending = f", 'exclusive': {exclusive}" if prefix == "identifier." else ""
            members.append((f"{{'name': {name}, 'value': v{ending}}}", to_sql.values(part, f"{place}.{attribute}")))
    lists = [f"list_transform({values}, lambda v: {member})" for member, values in members]
    if not lists:
        return "[]"
    return lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"


def _activity(source: SourceSettings, to_sql: ExpressionSql, place: str) -> dict[str, str]:
    found = {"at": "NULL"}
    for name, kind in ACTIVITY_KINDS.items():
        expression = getattr(source.activity, name)
        if expression is not None:
            found[name] = to_sql.value(expression, kind, f"{place}.{name}")
    channel = CHANNELS.get(source.holds)
    if channel is not None:
        found["channel"] = f"coalesce({found.get('channel', 'NULL')}, {quote_literal(channel)})"
    if source.activity.status is not None:
        found["status"] = to_sql.value(source.activity.status, "text", f"{place}.status")
        found["status_class"] = _status_class(source, found["status"])
    if source.activity.direction is not None:
        found["direction"] = to_sql.one_of(
            source.activity.direction, ("inbound", "outbound", "internal"), f"{place}.direction"
        )
    if source.activity.items is not None:
        found["items"] = _item(source, to_sql, f"{place}.items")
    return found


def _status_class(source: SourceSettings, status: str) -> str:
    classes = [
        (name, ", ".join(quote_literal(word.strip().lower()) for word in getattr(source.activity.status, name)))
        for name in ("open", "closed", "cancelled")
    ]
    cases = " ".join(f"WHEN lower(trim({status})) IN ({words}) THEN '{name}'" for name, words in classes if words)
    return f"CASE {cases} END" if cases else "NULL"


def _item(source: SourceSettings, to_sql: ExpressionSql, place: str) -> str:
    """Return SQL for the list of a row's one item, empty where the row has nothing of one."""
    kinds: dict[str, Kind] = {"sku": "text", "description": "text", "quantity": "money", "amount": "money"}
    empty = {name: f"CAST(NULL AS {'VARCHAR' if kind == 'text' else MONEY})" for name, kind in kinds.items()}
    mapped = {
        name: to_sql.value(expression, kinds[name], f"{place}.{name}")
        for name, expression in source.activity.items or ()
        if expression is not None
    }
    parts = ", ".join(f"'{name}': {mapped.get(name, empty[name])}" for name in kinds)
    anything = " OR ".join(f"{value} IS NOT NULL" for value in mapped.values()) or "false"
    return f"CASE WHEN {anything} THEN [{{'line': 1, {parts}}}] ELSE [] END"


def _quoted_references(source: SourceSettings, found: dict[str, str]) -> str:
    text = f"concat_ws(chr(10), {found.get('subject', 'NULL')}, {found.get('body', 'NULL')})"
    lists = [
        f"regexp_extract_all({text}, {quote_literal(pattern)}, {_group(pattern)})" for pattern in source.references
    ]
    if not lists:
        return "[]"
    together = lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"
    return f"list_sort(list_distinct(list_filter({together}, lambda r: r <> '')))"


def _group(pattern: str) -> int:
    """Return the group that a pattern's reference is in: the first, or the whole of it where it has none."""
    # DuckDB looks for the group only once something matches, so the pattern is made to match nothing too; and what it
    # refuses would end the transaction of a connection at work.
    with open_memory(threads=1) as scratch:
        try:
            scratch.execute(f"SELECT regexp_extract_all('', {quote_literal(f'(?:{pattern})|')}, 1)").fetchall()
        except duckdb.Error:
            return 0
    return 1


def _of_mail(to_sql: ExpressionSql) -> dict[str, str]:
    """Return what a mail's own columns fill beyond its mapping."""
    return {
        "excluded_reason": to_sql.column("excluded_reason"),
        "reply_to": to_sql.column("in_reply_to"),
        "signature_name": to_sql.column("signature_name"),
        "signature_phones": to_sql.values(PathExpression(path="signature_phones"), "signature_phones"),
        "signature_addresses": to_sql.values(PathExpression(path="signature_addresses"), "signature_addresses"),
    }


def _listed(members: Iterable[str]) -> str:
    listed = ", ".join(members)
    return f"list_filter([{listed}], lambda m: m.source_record_id IS NOT NULL)" if listed else "[]"

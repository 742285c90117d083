"""Checks of expressions: formats, marks and flags that could never give a value."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import duckdb

from warehouse.connection import open_memory
from warehouse.settings.expressions import ColumnExpression, FirstExpression, JoinExpression, PathExpression
from warehouse.settings.messages import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings.expressions import AnyExpression
    from warehouse.settings.positions import KeyPath
    from warehouse.settings.sources import SourceSettings

_DIRECTIVE = re.compile(r"%-?.|%$", re.DOTALL)
_YEAR = frozenset("YyGcx")
KNOWN = "%Y %m %d %H %M %S %f %z %y %b %B %-d %-m %I %p %j"
"""Directives that DuckDB knows, as it need not be asked; it knows a few more."""
_READ = "SELECT try_strptime('0', ?)"
_DATED = ("birth_date", "at", "promised_at", "updated_at")
"""Attributes that are a day or a moment: their format has to tell the year."""


def expressions_of(source: SourceSettings) -> Iterator[tuple[KeyPath, AnyExpression]]:
    """Yield every expression of a source, those inside others too, with its path in the source."""
    for attribute, expressions in source.fields.items():
        for index, expression in enumerate(expressions):
            yield from _with_inner(("fields", attribute, index), expression)
    for attribute, value in source.activity:
        if attribute == "items" and value is not None:
            for name, part in value:
                if part is not None:
                    yield from _with_inner(("activity", "items", name), part)
        elif value is not None:
            yield from _with_inner(("activity", attribute), value)
    for index, link in enumerate(source.links):
        yield from _with_inner(("links", index, "record"), link.record)
    if source.updated_at is not None:
        yield from _with_inner(("updated_at",), source.updated_at)


def check_expressions(source: SourceSettings) -> Iterator[Mistake]:
    """Yield the mistakes in a source's expressions, with paths in the source."""
    for path, expression in expressions_of(source):
        if not isinstance(expression, ColumnExpression | PathExpression):
            continue
        yield from _check_marks(path, expression)
        yield from _check_flags(path, expression)
        dated = any(part in _DATED for part in path)
        several = len(expression.format) > 1
        for index, pattern in enumerate(expression.format):
            place = (*path, "format", index) if several else (*path, "format")
            yield from _check_format(place, pattern, dated=dated)
    for index, pattern in enumerate(source.references):
        if refusal := _refusal("SELECT regexp_extract_all('', ?)", pattern):
            reason = refusal.removeprefix("Invalid Input Error: ")
            yield Mistake(("references", index), f"'{pattern}' is no pattern: {reason}; allowed: RE2 syntax")


def _with_inner(path: KeyPath, expression: AnyExpression) -> Iterator[tuple[KeyPath, AnyExpression]]:
    yield path, expression
    if isinstance(expression, JoinExpression | FirstExpression):
        name = "join" if isinstance(expression, JoinExpression) else "first"
        for index, part in enumerate(getattr(expression, name)):
            yield from _with_inner((*path, name, index), part)


def _check_format(path: KeyPath, pattern: str, *, dated: bool) -> Iterator[Mistake]:
    directives = _DIRECTIVE.findall(pattern)
    if not directives:
        yield Mistake(path, f"'{pattern}' is no strptime format: it has no directive; allowed: such as %Y-%m-%d")
        return
    unknown = [each for each in directives if each not in KNOWN.split() and _refusal(_READ, each)]
    if unknown:
        yield Mistake(path, f"'{unknown[0]}' in '{pattern}' is no strptime directive; allowed: such as {KNOWN}")
    elif dated and not {directive[-1] for directive in directives} & _YEAR:
        yield Mistake(path, f"'{pattern}' tells no year; add %Y, or %y for two digits")


@cache
def _refusal(query: str, parameter: str) -> str:
    """Return why DuckDB refuses the query with this parameter; empty where it does not."""
    with open_memory(threads=1) as con:
        try:
            con.execute(query, [parameter]).fetchall()
        except duckdb.Error as error:
            return str(error)
    return ""


def _check_marks(path: KeyPath, expression: ColumnExpression | PathExpression) -> Iterator[Mistake]:
    for name in ("decimal", "thousands"):
        mark = getattr(expression, name)
        if mark is not None and len(mark) != 1:
            yield Mistake((*path, name), f"found '{mark}'; allowed: one character")
    if expression.decimal and expression.decimal == expression.thousands:
        yield Mistake((*path, "thousands"), f"'{expression.thousands}' is the decimal mark too; they have to differ")
    given = [name for name in ("format", "epoch", "decimal", "thousands") if getattr(expression, name)]
    if len(given) > 1 and given != ["decimal", "thousands"]:
        problem = f"{' and '.join(given)} read the same text as different things; keep one of them"
        yield Mistake((*path, given[1]), problem)


def _check_flags(path: KeyPath, expression: ColumnExpression | PathExpression) -> Iterator[Mistake]:
    attribute = str(path[1]) if path[0] == "fields" else ""
    if expression.exclusive and not attribute.startswith("identifier."):
        yield Mistake((*path, "exclusive"), "only an identifier.<name> can be exclusive; take the key out")
    if expression.name_order and attribute != "full_name":
        yield Mistake((*path, "name_order"), "only full_name has an order; take the key out")

"""SQL expressions as Python functions: what the night says in SQL of columns of all records, said here of a few.

A comparison and a blocking rule are defined once, in SQL. For a handful of pairs setting up a query costs many times
what it computes; so the definition is read (with sqlglot, as Splink reads it) and turned into closures over Python
values. Null is None, and what is neither true nor false is None, as in SQL. Texts are compared as DuckDB does, by their
bytes where they are not ASCII. A test holds each definition to what DuckDB says of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler, Levenshtein
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Value = Any
    """What a column holds: a text, a number, a day, a list, or None."""
    Values = Mapping[str, Value]
    Term = Callable[[Values, Values], Value]


class CannotCompile(Refused):
    """An expression of joinedup.yaml that uses more of SQL than is known here; nights are not concerned."""

    def __init__(self, sql: str) -> None:
        super().__init__(
            f"records cannot be matched one by one: the look-up does not know this SQL of the model: {sql}"
        )


def compiled(sql: str) -> Term:
    """Return the function of an expression over columns: of those named `…_l` and others left, of `…_r` right.

    Raises CannotCompile.
    """
    try:
        parsed = parse_one(sql, read="duckdb")
    except SqlglotError as error:
        raise CannotCompile(sql) from error
    return _term(parsed)


def _term(node: exp.Expr) -> Term:
    kind = type(node)
    if kind is exp.Paren:
        return _term(node.this)
    if kind is exp.Column:
        return _column(node.name)
    if kind in _CONSTANTS:
        value = _constant(node)
        return lambda _left, _right: value
    if kind in _LAZY:
        return _LAZY[kind](node)
    if kind is exp.Anonymous:
        return _strict(_NAMED.get(node.name.lower()), node.expressions)
    return _strict(_FUNCTIONS.get(kind), _arguments(node))


def _column(name: str) -> Term:
    if name.endswith("_r"):
        told = name.removesuffix("_r")
        return lambda _left, right: right[told]
    told = name.removesuffix("_l")
    return lambda left, _right: left[told]


_CONSTANTS = frozenset({exp.Literal, exp.Boolean, exp.Null})


def _constant(node: exp.Expr) -> Value:
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if node.is_string:
        return node.this
    return float(node.this) if "." in node.this else int(node.this)


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Cast):
        return [node.this, exp.Literal.string(node.to.sql(dialect="duckdb"))]
    if set(node.args) - {"this", "expression", "expressions"} and any(
        value for name, value in node.args.items() if name not in {"this", "expression", "expressions"} | _IGNORED
    ):
        raise CannotCompile(node.sql())
    found = [node.this, node.args.get("expression"), *(node.args.get("expressions") or ())]
    return [argument for argument in found if argument is not None]


_IGNORED = {"offset", "safe", "null_safe", "coalesce", "ignore_nulls", "binary", "encoding", "ensure_variant"}
"""What sqlglot notes of how other dialects would have it."""


def _strict(function: Callable[..., Any] | None, arguments: list[exp.Expr]) -> Term:
    """Return the call of a function that gives null for any null."""
    if function is None:
        raise CannotCompile(str([argument.sql() for argument in arguments]))
    terms = [_term(argument) for argument in arguments]
    if len(terms) == 1:
        only = terms[0]

        def of_one(left: Values, right: Values) -> Value:
            value = only(left, right)
            return None if value is None else function(value)

        return of_one

    def of_several(left: Values, right: Values) -> Value:
        values = []
        for term in terms:
            value = term(left, right)
            if value is None:
                return None
            values.append(value)
        return function(*values)

    return of_several


def _and(node: exp.Expr) -> Term:
    one, other = _term(node.this), _term(node.args["expression"])

    def both(left: Values, right: Values) -> bool | None:
        first = one(left, right)
        if first is False:
            return False
        second = other(left, right)
        return False if second is False else None if first is None or second is None else True

    return both


def _or(node: exp.Expr) -> Term:
    one, other = _term(node.this), _term(node.args["expression"])

    def either(left: Values, right: Values) -> bool | None:
        first = one(left, right)
        if first is True:
            return True
        second = other(left, right)
        return True if second is True else None if first is None or second is None else False

    return either


def _is(node: exp.Expr) -> Term:
    if not isinstance(node.expression, exp.Null):
        raise CannotCompile(node.sql())
    term = _term(node.this)
    return lambda left, right: term(left, right) is None


def _case(node: exp.Expr) -> Term:
    if node.this is not None:
        raise CannotCompile(node.sql())
    branches = [(_term(branch.this), _term(branch.args["true"])) for branch in node.args["ifs"]]
    otherwise = _term(node.args["default"]) if node.args.get("default") is not None else lambda _left, _right: None

    def first(left: Values, right: Values) -> Value:
        for condition, value in branches:
            if condition(left, right) is True:
                return value(left, right)
        return otherwise(left, right)

    return first


def _of_those_there(choose: Callable[[list[Any]], Any]) -> Callable[[exp.Expr], Term]:
    """Return what reads a function of several values that leaves out nulls."""

    def read(node: exp.Expr) -> Term:
        terms = [_term(argument) for argument in (node.this, *node.expressions)]

        def chosen(left: Values, right: Values) -> Value:
            there = [value for value in (term(left, right) for term in terms) if value is not None]
            return choose(there) if there else None

        return chosen

    return read


def _element(node: exp.Expr) -> Term:
    term, place = _term(node.this), node.expressions[0]
    if not isinstance(place, exp.Literal):
        raise CannotCompile(node.sql())
    at = int(place.this)  # sqlglot has taken the offset off

    def element(left: Values, right: Values) -> Value:
        values = term(left, right)
        return values[at] if values is not None and len(values) > at else None

    return element


_LAZY: Mapping[type[exp.Expr], Callable[[Any], Term]] = {
    exp.And: _and,
    exp.Or: _or,
    exp.Is: _is,
    exp.Case: _case,
    exp.Least: _of_those_there(min),
    exp.Greatest: _of_those_there(max),
    exp.Coalesce: _of_those_there(lambda there: there[0]),
    exp.Bracket: _element,
}


def _in_bytes(one: str, other: str) -> tuple[Any, Any]:
    return (one, other) if one.isascii() and other.isascii() else (one.encode(), other.encode())


def _left(text: str, count: int) -> str:
    return text[:count]


def _right(text: str, count: int) -> str:
    return (text[-count:] if count > 0 else "") if count >= 0 else text[-count:]


def _cast(value: Value, kind: str) -> Value:
    if kind in ("TEXT", "VARCHAR"):
        return str(value)
    if kind in ("INT", "INTEGER", "TINYINT", "BIGINT"):
        return int(value)
    raise CannotCompile(kind)


def _minus(one: Value, other: Value) -> Value:
    difference = one - other
    return difference if isinstance(difference, int | float) else difference.days


_FUNCTIONS: Mapping[type[exp.Expr], Callable[..., Any]] = {
    exp.EQ: lambda one, other: one == other,
    exp.NEQ: lambda one, other: one != other,
    exp.GT: lambda one, other: one > other,
    exp.GTE: lambda one, other: one >= other,
    exp.LT: lambda one, other: one < other,
    exp.LTE: lambda one, other: one <= other,
    exp.Not: lambda value: not value,
    exp.Add: lambda one, other: one + other,
    exp.Sub: _minus,
    exp.Mul: lambda one, other: one * other,
    exp.Neg: lambda value: -value,
    exp.Abs: abs,
    exp.Cast: _cast,
    exp.Length: len,
    exp.Left: _left,
    exp.Right: _right,
    exp.DPipe: lambda one, other: _text(one) + _text(other),
    exp.StartsWith: lambda text, start: text.startswith(start),
    exp.EndsWith: lambda text, end: text.endswith(end),
    exp.Contains: lambda text, part: part in text,
    exp.ArrayContains: lambda values, value: value in values,
    exp.ArrayOverlaps: lambda one, other: not set(one).isdisjoint(other),
    exp.JarowinklerSimilarity: lambda one, other: JaroWinkler.similarity(*_in_bytes(one, other)),
    exp.Levenshtein: lambda one, other: Levenshtein.distance(*_in_bytes(one, other)),
}

_NAMED: Mapping[str, Callable[..., Any]] = {
    "list_has_all": lambda values, wanted: set(wanted) <= set(values),
    "list_intersect": lambda one, other: list(set(one) & set(other)),
    "damerau_levenshtein": lambda one, other: DamerauLevenshtein.distance(*_in_bytes(one, other)),
}


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(value)

"""Expressions of joinedup.yaml as SQL over the text columns of raw_row.

Texts are plain SQL. What must be read as a date, moment or number becomes a conversion, computed step by step in
layers (`layered`), with a check that finds text which is there but is not what the mapping says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import duckdb

from connectors.column_names import ColumnNames, json_pointer
from connectors.expression_values import (
    Conversion,
    Kind,
    calendar_date,
    day_of,
    epoch_moment,
    has_clock,
    moment,
    money,
    number_text,
    one_of,
    sql_value,
)
from warehouse.connection import quote_literal
from warehouse.errors import SettingsError
from warehouse.scalar_sql import read_scalar
from warehouse.settings.expressions import (
    ColumnExpression,
    ConstantExpression,
    FirstExpression,
    JoinExpression,
    PathExpression,
    SqlExpression,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from duckdb import DuckDBPyConnection

    from warehouse.settings.expressions import AnyExpression

_IN_WORDS: dict[Kind, str] = {"text": "a text", "moment": "a time", "date": "a date", "money": "a number"}
_AS_TEXT: dict[Kind, str] = {"moment": "%Y-%m-%dT%H:%M:%SZ", "date": "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class Step:
    """One conversion in the layers: columns `t<n>` (the text), `p<n>` (parsed) and `v<n>` (the value).

    `depth` is greater than that of every step whose value is in its text; `place` says in words where the text stands.
    `spared` names the attribute where a failure costs the value alone and not the record.
    """

    number: int
    text: str
    conversion: Conversion
    place: str
    depth: int
    spared: str | None = None

    @property
    def failed(self) -> str:
        """SQL that says whether there is a text but no value."""
        return f"t{self.number} IS NOT NULL AND v{self.number} IS NULL"


@dataclass(slots=True)
class ExpressionSql:
    """Turns the expressions of one source into SQL.

    `nulls` are the texts that mean null; a time without a zone is in `zone`; no birth date is after `today`. With
    `dated` the files hold dates as dates, which come as ISO 8601 whatever format the mapping declares for texts.
    """

    con: DuckDBPyConnection
    names: ColumnNames
    nulls: tuple[str, ...]
    zone: str
    today: date
    dated: bool = False
    steps: list[Step] = field(default_factory=list)
    _nulled: dict[str, str] = field(default_factory=dict)

    def value(self, expression: AnyExpression, kind: Kind, key: str) -> str:
        """Return SQL for the expression's value; `key` is where it stands in joinedup.yaml.

        Raises SettingsError for a format that gives another kind of value, and for sql that is no scalar.
        """
        if isinstance(expression, FirstExpression):
            return f"coalesce({', '.join(self.value(part, kind, key) for part in expression.first)}, NULL)"
        if isinstance(expression, SqlExpression):
            return self._of_sql(expression, kind, key)
        if isinstance(expression, ColumnExpression | PathExpression):
            text, conversion = self._found(expression), self._declared(expression, kind, key)
            return text if conversion is None else self._converted(text, conversion, kind, _place(expression, key))
        before = len(self.steps)
        text, conversion = self._composed(expression, key), self._default(kind)
        depth = max((step.depth + 1 for step in self.steps[before:]), default=0)
        return text if conversion is None else self._converted(text, conversion, kind, _place(expression, key), depth)

    def values(self, expression: AnyExpression, key: str) -> str:
        """Return SQL for the list of all the texts that the expression finds."""
        if isinstance(expression, PathExpression) and self._declared(expression, "text", key) is None:
            return self._members(expression)
        text = self.value(expression, "text", key)
        return f"CASE WHEN {text} IS NULL THEN CAST([] AS VARCHAR[]) ELSE [{text}] END"

    def spared_value(self, expression: AnyExpression, kind: Kind, key: str, attribute: str) -> str:
        """Return SQL like `value`, but text that does not convert leaves the record as it is, without the value."""
        before = len(self.steps)
        value = self.value(expression, kind, key)
        self.steps[before:] = [replace(step, spared=attribute) for step in self.steps[before:]]
        return value

    def unreadable(self) -> str:
        """Return SQL for the list of a row's spared texts that do not convert, each with its attribute."""
        found = [
            f"CASE WHEN {step.failed} THEN {{'attribute': {quote_literal(step.spared)}, 'value': t{step.number}}} END"
            for step in self.steps
            if step.spared
        ]
        return f"list_filter([{', '.join(found)}], lambda member: member IS NOT NULL)" if found else "[]"

    def one_of(self, expression: AnyExpression, words: tuple[str, ...], key: str) -> str:
        """Return SQL for the expression's text, which must be one of `words`."""
        before = len(self.steps)
        text = self.value(expression, "text", key)
        depth = max((step.depth + 1 for step in self.steps[before:]), default=0)
        return self._converted(text, one_of(words), "text", _place(expression, key), depth)

    def column(self, name: str) -> str:
        """Return SQL for the text of a column that the mapping names, null where it is one that means null."""
        return self._without_nulls_of(self.names.plain(name) or "")

    def layered(self, base: str) -> str:
        """Return a SELECT of all columns of `base` and those of every conversion."""
        nulled = "".join(f", {self._without_nulls(column)} AS {alias}" for column, alias in self._nulled.items())
        query = f"SELECT *{nulled} FROM {base}"
        for depth in sorted({step.depth for step in self.steps}):
            steps = [(step, f"t{step.number}", f"p{step.number}") for step in self.steps if step.depth == depth]
            texts = "".join(f", {step.text} AS {text}" for step, text, _ in steps)
            parsed = "".join(
                f", {step.conversion.parsed_sql(text)} AS {name}"
                for step, text, name in steps
                if self._same(step) is step
            )
            values = "".join(
                f", {step.conversion.value_sql(text, f'p{self._same(step).number}')} AS v{step.number}"
                for step, text, _ in steps
            )
            query = f"SELECT *{values} FROM (SELECT *{parsed} FROM (SELECT *{texts} FROM ({query})))"
        return query

    def _same(self, step: Step) -> Step:
        """Return the first step that parses the same text in the same way, so that it is parsed once."""
        alike = (step.text, step.depth, step.conversion.parsed)
        return next(each for each in self.steps if (each.text, each.depth, each.conversion.parsed) == alike)

    def reason(self) -> str:
        """Return SQL for the quarantine code of a row's first text that is not what the mapping says, else null."""
        return self._first_failure(lambda step: quote_literal(step.conversion.reason))

    def detail(self) -> str:
        """Return SQL for where it stands, what was found and what is allowed."""
        return self._first_failure(
            lambda step: (
                f"concat({quote_literal(f'{step.place}: found ')}, chr(39), CAST(t{step.number} AS VARCHAR), chr(39), "
                f"{quote_literal(f', allowed: {step.conversion.allowed}')})"
            )
        )

    def _first_failure(self, found: Callable[[Step], str]) -> str:
        cases = " ".join(f"WHEN {step.failed} THEN {found(step)}" for step in self.steps if not step.spared)
        return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"

    def _converted(self, text: str, conversion: Conversion, kind: Kind, place: str, depth: int = 0) -> str:
        value = f"v{len(self.steps)}"
        self.steps.append(Step(len(self.steps), text, conversion, place, depth))
        as_text = _AS_TEXT.get(conversion.gives)
        return f"strftime({value}, {quote_literal(as_text)})" if kind == "text" and as_text else value

    def _default(self, kind: Kind) -> Conversion | None:
        """Return the conversion where the mapping declares none: ISO 8601 and plain numbers are read."""
        if kind == "moment":
            return moment((), self.zone)
        if kind == "date":
            return calendar_date((), self.today, past=True)
        return money(None, None) if kind == "money" else None

    def _declared(self, expression: ColumnExpression | PathExpression, kind: Kind, key: str) -> Conversion | None:
        found: Conversion | None = None
        if expression.epoch is not None:
            found = epoch_moment(expression.epoch)
            found = day_of(found, self.today) if kind == "date" else found
        elif expression.format:
            clock = kind == "moment" or (kind == "text" and any(map(has_clock, expression.format)))
            dates = calendar_date(expression.format, self.today, past=kind == "date", iso=self.dated)
            found = moment(expression.format, self.zone, iso=self.dated) if clock else dates
        elif expression.decimal or expression.thousands:
            read = money if kind == "money" else number_text
            found = read(expression.decimal, expression.thousands)
        if found is not None and kind not in ("text", found.gives):
            problem = f"what is declared gives {_IN_WORDS[found.gives]}, and this attribute is {_IN_WORDS[kind]}"
            raise SettingsError(problem, key=key)
        return found or self._default(kind)

    def _found(self, expression: ColumnExpression | PathExpression) -> str:
        if isinstance(expression, ColumnExpression):
            return self.column(expression.column)
        members = f"{self._members(expression)}[1]"
        if expression.where or expression.take:
            return members
        document, inside, pointer = self._place(expression)
        text = f"json_extract_string({document}, {quote_literal(pointer)})" if pointer else self._text_at(expression)
        return f"CASE WHEN json_type({inside}) = 'ARRAY' THEN {members} ELSE {self._without_nulls(text)} END"

    def _members(self, expression: PathExpression) -> str:
        """Return SQL for the list of texts at a path: of a list its members, of anything else itself."""
        document, inside, pointer = self._place(expression)
        alone = f"[{inside}]" if pointer else f"[coalesce({document}, to_json({self._text_at(expression)}))]"
        found = f"CASE WHEN json_type({inside}) = 'ARRAY' THEN CAST({inside} AS JSON[]) ELSE {alone} END"
        for name, wanted in expression.where.items():
            member = f"json_extract_string(m, {quote_literal(json_pointer(name))})"
            found = f"list_filter({found}, lambda m: {member} = {quote_literal(wanted)})"
        taken = quote_literal(json_pointer(expression.take) if expression.take else "$")
        text = self._without_nulls(f"json_extract_string(m, {taken})")
        return f"list_filter(list_transform({found}, lambda m: {text}), lambda v: v IS NOT NULL)"

    def _place(self, expression: PathExpression) -> tuple[str, str, str]:
        """Return SQL for the JSON that a path starts in, SQL for what it leads to, and the pointer to that."""
        column, pointer = self.names.of_path(expression.path) or ("", "")
        document = f"TRY_CAST({column} AS JSON)"
        return document, f"json_extract({document}, {quote_literal(pointer)})" if pointer else document, pointer

    def _text_at(self, expression: PathExpression) -> str:
        return (self.names.of_path(expression.path) or ("", ""))[0]

    def _composed(self, expression: JoinExpression | ConstantExpression, key: str) -> str:
        if isinstance(expression, ConstantExpression):
            return quote_literal(expression.value)
        parts = ", ".join(self.value(part, "text", key) for part in expression.join)
        return f"nullif(concat_ws({quote_literal(expression.separator)}, {parts}), '')"

    def _of_sql(self, expression: SqlExpression, kind: Kind, key: str) -> str:
        scalar = read_scalar(self.con, expression.sql, key)
        sql = scalar.over(self.con, lambda name: self._without_nulls_of(self.names.in_sql(name) or ""))
        try:
            described = self.con.execute(
                f"DESCRIBE SELECT ({sql}) AS found FROM ({self.layered('raw_row')})"
            ).fetchone()
        except duckdb.Error as error:
            raise SettingsError(f"the sql cannot be computed: {error}", key=key) from error
        conversion = sql_value(kind, str(described[1]) if described else "VARCHAR", self.zone)
        text = sql if conversion else f"CAST({sql} AS VARCHAR)"
        conversion = conversion or self._default(kind)
        return text if conversion is None else self._converted(text, conversion, kind, _place(expression, key))

    def _without_nulls_of(self, column: str) -> str:
        return self._nulled.setdefault(column, f"n_{column}")

    def _without_nulls(self, text: str) -> str:
        if len(self.nulls) == 1:
            return f"nullif({text}, {quote_literal(self.nulls[0])})"
        nulls = ", ".join(map(quote_literal, self.nulls))
        return f"CASE WHEN {text} NOT IN ({nulls}) THEN {text} END" if nulls else text


def _place(expression: AnyExpression, key: str) -> str:
    """Say in words where a text stands: the attribute, and the column where it is one."""
    attribute = key.split(".", 2)[-1].removeprefix("fields.").removeprefix("activity.")
    if isinstance(expression, ColumnExpression):
        return f"{attribute} from column {expression.column!r}"
    return f"{attribute} from {expression.path!r}" if isinstance(expression, PathExpression) else attribute

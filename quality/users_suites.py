"""The user's own suites: Great Expectations' JSON files, for the tables of a release.

A file names its table in `meta.table`, else by the suite's name, else by the file's name. Everything that is wrong with
a file is found before any data are looked at: a mistake in it must not look like bad data.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quality.ask import why_impossible
from quality.suite import Expectation, Suite
from warehouse.connection import quote_identifier
from warehouse.errors import SettingsError
from warehouse.tables import RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quality.suite import Severity
    from warehouse.settings import Settings
    from warehouse.table_spec import Column, TableSpec

_TABLES = {spec.name: spec for spec in RELEASE_TABLES}
_SEVERITIES: Mapping[object, Severity] = {
    None: "critical", "critical": "critical", "warning": "warning", "info": "warning"
}  # fmt: skip
_NOT_TAKEN_OVER = frozenset({"batch_id", "catch_exceptions", "meta", "result_format", "severity"})
"""Arguments that say how to ask, which is not the file's to decide: answers must hold no values."""
_ABOUT_COLUMNS = re.compile(r"expect_table_columns?_|expect_column_to_exist")
"""Expectations on which columns there are; their column names are what is expected, not what is read."""
_NESTED = ("MAP(", "STRUCT(")


def users_suites(settings: Settings, workspace: Path) -> list[Suite]:
    """Return the suites of all files that `gate.expectations` matches, by file name; checked with the last group.

    Raises SettingsError where the pattern matches nothing, or a file is no suite that its table can be asked.
    """
    pattern = settings.gate.expectations
    if pattern is None:
        return []
    start = Path(Path(pattern).anchor) if Path(pattern).is_absolute() else workspace
    files = sorted(path for path in start.glob(pattern.removeprefix(start.anchor)) if path.is_file())
    if not files:
        message = f"no file matches {pattern!r}: write a suite there, or take the key out"
        raise SettingsError(message, key="gate.expectations")
    return [_suite(path, workspace) for path in files]


def _suite(path: Path, workspace: Path) -> Suite:
    place = str(path.relative_to(workspace) if path.is_relative_to(workspace) else path)
    document = _document(path, place)
    named = [(document.get("meta") or {}).get("table"), document.get("name"), path.stem]
    spec = next((_TABLES[name] for name in named if name in _TABLES), None)
    if spec is None or (named[0] and named[0] not in _TABLES):
        found = f"{named[0]!r}" if named[0] else "nothing"
        message = f"names no table of a release, found {found}: put one of {', '.join(sorted(_TABLES))} there"
        raise SettingsError(message, file=place, key="meta.table")
    asked = [_expectation(entry, spec, place, at) for at, entry in enumerate(document["expectations"])]
    if not asked:
        message = "has no expectations: a check of nothing is no pass; add one, or remove the file"
        raise SettingsError(message, file=place, key="expectations")
    return Suite(
        name=f"user {place.removesuffix(path.suffix)}",
        group="care",
        table=spec.full_name,
        query=_query(spec, asked),
        expectations=tuple(asked),
        personal=frozenset(column.name for column in spec.columns if column.personal),
    )


def _document(path: Path, place: str) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"cannot be read as JSON ({error}): write it as Great Expectations saves a suite"
        raise SettingsError(message, file=place) from error
    if not isinstance(document, dict) or not isinstance(document.get("expectations"), list):
        message = "is no Great Expectations suite: it needs a list `expectations`"
        raise SettingsError(message, file=place, key="expectations")
    if not isinstance(document.get("meta") or {}, dict):
        message = 'is no mapping: write "meta": {"table": "customer"}'
        raise SettingsError(message, file=place, key="meta")
    return document


def _expectation(entry: object, spec: TableSpec, place: str, at: int) -> Expectation:
    """Return one entry of a file as an expectation that can be asked of the table."""
    key = f"expectations[{at}]"
    parts = entry if isinstance(entry, dict) else {}
    kind, arguments = parts.get("type") or parts.get("expectation_type"), parts.get("kwargs") or {}
    if not isinstance(kind, str) or not isinstance(arguments, dict):
        message = 'is no expectation: write {"type": "expect_…", "kwargs": {…}}'
        raise SettingsError(message, file=place, key=key)
    severity = _SEVERITIES.get(parts.get("severity"))
    if severity is None:
        message = f"found {parts['severity']!r}; allowed are critical, warning and info"
        raise SettingsError(message, file=place, key=f"{key}.severity")
    expectation = Expectation(
        kind,
        f"your {kind}",
        severity,
        {name: value for name, value in arguments.items() if name not in _NOT_TAKEN_OVER},
    )
    unknown = sorted(_columns_named(expectation) - set(spec.column_names))
    if unknown:
        message = f"{spec.name} has no column {unknown[0]!r}; it has {', '.join(spec.column_names)}"
        raise SettingsError(message, file=place, key=f"{key}.kwargs")
    if problem := why_impossible(expectation):
        raise SettingsError(f"{kind}: {problem}", file=place, key=key)
    return expectation


def _columns_named(asked: Expectation) -> set[str]:
    arguments = asked.arguments
    single = {str(arguments[name]) for name in ("column", "column_A", "column_B") if arguments.get(name)}
    several = arguments.get("column_list")
    if _ABOUT_COLUMNS.match(asked.type) or not isinstance(several, list):
        return single
    return single | {str(name) for name in several}


def _query(spec: TableSpec, asked: list[Expectation]) -> str:
    """Return the query for the columns that the expectations read, nested ones as JSON text.

    Where an expectation is on which columns there are, the others stand there too, without their values.
    """
    needed = set().union(*(_columns_named(each) for each in asked))
    for each in asked:  # a row condition is a small language of its own: every column it could mean comes along
        needed |= set(re.findall(r"\w+", json.dumps(each.arguments.get("row_condition")))) & set(spec.column_names)
    all_there = any(_ABOUT_COLUMNS.match(each.type) for each in asked)
    columns = [
        f"{_value(column) if column.name in needed else '0::TINYINT'} AS {quote_identifier(column.name)}"
        for column in spec.columns
        if column.name in needed or all_there
    ]
    return f"SELECT {', '.join(columns) or '0::TINYINT AS row'} FROM {spec.full_name}"


def _value(column: Column) -> str:
    quoted = quote_identifier(column.name)
    return f"to_json({quoted})::VARCHAR" if column.type.startswith(_NESTED) or column.type.endswith("[]") else quoted

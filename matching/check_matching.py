"""Checks `matching` in joinedup.yaml as far as its types cannot tell: the names, and whether the SQL can be computed.

Reads and writes no table: SQL is bound against the features of records that say nothing, and Splink compares two such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from splink.internals.exceptions import SplinkException
from sqlglot.errors import SqlglotError

from matching.common_names import NAMES, add_roots, load_common_names, mark_common_names
from matching.comparisons import COMPARISONS
from matching.definitions import SHIPPED_DEFINITIONS
from matching.features import load_features
from matching.labels import labels_of
from matching.observations import SINGLE
from matching.overrides import KEY, NEVER, effective_definitions, start_parameters
from matching.shipped_model import SHIPPED
from matching.splink_settings import compare
from matching.train import freeze_frequencies
from warehouse.connection import open_memory
from warehouse.errors import SettingsError
from warehouse.scalar_sql import read_scalar
from warehouse.tables.matching import DISTINCT_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from matching.blocking import BlockingRule
    from matching.comparison import Comparison
    from matching.definitions import Definitions
    from warehouse.settings import Settings

NOT_COMPARABLE = ("tuple_no", "stands_alone", "records")
"""Columns of `feature` that say nothing of who it is, or something else the next night."""

OF_A_PERSON = ("given", "middle", "family", "families", "suffix", "birth", "nicknames", "short_for")
"""What a person has once: the columns of `feature` that begin so."""


def check_matching(settings: Settings, workspace: Path) -> None:
    """Refuse labels that are none, and changes to comparisons and blocking rules that cannot be computed.

    Raises SettingsError for the first, with its key; of labels with the file's line, of SQL with what DuckDB says and
    the columns that there are.
    """
    labels_of(settings, workspace)
    definitions = effective_definitions(settings)
    if definitions == SHIPPED_DEFINITIONS:
        return
    with open_memory(threads=1) as scratch:
        columns = _spell_two_records(scratch)
        _check_rules(scratch, definitions.rules, columns)
        for comparison, shipped in zip(definitions.comparisons, COMPARISONS, strict=True):
            if comparison != shipped:
                _check_comparison(scratch, comparison, shipped, columns)
        _compare(scratch, definitions)


def _spell_two_records(scratch: DuckDBPyConnection) -> tuple[str, ...]:
    """Make `feature` of two records that say nothing, and `told` of what may be spoken of; return its columns."""
    scratch.execute("CREATE SCHEMA matching")
    scratch.execute(DISTINCT_RECORD.create_sql())
    load_features(scratch, scratch)
    freeze_frequencies(scratch)
    load_common_names(scratch, dict.fromkeys(NAMES, 0))
    mark_common_names(scratch, "feature")
    add_roots(scratch)
    scratch.execute("INSERT INTO feature (tuple_no) VALUES (0), (1)")
    scratch.execute("CREATE TABLE candidate AS SELECT 0 AS tuple_no_l, 1 AS tuple_no_r, 0::BIGINT AS rules")
    scratch.execute(f"CREATE VIEW told AS SELECT * EXCLUDE ({', '.join(NOT_COMPARABLE)}) FROM feature")
    return tuple(str(row[0]) for row in scratch.execute("DESCRIBE told").fetchall())


def _check_comparison(
    scratch: DuckDBPyConnection, comparison: Comparison, shipped: Comparison, columns: Iterable[str]
) -> None:
    known = {level.name: level.sql for level in shipped.levels}
    if comparison.name in SINGLE:
        columns = [name for name in columns if name.startswith(OF_A_PERSON)]
    sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in columns)
    both = f"(SELECT {sides} FROM told AS l, told AS r)"
    for level in comparison.levels:
        if level.sql not in (known.get(level.name), NEVER):
            key = f"{KEY}.{comparison.name}.levels.{level.name}"
            kind = _kind(scratch, level.sql, both, key, f"{', '.join(columns)}, each with _l or _r")
            if kind != "BOOLEAN":
                raise SettingsError(f"the sql gives {kind}; allowed: a condition, which gives BOOLEAN", key=key)


def _check_rules(scratch: DuckDBPyConnection, rules: Iterable[BlockingRule], columns: Iterable[str]) -> None:
    shipped = {rule.name: rule for rule in SHIPPED_DEFINITIONS.rules}
    listed = ", ".join(columns)
    for rule in rules:
        key = f"{KEY}.blocking.{rule.name}"
        if rule == shipped.get(rule.name):
            continue
        told, spoken = "told", listed
        if rule.each:
            kind = _kind(scratch, rule.each, told, f"{key}.each", listed)
            if not kind.endswith("[]"):
                raise SettingsError(f"gives {kind}; allowed: a list, such as emails", key=f"{key}.each")
            told, spoken = f"(SELECT *, unnest({rule.each}) AS element FROM told)", f"element, {listed}"
        for part, sql in (("key", rule.key), ("narrower", rule.narrower)):
            _kind(scratch, sql, told, f"{key}.{part}", spoken)


def _kind(scratch: DuckDBPyConnection, sql: str, table: str, key: str, columns: str) -> str:
    """Return the type of one scalar over `table`; raises SettingsError where it is none or cannot be bound."""
    read_scalar(scratch, sql, key)
    try:
        return str(scratch.execute(f"DESCRIBE SELECT ({sql}) FROM {table}").fetchall()[0][1])
    except duckdb.Error as error:
        problem = f"DuckDB says: {_first_line(error)}; the columns are {columns}"
        raise SettingsError(problem, key=key) from error


def _compare(scratch: DuckDBPyConnection, definitions: Definitions) -> None:
    """Let Splink compare the two records; its own parser reads the SQL once more."""
    for comparison, shipped in zip(definitions.comparisons, COMPARISONS, strict=True):
        if comparison == shipped:
            continue
        try:
            parameters = start_parameters(SHIPPED, [comparison])
            for _ in compare(scratch, parameters, [comparison]):
                pass
        except (SplinkException, SqlglotError, duckdb.Error) as error:
            problem = f"Splink cannot compare by it: {_first_line(error)}; say it in plainer SQL, without a lambda"
            raise SettingsError(problem, key=f"{KEY}.{comparison.name}") from error


def _first_line(error: Exception) -> str:
    """Return the line that tells what is wrong; Splink puts its whole query before it."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    line = next((line for line in lines if "Error: " in line), lines[0])
    return line.split(" Candidate ")[0].rstrip("!. ")

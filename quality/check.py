"""Checks the tables of a group against its suites.

READS: the tables that the suites of the group name; of the last releases base.crosswalk, base.excluded_record and
latest.change.
WRITES: quality.result.
Invariant: one row per expectation asked, and no value of a person in any of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from quality.run_suite import CheckResult, run_suite
from quality.suites import SUITES
from quality.users_suites import users_suites
from warehouse.errors import JoinedupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

    from quality.suite import Suite
    from warehouse.run import Run
    from warehouse.settings import Settings

__all__ = ["CheckResult", "check_tables", "checked_tables"]

WRITES = ("quality.result",)


def checked_tables(group: str) -> tuple[str, ...]:
    """Return the tables that the group's suites check, each once, in their order."""
    return tuple(dict.fromkeys(suite.table for suite in SUITES if suite.group == group))


def check_tables(con: DuckDBPyConnection, settings: Settings, run: Run, group: str) -> tuple[CheckResult, ...]:
    """Check the group's tables and write what was found; with the last group, also the user's own suites.

    Raises SettingsError for a user's suite that cannot be asked, with every group, so that the first one finds it;
    JoinedupError where a query of ours cannot be asked, or where nothing was.
    """
    own = users_suites(settings, run.workspace)
    suites = [suite for suite in SUITES if suite.group == group]
    if suites and group == SUITES[-1].group:
        suites += own
    offer_sources(con, settings)
    facts = facts_of(settings, run)
    results = _told_apart(tuple(result for suite in suites for result in check_suite(con, suite, facts)))
    if not results:
        message = f"nothing was checked for the group {group!r}: a check of nothing is no pass"
        raise JoinedupError(message)
    con.executemany(
        "INSERT INTO quality.result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [[run.run_id, *_row(result)] for result in results],
    )
    return results


def _row(result: CheckResult) -> list[object]:
    where = [result.suite, result.table, result.expectation, result.column]
    return [*where, result.severity, result.outcome, result.rows, result.unexpected, result.detail]


def facts_of(settings: Settings, run: Run) -> dict[str, object]:
    """Return what a suite's query may ask for by name, as $name."""
    return {
        "run_id": run.run_id,
        "started_at": run.started_at,
        "as_of_given": run.given_as_of is not None,
        "stands_at": run.given_as_of or run.started_at,
        "and_at_least": settings.gate.and_at_least,
    }


def check_suite(con: DuckDBPyConnection, suite: Suite, facts: Mapping[str, object]) -> tuple[CheckResult, ...]:
    """Check one suite, once `offer_sources` has been called; write nothing.

    Raises JoinedupError where its query cannot be asked.
    """
    asked = {name: value for name, value in facts.items() if f"${name}" in suite.query}
    try:
        frame = con.execute(suite.query, asked).df()
    except (duckdb.ProgrammingError, duckdb.DataError) as error:
        # its own words may quote the data; they stay in the traceback of the cause
        message = f"the suite {suite.name} cannot be asked of {suite.table} ({type(error).__name__})"
        raise JoinedupError(message) from error
    return run_suite(suite, frame)


def offer_sources(con: DuckDBPyConnection, settings: Settings) -> None:
    """Make the temporary table `expected`: source, min_rows, has_lines, every_seconds; one row per source.

    An incremental delivery without rows is an ordinary night, so its rows are only expected where the settings say so.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE expected"
        " (source VARCHAR, min_rows BIGINT, has_lines BOOLEAN, every_seconds BIGINT)"
    )
    for name, source in settings.sources.items():
        every = int(source.expect.every.total_seconds()) if source.expect.every else None
        demanded = source.load == "full" or "min_rows" in source.expect.model_fields_set
        con.execute(
            "INSERT INTO expected VALUES (?, ?, ?, ?)",
            [name, source.expect.min_rows if demanded else 0, source.rows == "lines", every],
        )


def _told_apart(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """Put numbers on what is asked of one column for the second time and so on, as a user may."""
    seen: dict[tuple[str, str, str], int] = {}
    numbered = []
    for result in results:
        key = (result.suite, result.expectation, result.column)
        seen[key] = seen.get(key, 0) + 1
        number = f" #{seen[key]}" if seen[key] > 1 else ""
        numbered.append(replace(result, name=result.name + number, expectation=result.expectation + number))
    return tuple(numbered)

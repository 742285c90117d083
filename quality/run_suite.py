"""Runs one suite and reads the answers soberly.

Great Expectations reports a check that broke as `success: false` with an empty result. Here it is an `error`, told
apart from data that break the expectation. A suite without expectations, and a table without rows, never pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from quality.ask import Answer, ask
from quality.suite import ROWS_CHECKED
from warehouse.errors import JoinedupError

if TYPE_CHECKING:
    import pandas as pd

    from quality.suite import Expectation, Severity, Suite

Outcome = Literal["pass", "fail", "error"]
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one expectation or gate rule found on one table; `detail` is for people and holds no personal value."""

    name: str
    table: str
    suite: str
    expectation: str
    column: str
    severity: Severity
    outcome: Outcome
    rows: int
    unexpected: int
    detail: str

    @property
    def passed(self) -> bool:
        """Whether it was met; a check that broke was not."""
        return self.outcome == "pass"


def run_suite(suite: Suite, frame: pd.DataFrame) -> tuple[CheckResult, ...]:
    """Check the frame, which `suite.query` gave, against the suite's expectations, in their order.

    Raises JoinedupError for a suite without expectations, or where not every expectation was answered.
    """
    if not suite.expectations:
        message = f"the suite {suite.name} has no expectations: a check of nothing is no pass"
        raise JoinedupError(message)
    rows = int(frame[ROWS_CHECKED].iloc[0]) if suite.counted else len(frame)
    if rows == 0 and not suite.counted:
        return (_about_rows(suite),)
    answers = ask(suite, frame)
    if set(answers) != set(range(len(suite.expectations))):
        message = f"the suite {suite.name} asked {len(suite.expectations)} things and was answered {len(answers)}"
        raise JoinedupError(message)
    results = tuple(_read(suite, asked, answers[at], frame, rows) for at, asked in enumerate(suite.expectations))
    if rows == 0:
        return (_about_rows(suite), *(result for result in results if not result.passed))
    return results


def _about_rows(suite: Suite) -> CheckResult:
    """Return what is to be said of a table without rows, in which nothing can pass."""
    told = f"{suite.table} has no rows"
    return CheckResult(
        name=f"{suite.name}: rows",
        table=suite.table,
        suite=suite.name,
        expectation="expect_table_row_count_to_be_between",
        column="",
        severity="critical",
        outcome="pass" if suite.empty_when else "fail",
        rows=0,
        unexpected=0,
        detail=f"{told}: {suite.empty_when}" if suite.empty_when else f"{told}, so nothing in it could be checked",
    )


def _read(suite: Suite, asked: Expectation, answer: Answer, frame: pd.DataFrame, rows: int) -> CheckResult:
    unexpected, broken = answer.unexpected, answer.broken
    if suite.counted and frame[asked.columns].isna().any():
        broken = "its query counted nothing"
    elif suite.counted and not answer.success:
        unexpected = int(frame[asked.columns].iloc[0])
    outcome: Outcome = "error" if broken else "pass" if answer.success else "fail"
    return CheckResult(
        name=f"{suite.name}: {_short_name(suite, asked)}",
        table=suite.table,
        suite=suite.name,
        expectation=asked.type,
        column=asked.columns,
        severity=asked.severity,
        outcome=outcome,
        rows=rows,
        unexpected=unexpected,
        detail=f"{asked.guards}: {_told(suite, asked, answer, broken, unexpected, rows)}",
    )


def _short_name(suite: Suite, asked: Expectation) -> str:
    """Return the columns concerned, and what is expected of them where the suite expects several things of them."""
    if asked.columns and [each.columns for each in suite.expectations].count(asked.columns) == 1:
        return asked.columns
    kind = asked.type.removeprefix("expect_").removeprefix("column_").removeprefix("values_").removeprefix("to_")
    return f"{asked.columns} {kind}".strip()


def _told(suite: Suite, asked: Expectation, answer: Answer, broken: str | None, unexpected: int, rows: int) -> str:
    """Return what was found in words, and where it failed what to do next."""
    checked = f"{rows:,} row{'' if rows == 1 else 's'} checked"
    if broken:
        return f"the check itself broke ({broken}), which says nothing about the data"
    if answer.success:
        return checked
    shown = answer.observed is not None and not suite.counted and not set(asked.columns.split(", ")) & suite.personal
    if answer.named:
        found = "; ".join(answer.named[:_MOST_NAMES])
        found += f" and {len(answer.named) - _MOST_NAMES} more" if len(answer.named) > _MOST_NAMES else ""
    elif shown:
        found = f"found {answer.observed:,.6g}, {checked}"
    else:
        found = f"{unexpected:,} against it, {checked}" if unexpected else f"not met, {checked}"
    return f"{found}; {asked.advice}" if asked.advice else found

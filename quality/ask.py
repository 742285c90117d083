"""Asks Great Expectations, and gives its answers as plain figures; nothing else imports it.

It is imported inside functions, since that costs seconds. No value of the data leaves this module: samples are not
asked for, logs and warnings are silenced, and of an exception only its class is told: its words may quote the data.
"""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any, cast

from quality.put_off import put_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation as GreatExpectation

    from quality.suite import Expectation, Suite

_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one expectation found; `broken` is the class of what was raised, or other words for why there is no answer.

    `unexpected` counts rows; `observed` is the number found by an expectation on a whole column or table; `named` are
    the failing rows by the column that the suite shows.
    """

    success: bool
    unexpected: int = 0
    observed: float | None = None
    named: tuple[str, ...] = ()
    broken: str | None = None


def ask(suite: Suite, frame: pd.DataFrame) -> dict[int, Answer]:
    """Return the answers by the position of their expectation in the suite, whatever order they come in."""
    with _silence():
        import great_expectations as gx

        batch = _frames().get_batch(batch_parameters={"dataframe": frame})
        expectations = [_made(asked, position) for position, asked in enumerate(suite.expectations)]
        named = {"result_format": "COMPLETE", "unexpected_index_column_names": [suite.named_by]}
        validation = batch.validate(
            gx.ExpectationSuite(name=suite.name, expectations=expectations),
            result_format=named if suite.named_by else _COUNTS_ONLY,
        )
        return {_position(result): _answer(result, suite.named_by) for result in validation.results}


@cache
def _frames() -> BatchDefinition[Any]:
    """Return what makes a batch of any frame; to set it up anew for each suite would take longer than to ask it."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.variables.analytics_enabled = False
    asset = context.data_sources.add_pandas("candidate").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")


def why_impossible(asked: Expectation) -> str | None:
    """Return in words why there is no such expectation, or why it cannot be asked so; None where it can."""
    with _silence():
        from great_expectations.exceptions.exceptions import ExpectationNotFoundError
        from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
        from great_expectations.expectations.expectation import QueryExpectation
        from great_expectations.expectations.registry import get_expectation_impl
        from pydantic.v1 import ValidationError

        try:
            if issubclass(get_expectation_impl(asked.type), QueryExpectation | UnexpectedRowsExpectation):
                return "it asks a database in SQL, and here rows are checked: use an expectation on columns"
            _made(asked, 0)
        except ExpectationNotFoundError:
            return "Great Expectations knows no such expectation"
        except ValidationError as error:
            return "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
    return None


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Great Expectations from warning and logging; its modules set levels of their own, so each is silenced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with put_off("altair", "scipy.stats"):
            import great_expectations  # noqa: F401 - its loggers exist from here on

        names = [name for name in logging.root.manager.loggerDict if name.startswith("great_expectations")]
        loggers = [logger for logger in map(logging.getLogger, names) if not logger.disabled]
        for logger in loggers:
            logger.disabled = True
        try:
            yield
        finally:
            for logger in loggers:
                logger.disabled = False


def _made(asked: Expectation, position: int) -> GreatExpectation:
    from great_expectations.expectations.registry import get_expectation_impl

    arguments: dict[str, Any] = {**asked.arguments, "severity": asked.severity, "meta": {"position": position}}
    return get_expectation_impl(asked.type)(**arguments)


def _position(result: ExpectationValidationResult) -> int:
    configuration = result.expectation_config
    return int((configuration.meta or {}).get("position", -1)) if configuration else -1


def _answer(result: ExpectationValidationResult, named_by: str) -> Answer:
    found: Mapping[str, Any] = result.result or {}
    broken = _broken(result.exception_info)
    if broken is None and not result.success and not found:
        broken = "an answer without a result"
    observed = found.get("observed_value")
    rows = cast("list[Mapping[str, object]]", found.get("unexpected_index_list") or [])
    return Answer(
        success=bool(result.success),
        unexpected=int(found.get("unexpected_count") or 0),
        observed=float(observed) if isinstance(observed, Real) else None,
        named=tuple(sorted({str(row[named_by]) for row in rows})) if named_by else (),
        broken=broken,
    )


def _broken(information: Mapping[str, Any] | None) -> str | None:
    """Return the class of the exception that a metric raised, None where there was none.

    Great Expectations tells of one exception in a flat mapping, or of several in a mapping by metric.
    """
    told = information or {}
    for part in [told] if "raised_exception" in told else told.values():
        if isinstance(part, dict) and part.get("raised_exception"):
            return _first_class(str(part.get("exception_traceback") or ""))
    return None


def _first_class(traceback: str) -> str:
    """Return the class of the exception that a chain of them began with: the first one named at the margin."""
    found = re.search(r"^(?!Traceback |During |The above )(?:\w+\.)*(\w+)(?::|$)", traceback, re.MULTILINE)
    return found[1] if found else "an exception"

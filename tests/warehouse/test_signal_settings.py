"""Signals in joinedup.yaml: what is understood, and what is wrong in one line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest
from ruamel.yaml import YAML

from tests.warehouse.written_settings import RIGHT, load, mistake
from warehouse.settings.schema import settings_schema

if TYPE_CHECKING:
    from pathlib import Path

SIGNALS = """\
signals:
  going_quiet: off
  first_order: {off: true}
  order_late: {after: 24h, severity: urgent}
"""
LINE = len(RIGHT.splitlines()) + 1
"""The line of `signals:`."""


def test_what_is_understood(tmp_path: Path) -> None:
    found = load(tmp_path, RIGHT + SIGNALS).signals
    assert [name for name, change in found.items() if change.off] == ["going_quiet", "first_order"]
    assert (found["order_late"].after, found["order_late"].severity) == (timedelta(days=1), "urgent")
    jsonschema.validate(YAML(typ="safe").load(RIGHT + SIGNALS), settings_schema())


@pytest.mark.parametrize(
    ("right", "wrong", "line", "key", "problem"),
    [
        ("going_quiet", "going_quite", 1, "signals.going_quite", "unknown signal; did you mean going_quiet?"),
        (
            "after: 24h",
            "after: soon",
            3,
            "signals.order_late.after",
            "found 'soon'; allowed: a whole number and one of",
        ),
        ("after: 24h", "within: 24h", 3, "signals.order_late.within", "means nothing to order_late; allowed: off,"),
        ("severity: urgent", "severity: bad", 3, "signals.order_late.severity", "found 'bad'; allowed: info, notice"),
        ("going_quiet: off", "going_quiet: on", 1, "signals.going_quiet", "found 'on'; allowed: a mapping"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, right: str, wrong: str, line: int, key: str, problem: str) -> None:
    found = mistake(tmp_path, RIGHT + SIGNALS.replace(right, wrong, 1))
    assert (found.line, found.key) == (LINE + line, key)
    assert found.problem.startswith(problem)

"""Ctrl-C is told as what it is wherever it strikes, within a query too, where DuckDB raises an error of its own."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from pipelines.night import NightOptions
from pipelines.run_nightly import run_nightly
from tests.pipelines.shop import Shop
from warehouse.connection import open_memory, was_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.night import StepDone
    from tests.pipelines.shop import Answer

ENDLESS = "SELECT sum(hash(a.range + b.range)) FROM range(1000000) AS a, range(1000000) AS b"


def interrupt_a_query() -> None:
    """Run a query that would take days, and press Ctrl-C half a second after its start."""
    con = open_memory(threads=1)
    pressed = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    pressed.start()
    try:
        con.execute(ENDLESS).fetchall()
    finally:
        pressed.join()
        con.close()


def test_a_query_that_ctrl_c_ends_is_told_from_a_defect() -> None:
    with pytest.raises(RuntimeError) as found:
        interrupt_a_query()
    assert was_interrupted(found.value)
    assert not was_interrupted(RuntimeError("some defect"))
    assert not was_interrupted(ValueError("Query interrupted"))


def test_a_night_that_is_stopped_within_a_query_was_interrupted(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.populate(12, 1)
    shop.write()

    def stop(step: str, done: StepDone | None) -> None:
        if step == "settle" and done is None:
            interrupt_a_query()

    with pytest.raises(KeyboardInterrupt):
        run_nightly(shop.workspace, NightOptions(), stop)
    assert not shop.workspace.current.exists()


def test_a_command_that_is_stopped_within_a_query_was_interrupted(
    joinedup: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.commands.workspace.settings_schema", interrupt_a_query)
    answer = joinedup("schema")
    assert answer.exit_code == 130
    assert answer.err == "joinedup: interrupted; the last release stays, run again when ready\n"

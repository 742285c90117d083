"""Runs what is measured in a process of its own, with a limit of time, and returns the JSON that it prints."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
_TOLD = 200


class DidNotFinish(Exception):
    """A measured process ended without a result; the message says why, in few words."""


def run_child(arguments: list[str], limit: float) -> dict[str, Any]:
    """Run `python …arguments` and return its JSON. Raises DidNotFinish after `limit` seconds, or if it fails."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            printed, complained = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired as error:
            _end(child.pid)
            raise DidNotFinish(f"did not finish in {limit:.0f} s") from error
        except BaseException:
            _end(child.pid)
            raise
    try:
        report: dict[str, Any] = json.loads(printed)
    except ValueError as error:
        last = (complained.strip() or f"exit {child.returncode}").splitlines()[-1]
        raise DidNotFinish(f"did not finish: {last[:_TOLD]}") from error
    if "error" in report:
        raise DidNotFinish(f"did not finish: {report['error']['message'][:_TOLD]}")
    return report


def _end(group: int) -> None:
    """End the child and whatever it has started: it leads a group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)

"""Figures about what is served, in Prometheus's text format: how often which route was asked, and how long it took.

Labels are routes as the program names them, never addresses as they were typed: nobody's data gets into a figure.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from bisect import bisect_left
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stewardship.web.releases import Pinned

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds up to which answers are counted together."""
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_STATM = "/proc/self/statm"


class Metrics:
    """What was answered since the start, counted by any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._began = time.time()

    def count(self, method: str, route: str, status: int | None, seconds: float) -> None:
        """Count an answer."""
        key = (method if method in _METHODS else "other", route, status or 0)
        with self._lock:
            self._answers[key] = self._answers.get(key, 0) + 1
            self._times.setdefault(route, [0] * (len(BOUNDS) + 1))[bisect_left(BOUNDS, seconds)] += 1
            self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def text(self, pinned: Pinned | None) -> str:
        """Return all figures; those of the release where there is one."""
        with self._lock:
            lines = [*self._of_answers(), *self._of_times()]
        return "\n".join([*lines, *_of_release(pinned), *self._of_process(), ""])

    def _of_answers(self) -> Iterator[str]:
        yield from _head("joinedup_requests_total", "counter", "Requests answered.")
        for (method, route, status), number in sorted(self._answers.items()):
            labels = f'method="{method}",route="{_label(route)}",status="{status}"'
            yield f"joinedup_requests_total{{{labels}}} {number}"

    def _of_times(self) -> Iterator[str]:
        yield from _head("joinedup_request_seconds", "histogram", "Seconds from a request to the end of its answer.")
        for route, counts in sorted(self._times.items()):
            label, so_far = _label(route), 0
            for bound, number in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                so_far += number
                yield f'joinedup_request_seconds_bucket{{route="{label}",le="{bound}"}} {so_far}'
            yield f'joinedup_request_seconds_sum{{route="{label}"}} {self._seconds[route]:.6f}'
            yield f'joinedup_request_seconds_count{{route="{label}"}} {so_far}'

    def _of_process(self) -> Iterator[str]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        yield from _head("process_resident_memory_bytes", "gauge", "Memory in use.")
        yield f"process_resident_memory_bytes {resident_bytes()}"
        yield from _head("process_cpu_seconds_total", "counter", "CPU time used.")
        yield f"process_cpu_seconds_total {used.ru_utime + used.ru_stime:.2f}"
        yield from _head("process_start_time_seconds", "gauge", "When this began, as seconds since 1970.")
        yield f"process_start_time_seconds {self._began:.0f}"


def resident_bytes() -> int:
    """Return the memory in use; the most there ever was where the system does not tell."""
    try:
        with open(_STATM, encoding="ascii") as file:  # noqa: PTH123 - no file of ours
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def _of_release(pinned: Pinned | None) -> Iterator[str]:
    yield from _head("joinedup_release_info", "gauge", "The release that answers.")
    if pinned is None:
        return
    manifest = pinned.manifest
    yield f'joinedup_release_info{{release_id="{_label(pinned.release_id)}"}} 1'
    yield from _head("joinedup_release_created_timestamp_seconds", "gauge", "When it was made.")
    yield f"joinedup_release_created_timestamp_seconds {_since_1970(manifest.created_at)}"
    yield from _head("joinedup_release_as_of_timestamp_seconds", "gauge", "The time that it is relative to.")
    yield f"joinedup_release_as_of_timestamp_seconds {_since_1970(manifest.as_of)}"
    yield from _head("joinedup_release_rows", "gauge", "Rows by table of it.")
    for table, number in sorted(manifest.rows.items()):
        yield f'joinedup_release_rows{{table="{_label(table)}"}} {number}'


def _since_1970(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp())


def _head(name: str, kind: str, meaning: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"


def _label(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

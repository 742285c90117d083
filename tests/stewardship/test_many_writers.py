"""Twenty stewards without a pause while a night reads, in one process and in four: nothing is lost; waits are told."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stewardship.conftest import Desk

STEWARDS, SECONDS = 20, 30
WRITER = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from stewardship.database import find_place
from stewardship.store import Said, Store

url, workspace, stewards, seconds, one_store, name = sys.argv[1:]
shared = Store(find_place(url, Path(workspace)))
said = Said("ann", datetime(2026, 1, 3), "so")

def decide(steward):
    store = shared if one_store == "yes" else Store(find_place(url, Path(workspace)))
    ids, waits, until = [], [], time.monotonic() + float(seconds)
    while time.monotonic() < until:
        pair = ("source", f"{name}-{steward}-{len(ids)}"), ("source", f"{name}-{steward}-{len(ids) + 1}")
        begun = time.monotonic()
        with store.writing() as log:
            ids.append(log.decide("same", tuple(sorted(pair)), said, (None, None))[0].id)
        waits.append(time.monotonic() - begun)
    return ids, waits

with ThreadPoolExecutor(int(stewards)) as pool:
    done = list(pool.map(decide, range(int(stewards))))
print(json.dumps([[i for ids, _ in done for i in ids], [w for _, waits in done for w in waits]]))
"""


def write_for(desk: Desk, checkout: Path, processes: int) -> list[subprocess.Popen[str]]:
    each = STEWARDS // processes
    command = (sys.executable, "-c", WRITER, desk.url, str(desk.workspace), str(each), str(SECONDS))
    return [
        subprocess.Popen(
            [*command, "yes" if processes == 1 else "no", str(number)], cwd=checkout, stdout=subprocess.PIPE, text=True
        )
        for number in range(processes)
    ]


@pytest.mark.soak
@pytest.mark.parametrize("processes", [1, 4])
def test_stewards_write_without_pause(desk: Desk, checkout: Path, processes: int) -> None:
    desk.decide("same", "A", "B")
    writers = write_for(desk, checkout, processes)
    seen = []
    while any(writer.poll() is None for writer in writers):
        standing = desk.another().read()
        seen.append((standing.head, len(standing.active())))
        time.sleep(0.5)
        if len(seen) > 10 * SECONDS:
            pytest.fail("the writers do not end")
    ids, waits = [1], []
    for writer in writers:
        found, waited = json.loads(writer.communicate()[0])
        assert writer.returncode == 0
        ids += found
        waits += waited
    waits.sort()
    told = f"{len(ids) / SECONDS:.0f}/s, p50 {waits[len(waits) // 2]:.3f} s, p99 {waits[-len(waits) // 100]:.3f} s"
    print(f"\n{desk.url.partition(':')[0]}, {processes} process(es): {told}, max {waits[-1]:.3f} s, {len(seen)} looks")
    assert sorted(ids) == list(range(1, len(ids) + 1)) == [entry.id for entry in desk.another().entries()]
    assert all(head == count for head, count in seen)
    assert seen == sorted(seen)

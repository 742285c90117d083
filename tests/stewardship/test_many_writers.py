"""Twenty stewards without a pause while a night reads, in one process and in four: nothing is lost; waits are told.

First they decide, as at the command line; then they work a queue, two of them at every item: one claims and answers it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from benchmarks.made_up_queue import with_made_up_queue
from tests.stewardship.waiting_shop import waiting_shop

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


ANSWERER = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stewardship.answer import Shown, Statement
from stewardship.database import find_place
from stewardship.decide import say
from stewardship.desk import Lost, answer_item, claim
from stewardship.queue import item_of
from stewardship.queue_index import index_of
from stewardship.store import Store
from stewardship.web.releases import Releases
from warehouse.workspace import Workspace

url, workspace, stewards, seconds, one_store, name, released = sys.argv[1:]
shared = Store(find_place(url, Path(workspace)))
pinned = Releases(Workspace(Path(released))).current()
ids = index_of(pinned).ids

def work(number):
    store = shared if one_store == "yes" else Store(find_place(url, Path(workspace)))
    steward, acts, waits, lost, until = int(name) * int(stewards) + number, [], [], 0, time.monotonic() + float(seconds)
    for place in range(steward % 10, len(ids), 10):
        if time.monotonic() > until:
            break
        item = item_of(pinned, store, ids[place])
        statements = [Statement("different", asked.records) for asked in item.asked]
        begun = time.monotonic()
        try:
            claim(store, item.item_id, f"steward {steward}")
            with pinned.alone() as release:
                said = say(f"steward {steward}", "so", release)
                shown = Shown(item.item_id, item.queue, 1.0, item.match_probability)
                acts.append(answer_item(store, release, item, statements, said, shown).act)
        except Lost:
            lost += 1
        waits.append(time.monotonic() - begun)
    return acts, waits, lost

with ThreadPoolExecutor(int(stewards)) as pool:
    done = list(pool.map(work, range(int(stewards))))
acts, waits, lost = zip(*done)
print(json.dumps([sum(acts, []), sum(waits, []), sum(lost)]))
"""


def write_for(desk: Desk, checkout: Path, processes: int, *what: str) -> list[subprocess.Popen[str]]:
    each, (script, *more) = STEWARDS // processes, what
    command = (sys.executable, "-c", script, desk.url, str(desk.workspace), str(each), str(SECONDS))
    shared = "yes" if processes == 1 else "no"
    return [
        subprocess.Popen([*command, shared, str(number), *more], cwd=checkout, stdout=subprocess.PIPE, text=True)
        for number in range(processes)
    ]


def told(desk: Desk, processes: int, waits: list[float]) -> str:
    """Return in a line how many wrote, how often, and how long it took."""
    waits.sort()
    middle, late = waits[len(waits) // 2], waits[-len(waits) // 100]
    at = f"{desk.url.partition(':')[0]}, {processes} process(es)"
    return f"{at}: {len(waits) / SECONDS:.0f}/s, p50 {middle:.3f} s, p99 {late:.3f} s, max {waits[-1]:.3f} s"


@pytest.mark.soak
@pytest.mark.parametrize("processes", [1, 4])
def test_stewards_write_without_pause(desk: Desk, checkout: Path, processes: int) -> None:
    desk.decide("same", "A", "B")
    writers = write_for(desk, checkout, processes, WRITER)
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
    print(f"\n{told(desk, processes, waits)}, {len(seen)} looks")
    assert sorted(ids) == list(range(1, len(ids) + 1)) == [entry.id for entry in desk.another().entries()]
    assert all(head == count for head, count in seen)
    assert seen == sorted(seen)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a workspace with more items to review than twenty stewards answer in half a minute."""
    folder = tmp_path_factory.mktemp("queue")
    shop = waiting_shop(folder / "shop")
    shop.populate(300, 5)
    shop.night(checks=False)
    return with_made_up_queue(shop.path, folder / "copy", 20_000).path


@pytest.mark.soak
@pytest.mark.parametrize("processes", [1, 4])
def test_stewards_answer_without_pause(desk: Desk, checkout: Path, processes: int, released: Path) -> None:
    desk.decide("same", "A", "B")
    writers = write_for(desk, checkout, processes, ANSWERER, str(released))
    looks = 0
    while any(writer.poll() is None for writer in writers):
        standing = desk.another().read()
        assert len(standing.keys) == standing.head
        looks += 1
        time.sleep(0.5)
        if looks > 20 * SECONDS:
            pytest.fail("the writers do not end")
    acts, waits, lost = [], [], 0
    for writer in writers:
        answered, waited, of_others = json.loads(writer.communicate()[0])
        assert writer.returncode == 0
        acts += answered
        waits += waited
        lost += of_others
    print(f"\n{told(desk, processes, waits)}; {len(acts)} answered, {lost} lost to others, {looks} looks")
    by_item = {entry.item_id: set[int]() for entry in desk.another().entries() if entry.item_id}
    for entry in desk.another().entries():
        if entry.item_id:
            by_item[entry.item_id].add(entry.act)
    assert sorted(acts) == sorted(act for found in by_item.values() for act in found)
    assert all(len(found) == 1 for found in by_item.values())
    assert lost > 0
    assert len(acts) > 2 * SECONDS

"""Time the queue and its pages with a long queue: `python -m benchmarks.review_pages WORKSPACE`.

The workspace's current release is copied and its queue filled up to 100,000 items. First each function of the queue and
the desk is called by itself, and its CPU time taken; then the pages are asked for over HTTP on loopback, one after the
other, from a server in a process of its own. A table says the median and the 95th percentile of each, in milliseconds.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.made_up_queue import with_made_up_queue
from stewardship.accounts import Accounts
from stewardship.answer import Shown, Statement, undo
from stewardship.decide import say
from stewardship.desk import answer_item, claim, next_item, release_claim, skip
from stewardship.queue import item_of, open_items, utc_now, waiting
from stewardship.queue_index import index_of
from stewardship.store import open_store
from stewardship.web.csrf import session_cookie
from stewardship.web.releases import Pinned, Releases
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stewardship.store import Store
    from warehouse.workspace import Workspace

ITEMS, TIMES = 100_000, 30
STEWARD = "benchmark"
_ADDRESS = re.compile(r"http://[\d.]+:\d+")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="a workspace with a release that has something to review")
    parser.add_argument("--items", type=int, default=ITEMS, help="how many items to time it with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        copy = with_made_up_queue(asked.workspace, Path(scratch) / "copy", asked.items)
        settings = load_settings(copy.settings_file)
        store = open_store(settings, copy.path)
        pinned = pin(copy)
        begun = time.process_time()
        found = index_of(pinned)
        print(f"{found.items:,} items, taken into memory once in {time.process_time() - begun:.2f} s of CPU\n")
        print(table("function", "CPU ms", functions(pinned, store)))
        Accounts(store).add(STEWARD, "steward", STEWARD)
        print("\n" + table("page", "wall ms", pages(copy, pinned, store)))


def pin(copy: Workspace) -> Pinned:
    """Return the current release of a workspace that has one."""
    found = Releases(copy).current()
    if found is None:
        sys.exit(f"{copy.path} has no release")
    return found


def functions(pinned: Pinned, store: Store) -> Iterator[tuple[str, list[float]]]:
    """Yield each function of the queue and the desk, with the CPU seconds of each call."""
    ids = [item.item_id for item in open_items(pinned, store, queue="oldest", limit=TIMES * 4).items]
    last = open_items(pinned, store, queue="oldest").total - 50
    calls: tuple[tuple[str, Callable[[int], object]], ...] = (
        ("open_items, the first page", lambda _: open_items(pinned, store, user="ann")),
        ("open_items, the last page", lambda _: open_items(pinned, store, queue="oldest", offset=last)),
        ("open_items within the budget", lambda _: open_items(pinned, store, user="ann", budget=60)),
        ("waiting: all queues in figures", lambda _: waiting(pinned, store, user="ann", budget=60)),
        ("item_of", lambda number: item_of(pinned, store, ids[number])),
        ("claim", lambda number: claim(store, ids[number], "ann")),
        ("release_claim", lambda number: release_claim(store, ids[number], "ann")),
        ("next_item", lambda _: next_item(pinned, store, "ann", "oldest")),
        ("skip", lambda number: skip(store, ids[number], "ann", utc_now() + timedelta(days=1))),
        ("answer_item", lambda number: _answer(pinned, store, ids[TIMES + number])),
    )
    for name, call in calls:
        yield name, [_cpu(call, number) for number in range(TIMES)]


def pages(copy: Workspace, pinned: Pinned, store: Store) -> Iterator[tuple[str, list[float]]]:
    """Yield each page, with the wall-clock seconds of each request."""
    import httpx  # noqa: PLC0415 - of the development's dependencies

    accounts = Accounts(store)
    secret = accounts.redeem(accounts.link(STEWARD)).cookie
    ids = [item.item_id for item in open_items(pinned, store, queue="default", limit=TIMES).items]
    deep = open_items(pinned, store, queue="oldest").total // 100
    with (
        _served(copy) as address,
        httpx.Client(base_url=address, cookies={session_cookie(secure=False): secret}) as http,
    ):

        def took(path: str) -> float:
            begun = time.perf_counter()
            answer = http.get(path)
            if answer.status_code != httpx.codes.OK:
                sys.exit(f"{path}: {answer.status_code}")
            return time.perf_counter() - begun

        took("/review")  # the first request of a release takes its queue into memory
        yield "/review", [took("/review") for _ in range(TIMES)]
        yield "/review/queue/default", [took("/review/queue/default") for _ in range(TIMES)]
        yield "/review/queue/oldest, half way", [took(f"/review/queue/oldest?page={deep}") for _ in range(TIMES)]
        yield "/review/item/…", [took(f"/review/item/{item_id}") for item_id in ids]


def table(what: str, unit: str, rows: Iterator[tuple[str, list[float]]]) -> str:
    """Return a Markdown table of the medians and the 95th percentiles, in milliseconds."""
    lines = [f"| {what} | median, {unit} | p95, {unit} |", "| --- | ---: | ---: |"]
    for name, seconds in rows:
        ordered = sorted(seconds)
        median, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        lines.append(f"| {name} | {median * 1000:.1f} | {p95 * 1000:.1f} |")
    return "\n".join(lines)


def _cpu(call: Callable[[int], Any], number: int) -> float:
    begun = time.process_time()
    call(number)
    return time.process_time() - begun


def _answer(pinned: Pinned, store: Store, item_id: str) -> None:
    """Answer an item, and take it back: copies of one item are about the same records."""
    item = item_of(pinned, store, item_id)
    if item is None:
        sys.exit(f"no item {item_id}")
    with pinned.alone() as release:
        said = say("ann", "to time it", release)
        statements = [Statement("unsure", asked.records) for asked in item.asked]
        written = answer_item(store, release, item, statements, said, Shown(item_id, item.queue, 1.0))
        undo(store, written.act or 0, said)


@contextmanager
def _served(copy: Workspace) -> Iterator[str]:
    """Serve a workspace from a process of its own for the block, and give its address."""
    command = [sys.executable, "-m", "pipelines", "serve", "-w", str(copy.path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            told = server.stderr.readline() if server.stderr else ""
            found = _ADDRESS.search(told)
            if found is None:
                sys.exit(told)
            yield found[0]
        finally:
            server.terminate()


if __name__ == "__main__":
    main()

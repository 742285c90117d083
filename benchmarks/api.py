"""Time the API on loopback: `python -m benchmarks.api WORKSPACE`.

A server in a process of its own answers from the workspace's current release, of whatever version; tokens are made in a
store beside it, so that the workspace is left as it was. One client, and then sixteen at once, ask for customers by id,
for what happened with them, by part of a name, by e-mail, by reference and for matches, each of other customers, drawn
alike every time. A table says the median and the 99th percentile of each in milliseconds, and how many answers there
were a second; below it stand the memory of the server and how long it took to answer the first time.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from serving.metrics import MEDIA_TYPE
from stewardship.accounts import Accounts
from stewardship.store import open_store
from warehouse.read import open_release
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from warehouse.read import Release

CLIENTS, EACH, SEED = (1, 16), 400, 20260201
_NOT_YET = 503
"""What is answered while the release is being read into memory."""
_ADDRESS = re.compile(r"http://[\d.]+:\d+")
_MEMORY = re.compile(r"^process_resident_memory_bytes (\d+)$", re.MULTILINE)
_NAMED = ("full_name", "birth_date", "email", "phone", "street", "city", "postal_code")
Request = tuple[str, str, Any]
"""A method, a path below /api/v1, and the body or None."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked for: its name in the table, and the request that asks it of a customer."""

    name: str
    of: Callable[[dict[str, Any]], Request]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="a workspace with a release")
    parser.add_argument("--requests", type=int, default=EACH, help="how many requests of each kind")
    asked = parser.parse_args()
    with open_release(asked.workspace) as release:
        people = drawn(release, asked.requests)
        about = (
            f"{release.release_id}: {len_of(release, 'crosswalk'):,} records, {len_of(release, 'customer'):,} customers"
        )
    with tempfile.TemporaryDirectory() as scratch:
        place = beside(asked.workspace.resolve(), Path(scratch) / "beside")
        secrets = tokens_of(place, max(CLIENTS))
        with served(place) as (address, process):
            print(about)
            first_answers(address, secrets[0], people)
            print("\n| asked | clients | p50, ms | p99, ms | answers a second | failed |")
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            for clients in CLIENTS:
                for kind in KINDS:
                    print(measured(address, secrets[:clients], kind, people), flush=True)
            print(f"\nmemory of the server: {memory(address, secrets[0]) / 2**20:,.0f} MiB (process {process})")


def drawn(release: Release, number: int) -> list[dict[str, Any]]:
    """Return customers drawn by chance, the same of the same release."""
    ids = [row[0] for row in release.con.execute("SELECT golden_id FROM customer ORDER BY golden_id").fetchall()]
    chosen = random.Random(SEED).sample(ids, min(number, len(ids)))
    query = f"""
        SELECT golden_id, {", ".join(_NAMED)},
            (SELECT min(reference) FROM activity WHERE activity.golden_id = customer.golden_id) AS reference
        FROM customer WHERE golden_id IN (SELECT unnest(?::VARCHAR[]))"""
    cursor = release.con.execute(query, [chosen])
    names = [column[0] for column in cursor.description or ()]
    found = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    return [found[golden_id] for golden_id in chosen]


def beside(workspace: Path, place: Path) -> Workspace:
    """Return a workspace with the same configuration and releases, and a store of its own."""
    (place / "var").mkdir(parents=True)
    for path in workspace.iterdir():
        if path.name != "var":
            (place / path.name).symlink_to(path)
    (place / "var" / "releases").symlink_to(workspace / "var" / "releases")
    return Workspace(place)


def tokens_of(place: Workspace, number: int) -> list[str]:
    """Return so many tokens, each with a budget of its own."""
    accounts = Accounts(open_store(load_settings(place.settings_file), place.path))
    return [accounts.create_token(f"client-{client}", "agent", "benchmark") for client in range(number)]


@contextmanager
def served(place: Workspace) -> Iterator[tuple[str, int]]:
    """Serve the workspace for the block from a process of its own; give its address and number."""
    command = [sys.executable, "-m", "pipelines", "serve", "-w", str(place.path), "--port", "0"]
    with (Path(place.path) / "log").open("w+") as log, subprocess.Popen(command, stderr=log, stdout=log) as server:
        try:
            yield address_in(Path(log.name), server), server.pid
        finally:
            server.terminate()


def address_in(log: Path, server: subprocess.Popen[bytes]) -> str:
    """Return the address that a server says it listens at."""
    while server.poll() is None:
        if found := _ADDRESS.search(log.read_text(encoding="utf-8")):
            return found[0]
        time.sleep(0.05)
    sys.exit(log.read_text(encoding="utf-8"))


def first_answers(address: str, secret: str, people: list[dict[str, Any]]) -> None:
    """Say how long the first answer of each kind takes, which may have to take the release into memory."""
    with client_of(address, secret) as client:
        for kind in KINDS:
            begun = time.perf_counter()
            while (status := ask(client, kind.of(people[0])).status_code) == _NOT_YET:
                time.sleep(0.1)
            print(f"first {kind.name}: {time.perf_counter() - begun:.2f} s ({status})")
        time.sleep(5)  # what is made in the background is made now


def measured(address: str, secrets: list[str], kind: Kind, people: list[dict[str, Any]]) -> str:
    """Return the row of one kind of request, asked by as many clients as there are secrets."""
    seconds: list[float] = []
    failed: list[int] = []

    def work(secret: str, mine: list[dict[str, Any]]) -> None:
        with client_of(address, secret) as client:
            for person in mine:
                begun = time.perf_counter()
                answer = ask(client, kind.of(person))
                seconds.append(time.perf_counter() - begun)
                if answer.is_error:
                    failed.append(answer.status_code)

    threads = [
        threading.Thread(target=work, args=(secret, people[place :: len(secrets)]))
        for place, secret in enumerate(secrets)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    ordered = sorted(seconds)
    median, high = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    figures = f"{median * 1000:.1f} | {high * 1000:.1f} | {len(ordered) / took:.0f} | {len(failed)}"
    return f"| {kind.name} | {len(secrets)} | {figures} |"


def ask(client: httpx.Client, request: Request) -> httpx.Response:
    """Send a request."""
    method, path, body = request
    return (
        client.request(method, f"/api/v1{path}", json=body)
        if body is not None
        else client.request(method, f"/api/v1{path}")
    )


def client_of(address: str, secret: str) -> httpx.Client:
    """Return a client that keeps its connection."""
    return httpx.Client(base_url=address, timeout=120, headers={"Authorization": f"Bearer {secret}"})


def memory(address: str, secret: str) -> int:
    """Return the bytes that the server uses, as it says itself."""
    with client_of(address, secret) as client:
        answer = client.get("/metrics", headers={"Accept": MEDIA_TYPE})
        found = _MEMORY.search(answer.text)
        return int(found[1]) if found else 0


def len_of(release: Release, table: str) -> int:
    """Return the rows of a table."""
    return release.manifest.rows.get(table, 0)


def _record(person: dict[str, Any]) -> dict[str, Any]:
    """Return a record as somebody would type it who is that customer."""
    record = {name: person[name] for name in _NAMED if person[name] is not None}
    return dict(json.loads(json.dumps(record, default=str)))


def _part_of_a_name(person: dict[str, Any]) -> str:
    words = str(person["full_name"] or person["email"] or person["golden_id"]).split()
    return " ".join([words[0][:3], words[-1][:5]]) if len(words) > 1 else words[0][:6]


KINDS = (
    Kind("customer by id", lambda person: ("GET", f"/customers/{person['golden_id']}", None)),
    Kind("activity", lambda person: ("GET", f"/customers/{person['golden_id']}/activity", None)),
    Kind("search, part of a name", lambda person: ("POST", "/customers/search", {"q": _part_of_a_name(person)})),
    Kind("search, e-mail", lambda person: ("POST", "/customers/search", {"email": person["email"] or "nobody@none"})),
    Kind(
        "search, reference", lambda person: ("POST", "/customers/search", {"reference": person["reference"] or "none"})
    ),
    Kind("match", lambda person: ("POST", "/match", _record(person))),
)

if __name__ == "__main__":
    main()

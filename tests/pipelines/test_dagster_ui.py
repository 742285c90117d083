"""`joinedup dagster`: Dagster's own UI and daemon, on the workspace, leaving nothing anywhere else."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer, Shop

PATIENCE_SECONDS = 180
SEEN = """{
  assetNodes { assetKey { path } }
  repositoriesOrError { ... on RepositoryConnection { nodes { schedules { name } } } }
}"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def ask(port: int, query: str) -> dict[str, Any]:
    """Return what the UI's own interface answers; raises OSError as long as nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/graphql", json.dumps({"query": query}), {"content-type": "application/json"})
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    assert "errors" not in found, found
    data: dict[str, Any] = found["data"]
    return data


def test_the_ui_opens_on_the_workspace(shop: Shop, tmp_path: Path, checkout: Path) -> None:
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example")
    shop.write()
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    before = {path.name for path in checkout.iterdir() if not path.name.startswith(".coverage")}
    port = free_port()
    said = tmp_path / "said.txt"
    with said.open("w") as output:
        served = subprocess.Popen(
            [sys.executable, "-m", "pipelines", "dagster", "-w", shop.path, "--port", str(port)],
            cwd=nowhere,
            env=os.environ | {"HOME": str(nowhere), "DAGSTER_HOME": str(nowhere)},
            stdout=output,
            stderr=output,
        )
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        found: dict[str, Any] = {}
        while not found.get("assetNodes"):
            assert served.poll() is None, said.read_text()
            assert time.monotonic() < until, said.read_text()
            try:
                found = ask(port, SEEN)
            except OSError:
                time.sleep(0.5)
    finally:
        served.send_signal(signal.SIGINT)
        served.wait(60)
    assert {"/".join(node["assetKey"]["path"]) for node in found["assetNodes"]} >= {"golden/customer", "source/cases"}
    assert found["repositoriesOrError"]["nodes"] == [{"schedules": [{"name": "every_night"}]}]
    assert "superseded" not in said.read_text()
    assert list(nowhere.iterdir()) == []
    assert {path.name for path in checkout.iterdir() if not path.name.startswith(".coverage")} == before
    assert (shop.workspace.dagster / "history").is_dir()


def test_without_settings_it_does_not_start(tmp_path: Path, joinedup: Callable[..., Answer]) -> None:
    answer = joinedup("dagster", "-w", tmp_path)
    assert answer.exit_code == 2
    assert "joinedup.yaml" in answer.err

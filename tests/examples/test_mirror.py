"""The example consumer: after any nights, rollbacks, crashes and kills the mirror is what is published."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from examples.mirror.mirror import HttpFeed, Mirror, MirrorError, ReleaseFeed, main
from tests.examples import follow_and_die
from tests.examples.follow_and_die import ListFeed
from tests.golden.conftest import History
from tests.golden.test_histories import Town
from tests.pipelines import moves
from tests.pipelines.histories import Evening, Life
from tests.pipelines.histories import History as Lived
from tests.serving.api.asking import asking
from warehouse.read import open_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from examples.mirror.mirror import Feed, Page

    Told = tuple[list[dict[str, Any]], dict[Any, Any]]
    """A feed, and the rows that it must end with."""

STORY = ("ab cde f", "abcde f", "ab cde f", "a b cde f", "a cde f", "a b cde f", "<", "ab cdef")
"""Nights of customers, each the keys of its records; `<` is a rollback by two releases."""
NIGHTS = 9
MOVES = ("new", "new", "join", "merge", "merge", "split", "wander", "delete", "back", "rename", "change")
KINDS = {"created", "attached", "detached", "merged", "split", "unmerged", "updated", "retired", "revived"}


class Crashed(Exception):
    """The mirror's process ends in the middle of a page."""


class Crashing(Mirror):
    """A mirror that ends with an exception before its n-th event, as often as it is told to."""

    events_left: int | None = None

    def apply(self, change: dict[str, Any]) -> None:
        if self.events_left is not None:
            self.events_left -= 1
            if self.events_left < 0:
                self.events_left = None
                raise Crashed
        super().apply(change)


def changes_of(con: DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    found = con.execute(f"FROM {table} ORDER BY sequence")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def mirrored(mirror: Mirror) -> dict[Any, Any]:
    """Return what the mirror holds: each row by its golden id, or by its record."""
    customers = mirror.con.execute("SELECT golden_id, row FROM customer").fetchall()
    records = mirror.con.execute("SELECT source, source_record_id, golden_id, row FROM crosswalk").fetchall()
    held: dict[Any, Any] = {golden_id: json.loads(row) for golden_id, row in customers}
    return held | {(source, key): (golden_id, json.loads(row)) for source, key, golden_id, row in records}


def published(con: DuckDBPyConnection, schema: str) -> dict[Any, Any]:
    """Return the same of a release's tables."""
    customers = con.execute(f"SELECT golden_id, to_json(c)::VARCHAR FROM {schema}.customer AS c").fetchall()
    records = con.execute(
        f"SELECT source, source_record_id, golden_id, to_json(x)::VARCHAR FROM {schema}.crosswalk AS x"
    ).fetchall()
    held: dict[Any, Any] = {golden_id: json.loads(row) for golden_id, row in customers}
    return held | {(source, key): (golden_id, json.loads(row)) for source, key, golden_id, row in records}


def replayed(changes: list[dict[str, Any]], limit: int = 1000) -> dict[Any, Any]:
    """Return what a new mirror holds that replays the feed from its start."""
    mirror = Mirror(":memory:")
    mirror.follow(ListFeed(changes), limit)
    held = mirrored(mirror)
    mirror.close()
    return held


class Watched:
    """A town whose nights are published, followed by a mirror that is held against each release."""

    def __init__(self, history: History, seed: int, mirror: type[Crashing] = Crashing) -> None:
        self.history, self.dice, self.town = history, random.Random(seed), Town()
        self.mirror = mirror(":memory:")
        self.crashes = self.rollbacks = 0
        self.seen: set[str] = set()

    def live(self, story: tuple[str, ...]) -> None:
        """Live through nights that are written down."""
        self.town.said = {key: number for number, key in enumerate("abcdef", 1)}
        for night in story:
            if night == "<":
                self.roll_back(self.history.releases[-3])
            else:
                self.town.groups = [list(group) for group in night.split()]
                self.publish()

    def night(self) -> None:
        """Let the town move, sometimes roll back, and publish."""
        for _ in range(self.dice.choice((1, 3, 6))):
            self.town.do(self.dice.choice(MOVES), self.dice.randrange(31), self.dice.randrange(31))
        if len(self.history.releases) > 1 and self.dice.random() < 0.3:
            self.roll_back(self.dice.choice(self.history.releases[:-1]))
        self.publish()

    def roll_back(self, release_id: str) -> None:
        """Make an earlier release the current one: alone that changes nothing, its events come with the next night."""
        self.rollbacks += 1
        self.history.roll_back(release_id)
        before = mirrored(self.mirror)
        changes = changes_of(self.history.con, f"{release_id}.change")
        stands = self.mirror.follow(ListFeed(changes, release_id), 5)
        assert ("rolled back" in stands) == (len(changes) < self.mirror.position()[0])
        assert mirrored(self.mirror) == before

    def publish(self) -> None:
        """Publish tonight's customers, and follow with crashes on the way."""
        self.history.night(self.town.clusters()).publish()
        self.follow(changes_of(self.history.con, "golden.change"))

    def follow(self, changes: list[dict[str, Any]]) -> None:
        """Follow to the end, through crashes; then all is as it is published."""
        self.seen |= {change["event"] for change in changes}
        limit = self.dice.choice((2, 3, 1000))
        self.mirror.events_left = self.dice.randrange(12)
        while True:
            try:
                self.mirror.follow(ListFeed(changes, self.history.releases[-1]), limit)
            except Crashed:
                self.crashes += 1
                continue
            break
        now = published(self.history.con, "golden")
        assert mirrored(self.mirror) == now
        assert replayed(changes) == now
        alive = {key for key in now if isinstance(key, str)}
        ever = {change["golden_id"] for change in changes}
        assert {self.mirror.whose(golden_id) for golden_id in ever} <= alive | {None}


@pytest.fixture
def new_history(tmp_path: Path) -> Callable[[], History]:
    folders = iter(range(1_000_000))
    return lambda: History(tmp_path / str(next(folders)))


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return the feed of a story with every kind of event, followed through its nights, and what it ends with."""
    watched = Watched(History(tmp_path_factory.mktemp("story")), 1)
    watched.live(STORY)
    assert watched.seen == KINDS
    assert watched.crashes
    return changes_of(watched.history.con, "golden.change"), published(watched.history.con, "golden")


def test_any_nights(new_history: Callable[[], History]) -> None:
    watched = Watched(new_history(), 5)
    for _ in range(4):
        watched.night()
    assert watched.rollbacks


@pytest.mark.soak
def test_many_nights(new_history: Callable[[], History]) -> None:
    nights = rollbacks = crashes = 0
    seen: set[str] = set()
    for seed in range(40):
        watched = Watched(new_history(), seed)
        for _ in range(NIGHTS):
            watched.night()
        nights, rollbacks, crashes = nights + NIGHTS, rollbacks + watched.rollbacks, crashes + watched.crashes
        seen |= watched.seen
    print(f"\n{nights} nights, {rollbacks} rollbacks, {crashes} crashes; events: {', '.join(sorted(seen))}")
    assert seen == KINDS


# what must be found out


class Forgetful(Crashing):
    """The defect: it does not do what one kind of event says."""

    ignored = "detached"

    def apply(self, change: dict[str, Any]) -> None:
        if change["event"] != self.ignored:
            super().apply(change)


class Hasty(Crashing):
    """The defect: it writes its position down before the rows, in a transaction of its own."""

    def take_page(self, feed: Feed, limit: int) -> Page | None:
        sequence, _, _ = self.position()
        page = feed.page(sequence, limit)
        if page.changes:
            last = page.changes[-1]
            told = (last["sequence"], last["release_id"], "")
            self.con.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?, ?)", told)
        for change in page.changes:
            self.apply(change)
        return page


def test_a_mirror_that_skips_a_kind_of_event_is_found(feed: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, now = feed
    for kind in sorted(KINDS - {"split"}):
        monkeypatch.setattr(Forgetful, "ignored", kind)
        mirror = Forgetful(":memory:")
        try:
            mirror.follow(ListFeed(changes))
        except MirrorError:
            continue
        assert mirrored(mirror) != now, kind


def after_a_crash(kind: type[Crashing], changes: list[dict[str, Any]]) -> dict[Any, Any] | None:
    """Follow with a crash in the first page; return what is there in the end, None where the feed does not fit then."""
    mirror = kind(":memory:")
    mirror.events_left = 8
    with pytest.raises(Crashed):
        mirror.follow(ListFeed(changes), 20)
    try:
        mirror.follow(ListFeed(changes), 20)
    except MirrorError:
        return None
    return mirrored(mirror)


def test_a_position_that_is_written_before_the_rows_is_found(feed: Told) -> None:
    changes, now = feed
    assert after_a_crash(Crashing, changes) == now
    assert after_a_crash(Hasty, changes) != now


def test_an_event_that_is_missing_from_the_feed_is_found(feed: Told) -> None:
    changes, now = feed
    with pytest.raises(MirrorError, match="goes on with 5 where 4 was expected"):
        replayed([change for change in changes if change["sequence"] != 4])
    for left_out in range(0, len(changes), 7):  # and hidden by numbering the rest anew
        rest = [change for change in changes if change["sequence"] != left_out + 1 or change["event"] == "split"]
        renumbered = [change | {"sequence": number} for number, change in enumerate(rest, 1)]
        try:
            same = replayed(renumbered) == now
        except MirrorError:
            continue
        superseded = changes[left_out]["event"] in {"split", "updated"}
        assert not same or superseded, changes[left_out]


def test_another_feed_is_not_followed(feed: Told) -> None:
    changes, _ = feed
    mirror = Mirror(":memory:")
    mirror.follow(ListFeed(changes[:20]))
    before = mirrored(mirror)
    other = [change | {"golden_id": f"{change['golden_id']}X"} for change in changes]
    with pytest.raises(MirrorError, match="mirror this feed into a new file"):
        mirror.follow(ListFeed(other))
    with pytest.raises(MirrorError, match="of a kind that this mirror does not know: renamed"):
        mirror.follow(ListFeed([*changes[:20], changes[20] | {"event": "renamed"}]))
    assert mirrored(mirror) == before
    assert mirror.position()[0] == 20


# killed


def kill_at(path: Path, feed_file: Path, statement: int) -> int:
    """Follow in a process of its own that is killed at this statement; return how it ended."""
    script = [sys.executable, "-m", follow_and_die.__spec__.name, str(path), str(feed_file), str(statement)]
    return subprocess.run(script, check=False).returncode


def hammer(tmp_path: Path, feed: Told, kills: int, dice: random.Random) -> tuple[int, int]:
    """Follow the feed with so many kills on the way; return how many hit and how often the whole feed was followed."""
    changes, now = feed
    feed_file = tmp_path / "feed.json"
    feed_file.write_text(json.dumps(changes, default=str))
    hits = files = 0
    path = tmp_path / "0.sqlite"
    for _ in range(kills):
        ended = kill_at(path, feed_file, dice.randrange(1, 60))
        assert ended in {0, -signal.SIGKILL}
        hits += ended != 0
        mirror = Mirror(str(path))
        sequence = mirror.position()[0]
        assert mirrored(mirror) == replayed(changes[:sequence]), "what is in the file is not what its position says"
        mirror.close()
        if sequence == len(changes):
            files += 1
            path = tmp_path / f"{files}.sqlite"
    mirror = Mirror(str(path))
    mirror.follow(ListFeed(changes))
    assert mirrored(mirror) == now
    mirror.close()
    return hits, files


def test_a_mirror_that_is_killed_goes_on_where_it_stood(tmp_path: Path, feed: Told) -> None:
    hits, _ = hammer(tmp_path, feed, 8, random.Random(3))
    assert hits > 3


@pytest.mark.soak
def test_many_kills(tmp_path: Path, feed: Told) -> None:
    hits, files = hammer(tmp_path, feed, 300, random.Random(4))
    print(f"\n{hits} mirrors killed, the feed followed to its end {files} times")


# the releases of a workspace


def follow_releases(life: Life, mirror: Mirror) -> None:
    """Follow the current release, and hold the mirror and a replay from the start against it."""
    feed = ReleaseFeed(str(life.path))
    mirror.follow(feed, 50)
    again = Mirror(":memory:")
    again.follow(feed)
    with open_release(life.path) as release:
        now = published(release.con, "release.main")
    assert mirrored(mirror) == now
    assert mirrored(again) == now
    again.close()


def live_through(path: Path, seed: int, evenings: int) -> tuple[Life, int]:
    """Live through so many evenings of a town, following after each; return the rollbacks."""
    dice = random.Random(seed)
    life = Life.founded(path, Lived(seed % 10, 2 + seed % 10, ()))
    mirror = Mirror(":memory:")
    follow_releases(life, mirror)
    rollbacks = 0
    for number in range(evenings):
        evening = Evening(
            tuple((dice.choice(moves.MOVES).__name__, dice.randrange(10**6)) for _ in range(12)),
            "rolled back" if number % 2 else "quiet",
            dice.randrange(10**6),
        )
        life.happen(evening)
        life.tempt(evening)
        rollbacks += evening.fate == "rolled back"
        life.night()
        follow_releases(life, mirror)
        life.town.sleep()
    mirror.close()
    return life, rollbacks


def test_the_nights_of_a_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Follow from the disk after each night, and at the end over HTTP as `joinedup serve` answers."""
    life, rollbacks = live_through(tmp_path / "town", 1, 2)
    assert rollbacks
    with open_release(life.path) as release:
        now = published(release.con, "release.main")
    with asking(life.workspace) as api:
        for role in ("reader", "steward"):
            mirror = Mirror(":memory:")
            mirror.follow(HttpFeed(api.base, api.tokens[role]), 20)
            held = mirrored(mirror)
            assert held.keys() == now.keys()
            assert {key: row[0] for key, row in held.items() if isinstance(key, tuple)} == {
                key: row[0] for key, row in now.items() if isinstance(key, tuple)
            }
            assert (held == now) == (role == "steward"), "a reader's rows are masked, a steward's are whole"
            mirror.close()
        with pytest.raises(MirrorError, match="changes answers 401"):
            Mirror(":memory:").follow(HttpFeed(api.base, "jut_wrong"))
        monkeypatch.setenv("JOINEDUP_TOKEN", api.tokens["reader"])
        for asked, code in ((["--url", api.base], 0), (["--url", "http://127.0.0.1:1"], 1), (["--workspace", "no"], 1)):
            monkeypatch.setattr(sys, "argv", ["mirror.py", str(tmp_path / "crm.sqlite"), *asked])
            assert main() == code
        (tmp_path / "mine.txt").write_text("no database, but long enough to be taken for one" * 9)
        monkeypatch.setattr(sys, "argv", ["mirror.py", str(tmp_path / "mine.txt"), "--url", api.base])
        assert main() == 1
    told = capsys.readouterr()
    assert "up to date with r" in told.out
    assert "does not answer as joinedup does" in told.err
    assert "name an existing workspace" in told.err
    assert "file is not a database" in told.err


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_many_nights_of_workspaces(seed: int, tmp_path: Path) -> None:
    _, rollbacks = live_through(tmp_path / "town", seed, 6)
    assert rollbacks

"""The feed of signals: gap-free, and replayed from its start what stands tonight, after any nights and any rollback."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360 import record_signal_changes as module
from customer360.record_signal_changes import record_signal_changes
from tests.customer360.conftest import AS_OF, SETTINGS
from warehouse.run import Run
from warehouse.tables import care as tables
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.customer360.conftest import Care
    from warehouse.run import StageReport


class Signal(NamedTuple):
    """A signal of a customer; `activity` None: it rests on none."""

    customer: str
    name: str = "order_late"
    activity: str | None = "act_1"
    severity: str = "warning"
    since: datetime | None = AS_OF


class Feed:
    """Nights of signals: each is published, and what comes after is held against the newest, whatever is current."""

    def __init__(self, care: Care, path: Path) -> None:
        self.con = care.con
        self.workspace = Workspace(path)
        self.nights = 0
        self.con.execute("ATTACH IF NOT EXISTS ':memory:' AS latest")
        self.con.execute("DROP TABLE IF EXISTS latest.signal_change")
        self.con.execute(tables.SIGNAL_CHANGE.create_sql(schema="main", catalog="latest"))

    def night(self, signals: Iterable[Signal]) -> StageReport:
        """Raise these signals, let the stage compare, and publish."""
        self.nights += 1
        at = AS_OF + timedelta(self.nights)
        self.con.execute("DELETE FROM care.signal")
        for signal in signals:
            self.con.execute(
                "INSERT INTO care.signal BY NAME SELECT ? AS golden_id, ? AS signal, ? AS activity_id, ? AS severity,"
                " ?::TIMESTAMP AS since, 'late by two days' AS evidence",
                list(signal),
            )
        self.con.execute("UPDATE landing.night SET as_of = ?", [at])
        report = record_signal_changes(self.con, SETTINGS, Run("tonight", self.workspace.path, at))
        self.publish()
        return report

    def publish(self) -> None:
        (self.workspace.releases / f"r{self.nights}").mkdir(parents=True, exist_ok=True)
        self.con.execute("CREATE TABLE IF NOT EXISTS latest.signal_change AS FROM care.signal_change LIMIT 0")
        self.con.execute("DELETE FROM latest.signal_change")
        self.con.execute("INSERT INTO latest.signal_change FROM care.signal_change")

    def rows(self) -> list[tuple[object, ...]]:
        """Return the feed in its sequence."""
        return self.con.execute("FROM care.signal_change ORDER BY sequence").fetchall()

    def events(self, release_id: str) -> list[tuple[str, str]]:
        """Return what a release says, as event and customer."""
        return self.con.execute(
            "SELECT event, golden_id FROM care.signal_change WHERE release_id = ? ORDER BY sequence", [release_id]
        ).fetchall()

    def faults(self) -> list[str]:
        """Return what is wrong with the feed: gaps, what stands twice, what is cleared that never stood, the end."""
        found, standing = [], Counter[Signal]()
        rows = self.con.execute(
            "SELECT sequence, event, golden_id, signal, activity_id, severity, since FROM care.signal_change"
            " ORDER BY sequence"
        ).fetchall()
        for number, (sequence, event, *told) in enumerate(rows, 1):
            if sequence != number:
                found.append(f"{sequence} stands where {number} should")
            standing[Signal(*told)] += 1 if event == "raised" else -1
            if standing[Signal(*told)] not in {0, 1}:
                found.append(f"{event} {told}, which it was already")
        now = self.con.execute("SELECT golden_id, signal, activity_id, severity, since FROM care.signal").fetchall()
        if {signal for signal, stands in standing.items() if stands} != {Signal(*row) for row in now}:
            found.append("replayed it gives other signals")
        return found


@pytest.fixture
def feed(care: Care, tmp_path: Path) -> Feed:
    return Feed(care, tmp_path)


def test_what_is_new_is_raised_and_what_is_gone_is_cleared(feed: Feed) -> None:
    assert feed.night([Signal("ann"), Signal("bob")]).figures == {"raised": 2}
    report = feed.night([Signal("bob"), Signal("cid")])
    assert report.figures == {"cleared": 1, "raised": 1}
    assert feed.events("r1") == [("raised", "ann"), ("raised", "bob")]
    assert feed.events("r2") == [("cleared", "ann"), ("raised", "cid")]
    assert feed.faults() == []
    assert feed.rows()[2][:4] == (3, "r2", AS_OF + timedelta(2), "cleared")


def test_a_night_that_changes_nothing_says_nothing(feed: Feed) -> None:
    feed.night([Signal("ann"), Signal("ann", activity=None), Signal("ann", since=None, name="asked_again")])
    before = feed.rows()
    report = feed.night([Signal("ann", since=None, name="asked_again"), Signal("ann", activity=None), Signal("ann")])
    assert report.figures == {}
    assert feed.rows() == before


def test_a_signal_follows_its_activity_to_the_customer_it_belongs_to_now(feed: Feed) -> None:
    feed.night([Signal("retired")])
    feed.night([Signal("successor")])
    assert feed.events("r2") == [("cleared", "retired"), ("raised", "successor")]


def test_a_signal_that_grows_worse_is_cleared_and_raised(feed: Feed) -> None:
    feed.night([Signal("ann")])
    feed.night([Signal("ann", severity="urgent")])
    assert feed.events("r2") == [("cleared", "ann"), ("raised", "ann")]
    assert feed.faults() == []


def test_after_a_rollback_the_feed_takes_back_what_the_newest_release_said(feed: Feed) -> None:
    feed.night([Signal("ann")])
    feed.night([Signal("bob")])
    feed.night([Signal("ann")])  # made on r1 again: the base has nothing of bob
    assert feed.events("r3") == [("cleared", "bob"), ("raised", "ann")]
    assert feed.faults() == []


def test_after_a_release_without_a_feed_everything_is_raised(feed: Feed) -> None:
    feed.con.execute("DROP TABLE latest.signal_change")
    assert feed.night([Signal("ann"), Signal("bob")]).figures == {"raised": 2}
    assert feed.night([Signal("ann")]).figures == {"cleared": 1}
    assert feed.faults() == []


def test_the_first_night_may_have_nothing_to_say(feed: Feed) -> None:
    assert feed.night([]).figures == {}
    assert feed.night([Signal("ann")]).figures == {"raised": 1}


SIGNALS = st.builds(
    Signal,
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["order_late", "going_quiet"]),
    st.sampled_from(["act_1", "act_2", None]),
    st.sampled_from(["info", "urgent"]),
    st.sampled_from([AS_OF, None]),
)
NIGHTS = st.lists(st.lists(SIGNALS, max_size=6, unique_by=lambda signal: signal[:3]), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def shared(new_care: Callable[[], Care]) -> Care:
    """Return one warehouse for all examples: making one costs more than five nights of signals."""
    return new_care()


@settings(max_examples=25, deadline=None)
@given(NIGHTS)
def test_any_nights_replay(shared: Care, tmp_path_factory: pytest.TempPathFactory, nights: list[list[Signal]]) -> None:
    feed = Feed(shared, tmp_path_factory.mktemp("feed"))
    for signals in nights:
        feed.night(signals)
        assert feed.faults() == []


def test_a_seeded_defect_is_found(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held against the base, as the rest of a night is, the feed says wrong things after a rollback."""
    feed.con.execute("CREATE OR REPLACE TABLE latest.base_change AS FROM latest.signal_change")
    feed.night([Signal("ann")])
    feed.con.execute("INSERT INTO latest.base_change FROM latest.signal_change")
    feed.night([Signal("bob")])
    assert feed.faults() == []
    defect = module._FEED.replace(module._STANDING, module._STANDING.replace("signal_change", "base_change"))  # noqa: SLF001
    assert defect != module._FEED  # noqa: SLF001
    monkeypatch.setattr(module, "_FEED", defect)
    feed.night([Signal("ann")])
    assert feed.faults() == ["replayed it gives other signals"]

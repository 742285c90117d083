"""Random histories of customers: what the log, the redirects and the ids promise holds after every night.

Records come and go, change, get other keys, wander; customers merge and come apart; releases are rolled back. Clusters
are made up here instead of matched, so that hundreds of nights take seconds.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from golden import events, identify, redirects, unmerge
from golden.ids import golden_id
from golden.replay import Event, read_events
from tests.golden.conftest import Record
from tests.golden.witness import Witness, is_partition_kept, published, replayed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.golden.conftest import History

FEW, MANY = 2, 500
NIGHTS = 6
WHO = st.integers(0, 30)
MOVES = st.tuples(
    st.sampled_from(("new", "new", "join", "merge", "merge", "split", "wander", "delete", "back", "rename", "change")),
    WHO,
    WHO,
)


class Town:
    """Who lives there: `groups` are the customers as keys of records, `said` is what each record says of a person."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.said: dict[str, int] = {}
        self.away: list[str] = []
        self.keys = 0
        self.stands_for: dict[str, str] = {}
        self.changed: set[str] = set()
        self.unchanged: set[str] = set()

    def clusters(self) -> list[list[Record]]:
        return [[self.record(key) for key in group] for group in self.groups]

    def record(self, key: str) -> Record:
        return Record(key, delivered={"emails": [f"{self.said[key]}@mail.example"]}, said=self.published_of(key))

    def published_of(self, key: str) -> dict[str, Any]:
        return {"clean_emails": [f"{self.said[key]}@mail.example"]}

    def fresh(self) -> str:
        self.keys += 1
        key = f"k{self.keys:03d}"
        self.said[key] = self.keys
        return key

    def change(self, key: str) -> None:
        """Let a record say something else; one whose key was corrected stays as it is, to be known again."""
        if key not in self.stands_for:
            self.changed.add(key)
            self.said[key] += 1000

    def do(self, kind: str, one: int, other: int) -> None:  # noqa: C901 - one branch per kind of move
        """Do one move; where it cannot be done, somebody new comes instead."""
        if kind == "new" or not self.groups or (kind == "back" and not self.away):
            self.groups.append([self.fresh()])
            return
        here = self.groups[one % len(self.groups)]
        there = self.groups[other % len(self.groups)]
        key = here[other % len(here)]
        if kind == "join":
            here.append(self.fresh())
        elif kind == "merge" and here is not there:
            here += there
            self.groups.remove(there)
        elif kind == "split" and len(here) > 1:
            cut = 1 + other % (len(here) - 1)
            self.groups.append([here.pop() for _ in range(cut)])
        elif kind == "wander" and here is not there:
            here.remove(key)
            there.append(key)
        elif kind == "delete" and sum(map(len, self.groups)) > 1:
            here.remove(key)
            self.away.append(key)
        elif kind == "back":
            back = self.away.pop(other % len(self.away))
            if one % 2:
                self.change(back)
            else:
                self.unchanged.add(self.stands_for.get(back, back))
            self.groups.append([back])
        elif kind == "rename" and key not in self.changed:
            renamed = self.fresh()
            self.said[renamed] = self.said[key]
            self.stands_for[renamed] = self.stands_for.get(key, key)
            here[here.index(key)] = renamed
        elif kind == "change":
            self.change(key)
        self.groups = [group for group in self.groups if group]


class Identity(RuleBasedStateMachine):
    """A history that is watched: each step is a night, or a merge with what comes after it, that is taken back."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self.history = history
        self.witness = Witness(history)
        self.town = Town()
        self.witness.stands_for = self.town.stands_for
        self.log: list[Event] = []
        self.ever: set[str] = set()

    @rule(moves=st.lists(MOVES, min_size=1, max_size=4), rolled_back_to=st.none() | st.none() | st.none() | WHO)
    def night(self, moves: list[tuple[str, int, int]], rolled_back_to: int | None = None) -> None:
        """Let the town move, and publish a night of it, perhaps on an earlier release."""
        for move in moves:
            self.town.do(*move)
        if rolled_back_to is not None and self.history.releases:
            self.history.roll_back(self.history.releases[rolled_back_to % len(self.history.releases)])
        self.publish()

    @rule(one=WHO, other=WHO, orders=st.lists(st.booleans(), max_size=5))
    def merge_and_take_back(self, one: int, other: int, orders: list[bool]) -> None:
        """Merge two customers, let orders of both come, and part the two again: both are who they were."""
        if len(self.town.groups) < 2:
            self.town.do("new", 0, 0)
            self.town.do("new", 0, 0)
        left = self.town.groups[one % len(self.town.groups)]
        right = next(
            group for group in self.town.groups[other % len(self.town.groups) :] + self.town.groups if group is not left
        )
        self.publish()
        ids, rows = self.history.ids(), self.golden_rows()
        rest = [group for group in self.town.groups if group is not left and group is not right]
        self.town.groups = [*rest, left + right]
        self.publish()
        came: dict[bool, list[str]] = {True: [], False: []}
        for is_left in orders:
            came[is_left].append(self.town.fresh())
        self.town.groups = [*rest, left + right + came[True] + came[False]]
        self.publish()
        self.town.groups = [*rest, left + came[True], right + came[False]]
        self.publish()
        after = self.history.ids()
        assert {key: after[key] for key in ids} == ids, "a merge that was taken back left another id"
        assert {after[key] for key in came[True]} <= {ids[left[0]]}, "an order did not go with its customer"
        assert orders or self.golden_rows() == rows, "a merge that was taken back left another golden record"

    def publish(self) -> None:
        """Make tonight's candidate, hold it against all that is promised, and publish it."""
        history = self.history
        history.night(self.town.clusters())
        assert is_partition_kept(history, self.town.groups)
        self.witness.unchanged = self.town.unchanged
        assert self.witness.faults() == []
        self.town.unchanged = set()
        log = read_events(history.con)
        assert log[: len(self.log)] == self.log, "the feed ran backwards"
        self.log = log
        self.ever |= {event.golden_id for event in log}

    def golden_rows(self) -> list[tuple[Any, ...]]:
        """Return tonight's golden records without the release that last changed them."""
        return self.history.rows("SELECT * EXCLUDE (changed_in) FROM golden.customer ORDER BY golden_id")

    @invariant()
    def the_log_gives_what_is_published(self) -> None:
        assert replayed(self.log) == published(self.history)
        created = Counter(event.golden_id for event in self.log if event.event == "created")
        assert set(created.values()) <= {1}, "an id was used for a second customer"

    @invariant()
    def every_id_ever_published_leads_somewhere(self) -> None:
        alive = {golden for (golden,) in self.history.rows("SELECT golden_id FROM golden.customer")}
        led = self.history.redirects()
        assert self.ever <= alive | set(led), "an id leads nowhere"
        assert not alive & set(led), "a living id redirects"
        assert {to for to in led.values() if to} <= alive, "an id leads to the dead"


def hammer(new_history: Callable[[], History], histories: int) -> None:
    """Try so many histories."""
    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", lambda: Identity(new_history())),
        settings=settings(
            max_examples=histories,
            stateful_step_count=NIGHTS,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a history takes minutes
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )


def test_any_history(new_history: Callable[[], History]) -> None:
    hammer(new_history, FEW)


def replace_in(module: ModuleType, name: str, old: str, new: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what puts other words into a query."""

    def sow(patch: pytest.MonkeyPatch) -> None:
        query = getattr(module, name)
        assert old in query
        patch.setattr(module, name, query.replace(old, new))

    return sow


def lead_to_the_dead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        redirects,
        "_follow_merges",
        lambda con: {
            row[0]: row[3] or row[2]
            for row in con.execute(redirects._BY_RETIREMENT).fetchall()  # noqa: SLF001
        },
    )


def lose(kind: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what leaves a kind of event out of the log."""
    kept = tuple(query for query in events.EVENT_QUERIES if f"'{kind}'" not in query)
    assert len(kept) < len(events.EVENT_QUERIES)
    return lambda patch: patch.setattr(events, "EVENT_QUERIES", kept)


def forget_who_was_used(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        identify,
        "found_customers",
        lambda salt, founders, _: {f.cluster_id: golden_id(salt, f.source, f.source_record_id, 0) for f in founders},
    )


CHAIN = ["a bc defg h", "abc defg h", "bc defg h", "bcdefg h", "defg h"]
"""Nights of customers, each the keys of its records: one merges, its record vanishes, and who it merged into merges."""
DEFECTS: dict[str, tuple[list[str], Callable[[pytest.MonkeyPatch], None], str]] = {
    "a redirect leads to the dead": (CHAIN, lead_to_the_dead, "is redirected to and is dead"),
    "living ids redirect": (
        ["ab cde", "abcde", "ab cde"],
        replace_in(redirects, "_GONE", "ANTI JOIN golden.customer", "LEFT JOIN golden.customer"),
        "lives and redirects",
    ),
    "detached records are not told": (["ab cd", "a cd"], lose("detached"), "assert"),
    "returns are not told": (["ab cde", "abcde", "ab cde"], lose("unmerged"), "assert"),
    "an id is made twice": (["abc", "a bc"], forget_who_was_used, "assert"),
}


@pytest.mark.parametrize("defect", [None, *DEFECTS])
def test_a_defect_is_found(defect: str | None, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    nights, sow, told = DEFECTS[defect] if defect else (CHAIN, None, "")
    watched = Identity(history)
    watched.town.said = dict.fromkeys("abcdefgh", 1)

    def live() -> None:
        for night in nights:
            watched.town.groups = [list(group) for group in night.split()]
            watched.publish()
            watched.the_log_gives_what_is_published()
            watched.every_id_ever_published_leads_somewhere()

    if sow is None:
        live()
        return
    sow(monkeypatch)
    with pytest.raises((AssertionError, KeyError), match=told if told != "assert" else None):
        live()


def test_an_unmerge_that_goes_by_orders_is_found(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmerge, "take_back", lambda _votes: {})
    watched = Identity(history)
    watched.night([("new", 0, 0), ("new", 0, 0)])

    def let_orders_outweigh_either_side() -> None:
        watched.merge_and_take_back(0, 1, [True] * 3)
        watched.merge_and_take_back(0, 1, [False] * 9)

    with pytest.raises(AssertionError, match="a merge that was taken back left another id"):
        let_orders_outweigh_either_side()


@pytest.mark.soak
def test_many_histories(new_history: Callable[[], History]) -> None:
    hammer(new_history, MANY)

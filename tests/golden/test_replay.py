"""Any history: replayed it gives what is published, and no id ever stands for two people."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from golden import identify, ids
from golden.replay import Event, read_events, replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.golden.conftest import History

    Records = frozenset[tuple[str, int]]
    Clusters = list[list[str]]

KEYS = "abcdefghijkl"


def clusters_of(labels: list[int]) -> Clusters:
    """Return the clusters that labels stand for, one label per key; 0: there is no such record."""
    named: dict[int, list[str]] = {}
    for key, label in zip(KEYS, labels, strict=True):
        named.setdefault(label, []).append(key)
    return [members for label, members in sorted(named.items()) if label]


class Witness:
    """Watches the releases of a history and says where an id came to stand for two people.

    A record that was away and is back may be somebody else, so it counts as another record: (key, how many times away).
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.away: Counter[str] = Counter()
        self.nights = 0
        self.since: dict[str, int] = {}
        self.ended: dict[str, int] = {}
        self.present: set[str] = set()
        self.last: dict[str, Records] = {}
        self.live: set[str] = set()
        self.live_in: dict[str, dict[str, set[str]]] = {}

    def faults(self) -> list[str]:
        """Return what is wrong with tonight's candidate, which is then published."""
        base = self.live_in.get(self.history.base or "", {})
        found: dict[str, set[str]] = {}
        for key, golden in self.history.ids().items():
            found.setdefault(golden, set()).add(key)
        present = set().union(*found.values())
        self.nights += 1
        self.away.update(self.present - present)
        self.since |= dict.fromkeys(present - self.present, self.nights)
        self.present = present
        ever = set(self.last)
        faults = [fault for golden in found for fault in self._judge(golden, found, base, ever)]
        faults += self._redirect_faults(found, ever)
        self.ended |= dict.fromkeys(set(self.live) - set(found), self.nights)
        self.live = set(found)
        for golden, keys in found.items():
            self.last[golden] = frozenset((key, self.away[key]) for key in keys)
        self.history.publish()
        self.live_in[self.history.releases[-1]] = found
        return faults

    def _judge(self, golden: str, found: dict[str, set[str]], base: dict[str, set[str]], ever: set[str]) -> list[str]:
        keys = found[golden]
        back = {other for other in found if other not in base and other in ever}
        if golden in base:
            mine = base[golden] - set().union(*(found[other] for other in back))
            undone = [self.ended[other] for other in back if base[golden] & found[other] and other in self.ended]
            elders = {key for key in mine if self.since[key] < min(undone, default=0)}
            mine = elders or mine
            here = len(mine & keys)
            most = max((len(mine & others) for others in found.values()), default=0)
            return [] if 0 < here == most else [f"{golden} left most of its records"]
        if golden not in ever:
            return []
        still = {key for key, away in self.last[golden] if away == self.away[key] and key in self.present}
        elders = {key for key in keys if self.since[key] < self.ended.get(golden, self.nights)}
        elsewhere = [len(still & others) for other, others in found.items() if other not in back]
        here = len(still & keys)
        is_mostly = 2 * here > len(elders) and here > max(elsewhere, default=0)
        return [] if is_mostly else [f"{golden} came back for somebody else"]

    def _redirect_faults(self, found: dict[str, set[str]], ever: set[str]) -> list[str]:
        redirects = self.history.redirects()
        faults = [f"{golden} has no redirect" for golden in ever - set(found) - set(redirects)]
        faults += [f"{golden} lives and redirects" for golden in set(redirects) & set(found)]
        return faults + [f"{to} is redirected to and is dead" for to in redirects.values() if to and to not in found]


def is_partition_kept(history: History, clusters: Clusters) -> bool:
    """Return whether each cluster is exactly one customer."""
    found: dict[str, set[str]] = {}
    for key, golden in history.ids().items():
        found.setdefault(golden, set()).add(key)
    return sorted(map(sorted, found.values())) == sorted(map(sorted, clusters))


def published(history: History) -> tuple[dict[str, object], dict[tuple[str, str], object]]:
    customers = history.rows("SELECT golden_id, to_json(customer)::VARCHAR FROM golden.customer")
    records = history.rows("SELECT source, source_record_id, to_json(crosswalk)::VARCHAR FROM golden.crosswalk")
    return {key: json.loads(row) for key, row in customers}, {(s, k): json.loads(row) for s, k, row in records}


def replayed(events: list[Event]) -> tuple[dict[str, object], dict[tuple[str, str], object]]:
    customer, crosswalk = replay(events)
    return (
        {golden: json.loads(row) for golden, row in customer.items()},
        {key: json.loads(row) for key, row in crosswalk.items()},
    )


NIGHT = st.tuples(
    st.lists(st.sampled_from([0, 1, 1, 2, 2, 3, 3, 4, 5]), min_size=len(KEYS), max_size=len(KEYS)),
    st.none() | st.none() | st.integers(0, 9),
)


@given(st.lists(NIGHT, min_size=3, max_size=5))
@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking a history takes minutes
def test_any_history(new_history: Callable[[], History], nights: list[tuple[list[int], int | None]]) -> None:
    history = new_history()
    witness = Witness(history)
    log: list[Event] = []
    for labels, rolled_back_to in nights:
        if rolled_back_to is not None and history.releases:
            history.roll_back(history.releases[rolled_back_to % len(history.releases)])
        clusters = clusters_of(labels)
        history.night(clusters)
        assert is_partition_kept(history, clusters)
        assert witness.faults() == []
        events = read_events(history.con)
        assert events[: len(log)] == log
        log = events
        assert replayed(events) == published(history)
        sequences = [row[0] for row in history.rows("SELECT sequence FROM golden.change ORDER BY 1")]
        assert sequences == list(range(1, len(events) + 1))
        created = Counter(event.golden_id for event in events if event.event == "created")
        assert set(created.values()) <= {1}


def test_a_log_that_lacks_an_event_does_not_replay(history: History) -> None:
    for labels in (
        [1, 1, 2, 2, 3, 3, 4, 4, 5, 0, 0, 0],
        [1, 1, 1, 2, 3, 2, 4, 4, 0, 5, 0, 0],
        [1, 1, 2, 2, 3, 3, 4, 6, 0, 5, 5, 0],
    ):
        history.night(clusters_of(labels)).publish()
    events = read_events(history.con)
    assert {event.event for event in events} >= {"created", "attached", "detached", "split", "retired", "updated"}
    last_word = {row_of(event): number for number, event in enumerate(events) if event.event != "split"}
    for number in last_word.values():
        try:
            assert replayed(events[:number] + events[number + 1 :]) != published(history), events[number]
        except KeyError:
            continue  # the replay stumbles over the hole


def row_of(event: Event) -> tuple[str | None, ...]:
    """Return the row of customer or crosswalk that an event is about."""
    is_about_record = event.event in {"attached", "detached", "updated"} and event.source is not None
    return (event.source, event.source_record_id) if is_about_record else (event.golden_id,)


def test_a_damaged_log_is_named() -> None:
    with pytest.raises(ValueError, match="a attached event of X names no record"):
        replay([Event("attached", "X", None, None, "{}")])
    with pytest.raises(ValueError, match="a created event of X carries no row"):
        replay([Event("created", "X", "s", "a", None)])


def weaken(query: str, condition: str) -> str:
    assert condition in query
    return query.replace(condition, "" if "QUALIFY" in condition else "TRUE")


DEFECTS: dict[str, tuple[list[Clusters], Callable[[pytest.MonkeyPatch], None]]] = {
    "a record that was away speaks for who it once was": (
        [
            [["a", "b"], ["c", "d", "e"]],
            [["a", "b", "c", "d", "e"]],
            [["c", "d", "e"]],
            [["a", "b"], ["c", "d", "e"]],
        ],
        lambda patch: patch.setattr(
            identify,
            "_FORMER_MEMBER",
            weaken(identify._FORMER_MEMBER, "coalesce(break.sequence, 0) < departed.sequence"),  # noqa: SLF001
        ),
    ),
    "the lesser part gets the id": (
        [
            [["a", "b", "c"], ["d", "e", "f", "g"]],
            [["a", "b", "c", "d", "e", "f", "g"]],
            [["a"], ["b", "c", "d", "e", "f", "g"]],
        ],
        lambda patch: patch.setattr(
            identify,
            "_RETURN",
            weaken(identify._RETURN, "2 * vote.records > surviving.records"),  # noqa: SLF001
        ),
    ),
    "an id that lost its place takes another": (
        [[["a", "b", "c"], ["d", "e", "f", "g"]], [["a", "b", "d", "e", "f", "g"], ["c"]]],
        lambda patch: patch.setattr(
            identify,
            "_CLAIM",
            weaken(identify._CLAIM, " QUALIFY records = max(records) OVER (PARTITION BY golden_id)"),  # noqa: SLF001
        ),
    ),
    "a founder founds the same customer again": (
        [[["a", "b", "c"]], [["a"], ["b", "c"]]],
        lambda patch: patch.setattr(
            identify,
            "found_customers",
            lambda salt, founders, _: {
                f.cluster_id: ids.golden_id(salt, f.source, f.source_record_id, 0) for f in founders
            },
        ),
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_an_id_for_two_people_is_found(defect: str, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    nights, sow = DEFECTS[defect]
    sow(monkeypatch)
    witness = Witness(history)
    faults = []
    for clusters in nights:
        history.night(clusters)
        faults += [] if is_partition_kept(history, clusters) else ["two clusters share an id"]
        if faults:
            break
        faults += witness.faults()
    assert faults

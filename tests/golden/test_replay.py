"""A log that lacks an event does not replay, and what would give an id to two people is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from golden import identify, ids
from golden.replay import Event, read_events, replay
from tests.golden.witness import Witness, is_partition_kept, published, replayed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.golden.conftest import History

    Clusters = list[list[str]]

KEYS = "abcdefghijkl"


def clusters_of(labels: list[int]) -> Clusters:
    """Return the clusters that labels stand for, one label per key; 0: there is no such record."""
    named: dict[int, list[str]] = {}
    for key, label in zip(KEYS, labels, strict=True):
        named.setdefault(label, []).append(key)
    return [members for label, members in sorted(named.items()) if label]


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

"""Watches the releases of a history: no golden id ever stands for two people, and the log gives what is published."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from golden.replay import Event, replay

if TYPE_CHECKING:
    from tests.golden.conftest import History

    Records = frozenset[tuple[str, int]]
    Clusters = list[list[str]]


class Witness:
    """Watches the releases of a history and says where an id came to stand for two people.

    A record that was away and is back may be somebody else, so it counts as another record: (key, how many times away).
    `stands_for` says of a corrected key which one it had before: it is the same record. `unchanged` are the records
    that are back tonight as they were: they were not away.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.stands_for: dict[str, str] = {}
        self.unchanged: set[str] = set()
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
            found.setdefault(golden, set()).add(self.stands_for.get(key, key))
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
        still = {key for key, away in self.last[golden] if key in self.present and self.was_there(key, away)}
        elders = {key for key in keys if self.since[key] < self.ended.get(golden, self.nights)}
        elsewhere = [len(still & others) for other, others in found.items() if other not in back]
        here = len(still & keys)
        is_mostly = 2 * here > len(elders) and here > max(elsewhere, default=0)
        return [] if is_mostly else [f"{golden} came back for somebody else"]

    def was_there(self, key: str, away: int) -> bool:
        """Say whether a record that had been away so many times has been there ever since, or is back as it was."""
        return away == self.away[key] - (key in self.unchanged)

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

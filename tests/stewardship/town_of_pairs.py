"""A made-up town as the matching leaves it, with the truth: clusters that are sometimes wrong, and pairs left apart."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from stewardship.audit_draw import Drawn, Source
from stewardship.audit_judged import Judged
from warehouse.connection import open_memory
from warehouse.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Pair, Record

SOURCES = ("billing", "orders", "cases")


@dataclass
class Town:
    """Who each record is of, in which cluster it came out, and how sure is each cluster and each pair left apart."""

    person: dict[Record, int] = field(default_factory=dict)
    cluster: dict[Record, str] = field(default_factory=dict)
    node: dict[Record, str] = field(default_factory=dict)
    cohesion: dict[str, float] = field(default_factory=dict)
    near: dict[tuple[str, str], float] = field(default_factory=dict)

    def is_same(self, pair: Pair) -> bool:
        return self.person[pair[0]] == self.person[pair[1]]

    def truth(self) -> tuple[float, float]:
        """Return precision and recall over all pairs that are together or near, counted one by one."""
        members: dict[str, list[Record]] = {}
        for record, cluster in self.cluster.items():
            members.setdefault(cluster, []).append(record)
        found = joined = missed = 0
        for records in members.values():
            for place, one in enumerate(records):
                for other in records[:place]:
                    joined += 1
                    found += self.is_same((one, other))
        for one_cluster, other_cluster in self.near:
            missed += sum(
                self.is_same((one, other)) for one in members[one_cluster] for other in members[other_cluster]
            )
        return found / joined, found / (found + missed)


def town(people: int, seed: int) -> Town:
    """Make a town in which one cluster in forty is of two people, and one person in thirty is two clusters."""
    dice = random.Random(seed)
    made = Town()
    clusters: list[list[Record]] = []
    for person in range(people):
        records = [(dice.choice(SOURCES), f"{person}-{number}") for number in range(dice.randint(1, 7))]
        made.person |= dict.fromkeys(records, person)
        parted = len(records) > 1 and dice.random() < 1 / 30
        cut = dice.randint(1, len(records) - 1) if parted else len(records)
        clusters += [part for part in (records[:cut], records[cut:]) if part]
        if parted:
            made.near[_names(records[:cut], records[cut:])] = dice.choice((0.005, 0.05, 0.2, 0.6, 0.6))
    for _ in range(people // 40):
        one, other = clusters.pop(dice.randrange(len(clusters))), clusters.pop(dice.randrange(len(clusters)))
        if _names(one, other) not in made.near and not any(
            _name(one) in pair or _name(other) in pair for pair in made.near
        ):
            one, other = one + other, []
            made.cohesion[_name(one)] = dice.choice((0.86, 0.9, 0.97, 0.995))
        clusters += [part for part in (one, other) if part]
    for records in clusters:
        name = _name(records)
        made.cluster |= dict.fromkeys(records, name)
        made.cohesion.setdefault(name, dice.choice((0.9, 0.98, 0.995, 0.9995, 0.9995)))
        for record in records:
            equal = dice.random() < 0.15 and made.cohesion[name] > 0.99
            made.node[record] = made.node[records[0]] if equal and records[0] in made.node else f"n{record}"
    while len(made.near) < people * 2:
        one, other = dice.sample(clusters, 2)
        made.near.setdefault(_names(one, other), dice.choice((0.002, 0.004, 0.02, 0.06, 0.2, 0.4)))
    return made


def _name(records: Sequence[Record]) -> str:
    return ":".join(min(records))


def _names(one: Sequence[Record], other: Sequence[Record]) -> tuple[str, str]:
    left, right = sorted((_name(one), _name(other)))
    return left, right


def warehouse_of(town: Town) -> DuckDBPyConnection:
    """Return a warehouse that holds what the matching would have written of the town."""
    con = open_memory()
    migrate(con)
    records = sorted(town.cluster)
    rows = [
        {"source": source, "key": key, "cluster": town.cluster[source, key], "node": town.node[source, key]}
        for source, key in records
    ]
    con.register("incoming_record", pa.Table.from_pylist(rows))
    con.register("incoming_tie", pa.table({"name": list(town.cohesion), "cohesion": list(town.cohesion.values())}))
    near = [{"one": one, "other": other, "p": p} for (one, other), p in town.near.items()]
    con.register("incoming_near", pa.Table.from_pylist(near))
    con.execute("""
        INSERT INTO matching.cluster SELECT source, key, cluster, 'probabilistic', NULL FROM incoming_record;
        INSERT INTO matching.member SELECT source, key, node FROM incoming_record;
        INSERT INTO matching.standardised BY NAME
        SELECT source, key AS source_record_id, false AS name_from_email FROM incoming_record;
        INSERT INTO matching.cluster_tie
        SELECT cluster, count(*), count(DISTINCT node), min(cohesion)
        FROM incoming_record JOIN incoming_tie ON name = cluster GROUP BY cluster;
        INSERT INTO matching.possible_match SELECT one, other, p, 'not enough evidence to merge' FROM incoming_near
    """)
    for name in ("incoming_record", "incoming_tie", "incoming_near"):
        con.unregister(name)
    return con


def judge(drawn: Sequence[Drawn], is_same: Callable[[Pair], bool]) -> list[Judged]:
    """Return the judgements of somebody who says what `is_same` says."""
    return [
        Judged(found.pair, Source(found.is_together, found.band, 1), is_same(found.pair), again=False, looks=())
        for found in drawn
    ]

"""Nights of generated rows against an oracle: plain Python that says what the contract says, one row at a time."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "deleted")
SOURCE: dict[str, Any] = {
    "holds": "account",
    "files": "people*.csv",
    "format": "csv",
    "key": "id",
    "updated_at": "changed",
    "deleted": {"column": "name", "equals": ["gone"]},
    "fields": {"full_name": "name", "extra.born": {"column": "born", "format": "%Y-%m-%d"}},
}


class Row(NamedTuple):
    key: str
    changed: str
    name: str
    fault: str

    def text(self) -> str:
        born = "never" if self.fault == "bad_date" else ""
        line = f"{self.key},{self.changed},{self.name},{born}"
        return {"ragged": line + ",more", "quote": f'{self.key},"{self.changed}"x,{self.name}'}.get(self.fault, line)


ROW = st.builds(
    Row,
    key=st.sampled_from(["1", "2", "3", "4", ""]),
    changed=st.sampled_from(["", "2021-01-01", "2021-01-02", "2021-01-03"]),
    name=st.sampled_from(["Ann", "Bob", "gone"]),
    fault=st.sampled_from(["", "", "", "", "", "", "bad_date", "ragged", "quote"]),
)
NIGHT = st.lists(st.lists(ROW, max_size=7), min_size=1, max_size=2)


@dataclass
class Oracle:
    """The state of a source, and what the contract says that a delivery does to it."""

    load: str
    state: dict[str, Row] = field(default_factory=dict)
    gone: dict[str, Row] = field(default_factory=dict)

    def deliver(self, rows: list[Row]) -> Counter[str]:
        counts = Counter(read=len(rows))
        by_key: dict[str, list[Row]] = {}
        delivered = set()
        for row in rows:
            delivered.add(row.key)
            if row.fault or not row.key:
                counts["quarantined"] += 1
            else:
                by_key.setdefault(row.key, []).append(row)
        before = set(self.state)
        for key, candidates in by_key.items():
            distinct = set(candidates)
            counts["duplicate"] += len(candidates) - len(distinct)
            counts["superseded"] += len(distinct) - 1
            last_greatest = max(range(len(candidates)), key=lambda place: (candidates[place].changed, place))
            counts[self._judge(key, candidates[last_greatest])] += 1
        if self.load == "full":
            for key in set(self.state) - delivered:
                self.gone[key] = self.state.pop(key)._replace(name="absent")
        counts["deleted"] = len(before - set(self.state))
        return counts

    def _judge(self, key: str, row: Row) -> str:
        known = self.state.get(key) or self.gone.get(key)
        if known is None:
            verdict = "new"
        elif row == known:
            return "unchanged"
        elif self.load == "incremental" and row.changed < known.changed:
            return "superseded"
        else:
            verdict = "new" if key in self.gone and row.name != "gone" else "changed"
        self.state.pop(key, None)
        self.gone.pop(key, None)
        (self.gone if row.name == "gone" else self.state)[key] = row
        return verdict


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(load=st.sampled_from(["full", "incremental"]), deliveries=st.lists(NIGHT, min_size=1, max_size=3))
def test_every_row_gets_the_verdict_of_the_contract(
    nights: Nights, load: str, deliveries: list[list[list[Row]]]
) -> None:
    oracle = Oracle(load)
    forget(nights)
    for number, parts in enumerate(deliveries):
        if load == "full":
            remove_files(nights)
        for place, rows in enumerate(parts):
            # Blank lines of its own: no two files have the same bytes, which an incremental source would skip.
            lines = "".join(row.text() + "\n" for row in rows)
            nights.write(f"people{number}{place}.csv", f"id,changed,name,born\n{lines}" + "\n" * (2 * number + place))
        figures = nights.land({"people": {**SOURCE, "load": load}})["people"]
        expected = oracle.deliver([row for rows in parts for row in rows])
        assert {name: figures[name] for name in COUNTS} == {name: expected[name] for name in COUNTS}
        live = nights.live("source_record_id", "full_name")
        assert live == sorted((key, row.name) for key, row in oracle.state.items())


@pytest.mark.parametrize("seed", [1, 2])
def test_neither_order_nor_threads_decide(nights: Nights, seed: int) -> None:
    rows = [
        f"{key},2021-01-{1 + version:02},name {version},,SO-{key:04} and SO-{version:04}\n"
        for key in range(300)
        for version in range(3)
    ]
    source = {**SOURCE, "activity": {"subject": "note"}, "references": [r"SO-\d{4}"]}
    found = []
    for threads, order in ((1, rows), (2, random.Random(seed).sample(rows, len(rows)))):
        forget(nights)
        nights.con.execute(f"SET threads = {threads}")
        nights.write("people.csv", "id,changed,name,born,note\n" + "".join(order))
        nights.land({"people": source})
        columns = "* EXCLUDE (line, run_id, delivery_id)"
        found.append(nights.rows(f"SELECT {columns} FROM landing.live_record ORDER BY source_record_id"))
    assert len(found[0]) == 300
    assert found[0] == found[1]


def remove_files(nights: Nights) -> None:
    for file in nights.workspace.glob("people*"):
        file.unlink()


def forget(nights: Nights) -> None:
    """Begin as on the first night."""
    remove_files(nights)
    nights.lineage.clear()
    for table in ("source_record", "delivery", "file", "quarantine"):
        nights.con.execute(f"DELETE FROM landing.{table}")

"""Hundreds of decisions on records of historical persons, the hard ones: none is ever violated, night after night."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pipelines.cli import main
from pipelines.night_options import NightOptions
from tests.pipelines.shop import do_night
from warehouse.connection import open_memory, open_published, quote_literal
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

FIELDS = {
    "full_name": "full_name",
    "birth_date": {"column": "dob", "format": "%Y-%m-%d"},
    "city": "birth_place",
    "postal_code": "postcode_fake",
    "extra.occupation": "occupation",
}
SOURCE = {"holds": "account", "format": "parquet", "load": "full", "key": "source_record_id", "fields": FIELDS}
START = datetime(2026, 1, 1, tzinfo=UTC)

Pair = tuple[str, str]


@dataclass
class Archive:
    """A workspace with some of the historical persons, and what is known of them: `con` has table `truth`."""

    path: Path
    con: DuckDBPyConnection
    nights: int = 0

    def night(self) -> None:
        self.nights += 1
        options = NightOptions(as_of=START + timedelta(days=self.nights))
        summary = do_night(Workspace(self.path), options, checks=False)
        assert summary.outcome == "published", (summary.outcome, summary.held_by, summary.failure)
        self.con.execute("DROP TABLE IF EXISTS found")
        golden = open_published(Workspace(self.path).current / "golden.duckdb")
        self.con.register(
            "crosswalk", golden.sql("SELECT source_record_id AS record, golden_id FROM crosswalk").to_arrow_table()
        )
        self.con.execute(
            "CREATE TABLE found AS SELECT record, golden_id, person FROM crosswalk JOIN truth USING (record)"
        )
        self.con.unregister("crosswalk")
        golden.close()

    def change(self, seed: int) -> None:
        """Let one record in sixty lose a word, move, go or come back."""
        self.con.execute(f"""
            UPDATE export SET
                here = CASE die % 7 WHEN 0 THEN NOT here ELSE here END,
                postcode_fake = CASE die % 7 WHEN 1 THEN NULL WHEN 2 THEN 'ZZ1 1ZZ' ELSE postcode_fake END,
                birth_place = CASE die % 7 WHEN 3 THEN NULL ELSE birth_place END,
                full_name = CASE die % 7 WHEN 4 THEN regexp_replace(full_name, ' [a-z]+ ', ' ') ELSE full_name END
            FROM (SELECT source_record_id AS id, hash(source_record_id, {seed}) AS die FROM export)
            WHERE id = source_record_id AND die % 60 = 0
        """)

    def write(self) -> None:
        self.con.execute(f"""
            COPY (SELECT * EXCLUDE (here) FROM export WHERE here ORDER BY source_record_id)
            TO {quote_literal(str(self.path / "exports/archive.parquet"))} (FORMAT parquet)
        """)

    def decide(self, same: list[Pair], different: list[Pair]) -> None:
        rows = [("same", *pair) for pair in same] + [("different", *pair) for pair in different]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(
            ("decision", "source_l", "record_l", "source_r", "record_r", "decided_by", "decided_at", "reason")
        )
        writer.writerows(
            (kind, "archive", one, "archive", two, "ann", "2026-01-01", "known") for kind, one, two in rows
        )
        file = self.path / "decisions.csv"
        file.write_text(text.getvalue(), encoding="utf-8")
        told = io.StringIO()
        with redirect_stdout(told), pytest.raises(SystemExit) as left:
            main(["review", "import", str(file), "-w", str(self.path), "--json"])
        assert left.value.code == 0, told.getvalue()

    def violated(self, same: list[Pair], different: list[Pair]) -> tuple[int, int, int]:
        """Return how many pairs that are both live are not as decided, of either kind, and how many are live."""
        golden = dict(self.con.execute("SELECT record, golden_id FROM found").fetchall())
        both = [
            [(golden[a], golden[b]) for a, b in pairs if a in golden and b in golden] for pairs in (same, different)
        ]
        apart, joined = sum(a != b for a, b in both[0]), sum(a == b for a, b in both[1])
        return apart, joined, len(both[0]) + len(both[1])

    def accuracy(self) -> tuple[float, float, float]:
        """Return precision, recall and F1 over pairs of records."""
        right, joined, true = self.con.execute("""
            SELECT (SELECT sum(n * (n - 1)) FROM (SELECT count(*) AS n FROM found GROUP BY golden_id, person)),
                (SELECT sum(n * (n - 1)) FROM (SELECT count(*) AS n FROM found GROUP BY golden_id)),
                (SELECT sum(n * (n - 1)) FROM (SELECT count(*) AS n FROM found GROUP BY person))
        """).fetchall()[0]
        precision, recall = right / joined, right / true
        return precision, recall, 2 * precision * recall / (precision + recall)

    def left_apart(self, most: int) -> list[Pair]:
        """Return pairs of records of one person that are two customers, of each person and two customers one."""
        return self.con.execute(f"{_HEADS_SQL} {_LEFT_APART_SQL}", [most]).fetchall()

    def wrongly_joined(self, most: int) -> list[Pair]:
        """Return pairs of records of two persons that are one customer, of each two such persons one."""
        return self.con.execute(f"{_HEADS_SQL} {_JOINED_SQL}", [most]).fetchall()

    def near_misses(self, most: int) -> list[Pair]:
        """Return the likeliest pairs of two persons that are two customers, of each two customers one."""
        workings = open_published(Workspace(self.path).current / "workings.duckdb")
        pairs = workings.sql("""
            SELECT min(l.source_record_id) AS one, min(r.source_record_id) AS other, match_weight
            FROM matching.pair
            JOIN matching.member AS l ON l.distinct_record_id = distinct_record_id_l
            JOIN matching.member AS r ON r.distinct_record_id = distinct_record_id_r
            GROUP BY distinct_record_id_l, distinct_record_id_r, match_weight
        """).to_arrow_table()
        workings.close()
        self.con.register("compared", pairs)
        found = self.con.execute(_NEAR_SQL, [most]).fetchall()
        self.con.unregister("compared")
        return found


_HEADS_SQL = """
WITH head AS (SELECT min(record) AS record, person, golden_id FROM found GROUP BY person, golden_id)
SELECT l.record, r.record FROM head AS l JOIN head AS r
"""
_LEFT_APART_SQL = "ON l.person = r.person AND l.golden_id < r.golden_id ORDER BY md5(l.record || r.record) LIMIT ?"
_JOINED_SQL = "ON l.person < r.person AND l.golden_id = r.golden_id ORDER BY md5(l.record || r.record) LIMIT ?"
_NEAR_SQL = """
SELECT one, other FROM compared JOIN found AS l ON l.record = one JOIN found AS r ON r.record = other
WHERE l.person <> r.person AND l.golden_id <> r.golden_id
QUALIFY row_number() OVER (PARTITION BY least(l.golden_id, r.golden_id), greatest(l.golden_id, r.golden_id)
    ORDER BY match_weight DESC, one, other) = 1
ORDER BY match_weight DESC, one, other LIMIT ?
"""


def archive(shared_data: Path, path: Path, below: str) -> Archive:
    """Return a workspace with the persons the hash of whose id is less than `below`."""
    records, persons = (quote_literal(str(shared_data / f"historical_50k{name}.parquet")) for name in ("", ".truth"))
    con = open_memory()
    con.execute(f"""
        CREATE TABLE truth AS SELECT source_record_id AS record, person_id AS person
        FROM read_parquet({persons}) WHERE md5(person_id) < {quote_literal(below)}
    """)
    con.execute(f"""
        CREATE TABLE export AS SELECT *, true AS here FROM read_parquet({records})
        SEMI JOIN truth ON record = source_record_id
    """)
    (path / "exports").mkdir(parents=True)
    sources = {"archive": SOURCE | {"files": "exports/archive.parquet"}}
    gate = {"max_merged_customers": "100%", "max_split_customers": "100%"}
    settings = {"version": 1, "timezone": "UTC", "country": "GB", "sources": sources, "gate": gate}
    (path / "joinedup.yaml").write_text(json.dumps(settings), encoding="utf-8")
    found = Archive(path, con)
    found.write()
    return found


def decide_the_hard_ones(found: Archive, most: int) -> tuple[list[Pair], list[Pair]]:
    """Decide by the truth so many pairs of either kind, those that the night got wrong before any other."""
    same, different = found.left_apart(most), found.wrongly_joined(most)
    different += found.near_misses(most - len(different))
    assert len(same) == len(different) == most
    assert found.violated(same, different)[0] == most
    found.decide(same, different)
    return same, different


def test_decisions_on_what_a_night_got_wrong_are_never_violated(shared_data: Path, tmp_path: Path) -> None:
    found = archive(shared_data, tmp_path / "archive", below="10")
    found.night()
    before = found.accuracy()
    same, different = decide_the_hard_ones(found, 40)
    wrong = found.violated(same, different)
    assert wrong[1] >= 1  # the control: without decisions these are joined
    for seed in range(2):
        found.night()
        assert found.violated(same, different) == (0, 0, found.violated(same, different)[2])
        if not seed:
            after = found.accuracy()
            assert after > before
        found.change(seed)
        found.write()


@pytest.mark.soak
def test_three_hundred_of_either_kind_through_ten_nights(shared_data: Path, tmp_path: Path) -> None:
    found = archive(shared_data, tmp_path / "archive", below="g")
    found.night()
    told = ["no decisions: P {:.4f} R {:.4f} F1 {:.4f}".format(*found.accuracy())]
    same, different = decide_the_hard_ones(found, 300)
    told.append(f"violated before they bind: {found.violated(same, different)}")
    for night in range(10):
        found.night()
        apart, joined, live = found.violated(same, different)
        told.append(
            "night {}: {} and {} violated of {} live, P {:.4f} R {:.4f} F1 {:.4f}".format(
                night + 1, apart, joined, live, *found.accuracy()
            )
        )
        print(*told, sep="\n")
        assert (apart, joined) == (0, 0)
        found.change(night)
        found.write()

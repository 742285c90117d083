"""The gate: what tonight would do to identities and records, against what one night may do.

READS: base.customer, base.crosswalk, base.excluded_record, golden.customer, golden.crosswalk, landing.live_record.
WRITES: quality.gate.
Invariant: the same candidate on the same base is judged the same, however often it is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quality.run_suite import CheckResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (
    "base.customer",
    "base.crosswalk",
    "base.excluded_record",
    "golden.customer",
    "golden.crosswalk",
    "landing.live_record",
)
WRITES = ("quality.gate",)

MERGED = """
    SELECT count(DISTINCT b.golden_id) FROM base.crosswalk AS b
    SEMI JOIN golden.crosswalk USING (source, source_record_id)
    ANTI JOIN golden.customer AS c ON c.golden_id = b.golden_id"""
"""Customers of the base whose records are somebody else's tonight: their ids would lead to another customer."""
SPLIT = """
    SELECT count(*) FROM (
        SELECT b.golden_id FROM base.crosswalk AS b JOIN golden.crosswalk AS g USING (source, source_record_id)
        GROUP BY b.golden_id HAVING count(DISTINCT g.golden_id) > 1)"""
"""Customers of the base whose records are more than one customer's tonight."""
DELETED = """
    WITH published AS (
        SELECT source, source_record_id FROM base.crosswalk
        UNION ALL SELECT source, source_record_id FROM base.excluded_record
    ), gone AS (
        SELECT source, count(*) AS records FROM published ANTI JOIN landing.live_record USING (source, source_record_id)
        GROUP BY source
    )
    SELECT source, coalesce(max(gone.records), 0), count(*)
    FROM published LEFT JOIN gone USING (source) GROUP BY source ORDER BY source"""
"""Per source: records of the base that are not live tonight, and records of the base."""

_ROUNDING = 1e-9
"""A share such as 0.7% is not exact in binary; so much less than one record in a billion does not hold a night."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many of the base, and the share of them that one night may touch."""

    rule: str
    subject: str
    affected: int
    population: int
    allowed: float
    noun: str
    what_happened: str
    look_at: str

    @property
    def found(self) -> float:
        """The share affected; 0 where there was nothing to affect."""
        return self.affected / self.population if self.population else 0.0

    def holds(self, at_least: int) -> bool:
        """Return whether it is more than allowed, and `at_least` so many."""
        return self.affected >= at_least and self.found > self.allowed + _ROUNDING

    def told(self, at_least: int) -> str:
        """Return in words what was found, what is allowed and, where it holds the night, what to do next."""
        if not self.population:
            return f"no {self.noun} were published before: there is nothing to lose"
        source = f"{self.subject}: " if self.subject else ""
        found = f"{source}{self.affected:,} of {self.population:,} {self.noun} ({self.found:.1%}) {self.what_happened}"
        told = f"{found}; {self.allowed:.1%} may be in one night, or fewer than {at_least:,}"
        if not self.holds(at_least):
            return told
        return f"{told}; {self.look_at}, or where it is right raise gate.{self.rule} in joinedup.yaml, and run again"


def judge(con: DuckDBPyConnection, settings: Settings, run: Run) -> tuple[CheckResult, ...]:
    """Judge the candidate and write each rule's verdict, kept or broken."""
    at_least = settings.gate.and_at_least
    results = []
    for share in _shares(con, settings):
        holds, reason = share.holds(at_least), share.told(at_least)
        con.execute(
            "INSERT INTO quality.gate VALUES (?, ?, ?, ?, ?, ?, ?)",
            [run.run_id, share.rule, share.subject, "hold" if holds else "pass", share.found, share.allowed, reason],
        )
        results.append(
            CheckResult(
                name=f"gate: {share.rule} {share.subject}".strip(),
                table="landing.live_record" if share.subject else "golden.customer",
                suite="gate",
                expectation=share.rule,
                column=share.subject,
                severity="critical",
                outcome="fail" if holds else "pass",
                rows=share.population,
                unexpected=share.affected,
                detail=reason,
            )
        )
    return tuple(results)


def _shares(con: DuckDBPyConnection, settings: Settings) -> Iterator[Share]:
    gate = settings.gate
    customers = _count(con, "SELECT count(*) FROM base.customer")
    merged, split = _count(con, MERGED), _count(con, SPLIT)
    look = "look at what tonight's deliveries or a new model changed"
    yield Share(
        "max_merged_customers", "", merged, customers, gate.max_merged_customers, "customers", "become another's", look
    )
    yield Share("max_split_customers", "", split, customers, gate.max_split_customers, "customers", "come apart", look)
    for source, gone, records in con.execute(DELETED).fetchall():
        look = f"look whether the export of {source} is whole"
        yield Share("max_deleted_records", source, gone, records, gate.max_deleted_records, "records", "are gone", look)


def _count(con: DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0

"""The gate: what tonight would do to identities and records, against what one night may do, and what causes it.

READS: what its rules name: of the base base.* and yesterday.*, and tonight's golden.*, matching.*, landing.* and
review.audit_measure.
WRITES: quality.gate.
Invariant: the same candidate on the same base is judged the same, however often it is tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality import delivery_rules, identity_rules, measured_rules, value_rules
from quality.cause import Candidate
from quality.run_suite import CheckResult
from quality.verdict import reason

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from quality.cause import Cause
    from quality.verdict import Finding
    from warehouse.run import Run
    from warehouse.settings import Settings

WRITES = ("quality.gate",)
RULES = (
    delivery_rules.deleted_records,
    delivery_rules.quarantined_records,
    value_rules.one_value,
    value_rules.emptied_values,
    identity_rules.merged_customers,
    identity_rules.merged_into_one,
    identity_rules.growth_of_one,
    identity_rules.split_customers,
    identity_rules.vanished_customers,
    identity_rules.moved_records,
    identity_rules.broken_decisions,
    measured_rules.measured_precision,
)
"""In the order in which a person looks: what was delivered, what that does to customers, and how right these are."""


def judge(con: DuckDBPyConnection, settings: Settings, run: Run) -> tuple[CheckResult, ...]:
    """Judge the candidate and write each rule's verdict, kept or broken, with the causes where it is broken."""
    candidate = Candidate(con, settings, run)
    results = []
    told: dict[tuple[Cause, ...], str] = {}
    for rule in RULES:
        for finding, blame in rule(candidate):
            holds = finding.holds(candidate.at_least)
            causes = blame() if holds else ()
            detail = reason(finding, candidate.at_least, causes, told.get(causes, ""))
            result = _result(finding, detail, holds=holds)
            if causes:
                told.setdefault(causes, finding.rule)
            _write(candidate, finding, result, causes)
            results.append(result)
    return tuple(results)


def _write(candidate: Candidate, finding: Finding, result: CheckResult, causes: tuple[Cause, ...]) -> None:
    candidate.con.execute(
        "INSERT INTO quality.gate (run_id, rule, subject, outcome, unit, found, allowed, reason, causes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            candidate.run.run_id,
            finding.rule,
            finding.subject,
            "pass" if result.passed else "hold",
            finding.unit,
            finding.found,
            finding.allowed,
            result.detail,
            [cause.document() for cause in causes],
        ],
    )


def _result(finding: Finding, detail: str, *, holds: bool) -> CheckResult:
    return CheckResult(
        name=f"gate: {finding.rule} {finding.subject}".strip(),
        table="landing.live_record" if finding.subject else "golden.customer",
        suite="gate",
        expectation=finding.rule,
        column=finding.subject,
        severity="critical",
        outcome="fail" if holds else "pass",
        rows=finding.population,
        unexpected=finding.affected,
        detail=detail,
    )

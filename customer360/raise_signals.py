"""Raises what to know about customers before one speaks with them: the stage `raise_signals`.

READS: landing.live_record, landing.night, golden.customer, care.activity, care.item, care.contact_fact,
care.known_issue, care.issue_effect.
WRITES: care.signal.
Invariant: a signal is about a living customer and rests on an activity of theirs; one activity raises a signal once.
What is raised is a function of these tables, of as_of, and of `signals` in joinedup.yaml, never of the night before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.open_orders import drop_open_orders, find_open_orders
from customer360.signals.facts import forget_facts, gather_facts
from customer360.signals.rules import RULES
from warehouse.connection import quote_literal
from warehouse.run import StageReport, as_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from customer360.signals.rule import Rule
    from warehouse.run import Run
    from warehouse.settings import Settings
    from warehouse.settings.signals import SignalSettings

READS = (
    "landing.live_record",
    "landing.night",
    "golden.customer",
    "care.activity",
    "care.item",
    "care.contact_fact",
    "care.known_issue",
    "care.issue_effect",
)
WRITES = ("care.signal",)

LONGEST_TEXT = 400
"""Characters of evidence, and of words."""


def raise_signals(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's signals."""
    now = as_of(con)
    find_open_orders(con, now)
    gather_facts(con, settings.timezone, now)
    con.execute("DELETE FROM care.signal")
    raised = [
        _raised(rule, settings.signals.get(rule.NAME))
        for rule in RULES
        if rule.NAME not in settings.signals or not settings.signals[rule.NAME].off
    ]
    if raised:
        con.execute(f"{_INSERT} {' UNION ALL '.join(raised)} ORDER BY golden_id, signal, activity_id")
    forget_facts(con)
    drop_open_orders(con)
    found = con.execute("SELECT signal, count(*) FROM care.signal GROUP BY ALL ORDER BY ALL").fetchall()
    figures = {str(name): int(count) for name, count in found}
    return StageReport(rows={WRITES[0]: sum(figures.values())}, figures=figures)


_INSERT = "INSERT INTO care.signal BY NAME"


def _raised(rule: Rule, change: SignalSettings | None) -> str:
    """Return the query of a rule as rows of care.signal: one per activity, texts not too long."""
    severity = (change and change.severity) or rule.SEVERITY
    return f"""(
        SELECT golden_id, {quote_literal(rule.NAME)} AS signal, {quote_literal(severity)} AS severity, since,
            {_short("evidence")} AS evidence, {_short("words")} AS words, activity_id
        FROM ({rule.sql(rule.LIMITS.changed(change))}) AS raised
        SEMI JOIN golden.customer USING (golden_id)
        QUALIFY row_number() OVER (PARTITION BY golden_id, activity_id ORDER BY since DESC NULLS LAST, evidence) = 1
    )"""


def _short(text: str) -> str:
    """Return SQL for a text with a great letter at its beginning, cut where it is too long."""
    said = f"upper(left({text}, 1)) || substr({text}, 2)"
    return f"CASE WHEN length({text}) > {LONGEST_TEXT} THEN left({said}, {LONGEST_TEXT - 1}) || '…' ELSE {said} END"

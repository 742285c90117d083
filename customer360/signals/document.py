"""Writes `docs/signals.md` from the rules: `python -m customer360.signals.document > docs/signals.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.signals.rules import RULES

if TYPE_CHECKING:
    from datetime import timedelta

    from customer360.signals.rule import Rule

_HEADING = """\
# Signals

Generated from `customer360/signals/`: `python -m customer360.signals.document > docs/signals.md`.

What to know about a customer before one speaks with them: every night raises it anew from what is on the timelines, and
publishes it in the table [`signal`](reference/tables.md#signal). What was raised and cleared since the release before
stands in the feed [`signal_change`](reference/tables.md#signal_change) ([Following the feed](feed.md)).

| column | what it tells |
| --- | --- |
| `evidence` | one sentence for the agent, with days and numbers |
| `words` | what the customer may read of it, courteous, without what we think; null where there is nothing to say |
| `since` | from when on it is so |
| `activity_id` | what it rests on: an activity of this customer; about one activity a signal is raised once |

All of it is relative to [`as_of`](glossary.md), so a night done again says the same. Days are those of `timezone` in
`joinedup.yaml`. What was promised for a day holds until that day is over; a moment at midnight is taken to be a day.
Whether an order, invoice or case is open is read from its status: [Activity](activity.md). What a text is about is told
by short lists of words in English, German, French and Spanish (`customer360/signals/wording.py`): what is said
otherwise is missed rather than guessed.

## The signals

The most urgent first. What may be set of each in `joinedup.yaml` under [`signals`](reference/configuration.md#signals),
beside its severity, stands with its default; any of them can be switched off.

| signal | | severity | may be set | raised when |
| --- | --- | --- | --- | --- |
"""

_ENDING = """
## Known issues

`known_issue` rests on two tables that the stage `trace_known_issues` writes the same night:
[`known_issue`](reference/tables.md#known_issue), the problems, and [`issue_effect`](reference/tables.md#issue_effect),
which open order lines each touches and because of what. How known issues, stock and shipments are delivered, and what
counts as touched, is told in [Inventory and known issues](sources/inventory-and-known-issues.md).

## To add one

One file in `customer360/signals/` with `NAME`, `TITLE` (two to four words), `SEVERITY`, `LIMITS` (what may be set, with
the reason for the default) and `sql(limits)`, a query that gives `golden_id`, `since`, `evidence`, `words` and
`activity_id`. Its first lines say when it is raised and when cleared; this page takes them over. Then its entry in
`RULES` (`customer360/signals/rules.py`), which is the order of urgency, its name and what may be set of it in
`warehouse/settings/signals.py`, and customers about whom it is raised and about whom it is not in
`tests/customer360/signals/cases.py`: the tests there fail until all of these agree. A rule asks the temporary tables of
`customer360/signals/facts.py` and the tables of `care`; its `words` are read by the customer.
"""


def signals_page() -> str:
    """Return the page, as Markdown."""
    return _HEADING + "".join(_row(rule) for rule in RULES) + "\n" + "\n".join(map(_section, RULES)) + _ENDING


def _row(rule: Rule) -> str:
    first = _told(rule).split("\n\n")[0].replace("\n", " ")
    return f"| [`{rule.NAME}`](#{rule.NAME}) | {rule.TITLE} | {rule.SEVERITY} | {_limits(rule)} | {first} |\n"


def _section(rule: Rule) -> str:
    rest = _told(rule).split("\n\n", 1)[1]
    return f"### {rule.NAME}\n\n{rest}\n"


def _told(rule: Rule) -> str:
    return (rule.__doc__ or "").strip()


def _limits(rule: Rule) -> str:
    limits = rule.LIMITS
    told = [
        f"`{name}: {_spelt(length)}`" for name in ("after", "within") if (length := getattr(limits, name)) is not None
    ]
    return ", ".join(told + ([f"`at_least: {limits.at_least}`"] if limits.at_least > 1 else []))


def _spelt(length: timedelta) -> str:
    """Return a length as joinedup.yaml writes it: whole days, else hours."""
    hours = int(length.total_seconds() // 3600)
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"


if __name__ == "__main__":
    import sys

    sys.stdout.write(signals_page())

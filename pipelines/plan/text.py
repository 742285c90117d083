"""The plan as text for a terminal: what it rests on, the gate, and the first customers of the list."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from pipelines.plan import words, words_of_entry
from pipelines.words import LINE, aligned, counted, table

if TYPE_CHECKING:
    from pipelines.plan.document import Plan

    Row = dict[str, Any]

SHOWN = 20
"""Groups of customers that the text lists."""
_DECISIONS = 5


def plan_text_page(plan: Plan, document: str, page: str) -> str:
    """Return the plan for a person; `document` and `page` are where the whole of it lies."""
    lines = [f"Plan of run {plan['run_id'][:8]}. {words.verdict(plan)}"]
    for sentence in words.stands(plan):
        lines += _wrapped(sentence, "  ")
    lines += ["", "What was delivered", *_sources(plan), *_decisions(plan), "", "The gate", *_gate(plan)]
    lines += _customers(plan)
    lines += ["", f"The whole plan: {document}", f"To read and sign:  {page} (it shows personal values)"]
    if plan["would"] == "publish":
        lines.append(f"To do exactly this: joinedup apply {document}")
    elif plan["would"] == "hold" and not words.other_reasons(plan):
        lines.append(f"Where that is right: joinedup apply {document}, then joinedup release approve --reason TEXT")
    return "\n".join(lines)


def _sources(plan: Plan) -> list[str]:
    if not plan["options"]["read_exports"]:
        return ["  nothing: no export was read"]
    heading = ("source", "files", "rows", "new", "changed", "deleted", "quarantined")
    names = ("read", "new", "changed", "deleted", "quarantined")
    rows = [(row["source"], f"{len(row['files']):,}", *(f"{row[name]:,}" for name in names)) for row in plan["sources"]]
    return aligned([heading, *rows]) if rows else ["  nothing"]


def _decisions(plan: Plan) -> list[str]:
    told = words.decisions_bound(plan)
    if not told:
        return []
    lines = ["", f"Decisions that bind otherwise than before, {len(told):,}"]
    for sentence in told[:_DECISIONS]:
        lines += _wrapped(sentence, "  ")
    return lines + ([f"  and {len(told) - _DECISIONS:,} more"] if len(told) > _DECISIONS else [])


def _gate(plan: Plan) -> list[str]:
    lines = []
    for rule in words.held_rules(plan):
        lines += _wrapped(f"held: {rule['reason']}", "  ")
    for reason in words.other_reasons(plan):
        lines += _wrapped(f"held: {reason}", "  ")
    kept = len(plan["gate"]) - len(words.held_rules(plan))
    return [*lines, f"  {counted(kept, 'rule')} kept" if plan["gate"] else "  was not reached"]


def _customers(plan: Plan) -> list[str]:
    if not plan["complete"]:
        return ["", "The night was stopped before it knew what becomes of customers: mend what is named above."]
    totals = plan["totals"]
    if plan["first"]:
        known = f"{counted(totals['customers_after'], 'customer')} of {counted(totals['records_after'], 'record')}"
        return ["", f"First release: every customer is new, {known}; none is listed."]
    lines = ["", f"What would change, {counted(totals['touched'], 'customer or group', 'customers or groups')}"]
    lines[1] += f" of customers; {totals['customers_before']:,} customers before, {totals['customers_after']:,} after"
    lines += table((f"{count:,}", label, meaning) for count, label, meaning in words.kinds(plan))
    for number, entry in enumerate(plan["customers"][:SHOWN], start=1):
        lines += ["", *_entry(number, entry)]
    if totals["touched"] > SHOWN:
        lines += ["", f"and {totals['touched'] - SHOWN:,} more: see the page, or the whole plan"]
    return lines


def _entry(number: int, entry: Row) -> list[str]:
    lines = _wrapped(f"{number}. {words_of_entry.KINDS_TOLD[entry['kind']][0]}: {words_of_entry.headline(entry)}", "")
    if entry["kind"] not in ("update", "records", "firmness", "create"):
        for label, parties in (("before", entry["before"]), ("after", entry["after"])):
            for party in parties[:SHOWN]:
                name, records = words_of_entry.name_of(party), counted(party["records"], "record")
                told = f"{label:<6}  {party['golden_id']}  {name}, {records}; "
                lines += _wrapped(told + words_of_entry.hangs(party), "   ")
            if len(parties) > SHOWN:
                lines.append(f"   {label:<6}  and {len(parties) - SHOWN:,} more customers")
    else:
        lines += _wrapped(words_of_entry.hangs((entry["after"] or entry["before"])[0]), "   ")
    if entry["kind"] != "create":
        for sentence in words_of_entry.moves(entry):
            lines += _wrapped(sentence, "   ")
    for place, sentence in enumerate(words_of_entry.why(entry)):
        lines += _wrapped(sentence, "   why  " if place == 0 else "        ")
    shown, more = words_of_entry.changes(entry)
    for row in shown:
        name, old, new, source = words_of_entry.change(row)
        lines += _wrapped(f"{name}: {old} → {new}" + (f" ({source})" if source else ""), "   ")
    return lines + ([f"   and {counted(more, 'further change')}"] if more else [])


def _wrapped(sentence: str, indent: str) -> list[str]:
    """Break the sentence into lines, but never a key: a cut one could not be pasted into a command."""
    return textwrap.wrap(
        sentence,
        LINE,
        initial_indent=indent,
        subsequent_indent=" " * (len(indent) + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )

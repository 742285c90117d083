"""What the looking commands print for a person: plain text, aligned, no colour that a pipe would carry along."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from customer360.view import CustomerView

_LATEST_ACTIVITIES = 8
_ALTERNATIVES = 3


def table(rows: Iterable[Sequence[object]], *, indent: str = "  ") -> list[str]:
    """Return the rows as lines with aligned columns; the last column is not padded."""
    texts = [[text(cell) for cell in row] for row in rows]
    if not texts:
        return []
    widths = [max(len(row[index]) for row in texts) for index in range(len(texts[0]))]
    return [
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in texts
    ]


def text(value: object) -> str:
    """Return a value as people read it: no nulls, no seconds that are zero, no trailing zeros of money."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return str(value)


def customer_page(view: CustomerView, release_id: str) -> str:
    """Return a golden record with its provenance, profile, latest activity and changes."""
    customer = view.customer
    name = customer["full_name"] or customer["organisation"] or "(no name)"
    lines = [
        f"{name}   {customer['golden_id']}   {release_id}",
        (
            f"  {customer['record_count']} records from {customer['source_count']} sources, "
            f"{text(customer['first_seen_at'])} to {text(customer['last_seen_at'])}; "
            f"cohesion {customer['cohesion']:.3f}, safe for {customer['safe_for']}"
        ),
    ]
    if view.formerly:
        lines.append(f"  formerly also {', '.join(view.formerly)}")
    lines += ["", "Golden record                      where each value comes from"]
    lines += table(_provenance_row(row) for row in view.provenance)
    lines += _profile_lines(view.profile)
    lines += ["", f"Activity ({len(view.activity)})"]
    lines += table(_activity_row(row) for row in view.activity[:_LATEST_ACTIVITIES])
    if len(view.activity) > _LATEST_ACTIVITIES:
        lines.append(f"  … and {len(view.activity) - _LATEST_ACTIVITIES} earlier; --json shows all")
    lines += ["", "What changed"]
    lines += table(
        (row["release_id"], row["event"], _concerning(row), row["cause"]) for row in _main_events(view.change)
    )
    return "\n".join(lines)


def found_customers(rows: list[dict[str, Any]]) -> str:
    """Return the customers that a search found, one a line."""
    if not rows:
        return "No customer found: try part of a name or e-mail, a whole phone number, or an order number."
    return "\n".join(
        table(
            (
                (row["golden_id"], row["full_name"] or row["organisation"], row["email"], row["phone"], row["city"])
                for row in rows
            ),
            indent="",
        )
    )


def _provenance_row(row: dict[str, Any]) -> tuple[object, ...]:
    others = [found["value"] for found in row["alternatives"]]
    lost = f"not {', '.join(others[:_ALTERNATIVES])}" + (" …" if len(others) > _ALTERNATIVES else "") if others else ""
    return row["attribute"], row["value"], f"{row['source']}:{row['source_record_id']}", row["rule"], lost


def _profile_lines(profile: dict[str, Any] | None) -> list[str]:
    if profile is None:
        return []
    spend = (
        ", ".join(f"{text(amount)} {currency}" for currency, amount in sorted(profile["spend"].items())) or "nothing"
    )
    cases = f"{profile['open_cases']} open cases, {profile['problems_12m']} problems in twelve months"
    may = "yes" if profile["may_offer"] else "no"
    return [
        "",
        "Profile",
        f"  {profile['orders']} orders, spent {spend}; {profile['contacts']} contacts, {cases}",
        f"  experience: {profile['experience']}; may be offered something: {may}, {profile['may_offer_reason']}",
    ]


def _activity_row(row: dict[str, Any]) -> tuple[object, ...]:
    amount = f"{text(row['amount'])} {row['currency'] or ''}".strip() if row["amount"] is not None else ""
    told = row["subject"] or ""
    return text(row["at"]), row["kind"], row["reference"] or row["source_record_id"], row["status"] or "", amount, told


def _main_events(change: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what merely accompanies another event of the same release: the attachments of a new customer."""
    born = {row["release_id"] for row in change if row["event"] == "created"}
    return [row for row in change if not (row["event"] == "attached" and row["release_id"] in born)]


def _concerning(row: dict[str, Any]) -> str:
    if row["other_golden_id"]:
        return f"{row['golden_id']} and {row['other_golden_id']}"
    return f"{row['source']}:{row['source_record_id']}" if row["source"] else ""

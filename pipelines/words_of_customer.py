"""What `joinedup show` prints of a customer: the golden record with provenance, what to know, activity and changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import LINE, clipped, counted, table, text
from pipelines.words_of_care import care_lines, knowing_lines
from warehouse.tables.golden import ATTRIBUTES

if TYPE_CHECKING:
    from datetime import datetime

    from customer360.view import CustomerView

    Row = dict[str, Any]

_LATEST_ACTIVITIES = 8
_VALUE = 40
_SUBJECT = 32
_WAYS = {"inbound": "in", "outbound": "out", "internal": "among us"}
_CAME_TO_BE = ("created", "merged", "split", "unmerged")
"""Events that bring records along: what was attached and detached with them goes without saying."""


def customer_page(view: CustomerView, release_id: str, *, is_kept: bool = True) -> str:
    """Return a golden record with its provenance, what to know of the customer, profile, latest activity and changes.

    Of a release that is not kept any more there are the golden record, its records and its changes alone.
    """
    customer = view.customer
    name = customer["full_name"] or customer["organisation"] or "(no name)"
    records, sources = counted(customer["record_count"], "record"), counted(customer["source_count"], "source")
    lines = [
        f"{name}   {customer['golden_id']}   release {release_id}",
        (
            f"  {records} from {sources}, {_day(customer['first_seen_at'])} to {_day(customer['last_seen_at'])}; "
            f"cohesion {customer['cohesion']:.3f}, safe for {customer['safe_for']}"
        ),
    ]
    if view.formerly:
        lines.append(f"  was also {', '.join(view.formerly)}, which leads here now")
    if is_kept:
        lines += ["", "Golden record", *_provenance_lines(view.provenance), *_pin_lines(view.pins)]
        lines += [*knowing_lines(view), *care_lines(view)]
        lines += _household_lines(view.household, customer["golden_id"])
        lines += ["", f"Activity, {counted(len(view.activity), 'entry', 'entries')}", *_activity_lines(view.activity)]
    else:
        lines += ["", *_past_lines(view, release_id)]
    lines += ["", "What changed", *table(_change_row(row) for row in _main_events(view.change))]
    return "\n".join(lines)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "no date"


def _past_lines(view: CustomerView, release_id: str) -> list[str]:
    """Return what the log of changes has kept of a customer."""
    said = [(name, clipped(text(view.customer[name]), _VALUE)) for name in ATTRIBUTES if view.customer[name]]
    records = [(f"{row['source']}:{row['source_record_id']}", row["basis"]) for row in view.crosswalk]
    return [
        f"{release_id} is not kept any more: this is what its log of changes says. Where the values came from and what",
        "was bought, asked and written until then went with it.",
        "",
        "Golden record",
        *table(said),
        "",
        "Its records",
        *table(records),
    ]


def _provenance_lines(provenance: list[Row]) -> list[str]:
    """Return a line per attribute, the parts of name and address in the order that people say them."""

    def place(row: Row) -> tuple[int, str]:
        name = row["attribute"]
        return (ATTRIBUTES.index(name) if name in ATTRIBUTES else len(ATTRIBUTES), name)

    rows = [
        (
            row["attribute"],
            clipped(row["value"], _VALUE),
            f"{row['source']}:{row['source_record_id']}",
            row["rule"],
            "; ".join(lost["value"] for lost in row["alternatives"]),
        )
        for row in sorted(provenance, key=place)
    ]
    heading = ("attribute", "value", "from record", "chosen by", "instead of" if any(row[-1] for row in rows) else "")
    return [_cut(line) for line in table([heading, *rows])]


def _pin_lines(pins: list[Row] | None) -> list[str]:
    """Return who pinned what, until when and why."""
    told = [
        f"  {row['attribute'].replace('_', ' ')} is pinned: {row['decided_by']} on {_day(row['decided_at'])}, "
        + (f"until {_day(row['until'])}, " if row["until"] else "")
        + f'"{row["reason"]}" (decision {row["decision_id"]})'
        for row in pins or ()
    ]
    return ["", *map(_cut, told)] if told else []


def _cut(line: str) -> str:
    """Return the line cut to the page, its spaces kept."""
    return line if len(line) <= LINE else f"{line[: LINE - 1].rstrip()}…"


def _household_lines(household: list[Row], golden_id: str) -> list[str]:
    """Return who else is of the customer's household, and what each of them has in common with others of it."""
    if not household:
        return []
    rows = [(row["golden_id"], row["name"], _basis(row["basis"])) for row in household]
    return ["", f"Household {household[0]['household_id']}, with", *table(row for row in rows if row[0] != golden_id)]


def _basis(basis: str) -> str:
    return "by " + basis.replace("_", " ").replace("decision", "a steward's word")


def _activity_lines(activity: list[Row]) -> list[str]:
    if not activity:
        return []
    heading = ("when (UTC)", "what", "status", "amount", "subject", "record")
    lines = table([heading, *(_activity_row(row) for row in activity[:_LATEST_ACTIVITIES])])
    earlier = len(activity) - _LATEST_ACTIVITIES
    return [*lines, f"  … and {earlier:,} earlier; --json shows all"] if earlier > 0 else lines


def _activity_row(row: Row) -> tuple[object, ...]:
    kind = " ".join(filter(None, (row["kind"], _WAYS.get(row["direction"]))))
    amount = f"{text(row['amount'])} {row['currency'] or ''}".strip() if row["amount"] is not None else ""
    subject = clipped(row["subject"] or "", _SUBJECT)
    return text(row["at"]), kind, row["status"] or "", amount, subject, f"{row['source']}:{row['source_record_id']}"


def _main_events(change: list[Row]) -> list[Row]:
    """Leave out what goes without saying: records that came along with another event, and how firmly each is held."""
    with_more = {row["release_id"] for row in change if row["event"] in _CAME_TO_BE}
    return [
        row
        for row in change
        if not (row["event"] in ("attached", "detached") and row["release_id"] in with_more)
        and not (row["event"] == "updated" and row["source"])
    ]


def _change_row(row: Row) -> tuple[str, str, str, str]:
    """Return release, event, what it concerned, and why; the record that it concerned is not named twice."""
    record = f"{row['source']}:{row['source_record_id']}" if row["source"] else ""
    link = {"merged": " into ", "detached": " to ", "attached": " from "}.get(row["event"], " out of ")
    concerned = record or (row["golden_id"] if row["other_golden_id"] else "the golden record")
    if row["other_golden_id"]:
        concerned += f"{link}{row['other_golden_id']}"
    cause = row["cause"].removeprefix("record ")
    if record and cause.startswith(f"{record} "):
        cause = cause.removeprefix(f"{record} ")
    return row["release_id"], row["event"], concerned, cause

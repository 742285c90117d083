"""What `joinedup review` prints: what waits, what was decided, and what will come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import clipped, counted, table
from stewardship.entry import written

if TYPE_CHECKING:
    from stewardship.decide import Decided
    from stewardship.entry import Entry
    from stewardship.transfer import Imported

    Row = dict[str, Any]

_NAME = 28
_REASON = 90
_UNKNOWN = 5
_STATES = {
    "new": "the next night binds it, or `joinedup review publish`",
    "reconfirm": "it binds still, but a record is not what it was; decide again, or `joinedup review revoke ID`",
    "dormant": "a record is not there, or nobody's; it binds again once that changes",
    "expired": "its time is over",
}
"""States that want a word of explanation."""
WHEN = "the next night, or `joinedup review publish`,"


def review_page(document: Row) -> str:
    """Return the list of what waits and what was decided."""
    decisions, lines = document["decisions"], []
    if "pairs" in document:
        lines += [*_waiting_lines(document), "", *_queue_lines(document["queue"])]
    if not decisions:
        lines.append("No such decision." if "pairs" not in document else "Nothing has been decided yet.")
    else:
        lines.append(f"{counted(len(decisions), 'decision')}:")
        heading = ("id", "state", "decision", "record", "record", "by", "on", "reason")
        lines += table([heading, *(_decision(row) for row in decisions)])
    shown = {_state(row) for row in decisions}
    lines += [f"{state}: {meaning}." for state, meaning in _STATES.items() if state in shown]
    return "\n".join(lines)


def decided_page(done: Decided) -> str:
    """Return what was decided, and what the next night makes of it."""
    lines = [f"Decision {done.entry.id}: {_sentence(done.entry)}, noted as said by {done.entry.decided_by}."]
    for replaced in done.replaced:
        part = "a part of " if len(replaced.subjects) > 1 else ""
        lines.append(f"It replaces {part}decision {replaced.id}, {replaced.kind} ({replaced.told}).")
    lines += [*_effect_lines(done), *table(_customer(row) for row in done.customers)]
    return "\n".join(lines)


def _sentence(entry: Entry) -> str:
    """Return what an entry says."""
    names = [written(record) for record in entry.records]
    until = f" until {entry.until:%Y-%m-%d %H:%M} UTC" if entry.until else ""
    sides = [" and ".join(name for name, side in zip(names, entry.sides, strict=False) if side == n) for n in (0, 1)]
    told = {
        "same": lambda: f"{names[0]} and {names[1]} are one customer",
        "different": lambda: f"{names[0]} and {names[1]} are two customers",
        "household": lambda: f"{names[0]} and {names[1]} are two customers of one household",
        "unsure": lambda: f"{names[0]} and {names[1]} were looked at, and nobody can tell",
        "split": lambda: f"{sides[0]} are parted from {sides[1]}",
        "pin": lambda: f"{entry.attribute} of the customer of {names[0]} is {entry.value}{until}",
        "not_a_customer": lambda: f"{names[0]} is no customer's",
        "placeholder": lambda: f"{entry.attribute} {entry.value} says nothing about anybody",
    }
    return told[entry.kind]()


def revoked_page(entry: Entry, revoked: Entry) -> str:
    """Return what was revoked."""
    names = " and ".join(map(written, revoked.records)) or f"{revoked.attribute} {revoked.value}"
    if revoked.kind == "pin":
        names = f"{revoked.attribute} of {names}"
    again = "The matching decides" if revoked.kind != "pin" else "The rules of survivorship decide"
    return (
        f"Revoked decision {revoked.id} ({revoked.told}), noted as said by {entry.decided_by}.\n"
        f"{again} about {names} again, from the next night or `joinedup review publish` on."
    )


def imported_page(done: Imported) -> str:
    """Return what an import did."""
    had = f", {counted(done.had, 'row')} passed over, since the log has them" if done.had else ""
    lines = [f"Imported {counted(done.written, 'entry', 'entries')} of {counted(done.read, 'row')}{had}."]
    if done.replaced:
        lines.append(f"{counted(done.replaced, 'decision')} on the same pairs were replaced.")
    if done.unknown:
        named = ", ".join(done.unknown[:_UNKNOWN]) + (", …" if len(done.unknown) > _UNKNOWN else "")
        them = counted(len(done.unknown), "record")
        lines.append(f"The release does not know {them} ({named}); what is decided of them waits until it does.")
    return "\n".join(lines)


def _waiting_lines(document: Row) -> list[str]:
    if document["release_id"] is None:
        return ["Nothing is published yet: after the first night, what waits for a decision stands here."]
    pairs, waiting = document["pairs"], document["waiting"]
    apart = [_apart(row) for row in document["taken_apart"]]
    if not waiting:
        return [f"Nothing waits for a decision in {document['release_id']}.", *apart]
    shown = f", the likeliest {len(pairs)} of them" if len(pairs) < waiting else ""
    lines = [f"{counted(waiting, 'pair')} of customers in {document['release_id']} may be one customer{shown}:"]
    for pair in pairs:
        lines.append(f"  {pair['match_probability']:.0%}  {clipped(pair['reason'], _REASON)}")
        lines += table([("", *_customer(row), row["record"]) for row in pair["customers"]])
    lines.append(
        "Look: `joinedup explain RECORD RECORD`. Decide: `joinedup review decide same|different RECORD RECORD`."
    )
    return [*lines, *apart]


def _queue_lines(queue: Row | None) -> list[str]:
    """Return the queue, worth most first: what a minute of a steward's time removes of it, in orders' worth of harm."""
    if not queue or not queue["items"]:
        return []
    minutes = counted(max(round(queue["minutes"]), 1), "minute")
    first = []
    for row in queue["first"]:
        about = " and ".join(dict.fromkeys(row["records"]))
        first.append(("", f"{row['priority']:.1f} orders a minute", row["queue"], about, row["reason"]))
    told = f"{counted(queue['items'], 'item')}, {minutes} of work"
    return [f"The queue, what removes most harm a minute first: {told}:", *table(first), ""]


def _apart(row: Row) -> str:
    why = "more than a customer has" if row["reason"] == "giant" else "and its decisions contradict each other"
    return (
        f"Taken apart: {row['record']} with {counted(row['records'], 'record')}, {why}: {counted(row['parts'], 'part')}"
    )


def _customer(row: Row) -> tuple[str, ...]:
    return (
        row["golden_id"],
        clipped(row["name"] or "(no name)", _NAME),
        counted(row["records"], "record"),
        counted(row["orders"] or 0, "order"),
        counted(row["open_cases"] or 0, "open case"),
    )


def _decision(row: Row) -> tuple[str, ...]:
    day = row["decided_at"][: len("2026-01-31")]
    state = _state(row)
    if ended := row.get("ended_by"):
        state = f"{state} by {ended['decision_id']}"
    return (
        str(row["decision_id"]),
        state,
        row["decision"],
        *_what(row),
        row["decided_by"],
        day,
        clipped(row["reason"], _NAME),
    )


def _what(row: Row) -> tuple[str, str]:
    """Return what a decision is about in two cells: two records, two sides, or a record and what is said of it."""
    records = row["records"]
    if row["decision"] == "split":
        sides = [[each for each, side in zip(records, row["sides"], strict=True) if side == n] for n in (0, 1)]
        return _some(sides[0]), _some(sides[1])
    if row["decision"] in ("pin", "placeholder"):
        return records[0] if records else "", clipped(f"{row['attribute']} {row['value']}", _NAME)
    return records[0], records[1] if len(records) > 1 else ""


def _some(records: list[str]) -> str:
    return records[0] if len(records) == 1 else f"{records[0]} and {len(records) - 1} more"


def _state(row: Row) -> str:
    """Return the state of a decision; new is one that the release has not taken into account."""
    if row["state"] in ("revoked", "replaced"):
        return str(row["state"])
    return str(row["state"] or "-") if row["in_release"] else "new"


def _effect_lines(done: Decided) -> list[str]:
    if done.effect == "nothing":
        return [_NOTHING[done.entry.kind]]
    if done.effect == "waits":
        return [_WAITS.get(done.entry.kind, _WAITS["same"])]
    return [_EFFECTS[done.effect]]


_EFFECTS = {
    "merges": f"They are two customers now; {WHEN} makes them one:",
    "parts": f"They are one customer now; {WHEN} parts it, and what hangs on a record goes with it:",
    "publishes": f"Something else is published now; {WHEN} publishes this:",
    "excludes": f"It is somebody's now; {WHEN} takes it away, and what hangs on it:",
    "leaves_out": f"From {WHEN} on it ties nobody to anybody.",
}
_NOTHING = {
    "unsure": "It is left to the matching, and asked about again once one of them says something else:",
    "same": "They are one customer already, and stay so whatever is delivered:",
    "pin": "It is published already, and stays so whatever is delivered:",
} | dict.fromkeys(
    ("different", "split", "household"), "They are two customers already, and stay so whatever is delivered:"
)
_WAITS = {
    "same": "The release does not have both of them as somebody's; the decision waits until it does.",
    "pin": "The release does not have it as somebody's; the decision waits until it does.",
    "not_a_customer": "The release does not have it as somebody's; the decision holds once it is delivered.",
}

"""From what is typed after `joinedup review decide` to a statement."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from pipelines.commands.options import parse_moment, parse_record
from stewardship.answer import Statement
from stewardship.entry import ABOUT_PAIRS
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stewardship.entry import Kind

FORMS: dict[Kind, str] = {
    **dict.fromkeys(ABOUT_PAIRS, "RECORD RECORD"),
    "split": "RECORD... --from RECORD [--from RECORD]...",
    "pin": "RECORD ATTRIBUTE VALUE [--until T]",
    "placeholder": "ATTRIBUTE VALUE",
    "not_a_customer": "RECORD",
}
"""What is typed after each kind."""


def parse_statement(kind: Kind, what: Sequence[str], part_from: Sequence[str], until: str | None) -> Statement:
    """Return the statement that was typed. Raises UsageError where more or less was typed than the kind takes."""
    form = FORMS[kind]
    is_split = kind == "split"
    many = len(what) >= 1 if is_split else len(what) == len(form.partition(" [")[0].split())
    if not many or bool(part_from) != is_split or (until is not None and kind != "pin"):
        raise UsageError(f"it is written `joinedup review decide {kind} {form}`")
    if is_split:
        records = (*what, *part_from)
        sides = tuple(int(place >= len(what)) for place in range(len(records)))
        return Statement(kind, tuple(map(parse_record, records)), sides)
    if kind == "placeholder":
        return Statement(kind, attribute=what[0], value=what[1])
    if kind == "pin":
        ends = parse_moment(until, "--until").astimezone(UTC).replace(tzinfo=None) if until else None
        return Statement(kind, (parse_record(what[0]),), attribute=what[1], value=what[2], until=ends)
    return Statement(kind, tuple(map(parse_record, what)))

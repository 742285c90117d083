"""What `joinedup quarantine` prints: what is open, the rows themselves, what was read again and what was dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import clipped, counted, table, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipelines.summary import RunSummary

_LINES_OF_RAW = 30
_RAW = 2000
"""Characters of a row that a screen has room for; --json has all of it."""


def groups_page(found: Sequence[dict[str, Any]], last_attempt: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    """Return what is open by source, reason and delivery."""
    if not found:
        return "Nothing is open in quarantine."
    rows = sum(group["rows"] for group in found)
    lines = [f"{counted(rows, 'row')} in quarantine:"]
    heading = ("rows", "source", "reason", "came (UTC)", "first at", "delivery")
    lines += table([heading, *(_group(group) for group in found)])
    stuck = rows - sum(group["can_replay"] for group in found)
    if stuck:
        is_ = "is" if stuck == 1 else "are"
        lines.append(f"  {counted(stuck, 'row')} of these {is_} not kept whole: only their files can be read again")
    if last_attempt and not all(group["published"] for group in found):
        lines.append("  * of the last run, which published nothing: mend, then `joinedup run`")
    lines.append("Look at them with `joinedup quarantine show`; mend, then `joinedup run` or `quarantine replay`.")
    return "\n".join(lines)


def _group(group: dict[str, Any]) -> tuple[object, ...]:
    came = text(group["oldest"])
    if group["newest"] != group["oldest"]:
        came += f" to {text(group['newest'])}"
    delivery = group["delivery_id"] + ("" if group["published"] else " *")
    return f"{group['rows']:,}", group["source"], group["reason"], came, group["first"], delivery


def rows_page(found: Sequence[dict[str, Any]], total: int, offset: int) -> str:
    """Return rows with their place, key, reason and text; they hold personal values, for this is the place to look."""
    if not found:
        return "No such row is open in quarantine." if total == 0 else f"No row from {offset} on: there are {total:,}."
    lines: list[str] = []
    for row in found:
        lines += [*_row(row), ""]
    shown = offset + len(found)
    if shown < total:
        lines.append(f"{shown:,} of {total:,} rows; go on with --offset {shown}")
    return "\n".join(lines).rstrip("\n")


def _row(row: dict[str, Any]) -> Iterator[str]:
    key = f"{row['source']}:{row['source_record_id']}" if row["source_record_id"] is not None else row["source"]
    yield f"{row['id']}  {key}  {row['path']}:{row['line']}  came {text(row['delivered_at'])} UTC"
    yield f"  {row['reason']}: {row['detail']}"
    if not row["can_replay"]:
        yield "  it is not kept whole: only its file can be read again"
    raw = row["raw"] or ""
    lines = raw[:_RAW].splitlines()[:_LINES_OF_RAW]
    yield from (f"  | {line}" for line in lines)
    left = len(raw) - sum(map(len, lines)) - max(len(lines) - 1, 0)
    if left > 1:
        yield f"  | … {left:,} characters more; --json has all of it"


def replayed_page(summary: RunSummary) -> str:
    """Return what became of the rows that were read again, and how the night ended."""
    heading = ("source", "read again", "new", "changed", "unchanged", "duplicate", "superseded", "still bad")
    columns = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined")
    rows = [
        (source, *(counts[name] for name in columns)) for source, counts in summary.records.items() if counts["read"]
    ]
    return "\n".join(table([heading, *rows], indent=""))


def dropped_page(found: Sequence[dict[str, Any]]) -> str:
    """Return who dropped how many rows, when and why."""
    if not found:
        return "Nobody has dropped a row from the quarantine."
    heading = ("when (UTC)", "who", "rows", "source", "reason", "why")
    rows = [
        (
            text(row["dropped_at"]),
            row["dropped_by"],
            f"{row['rows']:,}",
            row["source"],
            row["reason"],
            clipped(row["why"]),
        )
        for row in found
    ]
    return "\n".join(table([heading, *rows], indent=""))

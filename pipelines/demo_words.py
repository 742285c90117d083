"""The demo's story in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.words import customer_page

if TYPE_CHECKING:
    from examples.shop.story import NightStory, Part
    from pipelines.demo import Demo, DemoNight

_SPELLED = {1: "first", 2: "second", 3: "third"}


def night_heading(story: NightStory) -> str:
    """Return the line that opens a night."""
    delivered = ", ".join(f"{count:,} {source}" for source, count in story.records.items())
    return f"The {_SPELLED[story.night]} night, {story.exported_at:%d %B %Y}: {delivered}"


def demo_page(demo: Demo, directory: str) -> str:
    """Return the whole story: each night's figures and parts, one golden record, and where to look next."""
    lines = []
    for night in demo.nights:
        lines += [night_heading(night.story), *_figures(night), *_parts(night), ""]
    customer = demo.shown.customer["golden_id"]
    merged = demo.nights[2].story.part("merges").groups
    lines += [
        "One golden record, and where each of its values comes from",
        "",
        customer_page(demo.shown, str(demo.nights[-1].summary.release_id)),
        "",
        "Look further",
        f"  joinedup show {customer} -w {directory}",
        f"  joinedup explain {merged[0][0]} {merged[1][0]} -w {directory}",
        f"  joinedup release list -w {directory}",
        f"  joinedup dagster -w {directory}",
        f"  the page of the last night: {demo.nights[-1].summary.report}",
    ]
    return "\n".join(lines)


def _figures(night: DemoNight) -> list[str]:
    summary = night.summary
    read = sum(counts["read"] for counts in summary.records.values())
    quarantined = sum(counts["quarantined"] for counts in summary.records.values())
    lines = [
        (
            f"  {read:,} records in, {summary.customers:,} customers out; "
            f"{summary.excluded_records:,} records are nobody's, {quarantined:,} in quarantine"
        )
    ]
    if night.story.night > 1:
        changed = sum(counts["new"] + counts["changed"] for counts in summary.records.values())
        deleted = sum(counts["deleted"] for counts in summary.records.values())
        lines.append(
            f"  since the night before: {changed:,} records new or changed, {deleted:,} deleted, "
            f"{summary.merges} merged, {summary.splits} split"
        )
    lines.append(f"  published {summary.release_id}" if summary.published else f"  {summary.outcome}")
    return lines


def _parts(night: DemoNight) -> list[str]:
    return [line for part, ids in night.told for line in _part(part, ids)]


def _part(part: Part, ids: tuple[tuple[str, ...], ...]) -> list[str]:
    who = [", ".join(group) if group else "nobody" for group in ids]
    return [f"  · {part.told}", f"    {'  |  '.join(who)}"]

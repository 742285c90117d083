"""The demo's story in words."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.words import LINE, counted
from pipelines.words_of_care import knowing_lines
from pipelines.words_of_customer import customer_page

if TYPE_CHECKING:
    from customer360.view import CustomerView
    from examples.shop.story import NightStory, Part
    from pipelines.demo import Demo, DemoNight

_NOBODYS = ("inventory", "known_issues")
_SPELLED = {1: "first", 2: "second", 3: "third"}


def night_heading(story: NightStory) -> str:
    """Return the line that opens a night."""
    delivered = ", ".join(f"{count:,} {source}" for source, count in story.records.items() if source not in _NOBODYS)
    return f"The {_SPELLED[story.night]} night, {story.exported_at.day} {story.exported_at:%B %Y}: {delivered}"


def demo_page(demo: Demo, directory: str) -> str:
    """Return the whole story: each night's figures and parts, two customers, and where to look next."""
    lines = []
    for night in demo.nights:
        lines += [night_heading(night.story), *_figures(night), *_parts(night), ""]
    last = demo.nights[-1].summary
    lines += [
        "One golden record, and where each of its values comes from",
        "",
        *(f"  {line}".rstrip() for line in customer_page(demo.shown, str(last.release_id)).splitlines()),
        "",
        "One customer to know about before the telephone rings",
        "",
        *_knowing(demo.forewarned),
        f"  Customers with an order that a known issue touches: {demo.touched:,}",
        "",
        "Look further",
        *_next_commands(demo, directory),
        f"  {directory}/joinedup.yaml says how the exports are read; the page of the last night is",
        f"  {last.report}",
    ]
    return "\n".join(lines)


def _knowing(view: CustomerView) -> list[str]:
    """Return what to know of a customer, and what the customer may be told of our own problem."""
    lines = [f"  {view.customer['full_name']}   {view.customer['golden_id']}"]
    lines += [f"  {line}".rstrip() for line in knowing_lines(view)]
    words = next((row["words"] for row in view.signals if row["signal"] == "known_issue"), None)
    if words:
        told = textwrap.wrap(words, LINE, initial_indent="    ", subsequent_indent="    ")
        lines += ["", "  What the customer may be told of the known issue", *told]
    return [*lines, ""]


def program() -> str:
    """Return what to type for this program where the reader is: its name, or the path of the script beside Python."""
    if shutil.which("joinedup"):
        return "joinedup"
    script = Path(sys.executable).with_name("joinedup")
    here = Path.cwd()
    return str(script.relative_to(here) if script.is_relative_to(here) else script)


def _next_commands(demo: Demo, directory: str) -> list[str]:
    joinedup = program()
    (left, *_), (right, *_) = demo.nights[2].story.part("merges").groups
    return [
        f"  {joinedup} show {demo.shown.customer['golden_id']} -w {directory}",
        f"  {joinedup} show --find lindqvist -w {directory}",
        f"  {joinedup} explain {left} {right} -w {directory}",
        f"  {joinedup} release list -w {directory}",
        f"  {joinedup} dagster -w {directory}",
    ]


def _figures(night: DemoNight) -> list[str]:
    summary = night.summary
    read = sum(counts["read"] for counts in summary.records.values())
    quarantined = sum(counts["quarantined"] for counts in summary.records.values())
    lines = [
        (
            f"  {counted(read, 'record')} in, {counted(summary.customers, 'customer')} out, "
            f"{counted(summary.households, 'household')}; "
            f"{counted(summary.excluded_records, 'record')} nobody's, {quarantined:,} in quarantine"
        )
    ]
    if night.story.night > 1:
        changed = sum(counts["new"] + counts["changed"] for counts in summary.records.values())
        deleted = sum(counts["deleted"] for counts in summary.records.values())
        lines.append(
            f"  since the night before: {counted(changed, 'record')} new or changed, {deleted:,} deleted; "
            f"{counted(summary.merges, 'merge')}, {counted(summary.splits, 'split')}"
        )
    lines.append(f"  published as {summary.release_id}" if summary.published else f"  {summary.outcome}")
    return lines


def _parts(night: DemoNight) -> list[str]:
    return [line for part, ids in night.told for line in _part(part, ids)]


def _part(part: Part, ids: tuple[tuple[str, ...], ...]) -> list[str]:
    found = list(dict.fromkeys(golden_id for group in ids for golden_id in group))
    who = ", ".join(found) if found else "no customer yet"
    told = textwrap.wrap(part.told, LINE, initial_indent="  · ", subsequent_indent="    ")
    return [*told, f"    → {who}"]

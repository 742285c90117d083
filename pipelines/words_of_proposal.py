"""What `joinedup init --from` prints: which files are which source, and what to look at before the first night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import clipped, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH = 110


def proposal_page(document: Mapping[str, Any], settings_file: str, then: str) -> str:
    """Return the page for a proposal, as its document."""
    lines = [f"Wrote {settings_file}, which reads:"]
    for source in document["sources"]:
        lines += ["", *_source(source)]
    lines += ["", f"Read what is marked `unsure` in it, then: {then}"]
    return "\n".join(lines)


def _source(source: Mapping[str, Any]) -> Iterator[str]:
    settings = source["settings"]
    unsure = [line for line in source["lines"] if line.get("unsure")]
    mapped = len(settings.get("fields", ())) + len(settings.get("activity", ()))
    first, *others = source["files"]
    more = f" and {counted(len(others), 'further file')}" if others else ""
    yield f"{source['source']} ({settings.get('holds', '?')}, {settings['format']}): {first}{more}"
    attributes = (
        counted(mapped, "attribute") if settings["format"] not in ("mbox", "maildir", "eml") else "a mail's own"
    )
    yield f"  {attributes} mapped, {counted(len(source['unmapped']), 'column')} left out"
    for line in unsure:
        yield f"  unsure: {clipped(line['key'] + ': ' + line['unsure'], _WIDTH)}"
    for problem in source["problems"]:
        yield f"  NOT IN ORDER: {clipped(problem, 2 * _WIDTH)}"

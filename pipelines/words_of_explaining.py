"""What `explain` prints for a person: the answer in sentences first, then the numbers that it rests on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from matching.explained_words import percent
from pipelines.words import aligned, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matching.evidence import Waterfall
    from matching.explain import Explanation
    from matching.whole import AsAWhole
    from matching.why_apart import Meeting

    Row = tuple[object, ...]

WIDTH = 110
_BAR = 12
_VALUE = 40
_VALUE_LINES = 4


def explanation_page(found: Explanation) -> str:
    """Return why two records are one customer or not: sentences, the waterfalls of bits, and what led there."""
    lines = [line for sentence in found.words() for line in textwrap.wrap(sentence, WIDTH, subsequent_indent="  ")]
    if found.evidence and found.evidence.says_something and not found.same_distinct_record:
        lines += ["", "The two records", *_pair_lines(found, found.evidence)]
    if found.whole and found.whole.steps and not found.whole_is_pair:
        lines += ["", "As a whole" if found.taken_out is None else "Taken out, against all the others"]
        lines += _whole_lines(found, found.whole)
    if found.ties:
        lines += ["", "How they are tied"]
        weights = ["" if tie.weight is None else f"{tie.weight:+.2f}" for tie in found.ties]
        lines += table(
            (tie.left, tie.right, weight, tie.match_key) for tie, weight in zip(found.ties, weights, strict=True)
        )
    if found.meetings and not any(meeting.met for meeting in found.meetings):
        lines += _meeting_lines(found.meetings)
    return "\n".join(lines)


def _pair_lines(found: Explanation, evidence: Waterfall) -> list[str]:
    steps = [
        (step.comparison, f"{step.words} (one in {step.one_in})" if step.one_in else step.words, step)
        for step in evidence.steps
        if step.level is not None
    ]
    rows = [(name, said, step.bits, step.left, step.right) for name, said, step in steps]
    end = ("together", percent(evidence.probability), f"{evidence.weight:+.2f}", "", "", "")
    return _waterfall((found.left.name, found.right.name), evidence.prior_bits, rows, [end])


def _whole_lines(found: Explanation, whole: AsAWhole) -> list[str]:
    rows = [
        (step.comparison, f"{step.words}: {step.aside}" if step.aside else step.words, step.bits, step.left, step.right)
        for step in whole.steps
    ]
    if whole.crowd_bits:
        rows.append(("crowd", "many say the same, and too little", whole.crowd_bits, None, None))
    ends: list[Row] = [("together", "", f"{whole.weight:+.2f}", "", "", "")]
    if whole.probability is not None:
        ends.append(("by experience", f"{percent(whole.probability)} of such are one customer", "", "", "", ""))
    if found.taken_out is None:
        heads = f"customer of {found.left.name}", f"customer of {found.right.name}"
    else:
        heads = found.taken_out, "all the others"
    return _waterfall(heads, whole.prior_bits or 0.0, rows, ends)


def _waterfall(
    heads: tuple[str, str],
    prior: float,
    steps: list[tuple[str, str, float, str | None, str | None]],
    ends: list[Row],
) -> list[str]:
    """Return a table of contributions with bars: what was to be expected, each step with both values, and the sum."""
    most = max(abs(bits) for bits in (prior, 1.0, *(step[2] for step in steps)))
    rows: list[Row] = [("", "", "bits", "", *heads)]
    rows.append(("before looking", "", f"{prior:+.2f}", _bar(prior, most), "", ""))
    for name, said, bits, left, right in steps:
        one, other = lines_of(left), lines_of(right)
        height = max(len(one), len(other))
        pairs = zip([*one, *[""] * (height - len(one))], [*other, *[""] * (height - len(other))], strict=True)
        for place, values in enumerate(pairs):
            first = (name.replace("_", " "), said, f"{bits:+.2f}", _bar(bits, most)) if place == 0 else ("", "", "", "")
            rows.append((*first, *values))
    return aligned([*rows, *ends], right={2})


def _bar(bits: float, most: float) -> str:
    """Return a bar to the left for negative bits, to the right for positive ones."""
    length = min(_BAR, round(_BAR * abs(bits) / most))
    blocks = "█" * length
    return f"{blocks:>{_BAR}}│{'':{_BAR}}" if bits < 0 else f"{'':{_BAR}}│{blocks:<{_BAR}}"


def lines_of(value: str | None) -> list[str]:
    """Return a value in lines that a column holds; of a very long one the beginning, and how long it is."""
    lines = textwrap.wrap(value, _VALUE) if value else ["-"]
    if len(lines) <= _VALUE_LINES:
        return lines
    return [*lines[: _VALUE_LINES - 1], f"… {len(value or '')} characters in all"]


def _meeting_lines(meetings: Iterable[Meeting]) -> list[str]:
    """Return the keys of the rules that both have keys for, those most alike first, and name the other rules."""
    told = sorted(meetings, key=lambda meeting: (not meeting.shared, -meeting.likeness))
    both = [meeting for meeting in told if meeting.left and meeting.right]
    lines = ["", "Blocking keys, those most alike first (in brackets: shared, by too many)"]
    lines += table(_meeting_row(meeting) for meeting in both)
    one_sided = [meeting.rule for meeting in told if bool(meeting.left) != bool(meeting.right)]
    neither = [meeting.rule for meeting in told if not meeting.left and not meeting.right]
    for words, rules in (("only one has a key for", one_sided), ("neither has one for", neither)):
        if rules:
            lines += textwrap.wrap(f"  {words} {', '.join(rules)}", WIDTH, subsequent_indent="    ")
    return lines


def _meeting_row(meeting: Meeting) -> Row:
    return meeting.rule, *(
        ", ".join(f"[{key}]" if key in meeting.shared else key for key in keys)
        for keys in (meeting.left, meeting.right)
    )

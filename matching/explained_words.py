"""An explanation in plain sentences, the answer first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.blocking import SAME_ATTRIBUTES
from matching.score import HOPELESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matching.evidence import Step
    from matching.explain import Explanation, RecordState
    from matching.why_apart import AsAWhole

TOLD_BITS = 0.5
"""Contributions smaller than this are not worth a word."""

REASONS = {
    "newsletter": "it is a newsletter",
    "bounce": "it is a bounced mail",
    "no_reply": "it comes from an address that nobody reads",
    "out_of_office": "it is an automatic reply",
    "internal": "it is among ourselves",
    "test": "it is a test",
    "no_identity": "it says nothing about who it is",
    "not_a_customer_record": "its source does not hold records of customers",
}


def sentences(found: Explanation) -> list[str]:
    """Return the explanation, a sentence per entry."""
    return list(_sentences(found))


def _sentences(found: Explanation) -> Iterator[str]:
    left, right = found.left, found.right
    yield f"{left.name} and {right.name} are {'one customer' if found.same_customer else 'not one customer'}."
    for record in (left, right):
        yield from _of_state(record)
    if found.evidence is None:
        return
    if found.same_distinct_record:
        yield (
            f"Both say exactly the same once they are standardised: they are one distinct record of {left.equals} "
            "source records, which says enough to be one customer."
        )
        return
    yield from _of_pair(found)
    if found.same_customer:
        yield from _of_ties(found)
    elif found.whole:
        yield from _of_whole(found, found.whole)


def _of_state(record: RecordState) -> Iterator[str]:
    if record.state == "excluded":
        yield f"{record.name} is nobody's: {REASONS.get(record.reason or '', record.reason)}."
    if record.state == "deleted":
        yield f"{record.name} was deleted: its source does not have it any more."


def _of_pair(found: Explanation) -> Iterator[str]:
    evidence = found.evidence
    if evidence is None:
        return
    odds = f"a weight of {evidence.weight:+.2f} bits, a probability of {_percent(evidence.probability)}"
    if found.match_key == SAME_ATTRIBUTES:
        yield f"They say the same, though too little to be one customer by that alone; compared, they have {odds}."
    elif found.was_compared:
        yield f"They were compared, first found by the blocking rule {found.match_key}: {odds}."
    elif met := [meeting.rule for meeting in found.meetings if meeting.met]:
        yield (
            f"They met by the blocking rule {met[0]} and were put away as unlike beyond hope "
            f"(below {HOPELESS:g} bits): {odds}."
        )
    else:
        yield from _of_no_meeting(found)
        yield f"Had they been compared, they would have {odds}."
    told = [step for step in evidence.steps if abs(step.bits) >= TOLD_BITS]
    speaking_for = [f"{step.words}{_aside(step)} ({step.bits:+.1f})" for step in told if step.bits > 0]
    against = [f"{step.words}{_aside(step)} ({step.bits:+.1f})" for step in told if step.bits < 0]
    if speaking_for:
        yield f"For one person: {', '.join(speaking_for)}."
    if against:
        yield f"Against: {', '.join(against)}."


def _aside(step: Step) -> str:
    """Say why something shared speaks against one person, or something different for one: because of households."""
    if step.match_bits > 0 > step.bits:
        return ", as households do"
    if step.match_bits < 0 < step.bits:
        return ", which a household would share"
    return ""


def _of_no_meeting(found: Explanation) -> Iterator[str]:
    cut = [meeting for meeting in found.meetings if meeting.shared]
    if not cut:
        yield f"They were never compared: none of the {len(found.meetings)} blocking rules gives both the same key."
        return
    common = ", ".join(f"{meeting.rule} ({meeting.bearers} carry it, {meeting.limit} may)" for meeting in cut)
    yield f"They were never compared: the keys that both have are too common: {common}."


def _of_ties(found: Explanation) -> Iterator[str]:
    if not found.ties:
        return
    weakest = min(tie.weight for tie in found.ties)
    if len(found.ties) == 1:
        yield "This pair itself is what ties them most firmly."
        return
    by_way = ", ".join(tie.right for tie in found.ties[:-1])
    yield f"They are tied by way of {by_way}: {len(found.ties)} pairs, the weakest of {weakest:+.2f} bits."


def _of_whole(found: Explanation, whole: AsAWhole) -> Iterator[str]:
    ours, theirs = _records(found.left), _records(found.right)
    if whole.weight is None or whole.probability is None or whole.strongest is None:
        yield f"Nothing else ties their customers ({ours}, {theirs}): no record of one is like one of the other."
        return
    yield (
        f"Taken as a whole their customers ({ours}, {theirs}) weigh {whole.weight:+.2f} bits, "
        f"{_percent(whole.probability)}, over {whole.pairs} compared {'pair' if whole.pairs == 1 else 'pairs'} "
        f"of which the strongest has {whole.strongest:+.2f}; {_percent(found.merge_at)} is needed to merge."
    )
    if found.match_probability is not None and found.match_probability >= found.merge_at:
        yield "The pair alone would be evidence enough: what the other records of the two customers say outweighs it."
    for conflict in whole.conflicts:
        yield (
            f"They do not agree on {conflict.attribute.replace('_', ' ')}: "
            f"{conflict.left} (in {conflict.left_support}) against {conflict.right} (in {conflict.right_support})."
        )


def _records(record: RecordState) -> str:
    return "1 record" if record.records == 1 else f"{record.records} records"


def _percent(share: float) -> str:
    """Return a share as a percentage with the digits that tell it from none and all."""
    percent = 100 * share
    if percent > 99.99:  # noqa: PLR2004 - what two decimals cannot tell from 100
        return "over 99.99%"
    if percent < 0.01:  # noqa: PLR2004 - what two decimals cannot tell from 0
        return "under 0.01%"
    return f"{percent:.2f}%"

"""An explanation in plain sentences, the answer first."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from matching.poisoned import GIANT, STRICTEST
from matching.score import HOPELESS, MOST_ALIKE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matching.evidence import Step
    from matching.explain import Explanation, RecordState
    from matching.whole import AsAWhole, WholeStep
    from matching.why_apart import Meeting

TOLD_BITS = 0.5
"""Contributions smaller than this are not worth a word."""

NEARLY = 0.9
"""Keys at least so alike, by Jaro and Winkler, nearly let two records meet."""

REASONS = {
    "newsletter": "it is a newsletter",
    "bounce": "it is a bounced mail",
    "no_reply": "it comes from an address that nobody reads",
    "out_of_office": "it is an automatic reply",
    "internal": "it is among ourselves",
    "test": "it is a test",
    "no_identity": "it says nothing about who it is",
    "not_a_customer_record": "its source does not hold records of customers",
    "not_a_customer": "a steward said so",
}


def sentences(found: Explanation) -> list[str]:
    """Return the explanation, a sentence per entry."""
    return list(_sentences(found))


def _sentences(found: Explanation) -> Iterator[str]:
    left, right = found.left, found.right
    yield f"{left.name} and {right.name} are {'one customer' if found.same_customer else 'not one customer'}."
    for record in (left, right):
        yield from _of_state(record)
    yield from _of_decisions(found)
    yield from (ruled.sentence() for ruled in found.rulings)
    yield from _of_taken_apart(found)
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
        yield from _of_taken_out(found)
    elif found.whole and not (found.says_enough and found.whole.weight is None):
        yield from _of_whole(found, found.whole)


def _of_state(record: RecordState) -> Iterator[str]:
    if record.state == "excluded":
        yield f"{record.name} is nobody's: {REASONS.get(record.reason or '', record.reason)}."
    if record.state == "deleted":
        yield f"{record.name} was deleted: its source does not have it any more."


def _of_decisions(found: Explanation) -> Iterator[str]:
    """Say who decided what of the two, or of what ties them; what holds tells more than what has yielded."""
    asked = found.left.name, found.right.name
    ties = [tie.decided for tie in found.ties if tie.decided]
    for said in sorted((*ties, *found.decisions), key=lambda said: (not said.holds, said.decision_id)):
        yield said.sentence(asked)


def _of_taken_apart(found: Explanation) -> Iterator[str]:
    whole = found.taken_apart
    if whole is None:
        return
    size = f"{whole.records} records, {whole.distinct_records} of them distinct"
    if whole.reason == GIANT:
        yield f"Their records came out as one customer of {size}, which is more than any customer has."
    else:
        yield f"What stewards decided of their records ({size}) contradicts itself."
    yield (
        f"So they were taken apart, into {whole.parts} parts: to merge there {percent(STRICTEST)} is needed, or a "
        "steward's decision that two of their records are one customer."
    )


def _of_pair(found: Explanation) -> Iterator[str]:
    evidence = found.evidence
    if evidence is None:
        return
    odds = f"a weight of {evidence.weight:+.2f} bits, a probability of {percent(evidence.probability)}"
    if found.says_enough:
        yield (
            "Both say exactly the same once they are standardised, which says enough to be one customer; they are two "
            "distinct records because a decision names one of them."
        )
        return
    if found.says_the_same:
        yield f"They say the same, though too little to be one customer by that alone; compared, they have {odds}."
        yield from _of_crowd(found)
    elif found.was_compared:
        yield f"They were compared, first found by the blocking rule {found.match_key}: {odds}."
    elif found.crowd:
        yield (
            f"They were never compared: {found.crowd} records say just what one of them says, and nobody can tell "
            f"whose each is; up to {MOST_ALIKE} are held against others. Compared, they would have {odds}."
        )
    elif met := [meeting.rule for meeting in found.meetings if meeting.met]:
        yield (
            f"They met by the blocking rule {met[0]} and were put away as unlike beyond hope "
            f"(below {HOPELESS:g} bits): {odds}."
        )
    else:
        yield from _of_no_meeting(found)
        yield f"Had they been compared, they would have {odds}."
    if not evidence.says_something:
        yield "Nothing that one of them says can be compared with anything that the other says."
    yield from _for_and_against(evidence.steps)


def _for_and_against(steps: Sequence[Step | WholeStep]) -> Iterator[str]:
    told = [step for step in steps if abs(step.bits) >= TOLD_BITS]
    speaking_for = [f"{step.words}{_aside(step)} ({step.bits:+.1f})" for step in told if step.bits > 0]
    against = [f"{step.words}{_aside(step)} ({step.bits:+.1f})" for step in told if step.bits < 0]
    if speaking_for:
        yield f"For one person: {', '.join(speaking_for)}."
    if against:
        yield f"Against: {', '.join(against)}."


def _aside(step: Step | WholeStep) -> str:
    """Say why something shared speaks against one person, or something different for one: because of households."""
    if step.match_bits > 0 > step.bits:
        return ", as households do"
    if step.match_bits < 0 < step.bits:
        return ", which a household would share"
    return ""


def _of_crowd(found: Explanation) -> Iterator[str]:
    """Say what it costs that several records say just this, and what that leaves."""
    crowd = found.left.says_just_this
    if found.match_weight is None or found.alone_probability is None:
        return
    left = f"{found.match_weight - log2(crowd):+.2f}, {percent(found.alone_probability)}"
    yield (
        f"{crowd} records say just this and may be {crowd} people: {-log2(crowd):+.1f} bits, which leaves {left}; "
        f"{percent(found.merge_at)} is needed to merge."
    )


def _of_no_meeting(found: Explanation) -> Iterator[str]:
    cut = [meeting for meeting in found.meetings if meeting.shared]
    if not cut:
        yield f"They were never compared: none of the {len(found.meetings)} blocking rules gives both the same key."
        near = [meeting for meeting in found.meetings if meeting.likeness >= NEARLY]
        if near:
            nearest = max(near, key=lambda meeting: meeting.likeness)
            yield f"{nearest.rule} nearly did: {_first(nearest.left)} against {_first(nearest.right)}."
        return
    yield "They were never compared: the keys that both have are carried by too many."
    for meeting in cut:
        yield f"{meeting.rule}: {meeting.bearers} carry the key, {meeting.limit} may{_second(meeting)}."


def _second(meeting: Meeting) -> str:
    """Say why the second key, which narrows one that too many carry, did not help."""
    if not meeting.second_left or not meeting.second_right:
        return ", and there is no second one to narrow it by"
    if set(meeting.second_left) & set(meeting.second_right):
        return ", and as many together with the second one"
    return f"; the second ones differ, {_first(meeting.second_left)} against {_first(meeting.second_right)}"


def _first(keys: tuple[str, ...]) -> str:
    return keys[0] if len(keys) == 1 else f"{keys[0]} (and {len(keys) - 1} more)"


def _of_ties(found: Explanation) -> Iterator[str]:
    if not found.ties:
        yield "No chain of compared pairs leads from one to the other: their other records were joined as wholes."
        return
    if len(found.ties) == 1:
        if found.ties[0].weight is not None:
            yield "This pair itself is what ties them most firmly."
        return
    by_way = ", ".join(tie.right for tie in found.ties[:-1])
    weights = [(tie.weight, tie) for tie in found.ties if tie.weight is not None]
    what = "pairs" if len(weights) == len(found.ties) else "ties"
    told = f"They are tied by way of {by_way}: {len(found.ties)} {what}"
    if not weights:
        yield f"{told}, each of them decided."
        return
    weight, weakest = min(weights, key=lambda told: told[0])
    yield f"{told}, the weakest, {weakest.left} and {weakest.right}, of {weight:+.2f} bits."


def _of_taken_out(found: Explanation) -> Iterator[str]:
    """Say how firmly the customer hangs together, and what holds the looser of the two records."""
    if found.left.cohesion is not None:
        weakest = f"was formed by merges of which the weakest had {percent(found.left.cohesion)}"
        yield f"Their customer of {_records(found.left)} {weakest}."
    whole = found.whole
    if whole is None or whole.probability is None or whole.weight is None or found.whole_is_pair:
        return
    needed = f"{percent(found.merge_at)} is needed to merge"
    if whole.probability < found.merge_at:
        needed += ", so it came in with some of them before the others did"
    yield (
        f"Taken out and held against all the others, {found.taken_out} weighs {whole.weight:+.2f} bits, "
        f"{percent(whole.probability)}; {needed}."
    )


def _of_whole(found: Explanation, whole: AsAWhole) -> Iterator[str]:
    ours, theirs = _records(found.left), _records(found.right)
    if whole.weight is None or whole.probability is None or whole.strongest is None:
        yield f"Nothing else ties their customers ({ours}, {theirs}): no record of one is like one of the other."
        return
    yield (
        f"Taken as a whole their customers ({ours}, {theirs}) weigh {whole.weight:+.2f} bits, "
        f"{percent(whole.probability)}, over {whole.pairs} compared {'pair' if whole.pairs == 1 else 'pairs'} "
        f"of which the strongest has {whole.strongest:+.2f}; {percent(found.merge_at)} is needed to merge."
    )
    if not found.whole_is_pair:
        yield from _for_and_against(whole.steps)
    if found.verdict == "outweighed":
        yield "The pair alone would be evidence enough: what the other records of the two customers say outweighs it."
    if found.verdict == "to_review":
        yield f"From {percent(found.review_at)} on a steward looks: they are among the pairs to review."
    for conflict in whole.conflicts:
        yield (
            f"They do not agree on {conflict.attribute.replace('_', ' ')}: "
            f"{conflict.left} (in {conflict.left_support}) against {conflict.right} (in {conflict.right_support})."
        )


def _records(record: RecordState) -> str:
    return "1 record" if record.records == 1 else f"{record.records} records"


def percent(share: float) -> str:
    """Return a share as a percentage with the digits that tell it from none and all."""
    percent = 100 * share
    if percent > 99.99:  # noqa: PLR2004 - what two decimals cannot tell from 100
        return "over 99.99%"
    if percent < 0.01:  # noqa: PLR2004 - what two decimals cannot tell from 0
        return "under 0.01%"
    return f"{percent:.2f}%"

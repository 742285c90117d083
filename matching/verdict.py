"""What an explanation comes down to, as one word of a closed list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.explain import Explanation

CUSTOMER, EXCLUDED, DELETED = "customer", "excluded", "deleted"
"""What a record can be."""

VERDICTS = {
    "identical": "one customer: they say the same, and enough",
    "direct": "one customer, tied most firmly to each other",
    "by_way": "one customer, tied more firmly by way of other records",
    "decided_same": "one customer: a steward said so, of the two or of records that tie them",
    "deleted": "no customer: one of them was deleted",
    "excluded": "no customer: one of them is nobody's",
    "decided_different": "two customers: a steward said so, of the two or of other records of their customers",
    "taken_apart": "two customers for now: they came out as one that could not be one, and were taken apart",
    "never_compared": "two customers: no blocking rule gives both the same key",
    "too_common": "two customers: all keys that both have are carried by too many",
    "hopeless": "two customers: compared, and unlike beyond hope",
    "outweighed": "two customers: the pair alone would do, but their other records speak against it",
    "to_review": "two customers for now: likely enough for a steward to look",
    "too_little": "two customers: they say the same, and too little to be one by that",
    "too_weak": "two customers: compared, and not like enough",
}
"""What the answer comes down to."""


def verdict_of(found: Explanation) -> str:
    """Return the key of VERDICTS that holds for two records."""
    for state in (DELETED, EXCLUDED):
        if state in (found.left.state, found.right.state):
            return state
    return _why_together(found) if found.same_customer else _why_apart(found)


def _why_together(found: Explanation) -> str:
    if found.same_distinct_record or found.says_enough:
        return "identical"
    if any(tie.decided for tie in found.ties):
        return "decided_same"
    return "direct" if len(found.ties) == 1 else "by_way"


def _why_apart(found: Explanation) -> str:
    """Return why there are two customers: what was decided of them as wholes, else why they never met."""
    if any(said.holds for said in found.decisions):
        return "decided_different"
    if found.taken_apart:
        return "taken_apart"
    posterior = found.whole.probability if found.whole else None
    if posterior is None:
        return "too_little" if found.says_the_same else _why_not_met(found)
    if found.alone_probability is not None and found.alone_probability >= found.merge_at:
        return "outweighed"
    return "to_review" if posterior >= found.review_at else "too_weak"


def _why_not_met(found: Explanation) -> str:
    if found.crowd:
        return "too_common"
    if any(meeting.met for meeting in found.meetings):
        return "hopeless"
    return "too_common" if any(meeting.shared for meeting in found.meetings) else "never_compared"

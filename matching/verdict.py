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
    "deleted": "no customer: one of them was deleted",
    "excluded": "no customer: one of them is nobody's",
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
    if found.same_customer:
        if found.same_distinct_record:
            return "identical"
        return "direct" if len(found.ties) == 1 else "by_way"
    return _why_apart(found)


def _why_apart(found: Explanation) -> str:
    """Return why there are two customers: what was decided of them as wholes, else why they never met."""
    posterior = found.whole.probability if found.whole else None
    if posterior is not None:
        if found.alone_probability is not None and found.alone_probability >= found.merge_at:
            return "outweighed"
        return "to_review" if posterior >= found.review_at else "too_weak"
    if found.says_the_same:
        return "too_little"
    if any(meeting.met for meeting in found.meetings):
        return "hopeless"
    return "too_common" if any(meeting.shared for meeting in found.meetings) else "never_compared"

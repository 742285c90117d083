"""The shapes of the API's answers, one per route."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from serving.api.models import answer_shape, fields_of, many, shape
from serving.lookup.index import WHY
from serving.reading.searching import SUMMARY
from warehouse.tables.care import (
    ACTIVITY,
    CONTACT_FACT,
    HOUSEHOLD,
    ITEM,
    KNOWN_ISSUE,
    OFFER,
    PERMISSION,
    PROFILE,
    SIGNAL,
    SIGNAL_CHANGE,
)
from warehouse.tables.golden import CHANGE, CROSSWALK, CUSTOMER, PROVENANCE

_NAMES = {
    "full_name": (str | None, "the person's name"),
    "organisation": (str | None, "the company or other body"),
}

Customer = shape("Customer", **fields_of(CUSTOMER))
Profile = shape("Profile", **fields_of(PROFILE))
SourceRecord = shape("SourceRecord", **fields_of(CROSSWALK))
HouseholdMember = shape("HouseholdMember", **fields_of(HOUSEHOLD), **_NAMES)
ContactFact = shape("ContactFact", **fields_of(CONTACT_FACT))
Permission = shape("Permission", **fields_of(PERMISSION))
Offer = shape("Offer", **fields_of(OFFER))
PossibleMatch = shape(
    "PossibleMatch",
    golden_id=(str, "who may be the same"),
    match_probability=(float, "posterior of a match"),
    reason=(str, "why they were left apart"),
    **_NAMES,
)

CustomerAnswer = answer_shape(
    "CustomerAnswer",
    customer=(Customer, "the golden record"),
    profile=(Profile | None, "the customer in figures"),
    records=(many(SourceRecord), "the source records that are this customer"),
    household=(many(HouseholdMember), "who lives with them, they too; empty where nobody is known to"),
    possible_matches=(many(PossibleMatch), "customers who may be the same person, the likeliest first"),
    contact_facts=(many(ContactFact), "what they told us of how to reach them, the newest first"),
    permissions=(many(Permission), "by which channels they may be addressed, and what for"),
    offers=(many(Offer), "the offers of joinedup.yaml, and whether they fit"),
)

Item = shape("Item", **fields_of(ITEM, without=("activity_id",)))
Activity = shape("Activity", **fields_of(ACTIVITY), items=(many(Item), "the lines of an order or invoice"))
Signal = shape("Signal", **fields_of(SIGNAL))
Alternative = shape(
    "Alternative",
    value=(str, "a value that lost"),
    source=(str, "the source that says it"),
    source_record_id=(str | None, "the record that says it; for the role steward"),
    observed_at=(datetime | None, "when it said so, UTC"),
)
Provenance = shape(
    "Provenance",
    **fields_of(
        PROVENANCE,
        alternatives=(many(Alternative), "the values that lost, best first; none for the role reader"),
    ),
)
_AFTER = (dict[str, Any] | None, "the row of `customer` or `crosswalk` as it is now; masked for the role reader")
Change = shape("Change", **fields_of(CHANGE, after=_AFTER))
SignalChange = shape("SignalChange", **fields_of(SIGNAL_CHANGE))
_FEED = {
    "next_after": (int, "the sequence to go on after"),
    "more": (bool, "whether there is more by now"),
}
_LAST = {"last": (int, "the last sequence of this release; less than `after` where it was rolled back")}

ActivityAnswer = answer_shape(
    "ActivityAnswer",
    activity=(many(Activity), "what happened, the newest first"),
    next_cursor=(str | None, "what asks for the next page; null where there is none"),
)
SignalsAnswer = answer_shape("SignalsAnswer", signals=(many(Signal), "the most severe first, then the newest"))
ProvenanceAnswer = answer_shape("ProvenanceAnswer", provenance=(many(Provenance), "by attribute"))
HistoryAnswer = answer_shape("HistoryAnswer", events=(many(Change), "the oldest first"), **_FEED)
ChangesAnswer = answer_shape("ChangesAnswer", changes=(many(Change), "in their order"), **_FEED, **_LAST)
SignalChangesAnswer = answer_shape(
    "SignalChangesAnswer", changes=(many(SignalChange), "in their order"), **_FEED, **_LAST
)

_SEEN = {name: field for name, field in fields_of(CUSTOMER).items() if name in SUMMARY}
Hit = shape(
    "Hit",
    **_SEEN,
    why=(Literal[WHY], "what the customer was found by"),
    orders=(int, "orders, without cancelled ones"),
    open_cases=(int, "cases whose status is open"),
)
SearchAnswer = answer_shape(
    "SearchAnswer",
    customers=(many(Hit), "who was found; those of most records first, for `q` those that fit best"),
    more=(bool, "whether there are more than asked for"),
)
Resolved = shape(
    "Resolved",
    source=(str, "as asked"),
    source_record_id=(str, "as asked"),
    state=(
        Literal["customer", "nobody", "unknown"],
        "customer: somebody's; nobody: it says too little of anybody; unknown: the release does not have it",
    ),
    golden_id=(str | None, "whose it is"),
    reason=(str | None, "why it is nobody's"),
)
ResolveAnswer = answer_shape("ResolveAnswer", records=(many(Resolved), "in the order asked"))

MatchReason = shape(
    "MatchReason",
    comparison=(str, "what was compared"),
    level=(str, "the level of agreement"),
    words=(str, "the level, in words"),
    bits=(float, "what it adds to the weight of being one, in bits; below 0 it speaks against it"),
)
MatchCandidate = shape(
    "MatchCandidate",
    golden_id=(str, "a customer"),
    probability=(float, "posterior that the record is theirs"),
    reasons=(many(MatchReason), "what weighs most first; empty for the role reader"),
)
MatchAnswer = answer_shape(
    "MatchAnswer",
    verdict=(
        Literal["new", "this", "one_of"],
        (
            "new: it is nobody's so far; this: it joins the first candidate, and makes one of several; one_of: it joins"
            " none for now, and a steward would be asked about these"
        ),
    ),
    candidates=(many(MatchCandidate), "likeliest first; none where it is new"),
)

Issue = shape(
    "Issue",
    **fields_of(KNOWN_ISSUE),
    customers=(int, "customers with an open order that it touches"),
    orders=(int, "open orders that it touches"),
)
TouchedOrder = shape(
    "TouchedOrder",
    activity_id=(str, "the order"),
    reference=(str | None, "its number"),
    line=(int, "its line; 0 where the whole order is touched"),
    because=(str, "what the line and the issue have in common"),
)
Touched = shape(
    "Touched",
    **{name: _SEEN[name] for name in ("golden_id", "full_name", "organisation", "email", "phone")},
    orders=(many(TouchedOrder), "their open orders that it touches"),
)
IssuesAnswer = answer_shape("IssuesAnswer", issues=(many(Issue), "those that touch most customers first"))
TouchedAnswer = answer_shape(
    "TouchedAnswer",
    issue=(Issue, "the issue"),
    customers=(many(Touched), "whose open orders it touches, by golden id"),
    next_cursor=(str | None, "what asks for the next page; null where there is none"),
)

ReleaseAnswer = answer_shape(
    "ReleaseAnswer",
    created_at=(datetime, "when it was made, UTC"),
    base_release_id=(str | None, "the release that it was built on"),
    content_hash=(str, "equal where the content is"),
    release_hash=(str, "equal where the content and the golden ids are"),
    model_version=(str | None, "the model that compared records"),
    rows=(dict[str, int], "rows by table"),
    versions=(dict[str, str], "the versions of what made it"),
    precision=(dict[str, Any] | None, "of merges, estimated from stewards' judgements; null before there are enough"),
    recall=(dict[str, Any] | None, "the same, of what should be merged"),
)
Health = shape(
    "Health",
    status=(Literal["ok", "failing"], "whether requests can be answered"),
    release_id=(str | None, "the release that answers; null before the first"),
    as_of=(datetime | None, "its time, UTC"),
    age_seconds=(int | None, "how long ago it was made"),
)

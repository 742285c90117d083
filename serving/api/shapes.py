"""The shapes of the API's answers, one per route."""

from __future__ import annotations

from serving.api.models import answer_shape, fields_of, many, shape
from warehouse.tables.care import CONTACT_FACT, HOUSEHOLD, OFFER, PERMISSION, PROFILE
from warehouse.tables.golden import CROSSWALK, CUSTOMER

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

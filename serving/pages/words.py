"""What the agents' pages call things: kinds, states, uses that a customer is fit for, severities, channels, events."""

from __future__ import annotations

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
KINDS: dict[str, tuple[str, str]] = {
    "order": ("order", "orders"),
    "delivery": ("delivery", "deliveries"),
    "invoice": ("invoice", "invoices"),
    "message": ("mail", "mails"),
    "case": ("case", "cases"),
    "interaction": ("contact", "contacts"),
    "account": ("account", "accounts"),
    "campaign": ("campaign", "campaigns"),
    "inventory": ("stock", "stock"),
    "known_issue": ("known issue", "known issues"),
}
"""A kind of activity, one and many, in the order that filters have."""
SEVERITIES: dict[str, tuple[str, str]] = {
    "urgent": ("bad", "!"),
    "warning": ("warn", "▲"),
    "notice": ("accent", "●"),
    "info": ("", "i"),
}
"""The colour and the sign of each severity, what presses most first."""
TRUST: dict[str, tuple[str, str, str]] = {
    "billing": ("good", "Sure", "All of this is one person's, sure enough to bill by."),
    "service": ("good", "Sure enough to serve", "Ask who it is before you speak of money or change an address."),
    "marketing": ("warn", "Probably one person", "Ask who it is before you tell anything of an order."),
    "analytics": ("bad", "May be two people", "Ask who it is first, and tell only what they tell you themselves."),
}
"""The colour, the name, and what to do for each use that a customer is fit for (`safe_for`)."""
CHANNELS = {"email": "e-mail", "sms": "text message", "post": "letter", "any": "any channel"}
PURPOSES = {"any": "for anything"}
EXPERIENCE = {"none": "has not ordered yet", "new": "new", "regular": "regular", "expert": "knows us well"}
HOUSEHOLD = {
    "address": "same address",
    "email": "same e-mail",
    "phone": "same telephone",
    "decision": "as we were told",
}
ATTRIBUTES = {
    "birth_date": "born",
    "family_name": "family name",
    "given_name": "given name",
    "middle_name": "middle name",
    "name_suffix": "suffix",
    "postal_code": "postal code",
    "phone": "telephone",
    "email": "e-mail",
}
RULES = {
    "trust": "from the source that is trusted most",
    "recency": "said last",
    "frequency": "said most often",
    "completeness": "the fullest form",
    "record order": "first of equals",
    "only value": "nothing else was said",
    "pinned": "a steward said so",
}
"""By which rule a value was chosen, as `provenance` has it."""
TOLD = {
    "new": "gave a new",
    "no_longer": "said this is no longer their",
    "forwarded": "wrote by way of somebody else, under this",
}


def counted(count: int, kind: str) -> str:
    """Return so many of a kind, in words."""
    one, many = KINDS.get(kind, (kind, kind))
    return f"{count:,} {one if count == 1 else many}"


def titled(name: str) -> str:
    """Return the name of a signal as a title: `order_late` is Order late."""
    return name.replace("_", " ").strip().capitalize()


def basis_words(basis: str) -> str:
    """Return what people of a household have in common."""
    return ", ".join(HOUSEHOLD.get(part, part) for part in basis.split("_and_"))

"""What the agents' pages call things: kinds, states, uses that a customer is fit for, severities, channels, events."""

from __future__ import annotations

import re

_ANSWERS = re.compile(r"^(?:(?:re|aw|sv|rv|fwd?|wg|tr)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
"""What mail programs put before the subject of an answer, or of what is passed on."""
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
    "billing": ("good", "Sure", "At least 99 of 100 such customers are one person."),
    "service": ("good", "Sure enough to serve", "Ask what only they can answer before you tell them anything."),
    "marketing": ("warn", "Probably", "Somebody else may be in here: first ask what only they can answer."),
    "analytics": ("bad", "Perhaps not", "Tell them only what they tell you themselves, and let a steward look."),
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


def plain(subject: str | None) -> str:
    """Return a subject without what says that it is an answer."""
    return _ANSWERS.sub("", (subject or "").strip())


def basis_words(basis: str) -> str:
    """Return what people of a household have in common."""
    return ", ".join(HOUSEHOLD.get(part, part) for part in basis.split("_and_"))

"""What the review pages call things: queues, answers and their keys, marks, and reasons where none is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueWords:
    """How a queue is named, asked, and explained in a line."""

    name: str
    about: str
    empty: str


QUEUES: dict[str, QueueWords] = {
    "default": QueueWords(
        "Possibly one customer",
        "Too alike to be told apart, not alike enough to be merged. What removes most harm a minute comes first.",
        "Nothing is uncertain enough to ask you.",
    ),
    "a_or_b": QueueWords(
        "One or the other",
        "A record or customer that fits two customers, who are not one.",
        "Nothing fits two customers.",
    ),
    "conflict": QueueWords(
        "Conflicts",
        "Decisions, or what records say, that contradict each other.",
        "No decisions contradict each other.",
    ),
    "poisoned": QueueWords(
        "Taken apart",
        "Came out as one customer and cannot be one, and was taken apart.",
        "Nothing had to be taken apart.",
    ),
    "reconfirm": QueueWords(
        "To reconfirm",
        "Decided once; a record says something else now.",
        "Every decision still rests on what it was made of.",
    ),
    "oldest": QueueWords(
        "Oldest first",
        "All of these, what has waited longest first.",
        "Nothing waits at all.",
    ),
    "audit": QueueWords(
        "Blind audit",
        "Pairs drawn at random, shown without what the model thinks. They measure how good the release is.",
        "No pairs are left to be judged.",
    ),
}

KEYS: tuple[tuple[str, str], ...] = (
    ("S", "Same: all of them are one customer"),
    ("D", "Different: they are not one customer"),
    ("U", "Unsure: looked at, cannot be told"),
    ("H", "Household: two people of one household"),
    ("B", "Break here: part the customer at its weakest tie"),
    ("P", "Pin the chosen value, for a time or for good"),
    ("X", "Placeholder: the chosen value says nothing about anybody"),
    ("K", "Later: ask me again on a day"),
    ("N", "Write down why"),
    ("Z", "Undo the last answer"),
    ("← → ↑ ↓", "Choose a value on the card"),
    ("Esc", "Leave a field, or do not answer after all"),
    ("?", "These keys"),
)
"""What each key does, as the help shows it."""

REASONS: dict[str, str] = {
    "S": "same person",
    "D": "different people",
    "U": "cannot be told from what is there",
    "H": "two people of one household",
    "B": "two customers in one",
    "P": "this value is the right one",
    "X": "a placeholder, nobody's value",
}
"""What the log gets for a reason where the steward gives none."""

COMMON_REASONS: tuple[str, ...] = (
    "same person, moved house",
    "same person, new name",
    "same person, typing error",
    "confirmed by phone",
    "father and son",
    "siblings",
    "shared e-mail",
    "shared phone",
    "company and person",
    "test data",
)
"""What the field for a reason offers."""

MARKS: dict[str, str] = {"agree": "agrees", "near": "nearly agrees", "differ": "differs", "missing": "says nothing"}
"""How a value stands to the leading one, for who hears the page."""

SAID: dict[str, str] = {
    "same": "one customer",
    "different": "not one customer",
    "unsure": "cannot be told",
    "household": "two people of one household",
    "split": "two customers in one",
    "pin": "a value is pinned",
    "placeholder": "a value says nothing",
    "not_a_customer": "nobody's record",
}
"""What each kind of decision says, in words."""

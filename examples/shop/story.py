"""The story the three nights tell, and how it is told: who plays which part, by the keys of their records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Role = Literal[
    "shares_phone",
    "twins",
    "father_and_son",
    "unreadable",
    "moves",
    "marries",
    "corrects",
    "complains",
    "merges",
    "splits",
    "forewarned",
]


@dataclass(frozen=True)
class Part:
    """One part of the story: what happens on a night, to whom.

    `groups` holds record keys (`SOURCE:SOURCE_RECORD_ID`), one tuple per customer: for `merges` the two customers of
    the night before, the one that ends first; for `splits` the two of this night, the one that is new last; for every
    other role one tuple per person, each of whom is one customer throughout.
    """

    role: Role
    night: int
    told: str
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class NightStory:
    """What one night's exports hold, and what a reader can look for in them.

    `records` counts what each source delivers, by source and without repetition: orders (not their lines), accounts,
    cases, the mails of this night's file, articles sent, articles in stock and known issues. `nobodys` counts those
    that belong to no customer, by kind.
    `arrivals` are the first orders of new customers, `departures` the accounts deleted since the night before.
    """

    night: int
    exported_at: datetime
    files: tuple[str, ...]
    records: Mapping[str, int]
    order_lines: int
    repeated_mails: int
    nobodys: Mapping[str, int]
    arrivals: tuple[str, ...]
    departures: tuple[str, ...]
    parts: tuple[Part, ...]

    def part(self, role: Role) -> Part:
        """Find the part with a role that is played on this night; raises KeyError if there is none."""
        for part in self.parts:
            if part.role == role:
                return part
        raise KeyError(f"nobody {role} on night {self.night}; the parts are {[part.role for part in self.parts]}")

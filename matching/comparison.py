"""What a comparison is: per attribute, the levels of agreement that two distinct records can show, strongest first.

One definition serves all: the SQL goes to Splink, the words to `explain`, the order to the model. A level's SQL speaks
of the columns of `features.py` with `_l` and `_r`, as Splink does; the first level that holds is the pair's. `gamma`
counts from the bottom: 0 is the last level ("different"), -1 means that nothing can be said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement; `frequency` names the attribute whose value's rarity weighs in where it holds.

    `given` are its shares of match, household and random pairs where they are fixed by hand, else None.
    """

    name: str
    sql: str
    words: str
    frequency: str | None = None
    given: tuple[float | None, float | None, float | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attribute compared: `null` says when nothing can be said; the last level is what remains.

    `kind` is how entities use it: a person has a single name and birth date, but may have multiple e-mails.
    `shown` are the columns that `explain` shows.
    """

    name: str
    kind: Literal["single", "multiple"]
    null: str
    levels: tuple[Level, ...]
    shown: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `features.py` that the comparison looks at, sorted."""
        spoken = " ".join([self.null, *(level.sql for level in self.levels)])
        return tuple(sorted(set(re.findall(r"\b(\w+)_[lr]\b", spoken))))

    def gamma_sql(self) -> str:
        """Return the CASE expression that gives the pair's gamma."""
        top = len(self.levels) - 1
        branches = [f"WHEN {level.sql} THEN {top - place}" for place, level in enumerate(self.levels[:-1])]
        return f"CASE WHEN {self.null} THEN -1 {' '.join(branches)} ELSE 0 END"

    def level_of(self, gamma: int) -> Level | None:
        """Return the level that `gamma` stands for, None for -1."""
        return None if gamma < 0 else self.levels[len(self.levels) - 1 - gamma]


def shares_one(several: str, one: str) -> str:
    """Return SQL that tells whether two lists share a value, where the column `several` is null for a single value."""
    return (
        f"list_contains({several}_l, {one}_r) OR list_contains({several}_r, {one}_l)"
        f" OR list_has_any({several}_l, {several}_r)"
    )

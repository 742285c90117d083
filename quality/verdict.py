"""What a rule of the gate found and what it makes of it: a share of what was published, or a number not to be passed.

Invariant: a share counts only from `and_at_least` on; a limit counts from the first that is too many; a least one is
wanted whatever is concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quality.cause import Cause

_ROUNDING = 1e-9
"""A share such as 0.7% is not exact in binary; so much less than one record in a billion does not hold a night."""

APPROVE = "joinedup release approve --reason TEXT"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and the share of them that one night may touch beyond the share that was so `before`.

    `look_at` says what to do where it holds the night, `instead_of` what there was none of where the population is 0.
    """

    rule: str
    subject: str
    affected: int
    population: int
    allowed: float
    noun: str
    what_happened: str
    look_at: str
    before: float = 0.0

    unit = "share"

    @property
    def found(self) -> float:
        """The share affected beyond what was so before; 0 where there was nothing to affect."""
        return max(0.0, self.affected / self.population - self.before) if self.population else 0.0

    def holds(self, at_least: int) -> bool:
        """Return whether it is more than allowed, and `at_least` so many."""
        return self.affected >= at_least and self.found > self.allowed + _ROUNDING

    def told(self, at_least: int) -> str:
        """Return in words what was found and what is allowed."""
        if not self.population:
            return f"no {self.noun} were published before: there is nothing to lose"
        source = f"{self.subject}: " if self.subject else ""
        share = f"{self.affected / self.population:.1%}"
        more = f", where it was {self.before:.1%}" if self.before else ""
        found = f"{source}{self.affected:,} of {self.population:,} {self.noun} ({share}{more}) {self.what_happened}"
        allowed = f"{self.allowed:.1%} {'more ' if self.before else ''}may be in one night, or fewer than {at_least:,}"
        return f"{found}; {allowed}"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many, and how many there may be, whatever share that is; `key` is False where no setting moves the limit."""

    rule: str
    subject: str
    affected: int
    allowed: int
    what_happened: str
    look_at: str
    population: int = 0
    key: bool = True

    unit = "count"

    @property
    def found(self) -> int:
        """How many there are."""
        return self.affected

    def holds(self, _at_least: int) -> bool:
        """Return whether they are more than allowed; a limit has no least."""
        return self.affected > self.allowed

    def told(self, _at_least: int) -> str:
        """Return in words what was found and what is allowed."""
        return f"{self.affected:,} {self.what_happened}; {self.allowed:,} may be in one night"


@dataclass(frozen=True, slots=True)
class Least:
    """A share that was measured, by so many judgements, and the least that it may be; None where too few were judged.

    What is held against the least is the lower end of the interval: the share itself may be that low.
    """

    rule: str
    subject: str
    affected: int
    measured: float | None
    low: float | None
    high: float | None
    allowed: float
    noun: str
    look_at: str

    unit = "share"
    population = 0

    @property
    def found(self) -> float:
        """The lower end of the interval; 1 where nothing is measured, which holds no night."""
        return 1.0 if self.low is None else self.low

    def holds(self, _at_least: int) -> bool:
        """Return whether it may be less than the least."""
        return self.found < self.allowed - _ROUNDING

    def told(self, _at_least: int) -> str:
        """Return in words what was measured and what is wanted."""
        if self.measured is None or self.low is None or self.high is None:
            return f"{self.noun} is not measured yet: too few pairs were judged in the queue `audit`"
        interval = f"{self.low:.2%} to {self.high:.2%} by {self.affected:,} judged pairs"
        return f"{self.noun} is {self.measured:.2%} ({interval}); it is to be {self.allowed:.2%} at the lower end"


Finding = Share | Limit | Least


def reason(finding: Finding, at_least: int, causes: tuple[Cause, ...], told_with: str = "") -> str:
    """Return for people what was found and what is allowed; where it holds the night also what caused it and helps.

    `told_with` is the rule whose reason has told the same causes already.
    """
    told = finding.told(at_least)
    if not finding.holds(at_least):
        return told
    if told_with:
        return f"{told}. Cause: the same as of {told_with}. To do: {finding.look_at}{_where_right(finding)}"
    because = f". Cause: {'; '.join(cause.told for cause in causes)}" if causes else ""
    todo = "; ".join(dict.fromkeys([*(cause.advice for cause in causes if cause.advice), finding.look_at]))
    return f"{told}{because}. To do: {todo}{_where_right(finding)}"


def _where_right(finding: Finding) -> str:
    if isinstance(finding, Limit) and not finding.key:
        return ""
    change = "lower" if isinstance(finding, Least) else "raise"
    return f"; or where it is right, `{APPROVE}`, or {change} gate.{finding.rule} in joinedup.yaml and run again"

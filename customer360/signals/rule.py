"""What a rule is: a file that says when one thing is to be known about a customer, and how it is told.

A rule's `sql` reads the temporary tables of `facts` and the tables of `care`, and gives golden_id, since, evidence,
words, activity_id; it may use the macros of `facts`: now(), end_of(moment), day_of(moment), called(…), quoted(subject).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

    from warehouse.settings.signals import SignalSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be set of a rule; None where it has no such limit."""

    after: timedelta | None = None
    within: timedelta | None = None
    at_least: int = 1

    def changed(self, change: SignalSettings | None) -> Limits:
        """Return the limits as joinedup.yaml changes them."""
        told = {name: getattr(change, name, None) for name in ("after", "within", "at_least")}
        return replace(self, **{name: value for name, value in told.items() if value is not None})


class Rule(Protocol):
    """A rule file, as a module."""

    __name__: str
    __doc__: str | None
    NAME: str
    TITLE: str
    SEVERITY: str
    LIMITS: Limits

    def sql(self, limits: Limits) -> str:
        """Return the query that gives who is concerned."""
        ...


def span(length: timedelta | None) -> str:
    """Return SQL for a length of time; without one, none."""
    return f"to_seconds({int(length.total_seconds()) if length else 0})"

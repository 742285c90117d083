"""What is said when a decision cannot stand beside others: the chain of decisions that shows it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from stewardship.entry import VERDICTS, Entry, Kind, Pair, Record, written
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGNS = {"same": "=", "different": "≠"}
_VERDICTS = {"same": "the same customer", "different": "different ones"}
_SAYS: dict[Kind, str] = {"split": "that they are split", "household": "that they are a household"}


class Step(NamedTuple):
    """One step of a chain: to which record, and the decision that leads there."""

    to: Record
    entry: Entry


class Contradiction(Refused):
    """A decision on a pair that contradicts others; `steps` lead from the lesser record to the other one.

    `places` says where entries stand that are not yet in the log, as `line 3` of a file that is imported.
    """

    def __init__(
        self, kind: Kind, pair: Pair, steps: tuple[Step, ...], places: Mapping[int, str] = MappingProxyType({})
    ) -> None:
        self.kind, self.pair, self.steps, self.places = kind, pair, steps, places
        path = written(pair[0])
        for step in steps:
            place = places.get(step.entry.id, f"decision {step.entry.id}")
            path += f" {_SIGNS[VERDICTS[step.entry.kind]]} {written(step.to)} ({place}: {step.entry.told})"
        standing = dict.fromkeys(str(entry.id) for entry in self.chain if entry.id not in places)
        way_out = f"`joinedup review revoke` {' or '.join(standing)} first, or " if standing else ""
        left_out = "leave this one out" if not set(places) & {entry.id for entry in self.chain} else _LEAVE_ONE
        names = " and ".join(map(written, pair))
        cannot = f"{names} cannot be {_VERDICTS[VERDICTS[kind]]}: {path}"
        super().__init__(f"{cannot}, but you say {_SAYS.get(kind, kind)}; {way_out}{left_out}")

    @property
    def chain(self) -> tuple[Entry, ...]:
        """The decisions in their order from one record to the other."""
        return tuple(step.entry for step in self.steps)

    def placed(self, places: Mapping[int, str]) -> Contradiction:
        """Return the same, with entries named by where they stand: they never got the ids that they would have had."""
        return Contradiction(self.kind, self.pair, self.steps, {**self.places, **places})


_LEAVE_ONE = "leave one of these out"

"""The look-up: which customer of a release one record is, as the night would find it, from memory.

    lookup = Lookup.of(workings, golden, model, settings, as_of.date())
    match = lookup.match(asked_from({"full_name": "Ann Lee", "email": "ann@lee.example"}))
    match.verdict, match.candidates[0].golden_id

Reads the workings and the crosswalk of one release. Keeps this: standardising, keys, levels, weights and the pass of
entities are the night's; what it takes from tonight's other records is what the night had learnt from them. So it says
what the next night will say, unless the record changes what is learnt of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from matching.evidence import contributions
from matching.lookup.held import hold
from matching.lookup.joining import Joining
from matching.lookup.meeting import Meetings
from matching.lookup.roots import Roots
from matching.lookup.spoken import standardise_one
from matching.lookup.taught import learn
from matching.lookup.tuples import tuple_of

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from matching.lookup.asked import Asked
    from matching.lookup.joining import Near
    from matching.lookup.meeting import Meeting
    from matching.model import Model
    from warehouse.settings import Settings

Verdict = Literal["new", "this", "one_of"]


@dataclass(frozen=True, slots=True)
class Reason:
    """What one comparison says of the record and the customer's record most like it: the level, and bits of weight."""

    comparison: str
    level: str
    words: str
    bits: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that the record may be: the posterior that it is, and why, what weighs most first."""

    golden_id: str
    probability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Who the record is.

    `this`: it joins the first candidate, and makes one of all where there are several. `one_of`: it joins none, and a
    steward would be asked about these. `new`: it is nobody's so far.
    """

    verdict: Verdict
    candidates: tuple[Candidate, ...]


class Lookup:
    """One release in memory; any number of threads may ask, one after the other is answered."""

    def __init__(
        self,
        workings: DuckDBPyConnection,
        golden: DuckDBPyConnection,
        model: Model,
        settings: Settings,
        today: date,
    ) -> None:
        self._lock = Lock()
        self._model = model
        self._taught = learn(workings, settings, today)
        self._held = hold(workings, golden, model)
        self._roots = Roots(self._held.bench)
        self._meetings = Meetings(self._held, self._roots)
        self._joining = Joining(self._held, self._roots)

    @classmethod
    def of(
        cls,
        workings: DuckDBPyConnection,
        golden: DuckDBPyConnection,
        model: Model,
        settings: Settings,
        today: date,
    ) -> Self:
        """Load a release; `today` is the day of its night."""
        return cls(workings, golden, model, settings, today)

    def match(self, asked: Asked) -> Match:
        """Return which customer the record is, if any."""
        record = tuple_of(standardise_one(asked, self._taught), self._taught.shared)
        references = sorted({text for raw in asked.references if any(map(str.isdigit, text := raw.strip().upper()))})
        with self._lock:
            meeting = self._meetings.meet(record, references)
            joined = self._joining.join(record, meeting)
            if joined:
                return Match("this", tuple(self._candidate(near, meeting) for near in joined))
            near = self._joining.near(record, meeting)
        return Match("one_of" if near else "new", tuple(self._candidate(one, meeting) for one in near))

    def _candidate(self, near: Near, meeting: Meeting) -> Candidate:
        if near.place < 0:
            return Candidate(near.golden_id, near.probability, ())
        gammas = {name: levels[near.place : near.place + 1] for name, levels in meeting.gammas.items()}
        rarity = {
            name: np.array([self._held.bits[name][tuple_no] if tuple_no < meeting.place else bits])
            for name, bits in meeting.bits.items()
            for tuple_no in (meeting.tuples[near.place],)
        }
        told = contributions(self._model, gammas, rarity, np.zeros(1, np.int64))
        reasons = []
        for comparison in self._model.definitions.comparisons:
            level = comparison.level_of(int(gammas[comparison.name][0]))
            if level is not None:
                bits = round(float(told.bits[comparison.name][0]), 2)
                reasons.append(Reason(comparison.name, level.name, level.words, bits))
        reasons.sort(key=lambda reason: (-abs(reason.bits), reason.comparison))
        return Candidate(near.golden_id, near.probability, tuple(reasons))

"""What the log says of the pairs that were drawn for the audit: which of these judgements still count.

A judgement counts under the model whose release asked it, as long as both records say what they said then. What counts
of the pair is what the release had made of it when it was drawn: that the judgement itself has joined or parted it
since is no merit of the matching. The last word on a pair is its judgement, whoever said it and where; a pair whose
judgement was revoked is not judged.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from stewardship.audit_draw import source_of
from stewardship.entry import ABOUT_PAIRS, VERDICTS
from stewardship.evidence import evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from stewardship.audit_draw import Source
    from stewardship.entry import Entry, Pair
    from stewardship.standing import Standing

AUDIT = "audit"
"""The queue of the pairs that were drawn."""
ASKED_AGAIN = 10
"""One in so many judged pairs, chosen by hash, is asked a second time: that tells how far judgements can be relied on.
So is every pair judged against the release, for of few errors that are found most would be slips of the steward's."""


class Judged(NamedTuple):
    """A pair that was drawn and judged: from what, as `same` or not, None for unsure.

    `again` says whether it was looked at twice; `looks` are the verdicts of its looks, each `same` or not, of a pair
    that was asked again by chance, and empty for others.
    """

    pair: Pair
    source: Source
    same: bool | None
    again: bool
    looks: tuple[bool, ...]

    @property
    def is_against(self) -> bool:
        """Whether it was judged against what the release had made of it."""
        return self.same is not None and self.same is not self.source.is_together

    @property
    def to_ask_again(self) -> bool:
        """Whether a second look is due."""
        return not self.again and self.same is not None and (self.is_against or is_chosen(self.pair))


class _Looks(NamedTuple):
    source: Source
    entries: list[Entry]


def judged_pairs(con: DuckDBPyConnection, standing: Standing, model_version: str) -> tuple[Judged, ...]:
    """Return the judgements that count, sorted by pair; `con` has matching.standardised."""
    looked = _looks(standing, model_version)
    now = evidence_of(con, (record for pair in looked for record in pair))
    judged = []
    for pair, (source, entries) in sorted(looked.items()):
        word = standing.on(pair)
        if word is None or not _as_it_was(word, pair, now):
            continue
        verdict = VERDICTS.get(word.kind)
        said = tuple(entry.kind == "same" for entry in entries if entry.kind in VERDICTS)
        again = len(entries) > 1
        judged.append(Judged(pair, source, verdict and verdict == "same", again, said if is_chosen(pair) else ()))
    return tuple(judged)


def judged_twice(judged: Iterable[Judged]) -> tuple[int, int]:
    """Return how many pairs were judged a second time by chance, and how many of them otherwise than before."""
    twice = [found.looks for found in judged if len(found.looks) > 1]
    return len(twice), sum(looks[0] is not looks[1] for looks in twice)


def answered(standing: Standing) -> frozenset[str]:
    """Return the ids of the questions of the audit that were answered, whatever became of the answer."""
    asked = (entry.item_id for entry in standing.decisions.values() if entry.queue == AUDIT)
    return frozenset(item_id for item_id in asked if item_id is not None)


def is_chosen(pair: Pair) -> bool:
    """Return whether a pair is of those that are asked again whatever was judged."""
    spelled = "\x1f".join(part for record in pair for part in record)
    return int(hashlib.sha256(spelled.encode()).hexdigest(), 16) % ASKED_AGAIN == 0


def _looks(standing: Standing, model_version: str) -> dict[Pair, _Looks]:
    """Return the pairs that this model's releases asked, what they were drawn from, and the answers to each look."""
    looked: dict[Pair, _Looks] = {}
    for _, entry in sorted(standing.decisions.items()):
        if entry.queue != AUDIT or entry.item_id is None or entry.kind not in ABOUT_PAIRS:
            continue
        source = source_of(entry.item_id, model_version, entry.pair)
        if source is None:
            continue
        if source.look % 2:
            looked[entry.pair] = _Looks(source, [entry])
        elif entry.pair in looked:
            looked[entry.pair].entries.append(entry)
    return looked


def _as_it_was(word: Entry, pair: Pair, now: dict[tuple[str, str], str]) -> bool:
    """Return whether both records are there and say what they said when they were judged."""
    then = dict(zip(word.records, word.evidence, strict=True))
    return all(record in now and then.get(record) in (None, now[record]) for record in pair)

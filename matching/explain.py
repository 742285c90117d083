"""Why two records are, or are not, one customer: the evidence of one pair, in numbers and in words.

Reads matching.* and landing.source_record, landing.quarantine, in the workings of a release or in the warehouse.
Writes nothing. Keeps this: the bits told for a compared pair add up to the weight that the night stored for it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from matching.decided import Decided, decided_between, decided_within
from matching.evidence import Waterfall, levels_of, model_in_use, tuple_numbers, waterfall, workbench
from matching.explained_words import sentences
from matching.resolve import tuples_and_crowds
from matching.rulings import Ruled, rulings_about
from matching.score import MOST_ALIKE
from matching.taken_apart import TakenApart, taken_apart
from matching.verdict import CUSTOMER, DELETED, EXCLUDED, verdict_of
from matching.whole import AsAWhole, against_the_rest, two_clusters
from matching.why_apart import Meeting, meetings
from matching.why_together import Tie, ties_between
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.model import Model

_EQUAL = 1e-6


@dataclass(frozen=True, slots=True)
class RecordState:
    """One of the two records: a customer's, excluded with the reason, or deleted.

    `equals` is how many source records share its distinct record, `says_just_this` how many stand alone though they say
    the same (1 where it does not stand alone) and `records` how many its cluster has. `cohesion` is the posterior of
    the weakest merge that formed it.
    """

    source: str
    source_record_id: str
    state: str
    reason: str | None = None
    distinct_record_id: str | None = None
    equals: int = 0
    cluster_id: str | None = None
    records: int = 0
    cohesion: float | None = None
    says_just_this: int = 1

    @property
    def name(self) -> str:
        """The record as it is written on the command line."""
        return f"{self.source}:{self.source_record_id}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about two records.

    `match_weight`, `match_probability` and `match_key` are what the night stored for the pair, None where it stored
    nothing; `alone_probability` is what it would count for customers that had nothing else. `evidence` is the pair's
    waterfall, stored or as it would be; `says_the_same` is true of distinct records that say the same, too little to be
    one by that, and `says_enough` of those that are two only because a decision names one of them. `meetings` is told
    for pairs that are not stored, `ties` for one customer. `whole` weighs two customers against each other, or of one
    customer the record `taken_out`, of the two the one less firmly held, against all others. `decisions` are those that
    hold two customers apart or yielded to a later one; what holds one customer together stands among the ties.
    `rulings` are what else stewards said of the two, or of a value that one of them carries. `taken_apart` tells that
    both customers were parts of what could not be one.
    """

    left: RecordState
    right: RecordState
    same_customer: bool
    same_distinct_record: bool
    model_version: str
    merge_at: float
    review_at: float
    match_key: str | None = None
    match_weight: float | None = None
    match_probability: float | None = None
    alone_probability: float | None = None
    says_the_same: bool = False
    says_enough: bool = False
    evidence: Waterfall | None = None
    meetings: tuple[Meeting, ...] = ()
    ties: tuple[Tie, ...] = ()
    whole: AsAWhole | None = None
    taken_out: str | None = None
    decisions: tuple[Decided, ...] = ()
    rulings: tuple[Ruled, ...] = ()
    taken_apart: TakenApart | None = None

    @property
    def was_compared(self) -> bool:
        """Whether the night stored the pair; a pair that met and was hopelessly unlike is not stored."""
        return self.match_weight is not None

    @property
    def crowd(self) -> int:
        """How many records say just what one of the two says, where they are too many to meet others; else 0."""
        most = max(self.left.says_just_this, self.right.says_just_this)
        return 0 if self.says_the_same or most <= MOST_ALIKE else most

    @property
    def whole_is_pair(self) -> bool:
        """Whether the whole is this very pair: there is nothing else that either customer, or the rest of one, says."""
        if self.whole is None or self.whole.weight is None or self.evidence is None:
            return False
        return self.whole.pairs == 1 and abs(self.whole.weight - self.evidence.weight) < _EQUAL

    @property
    def verdict(self) -> str:
        """What the answer comes down to: one of `verdict.VERDICTS`."""
        return verdict_of(self)

    def words(self) -> list[str]:
        """Return the explanation in plain sentences, the answer first."""
        return sentences(self)

    def document(self) -> dict[str, Any]:
        """Return the explanation as data for JSON."""
        told = {"verdict": self.verdict, "was_compared": self.was_compared, "words": self.words()}
        return asdict(self) | told


def explain(con: DuckDBPyConnection, left: tuple[str, str], right: tuple[str, str]) -> Explanation:
    """Return why the records `left` and `right`, (source, source_record_id) each, are or are not one customer.

    Raises Refused for a record that is not there, UsageError where both are the same one.
    """
    if left == right:
        message = f"{left[0]}:{left[1]} is named twice: name two records"
        raise UsageError(message)
    model = model_in_use(con)
    one, other = _state(con, left), _state(con, right)
    found: dict[str, Any] = {}
    if one.distinct_record_id and other.distinct_record_id:
        found = _evidence(con, model, one.distinct_record_id, other.distinct_record_id)
        found |= _around(con, model, one, other)
    return Explanation(
        left=one,
        right=other,
        same_customer=_are_one(one, other),
        same_distinct_record=one.distinct_record_id is not None and one.distinct_record_id == other.distinct_record_id,
        model_version=model.version,
        merge_at=model.merge_at,
        review_at=model.review_at,
        rulings=rulings_about(con, left, right),
        **found,
    )


def _are_one(one: RecordState, other: RecordState) -> bool:
    return one.cluster_id is not None and one.cluster_id == other.cluster_id


def _around(con: DuckDBPyConnection, model: Model, one: RecordState, other: RecordState) -> dict[str, Any]:
    """Return what the other records of the two say: what ties them, or how their customers weigh as a whole."""
    left, right = str(one.distinct_record_id), str(other.distinct_record_id)
    ours, theirs = str(one.cluster_id), str(other.cluster_id)
    if ours != theirs:
        return {
            "whole": two_clusters(con, model, ours, theirs),
            "decisions": decided_between(con, ours, theirs, (one.name, other.name)),
            "taken_apart": taken_apart(con, ours, theirs),
        }
    yielded = tuple(said for said in decided_within(con, ours) if not said.holds)
    if left == right:
        return {"decisions": yielded}
    wholes = [(against_the_rest(con, model, ours, name), record.name) for name, record in ((left, one), (right, other))]
    whole, taken_out = min(wholes, key=lambda told: -float("inf") if told[0].weight is None else told[0].weight)
    return {"ties": ties_between(con, ours, left, right), "whole": whole, "taken_out": taken_out, "decisions": yielded}


def _state(con: DuckDBPyConnection, record: tuple[str, str]) -> RecordState:
    member = con.execute(_MEMBER_SQL, list(record)).fetchall()
    if member:
        return RecordState(*record, CUSTOMER, None, *member[0])
    excluded = con.execute(
        "SELECT reason FROM matching.excluded_record WHERE source = ? AND source_record_id = ?", list(record)
    ).fetchall()
    if excluded:
        return RecordState(*record, EXCLUDED, excluded[0][0])
    landed = con.execute(
        "SELECT count(*) FROM landing.source_record WHERE source = ? AND source_record_id = ?", list(record)
    ).fetchall()
    if landed[0][0]:
        return RecordState(*record, DELETED)
    raise Refused(_unknown(con, record))


def _unknown(con: DuckDBPyConnection, record: tuple[str, str]) -> str:
    name = f"{record[0]}:{record[1]}"
    quarantined = con.execute(
        "SELECT reason, path, line FROM landing.quarantine WHERE source = ? AND source_record_id = ? ORDER BY ALL DESC",
        list(record),
    ).fetchall()
    if quarantined:
        reason, path, line = quarantined[0]
        return f"{name}: is in quarantine ({reason}, {path}:{line}) and was never read; mend it there and run again"
    sources = [row[0] for row in con.execute("SELECT DISTINCT source FROM landing.source_record ORDER BY 1").fetchall()]
    if record[0] not in sources:
        return f"{name}: no source {record[0]!r}; there are {', '.join(sources)}"
    return f"{name}: no such record was delivered; look for one with `joinedup show --find TEXT`"


def _evidence(con: DuckDBPyConnection, model: Model, left: str, right: str) -> dict[str, Any]:
    """Return what is known of the pair: as stored where the night kept it, else worked out now."""
    stored = con.execute(_PAIR_SQL, [min(left, right), max(left, right)]).fetchall()
    with workbench(con, (left, right), model) as scratch:
        tuples = tuple_numbers(scratch)
        sides = tuples[left], tuples[right]
        are_equal = left != right and sides[0] == sides[1]
        stands_alone = scratch.execute("SELECT bool_or(stands_alone) FROM node").fetchall()[0][0]
        told: dict[str, Any] = {
            "says_the_same": are_equal and stands_alone,
            "says_enough": are_equal and not stands_alone,
        }
        if stored:
            match_key, gammas, weight, posterior = stored[0]
            alone = weight - (_crowd(scratch) if told["says_the_same"] else 0.0)
            told |= {"match_key": match_key, "match_weight": weight, "match_probability": posterior}
            told["alone_probability"] = float(model.entity_posterior(np.array([alone]))[0])
        else:
            gammas = levels_of(scratch, model, *sides)
            if sides[0] != sides[1]:
                told["meetings"] = meetings(con, scratch, model, *sides)
        return told | {"evidence": waterfall(scratch, model, sides, gammas)}


def _crowd(scratch: DuckDBPyConnection) -> float:
    """Return what it costs, in bits, that the records on the workbench all say the same."""
    return float(tuples_and_crowds(scratch)[1][0])


_MEMBER_SQL = """
SELECT d.distinct_record_id, d.records, cluster_id, t.records, t.cohesion,
    CASE WHEN d.stands_alone
        THEN (SELECT count(*) FROM matching.distinct_record AS e WHERE e.tuple_id = d.tuple_id) ELSE 1 END
FROM matching.member AS m
JOIN matching.cluster AS c USING (source, source_record_id)
JOIN matching.distinct_record AS d USING (distinct_record_id)
JOIN matching.cluster_tie AS t USING (cluster_id)
WHERE source = ? AND source_record_id = ?
"""

_PAIR_SQL = """
SELECT match_key, gammas, match_weight, match_probability FROM matching.pair
WHERE distinct_record_id_l = ? AND distinct_record_id_r = ?
"""

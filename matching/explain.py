"""Why two records are, or are not, one customer: the evidence of one pair, in numbers and in words.

Reads matching.* and landing.source_record, landing.quarantine, in the workings of a release or in the warehouse.
Writes nothing. Keeps this: the bits told for a compared pair add up to the weight that the night stored for it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from matching.evidence import Waterfall, levels_of, model_in_use, tuple_numbers, waterfall, workbench
from matching.explained_words import sentences
from matching.why_apart import AsAWhole, Meeting, as_a_whole, meetings
from matching.why_together import Tie, ties_between
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.model import Model

CUSTOMER, EXCLUDED, DELETED = "customer", "excluded", "deleted"


@dataclass(frozen=True, slots=True)
class RecordState:
    """One of the two records: a customer's, excluded with the reason, or deleted.

    `equals` is how many source records share its distinct record, `records` how many its cluster has.
    """

    source: str
    source_record_id: str
    state: str
    reason: str | None = None
    distinct_record_id: str | None = None
    equals: int = 0
    cluster_id: str | None = None
    records: int = 0

    @property
    def name(self) -> str:
        """The record as it is written on the command line."""
        return f"{self.source}:{self.source_record_id}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about two records.

    `match_weight`, `match_probability` and `match_key` are what the night stored for the pair, None where it stored
    nothing; `evidence` is the pair's waterfall, stored or as it would be. `meetings` is told for pairs that are not
    stored, `ties` for one customer, `whole` for two.
    """

    left: RecordState
    right: RecordState
    same_customer: bool
    same_distinct_record: bool
    model_version: str
    merge_at: float
    match_key: str | None = None
    match_weight: float | None = None
    match_probability: float | None = None
    evidence: Waterfall | None = None
    meetings: tuple[Meeting, ...] = ()
    ties: tuple[Tie, ...] = ()
    whole: AsAWhole | None = None

    @property
    def was_compared(self) -> bool:
        """Whether the night stored the pair; a pair that met and was hopelessly unlike is not stored."""
        return self.match_weight is not None

    def words(self) -> list[str]:
        """Return the explanation in plain sentences, the answer first."""
        return sentences(self)

    def document(self) -> dict[str, Any]:
        """Return the explanation as data for JSON."""
        return {**asdict(self), "was_compared": self.was_compared, "words": self.words()}


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
        same = one.cluster_id == other.cluster_id
        if same and one.cluster_id and one.distinct_record_id != other.distinct_record_id:
            found["ties"] = ties_between(con, one.cluster_id, one.distinct_record_id, other.distinct_record_id)
        if not same and one.cluster_id and other.cluster_id:
            found["whole"] = as_a_whole(con, model, one.cluster_id, other.cluster_id)
    return Explanation(
        left=one,
        right=other,
        same_customer=one.cluster_id is not None and one.cluster_id == other.cluster_id,
        same_distinct_record=one.distinct_record_id is not None and one.distinct_record_id == other.distinct_record_id,
        model_version=model.version,
        merge_at=model.merge_at,
        **found,
    )


def _state(con: DuckDBPyConnection, record: tuple[str, str]) -> RecordState:
    member = con.execute(_MEMBER_SQL, list(record)).fetchall()
    if member:
        distinct_record_id, equals, cluster_id, records = member[0]
        return RecordState(*record, CUSTOMER, None, distinct_record_id, equals, cluster_id, records)
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
        if stored:
            match_key, gammas, weight, posterior = stored[0]
            told: dict[str, Any] = {"match_key": match_key, "match_weight": weight, "match_probability": posterior}
        else:
            gammas = levels_of(scratch, model, *sides)
            told = {} if left == right else {"meetings": meetings(con, scratch, model, *sides)}
        return told | {"evidence": waterfall(scratch, model, sides, gammas)}


_MEMBER_SQL = """
WITH me AS (
    SELECT distinct_record_id, cluster_id FROM matching.member JOIN matching.cluster USING (source, source_record_id)
    WHERE source = ? AND source_record_id = ?
)
SELECT me.distinct_record_id,
    (SELECT records FROM matching.distinct_record AS d WHERE d.distinct_record_id = me.distinct_record_id),
    me.cluster_id,
    (SELECT records FROM matching.cluster_tie AS t WHERE t.cluster_id = me.cluster_id)
FROM me
"""

_PAIR_SQL = """
SELECT match_key, gammas, match_weight, match_probability FROM matching.pair
WHERE distinct_record_id_l = ? AND distinct_record_id_r = ?
"""

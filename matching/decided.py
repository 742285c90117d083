"""What stewards decided of the records of one customer, or of two, as an explanation tells it: who, when and why.

Reads matching.decision, matching.member and matching.cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.bound import BINDING, SAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Decided:
    """One binding decision: of which two records it says that they are one customer, or two.

    `at` is the day, UTC. `holds` is false where it contradicts a later one and yields to it. `asks_again` is whether a
    record is no longer what it was when it was decided.
    """

    decision_id: int
    left: str
    right: str
    is_same: bool
    by: str
    at: str
    reason: str | None
    asks_again: bool
    holds: bool

    def sentence(self, asked: Sequence[str] = ()) -> str:
        """Return it in words; the records are "these" where they are the two that were `asked` about."""
        whom = "these" if {self.left, self.right} == set(asked) else f"{self.left} and {self.right}"
        told = f"{self.by} decided on {self.at} that {whom} are {'one customer' if self.is_same else 'two'}"
        if self.reason:
            told += f": {self.reason.rstrip('.')}"
        if not self.holds:
            return f"{told}. It contradicts a later decision, which counts."
        if self.asks_again:
            return f"{told}. The records have changed since: it binds still, and waits to be confirmed."
        return f"{told}."


def decided_between(con: DuckDBPyConnection, left: str, right: str, asked: Sequence[str] = ()) -> tuple[Decided, ...]:
    """Return what was decided of a record of the cluster `left` and one of `right`, the earliest first.

    A decision that parts many pairs is told once: by the two records `asked` about if they are among them.
    """
    return _told(con.execute(_DECIDED_SQL, [[left, right], True, list(asked)]).fetchall(), is_one=False)


def decided_within(con: DuckDBPyConnection, cluster_id: str) -> tuple[Decided, ...]:
    """Return what was decided of two records of one cluster, the earliest first."""
    return _told(con.execute(_DECIDED_SQL, [[cluster_id], False, []]).fetchall(), is_one=True)


def _told(rows: Sequence[tuple[object, ...]], *, is_one: bool) -> tuple[Decided, ...]:
    return tuple(
        Decided(
            decision_id=int(str(number)),
            left=str(left),
            right=str(right),
            is_same=decision == SAME,
            by=str(by),
            at=str(at),
            reason=None if reason is None else str(reason),
            asks_again=state != BINDING[0],
            holds=(decision == SAME) == is_one,
        )
        for number, decision, left, right, by, at, reason, state in rows
    )


_DECIDED_SQL = f"""
WITH concerned AS (SELECT * FROM matching.cluster WHERE cluster_id IN (SELECT unnest(?::VARCHAR[])))
SELECT decision_id, decision, source_l || ':' || source_record_id_l AS record_l,
    source_r || ':' || source_record_id_r AS record_r, decided_by, strftime(decided_at, '%Y-%m-%d'), reason, state
FROM matching.decision AS d
JOIN concerned AS l ON l.source = source_l AND l.source_record_id = source_record_id_l
JOIN concerned AS r ON r.source = source_r AND r.source_record_id = source_record_id_r
WHERE state IN {BINDING} AND (l.cluster_id <> r.cluster_id) = ?
QUALIFY row_number() OVER (
    PARTITION BY decision_id ORDER BY list_has_all(?::VARCHAR[], [record_l, record_r]) DESC, place) = 1
ORDER BY decision_id
"""

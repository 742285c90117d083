"""Finds what is worth asking tonight: customers who may be one, one who may be several, and decisions to take again.

Reads the tables in READS; makes temporary tables. Keeps this: what is found is a function of these tables, whatever
the order of their rows. What a steward was unsure about is left out for as long as both records say what they said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stewardship.evidence import evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record

READS = (
    "golden.possible_match",
    "golden.customer",
    "golden.crosswalk",
    "matching.standardised",
    "matching.member",
    "matching.pair",
    "matching.resolution",
    "matching.merge",
    "matching.decision",
    "matching.ruling",
)
DOUBTFUL = 0.98
"""A merge less certain than this is worth a question, if enough hangs on it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A pair of records that a steward is asked about, the lesser record first.

    `p_wrong` is the probability that what is published of the two is wrong, `record_pairs` how many pairs of records
    are wrong then. `match_key` and `gammas` are those of the pair of distinct records that speaks the loudest.
    """

    golden_ids: tuple[str, str]
    records: tuple[Record, Record]
    probability: float | None
    p_wrong: float
    record_pairs: int
    reason: str
    decision_id: int | None = None
    match_key: str | None = None
    gammas: tuple[int, ...] = ()

    @property
    def customers(self) -> tuple[str, ...]:
        """The customers that it is about: two, or one."""
        return tuple(sorted(set(self.golden_ids)))


def find_unsure(con: DuckDBPyConnection) -> None:
    """Make the temporary table `unsure`: the pairs of records that wait until one of them says something else."""
    rows = con.execute(
        "SELECT source_l, source_record_id_l, evidence_l, source_r, source_record_id_r, evidence_r"
        " FROM matching.ruling WHERE ruling = 'unsure' ORDER BY decision_id"
    ).fetchall()
    tonight = evidence_of(con, [record for row in rows for record in ((row[0], row[1]), (row[3], row[4]))])
    waiting = [
        (source_l, left, source_r, right)
        for source_l, left, then_l, source_r, right, then_r in rows
        if not (
            _is_changed(then_l, tonight.get((source_l, left))) or _is_changed(then_r, tonight.get((source_r, right)))
        )
    ]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE unsure AS SELECT unnest(?::VARCHAR[]) AS source_l,"
        " unnest(?::VARCHAR[]) AS source_record_id_l, unnest(?::VARCHAR[]) AS source_r,"
        " unnest(?::VARCHAR[]) AS source_record_id_r",
        [[row[place] for row in waiting] for place in range(4)],
    )


def questions_apart(con: DuckDBPyConnection) -> Iterator[Question]:
    """Yield a question for every pair of customers who were left apart though not clearly two."""
    con.execute(_APART_SQL)
    for row in con.execute(_APART_FOUND_SQL).fetchall():
        *asked, probability, reason, record_pairs, match_key, gammas = row
        yield _question(asked, probability, probability, record_pairs, reason, match_key=match_key, gammas=gammas)


def questions_together(con: DuckDBPyConnection, reason: str) -> Iterator[Question]:
    """Yield a question for every customer whose weakest merge is doubtful: whether its two sides are one."""
    con.execute(_TOGETHER_SQL)
    for row in con.execute(_TOGETHER_FOUND_SQL).fetchall():
        *asked, probability, record_pairs, match_key, gammas = row
        p_wrong = round(1 - probability, 6)
        yield _question(asked, probability, p_wrong, record_pairs, reason, match_key=match_key, gammas=gammas)


def questions_again(con: DuckDBPyConnection, as_of: datetime, p_wrong: float) -> Iterator[Question]:
    """Yield a question for every pair of a decision, and every pin, whose records say something else since."""
    for row in con.execute(_RECONFIRM_SQL).fetchall():
        *asked, decision, decision_id, record_pairs = row
        reason = f"a record says something else now than when it was decided that they are {decision}"
        yield _question(asked, None, p_wrong, record_pairs, reason, decision_id=decision_id)
    pins = con.execute(_PINS_SQL, {"as_of": as_of}).fetchall()
    tonight = evidence_of(con, [(source, record) for source, record, *_ in pins])
    for source, record, golden_id, decision_id, attribute, then in pins:
        if _is_changed(then, tonight.get((source, record))):
            reason = f"the record says something else now than when its {attribute} was pinned"
            asked = [golden_id, source, record] * 2
            yield _question(asked, None, p_wrong, 0, reason, decision_id=decision_id)


def _question(  # noqa: PLR0913 - one argument per fact of a question
    asked: list[Any],
    probability: float | None,
    p_wrong: float,
    record_pairs: int,
    reason: str,
    *,
    decision_id: int | None = None,
    match_key: str | None = None,
    gammas: list[int] | None = None,
) -> Question:
    """Return the question on two records, given as customer, source and key of each in any order."""
    golden_l, source_l, left, golden_r, source_r, right = asked
    (one, golden_one), (other, golden_other) = sorted((((source_l, left), golden_l), ((source_r, right), golden_r)))
    return Question(
        (golden_one, golden_other),
        (one, other),
        probability,
        p_wrong,
        record_pairs,
        reason,
        decision_id,
        match_key,
        tuple(gammas or ()),
    )


def _is_changed(then: str | None, tonight: str | None) -> bool:
    """Say whether a record says something else; what was not known then counts as what it is."""
    return then is not None and tonight is not None and then != tonight


_LOUDEST = """
    arg_min(
        struct_pack(
            l := IF({turned}, p.distinct_record_id_r, p.distinct_record_id_l),
            r := IF({turned}, p.distinct_record_id_l, p.distinct_record_id_r),
            match_key := p.match_key, gammas := p.gammas
        ),
        (-p.match_weight, p.distinct_record_id_l, p.distinct_record_id_r)
    ) AS loudest"""
"""Of the pairs of distinct records between two sides the one that says most for one customer."""

_APART_SQL = f"""
CREATE OR REPLACE TEMP TABLE apart AS
SELECT * FROM golden.possible_match ANTI JOIN (
    SELECT least(l.golden_id, r.golden_id) AS golden_id_l, greatest(l.golden_id, r.golden_id) AS golden_id_r
    FROM temp.unsure
    JOIN golden.crosswalk AS l ON l.source = source_l AND l.source_record_id = source_record_id_l
    JOIN golden.crosswalk AS r ON r.source = source_r AND r.source_record_id = source_record_id_r
) USING (golden_id_l, golden_id_r);
CREATE OR REPLACE TEMP TABLE apart_node AS
SELECT distinct_record_id, golden_id, min((source, source_record_id)) AS record
FROM golden.crosswalk SEMI JOIN (
    SELECT golden_id_l AS golden_id FROM temp.apart UNION SELECT golden_id_r FROM temp.apart
) USING (golden_id)
JOIN matching.member USING (source, source_record_id)
GROUP BY distinct_record_id, golden_id;
CREATE OR REPLACE TEMP TABLE apart_loudest AS
SELECT least(l.golden_id, r.golden_id) AS golden_id_l, greatest(l.golden_id, r.golden_id) AS golden_id_r,
    {_LOUDEST.format(turned="l.golden_id > r.golden_id")}
FROM matching.pair AS p
JOIN temp.apart_node AS l ON l.distinct_record_id = p.distinct_record_id_l
JOIN temp.apart_node AS r ON r.distinct_record_id = p.distinct_record_id_r
SEMI JOIN temp.apart AS a
    ON a.golden_id_l = least(l.golden_id, r.golden_id) AND a.golden_id_r = greatest(l.golden_id, r.golden_id)
GROUP BY ALL
"""

_APART_FOUND_SQL = """
WITH first AS (SELECT golden_id, min(record) AS record FROM temp.apart_node GROUP BY golden_id)
SELECT golden_id_l, coalesce(l.record, fl.record)[1], coalesce(l.record, fl.record)[2],
    golden_id_r, coalesce(r.record, fr.record)[1], coalesce(r.record, fr.record)[2],
    a.match_probability, a.reason, cl.record_count * cr.record_count, loudest.match_key, loudest.gammas
FROM temp.apart AS a
JOIN golden.customer AS cl ON cl.golden_id = golden_id_l
JOIN golden.customer AS cr ON cr.golden_id = golden_id_r
JOIN first AS fl ON fl.golden_id = golden_id_l
JOIN first AS fr ON fr.golden_id = golden_id_r
LEFT JOIN temp.apart_loudest USING (golden_id_l, golden_id_r)
LEFT JOIN temp.apart_node AS l ON l.distinct_record_id = loudest.l
LEFT JOIN temp.apart_node AS r ON r.distinct_record_id = loudest.r
ORDER BY golden_id_l, golden_id_r
"""
"""Where no stored pair leads from one to the other, each is named by its least record."""

_TOGETHER_SQL = f"""
CREATE OR REPLACE TEMP TABLE doubtful AS
SELECT r.entity, min(struct_pack(probability := m.match_probability, round := m.round, other := m.other)) AS tie
FROM matching.merge AS m JOIN matching.resolution AS r ON r.distinct_record_id = m.other
WHERE m.match_probability < {DOUBTFUL}
GROUP BY r.entity;
CREATE OR REPLACE TEMP TABLE doubtful_node AS
SELECT distinct_record_id, entity FROM matching.resolution SEMI JOIN temp.doubtful USING (entity);
CREATE OR REPLACE TEMP TABLE doubtful_merge AS
SELECT m.entity AS into_node, m.other, m.pairs
FROM matching.merge AS m SEMI JOIN temp.doubtful_node ON distinct_record_id = m.other;
CREATE OR REPLACE TEMP TABLE side AS
WITH RECURSIVE found AS (
    SELECT tie.other AS node FROM temp.doubtful
    UNION
    SELECT m.other FROM found JOIN temp.doubtful_merge AS m ON m.into_node = found.node
)
SELECT node FROM found;
CREATE OR REPLACE TEMP TABLE unsure_entity AS
SELECT l.entity
FROM temp.unsure
JOIN matching.member AS ml ON ml.source = source_l AND ml.source_record_id = source_record_id_l
JOIN matching.member AS mr ON mr.source = source_r AND mr.source_record_id = source_record_id_r
JOIN temp.doubtful_node AS l ON l.distinct_record_id = ml.distinct_record_id
JOIN temp.doubtful_node AS r ON r.distinct_record_id = mr.distinct_record_id AND r.entity = l.entity
LEFT JOIN temp.side AS sl ON sl.node = l.distinct_record_id
LEFT JOIN temp.side AS sr ON sr.node = r.distinct_record_id
WHERE (sl.node IS NULL) <> (sr.node IS NULL);
CREATE OR REPLACE TEMP TABLE tie_loudest AS
SELECT l.entity, {_LOUDEST.format(turned="sl.node IS NOT NULL")}
FROM matching.pair AS p
JOIN temp.doubtful_node AS l ON l.distinct_record_id = p.distinct_record_id_l
JOIN temp.doubtful_node AS r ON r.distinct_record_id = p.distinct_record_id_r AND r.entity = l.entity
LEFT JOIN temp.side AS sl ON sl.node = l.distinct_record_id
LEFT JOIN temp.side AS sr ON sr.node = r.distinct_record_id
WHERE (sl.node IS NULL) <> (sr.node IS NULL)
GROUP BY l.entity
"""
"""What had joined the entity that ended with a merge hangs on it; the rest of the customer is the other side."""

_TOGETHER_FOUND_SQL = """
WITH asked AS (
    SELECT entity, tie.probability AS probability, pairs, loudest.match_key AS match_key, loudest.gammas AS gammas,
        coalesce(loudest.l, entity) AS l, coalesce(loudest.r, tie.other) AS r
    FROM temp.doubtful ANTI JOIN temp.unsure_entity USING (entity)
    JOIN temp.doubtful_merge AS m ON m.other = tie.other
    LEFT JOIN temp.tie_loudest USING (entity)
),
node AS (
    SELECT distinct_record_id, golden_id, min((source, source_record_id)) AS record
    FROM matching.member SEMI JOIN (SELECT l AS distinct_record_id FROM asked UNION SELECT r FROM asked)
        USING (distinct_record_id)
    JOIN golden.crosswalk USING (source, source_record_id)
    GROUP BY distinct_record_id, golden_id
)
SELECT l.golden_id, l.record[1], l.record[2], r.golden_id, r.record[1], r.record[2],
    probability, pairs, match_key, gammas
FROM asked JOIN node AS l ON l.distinct_record_id = asked.l JOIN node AS r ON r.distinct_record_id = asked.r
ORDER BY l.golden_id
"""

_RECONFIRM_SQL = """
SELECT l.golden_id, source_l, source_record_id_l, r.golden_id, source_r, source_record_id_r, decision, decision_id,
    IF(l.golden_id = r.golden_id, cl.record_count - 1, cl.record_count * cr.record_count)
FROM matching.decision
JOIN golden.crosswalk AS l ON l.source = source_l AND l.source_record_id = source_record_id_l
JOIN golden.crosswalk AS r ON r.source = source_r AND r.source_record_id = source_record_id_r
JOIN golden.customer AS cl ON cl.golden_id = l.golden_id
JOIN golden.customer AS cr ON cr.golden_id = r.golden_id
WHERE state = 'reconfirm'
ORDER BY decision_id, place
"""

_PINS_SQL = """
SELECT source_l, source_record_id_l, golden_id, decision_id, attribute, evidence_l
FROM matching.ruling
JOIN golden.crosswalk ON source = source_l AND source_record_id = source_record_id_l
WHERE ruling = 'pin' AND (until IS NULL OR until > $as_of)
ORDER BY decision_id
"""

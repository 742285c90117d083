"""The pairs of records that precision and recall are about, counted by stratum: what of them is together, and how sure.

Pairs *together* are of records of one customer; how sure is told by the weakest merge that formed it, and records that
say the very same are a band of their own. Pairs *apart* are of records of two customers of whom any two records were
compared and are not hopelessly unlike; how likely is told by the likeliest of these pairs, or by what the two are as a
whole. All counts are of whole numbers, and the same in any order. Strata are bands of these probabilities, divided by
source where that is worth it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

EQUAL = 1.0
"""The band of pairs that say the very same."""
TOGETHER_BANDS = (0.0, 0.95, 0.99, EQUAL)
APART_BANDS = (0.0, 0.01, 0.1, 0.3)
"""Where the bands begin. Errors gather in the lowest of the pairs together, and in the highest of those apart."""
ANY = "*"
"""In the name of a stratum: of any sources that are not strata of their own."""

WORTH = 0.1
"""Two sources are a stratum of their own where they matter so much of all pairs together, or apart: of fewer than a
tenth of a sample nothing could be told anyway."""

LEAST_DOUBT, LEAST_DOUBT_OF_EQUALS = 0.01, 0.002
"""A stratum counts as at least so doubtful, however sure the matching is: that is what is to be measured."""

TEMPORARY = ("audit_record", "audit_count", "audit_tie", "audit_near")
_TOGETHER, _APART = True, False
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Pairs of two sources in a band.

    `expected_same` is the share of the band that the matching holds to be of one customer. It is the same in all of a
    band: so a band's pairs are drawn in proportion to how many there are, and its strata may be put together again.
    """

    is_together: bool
    band: float
    source_l: str
    source_r: str
    pairs: int
    expected_same: float
    stratum: str = ""

    @property
    def matter(self) -> float:
        """How much asking about it tells: its pairs times the deviation of one of them (Neyman 1934)."""
        least = LEAST_DOUBT_OF_EQUALS if self.is_together and self.band == EQUAL else LEAST_DOUBT
        doubt = max(min(self.expected_same, 1 - self.expected_same), least)
        return self.pairs * sqrt(doubt * (1 - doubt))


def count_cells(con: DuckDBPyConnection) -> tuple[Cell, ...]:
    """Return the cells with their strata, sorted; makes the temporary tables of TEMPORARY.

    Needs matching.cluster, cluster_tie, member, merge, pair and possible_match.
    """
    con.execute(_RECORD_SQL)
    con.execute(_COUNT_SQL)
    con.execute(_TIE_SQL)
    con.execute(_NEAR_SQL)
    expected: dict[float, float] = dict(con.execute(_EXPECTED_SQL).fetchall())
    together = con.execute(_TOGETHER_SQL).fetchall()
    cells = [
        Cell(_TOGETHER, band, left, right, int(pairs), 1.0 if band == EQUAL else expected.get(band, 1.0))
        for band, left, right, pairs in together
    ]
    apart = con.execute(_APART_SQL).fetchall()
    likely: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for band, _, _, pairs, millionths in apart:
        likely[band][0] += int(millionths)
        likely[band][1] += int(pairs)
    share = {band: round(millionths / pairs / _MILLION, 6) for band, (millionths, pairs) in likely.items()}
    cells += [Cell(_APART, band, left, right, int(pairs), share[band]) for band, left, right, pairs, _ in apart]
    return with_strata(cells)


def with_strata(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return the cells, sorted, each with the name of its stratum: its band and sources, or its band and any others."""
    ordered = sorted(cells)
    whole = {side: sum(cell.matter for cell in ordered if cell.is_together is side) for side in (True, False)}
    return tuple(replace(cell, stratum=_name(cell, whole[cell.is_together])) for cell in ordered)


def _name(cell: Cell, whole: float) -> str:
    alone = cell.matter >= WORTH * whole
    return " ".join(
        (
            "together" if cell.is_together else "apart",
            told_band(cell.is_together, cell.band),
            cell.source_l if alone else ANY,
            cell.source_r if alone else ANY,
        )
    )


def told_band(is_together: bool, band: float) -> str:  # noqa: FBT001 - one of two sides, not an option
    """Return a band as the names of strata tell it: `.95-.99`, `equal`."""
    if is_together and band == EQUAL:
        return "equal"
    bands: Sequence[float] = TOGETHER_BANDS if is_together else APART_BANDS
    above = [other for other in bands if other > band]
    return f"{_short(band)}-{_short(above[0] if above else 1.0)}"


def _short(probability: float) -> str:
    return f"{probability:g}".removeprefix("0") or "0"


def _band_sql(probability: str, bands: Sequence[float]) -> str:
    """Return the expression of the band that a probability is in."""
    cases = " ".join(f"WHEN {probability} >= {band} THEN {band}" for band in sorted(bands, reverse=True) if band)
    return f"(CASE {cases} ELSE 0.0 END)::DOUBLE"


_RECORD_SQL = """
CREATE OR REPLACE TEMP TABLE audit_record AS
SELECT source, source_record_id, cluster_id, distinct_record_id AS node
FROM matching.cluster JOIN matching.member USING (source, source_record_id)
"""

_COUNT_SQL = """
CREATE OR REPLACE TEMP TABLE audit_count AS
SELECT cluster_id, node, source, count(*)::HUGEINT AS n FROM temp.audit_record GROUP BY cluster_id, node, source
"""

_TIE_SQL = f"""
CREATE OR REPLACE TEMP TABLE audit_tie AS
SELECT cluster_id, {_band_sql("cohesion", [band for band in TOGETHER_BANDS if band != EQUAL])} AS band
FROM matching.cluster_tie WHERE records > 1
"""

_NEAR_SQL = f"""
CREATE OR REPLACE TEMP TABLE audit_near AS
WITH node AS (SELECT DISTINCT node, cluster_id FROM temp.audit_count),
met AS (
    SELECT least(l.cluster_id, r.cluster_id) AS one, greatest(l.cluster_id, r.cluster_id) AS other, match_probability
    FROM matching.pair
    JOIN node AS l ON l.node = distinct_record_id_l
    JOIN node AS r ON r.node = distinct_record_id_r
    WHERE l.cluster_id <> r.cluster_id
    UNION ALL
    SELECT cluster_id_l, cluster_id_r, match_probability FROM matching.possible_match
),
near AS (SELECT one, other, max(match_probability) AS probability FROM met GROUP BY one, other)
SELECT one, other, {_band_sql("probability", APART_BANDS)} AS band,
    round(probability * {_MILLION})::BIGINT AS millionths
FROM near
"""
"""Customers whose records are kept apart, each pair once, with the band of what speaks for them."""

_PAIRS_WITHIN = """
    SELECT band, l.source AS source_l, r.source AS source_r,
        sum(CASE WHEN l.source = r.source THEN l.n * (l.n - 1) // 2 ELSE l.n * r.n END) AS pairs
    FROM {counted} AS l JOIN {counted} AS r USING ({whole}) JOIN temp.audit_tie USING (cluster_id)
    WHERE l.source <= r.source GROUP BY ALL"""

_TOGETHER_SQL = f"""
WITH in_node AS (SELECT * FROM temp.audit_count SEMI JOIN temp.audit_tie USING (cluster_id)),
in_cluster AS (SELECT cluster_id, source, sum(n) AS n FROM in_node GROUP BY cluster_id, source),
whole AS ({_PAIRS_WITHIN.format(counted="in_cluster", whole="cluster_id")}),
equal AS ({_PAIRS_WITHIN.format(counted="in_node", whole="cluster_id, node")}),
cell AS (
    SELECT * FROM whole
    UNION ALL SELECT * REPLACE (-pairs AS pairs) FROM equal
    UNION ALL SELECT * REPLACE ({EQUAL}::DOUBLE AS band) FROM equal
)
SELECT band, source_l, source_r, sum(pairs)::BIGINT FROM cell GROUP BY ALL HAVING sum(pairs) > 0 ORDER BY ALL
"""

_EXPECTED_SQL = f"""
SELECT band, round(1 - sum(({_MILLION} - round(match_probability * {_MILLION})::BIGINT)::HUGEINT * pairs)::DOUBLE
    / {_MILLION} / sum(pairs)::DOUBLE, 6)
FROM matching.merge AS m
JOIN (SELECT DISTINCT node, cluster_id FROM temp.audit_count) AS n ON n.node = m.other
JOIN temp.audit_tie USING (cluster_id)
GROUP BY band
"""
"""What the merges hold to be right of the pairs that they brought together."""

_APART_SQL = """
WITH counted AS (SELECT cluster_id, source, sum(n) AS n FROM temp.audit_count GROUP BY cluster_id, source),
met AS (
    SELECT band, millionths, least(l.source, r.source) AS source_l, greatest(l.source, r.source) AS source_r,
        l.n * r.n AS pairs
    FROM temp.audit_near JOIN counted AS l ON l.cluster_id = one JOIN counted AS r ON r.cluster_id = other
)
SELECT band, source_l, source_r, sum(pairs)::BIGINT, sum(pairs * millionths)
FROM met GROUP BY ALL ORDER BY ALL
"""

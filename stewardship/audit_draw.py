"""Draws pairs of records at random from each stratum, and puts them in the order in which they are asked.

The order within a stratum is that of a hash of the two records and the model. So the draw of tonight is that of last
night as far as the pairs are the same: nobody chooses, nothing is drawn twice, and what was judged stays of use. A new
model draws anew: what the old one was judged by, and what was put right since, would flatter it.

Of many pairs not all are hashed: records on either side are thinned out at random first, down to some ENOUGH pairs of
a band, which are as random a sample.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from itertools import zip_longest
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from stewardship.audit_strata import APART_BANDS, EQUAL, TOGETHER_BANDS
from stewardship.entry import pair_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.audit_strata import Cell
    from stewardship.entry import Pair

MOST = 300
"""So many pairs at most are asked in one release: more than a day's work."""
ENOUGH = 30_000
_DIGITS = 16
LOOKS = range(1, 9)
"""The odd ones are first looks, again where records say something else since; each is followed by a second look."""


class Drawn(NamedTuple):
    """A pair that was drawn, from which stratum and band, and whether it is of one customer."""

    is_together: bool
    band: float
    stratum: str
    pair: Pair


class Source(NamedTuple):
    """What an id was made from: what the release made of the pair then, and which look at it that was."""

    is_together: bool
    band: float
    look: int


def item_id(model_version: str, source: Source, pair: Pair) -> str:
    """Return the id under which a pair is asked; it tells nobody what the release makes of the pair."""
    said = [model_version, *source, *pair]
    return f"a{hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:_DIGITS]}"


def source_of(asked: str, model_version: str, pair: Pair) -> Source | None:
    """Return what the id of a question was made from; None where another model's release asked it.

    So the log itself keeps what was the case when a pair was drawn, though its judgement has changed that since.
    """
    for is_together, bands in ((True, TOGETHER_BANDS), (False, APART_BANDS)):
        for source in (Source(is_together, band, look) for band in bands for look in LOOKS):
            if item_id(model_version, source, pair) == asked:
                return source
    return None


def draw(
    con: DuckDBPyConnection, cells: Sequence[Cell], model_version: str, judged: Collection[Pair]
) -> dict[str, list[Drawn]]:
    """Return by stratum the pairs that come first, at most MOST of each, without those that were judged.

    Needs the temporary tables of `count_cells`.
    """
    con.register("incoming_cell", _cells_table(cells))
    con.register("incoming_judged", _pairs_table(judged))
    rows = con.execute(_draw_sql(cells), {"seed": model_version, "most": MOST}).fetchall()
    con.unregister("incoming_cell")
    con.unregister("incoming_judged")
    found: dict[str, list[Drawn]] = defaultdict(list)
    for is_together, band, stratum, *records in rows:
        pair = pair_of((records[0], records[1]), (records[2], records[3]))
        found[stratum].append(Drawn(is_together, band, stratum, pair))
    return dict(found)


def in_order(drawn: Mapping[str, Sequence[Drawn]], cells: Sequence[Cell], judged: Mapping[str, int]) -> list[Drawn]:
    """Return at most MOST of the pairs in the order in which they are asked.

    Of pairs together and apart there are as many. Each time the stratum comes next that has been asked least for how
    much it matters, so that any first so many are a fair sample; `judged` says of how many of its pairs that was done.
    """
    matter: dict[bool, dict[str, float]] = {True: defaultdict(float), False: defaultdict(float)}
    for cell in cells:
        matter[cell.is_together][cell.stratum] += cell.matter
    together, apart = (list(_by_stratum(drawn, matter[side], judged)) for side in (True, False))
    ahead = sum(judged.get(stratum, 0) for stratum in matter[True]) - sum(
        judged.get(stratum, 0) for stratum in matter[False]
    )
    order = together[: max(0, -ahead)] + apart[: max(0, ahead)]
    for one, other in zip_longest(together[max(0, -ahead) :], apart[max(0, ahead) :]):
        two = [found for found in (one, other) if found]
        order += sorted(two, key=lambda found: item_id("", Source(found.is_together, 0.0, 0), found.pair))
    return order[:MOST]


def _by_stratum(
    drawn: Mapping[str, Sequence[Drawn]], matter: Mapping[str, float], judged: Mapping[str, int]
) -> Iterator[Drawn]:
    """Yield the pairs of one side, the next one of the stratum that is furthest behind (Webster's method)."""
    asked = dict.fromkeys(matter, 0)
    for _ in range(MOST):
        left = [stratum for stratum in matter if asked[stratum] < len(drawn.get(stratum, ()))]
        if not left:
            return
        first = max(left, key=lambda name: (matter[name] / (2 * (asked[name] + judged.get(name, 0)) + 1), name))
        yield drawn[first][asked[first]]
        asked[first] += 1


def _cells_table(cells: Sequence[Cell]) -> pa.Table:
    columns = ("is_together", "band", "source_l", "source_r", "stratum")
    types = (pa.bool_(), pa.float64(), pa.string(), pa.string(), pa.string())
    return pa.table(
        {name: pa.array([getattr(cell, name) for cell in cells], of) for name, of in zip(columns, types, strict=True)}
    )


def _pairs_table(pairs: Collection[Pair]) -> pa.Table:
    ordered = sorted(pairs)
    names = ("source_l", "record_l", "source_r", "record_r")
    values = ([pair[side][part] for pair in ordered] for side in (0, 1) for part in (0, 1))
    return pa.table({name: pa.array(of, pa.string()) for name, of in zip(names, values, strict=True)})


def _draw_sql(cells: Sequence[Cell]) -> str:
    """Return the query of the first pairs of each stratum, by parameters `seed` and `most`."""
    within = _kept_sql(cells, is_together=True)
    return _DRAW_SQL.format(
        of_l=within.format(band="l.band"),
        of_r=within.format(band="r.band"),
        of_equal=within.format(band=EQUAL),
        of_near=_kept_sql(cells, is_together=False).format(band="near.band"),
        equal=EQUAL,
    )


def _kept_sql(cells: Sequence[Cell], *, is_together: bool) -> str:
    """Return the expression, with `{band}` to be filled in, below which a record's hash of 32 bits has to be."""
    pairs: dict[float, int] = defaultdict(int)
    for cell in cells:
        if cell.is_together is is_together:
            pairs[cell.band] += cell.pairs
    cases = " ".join(f"WHEN {{band}} = {band} THEN {_limit(count)}" for band, count in sorted(pairs.items()))
    return f"(CASE {cases} ELSE 0 END)" if cases else "0"


def _limit(pairs: int) -> int:
    """Return the limit for so many pairs, of a few fixed ones, so that a band that grows keeps most of its draw."""
    limit = 1 << 32
    while pairs * (limit / (1 << 32)) ** 2 > ENOUGH:
        limit = int(limit / sqrt(2))
    return limit


_DRAW_SQL = """
WITH hashed AS (
    SELECT *, md5_number_lower($seed || chr(31) || source || chr(31) || source_record_id) AS hash FROM temp.audit_record
),
record AS (SELECT * EXCLUDE (hash), hash & 4294967295 AS one, hash >> 32 AS other FROM hashed),
tied AS (SELECT * FROM record JOIN temp.audit_tie USING (cluster_id)),
within AS (
    SELECT true AS is_together, l.band AS band,
        l.source AS s_l, l.source_record_id AS r_l, r.source AS s_r, r.source_record_id AS r_r
    FROM tied AS l JOIN tied AS r USING (cluster_id)
    WHERE (l.source, l.source_record_id) < (r.source, r.source_record_id) AND l.node <> r.node
        AND l.one < {of_l} AND r.other < {of_r}
),
equal AS (
    SELECT true, {equal}::DOUBLE, l.source, l.source_record_id, r.source, r.source_record_id
    FROM record AS l JOIN record AS r USING (node)
    WHERE (l.source, l.source_record_id) < (r.source, r.source_record_id)
        AND l.one < {of_equal} AND r.other < {of_equal}
),
apart AS (
    SELECT false, near.band, l.source, l.source_record_id, r.source, r.source_record_id
    FROM temp.audit_near AS near JOIN record AS l ON l.cluster_id = near.one
    JOIN record AS r ON r.cluster_id = near.other
    WHERE l.one < {of_near} AND r.other < {of_near}
),
pair AS (
    SELECT is_together, band,
        CASE WHEN swap THEN s_r ELSE s_l END AS source_l, CASE WHEN swap THEN r_r ELSE r_l END AS record_l,
        CASE WHEN swap THEN s_l ELSE s_r END AS source_r, CASE WHEN swap THEN r_l ELSE r_r END AS record_r
    FROM (
        SELECT *, (s_l, r_l) > (s_r, r_r) AS swap
        FROM (SELECT * FROM within UNION ALL SELECT * FROM equal UNION ALL SELECT * FROM apart)
    )
)
SELECT is_together, band, stratum, source_l, record_l, source_r, record_r
FROM (
    SELECT *, md5_number_lower(concat_ws(chr(31), $seed, source_l, record_l, source_r, record_r)) AS chance
    FROM pair JOIN incoming_cell USING (is_together, band, source_l, source_r)
    ANTI JOIN incoming_judged USING (source_l, record_l, source_r, record_r)
)
QUALIFY row_number() OVER (PARTITION BY stratum ORDER BY chance, source_l, record_l, source_r, record_r) <= $most
ORDER BY stratum, chance, source_l, record_l, source_r, record_r
"""

"""Hold tonight's customers against labelled truth: who was joined rightly, wrongly, or not at all.

Reads matching.cluster, matching.member, matching.pair, matching.distinct_record, matching.model and
matching.model_frequency, in the workings of a release or in the warehouse, and the truth's file. Writes nothing. Keeps
this: no figure depends on the order of anything.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from matching.agreement import PairCounts, Score, b_cubed, by_source_pair, pairwise
from matching.arrays import columns, copy_table
from matching.blocking import SAME_ATTRIBUTES
from matching.blocking_losses import document, met_pairs
from matching.error_classes import ErrorClass, false_merges, missed
from matching.evidence import model_in_use
from matching.thresholds import try_thresholds
from matching.truth import load_truth
from warehouse.connection import open_memory
from warehouse.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from matching.blocking_losses import Met
    from matching.model import Model
    from matching.thresholds import AtThreshold

WEIGHTS = (-10.0, -8.0, -6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0)
"""The weights at which direct pairs are judged, in bits."""


@dataclass(frozen=True, slots=True)
class Found:
    """Counts of people, clusters and records.

    An exact person is all of one cluster and nobody else is in it. `missing` are records of somebody without a
    customer; of nobody's records `nobodies_kept` have one and `nobodies_merged` share it; `unlabelled` are records of
    customers of which the truth says nothing: these count nowhere else.
    """

    records: int
    people: int
    clusters: int
    exact: int
    mixed_clusters: int
    split_people: int
    missing: int
    nobodies_kept: int
    nobodies_merged: int
    unlabelled: int


@dataclass(frozen=True, slots=True)
class Blocking:
    """Pairs of distinct records of one person that say different things, and how many of them were compared and kept.

    Distinct records of several people, and those without a label, are left out. `met` is what the blocking rules do for
    them; None where another version of this program made the release.
    """

    true: int
    compared: int
    met: Met | None = None

    @property
    def lost(self) -> float | None:
        """The share of true pairs that never met, or that were unlike beyond hope."""
        return 1 - self.compared / self.true if self.true else None

    def document(self) -> dict[str, Any]:
        """Return the counts and what each rule finds as data for JSON."""
        told = {"true": self.true, "compared": self.compared, "lost": self.lost}
        return told | (document(self.met) if self.met else {})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures; see `Found`, `Blocking`, `PairCounts`.

    `thresholds` are what other values of `merge_at` would make of the same pairs; `curve` judges the direct pairs of at
    least each weight.
    """

    found: Found
    pairs: PairCounts
    b_cubed: Score
    by_source: dict[tuple[str, str], PairCounts]
    blocking: Blocking
    thresholds: tuple[AtThreshold, ...]
    curve: tuple[tuple[float, PairCounts], ...]
    false_merges: tuple[ErrorClass, ...]
    missed: tuple[ErrorClass, ...]

    def document(self) -> dict[str, Any]:
        """Return the evaluation as data for JSON."""
        return {
            **asdict(self.found),
            "pairwise": self.pairs.document(),
            "b_cubed": self.b_cubed.document(),
            "source_pairs": [
                {"left": left, "right": right, **counts.document()} for (left, right), counts in self.by_source.items()
            ],
            "blocking": self.blocking.document(),
            "thresholds": [at.document() for at in self.thresholds],
            "curve": [{"match_weight": weight, **counts.document()} for weight, counts in self.curve],
            "false_merges": [found.document() for found in self.false_merges],
            "missed": [found.document() for found in self.missed],
        }


def evaluate(con: DuckDBPyConnection, truth: Path, *, quick: bool = False) -> Evaluation:
    """Return how the customers of `con` hold against `truth`; `quick` leaves other thresholds untried.

    `truth` is a CSV or Parquet file with the columns source, source_record_id, person_id. A record without person_id is
    nobody's. Records that the truth does not name are left out of every share. Raises UsageError for a file that cannot
    be read, lacks a column, or names a record twice.
    """
    scratch = open_memory()
    try:
        load_truth(con, scratch, truth)
        model = _model(con)
        blocking, curve = _direct_pairs(con, scratch, model)
        return Evaluation(
            found=_found(scratch),
            pairs=pairwise(scratch),
            b_cubed=b_cubed(scratch),
            by_source=by_source_pair(scratch),
            blocking=blocking,
            thresholds=() if quick or model is None else try_thresholds(con, scratch, model),
            curve=curve,
            false_merges=false_merges(con, scratch),
            missed=missed(con, scratch),
        )
    finally:
        scratch.close()


def _model(con: DuckDBPyConnection) -> Model | None:
    """Return the model that made the clusters, None where this program does not understand it."""
    try:
        return model_in_use(con)
    except Refused:
        return None


def _found(scratch: DuckDBPyConnection) -> Found:
    return Found(*(int(count) for count in scratch.execute(_FOUND_SQL).fetchall()[0]))


def _direct_pairs(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model | None
) -> tuple[Blocking, tuple[tuple[float, PairCounts], ...]]:
    """Return what the compared pairs hold of the true ones, over the distinct records whose person is known."""
    copy_table(con, _TUPLES_SQL, scratch, "tuple_of")
    copy_table(con, _COMPARED_SQL, scratch, "compared")
    scratch.execute(_PURE_SQL)
    true = int(scratch.execute(_TRUE_PAIRS_SQL).fetchall()[0][0])
    pairs = columns(scratch, _JUDGED_SQL)
    met = met_pairs(con, scratch, model) if model else None
    weight, same = pairs["match_weight"], pairs["same"]
    curve = []
    for least in WEIGHTS:
        joined = weight >= least
        curve.append((least, PairCounts(int((joined & same).sum()), int(joined.sum()), true)))
    return Blocking(true, int(same.sum()), met), tuple(curve)


_FOUND_SQL = """
WITH sized AS (
    SELECT *, count(*) OVER (PARTITION BY person) AS of_person, count(*) OVER (PARTITION BY cluster) AS of_cluster,
        count(*) OVER (PARTITION BY person, cluster) AS of_both
    FROM told
),
person AS (
    SELECT person, bool_and(is_assigned AND of_both = of_person AND of_both = of_cluster) AS is_exact,
        count(DISTINCT cluster) FILTER (is_assigned) AS clusters
    FROM sized WHERE is_somebody GROUP BY person
),
cluster AS (SELECT cluster, count(DISTINCT person) AS people FROM told WHERE is_assigned GROUP BY cluster)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM person), (SELECT count(*) FROM cluster),
    (SELECT count(*) FROM person WHERE is_exact), (SELECT count(*) FROM cluster WHERE people > 1),
    (SELECT count(*) FROM person WHERE clusters > 1),
    (SELECT count(*) FROM told WHERE NOT is_assigned),
    (SELECT count(*) FROM told WHERE NOT is_somebody),
    (SELECT count(*) FROM sized WHERE NOT is_somebody AND of_cluster > 1),
    (SELECT count(*) FROM assigned ANTI JOIN label USING (source, source_record_id))
"""

_TUPLES_SQL = "SELECT distinct_record_id, tuple_id FROM matching.distinct_record"

_COMPARED_SQL = f"""
SELECT distinct_record_id_l AS l, distinct_record_id_r AS r, match_weight
FROM matching.pair WHERE match_key <> '{SAME_ATTRIBUTES}'
"""

_PURE_SQL = """
CREATE OR REPLACE TABLE pure AS
SELECT distinct_record_id, min(person) AS person, min(tuple_id) AS tuple_id
FROM told JOIN tuple_of USING (distinct_record_id)
GROUP BY distinct_record_id HAVING count(DISTINCT person) = 1
"""

_JUDGED_SQL = """
SELECT match_weight, l.person = r.person AS same
FROM compared AS p JOIN pure AS l ON l.distinct_record_id = p.l JOIN pure AS r ON r.distinct_record_id = p.r
"""

_TRUE_PAIRS_SQL = """
SELECT coalesce(sum(n * (n - 1) // 2), 0) - (
    SELECT coalesce(sum(n * (n - 1) // 2), 0)
    FROM (SELECT count(*)::HUGEINT AS n FROM pure GROUP BY person, tuple_id)
)
FROM (SELECT count(*)::HUGEINT AS n FROM pure GROUP BY person)
"""

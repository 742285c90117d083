"""How good a release is, by what stewards have judged of the pairs drawn at random: precision and recall.

Decisions of the other queues are not counted: these hold what is likeliest to be wrong, and say nothing of the rest.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from stewardship.audit_estimate import Estimate, Stratum, precision, recall, stewards_error
from stewardship.audit_judged import AUDIT, judged_pairs, judged_twice
from stewardship.audit_strata import APART_BANDS, TOGETHER_BANDS, Cell
from warehouse.errors import Refused
from warehouse.release.manifest import WORKINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.audit_judged import Judged
    from stewardship.standing import Standing
    from stewardship.store import Store
    from warehouse.read import Release

ALL = "all"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured of the release, or of two of its sources: `sources` is `all`, or names them.

    `judged` and `unsure` count pairs; an estimate is None with too few judged. Recall is of the pairs that were
    compared.
    """

    sources: str
    judged: int
    unsure: int
    precision: Estimate | None
    recall: Estimate | None

    def document(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured by the log up to its entry `head`; `parts` are pairs of sources of which enough was judged.

    `judged_twice` of the pairs were judged a second time by chance, and `disagreed` of them otherwise than before;
    `stewards_error` is how often one judgement is wrong if that is so, None without any. `pairs_together` and
    `pairs_apart` are how many the estimates speak for.
    """

    head: int
    whole: Measure
    parts: tuple[Measure, ...]
    judged_twice: int
    disagreed: int
    stewards_error: float | None
    pairs_together: int
    pairs_apart: int

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The release's, and those of its sources."""
        return (self.whole, *self.parts)

    def document(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        figures = {name: getattr(self, name) for name in ("head", "judged_twice", "disagreed", "stewards_error")}
        covered = {"pairs_together": self.pairs_together, "pairs_apart": self.pairs_apart}
        return self.whole.document() | figures | covered | {"parts": [part.document() for part in self.parts]}


def measure(con: DuckDBPyConnection, standing: Standing, model_version: str) -> Measured:
    """Measure the release whose workings `con` has: review.audit_stratum and matching.standardised."""
    cells = strata_of(con)
    judged = judged_pairs(con, standing, model_version)
    return measured(cells, judged, standing.head)


def measure_release(store: Store, release: Release | None) -> dict[str, Any]:
    """Measure the release by the log as it stands now, as data for JSON: `Measured`, `release_id` and `to_judge`.

    `to_judge` is how many of the pairs that the release asks have no answer yet. Raises Refused where the release does
    not keep its workings any more, or was made by a version that did not draw.
    """
    standing = store.read()
    if release is None:
        return {"release_id": None, "to_judge": 0} | measured((), (), standing.head).document()
    if not (release.directory / WORKINGS).exists():
        message = f"{release.release_id} does not keep its workings any more: run `joinedup run` to make a new release"
        raise Refused(message)
    with release.workings() as con:
        drew = con.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'review' AND table_name = 'audit_stratum'"
        ).fetchall()
        if not drew[0][0]:
            message = f"{release.release_id} was made by a version that drew no pairs: run `joinedup run --full`"
            raise Refused(message)
        found = measure(con, standing, release.manifest.model_version or "")
        asked = con.execute("SELECT item_id FROM review.audit_pair").fetchall()
    answered = {entry.item_id for entry in standing.active() if entry.queue == AUDIT}
    waits = sum(item_id not in answered for (item_id,) in asked)
    return {"release_id": release.release_id, "to_judge": waits} | found.document()


def strata_of(con: DuckDBPyConnection) -> tuple[Cell, ...]:
    """Return what review.audit_stratum holds."""
    rows = con.execute(
        "SELECT is_together, least_probability, source_l, source_r, pairs, expected_same, stratum"
        " FROM review.audit_stratum ORDER BY ALL"
    ).fetchall()
    return tuple(Cell(*row) for row in rows)


def measured(cells: Sequence[Cell], judged: Sequence[Judged], head: int) -> Measured:
    """Return what the judgements say of the pairs that the cells count."""
    sources = sorted({(cell.source_l, cell.source_r) for cell in cells})
    parts = [_of_sources(cells, judged, left, right) for left, right in sources]
    twice, disagreed = judged_twice(judged)
    return Measured(
        head=head,
        whole=_measure(ALL, cells, judged),
        parts=tuple(part for part in parts if part.precision or part.recall),
        judged_twice=twice,
        disagreed=disagreed,
        stewards_error=stewards_error(twice, disagreed),
        pairs_together=sum(cell.pairs for cell in cells if cell.is_together),
        pairs_apart=sum(cell.pairs for cell in cells if not cell.is_together),
    )


def _of_sources(cells: Sequence[Cell], judged: Sequence[Judged], left: str, right: str) -> Measure:
    return _measure(
        f"{left} {right}",
        [cell for cell in cells if (cell.source_l, cell.source_r) == (left, right)],
        [found for found in judged if (found.pair[0][0], found.pair[1][0]) == (left, right)],
    )


def _measure(sources: str, cells: Sequence[Cell], judged: Sequence[Judged]) -> Measure:
    told = [found for found in judged if found.same is not None]
    together, apart = (_bands(cells, told, is_together=side) for side in (True, False))
    return Measure(sources, len(told), len(judged) - len(told), precision(together), recall(together, apart))


def _bands(cells: Iterable[Cell], judged: Iterable[Judged], *, is_together: bool) -> list[Stratum]:
    """Return the strata of a side by band: within one, pairs are drawn in proportion to how many there are.

    Judgements of a band that is no more, for stewards have made its pairs sure, speak for the band next to it.
    """
    pairs: Counter[float] = Counter()
    expected: dict[float, float] = {}
    for cell in cells:
        if cell.is_together is is_together:
            pairs[cell.band] += cell.pairs
            expected[cell.band] = cell.expected_same
    if not pairs:
        return []
    order = TOGETHER_BANDS if is_together else APART_BANDS
    tried: Counter[float] = Counter()
    same: Counter[float] = Counter()
    for found in judged:
        if found.source.is_together is is_together:
            place = order.index(found.source.band)
            band = min(pairs, key=lambda there: (abs(order.index(there) - place), there))
            tried[band] += 1
            same[band] += bool(found.same)
    return [Stratum(count, tried[band], same[band], expected[band]) for band, count in sorted(pairs.items())]

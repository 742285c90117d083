"""How stewards work, from their log alone: how much, how fast, how often they are overruled, agree, and are right.

Nothing here says who is good: a steward who is given the hard cases is slower, and disagrees more. `since` leaves out
what was decided before; a decision within counts as overturned whenever that happened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from stewardship.entry import ABOUT_PAIRS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from stewardship.entry import Entry, Pair
    from stewardship.standing import Standing
    from stewardship.store import Store

BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
"""Where the bands of the probability that was shown begin."""
DAYS = 14
"""The newest days with decisions that are told one by one."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Pairs decided with a probability from `low` to `high` on the card: how many, how many of them as the same.

    `expected` is their mean probability: whoever follows the model blindly has as large a share of `same`.
    """

    low: float
    high: float
    decided: int
    same: int
    expected: float


@dataclass(frozen=True, slots=True)
class Steward:
    """What one steward did.

    `acts` are answers, `decisions` the entries that they wrote, without revocations. `by_kind` counts these.
    `median_seconds` is from a card to its answer, None where none was timed; `per_hour` how many answers a timed hour
    of looking at cards gives. `by_day` are the newest days with answers, ISO dates. `overturned` counts decisions that
    somebody revoked or replaced by another verdict, `by_others` those of them that somebody else did. `double_judged`
    counts pairs that another steward judged too, `agreed` those of them with the same verdict.
    """

    name: str
    acts: int
    decisions: int
    by_kind: dict[str, int]
    first_at: datetime
    last_at: datetime
    by_day: dict[str, int]
    median_seconds: float | None
    per_hour: float | None
    overturned: int
    by_others: int
    double_judged: int
    agreed: int
    calibration: tuple[Shown, ...]

    @property
    def overturned_share(self) -> float | None:
        """The share of the decisions that was overturned; None without any."""
        return round(self.overturned / self.decisions, 4) if self.decisions else None

    @property
    def agreement(self) -> float | None:
        """The share of the pairs judged by another too on which they agree; None without any."""
        return round(self.agreed / self.double_judged, 4) if self.double_judged else None

    def document(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        times = {"first_at": f"{self.first_at.isoformat()}Z", "last_at": f"{self.last_at.isoformat()}Z"}
        return asdict(self) | times | {"overturned_share": self.overturned_share, "agreement": self.agreement}


@dataclass(frozen=True, slots=True)
class StewardStatistics:
    """All stewards, those with most decisions first, as of the log's entry `head`."""

    head: int
    since: datetime | None
    stewards: tuple[Steward, ...]

    def document(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return {
            "head": self.head,
            "since": f"{self.since.isoformat()}Z" if self.since else None,
            "stewards": [steward.document() for steward in self.stewards],
        }


def statistics(store: Store, since: datetime | None = None) -> StewardStatistics:
    """Return what the log says of its stewards; `since` is naive UTC."""
    standing = store.read()
    decisions = [entry for _, entry in sorted(standing.decisions.items())]
    verdicts = _verdicts(decisions)
    by: dict[str, list[Entry]] = defaultdict(list)
    for entry in decisions:
        if since is None or entry.decided_at >= since:
            by[entry.decided_by].append(entry)
    stewards = [_steward(name, entries, standing, verdicts) for name, entries in by.items()]
    ordered = sorted(stewards, key=lambda steward: (-steward.decisions, steward.name))
    return StewardStatistics(standing.head, since, tuple(ordered))


def _verdicts(decisions: Iterable[Entry]) -> dict[Pair, dict[str, str]]:
    """Return for each pair the last verdict of everybody who gave one."""
    found: dict[Pair, dict[str, str]] = defaultdict(dict)
    for entry in decisions:
        if entry.kind in ABOUT_PAIRS and (verdict := VERDICTS.get(entry.kind)):
            found[entry.pair][entry.decided_by] = verdict
    return found


def _steward(
    name: str, entries: Sequence[Entry], standing: Standing, verdicts: Mapping[Pair, Mapping[str, str]]
) -> Steward:
    acts = {entry.act: entry for entry in reversed(entries)}
    days = Counter(f"{entry.decided_at:%Y-%m-%d}" for entry in acts.values())
    timed = [entry.seconds for entry in acts.values() if entry.seconds is not None and entry.seconds > 0]
    overturned = [entry for entry in entries if _overturned(entry, standing)]
    pairs = {entry.pair for entry in entries if entry.kind in ABOUT_PAIRS}
    doubles = [verdicts[pair] for pair in sorted(pairs) if name in verdicts.get(pair, ()) and len(verdicts[pair]) > 1]
    return Steward(
        name=name,
        acts=len(acts),
        decisions=len(entries),
        by_kind=dict(sorted(Counter(entry.kind for entry in entries).items())),
        first_at=min(entry.decided_at for entry in entries),
        last_at=max(entry.decided_at for entry in entries),
        by_day=dict(sorted(days.items())[-DAYS:]),
        median_seconds=round(median(timed), 1) if timed else None,
        per_hour=round(3600 * len(timed) / sum(timed), 1) if timed else None,
        overturned=len(overturned),
        by_others=sum(standing.ended[entry.id].decided_by != name for entry in overturned),
        double_judged=len(doubles),
        agreed=sum(len(set(said.values())) == 1 for said in doubles),
        calibration=calibration(entries),
    )


def _overturned(entry: Entry, standing: Standing) -> bool:
    """Return whether a decision was revoked, or replaced by one that says something else of the same."""
    ended = standing.ended.get(entry.id)
    if ended is None:
        return False
    said_again = (ended.kind, ended.sides, ended.value) == (entry.kind, entry.sides, entry.value)
    return ended.revokes is not None or not said_again


def calibration(entries: Iterable[Entry]) -> tuple[Shown, ...]:
    """Return how pairs were judged by the probability that stood on their card, by band; empty bands are left out.

    Pairs judged blind have no probability on their card, and are not counted.
    """
    found: dict[float, list[tuple[float, bool]]] = defaultdict(list)
    for entry in entries:
        if entry.kind in ABOUT_PAIRS and entry.probability is not None and entry.kind in VERDICTS:
            band = max(low for low in BANDS if entry.probability >= low or low == BANDS[0])
            found[band].append((entry.probability, VERDICTS[entry.kind] == "same"))
    ends = dict(zip(BANDS, (*BANDS[1:], 1.0), strict=True))
    return tuple(
        Shown(low, ends[low], len(of), sum(same for _, same in of), round(sum(p for p, _ in of) / len(of), 4))
        for low, of in sorted(found.items())
    )

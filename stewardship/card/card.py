"""The card of an item: all that a steward sees before deciding, as data.

Reads the release alone. A blind card, of the audit, tells of two records what was delivered of them and nothing that
the model makes of them: no probability, reason, customer or order that would give away what it did.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from matching.evidence import model_in_use
from stewardship.card.formation import Formation, formation
from stewardship.card.members import Member, blind_members, members, read_known
from stewardship.card.read_case import AUDIT
from stewardship.card.sentence import sentence_of
from stewardship.card.sharers import Shared, sharers
from stewardship.card.strip import Strip, strips
from stewardship.card.values import SYMBOLS, ValueRow, read_spoken, value_rows
from stewardship.card.waterfall import Evidence, of_customers, of_records
from stewardship.card.why_not import decided_among, why_not
from stewardship.entry import written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from stewardship.card.case import Asked, Case
    from stewardship.card.members import Column, Known
    from stewardship.web.releases import Pinned


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of an item.

    `members` are its customers with their columns, `rows` the attributes with a cell for each of these columns in their
    order, `strips` what happened to each member, `shared` the values that others have, too. `sentence`, `evidence` (the
    waterfall) and `why_not` are of the first pair that is asked about; None or empty where nothing was weighed, or the
    card is blind. `more_members` counts the customers that are not shown.
    """

    item_id: str
    queue: str
    release_id: str
    blind: bool
    asked: tuple[Asked, ...]
    members: tuple[Member, ...]
    more_members: int
    rows: tuple[ValueRow, ...]
    strips: tuple[Strip, ...]
    sentence: str | None = None
    evidence: Evidence | None = None
    formations: tuple[Formation, ...] = ()
    why_not: tuple[str, ...] = ()
    shared: tuple[Shared, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The records that are shown, in the order of the cells of every row."""
        return tuple(column for member in self.members for column in member.columns)

    @property
    def probability(self) -> float | None:
        """What the model makes of the first pair that is asked about."""
        return self.evidence.probability if self.evidence else None

    def document(self) -> dict[str, Any]:
        """Return the card as JSON-ready data."""
        told = asdict(self)
        for row in told["rows"]:
            row["differs"] = any(cell["mark"] in ("near", "differ") for cell in row["cells"])
            for cell in row["cells"]:
                cell["symbol"] = SYMBOLS[cell["mark"]]
        return told


def card(pinned: Pinned, case: Case, *, blind: bool = False, weighed: bool = True) -> Card:
    """Return the card of an item; of the audit's it is always blind.

    Weighing the first pair takes longer than all else: without, it has no sentence, no evidence and no `why_not`.

    Raises Refused where the release keeps no workings, or those of another program.
    """
    with pinned.golden() as golden, pinned.workings() as workings:
        if blind or case.queue == AUDIT:
            return _blind(pinned.release_id, golden, workings, case)
        return _open(pinned.release_id, golden, workings, case, weighed=weighed)


def _blind(release_id: str, golden: DuckDBPyConnection, workings: DuckDBPyConnection, case: Case) -> Card:
    records = sorted(
        case.records, key=lambda record: hashlib.sha256("\0".join((case.item_id, *record)).encode()).digest()
    )
    shown = blind_members(workings, records, {})
    rows = value_rows(read_spoken(workings, records), records)
    asked = tuple(type(pair)(pair.left, pair.right) for pair in case.asked)
    return Card(
        item_id=case.item_id,
        queue=case.queue,
        release_id=release_id,
        blind=True,
        asked=asked,
        members=shown,
        more_members=0,
        rows=rows,
        strips=strips(golden, shown),
    )


def _open(
    release_id: str, golden: DuckDBPyConnection, workings: DuckDBPyConnection, case: Case, *, weighed: bool
) -> Card:
    known = read_known(golden, workings, case.golden_ids, case.records)
    shown = members(workings, known, case.records)
    records = [column.record for member in shown for column in member.columns]
    spoken = read_spoken(workings, records)
    evidence, lines = _first_pair(workings, known, case) if weighed else (None, ())
    return Card(
        item_id=case.item_id,
        queue=case.queue,
        release_id=release_id,
        blind=False,
        asked=case.asked,
        members=shown,
        more_members=len(known.records) - len(shown),
        rows=value_rows(spoken, records),
        strips=strips(golden, shown),
        sentence=sentence_of(evidence) if evidence else None,
        evidence=evidence,
        formations=formations(workings, known, shown),
        why_not=lines,
        shared=sharers(golden, workings, spoken, known),
    )


def formations(workings: DuckDBPyConnection, known: Known, shown: tuple[Member, ...]) -> tuple[Formation, ...]:
    """Return how the customers that are shown were formed; nothing of those that were not."""
    told = []
    for member in shown:
        if member.golden_id is not None:
            nodes = {record: known.nodes[record] for record in known.records[member.golden_id] if record in known.nodes}
            told.append(formation(workings, member.letter, member.golden_id, nodes))
    return tuple(found for found in told if found is not None)


def _first_pair(workings: DuckDBPyConnection, known: Known, case: Case) -> tuple[Evidence | None, tuple[str, ...]]:
    """Return the evidence of the first pair that is asked about, and why its customers are not one."""
    if not case.asked:
        return None, ()
    first = case.asked[0]
    whose = {record: golden_id for golden_id, records in known.records.items() for record in records}
    sides = whose.get(first.left), whose.get(first.right)
    if sides[0] is None or sides[1] is None:
        return None, ()
    evidence = evidence_of_pair(workings, first, (sides[0], sides[1]), known)
    lines = why_not(workings, first, evidence, decided_among(workings, whose), are_one=sides[0] == sides[1])
    return evidence, lines


def evidence_of_pair(
    workings: DuckDBPyConnection, pair: Asked, sides: tuple[str, str], known: Known
) -> Evidence | None:
    """Return how two customers weigh, or two records where they are of one customer or were never compared."""
    model = model_in_use(workings)
    names = written(pair.left), written(pair.right)
    if sides[0] != sides[1]:
        ours, theirs = ({known.nodes[record] for record in known.records[side]} for side in sides)
        if found := of_customers(workings, model, (ours, theirs), names):
            return found
    nodes = known.nodes[pair.left], known.nodes[pair.right]
    return of_records(workings, model, nodes, names) if nodes[0] != nodes[1] else None

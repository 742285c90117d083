"""What a decision would do, before it is taken: which customers merge or come apart, and what moves with them.

Reads the release and the stewards' log. The matching itself foresees it, with all that is said by then: what the next
night does, were it to read no export. Keeps this: a preview writes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stewardship.answer import prepare
from stewardship.card.foreseen import foresee_customers
from stewardship.card.hanging import activities_of
from stewardship.card.outcome import NOTHING_BOUND, Move, Outcome, Preview, of_value, sentences
from stewardship.card.reading import rows_by
from stewardship.entry import VERDICTS, entry_key
from stewardship.log import Said, check_together
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.answer import Statement
    from stewardship.card.foreseen import Foreseen
    from stewardship.card.hanging import Activities
    from stewardship.card.keep_ids import Part
    from stewardship.entry import Entry, Record
    from stewardship.standing import Standing
    from stewardship.store import Store
    from stewardship.web.releases import Pinned


def preview(pinned: Pinned, store: Store, statements: Sequence[Statement]) -> Preview:
    """Return what the statements would do, together with all else that has been said since the release.

    Raises UsageError for a statement that is none, Refused where the release keeps no workings.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    drafts = prepare(None, statements, Said("preview", now, "preview"))
    standing = store.read()
    try:
        _say(standing, drafts)
    except Refused as error:
        return Preview(problem=str(error))
    about = tuple(dict.fromkeys(record for entry in drafts if entry.kind in BINDING for record in entry.records))
    with pinned.golden() as golden, pinned.workings() as workings:
        values = tuple(of_value(golden, entry) for entry in drafts if entry.kind in ("pin", "placeholder"))
        if not about:
            return Preview(sentences=values or (NOTHING_BOUND,))
        foreseen = foresee_customers(golden, workings, standing, about, pinned.manifest.decisions_head or 0)
        return _told(golden, foreseen, drafts, about, values)


def _say(standing: Standing, drafts: Sequence[Entry]) -> None:
    """Take the drafts into account, as the log would. Raises Refused where they cannot be said."""
    check_together(drafts)
    unsaid = Counter(subject for entry in drafts for subject in entry.subjects)
    for entry in drafts:
        unsaid.subtract(entry.subjects)
        numbered = replace(entry, id=standing.head + 1, act=0)
        standing.check(numbered, {subject for subject, times in unsaid.items() if times})
        standing.apply(numbered, entry_key(numbered))


def _told(
    golden: DuckDBPyConnection,
    foreseen: Foreseen,
    drafts: Sequence[Entry],
    about: Sequence[Record],
    values: tuple[str, ...],
) -> Preview:
    before = foreseen.before
    asked = {foreseen.whose[record] for record in about if record in foreseen.whose}
    parts = [(part, foreseen.kept.get(place)) for place, part in enumerate(foreseen.parts)]
    changed = {golden_id for golden_id in before if not _stands(golden_id, before, parts)} | asked
    names = {
        row["golden_id"]: row["full_name"] or row["organisation"]
        for row in rows_by(golden, "customer", _NAME, "golden_id", changed)
    }
    activities = activities_of(golden, changed)
    was = tuple(
        Outcome(golden_id, names.get(golden_id), before[golden_id], activities.of(before[golden_id]), (golden_id,))
        for golden_id in sorted(changed)
    )
    will = tuple(
        Outcome(
            kept, names.get(kept) if kept else None, part.records, activities.of(part.records), tuple(sorted(part.held))
        )
        for part, kept in parts
        if set(part.held) & changed
    )
    moves = tuple(_moves(before, was, will, activities, foreseen.whose))
    settled = _settled(golden, foreseen, drafts)
    unknown = [record for record in about if record not in foreseen.whose]
    told = Preview(was, will, moves, settled)
    return replace(told, sentences=(*sentences(told, drafts, unknown), *values))


def _stands(golden_id: str, before: Mapping[str, Sequence[Record]], parts: Sequence[tuple[Part, str | None]]) -> bool:
    """Say whether a customer is afterwards just what it is."""
    records = set(before[golden_id])
    return any(kept == golden_id and set(part.records) == records for part, kept in parts)


def _moves(
    before: Mapping[str, Sequence[Record]],
    was: Sequence[Outcome],
    will: Sequence[Outcome],
    activities: Activities,
    whose: Mapping[Record, str],
) -> Iterator[Move]:
    """Yield what leaves the customers, to whom it goes or to nobody."""
    for outcome in was:
        origin = str(outcome.golden_id)
        staying = set(before[origin])
        for other in will:
            records = tuple(record for record in other.records if whose.get(record) == origin)
            staying -= set(records)
            if records and other.golden_id != origin:
                yield Move(origin, other.golden_id, "customer", records, activities.of(records))
        if staying:
            records = tuple(sorted(staying))
            yield Move(origin, None, "nobody", records, activities.of(records))


def _settled(golden: DuckDBPyConnection, foreseen: Foreseen, drafts: Sequence[Entry]) -> int:
    """Return how many pairs that wait do not any more: they are one then, or said to be two."""
    concerned = set(foreseen.whose.values())
    apart = {
        frozenset((foreseen.whose.get(left), foreseen.whose.get(right)))
        for entry in drafts
        if VERDICTS.get(entry.kind) == "different"
        for left, right in entry.pairs
    }
    rows = rows_by(golden, "possible_match", ("golden_id_l", "golden_id_r"), "golden_id_l", concerned)
    whole = [set(part.held) for part in foreseen.parts]
    return sum(
        frozenset(row.values()) in apart or any(set(row.values()) <= held for held in whole)
        for row in rows
        if row["golden_id_r"] in concerned
    )


BINDING = ("same", "different", "split", "household", "not_a_customer")
"""What changes who is one customer with whom; a placeholder does so by the evidence that it takes away."""
_NAME = ("golden_id", "full_name", "organisation")

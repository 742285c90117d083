"""Four eyes: an answer on which much hangs is proposed by one person and written once another one has confirmed it.

To take back what two have said is proposed and confirmed the same way.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stewardship.accounts import chain
from stewardship.answer import Answered, Statement, held_of, prepare, revoke_all, write
from stewardship.desk_tables import PROPOSAL
from stewardship.entry import written
from stewardship.four_eyes import CONFIRMED, of_two
from stewardship.log import Said, Shown
from stewardship.look_up import look_up
from stewardship.on_desks import has_desks
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stewardship.entry import Entry, Record
    from stewardship.log import Log
    from stewardship.queue import Item
    from stewardship.store import Store
    from warehouse.read import Release

Evidence = tuple[tuple["Record", str | None], ...]
"""What was compared of records when something was proposed, as a hash of each."""

_BINDS_NOTHING = ("unsure",)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that waits for a second person, or did: `state` is open, confirmed or declined.

    `why` says why a second person is needed. `act` is what became of it in the log. `takes_back` are the decisions that
    it is to revoke; then it has no statements. `evidence` is what the proposer saw of the records.
    """

    id: int
    item_id: str
    statements: tuple[Statement, ...]
    said: Said
    shown: Shown
    why: str
    state: str = "open"
    ended_by: str | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = None
    act: int | None = None
    takes_back: tuple[int, ...] = ()
    evidence: Evidence = ()


def needs_second(
    item: Item, statements: Sequence[Statement], second_from: float | None, worth: float | None = None
) -> str | None:
    """Return why this answer needs a second person, None where it does not.

    It does from `second_from` on: what is wrong, in orders, if the answer is; so whatever the model holds of it. What
    is said of a value reaches beyond the item, and always does. To be unsure binds nothing. An item of the audit says
    nothing of what hangs on it: that is its `worth` (see `hanging.worth_of`), which is not told either.
    """
    if second_from is None or all(statement.kind in _BINDS_NOTHING for statement in statements):
        return None
    if any(statement.kind == "placeholder" for statement in statements):
        return "a placeholder says nothing of anybody from then on, here and everywhere else"
    if worth is not None:
        return "much hangs on these records" if worth >= second_from else None
    hanging = item.harm / item.p_wrong if item.p_wrong else 0.0
    if hanging < second_from:
        return None
    return f"what hangs on it is worth {hanging:,.0f} orders; from {second_from:,.0f} on a second person confirms"


def check_alone(worth: float, second_from: float | None) -> None:
    """Raise Refused where what hangs on customers is too much for one person to decide without an item of the queue."""
    if second_from is not None and worth >= second_from:
        told = f"what hangs on this is worth {worth:,.0f} orders, and from {second_from:,.0f} on a second person"
        raise Refused(f"{told} confirms: decide the case in the queue, where one can")


def propose(
    store: Store, item_id: str, statements: Sequence[Statement], said: Said, shown: Shown, why: str = "asked for"
) -> Proposal:
    """Write an answer down for a second person to confirm. Raises Refused where one on the item is waiting already."""
    with store.changing() as con:
        return propose_on(con, Proposal(0, item_id, tuple(statements), said, shown, why))


def propose_on(con: sa.Connection, made: Proposal) -> Proposal:
    """Write a proposal in an open transaction, and return it with its number; see `propose`."""
    check_not_proposed(con, made.item_id)
    number = (con.execute(sa.select(sa.func.max(PROPOSAL.c.id))).scalar() or 0) + 1
    said, shown = made.said, made.shown
    row = {
        "id": number,
        "item_id": made.item_id,
        "proposed_by": said.decided_by,
        "proposed_at": said.decided_at,
        "reason": said.reason,
        "release_id": said.release_id,
        "why": made.why,
        "statements": json.dumps(_document(made), ensure_ascii=False),
        "queue": shown.queue,
        "seconds": shown.seconds,
        "probability": shown.probability,
        "state": "open",
    }
    con.execute(PROPOSAL.insert(), row)
    chain.append(con, said.decided_at, said.decided_by, "proposed", {"proposal": number}, said.reason)
    return replace(made, id=number)


def take_back(store: Store, said: Said, *, act: int = 0, decision_id: int = 0) -> Answered | Proposal:
    """Revoke what still holds of an act, or one decision; what two people have said, propose to revoke.

    Raises Refused where nothing of it holds any more, there is none, or somebody has proposed that already.
    """
    with store.writing() as log:
        held = held_of(log, act) if act else _decision(log, decision_id, said)
        told = of_two(log, held)
        if told is None:
            return revoke_all(log, held, said)
        first = held[0]
        item_id = first.item_id or f"decision {first.id}"
        shown = Shown(item_id, first.queue or "")
        ids = tuple(entry.id for entry in held)
        return propose_on(log.con, Proposal(0, item_id, (), said, shown, told, takes_back=ids))


def _decision(log: Log, decision_id: int, said: Said) -> tuple[Entry, ...]:
    """Return a decision that holds. Raises Refused in the words of the log where it does not, or there is none."""
    found = log.standing.decisions.get(decision_id)
    if found is None or decision_id in log.standing.ended:
        log.revoke(decision_id, said)
        return ()
    return (found,)


def check_not_proposed(con: sa.Connection, item_id: str) -> None:
    """Raise Refused where an answer to the item waits for a second person."""
    column = PROPOSAL.c
    waits = con.execute(sa.select(column.proposed_by).where(column.item_id == item_id, column.state == "open")).scalar()
    if waits is not None:
        message = f"{waits} has proposed an answer to this item already: confirm or decline it"
        raise Refused(message)


def proposals(store: Store, *, state: str | None = "open") -> tuple[Proposal, ...]:
    """Return the proposals in their order, those in a `state` or all."""
    with store.looking() as con:
        if con is None or not has_desks(con, store):
            return ()
        query = sa.select(PROPOSAL).order_by(PROPOSAL.c.id)
        return tuple(_proposal(row) for row in con.execute(query if state is None else query.where(_is(state))))


def confirm(
    store: Store, release: Release, proposal_id: int, said: Said, *, anyway: bool = False, knowing: bool = False
) -> Answered:
    """Write a proposed answer into the log, in the name of who proposed it, with who confirmed it in its reason.

    Raises Refused where it is not open any more, or who confirms has proposed it; where its records say something else
    than when it was proposed, unless who confirms is `knowing` that; and what `answer` raises.
    """
    found = {proposal.id: proposal for proposal in proposals(store)}.get(proposal_id)
    if found is None:
        raise Refused(_gone(proposal_id))
    if found.said.decided_by == said.decided_by:
        message = f"proposal {proposal_id} is your own: somebody else has to confirm it"
        raise Refused(message)
    if not knowing and (changed := changed_since(release, found)):
        names = ", ".join(map(written, changed))
        raise Refused(f"{names} says something else now than when {found.said.decided_by} proposed this: look again")
    reason = f"{found.said.reason} (confirmed by {said.decided_by}: {said.reason})"
    by = replace(said, decided_by=found.said.decided_by, reason=reason)
    drafts = () if found.takes_back else prepare(release, found.statements, by, anyway=anyway)
    with store.writing() as log:
        _check_open(log.con, proposal_id)
        answered = write(log, drafts, found.shown) if drafts else _revoke(log, found, by)
        _end(log.con, proposal_id, CONFIRMED, said, answered.act)
    return answered


def changed_since(release: Release, proposal: Proposal) -> tuple[Record, ...]:
    """Return the records of a proposal that say something else in this release than its proposer saw."""
    seen = {record: evidence for record, evidence in proposal.evidence if evidence is not None}
    if not seen:
        return ()
    now = look_up(release, seen)
    return tuple(
        record for record in sorted(seen) if record in now and now[record].evidence not in (None, seen[record])
    )


def evidence_in(drafts: Iterable[Entry]) -> Evidence:
    """Return what is known of the records of entries that are about to be proposed."""
    return tuple(sorted({at for each in drafts for at in zip(each.records, each.evidence, strict=True)}))


def _revoke(log: Log, found: Proposal, by: Said) -> Answered:
    held = [log.standing.decisions[number] for number in found.takes_back if number not in log.standing.ended]
    if not held:
        raise Refused("what was to be taken back holds no more: decline this")
    return revoke_all(log, held, by)


def decline(store: Store, proposal_id: int, said: Said) -> None:
    """Turn a proposal down, also one's own; the item is open again. Raises Refused where it is not open any more."""
    with store.changing() as con:
        _check_open(con, proposal_id)
        _end(con, proposal_id, "declined", said, None)


def _check_open(con: sa.Connection, proposal_id: int) -> None:
    if con.execute(sa.select(PROPOSAL.c.id).where(PROPOSAL.c.id == proposal_id, _is("open"))).scalar() is None:
        raise Refused(_gone(proposal_id))


def _end(con: sa.Connection, proposal_id: int, state: str, said: Said, act: int | None) -> None:
    ended = {"state": state, "ended_by": said.decided_by, "ended_at": said.decided_at, "ended_reason": said.reason}
    con.execute(PROPOSAL.update().where(PROPOSAL.c.id == proposal_id).values(**ended, act=act))
    about = {"proposal": proposal_id, "act": act}
    chain.append(con, said.decided_at, said.decided_by, f"proposal {state}", about, said.reason)


def _is(state: str) -> sa.ColumnElement[bool]:
    return PROPOSAL.c.state == state


def _gone(proposal_id: int) -> str:
    return f"proposal {proposal_id} does not wait any more: it was confirmed or declined, or there is none"


def _document(made: Proposal) -> dict[str, Any]:
    """Return what a proposal says as JSON-ready data."""
    said = [
        asdict(statement) | {"until": statement.until.isoformat() if statement.until else None}
        for statement in made.statements
    ]
    return {"said": said, "takes_back": made.takes_back, "evidence": made.evidence}


def _statement(document: dict[str, Any]) -> Statement:
    until = datetime.fromisoformat(document["until"]) if document["until"] else None
    records = tuple((source, record) for source, record in document["records"])
    return Statement(**(document | {"records": records, "sides": tuple(document["sides"]), "until": until}))


def _proposal(row: sa.Row[Any]) -> Proposal:
    document = json.loads(row.statements)
    if isinstance(document, list):  # as it was written before more than answers could be proposed
        document = {"said": document, "takes_back": (), "evidence": ()}
    return Proposal(
        id=row.id,
        item_id=row.item_id,
        statements=tuple(_statement(statement) for statement in document["said"]),
        said=Said(row.proposed_by, row.proposed_at, row.reason, row.release_id),
        shown=Shown(row.item_id, row.queue, row.seconds, row.probability),
        why=row.why,
        state=row.state,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        act=row.act,
        takes_back=tuple(document["takes_back"]),
        evidence=tuple(((source, record), evidence) for (source, record), evidence in document["evidence"]),
    )

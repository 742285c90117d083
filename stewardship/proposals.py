"""Four eyes: an answer on which much hangs is proposed by one person and written once another one has confirmed it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from stewardship.accounts import chain
from stewardship.answer import Answered, Statement, prepare, write
from stewardship.desk_tables import PROPOSAL
from stewardship.log import Said, Shown
from stewardship.on_desks import has_desks
from stewardship.priority import WORTH_OF_CASE
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stewardship.queue import Item
    from stewardship.store import Store
    from warehouse.read import Release

_BINDS_NOTHING = ("unsure",)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that waits for a second person, or did: `state` is open, confirmed or declined.

    `why` says why a second person is needed. `act` is what became of it in the log.
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


def needs_second(item: Item, statements: Sequence[Statement], second_from: float | None) -> str | None:
    """Return why this answer needs a second person, None where it does not.

    It does from `second_from` on: what is wrong, in orders, if the answer is; so whatever the model holds of it. What
    is said of a value reaches beyond the item, and always does. To be unsure binds nothing, and an audit decides
    nothing that is not decided the same way twice.
    """
    if second_from is None or all(statement.kind in _BINDS_NOTHING for statement in statements):
        return None
    if any(statement.kind == "placeholder" for statement in statements):
        return "a placeholder says nothing of anybody from then on, here and everywhere else"
    hanging = item.harm / item.p_wrong if item.p_wrong else 0.0
    if hanging < second_from:
        return None
    return f"what hangs on it is worth {hanging:,.0f} orders; from {second_from:,.0f} on a second person confirms"


def check_alone(orders: int, open_cases: int, second_from: float | None) -> None:
    """Raise Refused where what hangs on customers is too much for one person to decide without an item of the queue."""
    hanging = orders + WORTH_OF_CASE * open_cases
    if second_from is not None and hanging >= second_from:
        worth = f"what hangs on this is worth {hanging:,.0f} orders, and from {second_from:,.0f} on a second person"
        raise Refused(f"{worth} confirms: decide the case in the queue, where one can")


def propose(
    store: Store, item_id: str, statements: Sequence[Statement], said: Said, shown: Shown, why: str = "asked for"
) -> Proposal:
    """Write an answer down for a second person to confirm. Raises Refused where one on the item is waiting already."""
    with store.changing() as con:
        return propose_on(con, item_id, statements, said, shown, why)


def propose_on(
    con: sa.Connection, item_id: str, statements: Sequence[Statement], said: Said, shown: Shown, why: str
) -> Proposal:
    """Write a proposal in an open transaction; see `propose`."""
    check_not_proposed(con, item_id)
    number = (con.execute(sa.select(sa.func.max(PROPOSAL.c.id))).scalar() or 0) + 1
    row = {
        "id": number,
        "item_id": item_id,
        "proposed_by": said.decided_by,
        "proposed_at": said.decided_at,
        "reason": said.reason,
        "release_id": said.release_id,
        "why": why,
        "statements": json.dumps([_document(statement) for statement in statements], ensure_ascii=False),
        "queue": shown.queue,
        "seconds": shown.seconds,
        "probability": shown.probability,
        "state": "open",
    }
    con.execute(PROPOSAL.insert(), row)
    chain.append(con, said.decided_at, said.decided_by, "proposed", {"proposal": number}, said.reason)
    return Proposal(number, item_id, tuple(statements), said, shown, why)


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


def confirm(store: Store, release: Release, proposal_id: int, said: Said, *, anyway: bool = False) -> Answered:
    """Write a proposed answer into the log, in the name of who proposed it, with who confirmed it in its reason.

    Raises Refused where it is not open any more, or who confirms has proposed it; and what `answer` raises.
    """
    found = {proposal.id: proposal for proposal in proposals(store)}.get(proposal_id)
    if found is None:
        raise Refused(_gone(proposal_id))
    if found.said.decided_by == said.decided_by:
        message = f"proposal {proposal_id} is your own: somebody else has to confirm it"
        raise Refused(message)
    reason = f"{found.said.reason} (confirmed by {said.decided_by}: {said.reason})"
    by = replace(said, decided_by=found.said.decided_by, reason=reason)
    drafts = prepare(release, found.statements, by, anyway=anyway)
    with store.writing() as log:
        _check_open(log.con, proposal_id)
        answered = write(log, drafts, found.shown)
        _end(log.con, proposal_id, "confirmed", said, answered.act)
    return answered


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


def _document(statement: Statement) -> dict[str, Any]:
    until = statement.until.isoformat() if statement.until else None
    return asdict(statement) | {"until": until}


def _statement(document: dict[str, Any]) -> Statement:
    until = datetime.fromisoformat(document["until"]) if document["until"] else None
    records = tuple((source, record) for source, record in document["records"])
    return Statement(**(document | {"records": records, "sides": tuple(document["sides"]), "until": until}))


def _proposal(row: sa.Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        item_id=row.item_id,
        statements=tuple(_statement(document) for document in json.loads(row.statements)),
        said=Said(row.proposed_by, row.proposed_at, row.reason, row.release_id),
        shown=Shown(row.item_id, row.queue, row.seconds, row.probability),
        why=row.why,
        state=row.state,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        act=row.act,
    )

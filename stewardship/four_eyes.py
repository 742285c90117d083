"""What two people have said takes two to unsay: acts that were confirmed, and who may not end them alone.

READS: proposals that were confirmed. Keeps this: no decision of an act that a second person confirmed is revoked, nor
loses a word to another one, by one person alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from stewardship.desk_tables import PROPOSAL
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stewardship.entry import Entry
    from stewardship.log import Log

CONFIRMED = "confirmed"


def of_two(log: Log, entries: Iterable[Entry]) -> str | None:
    """Return which of these decisions two people have said, and who, as a clause; None where each is one person's."""
    by_act = {entry.act: entry for entry in entries}
    if not by_act:
        return None
    column = PROPOSAL.c
    asked = sa.select(column.act, column.proposed_by, column.ended_by)
    asked = asked.where(column.act.in_(by_act), column.state == CONFIRMED).order_by(column.act).limit(1)
    found = log.con.execute(asked).one_or_none()
    if found is None:
        return None
    return f"decision {by_act[found.act].id} was said by {found.proposed_by} and confirmed by {found.ended_by}"


def replaced_of_two(log: Log, drafts: Iterable[Entry]) -> str | None:
    """Return which decision of two people would lose a word to these, as `of_two`."""
    subjects = (subject for entry in drafts for subject in entry.subjects)
    return of_two(log, [word for subject in subjects if (word := log.standing.last_word(subject)) is not None])


def check_of_one(log: Log, held: Sequence[Entry]) -> None:
    """Raise Refused where two people have said one of these decisions, so that one alone is not to revoke it."""
    if told := of_two(log, held):
        raise Refused(f"{told}: {_ONCE_MORE}")


def check_not_of_two(log: Log, drafts: Iterable[Entry]) -> None:
    """Raise Refused where these would take the word from a decision of two people."""
    if told := replaced_of_two(log, (each for each in drafts)):
        raise Refused(f"{told}, and this would replace it: {_ONCE_MORE}")


_ONCE_MORE = (
    "one steward proposes to revoke it, on the page Decisions of `joinedup serve`, and another one confirms that "
    "under Review, To confirm"
)

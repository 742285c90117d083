"""What waits: all queues, one queue as a list, and the way to its next case."""

from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import HTMLResponse, Response

from stewardship import desk
from stewardship.doubts import open_doubts
from stewardship.on_desks import desks
from stewardship.pages.acts import done
from stewardship.pages.going_on import next_case
from stewardship.pages.lines import lines_of
from stewardship.pages.words import KEYS, QUEUES
from stewardship.queue import Item, Waiting, items_at, open_items, utc_now, waiting
from stewardship.queue_index import index_of
from stewardship.web.visit import Steward, Visit

router = APIRouter(prefix="/review")

PAGE = 50
"""Cases on a page of a list."""
_MOST_PATTERNS = 12
Order = Literal["priority", "oldest"]


@router.get("")
def show_queues(visit: Steward, did: int = 0, told: str = "") -> HTMLResponse:
    """Show every queue with what waits in it, and what is the visitor's own."""
    budget = visit.settings.stewardship.nightly_budget
    found = {each.queue: each for each in waiting(visit.pinned, visit.store, user=visit.user, budget=budget)}
    queues = [
        {"key": key, "words": words, "total": found[key].total, "minutes": _minutes(found[key].seconds)}
        for key, words in QUEUES.items()
    ]
    return visit.page(
        "review/queues.html",
        queues=queues,
        done=done(visit, did, told),
        refused="",
        queue="",
        budget=_budget(found["default"], budget),
        mine=lines_of(visit, _mine(visit), ""),
        proposals=len(desk.proposals(visit.store)),
        doubts=len(open_doubts(visit.store)),
        keys=KEYS,
    )


@router.get("/queue/{queue}")
def show_queue(visit: Steward, queue: str, order: Order = "priority", source: str = "", page: int = 1) -> HTMLResponse:
    """Show a queue as a list, page by page."""
    if queue not in QUEUES:
        raise HTTPException(404)
    page = max(page, 1)
    found = open_items(
        visit.pinned,
        visit.store,
        queue=queue,
        user=visit.user,
        order=order,
        source=source or None,
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )

    def at(number: int) -> str:
        return f"/review/queue/{queue}?" + urlencode({"order": order, "source": source, "page": number})

    return visit.page(
        "review/list.html",
        queue=queue,
        words=QUEUES[queue],
        order=order,
        source=source,
        sources=sorted(visit.settings.sources),
        lines=lines_of(visit, found.items, queue),
        first=(page - 1) * PAGE + 1,
        last=(page - 1) * PAGE + len(found.items),
        total=found.total,
        before=at(page - 1) if page > 1 else "",
        after=at(page + 1) if page * PAGE < found.total else "",
        patterns=_patterns(visit, queue),
        done=None,
        refused="",
        keys=KEYS,
    )


@router.post("/next/{queue}")
def start(visit: Steward, queue: str, instead: Annotated[str, Form()] = "") -> Response:
    """Claim the next case of a queue, and show it."""
    chosen = instead or queue
    if chosen not in QUEUES:
        raise HTTPException(404)
    return next_case(visit, chosen)


def _mine(visit: Visit) -> tuple[Item, ...]:
    """Return the open cases that the visitor has claimed, or that are to be theirs."""
    index = index_of(visit.pinned)
    over = desks(visit.store, index, visit.user, utc_now())
    claimed = [item_id for item_id, held in over.claims.items() if held.by == visit.user]
    assigned = [item_id for item_id, to in over.assigned.items() if to == visit.user]
    numbers = {index.number[item_id] for item_id in (*claimed, *assigned) if item_id in index.number}
    return items_at(index, over, sorted(numbers - over.hidden(index)))


def _patterns(visit: Visit, queue: str) -> list[dict[str, object]]:
    """Return the patterns of a queue that most cases have."""
    with visit.pinned.workings() as con:
        found = con.execute(_PATTERNS_SQL, [queue, _MOST_PATTERNS]).fetchall()
    return [{"text": text, "count": count, "href": f"/review/pattern/{quote(text, safe='')}"} for text, count in found]


_PATTERNS_SQL = """
    SELECT pattern, count(*) AS items FROM review.item WHERE queue = ? AND pattern IS NOT NULL
    GROUP BY pattern ORDER BY items DESC, pattern LIMIT ?"""


def _minutes(seconds: float) -> str:
    """Return how long something is expected to take, in words."""
    minutes = round(seconds / 60)
    if minutes >= 2 * _HOUR:
        return f"about {minutes / _HOUR:.0f} hours"
    if minutes >= 2:  # noqa: PLR2004 - one minute is one
        return f"about {minutes} minutes"
    return "a minute" if seconds else ""


def _budget(shown: Waiting, budget: float) -> str:
    """Return in a sentence how much of the first queue the day's budget has room for."""
    if not shown.total:
        return f"The budget of the day is {budget:,.0f} minutes; nothing of the first queue is left to spend it on."
    told = f"{shown.total:,} {'case' if shown.total == 1 else 'cases'} of the first queue, {_minutes(shown.seconds)}"
    rest = f"; {shown.below_budget:,} that matter less wait for another day" if shown.below_budget else ""
    return f"Within the day's budget of {budget:,.0f} minutes: {told}{rest}."


_HOUR = 60

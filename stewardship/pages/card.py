"""The card of a case, and what can be done with it: answer, undo, later, assign, comment.

Every form goes on to a page by a plain redirect, which a browser follows by itself and htmx swaps in: so there is one
way of working, with JavaScript and without.
"""

import math
import time
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from stewardship import desk
from stewardship.answer import Shown
from stewardship.card.card import Card
from stewardship.decide import plain_text, say
from stewardship.desk import Lost
from stewardship.pages.acts import done
from stewardship.pages.asking import Pressed, leaves_apart, pressed
from stewardship.pages.card_page import Asks, card_page, why_of
from stewardship.pages.going_on import PATTERN, next_case, to_page
from stewardship.pages.prepared import NoSuchCase, find_card, find_preview
from stewardship.pages.words import QUEUES, REASONS
from stewardship.queue import Item, item_of
from stewardship.web.visit import Steward, Visit
from warehouse.errors import Refused, UsageError

router = APIRouter(prefix="/review/item/{item_id}")

Queue = Annotated[str, Form()]
"""The queue that the steward works through."""

LONGEST_LOOK = 3600.0
"""Seconds: a card that was shown for longer was not looked at all the time, and tells nothing of how long it took."""


class Answer(BaseModel):
    """An answer as its form says it; `queue` is the one that the steward works through."""

    queue: str = ""

    key: str = Field(max_length=2)
    release: str = ""
    reason: str = Field("", max_length=2000)
    cell: str = ""
    until: str = ""
    sure: str = ""
    shown_at: float | None = None


@router.get("")
def show(visit: Steward, item_id: str, queue: str = "", did: int = 0, told: str = "", why: int = 0) -> HTMLResponse:
    """Show the card of a case; `did` is the act, and `told` the word, of what has just been done.

    The evidence comes by itself a moment later, or at once with `why`, for who has no JavaScript.
    """
    item = _item(visit, item_id)
    card = find_card(visit, item_id, weighed=why > 0)
    return card_page(visit, item, _queue(item, queue), card=card, done=done(visit, did, told, item_id))


@router.get("/why")
def show_why(visit: Steward, item_id: str) -> HTMLResponse:
    """Show the part of a card that says why: its sentence and the evidence."""
    card = find_card(visit, item_id)
    return visit.page("review/weighed.html", card=card, alone=True, **why_of(card))


@router.post("/answer")
def answer(visit: Steward, item_id: str, form: Annotated[Answer, Form()]) -> Response:
    """Write an answer; first ask whether it is meant where orders or cases would move, or a second person is needed."""
    item = _item(visit, item_id)
    queue = _queue(item, form.queue)
    key = form.key.upper()
    card = find_card(visit, item_id, weighed=False)

    def again(refused: str, status: int) -> HTMLResponse:
        return card_page(
            visit,
            _item(visit, item_id),
            queue,
            card=card,
            status=status,
            refused=refused,
            reason=form.reason,
            chosen=form.cell,
        )

    if form.release != visit.pinned.release_id:
        return again(f"{visit.pinned.release_id} was published while you looked. Nothing was written: look again.", 409)
    try:
        desk.claim(visit.store, item_id, visit.user, minutes=visit.settings.stewardship.claim_minutes)
        meant = pressed(card, key, form.cell, form.until)
        asks = None if form.sure.upper() == key else _asks(visit, item, card, meant)
        if asks is None:
            return _write(visit, item, queue, meant, form)
    except Lost as lost:
        how = "has answered this case at" if lost.answered else "has claimed this case until"
        return again(f"{lost.by} {how} {lost.until:%H:%M} UTC. Nothing was written.", 409)
    except UsageError as error:
        return again(error.message, 422)
    except Refused as error:
        return again(f"{error.message} Nothing was written.", 409)
    return card_page(
        visit, item, queue, card=card, asks=asks, reason=form.reason, chosen=form.cell, shown_at=form.shown_at
    )


@router.post("/preview")
def show_preview(visit: Steward, item_id: str, form: Annotated[Answer, Form()]) -> HTMLResponse:
    """Say what an answer would do, before it is given."""
    item = _item(visit, item_id)
    card = find_card(visit, item_id, weighed=False)
    if card.blind:
        return visit.page("review/preview.html", sentence="", effects=())
    meant = pressed(card, form.key.upper(), form.cell, form.until)
    second = needs_second(visit, item, meant)
    found = find_preview(visit, meant.statements)
    sentences = found.sentences if found.problem is None else (found.problem,)
    effects = (*sentences, *((_why_second(second),) if second else ()))
    return visit.page("review/preview.html", sentence=meant.sentence, effects=effects)


@router.post("/undo")
def take_back(visit: Steward, item_id: str, act: Annotated[int, Form()], queue: Queue = "") -> Response:
    """Undo an answer, and show its card again; what two have said, propose to."""
    undone = desk.take_back(visit.store, say(visit.user, "undone at once", visit.pinned.release), act=act)
    item = item_of(visit.pinned, visit.store, item_id)
    if isinstance(undone, desk.Proposal):
        return to_page("/review/proposals?told=taking_back")
    if item is None:
        return to_page(f"/review?did={undone.act}")
    desk.claim(visit.store, item_id, visit.user, minutes=visit.settings.stewardship.claim_minutes)
    return to_page(f"/review/item/{item_id}?queue={_queue(item, queue)}&did={undone.act}")


@router.post("/skip")
def later(visit: Steward, item_id: str, until: Annotated[date, Form()], queue: Queue = "") -> Response:
    """Put a case off until the beginning of a day."""
    item = _item(visit, item_id)
    then = datetime.combine(until, datetime.min.time())
    if then <= datetime.now(UTC).replace(tzinfo=None):
        raise UsageError("name a day to come")
    desk.skip(visit.store, item_id, visit.user, then)
    return next_case(visit, _queue(item, queue), item, told="later")


@router.post("/assign")
def assign(visit: Steward, item_id: str, to: Annotated[str, Form()] = "", queue: Queue = "") -> Response:
    """Say whose case it is; nobody's in particular without a name."""
    item = _item(visit, item_id)
    desk.assign(visit.store, item_id, to or None, visit.user)
    return to_page(f"/review/item/{item_id}?queue={_queue(item, queue)}&told=assigned")


@router.post("/comment")
def comment(visit: Steward, item_id: str, text: Annotated[str, Form(max_length=2000)], queue: Queue = "") -> Response:
    """Write a comment to a case."""
    item = _item(visit, item_id)
    desk.comment(visit.store, item_id, visit.user, plain_text(text, "the comment", "say what others should know"))
    return to_page(f"/review/item/{item_id}?queue={_queue(item, queue)}&told=commented")


def _item(visit: Visit, item_id: str) -> Item:
    """Return the item. Raises NoSuchCase where the release that is looked at has none of that name."""
    item = item_of(visit.pinned, visit.store, item_id)
    if item is None:
        raise NoSuchCase
    return item


def _queue(item: Item, queue: str) -> str:
    """Return the queue to go on in: the one that the steward works through, or PATTERN, else the item's own."""
    return queue if queue in QUEUES or (queue == PATTERN and item.pattern) else item.queue


def _asks(visit: Visit, item: Item, card: Card, meant: Pressed) -> Asks | None:
    """Return what is to be confirmed first, None where nothing moves by it and nobody else has to look."""
    second = needs_second(visit, item, meant)
    if second is None and (card.blind or leaves_apart(card, meant)):
        return None
    if card.blind:  # what would move would tell what the model made of it
        return Asks(meant.key, meant.label, f"Propose “{meant.label}”?", meant.sentence, (_why_second(second),))
    found = find_preview(visit, meant.statements)
    if found.problem is not None:
        raise Refused(found.problem)
    moving = any(move.hanging.orders or move.hanging.open_cases for move in found.moves)
    if meant.settles and second is None and not moving:
        return None
    if second is None:
        return Asks(meant.key, meant.label, f"{meant.label}?", meant.sentence, found.sentences)
    effects = (*found.sentences, _why_second(second))
    return Asks(meant.key, meant.label, f"Propose “{meant.label}”?", meant.sentence, effects)


def needs_second(visit: Visit, item: Item, meant: Pressed) -> str | None:
    """Return why a second person is needed for this answer, None where none is."""
    with visit.pinned.golden() as con:
        return desk.why_second(con, item, meant.statements, visit.settings.stewardship.second_pair_of_eyes_from)


def _why_second(why: str | None) -> str:
    return f"Somebody else has to confirm it: {why}."


def _write(visit: Visit, item: Item, queue: str, meant: Pressed, form: Answer) -> Response:
    """Write an answer, or propose it where a second person is needed, and go on."""
    said = say(visit.user, form.reason.strip() or REASONS.get(meant.key, meant.label), visit.pinned.release)
    seconds = _looked(form.shown_at) if meant.settles else None  # the card is looked at on
    shown = Shown(item.item_id, item.queue, seconds, item.match_probability)
    with visit.pinned.alone() as release:
        written = desk.answer_item(
            visit.store,
            release,
            item,
            meant.statements,
            said,
            shown,
            second_from=visit.settings.stewardship.second_pair_of_eyes_from,
            settles=meant.settles,
        )
    if isinstance(written, desk.Proposal):
        return next_case(visit, queue, item, told="proposed")
    if meant.settles:
        return next_case(visit, queue, item, did=written.act)
    return to_page(f"/review/item/{item.item_id}?queue={queue}&did={written.act}")


def _looked(shown_at: float | None) -> float | None:
    """Return how long a card was looked at, in seconds; None where that is not known."""
    if shown_at is None or not math.isfinite(shown_at):
        return None
    seconds = time.time() - shown_at
    return round(seconds, 1) if 0 < seconds < LONGEST_LOOK else None

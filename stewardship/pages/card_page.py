"""The page of a card: what its templates show, put together from the case, the card, and what was just done."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.background import BackgroundTask

from stewardship.accounts import allows
from stewardship.card.offers import offers
from stewardship.entry import written
from stewardship.pages.going_on import PATTERN, pattern_path
from stewardship.pages.lines import counted
from stewardship.pages.pictures import timelines, waterfall
from stewardship.pages.prepared import find_card, prepare_next
from stewardship.pages.sheet import sheet
from stewardship.pages.words import COMMON_REASONS, KEYS, MARKS, QUEUES

if TYPE_CHECKING:
    from starlette.responses import HTMLResponse

    from stewardship.card.card import Card
    from stewardship.card.formation import Formation, Merged
    from stewardship.card.members import Member
    from stewardship.card.strip import Strip
    from stewardship.queue import Item
    from stewardship.web.visit import Visit

_MOST_MERGES = 12
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Done:
    """What has just been written: its act, by which it is undone, and a sentence; act 0 where nothing is to undo."""

    act: int
    item_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked before an answer is written: its key and label, what it says, and what it would do.

    `action` is where the form goes that says yes, with these hidden `fields`; `back` is where a no leads.
    """

    key: str
    label: str
    title: str
    sentence: str
    effects: tuple[str, ...]
    action: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    back: str = ""


def card_page(  # noqa: PLR0913 - what a card is shown with
    visit: Visit,
    item: Item,
    queue: str,
    *,
    card: Card | None = None,
    status: int = 200,
    done: Done | None = None,
    refused: str = "",
    asks: Asks | None = None,
    reason: str = "",
    chosen: str = "",
    shown_at: float | None = None,
) -> HTMLResponse:
    """Return the page of an item's card; `refused` says why nothing was written, `asks` what is to be confirmed."""
    card = card or find_card(visit, item.item_id, weighed=False)
    name, at = _where(item, queue)
    answer = visit.page(
        "review/card.html",
        status=status,
        queue=queue,
        queue_name=name,
        queue_at=at,
        done=done,
        refused=refused,
        asks=asks and _filled(asks, item, queue, reason, chosen, shown_at),
        reason=reason,
        chosen=chosen,
        shown_at=shown_at or round(time.time(), 1),
        **_of_card(card),
        **_of_item(visit, item, card),
    )
    answer.background = BackgroundTask(prepare_next, visit, item.queue if queue == PATTERN else queue)
    answer.headers["HX-Push-Url"] = f"/review/item/{item.item_id}?queue={queue}"
    return answer


def _where(item: Item, queue: str) -> tuple[str, str]:
    """Return what the case is a part of, and where that is."""
    if queue == PATTERN and item.pattern is not None:
        return "Cases that are alike", pattern_path(item.pattern)
    return QUEUES[queue].name, f"/review/queue/{queue}"


def _of_card(card: Card) -> dict[str, Any]:
    """Return what is shown of a card, the same for whoever looks."""
    marks, begins, ends = timelines(card.strips)
    return {
        "card": card,
        "rows": sheet(card),
        "hangs": {member.letter: hanging(member) for member in card.members},
        "question": _question(card),
        "offers": [offer for offer in offers(card) if offer.key != "K"],
        "can_choose": not card.blind,
        "hint": "" if card.blind else "Point at an answer to see what it would do.",
        "strips": [_strip(strip, marks[strip.letter]) for strip in card.strips],
        "names": {member.letter: member.name or member.columns[0].label for member in card.members},
        "strips_from": begins,
        "strips_until": ends,
        "formed": [formed(one) for one in card.formations],
        "alone": False,
        "pending": not (card.blind or card.evidence or card.why_not),
        **why_of(card),
        "keys": KEYS,
        "marks": MARKS,
        "common_reasons": COMMON_REASONS,
    }


def _of_item(visit: Visit, item: Item, card: Card) -> dict[str, Any]:
    """Return what is shown of a case beside its card: whose it is, and what was said about it."""
    users = visit.accounts.users()
    return {
        "item": item,
        "facts": _facts(item, card),
        "claim": _claim(item, visit.user),
        "comments": item.comments,
        "assigned": item.assigned_to,
        "stewards": [user.name for user in users if allows(user.role, "steward") and not user.disabled_at],
        "tomorrow": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}",
    }


def why_of(card: Card) -> dict[str, Any]:
    """Return what the part of the page shows that says why, with the evidence."""
    return {
        "weighed": waterfall(card.evidence) if card.evidence else None,
        "weighed_title": _weighed_title(card),
        "weighed_closing": _weighed_closing(card),
    }


def _filled(asks: Asks, item: Item, queue: str, reason: str, chosen: str, shown_at: float | None) -> Asks:
    """Return the question with all that its form has to say again."""
    said = {"queue": queue, "reason": reason, "cell": chosen, "shown_at": str(shown_at or "")}
    return replace(
        asks,
        action=f"/review/item/{item.item_id}/answer",
        fields=tuple((name, value) for name, value in said.items() if value),
        back=f"/review/item/{item.item_id}?queue={queue}",
    )


def hanging(member: Member) -> str:
    """Return what hangs on a customer, in words."""
    told = [counted(member.orders, "order"), *(f"{amount} {currency}".strip() for currency, amount in member.spend)]
    if member.open_cases:
        told.append(counted(member.open_cases, "open case"))
    return ", ".join(told)


def formed(one: Formation) -> dict[str, Any]:
    """Return how a customer was formed, as its part of the page shows it."""
    steps = [_step(merged) for merged in one.merges[:_MOST_MERGES]]
    bridge = next((merged for merged in one.merges[_MOST_MERGES:] if merged.is_bridge), None)
    return {
        "letter": one.letter,
        "steps": [*steps, *([_step(bridge)] if bridge else [])],
        "more": max(len(one.merges) - _MOST_MERGES - bool(bridge), 0),
        "bridge": (one.bridge.left, one.bridge.right) if one.bridge else None,
    }


def _step(merged: Merged) -> dict[str, Any]:
    sides = [", ".join(written(record) for record in side[:_MOST_NAMED]) for side in (merged.left, merged.right)]
    more = [
        f" and {len(side) - _MOST_NAMED} more" if len(side) > _MOST_NAMED else ""
        for side in (merged.left, merged.right)
    ]
    by = merged.by if merged.weight is None else f"{merged.by}, {merged.weight:+.1f} bits, {merged.probability:.1%}"
    return {"left": sides[0] + more[0], "right": sides[1] + more[1], "by": by, "is_bridge": merged.is_bridge}


def _strip(strip: Strip, marks: tuple[Any, ...]) -> dict[str, Any]:
    return {"letter": strip.letter, "events": strip.events, "more": strip.more, "marks": marks}


def _question(card: Card) -> str:
    """Return what is asked, in words, with the names of those it is about."""
    if card.blind:
        return "Are these two records of one customer?"
    names = [member.name or "one without a name" for member in card.members]
    if len(names) == 1:
        return f"Is {names[0]} one customer?"
    if card.queue == "reconfirm":
        return f"Does it still hold: {_listed(names)}?"
    if card.queue == "a_or_b" and len(names) > 2:  # noqa: PLR2004 - one, and two that it may be
        return f"Which of them are one customer: {_listed(names)}?"
    return f"Are {_listed(names)} one customer?"


def _listed(names: list[str]) -> str:
    shown = names[:_MOST_NAMED]
    if len(names) > _MOST_NAMED:
        return f"{', '.join(shown)} and {len(names) - _MOST_NAMED} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)


def _facts(item: Item, card: Card) -> str:
    """Return in a line why it waits, how long, and what of it is not shown."""
    if card.blind:
        return "Drawn at random. What the model makes of it is not shown, so that you judge the records alone."
    told = [item.reason[:1].upper() + item.reason[1:]]
    if item.match_probability is not None:
        told.append(f"the model says {item.match_probability:.0%}")
    if len(card.asked) > 1:
        told.append(f"{len(card.asked)} pairs are asked about at once")
    if card.more_members:
        told.append(f"{counted(card.more_members, 'customer')} more, not shown")
    return "; ".join(told) + "."


def _claim(item: Item, user: str) -> str:
    if item.claim is None:
        return "Nobody has claimed this"
    who = "you" if item.claim.by == user else item.claim.by
    return f"Claimed by {who} until {item.claim.until:%H:%M} UTC"


def _weighed_title(card: Card) -> str:
    basis = card.evidence.basis if card.evidence else None
    return {"customers": "What speaks for one customer, and against it", "records": "How the two records compare"}.get(
        basis or "", "How the two records would compare"
    )


def _weighed_closing(card: Card) -> str:
    if card.evidence is None:
        return ""
    found = card.evidence
    return (
        f"{found.left} and {found.right}: {found.probability:.1%} likely to be one; merging takes {found.needed:.1%}."
    )

"""A customer's page for stewards: its records, how it was formed, what was decided, and taking it apart."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, Response

from stewardship.answer import answer
from stewardship.card.customer import CustomerCard, customer_card, take_out
from stewardship.card.offers import Offer, break_at
from stewardship.card.preview import preview
from stewardship.card.values import read_spoken, value_rows
from stewardship.decide import say
from stewardship.doubts import open_doubts
from stewardship.hanging import worth_of
from stewardship.pages.acts import done
from stewardship.pages.card_page import Asks, Done, formed, hanging
from stewardship.pages.going_on import to_page
from stewardship.pages.pictures import timelines
from stewardship.pages.words import COMMON_REASONS, KEYS, REASONS
from stewardship.proposals import check_alone
from stewardship.web.visit import Steward, Visit
from warehouse.errors import Refused, UsageError

router = APIRouter(prefix="/review/customer")

MOST_LISTED = 60
"""So many records are listed, to choose from; a customer of more is better broken at its bridge."""


class Parting(BaseModel):
    """Which records are somebody else's: those at these places, or with the key B those beyond the bridge."""

    out: list[int] = Field(default_factory=list)
    key: str = "O"
    sure: str = ""
    release: str = ""
    reason: str = Field("", max_length=2000)


@router.get("/{golden_id}")
def show(visit: Steward, golden_id: str, did: int = 0) -> HTMLResponse:
    """Show a customer."""
    return _page(visit, _card(visit, golden_id), done=done(visit, did))


@router.post("/{golden_id}/part")
def part(visit: Steward, golden_id: str, form: Annotated[Parting, Form()]) -> Response:
    """Take a customer apart; first say what that would do."""
    card = _card(visit, golden_id)
    if form.release != visit.pinned.release_id:
        return _page(visit, card, status=409, refused=f"{visit.pinned.release_id} was published while you looked.")
    try:
        offer = _offer(card, form)
        if form.sure != form.key:
            return _page(visit, card, asks=_asks(visit, card, offer, form), chosen=form.out)
        with visit.pinned.golden() as con:
            worth = worth_of(con, card.records[:1])
        check_alone(worth, visit.settings.stewardship.second_pair_of_eyes_from)
        said = say(visit.user, form.reason.strip() or REASONS["B"], visit.pinned.release)
        with visit.pinned.alone() as release:
            act = answer(visit.store, release, offer.statements, said).act
    except UsageError as error:
        return _page(visit, card, status=422, refused=error.message, chosen=form.out)
    except Refused as error:
        return _page(visit, card, status=409, refused=f"{error.message} Nothing was written.", chosen=form.out)
    return to_page(f"/review/customer/{card.golden_id}?did={act}")


def _card(visit: Visit, golden_id: str) -> CustomerCard:
    card = customer_card(visit.pinned, golden_id)
    if card is None:
        raise HTTPException(404)
    return card


def _offer(card: CustomerCard, form: Parting) -> Offer:
    if form.key == "B":
        if card.formation is None:
            raise UsageError("This customer was not put together of parts that could be told apart.")
        return break_at(card.formation)
    return take_out(card, [card.records[place] for place in form.out if 0 <= place < len(card.records)])


def _asks(visit: Visit, card: CustomerCard, offer: Offer, form: Parting) -> Asks:
    found = preview(visit.pinned, visit.store, offer.statements)
    if found.problem is not None:
        raise Refused(found.problem)
    fields = (("reason", form.reason), *(("out", str(place)) for place in form.out))
    at = f"/review/customer/{card.golden_id}"
    title = f"{offer.label}?"
    return Asks(form.key, offer.label, title, offer.sentence, found.sentences, f"{at}/part", fields, at)


def _page(  # noqa: PLR0913 - what a page is shown with
    visit: Visit,
    card: CustomerCard,
    *,
    status: int = 200,
    done: Done | None = None,
    refused: str = "",
    asks: Asks | None = None,
    chosen: list[int] | None = None,
) -> HTMLResponse:
    marks, begins, ends = timelines([card.strip])
    listed = card.records[:MOST_LISTED]
    with visit.pinned.workings() as con:
        rows = value_rows(read_spoken(con, listed), listed)
    answer = visit.page(
        "review/customer.html",
        status=status,
        card=card,
        name=card.member.name or "No name",
        hangs=hanging(card.member),
        rows=rows,
        records=list(enumerate(listed)),
        unlisted=len(card.records) - len(listed),
        strips=[{"letter": "A", "events": card.strip.events, "more": card.strip.more, "marks": marks["A"]}],
        names={"A": card.member.name or "No name"},
        strips_from=begins,
        strips_until=ends,
        formed=formed(card.formation) if card.formation else None,
        chosen=chosen or [],
        common_reasons=COMMON_REASONS,
        keys=KEYS,
        queue="",
        doubts=open_doubts(visit.store, [card.golden_id]),
        done=done,
        refused=refused,
        asks=asks,
    )
    answer.headers["HX-Push-Url"] = f"/review/customer/{card.golden_id}"
    return answer

"""Comparing any two records: why they are, or are not, one customer, and deciding it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from starlette.responses import Response

from matching.evidence import Waterfall
from matching.explain import explain
from stewardship.answer import Statement, answer
from stewardship.decide import say
from stewardship.entry import Pair, pair_of, written
from stewardship.find import own
from stewardship.hanging import worth_of
from stewardship.pages.records import record_of
from stewardship.proposals import check_alone
from stewardship.web.visit import Steward, Visit
from warehouse.errors import JoinedupError, Refused, UsageError

router = APIRouter()
PATH = "/review/compare"
Text = Annotated[str, Form()]


@router.get(PATH)
def ask(visit: Steward) -> Response:
    """Ask for two records."""
    return _page(visit, release_id=visit.pinned.release_id)


@router.post(PATH)
def compare(visit: Steward, left: Text = "", right: Text = "") -> Response:
    """Show why two records are, or are not, one customer."""
    try:
        return _compared(visit, (record_of(left), record_of(right)))
    except (UsageError, Refused) as error:
        return _failed(visit, error, left, right)


@router.post(PATH + "/decide")
def decide(
    visit: Steward,
    verdict: Annotated[Literal["same", "different"], Form()],
    left: Text,
    right: Text,
    reason: Text = "",
) -> Response:
    """Write that two records are one customer, or that they never are."""
    pinned = visit.pinned
    try:
        pair = record_of(left), record_of(right)
        if not reason.strip():
            return _compared(visit, pair, status=400, problem="Say in a few words why: it is what others will go by.")
        _check_alone(visit, pair)
        with pinned.alone() as release:
            said = say(visit.user, reason, release)
            done = answer(visit.store, release, [Statement(verdict, pair_of(*pair))], said)
    except (UsageError, Refused) as error:
        return _failed(visit, error, left, right)
    return _compared(visit, pair, done=done.entries[-1])


def _check_alone(visit: Visit, pair: Pair) -> None:
    """Raise Refused where so much hangs on the two that one person is not to decide it alone."""
    with visit.pinned.golden() as con:
        worth = worth_of(con, pair)
    check_alone(worth, visit.settings.stewardship.second_pair_of_eyes_from)


def _compared(visit: Visit, pair: Pair, *, status: int = 200, **values: object) -> Response:
    pinned = visit.pinned
    owners = [own(pinned, record) for record in pair]
    with pinned.workings() as con:
        found = explain(con, *pair)
    return _page(
        visit,
        status=status,
        release_id=pinned.release_id,
        left=written(pair[0]),
        right=written(pair[1]),
        owners=owners,
        found=found,
        words=found.words(),
        steps=_steps(found.evidence) if found.evidence and not found.same_distinct_record else (),
        held=visit.site.log.now().on(pair_of(*pair)),
        **values,
    )


def _steps(evidence: Waterfall) -> list[tuple[str, str, float, str | None, str | None]]:
    """Return what each comparison says: its name, in words, its bits, and both values."""
    return [
        (
            step.comparison.replace("_", " "),
            f"{step.words} (one in {step.one_in:,})" if step.one_in else step.words,
            step.bits,
            step.left,
            step.right,
        )
        for step in evidence.steps
        if step.level is not None
    ]


def _failed(visit: Visit, error: JoinedupError, left: str, right: str) -> Response:
    status = 400 if isinstance(error, UsageError) else 409
    values = {"left": left, "right": right, "problem": error.message}
    return _page(visit, status=status, release_id=visit.pinned.release_id, **values)


def _page(visit: Visit, *, status: int = 200, **values: object) -> Response:
    told = {"left": "", "right": "", "found": None, "problem": None, "done": None, "held": None, "steps": ()} | values
    return visit.page("look/compare.html", status=status, **told)

"""Many like cases at once: open only after a random sample of them was judged, and all of it alike."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import HTMLResponse, Response

from stewardship import desk
from stewardship.answer import Shown, Statement, undo
from stewardship.decide import say
from stewardship.pages.acts import done as done_before
from stewardship.pages.card_page import Asks, Done
from stewardship.pages.going_on import PATTERN, pattern_path
from stewardship.pages.lines import counted, lines_of
from stewardship.pages.words import KEYS, REASONS
from stewardship.queue import Item, item_of, open_items
from stewardship.web.visit import Steward, Visit
from warehouse.errors import Refused, UsageError

router = APIRouter(prefix="/review/pattern")

SAMPLE = 5
"""So many of a pattern, drawn at random, are judged one by one first."""
AT_ONCE = 100
"""So many are answered by one press; what is left is asked about again."""
KINDS = {"same": "S", "different": "D"}
"""What a pattern can be answered with, and the key that says it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The cases of a pattern that are judged first, what was said of each, and what all of it says, if it is one thing.

    `said` is the kind of the answer to each, empty while there is none.
    """

    items: tuple[Item, ...]
    said: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Same or different, where the whole sample was judged so; else nothing."""
        kinds = set(self.said)
        kind = kinds.pop() if len(kinds) == 1 else ""
        return kind if kind in KINDS else ""


@router.get("/{pattern:path}")
def show(visit: Steward, pattern: str, did: int = 0, told: str = "") -> HTMLResponse:
    """Show a pattern: its sample, and, once that was judged alike, the way to answer the others."""
    return _page(visit, pattern, done=done_before(visit, did, told))


@router.post("/answer")
def answer(
    visit: Steward, pattern: Annotated[str, Form()], key: Annotated[str, Form()] = "", sure: Annotated[str, Form()] = ""
) -> Response:
    """Answer the open cases of a pattern as its sample was; first say how many they are and what hangs on them."""
    sample = _sample(visit, pattern)
    if KINDS.get(sample.verdict) != key.upper():
        problem = "The sample does not say that: all of it has to be judged, and judged alike, first."
        return _page(visit, pattern, status=409, refused=problem)
    found = open_items(visit.pinned, visit.store, user=visit.user, pattern=pattern, queue="oldest", limit=AT_ONCE)
    if sure.upper() != key.upper():
        return _page(visit, pattern, asks=_asks(pattern, sample.verdict, found.items))
    acts, proposed, left = _answer_all(visit, sample.verdict, found.items)
    told = f"{counted(len(acts), 'case')} answered: {sample.verdict}."
    told += f" {counted(proposed, 'answer')} proposed, for somebody else to confirm." if proposed else ""
    told += (
        f" {counted(left, 'case')} left as they were: somebody else has them, or it would contradict." if left else ""
    )
    return _page(visit, pattern, done=Done(0, "", told), acts=acts)


@router.post("/undo")
def take_back(visit: Steward, pattern: Annotated[str, Form()], acts: Annotated[str, Form()]) -> Response:
    """Undo what was answered at once."""
    said = say(visit.user, "undone at once", visit.pinned.release)
    undone = 0
    for act in acts.split(",")[:AT_ONCE]:
        if not act.isdecimal():
            raise UsageError("that names no answers")
        try:
            undo(visit.store, int(act), said)
            undone += 1
        except Refused:
            continue  # taken back one by one meanwhile
    return _page(visit, pattern, done=Done(0, "", f"{counted(undone, 'answer')} undone."))


def _answer_all(visit: Visit, kind: str, items: Sequence[Item]) -> tuple[list[int], int, int]:
    """Answer each; return the acts, how many were proposed, and how many were left as they were."""
    acts, proposed, left = [], 0, 0
    said = say(visit.user, f"as five like it: {REASONS[KINDS[kind]]}", visit.pinned.release)
    second_from = visit.settings.stewardship.second_pair_of_eyes_from
    for each in items:
        item = item_of(visit.pinned, visit.store, each.item_id)
        if item is None:
            continue
        statements = tuple(Statement("same" if kind == "same" else "different", pair.records) for pair in item.asked)
        shown = Shown(item.item_id, item.queue, None, item.match_probability)
        try:
            with visit.pinned.alone() as release:
                written = desk.answer_item(visit.store, release, item, statements, said, shown, second_from=second_from)
        except Refused:
            left += 1
            continue
        if isinstance(written, desk.Proposal):
            proposed += 1
        else:
            acts.append(written.act)
    return acts, proposed, left


def _asks(pattern: str, kind: str, items: Sequence[Item]) -> Asks:
    orders, cases = sum(item.orders for item in items), sum(item.open_cases for item in items)
    effects = (f"{counted(orders, 'order')} and {counted(cases, 'open case')} hang on their customers.",)
    sentence = f"{counted(len(items), 'case')} of this pattern: {kind}, as the sample."
    fields = (("pattern", pattern),)
    label = f"All {len(items)}: {kind}"
    return Asks(
        KINDS[kind], label, f"{label}?", sentence, effects, "/review/pattern/answer", fields, pattern_path(pattern)
    )


def _sample(visit: Visit, pattern: str) -> Sample:
    """Return the sample of a pattern: the same one for everybody, as long as the release is."""
    with visit.pinned.workings() as con:
        ids = [row[0] for row in con.execute("SELECT item_id FROM review.item WHERE pattern = ?", [pattern]).fetchall()]
    if not ids:
        raise HTTPException(404)
    seed = visit.pinned.release_id
    drawn = sorted(ids, key=lambda item_id: hashlib.sha256(f"{seed} {item_id}".encode()).digest())[:SAMPLE]
    log, head = visit.site.log.now(), visit.pinned.manifest.decisions_head or 0
    items = [item for item_id in drawn if (item := item_of(visit.pinned, visit.store, item_id)) is not None]
    words = [log.on(item.asked[0].records) for item in items]
    said = tuple(word.kind if word is not None and word.id > head else "" for word in words)
    return Sample(tuple(items), said)


def _page(  # noqa: PLR0913 - what a page is shown with
    visit: Visit,
    pattern: str,
    *,
    status: int = 200,
    refused: str = "",
    done: Done | None = None,
    asks: Asks | None = None,
    acts: Sequence[int] = (),
) -> HTMLResponse:
    sample = _sample(visit, pattern)
    found = open_items(visit.pinned, visit.store, user=visit.user, pattern=pattern, queue="oldest", limit=1)
    answer = visit.page(
        "review/pattern.html",
        status=status,
        pattern=pattern,
        lines=list(zip(lines_of(visit, sample.items, PATTERN), sample.said, strict=True)),
        unjudged=sum(not kind for kind in sample.said),
        verdict=sample.verdict,
        verdict_key=KINDS.get(sample.verdict, ""),
        total=found.total,
        at_once=min(found.total, AT_ONCE),
        acts=",".join(str(act) for act in acts),
        refused=refused,
        done=done,
        asks=asks,
        queue="",
        keys=KEYS,
    )
    answer.headers["HX-Push-Url"] = pattern_path(pattern)
    return answer

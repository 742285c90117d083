"""What the log says of the stewards: how much, how fast, how often overruled, and how far they agree."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from stewardship.answer import Shown, Statement, answer, undo
from stewardship.statistics import statistics
from tests.stewardship.conftest import START, record

if TYPE_CHECKING:
    from stewardship.entry import Kind
    from tests.stewardship.conftest import Desk


def say(desk: Desk, kind: Kind, names: str, by: str, *, card: tuple[float | None, float | None] = (None, None)) -> int:
    """Answer a card that took so many seconds and showed such a probability."""
    shown = Shown(f"q{names}", "default", *card)
    return answer(desk.store, None, [Statement(kind, tuple(map(record, names)))], desk.says(by=by), shown).act


def later(desk: Desk, days: int) -> None:
    """Let so many days go by: every answer is a minute after the last."""
    desk.said = itertools.count(next(desk.said) + days * 24 * 60)


def test_an_empty_log_has_no_stewards(sqlite_desk: Desk) -> None:
    found = statistics(sqlite_desk.store)
    assert (found.head, found.stewards) == (0, ())
    assert found.document() == {"head": 0, "since": None, "stewards": []}


def test_each_steward_is_counted_for_what_they_did(desk: Desk) -> None:
    say(desk, "same", "AB", "ann", card=(10, 0.95))
    say(desk, "different", "AC", "ann", card=(20, 0.55))
    say(desk, "unsure", "DE", "ann", card=(60, 0.5))
    later(desk, days=1)
    say(desk, "household", "DF", "ann", card=(None, 0.05))
    say(desk, "same", "GH", "bo", card=(0, None))
    ann, bo = statistics(desk.store).stewards
    assert (ann.name, ann.acts, ann.decisions) == ("ann", 4, 4)
    assert ann.by_kind == {"different": 1, "household": 1, "same": 1, "unsure": 1}
    assert ann.by_day == {"2026-01-03": 3, "2026-01-04": 1}
    assert (ann.median_seconds, ann.per_hour) == (20.0, 120.0)
    assert (bo.median_seconds, bo.per_hour) == (None, None)
    assert [(shown.low, shown.decided, shown.same, shown.expected) for shown in ann.calibration] == [
        (0.0, 1, 0, 0.05),
        (0.5, 1, 0, 0.55),
        (0.9, 1, 1, 0.95),
    ]
    assert bo.calibration == ()
    assert json.loads(json.dumps(statistics(desk.store).document()))["stewards"][0]["overturned_share"] == 0.0


def test_what_was_revoked_or_replaced_is_overturned_and_what_was_said_again_is_not(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    say(desk, "same", "AB", "ann")
    say(desk, "same", "CD", "ann")
    say(desk, "same", "EF", "ann")
    revoked = say(desk, "same", "GH", "ann")
    say(desk, "different", "AB", "bo")
    say(desk, "same", "CD", "bo")
    undo(desk.store, revoked, desk.says(by="ann"))
    ann, bo = statistics(desk.store).stewards
    assert (ann.overturned, ann.by_others, ann.overturned_share) == (2, 1, 0.5)
    assert (bo.overturned, bo.overturned_share) == (0, 0.0)
    assert (ann.double_judged, ann.agreed, ann.agreement) == (2, 1, 0.5)
    assert (bo.double_judged, bo.agreed) == (2, 1)


def test_only_what_came_since_is_counted(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    say(desk, "same", "AB", "ann")
    later(desk, days=3)
    say(desk, "same", "CD", "bo")
    found = statistics(desk.store, START + timedelta(days=2))
    assert [steward.name for steward in found.stewards] == ["bo"]
    assert found.document()["since"] == "2026-01-05T09:00:00Z"
    assert found.head == 2

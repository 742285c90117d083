"""Every rule: about whom it raises its signal, about whom it does not, and what holds for all of them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import pytest

from customer360.raise_signals import LONGEST_TEXT, raise_signals
from customer360.signals.rules import RULES
from customer360.signals.unanswered_message import working_days_later
from tests.customer360.conftest import RUN, SETTINGS
from tests.customer360.signals.cases import CASES, OURS
from tests.customer360.signals.world import land, raised, run
from warehouse.connection import open_memory
from warehouse.settings.signals import SIGNALS, Severity, SignalSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.customer360.conftest import Care
    from tests.customer360.signals.world import Case

NAMES = [rule.NAME for rule in RULES]


@pytest.fixture(scope="module")
def world(new_care: Callable[..., Care]) -> Care:
    return run(land(new_care(threads=2), (OURS, *CASES)), CASES)


@pytest.fixture(scope="module")
def signals(world: Care) -> list[tuple[Any, ...]]:
    return raised(world)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.who)
def test_a_rule(case: Case, signals: list[tuple[Any, ...]]) -> None:
    found = [about for who, signal, about, *_ in signals if (who, signal) == (case.who, case.rule)]
    assert found == ([case.about] if case.about else [])


def test_each_rule_is_shown_to_raise_and_not_to() -> None:
    for name in NAMES:
        assert {bool(case.about) for case in CASES if case.rule == name} == {True, False}, name


def test_rules_are_what_may_be_set() -> None:
    assert {rule.NAME: _limits(rule) for rule in RULES} == {name: set(keys) for name, keys in SIGNALS.items()}
    for rule in RULES:
        assert rule.SEVERITY in get_args(Severity)
        assert 2 <= len(rule.TITLE.split()) <= 4
        assert rule.__doc__
        assert "Raised" in rule.__doc__
        assert "Cleared" in rule.__doc__
        assert rule.__name__.endswith(rule.NAME)


def _limits(rule: Any) -> set[str]:  # noqa: ANN401 - a module
    told = {name for name in ("after", "within") if getattr(rule.LIMITS, name) is not None}
    return told | ({"at_least"} if rule.LIMITS.at_least > 1 else set())


def test_what_is_told_is_fit_to_be_read(signals: list[tuple[Any, ...]]) -> None:
    internal = re.compile(r"passed|hands|fault|blame|angry|\bus:|KI-\d", re.IGNORECASE)
    for _, signal, _, _, since, evidence, words in signals:
        assert since is not None
        for text in (evidence, words):
            if text is not None:
                assert 10 < len(text) <= LONGEST_TEXT, signal
                assert re.match(r"[A-Z“]", text), text
                assert text[-1] in ".?", text
                assert "  " not in text, text
                assert "unknown day" not in text, text
        assert words is None or not internal.search(words), words
    wordless = {signal for _, signal, *_, words in signals if words is None}
    assert wordless == {"going_quiet", "silent_after_complaint"}


def test_signals_are_of_living_customers_and_told_once(world: Care) -> None:
    query = "SELECT count(*), count(DISTINCT (golden_id, signal, activity_id)) FROM care.signal"
    ((rows, keys),) = world.con.execute(query).fetchall()
    assert rows == keys > 30
    elsewhere = "SELECT * FROM care.signal ANTI JOIN care.activity USING (golden_id, activity_id)"
    assert world.con.execute(elsewhere).fetchall() == []


def test_a_customer_who_is_none_any_more_has_no_signal(new_care: Callable[..., Care]) -> None:
    cases = [case for case in CASES if case.about and case.rule == "first_order"]
    care = run(land(new_care(), cases))
    assert len(raised(care)) > len(cases) - 1
    care.con.execute("DELETE FROM golden.customer")
    raise_signals(care.con, SETTINGS, RUN)
    assert raised(care) == []


def test_the_order_of_records_and_the_threads_do_not_matter(
    new_care: Callable[..., Care], signals: list[tuple[Any, ...]]
) -> None:
    other = run(land(new_care(threads=1), (*reversed(CASES), OURS)), CASES)
    assert raised(other) == signals


def test_all_is_relative_to_as_of(world: Care, signals: list[tuple[Any, ...]]) -> None:
    """The world is the same some weeks later with its times moved along; with its times as they were it is not."""
    later = timedelta(days=98)
    world.con.execute("BEGIN")
    try:
        world.con.execute("UPDATE landing.night SET as_of = as_of + ?", [later])
        stale = {row[:3] for row in raised(run(world))}
        world.con.execute('UPDATE landing.live_record SET "at" = "at" + $1, promised_at = promised_at + $1', [later])
        world.con.execute('UPDATE care.contact_fact SET "at" = "at" + $1', [later])
        moved = {row[:3] for row in raised(run(world))}
    finally:
        world.con.execute("ROLLBACK")
    assert moved == {row[:3] for row in signals}
    assert stale != moved


def test_what_joinedup_yaml_says_of_signals(new_care: Callable[..., Care]) -> None:
    cases = [case for case in CASES if case.rule in ("first_order", "going_quiet", "order_late")]
    changes = {
        "going_quiet": SignalSettings(off=True),
        "first_order": SignalSettings(severity="urgent", within=timedelta(days=3)),
        "order_late": SignalSettings(after=timedelta(days=2)),
    }
    care = run(land(new_care(), cases), settings=SETTINGS.model_copy(update={"signals": changes}))
    told = {(signal, about): severity for _, signal, about, severity, *_ in raised(care)}
    late = {about: severity for (signal, about), severity in told.items() if signal == "order_late"}
    assert late == {"OL2": "warning"}
    assert told["first_order", "FO2"] == "urgent"
    assert ("first_order", "FO1") not in told
    assert "going_quiet" not in {signal for signal, _ in told}
    run(care, settings=SETTINGS.model_copy(update={"signals": {name: SignalSettings(off=True) for name in NAMES}}))
    assert raised(care) == []


@pytest.mark.parametrize(
    ("sent", "days", "due"),
    [
        ("2026-05-25 10:00", 2, "2026-05-27 10:00"),
        ("2026-05-28 10:00", 2, "2026-06-01 10:00"),
        ("2026-05-29 10:00", 2, "2026-06-02 10:00"),
        ("2026-05-30 10:00", 2, "2026-06-03 00:00"),
        ("2026-05-31 10:00", 2, "2026-06-03 00:00"),
        ("2026-05-29 10:00", 1, "2026-06-01 10:00"),
        ("2026-05-25 10:00", 5, "2026-06-01 10:00"),
        ("2026-05-27 10:00", 10, "2026-06-10 10:00"),
    ],
)
def test_working_days(sent: str, days: int, due: str) -> None:
    with open_memory() as con:
        found = con.execute(f"SELECT {working_days_later('$1::TIMESTAMP', timedelta(days=days))}", [sent]).fetchall()
    assert found == [(datetime.fromisoformat(due),)]

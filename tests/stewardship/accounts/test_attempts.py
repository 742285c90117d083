"""Guessing is slow: of a thousand guesses in a minute ten are looked at, whoever makes them, also over a restart."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from stewardship.accounts import SignInRefused, TooManyAttempts, attempts
from tests.stewardship.accounts.conftest import HERE, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stewardship.accounts.conftest import House

WRONG = "wrong"
WAYS: tuple[tuple[str, Callable[[int], tuple[str, str]]], ...] = (
    ("one name from one place", lambda _: ("ann", HERE)),
    ("one name from everywhere", lambda number: ("ann", f"10.0.{number // 250}.{number % 250}")),
    ("every name from one place", lambda number: (f"user{number}", HERE)),
    ("every name from one network", lambda number: (f"user{number}", f"2001:db8:0:7::{number:x}")),
    ("nobody's name from everywhere", lambda number: ("nobody", f"2001:db8:{number:x}::1")),
)


def guess(house: House, count: int, way: Callable[[int], tuple[str, str]]) -> int:
    """Guess so many times within a minute, and return how many of the guesses were looked at."""
    evaluated = 0
    start = house.at
    for number in range(count):
        house.at = start + timedelta(minutes=1) * number / count
        name, address = way(number)
        try:
            house.sign_in(name, f"guess {number}", address)
        except SignInRefused:
            evaluated += 1
        except TooManyAttempts:
            pass
    return evaluated


@pytest.mark.parametrize(("_of", "way"), WAYS, ids=[name for name, _ in WAYS])
def test_of_many_guesses_in_a_minute_ten_are_looked_at(
    sqlite_house: House, _of: str, way: Callable[[int], tuple[str, str]]
) -> None:
    sqlite_house.add()
    assert 5 <= guess(sqlite_house, 1000 if way is WAYS[0][1] else 200, way) <= 10


def test_without_the_wait_all_would_be(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_wait_until", lambda *_: None)
    sqlite_house.add()
    assert guess(sqlite_house, 30, WAYS[0][1]) == 30


def test_many_at_once_are_as_slow(house: House) -> None:
    house.add()
    house.accounts.users()

    def evaluated(number: int) -> bool:
        try:
            house.sign_in(password=f"guess {number}")
        except SignInRefused:
            return True
        except TooManyAttempts:
            return False
        return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(evaluated, range(100))) == 3


def test_a_wait_outlives_a_restart_and_ends(house: House) -> None:
    house.add()
    for _ in range(3):
        with pytest.raises(SignInRefused):
            house.sign_in(password=WRONG)
    with pytest.raises(TooManyAttempts, match="too many sign-ins have failed: try again in 1 second") as refusal:
        house.another().sign_in("ANN", PASSWORD, address="198.51.100.1")
    assert refusal.value.seconds == 1
    house.later(seconds=1)
    assert house.sign_in().name
    for number in range(3):  # what had failed is forgotten
        with pytest.raises(SignInRefused):
            house.sign_in(password=WRONG, address=f"10.0.0.{number}")


def test_waits_grow_to_a_quarter_of_an_hour_and_are_forgotten_after_a_day(sqlite_house: House) -> None:
    sqlite_house.add()
    waits = []
    addresses = (f"10.0.0.{number}" for number in itertools.count())
    for address in itertools.islice(addresses, 16):
        with pytest.raises(SignInRefused):
            sqlite_house.sign_in(password=WRONG, address=address)
        try:
            sqlite_house.sign_in(address="198.51.100.1")
        except TooManyAttempts as wait:
            waits.append(wait.seconds)
            sqlite_house.later(seconds=wait.seconds)
        else:  # forgiven: fail again
            for _ in range(2):
                with pytest.raises(SignInRefused):
                    sqlite_house.sign_in(password=WRONG, address=next(addresses))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]
    sqlite_house.later(days=1)
    for address in itertools.islice(addresses, 3):
        with pytest.raises(SignInRefused):
            sqlite_house.sign_in(password=WRONG, address=address)


def test_who_has_an_account_cannot_guess_at_others_by_it(sqlite_house: House) -> None:
    sqlite_house.add()
    sqlite_house.add("eve")
    evaluated = 0
    for number in range(60):
        sqlite_house.later(seconds=1)
        try:
            sqlite_house.sign_in("eve")
            sqlite_house.sign_in(f"user{number}", "guess")
        except SignInRefused:
            evaluated += 1
        except TooManyAttempts:
            continue
    assert evaluated <= 10


def test_an_address_that_is_none_is_taken_as_it_is(sqlite_house: House) -> None:
    sqlite_house.add()
    for address in ("", "testclient", "fe80::1%eth0", "::ffff:10.0.0.1", "x" * 999):
        assert sqlite_house.sign_in(address=address).name
    mapped, plain = (attempts.attempt_of("ann", address) for address in ("::ffff:10.0.0.1", "10.0.0.1"))
    assert mapped == plain

"""Sessions and one-time links: for how long they let somebody in, what ends them, and that a link does so once."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from stewardship.accounts import LinkSpent, PasswordRefused, SignInRefused
from stewardship.accounts.sessions import place_of
from tests.stewardship.accounts.conftest import HERE, PASSWORD
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stewardship.accounts import Accounts, Session
    from tests.stewardship.accounts.conftest import House

OTHER = "four calling birds on a line"


def test_a_session_ends_when_it_is_not_used(house: House) -> None:
    house.add()
    session = house.sign_in()
    for _ in range(5):
        house.later(minutes=29)
        assert house.another().session(session.cookie) is not None
        assert house.accounts.session(session.cookie) is not None
    house.later(minutes=30)
    assert house.accounts.session(session.cookie) is None


def test_a_session_ends_after_half_a_day_however_it_is_used(sqlite_house: House) -> None:
    house = sqlite_house
    house.add()
    session = house.sign_in()
    for _ in range(47):
        house.later(minutes=15)
        assert house.accounts.session(session.cookie)
    house.later(minutes=15)
    assert house.accounts.session(session.cookie) is None


def test_a_session_that_is_used_is_written_once_a_minute(sqlite_house: House) -> None:
    sqlite_house.add()
    session = sqlite_house.sign_in()
    sqlite_house.accounts.users()
    with closing(sqlite3.connect(sqlite_house.desk.workspace / "var/stewardship.sqlite")) as con:
        sqlite_house.later(seconds=59)
        con.execute("BEGIN IMMEDIATE").close()  # nobody else can write now
        assert sqlite_house.accounts.session(session.cookie)
        con.execute("ROLLBACK").close()
        sqlite_house.later(seconds=1)
        assert sqlite_house.accounts.session(session.cookie)
        found = con.execute("SELECT seen_at > created_at FROM account_session").fetchall()
    assert found == [(1,)]


def test_signing_in_makes_a_new_session_and_ends_the_one_before(house: House) -> None:
    house.add()
    first = house.sign_in()
    second = house.accounts.sign_in("ann", PASSWORD, address=HERE, instead_of=first.cookie)
    assert house.accounts.session(first.cookie) is None
    assert house.accounts.session(second.cookie) is not None
    # A cookie that somebody was given before they signed in is worth nothing after that.
    house.accounts.sign_in("ann", PASSWORD, address=HERE, instead_of="planted")
    assert house.accounts.session("planted") is None
    house.accounts.end(second)
    house.accounts.end(second)
    assert house.accounts.session(second.cookie) is None
    assert house.chain().count("ann signed out") == 1


ENDS: tuple[tuple[str, Callable[[Accounts], object]], ...] = (
    ("password", lambda accounts: accounts.set_password("ANN", OTHER, "root")),
    ("disable", lambda accounts: accounts.disable("Ann", "root")),
)


@pytest.mark.parametrize(("how", "end"), ENDS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_ends_every_session_and_link(house: House, how: str, end: Callable[[Accounts], object]) -> None:
    house.add()
    house.add("bo")
    sessions, other = [house.sign_in(), house.sign_in()], house.sign_in("bo")
    link = house.accounts.link("ann", actor="root")
    end(house.another())
    assert [house.accounts.session(session.cookie) for session in sessions] == [None, None]
    assert house.accounts.invitation(link) is None
    assert house.accounts.session(other.cookie) == other
    with pytest.raises(SignInRefused):
        house.sign_in()
    if how == "disable":
        house.accounts.enable("ann", "root")
        assert [house.accounts.session(session.cookie) for session in sessions] == [None, None]
        assert house.sign_in().name
    else:
        assert house.sign_in(password=OTHER).name


def test_a_role_counts_at_once(house: House) -> None:
    house.add()
    session = house.sign_in()
    house.accounts.set_role("ann", "reader", "root")
    found = house.accounts.session(session.cookie)
    assert found is not None
    assert found.role == "reader"


def test_a_new_password_takes_the_old_one(sqlite_house: House) -> None:
    house = sqlite_house
    house.add()
    here, there = house.sign_in(), house.sign_in()
    with pytest.raises(SignInRefused):
        house.accounts.change_password(here, OTHER, OTHER, address=HERE)
    with pytest.raises(PasswordRefused):
        house.accounts.change_password(here, PASSWORD, "short", address=HERE)
    new = house.accounts.change_password(here, PASSWORD, OTHER, address=HERE)
    assert house.accounts.session(new.cookie) is not None
    assert [house.accounts.session(session.cookie) for session in (here, there)] == [None, None]
    with pytest.raises(SignInRefused):
        house.accounts.change_password(here, OTHER, PASSWORD, address=HERE)
    assert house.sign_in(password=OTHER).name


def test_who_came_in_by_a_link_sets_a_password_without_one(sqlite_house: House) -> None:
    house = sqlite_house
    house.add()
    came = house.accounts.redeem(house.accounts.link("ann"))
    house.later(minutes=15)
    with pytest.raises(SignInRefused):
        house.accounts.change_password(came, "", OTHER, address=HERE)
    came = house.accounts.redeem(house.accounts.link("ann"))
    assert house.accounts.change_password(came, "", OTHER, address=HERE).name == "ann"
    assert house.sign_in(password=OTHER).name


def test_a_link_lets_in_once(house: House) -> None:
    house.accounts.add("ann", "reader", "root")
    earlier, link = house.accounts.link("ann", actor="root"), house.accounts.link("Ann", actor="root")
    assert house.accounts.invitation(earlier) is None
    found = house.accounts.invitation(link)
    assert found is not None
    assert found.name == "ann"
    session = house.accounts.redeem(link)
    assert (session.name, session.by_link, session.has_password) == ("ann", True, False)
    for spent in (earlier, link, "", "é\ud800"):
        with pytest.raises(LinkSpent):
            house.another().redeem(spent)
    late = house.accounts.link("ann", minutes=5, actor="root")
    house.later(minutes=5)
    with pytest.raises(LinkSpent):
        house.accounts.redeem(late)


def test_a_link_with_a_password_sets_it(sqlite_house: House) -> None:
    house = sqlite_house
    house.add()
    before = house.sign_in()
    link = house.accounts.link("ann")
    with pytest.raises(PasswordRefused):
        house.accounts.redeem(link, password=OTHER[:5])
    session = house.accounts.redeem(link, password=OTHER)
    assert house.accounts.session(before.cookie) is None
    assert house.accounts.session(session.cookie) is not None
    assert house.sign_in(password=OTHER).name
    assert house.chain()[-4:] == ["ann link made", "ann link redeemed", "ann password set", "ann signed in"]


def test_the_first_link_makes_an_admin_and_only_one(house: House) -> None:
    first, second = house.accounts.first_link(), house.another().first_link()
    assert first is not None
    assert second is not None
    with pytest.raises(LinkSpent):  # the later start of a server has made a newer one
        house.accounts.redeem(first)
    with pytest.raises(UsageError):
        house.accounts.redeem(second, name="no name")
    session = house.accounts.redeem(second, name="zoë".replace("ë", "e"), password=PASSWORD)
    assert (session.name, session.role) == ("zoe", "admin")
    assert house.another().first_link() is None
    with pytest.raises(LinkSpent):
        house.accounts.redeem(second)


def test_a_first_link_is_worth_nothing_once_there_is_a_user(sqlite_house: House) -> None:
    house = sqlite_house
    link = house.accounts.first_link()
    assert link is not None
    house.accounts.add("ann", "reader", "root")
    assert house.accounts.invitation(link) is None
    with pytest.raises(LinkSpent):
        house.accounts.redeem(link)


def test_of_twenty_who_redeem_one_link_exactly_one_gets_in(house: House) -> None:
    house.accounts.add("ann", "reader", "root")
    link = house.accounts.link("ann", actor="root")
    doors = [house.another() for _ in range(20)]
    ready = threading.Barrier(20)

    def redeem(accounts: Accounts) -> Session | None:
        ready.wait()
        try:
            return accounts.redeem(link)
        except LinkSpent:
            return None

    with ThreadPoolExecutor(20) as pool:
        came = [session for session in pool.map(redeem, doors) if session]
    assert len(came) == 1
    assert house.chain().count("ann link redeemed") == 1


@pytest.mark.parametrize("minutes", [0, -1, 7 * 24 * 60 + 1])
def test_a_link_lasts_minutes_to_days(sqlite_house: House, minutes: int) -> None:
    sqlite_house.add()
    with pytest.raises(UsageError, match="1 to 10080"):
        sqlite_house.accounts.link("ann", minutes)
    sqlite_house.accounts.disable("ann", "root")
    with pytest.raises(Refused, match="disabled"):
        sqlite_house.accounts.link("ann")


def test_all_sessions_of_a_user_are_told_and_the_others_ended(house: House) -> None:
    house.add()
    house.add("bo")
    first = house.sign_in(address="8.8.8.8")
    house.later(minutes=3)
    here, hers = house.sign_in(address="127.0.0.1"), house.sign_in("bo")
    assert [(one.created_at, one.place, one.is_this) for one in house.accounts.sessions(here)] == [
        (here.created_at, "the server itself", True),
        (first.created_at, "the internet", False),
    ]
    assert house.accounts.end_others(here) == 1
    assert house.accounts.session(first.cookie) is None
    assert house.accounts.session(hers.cookie) is not None
    assert [one.is_this for one in house.accounts.sessions(here)] == [True]
    assert house.chain()[-1] == "ann other sessions ended"
    house.later(minutes=31)
    assert house.accounts.sessions(here) == ()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("::1", "the server itself"),
        ("::ffff:127.0.0.1", "the server itself"),
        ("10.1.2.3", "the local network"),
        ("fe80::1%eth0", "the local network"),
        ("2606:4700::1111", "the internet"),
        ("", None),
        ("testclient", None),
    ],
)
def test_of_an_address_no_more_is_kept_than_its_kind(address: str, place: str | None) -> None:
    assert place_of(address) == place

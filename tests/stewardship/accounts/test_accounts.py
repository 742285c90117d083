"""Users, sessions and tokens: who gets in, for how long, and what is written down of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stewardship.accounts import ROLES, PasswordRefused, SignInRefused, allows
from tests.stewardship.accounts.conftest import HERE, PASSWORD
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from tests.stewardship.accounts.conftest import House

OTHER = "four calling birds on a line"


def test_nothing_is_made_by_looking(house: House) -> None:
    accounts = house.accounts
    assert (accounts.users(), accounts.tokens()) == ((), ())
    assert accounts.session("x") is None
    assert accounts.check_token("jut_x") is None
    assert accounts.invitation("x") is None
    assert not (house.desk.workspace / "var").exists()


def test_roles_may_do_what_lesser_ones_may() -> None:
    may = [[allows(role, needed) for needed in ROLES] for role in ROLES]
    assert may == [[place <= rank for place in range(4)] for rank in range(4)]
    assert not allows("root", "reader")
    assert not allows("admin", "root")


def test_users_are_known_by_their_name_in_any_case(house: House) -> None:
    house.add("Ann")
    with pytest.raises(Refused, match="there is a user Ann already"):
        house.accounts.add("aNN", "reader", "root")
    assert house.sign_in("ANN").name == "Ann"
    assert [(user.name, user.role) for user in house.another().users()] == [("Ann", "steward")]
    assert "argon2id" in (house.accounts.users()[0].kept or "")
    assert PASSWORD not in repr(house.accounts.users())
    assert "argon2" not in repr(house.accounts.users())


@pytest.mark.parametrize(
    "name", ["", "-x", "an n", "änn", "\u0430", "a\n", "a" * 65, "a\x00", "(not signed in)", "../a"]
)
def test_names_are_plain(sqlite_house: House, name: str) -> None:
    with pytest.raises(UsageError, match="no name for an account"):
        sqlite_house.accounts.add(name, "reader", "root")
    with pytest.raises(SignInRefused):
        sqlite_house.sign_in(name)
    assert sqlite_house.accounts.users() == ()


def test_a_name_of_anything_is_nobodys(house: House) -> None:
    house.accounts.add("ank", "reader", "root", PASSWORD)
    for name in ("a\x00", "\ud800", "an\u212a", "x" * 100_000, "' OR 1=1 --"):
        with pytest.raises(SignInRefused):
            house.sign_in(name, address=name)
        with pytest.raises(Refused, match="no user"):
            house.accounts.link(name)


def test_a_role_is_one_of_four(sqlite_house: House) -> None:
    with pytest.raises(UsageError, match="'root' is no role: it is one of reader, agent, steward, admin"):
        sqlite_house.accounts.add("ann", "root", "root")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "it has 11 characters"),
        ("correct horse battery staple", "everybody tries first"),
        ("P@ssw0rd2026!", "everybody tries first"),
        ("passwordpassword", "everybody tries first"),
        ("123456789012", "different|everybody"),
        ("qwertyuiop[]", "everybody tries first"),
        ("Reginald.Wu1", "name of its account"),
        ("abababababababab", "different characters"),
        ("x" * 257, "longer than 256"),
        ("", "it has 0 characters"),
    ],
)
def test_passwords_that_are_not_taken(sqlite_house: House, password: str, why: str) -> None:
    with pytest.raises(PasswordRefused, match=why):
        sqlite_house.accounts.add("reginald.wu", "reader", "root", password)
    assert sqlite_house.accounts.users() == ()


@pytest.mark.parametrize(
    "password", [PASSWORD, "            aBcDe", "ﬁve gold rings", "日本語のパスワードですよね", "x9$" * 40 + "yz"]
)
def test_passwords_of_any_kind_are(sqlite_house: House, password: str) -> None:
    sqlite_house.accounts.add("ann", "reader", "root", password)
    assert sqlite_house.sign_in(password=password).name == "ann"
    with pytest.raises(SignInRefused):
        sqlite_house.sign_in(password=password + " ")


def test_a_password_is_the_same_from_every_keyboard(sqlite_house: House) -> None:
    sqlite_house.accounts.add("ann", "reader", "root", "cafe\u0301 au lait noir")
    composed = "caf\u00e9 au lait noir"
    assert sqlite_house.sign_in(password=composed).name


@pytest.mark.parametrize("name", ["ann", "nobody", "off", "linked"])
def test_who_fails_learns_nothing_of_why(sqlite_house: House, name: str) -> None:
    house = sqlite_house
    house.add()
    house.add("off")
    house.accounts.disable("off", "root")
    house.accounts.add("linked", "reader", "root")
    password = PASSWORD if name == "off" else "not the right one"
    with pytest.raises(SignInRefused, match="the name or the password is wrong, or the account is disabled"):
        house.sign_in(name, password)
    assert house.chain()[-1] == "(not signed in) sign-in failed"


@pytest.mark.usefixtures("at_full_cost")
def test_a_name_that_nobody_has_takes_as_long(sqlite_house: House) -> None:
    sqlite_house.add()
    spent: dict[str, list[float]] = {"ann": [], "nobody": []}
    for number in range(12):
        for name, times in spent.items():
            sqlite_house.later(days=2)
            before = time.thread_time()
            with pytest.raises(SignInRefused):
                sqlite_house.sign_in(name, f"wrong {number}")
            times.append(time.thread_time() - before)
    known, unknown = (sorted(times)[len(times) // 2] for times in spent.values())
    assert abs(known - unknown) < 0.25 * known, (known, unknown)  # a hash is most of it


def test_tokens_are_shown_once_and_revoked(house: House) -> None:
    text = house.accounts.create_token("crm", "agent", "ann")
    assert text.startswith("jut_")
    with pytest.raises(Refused, match="there is a token crm already"):
        house.accounts.create_token("CRM", "reader", "ann")
    found = house.another().check_token(text)
    assert found is not None
    assert (found.name, found.role, found.created_by, found.used_at) == ("crm", "agent", "ann", None)
    house.later(minutes=3)
    house.accounts.check_token(text)
    assert house.accounts.tokens()[0].used_at == house.at
    assert [house.accounts.check_token(other) for other in ("", "jut_", text[4:], text + "x", "Jut" + text[3:])] == [
        None
    ] * 5
    house.accounts.revoke_token("crm", "ann")
    assert house.another().check_token(text) is None
    with pytest.raises(Refused, match="no token 'crm' that could be revoked"):
        house.accounts.revoke_token("crm", "ann")
    house.accounts.create_token("crm", "reader", "ann")
    assert [(token.name, token.revoked_at is None) for token in house.accounts.tokens()] == [
        ("crm", False),
        ("crm", True),
    ]


def test_no_secret_is_in_the_store(sqlite_house: House) -> None:
    house = sqlite_house
    house.add()
    token = house.accounts.create_token("crm", "agent", "ann")
    secrets = [house.sign_in().cookie, house.accounts.link("ann"), token, token[4:], PASSWORD, HERE]
    with pytest.raises(SignInRefused):
        house.sign_in("my password by mistake", "x")
    text = b"".join(path.read_bytes() for path in (house.desk.workspace / "var").iterdir())
    assert [secret for secret in [*secrets, "my password by mistake"] if secret.encode() in text] == []
    assert b"argon2id" in text  # what is looked through is the store


def test_whatever_is_done_is_in_the_chain(house: House) -> None:
    accounts = house.accounts
    house.add()
    session = house.sign_in()
    accounts.set_role("ann", "reader", "bo")
    accounts.set_password("ann", OTHER, "bo")
    accounts.disable("ann", "bo")
    accounts.enable("ann", "bo")
    accounts.create_token("crm", "reader", "bo")
    accounts.revoke_token("crm", "bo")
    accounts.end(session)  # ended already, by the new password
    with pytest.raises(Refused):
        accounts.disable("eve", "bo")
    with pytest.raises(UsageError):
        accounts.set_role("ann", "king", "bo")
    assert house.chain() == [
        "root user added",
        "ann signed in",
        "bo role changed",
        "bo password set",
        "bo user disabled",
        "bo user enabled",
        "bo token created",
        "bo token revoked",
    ]

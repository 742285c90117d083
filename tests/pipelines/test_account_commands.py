"""Users, tokens and the audit chain at the command line, and the chain's head in the manifests of two nights."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from stewardship.accounts import Accounts
from stewardship.store import open_store
from tests.pipelines.shop import Shop
from warehouse.release.manifest import read_manifest
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer

    Command = Callable[..., Answer]

PASSWORD = "three blind mice in a row"  # noqa: S105
HERE = "127.0.0.1"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a workspace without a release."""
    shop = Shop(tmp_path / "shop")
    shop.write()
    return shop


def accounts_of(shop: Shop) -> Accounts:
    return Accounts(open_store(load_settings(shop.workspace.settings_file), shop.path))


def type_in(monkeypatch: pytest.MonkeyPatch, typed: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))


def test_users_are_added_let_in_and_shut_out(shop: Shop, joinedup: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No user yet" in joinedup("users", "list", "-w", shop.path).out
    assert "`joinedup users link ann`" in joinedup("users", "add", "ann", "reader", "-w", shop.path).out
    link = json.loads(joinedup("users", "link", "ANN", "--url", "https://c.example/", "-w", shop.path, "--json").out)
    assert link["link"].startswith("https://c.example/sign-in/")
    accounts = accounts_of(shop)
    session = accounts.redeem(link["link"].rpartition("/")[2])
    assert "was reader" in joinedup("users", "role", "ann", "steward", "-w", shop.path).out
    assert (session.name, accounts.users()[0].role) == ("ann", "steward")
    type_in(monkeypatch, f"{PASSWORD}\r\nand more\n".encode())
    told = joinedup("users", "password", "Ann", "-w", shop.path)
    assert told.out.startswith("The password of ann is set")
    assert PASSWORD not in told.out + told.err
    assert accounts.session(session.cookie) is None
    session = accounts.sign_in("ann", PASSWORD, address=HERE)
    assert joinedup("users", "disable", "ann", "-w", shop.path).exit_code == 0
    assert accounts.session(session.cookie) is None
    (listed,) = json.loads(joinedup("users", "list", "--json", "-w", shop.path).out)["users"]
    assert (listed["name"], listed["role"], bool(listed["disabled_at"])) == ("ann", "steward", True)
    assert "password" not in listed
    assert joinedup("users", "enable", "ann", "-w", shop.path).out == "ann can sign in again.\n"
    assert "active" in joinedup("users", "list", "-w", shop.path).out


MISTAKES: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (2, "no name for an account", ("users", "add", "an n", "reader")),
    (2, "'king' is no role: it is one of reader, agent, steward, admin", ("users", "add", "bo", "king")),
    (6, "there is a user ann already (reader)", ("users", "add", "Ann", "admin")),
    (6, "no user 'eve': `joinedup users list`", ("users", "role", "eve", "admin")),
    (6, "no user 'eve'", ("users", "password", "eve")),
    (6, "no user 'eve'", ("users", "disable", "eve")),
    (2, "1 to 10080", ("users", "link", "ann", "--minutes", "0")),
    (6, "no token 'crm' that could be revoked", ("token", "revoke", "crm")),
    (2, "'king' is no role", ("token", "create", "crm", "king")),
    (2, "no name", ("token", "create", "c r m", "reader")),
)


@pytest.fixture(scope="module")
def with_ann(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("ann") / "shop")
    shop.write()
    accounts_of(shop).add("ann", "reader", "root")
    return shop


@pytest.mark.parametrize(("code", "told", "command"), MISTAKES, ids=[" ".join(mistake[2]) for mistake in MISTAKES])
def test_mistakes_are_told_in_a_line(
    with_ann: Shop, joinedup: Command, code: int, told: str, command: tuple[str, ...]
) -> None:
    said = joinedup(*command, "-w", with_ann.path)
    assert (said.exit_code, said.out) == (code, "")
    assert told in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [(b"", "no password on standard input"), (b"short\n", "it has 5 characters"), (b"\xff\xfe\n", "not UTF-8")],
)
def test_passwords_that_are_no_good(
    with_ann: Shop, joinedup: Command, monkeypatch: pytest.MonkeyPatch, typed: bytes, told: str
) -> None:
    type_in(monkeypatch, typed)
    said = joinedup("users", "password", "ann", "-w", with_ann.path)
    assert (said.exit_code, said.out) == (2, "")
    assert told in said.err


def test_a_token_is_shown_once(shop: Shop, joinedup: Command) -> None:
    made = joinedup("token", "create", "crm", "agent", "-w", shop.path)
    text = made.out.splitlines()[0]
    found = accounts_of(shop).check_token(text)
    assert found is not None
    assert found.role == "agent"
    listed = joinedup("token", "list", "-w", shop.path).out
    assert text not in listed
    assert "crm" in listed
    assert joinedup("token", "revoke", "CRM", "-w", shop.path).out == "The token crm is worth nothing any more.\n"
    assert accounts_of(shop).check_token(text) is None
    assert "revoked" in joinedup("token", "list", "-w", shop.path).out


def test_the_chain_is_held_against_releases_and_decisions(tmp_path: Path, joinedup: Command) -> None:
    shop = Shop(tmp_path / "shop")
    shop.populate(6, 3)
    shop.night(checks=False)
    accounts = accounts_of(shop)
    accounts.add("ann", "steward", "root")
    decided = joinedup(
        "review", "decide", "different", "billing:A000", "billing:A001", "--reason", "two people", "-w", shop.path
    )
    assert decided.exit_code == 0, decided.err
    shop.account("A900", first_name="Zora", last_name="Quist", email="zora@mail.example")
    shop.night(checks=False)
    accounts.disable("ann", "root")
    manifest = read_manifest(shop.workspace.current)
    assert manifest.audit_head
    told = joinedup("users", "audit", "--last", "2", "-w", shop.path)
    assert told.out.startswith("The audit chain holds: 3 rows, to "), told.err
    for line in (
        "What it was when r2 was made is in it",
        "r1: from before",
        "1 entry of the stewards' log is as it was",
    ):
        assert line in told.out
    assert "user disabled  user ann" in told.out
    document = json.loads(joinedup("users", "audit", "--json", "-w", shop.path).out)
    assert document["releases"] == {"r1": None, "r2": 2}
    with closing(sqlite3.connect(shop.path / "var/stewardship.sqlite")) as con:
        con.execute("DROP TRIGGER audit_entry_no_update").close()
        con.execute("UPDATE audit_entry SET actor = 'eve' WHERE id = 1").close()
        con.commit()
    broken = joinedup("users", "audit", "-w", shop.path)
    assert (broken.exit_code, broken.out) == (5, "")
    assert "does not hold: row 1 is not what was written" in broken.err

"""E-mail addresses: what was meant, what is nobody's, what the data say about misspelt domains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.email import email_table, own_mailboxes, split_emails, standardise_email
from matching.attributes.email_domain import domain_repairs


@pytest.mark.parametrize(
    ("raw", "address", "clean"),
    [
        (" Bob.Smith+shop@Mail.Example ", "bob.smith@mail.example", "bob.smith@mail.example"),
        ("mailto:a.b@c.example", "a.b@c.example", "a.b@c.example"),
        ("Bob <bob@x.example>", "bob@x.example", "bob@x.example"),
        ("bob@@x.example", "bob@x.example", "bob@x.example"),
        ("bob (at) x (dot) example", "bob@x.example", "bob@x.example"),
        ("bob smith@x,example", "bobsmith@x.example", "bobsmith@x.example"),
        ("a..b@x..example.", "a.b@x.example", "a.b@x.example"),
        ("j.o.hn@googlemail.com", "john@gmail.com", "j.o.hn@googlemail.com"),
        ("j\u200bohn@x.example", "john@x.example", "john@x.example"),
    ],
)
def test_the_address_meant_is_read(raw: str, address: str, clean: str) -> None:
    email = standardise_email(raw)
    assert (email.address, email.clean, email.reason) == (address, clean, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("none@none.com", "a placeholder"),
        ("No-Email@mail.example", "a placeholder"),
        ("NA", "a placeholder"),
        ("test@test.com", "a placeholder"),
        ("noreply@mail.example", "a placeholder"),
        ("jra***@mail.example", "masked"),
        ("bob@unknown", "not an e-mail address"),
        ("bob@x.y", "not an e-mail address"),
        ("bob", "not an e-mail address"),
        ("@", "not an e-mail address"),
    ],
)
def test_nobodys_address_is_dropped_with_its_reason(raw: str, reason: str) -> None:
    assert standardise_email(raw).reason == reason


@pytest.mark.parametrize("raw", ["nora@mail.example", "x7@mail.example", "test.pilot@mail.example", "na2@mail.example"])
def test_an_address_like_a_placeholder_is_kept(raw: str) -> None:
    assert standardise_email(raw).reason is None


def test_our_own_addresses_are_no_evidence() -> None:
    own = own_mailboxes(["Support@shop.example", "theshop@gmail.com"])
    assert standardise_email("support@shop.example", own=own).reason == "our own address"
    assert standardise_email("sales@shop.example", own=own).reason == "our own address"
    assert standardise_email("the.shop@gmail.com", own=own).reason == "our own address"
    assert standardise_email("ann@gmail.com", own=own).reason is None


def test_a_field_may_hold_several_addresses() -> None:
    assert split_emails("a@x.example; b@y.example") == ["a@x.example", "b@y.example"]
    assert split_emails("Ann <a@x.example>") == ["Ann <a@x.example>"]


def test_a_rare_domain_is_read_as_the_frequent_one_it_is_near() -> None:
    counts = {"inbox.example": 100, "inbx.example": 2, "inobx.exmaple": 1, "other.example": 3, "imbox.example": 6}
    assert domain_repairs(counts) == {"inbx.example": "inbox.example", "inobx.exmaple": "inbox.example"}


def test_real_domains_are_no_misspellings() -> None:
    assert domain_repairs({"gmail.com": 1000, "mail.com": 2, "yahoo.com": 1000, "yahoo.ca": 1}) == {}
    assert domain_repairs({"gmail.com": 1000, "gmial.com": 2, "gmail.con": 1}) == {
        "gmial.com": "gmail.com",
        "gmail.con": "gmail.com",
    }


def test_the_table_repairs_domains_and_lost_at_signs_by_what_all_fields_say() -> None:
    usual = [[f"user{number}@inbox.example"] for number in range(40)]
    lists = [
        *usual,
        ["ann@inbx.example"],
        ["ann2inbox.example"],
        ["user3einbox.example"],
        ["none@none.com", "B@x.example"],
    ]
    keys = [str(number) for number in range(len(lists))]
    table = email_table(lists, keys, frozenset())
    assert table.column("email").to_pylist()[40:] == [
        "ann@inbox.example",
        "ann2@inbox.example",
        "user3@inbox.example",
        "b@x.example",
    ]
    assert table.column("dropped").to_pylist()[43] == [
        {"attribute": "email", "value": "none@none.com", "reason": "a placeholder"}
    ]
    assert table.column("clean_emails").to_pylist()[43] == ["b@x.example"]


@given(st.text())
def test_no_text_breaks_it_and_an_address_stays_itself(text: str) -> None:
    email = standardise_email(text)
    if email.reason is None:
        assert standardise_email(email.address).address == email.address


@given(st.emails().filter(lambda address: address[0].isalnum()))
def test_real_addresses_are_kept(address: str) -> None:
    assert standardise_email(address).reason in {None, "a placeholder", "masked"}

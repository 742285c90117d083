"""Each export read back with the standard library: what is in it, in which shape, and that nothing real is."""

from __future__ import annotations

import csv
import json
import mailbox
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from examples.shop.clock import NIGHTS
from examples.shop.generate import truth
from examples.shop.slips import PLACEHOLDER_PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.examples.conftest import Night

PEOPLE = 600
MAIL_DOMAIN = re.compile(r"@([\w.-]+)")

WITHOUT_PEOPLE = {f"exports/{name}.csv" for name in ("shipments", "inventory", "known_issues")}


def order_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "exports/orders.csv").open(encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file, delimiter=";", strict=True))


def account_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "exports/billing.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def plain_rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"exports/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def case_objects(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "exports/cases.jsonl").read_text(encoding="utf-8").splitlines()]


def messages(folder: Path, night: int) -> Iterator[tuple[str, mailbox.mboxMessage]]:
    """Yield each mail with the key it is known by: its Message-ID, or the hash of its bytes."""
    box = mailbox.mbox(folder / f"exports/mail/mail-{night}.mbox", create=False)
    try:
        for place in box.iterkeys():
            message = box.get_message(place)
            content = sha256(box.get_bytes(place)).hexdigest()
            yield str(message["Message-ID"] or f"sha256:{content}"), message
    finally:
        box.close()


@pytest.mark.parametrize("night", NIGHTS)
def test_the_counts_are_as_told(night: int, nights: dict[int, Night]) -> None:
    folder, story = nights[night]
    orders = order_rows(folder)
    mails = [key for key, _ in messages(folder, night)]
    read = {
        "orders": len({row["order_no"] for row in orders}),
        "billing": len({row["account_no"] for row in account_rows(folder)}),
        "mail": len(set(mails) if night == 1 else set(mails[story.repeated_mails :])),
        "cases": len({case["id"] for case in case_objects(folder)}),
        "shipments": len({(row["parcel"], row["sku"]) for row in plain_rows(folder, "shipments")}),
        "inventory": len({row["sku"] for row in plain_rows(folder, "inventory")}),
        "known_issues": len({row["issue"] for row in plain_rows(folder, "known_issues")}),
    }
    assert read == story.records
    assert len(orders) == story.order_lines
    assert len(account_rows(folder)) == story.records["billing"]
    assert len(case_objects(folder)) == story.records["cases"]
    assert len(mails) == story.records["mail"] + story.repeated_mails


@pytest.mark.parametrize("night", NIGHTS)
def test_every_record_is_some_persons_or_nobodys(night: int, nights: dict[int, Night]) -> None:
    folder, _ = nights[night]
    known = {(source, key) for source, key, _ in truth(night, people=PEOPLE)}
    nobodys = sum(nights[day].story.nobodys[kind] for day in range(1, night + 1) for kind in nights[day].story.nobodys)
    full = ("test case", "article", "known issue")
    nobodys -= sum(nights[day].story.nobodys[kind] for day in range(1, night) for kind in full)
    delivered = (
        {("orders", row["order_no"]) for row in order_rows(folder)}
        | {("billing", row["account_no"]) for row in account_rows(folder)}
        | {("cases", case["id"]) for case in case_objects(folder)}
        | {("shipments", f"{row['parcel']}|{row['sku']}") for row in plain_rows(folder, "shipments")}
        | {("inventory", row["sku"]) for row in plain_rows(folder, "inventory")}
        | {("known_issues", row["issue"]) for row in plain_rows(folder, "known_issues")}
        | {("mail", key) for day in range(1, night + 1) for key, _ in messages(nights[day].folder, day)}
    )
    assert known <= delivered
    assert len(delivered - known) == nobodys


def test_an_order_repeats_its_own_columns_and_its_lines_add_up(nights: dict[int, Night]) -> None:
    heads: dict[str, set[tuple[str, ...]]] = {}
    sums: dict[str, int] = {}
    for row in order_rows(nights[1].folder):
        own = tuple(
            value for column, value in row.items() if column not in {"item", "description", "qty", "line_total"}
        )
        heads.setdefault(row["order_no"], set()).add(own)
        sums[row["order_no"]] = sums.get(row["order_no"], 0) + cents(row["line_total"])
    assert {len(found) for found in heads.values()} == {1}
    totals = {row["order_no"]: cents(row["order_total"]) for row in order_rows(nights[1].folder)}
    assert sums == totals
    assert any(row["line_total"].count(".") for row in order_rows(nights[1].folder)), "no thousands mark to read"


def test_the_shapes_differ_as_they_are_meant_to(nights: dict[int, Night]) -> None:
    folder = nights[1].folder
    assert b"\xe9" in (folder / "exports/orders.csv").read_bytes(), "no letter that tells cp1252 from UTF-8"
    assert "É" in (folder / "exports/billing.csv").read_text(encoding="utf-8")
    times = {re.sub(r"\d", "9", row["ordered_at"]) for row in order_rows(folder)}
    assert times == {"9999-99-99 99:99", "99/99/9999 99:99 AM", "99/99/9999 99:99 PM"}
    assert all(re.fullmatch(r"[^,]+, [^,]+", row["account_name"]) for row in account_rows(folder))
    kinds = {contact["type"] for case in case_objects(folder) for contact in case["contacts"]}
    assert kinds == {"phone", "email"}
    assert all(isinstance(case["opened"], int) for case in case_objects(folder))


def test_the_mailbox_holds_every_kind_of_mail(nights: dict[int, Night]) -> None:
    kinds = {"newsletter", "bounce", "out of office", "no-reply notice", "staff talk", "test case"}
    assert set(nights[1].story.nobodys) == kinds | {"article", "known issue"}
    mails = list(messages(nights[1].folder, 1))
    assert any(key.startswith("sha256:") for key, _ in mails)
    assert len({key for key, _ in mails}) == len(mails)
    encodings = {str(message["Content-Transfer-Encoding"]) for _, message in mails if not message.is_multipart()}
    assert encodings == {"8bit", "quoted-printable", "base64"}
    assert any(message.is_multipart() for _, message in mails)
    assert not any(part.defects for _, message in mails for part in message.walk())
    texts = [
        bytes(part.get_payload(decode=True)).decode()
        for _, mail in mails
        for part in mail.walk()
        if not part.is_multipart()
    ]
    for mark in ("\n-- \n", "\n> ", "wrote:\n", "LG-"):
        assert any(mark in text for text in texts), mark


@pytest.mark.parametrize("night", NIGHTS)
def test_nothing_real_is_in_it(night: int, nights: dict[int, Night]) -> None:
    folder, story = nights[night]
    for name in story.files:
        text = (folder / name).read_text(encoding="cp1252" if name.endswith("orders.csv") else "utf-8")
        domains = {domain.lower().rstrip(".") for domain in MAIL_DOMAIN.findall(text)}
        assert domains or name in WITHOUT_PEOPLE, name
        assert [domain for domain in domains if not domain.endswith(".example")] == []
        assert "http" not in text
    written = [row["phone"] for row in order_rows(folder)]
    written += [row[column] for row in account_rows(folder) for column in ("phone_mobile", "phone_home")]
    written += [
        entry["value"] for case in case_objects(folder) for entry in case["contacts"] if entry["type"] == "phone"
    ]
    numbers = [re.sub(r"\D", "", phone).removeprefix("1") for phone in written if phone not in {"", PLACEHOLDER_PHONE}]
    assert numbers
    assert {(len(number), number[3:6]) for number in numbers} == {(10, "555")}


def test_what_is_sent_is_what_was_ordered_and_shipped(nights: dict[int, Night]) -> None:
    for folder, _ in nights.values():
        status = {(row["order_no"], row["item"]): row["status"] for row in order_rows(folder)}
        for row in plain_rows(folder, "shipments"):
            has_come = status[row["order_no"], row["sku"]] in {"delivered", "returned"}
            assert row["state"] == ("delivered" if has_come else "in transit")
            assert has_come or status[row["order_no"], row["sku"]] == "shipped"


def test_every_issue_touches_somebody_who_waits(nights: dict[int, Night]) -> None:
    folder = nights[3].folder
    waiting = [row for row in plain_rows(folder, "shipments") if row["state"] == "in transit"]
    issues = [row for row in plain_rows(folder, "known_issues") if row["state"] == "open"]
    touched = {
        issue["issue"]: [
            row["order_no"]
            for row in waiting
            if row["sku"] in issue["sku"].split(", ") + [row["sku"]] * (not issue["sku"])
            and row["lot"] in (issue["lot"], row["lot"] if not issue["lot"] else "")
            and row["carrier"] == (issue["carrier"] or row["carrier"])
            and row["town"] in issue["region"].split(", ") + [row["town"]] * (not issue["region"])
        ]
        for issue in issues
    }
    assert len(touched) == 2
    assert all(0 < len(orders) < len(waiting) for orders in touched.values())
    empty = {row["sku"] for row in plain_rows(folder, "inventory") if row["on_hand"] == "0"}
    assert empty & {row["item"] for row in order_rows(folder) if row["status"] in {"new", "packed"}}


def test_customers_tell_what_is_new(nights: dict[int, Night]) -> None:
    told = ("I have moved to ", "My new number is ")
    mails = [message for _, message in messages(nights[1].folder, 1) if not message.is_multipart()]
    texts = [bytes(message.get_payload(decode=True)).decode() for message in mails]
    assert all(any(phrase in text for text in texts) for phrase in told)
    *_, letter = nights[2].story.part("moves").groups[0]
    (mail,) = [mail for key, mail in messages(nights[2].folder, 2) if f"mail:{key}" == letter]
    assert "I have moved to 77 Lantern Lane Apt 5, Pinehollow" in str(mail.get_payload())


def cents(amount: str) -> int:
    """Read `1.249,00` as cents."""
    return int(amount.replace(".", "").replace(",", ""))

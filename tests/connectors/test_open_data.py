from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.conftest import Nights

DAY = "%Y-%m-%d"
SOURCES: dict[str, Any] = {
    "billing": {
        "holds": "account",
        "files": "billing.csv",
        "format": "csv",
        "key": "account_id",
        "updated_at": {"column": "opened_on", "format": DAY},
        "fields": {
            "given_name": "first_name",
            "family_name": "last_name",
            "birth_date": {"column": "date_of_birth", "format": "%m/%d/%Y"},
            "street": {"join": ["street_number", "street_name"]},
            "email": "email",
        },
        "activity": {"at": {"column": "opened_on", "format": DAY}, "amount": "balance", "status": "status"},
    },
    "orders": {
        "holds": "order",
        "files": "orders.csv",
        "format": "csv",
        "key": "order_id",
        "fields": {"full_name": "customer_name", "email": "email", "phone": "phone"},
        "activity": {
            "at": {"column": "order_ts", "format": "%Y-%m-%dT%H:%M:%S"},
            "amount": "amount",
            "items": {"sku": "sku", "quantity": "qty"},
        },
    },
    "cases": {
        "holds": "case",
        "files": "cases.jsonl",
        "format": "jsonl",
        "key": "case_id",
        "fields": {"full_name": {"path": "contact.name"}, "email": {"path": "contact.email"}, "address": "address"},
        "activity": {"at": {"column": "opened_at", "format": "%Y-%m-%dT%H:%M:%SZ"}, "about": "order_ref"},
    },
    "email": {
        "holds": "message",
        "files": "mail.mbox",
        "format": "mbox",
        "load": "incremental",
        "own_addresses": ["support@shop.example"],
        "references": [r"SO-\d{8}"],
    },
}


@pytest.fixture
def shop(nights: Nights, shared_data: Path) -> Nights:
    for source in SOURCES.values():
        shutil.copy(shared_data / "customers_small" / source["files"], nights.workspace)
    nights.timezone = "America/Los_Angeles"
    return nights


def test_four_exports_land_and_a_second_night_finds_nothing_new(shop: Nights) -> None:
    first = shop.land(SOURCES)
    read = {name: first[name]["read"] for name in SOURCES}
    assert sum(read.values()) == 13_434
    quarantined = sum(first[name]["quarantined"] for name in SOURCES)
    ((live,),) = shop.rows("SELECT count(*) FROM landing.live_record")
    assert live + quarantined == 13_434
    # What cannot be a birth date is the one thing that is wrong with these exports, and it costs no record.
    assert quarantined == 0
    ((unreadable,),) = shop.rows("SELECT sum(len(unreadable)) FROM landing.live_record")
    assert 0 < unreadable < 40
    before = shop.rows("SELECT * FROM landing.live_record ORDER BY source, source_record_id")
    second = shop.land(SOURCES)
    assert sum(second[name]["new"] + second[name]["changed"] + second[name]["deleted"] for name in SOURCES) == 0
    assert {name: second[name]["read"] for name in SOURCES} == {**read, "email": 0}
    assert shop.rows("SELECT * FROM landing.live_record ORDER BY source, source_record_id") == before

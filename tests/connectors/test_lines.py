# ruff: noqa: DTZ001 - the warehouse keeps naive UTC
from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

ORDERS: dict[str, Any] = {
    "holds": "order",
    "files": "orders*.csv",
    "format": "csv",
    "key": "order",
    "rows": "lines",
    "updated_at": "changed",
    "fields": {"full_name": "name", "email": "email"},
    "activity": {
        "amount": "total",
        "items": {"sku": "sku", "quantity": "qty", "amount": "price", "description": "what"},
    },
}
HEADER = "order,changed,name,email,total,sku,qty,price,what\n"


def test_lines_of_a_key_are_one_record(nights: Nights) -> None:
    nights.write(
        "orders.csv",
        HEADER
        + "2,2021-01-02,Jo,,7.50,B,1,7.50,bee\n"
        + "1,2021-01-01,,a@x,30,Z,2,10,zed\n"
        + "2,2021-01-03,Joe,j@x,9,A,3,,\n"
        + "1,2021-01-01,Ann,,30,A,1,10,\n",
    )
    figures = nights.land({"orders": ORDERS})["orders"]
    assert (figures["read"], figures["new"]) == (2, 2)
    first, second = nights.live("source_record_id", "full_name", "emails", "amount", "updated_at", "line", "items")
    assert first[:6] == ("1", "Ann", ["a@x"], Decimal(30), datetime(2021, 1, 1), 3)
    assert [(item["line"], item["sku"], item["quantity"]) for item in first[6]] == [(1, "Z", 2), (2, "A", 1)]
    assert second[:6] == ("2", "Jo", ["j@x"], Decimal("7.5"), datetime(2021, 1, 3), 2)
    assert second[6] == [
        {"line": 1, "sku": "B", "description": "bee", "quantity": Decimal(1), "amount": Decimal("7.5")},
        {"line": 2, "sku": "A", "description": None, "quantity": Decimal(3), "amount": None},
    ]
    ((raw,),) = nights.rows("SELECT raw FROM landing.source_record WHERE source_record_id = '2'")
    assert [row["sku"] for row in json.loads(raw)] == ["B", "A"]
    assert nights.land({"orders": ORDERS})["orders"]["unchanged"] == 2


def test_a_line_more_is_a_change(nights: Nights) -> None:
    nights.write("orders.csv", HEADER + "1,2021-01-01,Ann,,30,Z,2,10,\n")
    nights.land({"orders": ORDERS})
    nights.write("orders.csv", HEADER + "1,2021-01-01,Ann,,30,Z,2,10,\n" * 2)
    assert nights.land({"orders": ORDERS})["orders"]["changed"] == 1
    assert [len(items) for (items,) in nights.live("items")] == [2]


def test_a_bad_line_quarantines_the_whole_record(nights: Nights) -> None:
    good = HEADER + "1,2021-01-01,Ann,,30,Z,2,10,\n1,2021-01-01,Ann,,30,Y,1,10,\n"
    nights.write("orders.csv", good)
    nights.land({"orders": ORDERS})
    nights.write("orders.csv", good.replace("Y,1,", "Y,many,") + ",,,,,,,,\n2,2021-01-01\n2,2021-01-01,,,,,,,\n")
    figures = nights.land({"orders": ORDERS})["orders"]
    assert (figures["read"], figures["quarantined"], figures["deleted"]) == (3, 3, 0)
    assert nights.quarantine() == [(2, "1", "bad_number"), (4, None, "no_key"), (5, "2", "ragged_row")]
    assert nights.live() == [("1",)]


def test_parts_of_a_full_delivery_are_put_together(nights: Nights) -> None:
    nights.write("orders1.csv", HEADER + "1,2021-01-01,Ann,,30,Z,2,10,\n")
    nights.write("orders2.csv", HEADER + "1,2021-01-01,,,,Y,1,10,\n")
    assert nights.land({"orders": ORDERS})["orders"]["read"] == 1
    assert [[item["sku"] for item in items] for (items,) in nights.live("items")] == [["Z", "Y"]]


def test_files_of_an_incremental_source_are_deliveries_of_their_own(nights: Nights) -> None:
    nights.write("orders1.csv", HEADER + "1,2021-01-01,Ann,,30,Z,2,10,\n")
    nights.write("orders2.csv", HEADER + "1,2021-01-02,Ann,,30,Z,1,10,\n")
    figures = nights.land({"orders": {**ORDERS, "load": "incremental"}})["orders"]
    assert (figures["read"], figures["new"], figures["superseded"]) == (2, 1, 1)
    assert [[item["quantity"] for item in items] for (items,) in nights.live("items")] == [[1]]


def test_a_new_mapping_types_stored_lines_again(nights: Nights) -> None:
    incremental = {**ORDERS, "load": "incremental"}
    nights.write("orders1.csv", HEADER + "1,2021-01-01,Ann,,30,Z,2,10,zed\n1,2021-01-01,Ann,,30,Y,1,10,\n")
    nights.land({"orders": incremental})
    (nights.workspace / "orders1.csv").unlink()
    remapped = {**incremental, "activity": {"items": {"sku": "what"}}}
    figures = nights.land({"orders": remapped})["orders"]
    assert (figures["outcome"], figures["read"]) == ("nothing_new", 0)
    assert [[item["sku"] for item in items] for (items,) in nights.live("items")] == [["zed"]]
    ((hashes,),) = nights.rows("SELECT count(DISTINCT record_hash) FROM landing.source_record")
    assert hashes == 1

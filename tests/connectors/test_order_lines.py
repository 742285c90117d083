"""Real order lines of a shop: rows of one invoice are its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from tests.connectors.formats.writers import WRITERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.connectors.conftest import Nights

SHOP: dict[str, Any] = {
    "holds": "order",
    "files": "lines.parquet",
    "format": "parquet",
    "key": "InvoiceNo",
    "rows": "lines",
    "fields": {"identifier.customer": "CustomerID", "country": "Country"},
    "activity": {
        "at": {"column": "InvoiceDate", "format": ["%m/%d/%Y %H:%M", "%m/%d/%y %H:%M"]},
        "reference": "InvoiceNo",
        "currency": {"value": "GBP"},
        "items": {
            "sku": "StockCode",
            "description": "Description",
            "quantity": "Quantity",
            "amount": {"sql": 'TRY_CAST("Quantity" AS DECIMAL(18,4)) * TRY_CAST("UnitPrice" AS DECIMAL(18,4))'},
        },
    },
}
SAMPLE = "uci_online_retail_5000.parquet"


@pytest.mark.parametrize("file_format", ["parquet", "csv", "xlsx"])
def test_every_line_of_a_shop_is_an_item_of_its_order(nights: Nights, shared_data: Path, file_format: str) -> None:
    lines = pq.read_table(shared_data / SAMPLE).to_pylist()
    name = f"lines.{file_format}"
    WRITERS[file_format].write(nights.workspace / name, lines)
    figures = nights.land({"shop": SHOP | {"files": name, "format": file_format}})["shop"]
    assert (figures["read"], figures["new"], figures["quarantined"]) == (1807, 1807, 0)
    ((orders, items, quantity, amount, dated),) = nights.rows(
        "SELECT count(DISTINCT source_record_id), sum(len(items)),"
        " sum(list_sum(list_transform(items, lambda item: item.quantity))),"
        ' sum(list_sum(list_transform(items, lambda item: item.amount))), count("at") FROM landing.live_record'
    )
    assert (orders, items, dated) == (1807, 5000, 1807)
    assert quantity == sum(Decimal(line["Quantity"]) for line in lines)
    assert amount == sum(Decimal(line["Quantity"]) * Decimal(line["UnitPrice"]) for line in lines)

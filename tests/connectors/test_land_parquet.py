from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

ORDERS: dict[str, Any] = {
    "holds": "order",
    "files": "in/*.parquet",
    "format": "parquet",
    "key": "id",
    "fields": {"full_name": "name", "birth_date": "born", "email": {"path": "contact.email"}},
    "activity": {"amount": "total", "at": "at"},
}
AT = datetime(2024, 1, 31, 13, 45)  # noqa: DTZ001 - a time without a zone
PLAIN = {
    "id": pa.array([1]),
    "name": pa.array(["Ann"]),
    "contact": pa.array([{"email": "a@x.org"}]),
    "total": pa.array([Decimal("12.50")]),
    "at": pa.array([AT], pa.timestamp("us")),
    "born": pa.array([date(1980, 1, 2)]),
}
OTHER = {
    "note": pa.array(["new", None]),
    "born": pa.array(["1981-02-03", None]),
    "at": pa.array([AT, AT], pa.timestamp("ns", tz="UTC")),
    "total": pa.array([7.25, 1.0]),
    "id": pa.array(["1", "007"]),
    "contact": pa.array(['{"email": "b@x.org"}', None]),
    "name": pa.array(["Ann", None]).dictionary_encode(),
}


def parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_files_of_one_delivery_may_differ_in_columns_their_order_and_types(nights: Nights) -> None:
    nights.write("in/1.parquet", parquet(PLAIN))
    nights.write("in/2.parquet", parquet(OTHER))
    figures = nights.land({"orders": ORDERS})["orders"]
    assert (figures["read"], figures["new"], figures["superseded"], figures["quarantined"]) == (3, 2, 1, 0)
    assert nights.live("source_record_id", "full_name", "birth_date", "emails", "amount", "at") == [
        ("007", None, None, [], Decimal(1), AT),
        ("1", "Ann", date(1981, 2, 3), ["b@x.org"], Decimal("7.25"), AT),
    ]


def test_a_column_that_the_mapping_names_has_to_be_in_each_file(nights: Nights) -> None:
    nights.write("in/1.parquet", parquet(PLAIN))
    nights.write("in/2.parquet", parquet({name: column for name, column in OTHER.items() if name != "total"}))
    with pytest.raises((SourceError, SettingsError), match=r"in/2\.parquet.*'total'"):
        nights.land({"orders": ORDERS})
    nights.write("in/2.parquet", parquet({name: column for name, column in OTHER.items() if name != "note"}))
    assert nights.land({"orders": ORDERS})["orders"]["new"] == 2

from __future__ import annotations

import gzip
import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.formats import find_format
from connectors.formats import parquet as parquet_format
from connectors.formats.batch import UnfinishedFile, UnreadableFile
from connectors.formats.dialect import LONGEST_FIELD
from warehouse.settings.sources import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.connectors.formats.conftest import ReadBytes

NOON = datetime(2020, 7, 1, 12, 0, 0, 450_000)  # noqa: DTZ001 - a time without a zone is what is tested


def parquet(**columns: Sequence[object] | pa.Array[Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([7, None], pa.int64(), ["7", None]),
        ([2**63], pa.uint64(), ["9223372036854775808"]),
        ([5.0, 0.1, float("nan"), None, 1e300], pa.float64(), ["5", "0.1", None, None, "1e+300"]),
        ([0.1], pa.float32(), ["0.1"]),
        ([True, False], pa.bool_(), ["true", "false"]),
        ([Decimal("1.10"), Decimal("-1234567890123456.78")], pa.decimal128(18, 2), ["1.10", "-1234567890123456.78"]),
        ([date(2020, 2, 29)], pa.date32(), ["2020-02-29"]),
        ([time(1, 2, 3)], pa.time64("us"), ["01:02:03"]),
        ([NOON], pa.timestamp("us"), ["2020-07-01T12:00:00.45"]),
        ([NOON], pa.timestamp("s"), ["2020-07-01T12:00:00"]),
        ([NOON.replace(tzinfo=UTC)], pa.timestamp("ms", tz="Europe/Berlin"), ["2020-07-01T12:00:00.45Z"]),
        ([1], pa.timestamp("ns"), ["1970-01-01T00:00:00.000000001"]),
        ([datetime(1950, 1, 2)], pa.timestamp("ms"), ["1950-01-02T00:00:00"]),  # noqa: DTZ001
        ([timedelta(days=1, minutes=5)], pa.duration("s"), ["24:05:00"]),
        ([-90_061_500], pa.duration("ms"), ["-25:01:01.5"]),
        ([1], pa.duration("ns"), ["00:00:00.000000001"]),
        ([1], pa.time64("ns"), ["00:00:00.000000001"]),
        ([3_723_000], pa.time32("ms"), ["01:02:03"]),
        ([86_400_000], pa.date64(), ["1970-01-02"]),
        ([1e20, 2.0**53 + 2, 1e-7], pa.float64(), ["100000000000000000000", "9007199254740994", "0.0000001"]),
        ([1.5, 2], pa.float16(), ["1.5", "2"]),
        ([Decimal("1.000")], pa.decimal256(50, 3), ["1.000"]),
        ([UUID(int=7).bytes], pa.uuid(), ["00000000-0000-0000-0000-000000000007"]),
        ([b"sixteen letters!", None], pa.binary(16), ["7369787465656e206c65747465727321", None]),
        ([b"US"], pa.binary(2), ["US"]),
        (["x"], pa.large_string(), ["x"]),
        ([None, None], pa.null(), [None, None]),
        ([[("a", 1), ("b", None)]], pa.map_(pa.string(), pa.int64()), ['{"a":"1","b":null}']),
        ([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int64()), ['[["a","1"],["a","2"]]']),
        (
            [{"x": 5.0, "y": float("nan"), "d": timedelta(1)}],
            pa.struct([("x", pa.float64()), ("y", pa.float64()), ("d", pa.duration("us"))]),
            ['{"x":"5","y":null,"d":"24:00:00"}'],
        ),
        (["x", None, ""], pa.string(), ["x", None, ""]),
        (["x", "y"], pa.dictionary(pa.int8(), pa.string()), ["x", "y"]),
        ([b"abc", b"\xff"], pa.binary(), ["abc", "ff"]),
        ([[1, None], None], pa.list_(pa.int64()), ['["1",null]', None]),
        (
            [{"a": Decimal("1.50"), "b": [NOON], "c": True}],
            pa.struct([("a", pa.decimal128(4, 2)), ("b", pa.list_(pa.timestamp("us"))), ("c", pa.bool_())]),
            ['{"a":"1.50","b":["2020-07-01T12:00:00.450000"],"c":true}'],
        ),
    ],
)
def test_values_lose_nothing_on_the_way_to_text(
    read_bytes: ReadBytes, values: list[Any], kind: pa.DataType, expected: list[str | None]
) -> None:
    column = pa.array(values, kind, safe=False) if pa.types.is_timestamp(kind) else pa.array(values, kind)
    found = read_bytes(parquet(value=column), "parquet")
    assert [row["value"] for row in found.rows] == expected
    assert found.lines == list(range(1, len(values) + 1))


def test_no_rows_still_tell_the_columns(read_bytes: ReadBytes) -> None:
    found = read_bytes(parquet(id=pa.array([], pa.int64())), "parquet")
    assert (found.columns, found.rows) == (["id"], [])


def test_an_unpacked_stream_is_read() -> None:
    stream: Any = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(parquet(id=["1"]))))
    source = SourceSettings(holds="order", files="x", format="parquet")
    known = find_format("parquet")
    assert known is not None
    assert sum(batch.rows.num_rows for batch in known.read(stream, source)) == 1


@pytest.mark.parametrize("content", [b"id,name\n", b"PAR1", parquet(id=["1"])[:-20]])
def test_what_is_no_parquet_says_so(read_bytes: ReadBytes, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="it is no Parquet file, or is cut off"):
        read_bytes(content, "parquet")


def test_a_name_given_twice_is_refused(read_bytes: ReadBytes) -> None:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["id", "id"]), out)
    with pytest.raises(UnreadableFile, match="names the column 'id' more than once"):
        read_bytes(out.getvalue(), "parquet")


def test_times_of_96_bits_are_read(read_bytes: ReadBytes) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"at": pa.array([NOON], pa.timestamp("ns"))}), out, use_deprecated_int96_timestamps=True)
    assert read_bytes(out.getvalue(), "parquet").values() == [["2020-07-01T12:00:00.45"]]


def test_bytes_that_are_no_text_are_hexadecimal(read_bytes: ReadBytes) -> None:
    column = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff", b"ok"]).buffers())
    assert read_bytes(parquet(value=column), "parquet").values() == [["ff"], ["ok"]]


def test_row_groups_follow_one_another(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_format, "ROWS_PER_BATCH", 4)
    out = io.BytesIO()
    pq.write_table(pa.table({"id": list(map(str, range(25)))}), out, row_group_size=10)
    found = read_bytes(out.getvalue(), "parquet")
    assert [row["id"] for row in found.rows] == list(map(str, range(25)))
    assert found.lines == list(range(1, 26))


def test_a_batch_tells_the_types_that_the_file_declares() -> None:
    known = find_format("parquet")
    assert known is not None
    content = io.BytesIO(parquet(id=pa.array([1]), name=["a"]))
    for batch in known.read(content, SourceSettings(holds="order", files="x", format="parquet")):
        declared = {field.name: (field.metadata or {})[b"type"] for field in batch.rows.schema}
        assert declared == {"id": b"int64", "name": b"string"}


def test_a_file_that_ends_too_early_may_be_whole_later(read_bytes: ReadBytes) -> None:
    for content in (b"PAR1", parquet(id=["1"])[:-20]):
        with pytest.raises(UnfinishedFile):
            read_bytes(content, "parquet")


def test_rows_out_of_all_proportion_are_refused(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    content = parquet(id=pa.array(["x"] * 100_000))
    assert len(read_bytes(content, "parquet").rows) == 100_000
    monkeypatch.setattr(parquet_format, "_MANY_ROWS", 50_000)
    with pytest.raises(UnreadableFile, match="100,000 rows in"):
        read_bytes(content, "parquet")


def test_a_field_that_is_too_long_costs_its_row(read_bytes: ReadBytes) -> None:
    found = read_bytes(parquet(id=["1", "2", "3"], note=["", "x" * (LONGEST_FIELD + 1), None]), "parquet")
    assert found.values() == [["1", ""], ["3", None]]
    (bad,) = found.bad
    assert (bad.line, bad.reason, bad.fields) == (2, "field_too_long", {"id": "2", "note": None})

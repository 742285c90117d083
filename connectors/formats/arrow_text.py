"""Arrow columns of any type to text that loses nothing: ISO times, plain decimals, nested values as JSON."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its stubs know too few of the types that its functions take
Column: TypeAlias = "pa.Array[Any]"

_WHOLE_UP_TO = 2**53


def column_text(column: Column) -> Column:
    """Return a column as text.

    Times of day and dates are ISO 8601, instants end in `Z`; a whole number held as a float is written without its
    point, so that a key such as 4711 stays one; NaN is null; bytes that are no UTF-8 are hexadecimal.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column_text(pc.dictionary_decode(column))
    if pa.types.is_floating(kind):
        return _float_text(column)
    if pa.types.is_timestamp(kind):
        return _timestamp_text(column)
    if _is_plain(kind):
        return column.cast(pa.string())
    return pa.array([_value_text(value) for value in column.to_pylist()], pa.string())


def _is_plain(kind: pa.DataType) -> bool:
    simple = pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind)
    return simple or pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _float_text(column: Column) -> Column:
    wide = column.cast(pa.float64())
    wide = pc.if_else(pc.is_nan(wide), None, wide)
    whole = pc.and_(pc.equal(wide, pc.floor(wide)), pc.less(pc.abs(wide), float(_WHOLE_UP_TO)))
    digits = pc.if_else(whole, wide, None).cast(pa.int64()).cast(pa.string())
    text: Column = pc.coalesce(digits, pc.if_else(pc.is_nan(column), None, column).cast(pa.string()))
    return text


def _timestamp_text(column: Column) -> Column:
    zoned = column.type.tz is not None
    plain = column.cast(pa.timestamp(column.type.unit))
    text: Column = pc.strftime(plain, format="%Y-%m-%dT%H:%M:%S")
    text = pc.replace_substring_regex(text, r"(\.\d*?)0+$", r"\1")
    text = pc.replace_substring_regex(text, r"\.$", "")
    if zoned:
        text = pc.binary_join_element_wise(text, "Z", "")
    return text


def _value_text(value: Any) -> str | None:  # noqa: ANN401 - any value of a Parquet file
    if value is None:
        return None
    simple = _simple_text(value)
    return (
        simple if isinstance(simple, str) else json.dumps(_jsonable(value), ensure_ascii=False, separators=(",", ":"))
    )


def _simple_text(value: Any) -> str | None:  # noqa: ANN401 - any value of a Parquet file
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return None


def _jsonable(value: Any) -> Any:  # noqa: ANN401 - any value of a Parquet file
    if isinstance(value, dict):
        return {str(name): _jsonable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(inner) for inner in value]
    if isinstance(value, bool | str) or value is None:
        return value
    return _simple_text(value) or str(value)

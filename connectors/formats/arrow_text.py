"""Arrow columns of any type to text that loses nothing: ISO times, plain decimals, nested values as JSON."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import pyarrow as pa
import pyarrow.compute

if TYPE_CHECKING:
    from collections.abc import Callable

pc: Any = pyarrow.compute  # its stubs know too few of the types that its functions take
Column: TypeAlias = "pa.Array[Any]"

_WHOLE_UP_TO = 2**53
_PLAIN_UP_TO = 38
"""Powers of ten up to which a number is written without an exponent."""
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_BYTES_OF_A_UUID = 16


def column_text(column: Column) -> Column:
    """Return a column as text.

    Times of day and dates are ISO 8601, instants end in `Z`, durations are hours, minutes and seconds; a whole number
    held as a float is written without its point, so that a key such as 4711 stays one; NaN is null; bytes that are no
    UTF-8 are hexadecimal, as are bytes that are 16 in every row.
    """
    convert = next((convert for applies, convert in _CONVERSIONS if applies(column.type)), _any_text)
    return convert(column)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _valid_text(column: Column) -> Column:
    """Return a column of texts, those that are no UTF-8 as hexadecimal."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array([_value_text(value) for value in column.cast(pa.binary()).to_pylist()], pa.string())
    return column.cast(pa.string())


def _any_text(column: Column) -> Column:
    return pa.array([_value_text(value) for value in _values(column)], pa.string())


def _values(column: Column) -> list[Any]:
    """Return a column's values, mappings as dictionaries where no key is in one twice."""
    try:
        return column.to_pylist(maps_as_pydicts="strict")
    except KeyError:
        return column.to_pylist()


def _float_text(column: Column) -> Column:
    wide = column.cast(pa.float64())
    wide = pc.if_else(pc.is_nan(wide), None, wide)
    whole = pc.and_(pc.equal(wide, pc.floor(wide)), pc.less(pc.abs(wide), float(_WHOLE_UP_TO)))
    digits = pc.if_else(whole, wide, None).cast(pa.int64()).cast(pa.string())
    text: Column = pc.coalesce(digits, pc.if_else(pc.is_nan(column), None, column).cast(pa.string()))
    if pc.any(pc.match_substring(text, "e")).as_py():
        return pa.array([_plain(value) for value in text.to_pylist()], pa.string())
    return text


def _plain(number: str | None) -> str | None:
    """Return the text of a number without its exponent, unless that would be very long."""
    if number is None or "e" not in number:
        return number
    exact = Decimal(number)
    return format(exact, "f") if abs(exact.adjusted()) <= _PLAIN_UP_TO else number


def _timestamp_text(column: Column) -> Column:
    zoned = column.type.tz is not None
    plain = column.cast(pa.timestamp(column.type.unit))
    text = _without_zeros(pc.strftime(plain, format="%Y-%m-%dT%H:%M:%S"))
    return pc.binary_join_element_wise(text, "Z", "") if zoned else text


def _without_zeros(text: Column) -> Column:
    """Return times without the zeros that end their fraction of a second."""
    text = pc.replace_substring_regex(text, r"(\.\d*?)0+$", r"\1")
    found: Column = pc.replace_substring_regex(text, r"\.$", "")
    return found


def _duration_text(column: Column) -> Column:
    per_second = _PER_SECOND[column.type.unit]
    return pa.array([_duration(value, per_second) for value in column.cast(pa.int64()).to_pylist()], pa.string())


def _duration(value: int | None, per_second: int) -> str | None:
    if value is None:
        return None
    seconds, rest = divmod(abs(value), per_second)
    width = len(str(per_second)) - 1
    fraction = f".{rest:0{width}}".rstrip("0") if rest else ""
    sign = "-" if value < 0 else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _value_text(value: Any) -> str | None:  # noqa: ANN401 - any value of a Parquet file
    if value is None:
        return None
    simple = _simple_text(value)
    return (
        simple if isinstance(simple, str) else json.dumps(_jsonable(value), ensure_ascii=False, separators=(",", ":"))
    )


def _simple_text(value: Any) -> str | None:  # noqa: ANN401 - any value of a Parquet file
    if isinstance(value, Decimal | UUID):
        return format(value, "f" if isinstance(value, Decimal) else "")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value // timedelta(microseconds=1), 10**6)
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
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _WHOLE_UP_TO
        return None if math.isnan(value) else str(int(value)) if whole else _plain(repr(value))
    return _simple_text(value) or str(value)


def _is_wrapped(kind: pa.DataType) -> bool:
    return isinstance(kind, pa.BaseExtensionType) and kind != pa.uuid()


def _is_simple(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind)


def _is_like_uuids(kind: pa.DataType) -> bool:
    return pa.types.is_fixed_size_binary(kind) and kind.byte_width == _BYTES_OF_A_UUID


_CONVERSIONS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], Column]], ...] = (
    (_is_wrapped, lambda column: column_text(column.storage)),
    (pa.types.is_dictionary, lambda column: column_text(pc.dictionary_decode(column))),
    (_is_text, _valid_text),
    (_is_simple, lambda column: column.cast(pa.string())),
    (pa.types.is_floating, _float_text),
    (pa.types.is_timestamp, _timestamp_text),
    (pa.types.is_time, lambda column: _without_zeros(column.cast(pa.string()))),
    (pa.types.is_duration, _duration_text),
    (_is_like_uuids, lambda column: pa.array([value and value.hex() for value in column.to_pylist()], pa.string())),
)
"""How columns of a type become text; those of any other type do value by value."""

"""The watermark of a database's rows: how far they were read, as a value of its own type that is kept as text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, cast

from connectors.formats.batch import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Kind = Literal["integer", "decimal", "real", "date", "time", "instant", "text"]
Value = int | Decimal | float | date | datetime | str


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_READ: dict[Kind, Callable[[str], Value]] = {
    "integer": int,
    "decimal": Decimal,
    "real": float,
    "date": date.fromisoformat,
    "time": datetime.fromisoformat,
    "instant": _instant,
    "text": str,
}
_DATE_LENGTH = len("2025-01-01")
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b.*")


@dataclass(frozen=True, slots=True)
class Watermark:
    """A value of the watermark's column: `time` has no zone, `instant` is in UTC."""

    kind: Kind
    text: str

    @property
    def value(self) -> Value:
        """The value in its own type."""
        return _READ[self.kind](self.text)

    @property
    def stored(self) -> str:
        """How it stands in landing.file."""
        return f"{self.kind} {self.text}"


def read_stored(text: str) -> Watermark:
    """Return what `stored` was made of."""
    kind, _, value = text.partition(" ")
    return Watermark(cast("Kind", kind), value)


def greatest(kind: Kind, texts: Iterable[str | None]) -> Watermark | None:
    """Return the greatest of some values of one kind.

    Infinity, and times that no calendar holds, are left out: nothing would ever be after them. Raises UnreadableFile
    for texts whose order is not the order of what they say.
    """
    if kind == "text":
        texts = list(texts)
        _check_order([text for text in texts if text is not None])
    best: tuple[Any, str] | None = None
    for text in texts:
        found = None if text is None else _finite(kind, text)
        if found is not None and (best is None or found > best[0]):
            best = (found, cast("str", text))
    return None if best is None else Watermark(kind, best[1])


def later(first: Watermark | None, second: Watermark | None) -> Watermark | None:
    """Return the greater one; raises UnreadableFile where they are of two kinds."""
    if first is None or second is None:
        return first or second
    a, b = _comparable(first), _comparable(second)
    if isinstance(a, str) and isinstance(b, str):
        _check_order([a, b])
    if type(a) is not type(b):
        problem = f"the watermark holds both {first.kind} and {second.kind} values: cast it to one type in the query"
        raise UnreadableFile(problem)
    return first if cast("Any", a) >= b else second


def earlier(mark: Watermark, by: timedelta) -> Watermark:
    """Return the watermark so much earlier, or a little more; raises UnreadableFile where it is no time.

    Text counts as a time where it begins as one by ISO 8601.
    """
    value = mark.value
    if isinstance(value, date) and not isinstance(value, datetime):
        return Watermark(mark.kind, (datetime.combine(value, time()) - by).date().isoformat())
    if isinstance(value, datetime):
        return Watermark(mark.kind, (value - by).isoformat().replace("+00:00", "Z"))
    try:
        moment = datetime.fromisoformat(mark.text)
    except ValueError:
        problem = f"`options.look_back` is for a watermark that is a time, and it is {mark.text!r}; take it out"
        raise UnreadableFile(problem) from None
    # Without parts of seconds and without a zone it stands, as text, before every text of the same second.
    text = (moment.replace(tzinfo=None, microsecond=0) - by).isoformat(mark.text[10:11] or " ")
    return Watermark(mark.kind, text if len(mark.text) > _DATE_LENGTH else text[:_DATE_LENGTH])


def kind_of(value: object) -> Kind:
    """Return the kind of a value of Python; raises UnreadableFile for one that cannot be gone on from."""
    if isinstance(value, datetime):
        return "time" if value.tzinfo is None else "instant"
    kinds: tuple[tuple[type, Kind], ...] = (
        (int, "integer"),
        (Decimal, "decimal"),
        (float, "real"),
        (date, "date"),
        (str, "text"),
    )
    for python, kind in kinds:
        if isinstance(value, python) and not isinstance(value, bool):
            return kind
    raise not_a_watermark(type(value).__name__)


def not_a_watermark(found: str) -> UnreadableFile:
    """Return the error for a watermark of a type that has no order to go on in."""
    return UnreadableFile(f"the watermark is of type {found}; allowed: a number, a date, a time or a text")


def _check_order(texts: Sequence[str]) -> None:
    """Raise UnreadableFile for numbers of several lengths and for dates that begin with the day or the month.

    As texts, 10 is before 9, and 12/31/2024 after 01/01/2025: what is new would not be seen.
    """
    numbers = [text for text in texts if text.isdecimal()]
    lengths = {len(text) for text in numbers}
    found = next((text for text in texts if _DAY_OR_MONTH_FIRST.fullmatch(text)), None)
    if found is None and len(lengths) > 1:
        found = min(numbers, key=len)
    if found is not None:
        problem = (
            f"the watermark holds texts such as {found!r}, and the order of such texts is not that of what they say: "
            "cast it to a number, a date or a time in the query"
        )
        raise UnreadableFile(problem)


def _finite(kind: Kind, text: str) -> Value | None:
    try:
        value = _READ[kind](text)
    except (ValueError, InvalidOperation, OverflowError):
        return None
    return value if not isinstance(value, float | Decimal) or math.isfinite(value) else None


def _comparable(mark: Watermark) -> object:
    value = mark.value
    return Decimal(value) if isinstance(value, int | float) else value

"""Which strptime formats a column's dates are written in, by all of its texts, and what may be read another way."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIME = (
    r"(?P<gap>T|,? +| at )(?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<second>:\d{2})?(?P<fraction>[.,]\d{1,9})?"
    r"(?P<half> ?[AaPp]\.?[Mm]\.?)?(?P<zone> ?Z| ?[+-]\d{2}:?\d{2}| ?[+-]\d{2}| (?:UTC|GMT))?"
)
_NUMERIC = re.compile(rf"(?P<a>\d{{1,4}})(?P<sep>[-/. ])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{1,4}})(?:{_TIME})?")
_COMPACT = re.compile(
    r"(?P<year>(?:1[6-9]|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<clock>\d{6}|\d{4})(?P<zulu>Z)?)?"
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_WORDS = re.compile(
    rf"(?:(?P<weekday>(?:mon|tue|wed|thu|fri|sat|sun)),? )?(?:"
    rf"(?P<d1>\d{{1,2}})(?P<s1>[-. ]+)(?P<m1>{_LONG}|{_MONTHS})(?P<s2>[-. ,]+)(?P<y1>\d{{4}}|\d{{2}})"
    rf"|(?P<m2>{_LONG}|{_MONTHS}) (?P<d2>\d{{1,2}})(?P<s3>,? )(?P<y2>\d{{4}}))(?:{_TIME})?",
    re.IGNORECASE,
)
_MAY = "%may"
_MOST_FORMATS = 4
_COUNTS_FROM = 0.004
"""A way of writing that fewer of a column's texts show is a slip."""
_EPOCH = {"s": (10, 1), "ms": (13, 10**3), "us": (16, 10**6), "ns": (19, 10**9)}
_EPOCH_FROM, _EPOCH_TO = 1980, 2045
_YEAR_OF_FOUR, _TWO, _CENTURY_TURNS = 4, 2, 69
_MONTHS_OF_A_YEAR, _DAYS_OF_A_MONTH = 12, 31
_CLOCKS = {0: "", 4: "%H%M", 6: "%H%M%S"}


@dataclass(frozen=True, slots=True)
class Dates:
    """How dates are written: the formats, the share of texts they read, and what else they may be.

    `iso` says that all are ISO 8601, which is read without a format; `years` are those found, from the least.
    """

    formats: tuple[str, ...] = ()
    share: float = 0.0
    instead: str = ""
    iso: bool = False
    clock: bool = False
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shape:
    """One way of writing: `order` has y for the year, and a and b for what comes first and second of day and month."""

    order: str
    sep: str
    short_year: bool
    time: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    shape: _Shape
    first: int
    second: int
    year: int


def formats_of(texts: Sequence[str], *, day_first: bool | None = None) -> Dates:
    """Return the formats of a column; `day_first` decides where the texts themselves do not."""
    read = _with_may([found for text in texts if (found := _read(text.strip())) is not None])
    if not read:
        return Dates()
    shapes = Counter(found.shape for found in read)
    least = max(1, int(len(texts) * _COUNTS_FROM))
    counted = [shape for shape, count in shapes.most_common(_MOST_FORMATS * 2) if count >= least]
    first_is_day = _day_first(
        [found for found in read if found.shape.order in ("aby", "yab") and not found.shape.words]
    )
    instead = ""
    if first_is_day is None and any(shape.order == "aby" for shape in counted):
        dots = all(shape.sep == "." for shape in counted if shape.order == "aby")
        first_is_day = dots if day_first is None else day_first or dots
        if not dots:
            other = "%m/%d" if first_is_day else "%d/%m"
            instead = f"no day above 12 tells day from month; it may be {other.replace('/', counted[0].sep)}"
    formats = tuple(dict.fromkeys(_format(shape, day_first=bool(first_is_day)) for shape in counted))[:_MOST_FORMATS]
    known = set(counted)
    good = [found for found in read if found.shape in known and _is_day(found, day_first=bool(first_is_day))]
    years = tuple(sorted(found.year for found in good))
    iso = all(_is_iso(shape) for shape in counted)
    clock = any(shape.time for shape in counted)
    return Dates(formats, len(good) / len(texts), instead, iso, clock, years)


def _with_may(read: list[_Read]) -> list[_Read]:
    """Return the dates with May, whose short name is its long one, written like the other months."""
    full = any("%B" in found.shape.words for found in read)
    spelt = "%B" if full and not any("%b" in found.shape.words for found in read) else "%b"
    return [
        replace(found, shape=replace(found.shape, words=found.shape.words.replace(_MAY, spelt)))
        if _MAY in found.shape.words
        else found
        for found in read
    ]


def epoch_unit(texts: Sequence[str]) -> str:
    """Return s, ms, us or ns where the texts count the time since 1970, else nothing."""
    for unit, (digits, per_second) in _EPOCH.items():
        fitting = [text for text in texts if re.fullmatch(rf"\d{{{digits - 1},{digits}}}(?:\.\d+)?", text.strip())]
        if texts and len(fitting) >= 0.98 * len(texts):
            years = {datetime.fromtimestamp(int(float(text)) / per_second, UTC).year for text in fitting[:200]}
            if all(_EPOCH_FROM <= year <= _EPOCH_TO for year in years):
                return unit
    return ""


def _read(text: str) -> _Read | None:
    if (found := _NUMERIC.fullmatch(text)) is not None:
        return _numeric(found)
    if (found := _COMPACT.fullmatch(text)) is not None:
        return _compact(found)
    if (found := _WORDS.fullmatch(text)) is not None:
        shape = _Shape("words", "", short_year=False, time=_time_format(found), words=_words(found))
        return _Read(shape, 0, 0, _year(found))
    return None


def _numeric(found: re.Match[str]) -> _Read | None:
    a, b, c = found["a"], found["b"], found["c"]
    time = _time_format(found)
    if len(a) == _YEAR_OF_FOUR and len(c) <= _TWO and (found["sep"] != " " or not time):
        return _Read(_Shape("yab", found["sep"], short_year=False, time=time), int(b), int(c), int(a))
    if len(a) <= _TWO and len(c) in (_TWO, _YEAR_OF_FOUR):
        return _Read(_Shape("aby", found["sep"], len(c) == _TWO, time), int(a), int(b), _whole_year(c))
    return None


def _compact(found: re.Match[str]) -> _Read | None:
    if not (1 <= int(found["month"]) <= _MONTHS_OF_A_YEAR and 1 <= int(found["day"]) <= _DAYS_OF_A_MONTH):
        return None
    clock = _CLOCKS[len(found["clock"] or "")]
    gap = "T" if clock and "T" in found[0] else ""
    time = gap + clock + ("Z" if found["zulu"] else "")
    return _Read(_Shape("ymd", "", short_year=False, time=time), 0, 0, int(found["year"]))


def _time_format(found: re.Match[str]) -> str:
    if found["hour"] is None:
        return ""
    hour = "%I" if found["half"] else "%H"
    parts = [found["gap"], hour, ":%M", ":%S" if found["second"] else ""]
    parts.append(f"{found['fraction'][0]}%f" if found["fraction"] else "")
    parts.append((" " if found["half"].startswith(" ") else "") + "%p" if found["half"] else "")
    zone = found["zone"] or ""
    space = " " if zone.startswith(" ") else ""
    ending = (
        ""
        if not zone
        else f"{space}Z"
        if zone.strip() == "Z"
        else f"{space}%Z"
        if zone.strip().isalpha()
        else f"{space}%z"
    )
    return "".join([*parts, ending])


def _words(found: re.Match[str]) -> str:
    month = found["m1"] or found["m2"]
    spelt = _MAY if month.lower() == "may" else "%b" if len(month) == 3 else "%B"  # noqa: PLR2004 - in three letters
    weekday = "%a, " if found["weekday"] else ""
    if found["d1"]:
        year = "%Y" if len(found["y1"]) == _YEAR_OF_FOUR else "%y"
        return f"{weekday}%d{found['s1']}{spelt}{found['s2']}{year}"
    return f"{weekday}{spelt} %d{found['s3']}%Y"


def _year(found: re.Match[str]) -> int:
    return _whole_year(found["y1"] or found["y2"])


def _whole_year(text: str) -> int:
    year = int(text)
    return year if len(text) == _YEAR_OF_FOUR else year + (2000 if year < _CENTURY_TURNS else 1900)


def _day_first(read: list[_Read]) -> bool | None:
    """Return whether the first number is the day, by numbers above 12; None where none tells."""
    ordered = [found for found in read if found.shape.order == "aby"]
    first = sum(found.first > _MONTHS_OF_A_YEAR >= found.second for found in ordered)
    second = sum(found.second > _MONTHS_OF_A_YEAR >= found.first for found in ordered)
    return None if first == second == 0 else first > second


def _is_day(found: _Read, *, day_first: bool) -> bool:
    if found.shape.order not in ("aby", "yab"):
        return True
    day, month = found.first, found.second
    if found.shape.order == "yab" or not day_first:
        day, month = month, day
    return 1 <= month <= _MONTHS_OF_A_YEAR and 1 <= day <= _DAYS_OF_A_MONTH


def _is_iso(shape: _Shape) -> bool:
    return shape.order == "yab" and shape.sep == "-" and "%I" not in shape.time and "%Z" not in shape.time


def _format(shape: _Shape, *, day_first: bool) -> str:
    if shape.words:
        return shape.words + shape.time
    if shape.order == "ymd":
        return "%Y%m%d" + shape.time
    if shape.order == "yab":
        return shape.sep.join(["%Y", "%m", "%d"]) + shape.time
    first, second = ("%d", "%m") if day_first else ("%m", "%d")
    return shape.sep.join([first, second, "%y" if shape.short_year else "%Y"]) + shape.time

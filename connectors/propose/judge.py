"""Whether a column's texts bear out what its name says, and what they say where its name says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.propose.header import DOUBTFUL, NEAR
from connectors.propose.proposal import SURE, UNSURE
from connectors.propose.statuses import share_of_statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.propose.evidence import Evidence

_FITS, _HARDLY = 0.6, 0.25
_SHORT, _HALF = 40, 0.5
_OLDEST = 1700
_ROUNDS_TO_ALL = 0.995
_MOSTLY = 0.9
"""A slip here and there is no other kind of column."""
_LONGEST_HISTORY, _BEFORE_RECORDS = 30, 1975
"""Years: dates over more of them, and of some before, are of births and not of what a system has kept."""
_LIKE_NAMES, _KNOWN_IN_LINES, _KNOWN_ALONE = 0.85, 0.3, 0.4
"""Shares of a column of names: that look like names, and whose given name is known, in full names and by itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An attribute that a column may be: `confidence` from 0 to 1, why, and what speaks against it."""

    attribute: str
    evidence: Evidence
    confidence: float
    why: str
    unsure: str = ""
    around: str = ""


def candidates(evidence: Evidence) -> Iterator[Candidate]:
    """Yield what a column may be, by its name first; by its texts alone where its name says nothing that fits."""
    if not evidence.column.filled:
        return
    fitting = False
    for meaning in evidence.meanings:
        fit, said = _fit(meaning.attribute, evidence)
        if fit < _HARDLY:
            continue
        fitting = True
        why = f"its name; {said}" if said else "its name"
        unsure = ""
        if meaning.score <= NEAR:
            unsure = "its name is only near to one that means this"
        elif meaning.score <= DOUBTFUL and meaning.attribute not in _TOLD:
            unsure = "its name may mean something else as well"
        elif fit < _FITS:
            unsure = f"{said or 'its values hardly fit'}: leave it out if that is too few"
        confidence = UNSURE * fit + 0.1 if unsure else min(SURE, meaning.score * (0.6 + 0.4 * fit))
        yield Candidate(meaning.attribute, evidence, confidence, why, unsure, meaning.around)
    if not fitting and not evidence.somebody_elses:
        yield from _by_content(evidence)


def percent(share: float) -> str:
    """Return a share as people say it."""
    return f"{share:.0%}".replace("%", " %") if share < _ROUNDS_TO_ALL or share == 1 else "over 99 %"


def _fit(attribute: str, evidence: Evidence) -> tuple[float, str]:
    """Return how well a column's texts fit an attribute, and that in words."""
    if attribute.startswith("identifier."):
        return (1.0 if evidence.distinct > 1 and evidence.length < _SHORT else 0.0), ""
    check = _CHECKS.get(attribute)
    return check(evidence) if check else (1.0, "")


def _like(kind: str, noun: str) -> Callable[[Evidence], tuple[float, str]]:
    def check(evidence: Evidence) -> tuple[float, str]:
        share = evidence.share(kind)
        return share, f"{percent(share)} look like {noun}"

    return check


def _moment(evidence: Evidence) -> tuple[float, str]:
    share = evidence.moment
    return share, f"{percent(share)} can be read as dates or times"


def _birth(evidence: Evidence) -> tuple[float, str]:
    dates = evidence.dates
    share = dates.share
    this_year = datetime.now(UTC).year
    years = sorted(year if year <= this_year else year - 100 for year in dates.years)  # of two digits
    if not years or not years[len(years) // 2] >= _OLDEST:
        return 0.0, ""
    return share, f"{percent(share)} can be read as dates, of {years[len(years) // 20]} and later"


def _texts(evidence: Evidence) -> tuple[float, str]:
    return (evidence.lettered if not evidence.dates.share > _FITS else 0.0), ""


def _place(evidence: Evidence) -> tuple[float, str]:
    return (evidence.lettered if evidence.share("email") < _HARDLY and evidence.length < _SHORT else 0.0), ""


def _region(evidence: Evidence) -> tuple[float, str]:
    if evidence.values and share_of_statuses(evidence.values) >= 0.5:  # noqa: PLR2004 - most of them are statuses
        return 0.0, ""
    return _place(evidence)


def _status(evidence: Evidence) -> tuple[float, str]:
    if not evidence.values or evidence.length > _SHORT:
        return 0.0, ""
    known = share_of_statuses(evidence.values)
    return (max(known, 0.3) if evidence.lettered > _FITS else 0.3), ""


def _names(evidence: Evidence) -> tuple[float, str]:
    share = max(evidence.share("name_word"), evidence.share("name_line"))
    return share, f"{percent(share)} are words without digits" if share < SURE else ""


def _full_name(evidence: Evidence) -> tuple[float, str]:
    share = max(evidence.share("name_line"), evidence.share("name_word"), 0.9 * evidence.share("company"))
    said = evidence.share("family_first")
    order = f"; {percent(said)} are written FAMILY, GIVEN" if said > _HARDLY else ""
    return share, f"{percent(share)} look like names{order}"


def _amount(evidence: Evidence) -> tuple[float, str]:
    share = evidence.numbers.share
    if evidence.epoch and evidence.length > _EPOCH_DIGITS:
        return 0.0, ""
    return share, f"{percent(share)} are numbers"


def _code(evidence: Evidence) -> tuple[float, str]:
    if evidence.length > _SHORT or evidence.share("long") > _HARDLY or evidence.share("email") > _FITS:
        return 0.0, ""
    return (1.0 if evidence.distinct > 1 and evidence.moment < _FITS else _HARDLY), ""


def _customer_id(evidence: Evidence) -> tuple[float, str]:
    fit, said = _code(evidence)
    named = evidence.share("name_line") > _FITS and evidence.lettered > _FITS
    return (0.0 if named else fit), said


def _few(evidence: Evidence) -> tuple[float, str]:
    return (1.0 if evidence.values and evidence.length < _SHORT else 0.0), ""


_EPOCH_DIGITS = 9
_TOLD = ("at", "birth_date", "amount")
"""What the values of a column with a name of many meanings tell by themselves."""
_CHECKS: dict[str, Callable[[Evidence], tuple[float, str]]] = {
    "email": _like("email", "e-mail addresses"),
    "phone": _like("phone", "telephone numbers"),
    "postal_code": _like("postal_code", "postal codes"),
    "currency": _like("currency", "currencies"),
    "street_number": _like("house_number", "house numbers"),
    "birth_date": _birth,
    "given_name": _names,
    "family_name": _names,
    "middle_name": _names,
    "name_suffix": _names,
    "full_name": _full_name,
    "organisation": _texts,
    "street": _texts,
    "address": _texts,
    "city": _place,
    "region": _region,
    "country": _place,
    "at": _moment,
    "updated_at": _moment,
    "promised_at": _moment,
    "amount": _amount,
    "quantity": _amount,
    "unit_price": _amount,
    "line_amount": _amount,
    "status": _status,
    "subject": _texts,
    "body": _texts,
    "description": _texts,
    "handled_by": _texts,
    "channel": _few,
    "direction": _few,
    "reference": _code,
    "about": _code,
    "sku": _code,
    "key": _code,
    "customer_id": _customer_id,
    "conversation": _code,
}

_BY_NOTHING_ELSE = "its name says nothing: leave it out if it is none of the customer's"


def _by_content(evidence: Evidence) -> Iterator[Candidate]:
    """Yield what the texts alone show; always unsure, for they do not tell whose it is."""
    for attribute, kind, least, noun in (
        ("email", "email", 0.7, "e-mail addresses"),
        ("phone", "marked_phone", 0.7, "telephone numbers"),
        ("full_name", "family_first", 0.7, "names written FAMILY, GIVEN"),
        ("address", "address_line", 0.8, "addresses in one line"),
        ("currency", "currency", 0.98, "currencies"),
    ):
        if evidence.share(kind) >= least:
            said = f"{percent(evidence.share(kind))} look like {noun}"
            yield Candidate(attribute, evidence, UNSURE, said, _BY_NOTHING_ELSE)
            return
    yield from _names_by_content(evidence)
    dates = evidence.dates
    if evidence.column.share_filled >= _HALF and evidence.moment >= _MOSTLY and (evidence.epoch or dates.years):
        many_years = bool(dates.years) and dates.years[-1] - dates.years[0] > _LONGEST_HISTORY
        born = many_years and not dates.clock and dates.years[0] < _BEFORE_RECORDS
        attribute = "birth_date" if born else "at"
        years = f" of {dates.years[0]} to {dates.years[-1]}" if dates.years else ""
        said = f"{percent(evidence.moment)} can be read as dates{years}"
        yield Candidate(attribute, evidence, UNSURE, said, "only its values' range tells what these dates are")


def _names_by_content(evidence: Evidence) -> Iterator[Candidate]:
    known = evidence.share("given_name")
    if evidence.column.share_filled < _HALF:
        return
    many = evidence.distinct > max(10, len(evidence.column.filled) * 0.02)
    if not many:
        return
    if evidence.share("name_line") >= _LIKE_NAMES and known >= _KNOWN_IN_LINES and evidence.share("long") == 0:
        said = f"{percent(known)} begin with a given name"
        yield Candidate("full_name", evidence, UNSURE, said, _BY_NOTHING_ELSE)
    elif evidence.share("one_word") >= _LIKE_NAMES and known >= _KNOWN_ALONE:
        yield Candidate("given_name", evidence, UNSURE, f"{percent(known)} are known given names", _BY_NOTHING_ELSE)

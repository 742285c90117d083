"""The index that customers are found by: part of a name or an e-mail, a phone, a number that others quote, an id.

    index = Index.of(pinned, settings.country)
    found = index.find("ann lee 0123", limit=10)
    for hit in found.hits: …               # hit.golden_id, hit.why, hit.score

Each word that is typed must fit the customer somehow; what fits best decides the order, then who was seen last. It is a
function of the release alone, it never changes once made, and any number of threads may ask it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from matching.attributes.phone import standardise_phone
from serving.lookup.build import Contents, read_contents
from serving.lookup.slips import Slips
from serving.lookup.spelling import Speller, spell_ascii
from serving.lookup.texts import END

if TYPE_CHECKING:
    from serving.lookup.spelling import Spelled
    from serving.lookup.texts import Numbers, Parts
    from stewardship.web.releases import Pinned

NAME, NAME_ALIKE, PLACE, EMAIL, PHONE = "name", "name spelled nearly so", "address", "e-mail", "phone"
REFERENCE, RECORD, GOLDEN_ID = "order or case number", "record", "customer id"
WHY = (NAME, NAME_ALIKE, PLACE, EMAIL, PHONE, REFERENCE, RECORD, GOLDEN_ID)
"""What a customer may be found by."""

LONGEST = 200
"""Of what is typed no more characters are looked at …"""

MOST_WORDS = 8
"""… and no more words."""

_MOST_PARTS = 2000
"""So many places that hold a part of an e-mail or a phone are looked at: those of the customers seen last."""
_LEAST_PART, _LEAST_DIGITS, _WHOLE_DIGITS, _LEAST_KEY = 3, 4, 7, 4
_NUMBER_LIKE = re.compile(r"[\d()+./\-]*\d[\d()+./\-]*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A customer found: by what, one of WHY, and how well it fits, up to 1."""

    golden_id: str
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, best first; `more` says whether others fit, too."""

    hits: tuple[Hit, ...]
    more: bool


class _Marks:
    """How well each customer fits, and by what; 0 where not at all."""

    def __init__(self, customers: int) -> None:
        self.score = np.zeros(customers, np.float32)
        self.why = np.zeros(customers, np.uint8)

    def note(self, customers: Numbers, score: float, why: str) -> None:
        """Note that these customers fit so well, where nothing better was noted."""
        better = customers[self.score[customers] < score]
        self.score[better] = score
        self.why[better] = WHY.index(why)

    def take_better(self, other: _Marks) -> None:
        """Take over where the other fits better."""
        better = other.score > self.score
        self.score[better], self.why[better] = other.score[better], other.why[better]


class Index:
    """What the customers of one release are found by, in memory."""

    def __init__(self, release_id: str, contents: Contents, country: str) -> None:
        self.release_id = release_id
        self._contents, self._country = contents, country
        self._spell = Speller()
        self._slips = Slips((*contents.names.texts, *contents.other_names.texts))
        self._slips_if_masked = Slips(contents.names.texts)

    @classmethod
    def of(cls, pinned: Pinned, country: str) -> Self:
        """Build the index of a release: seconds for a million records. Phones that do not say are of `country`."""
        with pinned.golden() as con:
            return cls(pinned.release_id, read_contents(con), country)

    def find(self, text: str, limit: int = 10, *, masked: bool = False) -> Found:
        """Return the customers that what was typed fits, the best `limit` of them.

        `masked`: whoever asks does not see all of an e-mail or phone, and so finds by the whole of one alone; nor
        streets, postal codes and names that are not published, and does not find by these at all. Otherwise what is
        masked could be guessed part by part.
        """
        asked = text.replace("\x00", " ").strip()[:LONGEST]
        if not asked or limit < 1:
            return Found((), more=False)
        whole, *terms = self._spell([asked, *_terms(asked)])
        marks = self._fitting(terms, forgiving=False, masked=masked)
        marks.take_better(self._as_a_whole(whole))
        if not marks.score.any():
            marks = self._fitting(terms, forgiving=True, masked=masked)
        return self._best(marks, limit)

    def with_reference(self, reference: str) -> list[str]:
        """Return the customers of an order, case or invoice number, in any case of its letters, in no order."""
        return self._ids(self._contents.references.equal_to(self._spell([reference])[0].plain))

    def with_email(self, forms: list[str]) -> list[str] | None:
        """Return the customers with an e-mail in one of these forms, in no order; None where they are too many."""
        found = [
            self._contents.emails.holding(END + plain + END, _MOST_PARTS)
            for plain in sorted({spelled.plain for spelled in self._spell(forms)} - {b""})
        ]
        if any(len(customers) >= _MOST_PARTS for customers in found):
            return None
        return self._ids(np.unique(np.concatenate([np.zeros(0, np.int32), *found])))

    def _ids(self, customers: Numbers) -> list[str]:
        return [golden_id.decode() for golden_id in self._contents.golden_ids[customers].tolist()]

    def _best(self, marks: _Marks, limit: int) -> Found:
        fitting = np.flatnonzero(marks.score)
        score = marks.score[fitting]
        more = len(fitting) > limit
        if more:
            # all that fit as well as the last one to be shown; the lesser numbers of these come first
            least = np.partition(score, len(score) - limit)[len(score) - limit]
            fitting, score = fitting[score >= least], score[score >= least]
        order = np.argsort(-score, kind="stable")[:limit]
        hits = (
            Hit(self._contents.golden_ids[at].decode(), WHY[marks.why[at]], round(float(marks.score[at]), 4))
            for at in fitting[order]
        )
        return Found(tuple(hits), more)

    def _fitting(self, terms: list[Spelled], *, forgiving: bool, masked: bool) -> _Marks:
        """Return who fits every term, how well on average; all words of a name are better than some."""
        customers = len(self._contents.golden_ids)
        total = _Marks(customers)
        fits = np.ones(customers, bool)
        named = np.zeros(customers, np.uint8)
        for term in terms:
            marks = self._of_term(term, forgiving=forgiving, masked=masked)
            fits &= marks.score > 0
            named += (marks.why == WHY.index(NAME)) & (marks.score >= _EXACT)
            total.score += marks.score
            total.why = np.maximum(total.why, marks.why)
        total.score[~fits] = 0.0
        total.score /= max(1, len(terms))
        total.score[fits & (named == self._contents.name_words)] += _WHOLE_NAME
        return total

    def _of_term(self, term: Spelled, *, forgiving: bool, masked: bool) -> _Marks:
        """Return whom one word fits; of a word of several parts, as Smith-Jones, each must fit."""
        found = self._contents
        customers = len(found.golden_ids)
        all_names = (found.names,) if masked else (found.names, found.other_names)
        all_places = (found.cities,) if masked else (found.cities, found.addresses)
        slips = self._slips_if_masked if masked else self._slips
        marks = _Marks(customers)
        for place, word in enumerate(term.words):
            part = marks if place == 0 else _Marks(customers)
            alike = slips.near(word.decode()) if forgiving else []
            for names in all_names:
                for known in alike:
                    part.note(names.equal_to(known), 0.4, NAME_ALIKE)
                part.note(names.beginning(word), 0.6, NAME)
                part.note(names.equal_to(word), _EXACT, NAME)
            for places in all_places:
                part.note(places.beginning(word), 0.3, PLACE)
                part.note(places.equal_to(word), 0.45, PLACE)
            if part is not marks:
                marks.score = np.minimum(marks.score, part.score)
        if masked:
            self._note_whole_contacts(term, marks)
        else:
            self._note_contacts(term, marks)
        self._note_keys(term, marks)
        return marks

    def _as_a_whole(self, whole: Spelled) -> _Marks:
        """Return whom all that was typed fits as one: an id, `source:id`, a number or a phone with spaces in it."""
        marks = _Marks(len(self._contents.golden_ids))
        self._note_keys(whole, marks)
        for name, code in zip(self._contents.sources.names, range(len(self._contents.sources.names)), strict=True):
            if whole.plain.startswith(name.lower() + b":"):
                first, end = self._contents.records.texts.equal_to(whole.plain[len(name) + 1 :].strip())
                mine = self._contents.sources.of_key[first:end] == code
                marks.note(self._contents.records.customers[first:end][mine], 1.0, RECORD)
        return marks

    def _note_whole_contacts(self, term: Spelled, marks: _Marks) -> None:
        """Note whose e-mail or phone was typed from its first to its last character."""
        found, typed = self._contents, term.plain.decode()
        marks.note(found.emails.holding(END + term.plain + END, _MOST_PARTS), 0.95, EMAIL)
        if len(term.digits) < _LEAST_DIGITS or not _NUMBER_LIKE.fullmatch(typed.replace(" ", "")):
            return
        meant = standardise_phone(typed, self._country).clean
        for digits in {term.digits, spell_ascii(meant).digits}:
            marks.note(found.phones.holding(END + digits + END, _MOST_PARTS), 0.95, PHONE)

    def _note_contacts(self, term: Spelled, marks: _Marks) -> None:
        emails, phones, plain, digits = self._contents.emails, self._contents.phones, term.plain, term.digits
        if len(plain) >= _LEAST_PART:
            _note_part(marks, emails, plain, (0.35, 0.5, 0.95), EMAIL)
        if len(digits) < _LEAST_DIGITS or not _NUMBER_LIKE.fullmatch(plain.decode().replace(" ", "")):
            return
        _note_part(marks, phones, digits, (0.5, 0.55, 0.95), PHONE)
        national = digits.lstrip(b"0")
        if len(national) >= _WHOLE_DIGITS:
            # of two numbers one may lack the country code, or have the zeros that stand in its place
            known, customers = phones.endings(national[-_WHOLE_DIGITS:], _MOST_PARTS)
            same = [number.endswith(national) or national.endswith(number.lstrip(b"0")) for number in known]
            marks.note(customers[np.array(same, bool)], 0.9, PHONE)

    def _note_keys(self, term: Spelled, marks: _Marks) -> None:
        found, plain = self._contents, term.plain
        for keys, begun, exact, why in (
            (found.records, 0.5, 0.97, RECORD),
            (found.references, 0.55, 0.98, REFERENCE),
            (found.ids, 0.6, 1.0, GOLDEN_ID),
        ):
            if len(plain) >= _LEAST_KEY:
                marks.note(keys.beginning(plain), begun, why)
            marks.note(keys.equal_to(plain), exact, why)


_EXACT, _WHOLE_NAME = 0.8, 0.1


def _note_part(marks: _Marks, texts: Parts, part: bytes, scores: tuple[float, float, float], why: str) -> None:
    """Note who has a text that holds the part, begins with it, or is it."""
    for customers, score in zip(texts.begun_or_whole(part, _MOST_PARTS), scores, strict=True):
        marks.note(customers, score, why)


def _terms(asked: str) -> list[str]:
    """Return the words typed; figures that stand together are one, as in a phone number."""
    terms: list[str] = []
    numbers = False
    for word in asked.replace(",", " ").replace(";", " ").split():
        is_number = _NUMBER_LIKE.fullmatch(word) is not None
        if is_number and numbers:
            terms[-1] += " " + word
        else:
            terms.append(word)
        numbers = is_number
    return terms[:MOST_WORDS]

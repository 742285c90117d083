"""Which country an export's telephone numbers and postal codes are from: by prefixes, names and the shapes of codes."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import phonenumbers

from connectors.propose.header import words_of
from connectors.propose.proposal import LIKELY, UNSURE, Line
from connectors.propose.word_sets import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.propose.evidence import Evidence

_LOOKED_AT = 500
_MOST = 0.5
_LONGEST_CODE = 3
_NAMES = {
    "US": "usa united states united states of america",
    "GB": "uk gbr united kingdom great britain england scotland wales",
    "DE": "deu germany deutschland",
    "FR": "fra france frankreich",
    "ES": "esp spain españa espana spanien",
    "IT": "ita italy italia italien",
    "AT": "aut austria österreich",
    "CH": "che switzerland schweiz suisse",
    "NL": "nld netherlands nederland",
    "BE": "bel belgium belgique belgië",
    "NO": "nor norway norge",
    "SE": "swe sweden sverige",
    "DK": "dnk denmark danmark",
    "AU": "aus australia",
    "CA": "can canada",
}
_SHAPES = (
    ("GB", re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)),
    ("CA", re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE)),
    ("NL", re.compile(r"\d{4} ?[A-Z]{2}", re.IGNORECASE)),
    ("US", re.compile(r"\d{5}-\d{4}")),
)
_LANGUAGES = {
    "DE": "plz postleitzahl strasse hausnummer vorname nachname geburtsdatum bundesland ort",
    "FR": "codepostal prenom nomdefamille rue ville datenaissance datedenaissance courriel",
    "ES": "codigopostal apellido apellidos nombre calle ciudad provincia correo correoelectronico fechanacimiento",
    "IT": "cap cognome indirizzo citta comune provincia datadinascita codicefiscale",
    "NL": "postcode voornaam achternaam straat huisnummer woonplaats geboortedatum",
    "NO": "postnr fornavn etternavn gateadresse poststed fodselsdato",
    "SE": "postnummer fornamn efternamn gatuadress postort fodelsedatum",
    "US": "zip zipcode zip5 ssn",
}
_US_STATES = word_set("""
    al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or
    pa ri sc sd tn tx ut vt va wa wv wi wy dc pr
""")
_AU_STATES = word_set("""
    nsw vic qld wa sa tas act nt
""")
_TOLD_BY_NAMES = 50


def propose_country(every: Iterable[Evidence]) -> Line:
    """Return the country that most speaks for, always unsure: it decides what a number without a prefix means."""
    votes: Counter[str] = Counter()
    for evidence in every:
        attributes = {meaning.attribute for meaning in evidence.meanings}
        votes += _by_language(evidence)
        if "phone" in attributes or evidence.share("marked_phone") > _MOST:
            votes += _by_prefix(evidence)
        if "country" in attributes:
            votes += _by_name(evidence)
        if "postal_code" in attributes:
            votes += _by_shape(evidence)
        if "region" in attributes:
            votes += _by_state(evidence)
    said = "it decides how telephone numbers without a prefix, and postal codes, are read"
    if not votes:
        return Line("country", "US", UNSURE, "", f"nothing tells; {said}")
    best, count = max(votes.items(), key=lambda vote: (vote[1], vote[0]))
    confidence = min(LIKELY, count / sum(votes.values()))
    return Line(
        "country", best, confidence, "", f"guessed from prefixes, postal codes, states and names of columns; {said}"
    )


def _by_prefix(evidence: Evidence) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in evidence.column.filled[:_LOOKED_AT]:
        digits = "".join(character for character in text if character.isdigit() or character == "+")
        if not digits.startswith(("+", "00")):
            continue
        try:
            number = phonenumbers.parse("+" + digits.lstrip("+0"), None)
        except phonenumbers.NumberParseException:
            continue
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
        if region in phonenumbers.SUPPORTED_REGIONS:
            found[region] += 1
    return found


def _by_name(evidence: Evidence) -> Counter[str]:
    names = {name: code for code, words in _NAMES.items() for name in (words, *words.split())}
    found: Counter[str] = Counter()
    for text in evidence.column.filled[:_LOOKED_AT]:
        folded = text.strip().lower()
        code = text.strip().upper() if text.strip().upper() in phonenumbers.SUPPORTED_REGIONS else names.get(folded)
        code = code or next(
            (known for known, words in _NAMES.items() if len(folded) > _LONGEST_CODE and folded in words), None
        )
        if code:
            found[code] += 1
    return found


def _by_shape(evidence: Evidence) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in evidence.column.filled[:_LOOKED_AT]:
        for code, shape in _SHAPES:
            if shape.fullmatch(text.strip()):
                found[code] += 1
    return found


def _by_state(evidence: Evidence) -> Counter[str]:
    texts = [text.strip().lower() for text in evidence.column.filled[:_LOOKED_AT]]
    american, australian = (sum(text in known for text in texts) for known in (_US_STATES, _AU_STATES))
    if max(american, australian) < _MOST * len(texts):
        return Counter()
    return Counter({"AU": australian} if australian > american else {"US": american})


def _by_language(evidence: Evidence) -> Counter[str]:
    word = "".join(words_of(evidence.column.name))
    return Counter({code: _TOLD_BY_NAMES for code, words in _LANGUAGES.items() if word in words.split()})

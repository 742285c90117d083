"""An organisation's name: the core that is compared, without legal form, article and spelling of common words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from matching.attributes.characters import fold, visible
from matching.attributes.dropped import Dropped, dropped_column
from matching.attributes.word_list import phrases_of, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LABEL = "Organisation"

_LEGAL_FORMS = words_of("""
    inc incorporated llc llp lp ltd limited plc corp corporation co company gmbh mbh ag kg kgaa ohg gbr ug ev eg
    sarl sas sa sl srl spa snc bv nv vof oy oyj ab as asa aps a/s pty pvt pllc pc ltda lda kft zrt nyrt doo dd
    sro sp zoo ooo oao pao zao
""")
"""Legal forms, cut off at the end, `Co` and `Company` among them."""
_JOINED_FORMS = re.compile(r"(?<!\w)((?:[a-z]\.\s?){1,4}[a-z]\.?)(?!\w)")
_LEADING = frozenset({"the"})
_WORDS = {
    "and": "&",
    "und": "&",
    "et": "&",
    "centre": "center",
    "ctr": "center",
    "intl": "international",
    "natl": "national",
    "univ": "university",
    "dept": "department",
    "svc": "service",
    "svcs": "services",
    "assn": "association",
    "assoc": "associates",
    "assocs": "associates",
    "mfg": "manufacturing",
    "mgmt": "management",
    "hosp": "hospital",
    "bros": "brothers",
    "govt": "government",
    "tech": "technology",
    "st": "saint",
    "mt": "mount",
    "ft": "fort",
    "elem": "elementary",
    "sch": "school",
    "rest": "restaurant",
}
_FILLERS = words_of("""
    none null nil unknown unk na n/a tbd test private privat self individual personal home house household retired
    unemployed student housewife company unbekannt
""") | phrases_of("""
    self employed
    not applicable
    no company
    not employed
    company name
""")
_NOT_WORD = re.compile(r"[^a-z0-9&]+")


@dataclass(frozen=True, slots=True)
class Organisation:
    """A standardised organisation: `core` is compared, `clean` is fit to publish; `reason` says why neither is used."""

    core: str | None = None
    clean: str | None = None
    reason: str | None = None


@lru_cache(maxsize=1 << 16)
def standardise_organisation(raw: str) -> Organisation:
    """Return the organisation named by `raw`: `The I.B.M. Corp.` gives the core `ibm`; never raises."""
    clean = visible(raw)
    folded = fold(clean)
    if folded.strip(" .-*") in _FILLERS:
        return Organisation(reason="a placeholder")
    joined = _JOINED_FORMS.sub(lambda found: re.sub(r"[.\s]", "", found.group(1)), folded)
    words = _NOT_WORD.sub(" ", joined.replace("'", "").replace("&", " & ").replace("+", " & ")).split()
    words = [_WORDS.get(word, word) for word in words]
    while len(words) > 1 and (words[-1] in _LEGAL_FORMS or words[-1] == "&"):
        words = words[:-1]
    while len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    core = " ".join(words)
    if not any(character.isalnum() for character in core):
        return Organisation(reason="no letters")
    return Organisation(core, clean)


def organisation_table(raws: Sequence[str]) -> pa.Table:
    """Return one row per organisation in `raws`. Columns: raw, organisation, clean_organisation, dropped."""
    found = [standardise_organisation(raw) for raw in raws]
    dropped = [
        (Dropped("organisation", raw, entry.reason),) if entry.reason and raw.strip() else ()
        for raw, entry in zip(raws, found, strict=True)
    ]
    return pa.table(
        {
            "raw": pa.array(raws, pa.string()),
            "organisation": pa.array([entry.core for entry in found], pa.string()),
            "clean_organisation": pa.array([entry.clean for entry in found], pa.string()),
            "dropped": dropped_column(dropped),
        }
    )

"""The phrases with which people close a mail, by language."""

from __future__ import annotations

import re
from functools import lru_cache

_PHRASES = (
    # English
    r"(?:(?:with |my )?(?:best|kind(?:est)?|warm(?:est)?|many|sincere) )?regards|kind(?:est)? wishes",
    r"(?:with )?(?:all )?(?:my |the )?(?:very )?best(?: wishes)?",
    r"(?:many )?thanks(?: again| in advance| so much| a lot| and (?:best |kind )?regards)?",
    r"thank you(?: again| in advance| so much| very much| and (?:best |kind )?regards)?",
    r"thx|tks|ty|cheers|ciao|br|kr|rgds|yours|warmly|take care|with gratitude|love",
    r"(?:yours )?(?:very )?(?:sincerely|truly|faithfully|respectfully|cordially)(?: yours)?",
    # German
    (
        r"(?:mit )?(?:den )?(?:(?:freundliche|viele|liebe|beste|herzliche|sch(?:ö|oe)ne)[nm]?(?: und \w{2,20})? )?"
        r"gr(?:ü|ue)(?:ß|ss)e?n?(?: aus .{2,30})?"
    ),
    r"(?:lieben |sch(?:ö|oe)nen |freundlichen )?gru(?:ß|ss)|mfg|lg|vg|hochachtungsvoll",
    r"(?:vielen |besten |herzlichen )?dank(?: im voraus| und gru(?:ß|ss))?|danke",
    # French
    r"(?:bien |tr[èe]s )?cordialement|bien à (?:vous|toi)|cdlt|cdt|amicalement|respectueusement|amiti[ée]s",
    r"(?:meilleures |sinc[èe]res |cordiales )?salutations(?: distingu[ée]es)?",
    r"merci(?: beaucoup| d['\u2019]avance| bien)?",
    # Spanish and Portuguese
    r"(?:un )?(?:cordial(?:es)? |atentos? )?saludos?(?: cordial(?:es)?)?|atentamente|atte|cordialmente",
    r"(?:muchas |mil )?gracias(?: de antemano)?",
    r"atenciosamente|(?:melhores |com os melhores )?cumprimentos|(?:muito )?obrigad[oa]|abra[çc]os?",
    # Italian
    r"(?:cordiali |distinti |cari |un )?salut[io]|(?:molte |tante )?grazie(?: mille| in anticipo)?|a presto",
    # Dutch
    r"(?:met )?(?:vriendelijke |hartelijke )?groet(?:en|jes)?|mvg|hoogachtend|(?:alvast )?bedankt|dank (?:u|je) wel",
)
_ANY = "|".join(_PHRASES)
_CLOSING = re.compile(rf"\s*(?:{_ANY})\s*[,.!;:\u2013\u2014-]*\s*", re.IGNORECASE)
_CLOSING_AND_REST = re.compile(rf"\s*(?:{_ANY})\s*[,!.:\u2013\u2014-]\s*(?P<rest>\S.*)", re.IGNORECASE)
_LONGEST_LINE = 70


@lru_cache(maxsize=4096)  # people close their mails alike
def is_closing(line: str) -> bool:
    """Whether a line is nothing but a closing phrase ("Kind regards,")."""
    return len(line) <= _LONGEST_LINE and bool(_CLOSING.fullmatch(line))


@lru_cache(maxsize=4096)
def after_closing(line: str) -> str | None:
    """Return what follows a closing phrase on its line ("Thanks, Jane"), or None for a line of another kind."""
    match = _CLOSING_AND_REST.fullmatch(line) if len(line) <= _LONGEST_LINE else None
    return match.group("rest") if match else None

"""The words by which bounces, answering machines, newsletters and tests are known, in the languages of our mailers."""

from __future__ import annotations

import re


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# Beginnings of subjects that nobody writes by hand.
BOUNCE_SUBJECT = _any_of(
    r"undelivered mail returned to sender",
    r"delivery status notification",
    r"mail delivery (?:failed|failure|subsystem|system)",
    r"failure notice\s*$",
    r"returned mail: ",
    r"delivery has failed to these",
    r"nondeliverable mail",
)
# Beginnings that a customer may write too, about a parcel: they need another sign.
PERHAPS_BOUNCE_SUBJECT = _any_of(
    r"undeliverable|undelivered|(?:mail )?delivery fail",
    r"message could not be delivered",
    r"unzustellbar",
    r"non remis|[ée]chec de (?:la )?remise",
    r"no se puede entregar",
    r"non recapitabile|mancato recapito",
    r"onbestelbaar",
    r"n[ãa]o entregue",
)
_AWAY = (
    r"out of (?:the )?office",
    r"auto(?:matic|mated)?[- ]?(?:reply|response)",
    r"on vacation|away from (?:the |my )?office",
    r"abwesenheit(?:snotiz|sagent|smeldung)?|automatische antwort|nicht im b(?:ü|ue)ro",
    r"r[ée]ponse automatique|absence du bureau|absent du bureau",
    r"respuesta autom[áa]tica|fuera de la? oficina",
    r"risposta automatica|fuori (?:sede|ufficio)",
    r"automatisch antwoord|afwezig(?:heid)?",
    r"resposta autom[áa]tica",
)
_AFTER_AWAY = r"\s*(?:$|[:!.,(\[\u2013\u2014-]|(?:until|till|from|re|bis|vom|jusqu|hasta|fino|tot)\b)"
AWAY_SUBJECT = re.compile(rf"(?:{'|'.join(_AWAY)}){_AFTER_AWAY}", re.IGNORECASE)
MACHINE_TEXT = _any_of(
    r"\b(?:automat(?:ed|ic)|(?:automatically|system)[- ]generated) (?:message|e-?mail|notification|reply|response)\b",
    r"\b(?:message|e-?mail|notification) (?:is|was|has been) (?:sent )?(?:automatically|auto-)",
    r"do not (?:reply|respond) to this|please do not reply",
    r"automatisch (?:generierte|erstellte|versendete)|nicht auf diese (?:e-?mail|nachricht)",
    r"message automatique|ne pas r[ée]pondre [àa] ce",
    r"mensaje autom[áa]tico|no responda a este",
    r"messaggio automatico|non rispondere a",
    r"automatisch (?:gegenereerd|bericht)",
)
UNSUBSCRIBE = _any_of(
    r"unsubscribe|view (?:this|it) .{0,20}in your browser",
    r"newsletter abbestellen|abmelden",
    r"d[ée]sabonner|d[ée]sinscri",
    r"darse de baja",
    r"cancella(?:re)? l['\u2019]iscrizione",
    r"afmelden|uitschrijven",
)
NEWSLETTER_LOCAL = _any_of(r"(?:e[-_.]?)?news[-_.]?letters?(?:[-_.+].*)?", r"mailing[-_.]?list", r"mailings?")
BULK_LOCAL = _any_of(r"news|offers?|deals?|promo(?:tion)?s?|marketing|campaigns?|updates?")
NO_REPLY_LOCAL = _any_of(
    # Nobody reads what is sent to these, so a person who "writes" from one was written for by a machine.
    r"(?:no|not|do[-_.]?not|dont|never)[-_.]?(?:reply|respond|answer)(?:[-_.+\d].*)?",
    r"notifications?(?:[-_.+].*)?|notify",
    r"(?:nicht|bitte[-_.]?nicht)[-_.]?antworten|keine[-_.]?antwort",
    r"ne[-_.]?pas[-_.]?r[ée]pondre",
    r"n[ãa]?o[-_.]?(?:responder?|responda)",
    r"non[-_.]?rispondere",
    r"niet[-_.]?beantwoorden",
)
# At a domain of ours these are nobody's own: systems and clerks fill them in for customers who gave no address.
STAND_IN_LOCAL = _any_of(
    r"customers?|clients?|kunden?|cliente|guest|visitor|gast|walk[-_.]?in|buyer|user|default|dummy|placeholder|example",
    r"anonymous|anonym|unknown|unbekannt|nobody|none|null|na|n[-_.]a|no[-_.]?e?[-_.]?mail|no[-_.]?address|no[-_.]?name",
    r"web[-_.]?(?:form|site|shop|store)|(?:contact|kontakt)[-_.]?form(?:ular)?|form(?:ular)?|forms",
)
TEST_LOCAL = _any_of(r"test(?:ing|er)?(?:[-_.+]?(?:user|account|mail|customer|kunde|\d{1,6}))?")
TEST_NAME = _any_of(
    r"(?:e-?mail )?test(?:ing|er)?(?:[ _-]?(?:user|account|mail|e-?mail|customer|person|kunde|test|\d{1,6}))*+"
)
TEST_TEXT = _any_of(
    r"(?:this is |just )?(?:a )?test(?:ing|e?mail)?(?:[ -]?(?:mail|e-?mail|message|nachricht|test|only|\d{1,6}))*+"
)

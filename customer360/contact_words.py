"""The phrases by which customers tell that a contact point or a name is new, or no longer theirs, in four languages.

A phrase (`cue`) is a regular expression that Python and DuckDB (RE2) both read, so that the database picks the few
texts worth reading. Straight apostrophes; case does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Attribute = Literal["address", "phone", "email", "name"]
Told = Literal["new", "no_longer", "forwarded"]


@dataclass(frozen=True, slots=True)
class Telling:
    """One way to tell it: the value stands `after` the cue, `before` it, `inside` it, or is the `sender`'s own.

    `may_ask`: a question tells it too, as "could you change my address to …?" does.
    """

    attribute: Attribute
    told: Told
    cue: str
    place: Literal["after", "before", "inside", "sender"] = "after"
    may_ask: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_I_HAVE = r"\b(?:i|we)(?:'ve| have|'m| am|'re| are)? (?:(?:just|recently|now|finally|since|already) ){0,2}"
_PHONE_KINDS = r"(?:(?:phone|mobile|cell|cellphone|telephone|contact|home|work|office|daytime|landline) ){0,3}"
_PHONE_EN = rf"{_PHONE_KINDS}(?:number|phone|mobile|cell|cellphone|telephone)"
_EMAIL_EN = r"(?:(?:private|personal|work|contact) )?(?:e-?mail|mail)(?: addr?ess)?"
_ADDRESS_EN = r"(?:(?:home|postal|mailing|shipping|delivery|billing|street|contact) )?address"
_NAME_EN = r"(?:(?:last|first|full|family|legal|married|maiden) ?)?(?:sur)?name"
_CHANGED = r"(?:has|have) (?:now |just |recently )?(?:been )?changed to|changed to|is now"
_HENCEFORTH = r"(?:from now on|from today|instead|in (?:the )?future|going forward|henceforth|from here on)"
_NUMBER = r"\+?\(?\d[\d ().-]{6,20}"
_MAILBOX = r"[^\s@<>]{1,64}@[^\s@<>]{3,190}"
_GONE_EN = (
    r"(?:is|are|has been|was|does|will be|will)(?: now)? (?:disconnected|deactivated|out of (?:service|use)"
    r"|(?:no longer|not) (?:valid|in use|in service|active|mine|my|ours|work|working|current|correct|reachable)\b)"
)

_CHANGE = r"\b(?:update|change|correct|set) (?:my|our)"

_CALLED: tuple[tuple[Attribute, str], ...] = (
    ("address", _ADDRESS_EN),
    ("phone", _PHONE_EN),
    ("email", _EMAIL_EN),
    ("name", _NAME_EN),
)

_ENGLISH = (
    *(
        Telling(attribute, "new", cue, may_ask=may_ask)
        for attribute, words in _CALLED
        for cue, may_ask in (
            (rf"{_CHANGE} (?:old )?{words}(?: on file)?(?: from .{{3,80}}?)? (?:to|into)\b", True),
            (rf"\bnew {words} ?:", False),
        )
    ),
    Telling("phone", "new", r"\bthe new (?:one|number|phone number) is\b"),
    Telling("email", "new", r"\bthe new (?:one|e-?mail|e-?mail address|address) is\b"),
    Telling("address", "new", r"\bthe new (?:one|address) is\b"),
    Telling(
        "phone",
        "no_longer",
        rf"\b(?:remove|delete|stop using|(?:do not|don't) use)(?: my| our| the)? old {_PHONE_EN}\b",
    ),
    Telling(
        "email",
        "no_longer",
        rf"\b(?:remove|delete|stop using|(?:do not|don't) use)(?: my| our| the)? old {_EMAIL_EN}\b",
    ),
    Telling("address", "new", rf"{_I_HAVE}(?:moved|relocated|moving)(?: house| home)?(?: from .{{3,80}}?)? to\b"),
    Telling("address", "new", rf"{_I_HAVE}(?:living|live) now at\b|{_I_HAVE}now (?:living|live) at\b"),
    Telling("address", "new", rf"\b(?:my|our) (?:new|updated) {_ADDRESS_EN}\b"),
    Telling("address", "new", rf"\b(?:my|our) {_ADDRESS_EN} (?:{_CHANGED})\b"),
    Telling("phone", "new", rf"\b(?:my|our) (?:new|updated) {_PHONE_EN}\b"),
    Telling("phone", "new", rf"\b(?:my|our) {_PHONE_EN} (?:{_CHANGED})\b"),
    Telling("phone", "new", rf"\b(?:i|we)(?:'ve| have)(?: got)? a new {_PHONE_EN}\b"),
    Telling(
        "phone", "new", rf"\b(?:call|reach|ring|text|phone) (?:me|us) (?:on|at) {_NUMBER},? {_HENCEFORTH}", "inside"
    ),
    Telling("phone", "new", rf"\b{_HENCEFORTH},? (?:please )?(?:call|reach|ring|text|phone) (?:me|us) (?:on|at)\b"),
    Telling("email", "new", rf"\b(?:my|our) (?:new|updated) {_EMAIL_EN}\b"),
    Telling("email", "new", rf"\b(?:my|our) {_EMAIL_EN} (?:{_CHANGED})\b"),
    Telling("email", "new", rf"\b(?:i|we)(?:'ve| have)(?: got)? a new {_EMAIL_EN}\b"),
    Telling(
        "email",
        "new",
        rf"\b(?:use|write to|write (?:to )?(?:me|us) at|(?:contact|reach|e-?mail) (?:me|us) at) {_MAILBOX},?"
        rf" {_HENCEFORTH}",
        "inside",
    ),
    Telling(
        "email",
        "new",
        rf"\b{_HENCEFORTH},? (?:please )?(?:use|write to|write (?:to )?(?:me|us) at"
        r"|(?:contact|reach|e-?mail) (?:me|us) at)"
        rf" {_MAILBOX}",
        "inside",
    ),
    Telling(
        "email",
        "new",
        rf"\b(?:please|kindly) (?:only )?use this (?:new )?{_EMAIL_EN}(?: for (?:me|us|everything))? {_HENCEFORTH}"
        rf"|\b{_HENCEFORTH},? please (?:only )?use this (?:new )?{_EMAIL_EN}",
        "sender",
    ),
    Telling("name", "new", rf"{_I_HAVE}(?:legally |officially )?changed my {_NAME_EN}(?: from .{{2,60}}?)? to\b"),
    Telling("name", "new", rf"\bmy (?:new|married) {_NAME_EN}\b"),
    Telling("name", "new", rf"\bmy {_NAME_EN} (?:{_CHANGED})\b"),
    Telling(
        "email",
        "no_longer",
        rf"{_I_HAVE}no longer (?:use|have|check|read|have access to|reachable (?:at|on|under)|at)\b",
    ),
    Telling("phone", "no_longer", rf"{_I_HAVE}no longer (?:use|have|reachable (?:at|on|under)|on)\b"),
    Telling("address", "no_longer", rf"{_I_HAVE}no longer (?:live at|living at|reside at|at)\b"),
    Telling("email", "no_longer", _GONE_EN, "before"),
    Telling("phone", "no_longer", _GONE_EN, "before"),
    Telling("address", "no_longer", r"\bis no longer (?:my|our) address", "before"),
)

_PHONE_DE = r"(?:(?:telefon|handy|mobil|mobilfunk|ruf|festnetz|privat)?-?nummer|handy|telefon)"
_EMAIL_DE = r"(?:e-?mail|mail)(?:-?adresse)?"
_GONE_DE = r"(?:ist|gilt|geh.{1,2}rt|funktioniert|existiert|stimmt)\b[^.!?]{0,20}\bnicht mehr"
_AB_JETZT = r"(?:ab (?:sofort|jetzt|heute)|k.{1,2}nftig|in zukunft|zuk.{1,2}nftig)"

_GERMAN = (
    Telling("address", "new", r"\bneue (?:post|liefer|rechnungs|wohn)?-?(?:adresse|anschrift) ?:"),
    Telling("phone", "new", rf"\bneues? {_PHONE_DE} ?:"),
    Telling("email", "new", rf"\bneue {_EMAIL_DE} ?:"),
    Telling("address", "new", r"\b(?:ich bin|wir sind) (?:\w+ ){0,2}umgezogen\b(?: (?:nach|in))?"),
    Telling(
        "address",
        "new",
        r"\b(?:ich bin|wir sind) (?:(?:jetzt|nun|gerade|letzte woche) )?(?:nach|in (?:die|den|das)|in|zur|zum)\b",
    ),
    Telling("address", "new", r"\b(?:ich wohne|wir wohnen) (?:jetzt|nun|ab sofort)(?: (?:in der|im|am|in))?\b"),
    Telling("address", "new", r"\b(?:meine|unsere) neue (?:post|liefer|rechnungs|wohn)?-?(?:adresse|anschrift)\b"),
    Telling("address", "new", r"\b(?:meine|unsere) (?:adresse|anschrift) (?:ist|lautet) (?:jetzt|nun|ab sofort)\b"),
    Telling("phone", "new", rf"\b(?:meine|unsere|mein) neues? {_PHONE_DE}\b"),
    Telling("phone", "new", rf"\b(?:meine|unsere) {_PHONE_DE} (?:ist|lautet) (?:jetzt|nun|ab sofort)\b"),
    Telling("email", "new", rf"\b(?:meine|unsere) neue {_EMAIL_DE}"),
    Telling("email", "new", rf"\b(?:meine|unsere) {_EMAIL_DE} (?:ist|lautet) (?:jetzt|nun|ab sofort)\b"),
    Telling("email", "new", rf"\bbitte (?:\w+ ){{0,3}}{_AB_JETZT} (?:nur noch )?(?:an )?{_MAILBOX}", "inside"),
    Telling(
        "email",
        "new",
        rf"\bbitte (?:verwenden|nutzen|benutzen) sie {_AB_JETZT} (?:nur noch )?diese {_EMAIL_DE}",
        "sender",
    ),
    Telling("name", "new", r"\bich hei(?:\S{1,2}|ss)e (?:jetzt|nun|ab sofort|seit \S+ \S+)\b"),
    Telling("name", "new", r"\bmein (?:neuer )?(?:nach|familien|vor)?name (?:ist|lautet) (?:jetzt|nun)\b"),
    Telling("name", "new", r"\bmein neuer (?:nach|familien|vor)?name\b"),
    Telling("email", "no_longer", _GONE_DE, "before"),
    Telling("phone", "no_longer", _GONE_DE, "before"),
)

_EMAIL_FR = r"(?:adresse (?:e-?mail|mail|.lectronique)|e-?mail|mail|courriel)"
_GONE_FR = r"n'(?:est|existe|a|utilise|appartient)[^.!?]{0,12}\bplus\b|ne (?:fonctionne|marche) plus"
_FRENCH = (
    Telling("address", "new", r"\bnouvelle adresse(?: postale)? ?:"),
    Telling("phone", "new", r"\bnouveau num.ro(?: de (?:t.l.phone|portable))? ?:"),
    Telling("email", "new", rf"\bnouve(?:lle|l|au) {_EMAIL_FR} ?:"),
    Telling("address", "new", r"\b(?:j'ai|nous avons) (?:r.cemment )?d.m.nag.(?: (?:au|à|dans))?"),
    Telling("address", "new", r"\bj'habite (?:maintenant|d.sormais)(?: (?:au|.))?"),
    Telling("address", "new", r"\b(?:ma|notre) nouvelle adresse(?: postale)?\b"),
    Telling(
        "phone", "new", r"\b(?:mon|notre) nouveau (?:num.ro(?: de (?:t.l.phone|portable|mobile))?|t.l.phone|portable)"
    ),
    Telling("email", "new", rf"\b(?:ma|mon|notre) nouve(?:lle|l|au) {_EMAIL_FR}"),
    Telling("name", "new", r"\bje m'appelle (?:maintenant|d.sormais)\b"),
    Telling("name", "new", r"\bmon nouveau nom(?: de famille)?\b"),
    Telling("email", "no_longer", _GONE_FR, "before"),
    Telling("phone", "no_longer", _GONE_FR, "before"),
)

_GONE_ES = r"ya no (?:es|est.|existe|funciona|sirve|vale)\b"
_SPANISH = (
    Telling("address", "new", r"\bnueva direcci.n(?: postal)? ?:"),
    Telling("phone", "new", r"\bnuevo (?:n.mero(?: de (?:tel.fono|m.vil|celular))?|tel.fono|m.vil|celular) ?:"),
    Telling("email", "new", r"\bnuevo (?:correo(?: electr.nico)?|e-?mail) ?:"),
    Telling("address", "new", r"\b(?:me he mudado|me mud.|nos hemos mudado|nos mudamos)(?: (?:a|al))?"),
    Telling("address", "new", r"\bahora viv(?:o|imos) en\b"),
    Telling("address", "new", r"\b(?:mi|nuestra) nueva direcci.n(?: postal)?\b"),
    Telling(
        "phone", "new", r"\b(?:mi|nuestro) nuevo (?:n.mero(?: de (?:tel.fono|m.vil|celular))?|tel.fono|m.vil|celular)"
    ),
    Telling("email", "new", r"\b(?:mi|nuestro) nuevo (?:correo(?: electr.nico)?|e-?mail|mail)"),
    Telling("email", "new", r"\b(?:mi|nuestra) nueva direcci.n de (?:correo(?: electr.nico)?|e-?mail)"),
    Telling("name", "new", r"\bahora me llamo\b"),
    Telling("name", "new", r"\bmi nuevo (?:nombre|apellido)\b"),
    Telling("email", "no_longer", _GONE_ES, "before"),
    Telling("phone", "no_longer", _GONE_ES, "before"),
)

TELLINGS = (*_ENGLISH, *_GERMAN, *_FRENCH, *_SPANISH)

BETWEEN = (
    *("is", "are", "now", "will be", "as follows", "the following", "to", "at", "on", "in", "the", "following", "my"),
    *(
        "a",
        "new",
        "apartment",
        "house",
        "place",
        "flat",
        "home",
        "address",
        "number",
        "old",
        "e-mail",
        "email",
        "phone",
    ),
    *("ist", "lautet", "jetzt", "nun", "ab sofort", "folgende", "die", "der", "in", "nach", "wie folgt"),
    *("est", "maintenant", "désormais", "le", "la", "suivante", "suivant", "au", "es", "ahora", "el", "la siguiente"),
)
"""Words that may stand between a cue and the value; any other word means that something else is said."""

STREETS = _words("""
    street st avenue ave av road rd drive dr lane ln boulevard blvd court ct circle cir place pl plaza plz parkway pkwy
    highway hwy way terrace ter trail trl square sq crescent cres close row loop alley crossing mews gardens grove
    rue chemin impasse allée allee quai calle avenida avda paseo carrer plaza camino via viale piazza corso rua
""")
STREET_ENDINGS = _words("straße strasse str weg platz gasse allee ring damm ufer steig laan straat plein gracht")
ADDRESS_ENDS = _words("""
    and but so since from effective as starting where which please because until thanks thank und aber seit ab bitte
    umgezogen gezogen danke et mais depuis merci pero desde gracias
""")
"""Words with which a sentence goes on after an address."""

HYPOTHETICAL = ("if", "si", "unless", "would", "should i", "could i", "wenn", "falls", "würde", "pourrais", "podría")
OURS = ("your", "yours", "ihre", "ihrer", "ihr", "votre", "vos", "su", "sus", "vuestro", "vuestra")
"""Words of whom the value is: what is said of a number of ours is no fact about the customer."""

PARTICLES = frozenset(_words("van von de der den del di da la le dos das du el al bin ibn ter zu"))
TITLES = frozenset(_words("mr mrs ms miss dr mx herr frau prof monsieur madame señor señora sr sra"))
ABBREVIATED = _words("""
    st ave av rd dr ln blvd ct cir pl pkwy hwy ste apt no nr str mt ft tel mr mrs ms prof sr sra avda c n s e w bldg fl
    jr
""")
"""Words, or endings of words, whose full stop does not end a sentence."""

FORWARDING = r"^\s*(?:(?:re|aw)\s*:\s*)*(?:fwd?|wg|tr|rv|rén|enc|i|doorst|vs|vb|pd)\s*:"
"""How the subject of a mail begins that passes another one on."""

PASSED_ON_FROM = "from|von|de|da|van|fra|från|od|lähettäjä|от|від"
"""Labels of the line in a forwarded header that names who wrote the mail."""

SPEAKERS_OF_OURS = (
    r"agent|support|advisor|operator|staff|assistant|bot|system|service|mitarbeiter\w*|berater\w*|conseill\w+|asesor\w*"
    r"|agente"
)
"""How the lines of a chat begin that one of us wrote."""

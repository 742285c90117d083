"""What a source may say of being contacted, in words: the names of its extras, and yes and no in several languages.

Whatever is neither a yes, a no nor one of the ways to say nothing is taken for a no: better one mailing too few.
"""

from __future__ import annotations

from warehouse.connection import quote_literal
from warehouse.tables.care import CHANNELS, PURPOSES

ANY = "any"
"""The channel or purpose that stands for all of them."""
DO_NOT_CONTACT = "do_not_contact"
PREFERRED_CHANNEL = "preferred_channel"

YES = (
    *("yes", "y", "true", "t", "1", "on", "ok", "opt in", "opted in", "optin", "optedin", "in", "granted", "given"),
    *("agreed", "accepted", "allowed", "permitted", "consented", "confirmed", "subscribed", "enabled", "x", "checked"),
    *("ja", "j", "wahr", "erteilt", "zugestimmt", "einverstanden", "erlaubt", "angemeldet", "abonniert", "bestatigt"),
    *("oui", "o", "vrai", "accorde", "accepte", "consenti", "autorise", "abonne", "inscrit", "confirme"),
    *("si", "s", "verdadero", "aceptado", "concedido", "permitido", "autorizado", "suscrito", "confirmado"),
    *("vero", "accettato", "concesso", "consentito", "iscritto", "sim", "aceito", "akkoord", "toegestaan", "tak"),
)
NO = (
    *("no", "n", "false", "f", "0", "off", "opt out", "opted out", "optout", "optedout", "out", "withdrawn", "revoked"),
    *("refused", "denied", "declined", "rejected", "objected", "forbidden", "blocked", "suppressed", "unsubscribed"),
    *("disabled", "unchecked", "not granted", "not given", "not allowed", "never", "none", "complained", "bounced"),
    *("nein", "falsch", "widerrufen", "abgelehnt", "widersprochen", "verweigert", "abgemeldet", "abbestellt"),
    *("gesperrt", "verboten", "nicht erteilt", "non", "faux", "retire", "refuse", "revoque", "interdit", "desabonne"),
    *("desinscrit", "oppose", "falso", "retirado", "rechazado", "revocado", "denegado", "prohibido", "baja"),
    *("dado de baja", "rifiutato", "revocato", "negato", "nao", "recusado", "nee", "geweigerd", "ingetrokken"),
    *("nej", "nei", "nie"),
)
SAYS_NOTHING = (
    *("", "unknown", "not known", "unspecified", "not specified", "not asked", "not set", "undefined", "null", "nil"),
    *("n/a", "na", "n.a.", "-", "?", "unbekannt", "nicht gefragt", "keine angabe", "k.a.", "inconnu", "non renseigne"),
    *("desconocido", "sin especificar", "sconosciuto", "desconhecido", "onbekend"),
)
"""Words without accents, in small letters, with single spaces; hyphens and underscores count as spaces."""

CHANNEL_WORDS = {
    "email": ("email", "e mail", "mail", "courriel", "correo", "correo electronico", "mel"),
    "phone": ("phone", "telephone", "tel", "call", "calls", "telefon", "anruf", "appel", "telefono", "llamada"),
    "post": ("post", "letter", "mail post", "postal", "postal mail", "brief", "courrier", "poste", "correo postal"),
    "sms": ("sms", "text", "text message", "texto"),
    "chat": ("chat", "live chat", "messenger", "whatsapp"),
    "web": ("web", "website", "portal", "online"),
}
"""Channel -> what sources call it."""


def consent_names() -> dict[str, tuple[str, str]]:
    """Return name of an extra -> (purpose, channel): consent_<purpose>_<channel>, consent_<purpose> for any channel."""
    by_channel = {f"consent_{purpose}_{channel}": (purpose, channel) for purpose in PURPOSES for channel in CHANNELS}
    return by_channel | {f"consent_{purpose}": (purpose, ANY) for purpose in PURPOSES}


def word_sql(value: str) -> str:
    """Return SQL for a value as the lists above write words."""
    return f"strip_accents(lower(trim(regexp_replace({value}, '[\\s_-]+', ' ', 'g'))))"


def listed_sql(words: tuple[str, ...]) -> str:
    """Return the words as SQL for the right side of IN."""
    return f"({', '.join(quote_literal(word) for word in sorted(set(words)))})"


def channel_sql(value: str) -> str:
    """Return SQL for the channel that a value names, null where it names none that is known."""
    word = word_sql(value)
    cases = (f"WHEN {word} IN {listed_sql(words)} THEN '{channel}'" for channel, words in CHANNEL_WORDS.items())
    return f"CASE {' '.join(cases)} END"

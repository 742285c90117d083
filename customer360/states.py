"""Says whether an activity is open, closed or cancelled by its status: what the mapping declares, else the word.

A word that is not listed for its kind is no state: better nothing than a guess. What counts as open without a state
is said in one place too, `open_order_sql`.
"""

from __future__ import annotations

from warehouse.connection import quote_literal

STATES = ("open", "closed", "cancelled")

STATELESS_ORDER_DAYS = 30
"""An order whose status says nothing is taken to be open for so many days from when it was placed."""


def _romance(*stems: str) -> tuple[str, ...]:
    """Return French participles (annule) and Spanish ones (cancelad) in both genders, one and many."""
    endings = {"d": ("o", "a", "os", "as"), "t": ("o", "a", "os", "as")}
    return tuple(stem + ending for stem in stems for ending in endings.get(stem[-1], ("", "e", "s", "es")))


_ANYTHING: dict[str, tuple[str, ...]] = {
    "open": (
        *("open", "new", "pending", "in progress", "in process", "processing", "active", "started", "on hold"),
        *("offen", "neu", "ausstehend", "in bearbeitung", "in arbeit", "wartend", "aktiv", "begonnen"),
        *("ouvert", "ouverte", "nouveau", "nouvelle", "en cours", "en attente", "en traitement", "en suspens"),
        *("en curso", "en proceso", "en espera", "nuevo", "nueva", "pendiente", "pendientes", "en tramite"),
        *_romance("abiert"),
    ),
    "closed": (
        *("closed", "done", "complete", "completed", "finished", "resolved", "solved", "fixed"),
        *("geschlossen", "erledigt", "abgeschlossen", "beendet", "fertig", "gelost", "geloest", "behoben"),
        *("clos", "close", "clotur", *_romance("cloture", "ferme", "termine", "resolu", "complete", "acheve")),
        *_romance("cerrad", "terminad", "resuelt", "completad", "finalizad", "solucionad"),
    ),
    "cancelled": (
        *("cancelled", "canceled", "cancellation", "void", "voided", "abandoned", "withdrawn"),
        *("storniert", "storno", "annulliert", "abgebrochen", "zuruckgezogen", "zurueckgezogen"),
        *_romance("annule", "abandonne", "cancelad", "anulad", "abandonad"),
    ),
}
_ORDER: dict[str, tuple[str, ...]] = {
    "open": (
        *("placed", "ordered", "received", "accepted", "confirmed", "paid", "unpaid", "authorized", "authorised"),
        *("awaiting payment", "pending payment", "payment pending", "awaiting shipment", "awaiting fulfillment"),
        *("backorder", "backordered", "back ordered", "preorder", "preordered", "pre order", "pre ordered", "delayed"),
        *("picking", "picked", "packed", "ready", "ready to ship", "ready for pickup", "ready for collection"),
        *("shipped", "shipping", "partially shipped", "dispatched", "sent", "in transit", "on the way", "in delivery"),
        *("out for delivery", "unfulfilled", "partially fulfilled", "partially delivered", "return requested"),
        *("bestellt", "eingegangen", "angenommen", "bestatigt", "bestaetigt", "bezahlt", "unbezahlt", "versandt"),
        *("versendet", "verschickt", "teilweise versandt", "unterwegs", "in zustellung", "auf dem weg", "verpackt"),
        *("versandbereit", "abholbereit", "vorbestellt", "verzogert", "verzoegert", "zahlung ausstehend"),
        *_romance("commande", "recu", "accepte", "confirme", "paye", "expedie", "envoye", "retarde", "prepare"),
        *("en livraison", "en transit", "en preparation", "en route", "prete", "pret"),
        *_romance("pedid", "recibid", "aceptad", "confirmad", "pagad", "enviad", "despachad", "retrasad", "preparad"),
        *("en transito", "en reparto", "en camino", "en preparacion", "list", "listo", "lista"),
    ),
    "closed": (
        *("delivered", "fulfilled", "collected", "picked up", "returned", "refunded", "partially refunded"),
        *("exchanged", "archived"),
        *("geliefert", "zugestellt", "ausgeliefert", "abgeholt", "zuruckgesandt", "zurueckgesandt", "retourniert"),
        *("zuruckgegeben", "zurueckgegeben", "erstattet", "umgetauscht", "archiviert"),
        *_romance("livre", "remis", "retire", "retourne", "renvoye", "rembourse", "echange", "archive", "distribue"),
        *_romance("entregad", "recogid", "devuelt", "reembolsad", "cambiad", "archivad"),
    ),
    "cancelled": (
        *("declined", "rejected", "refused", "failed", "payment failed", "expired"),
        *("abgelehnt", "fehlgeschlagen", "abgelaufen", "verfallen"),
        *_romance("refuse", "rejete", "echoue", "expire", "rechazad", "fallid", "caducad"),
    ),
}
_INVOICE: dict[str, tuple[str, ...]] = {
    "open": (
        *("unpaid", "due", "overdue", "past due", "late", "outstanding", "issued", "sent", "billed", "invoiced"),
        *("partial", "partially paid", "part paid", "disputed", "delinquent", "in collection", "in collections"),
        *("unbezahlt", "fallig", "faellig", "uberfallig", "ueberfaellig", "gestellt", "versandt", "teilbezahlt"),
        *("teilweise bezahlt", "gemahnt", "angemahnt", "in mahnung"),
        *_romance("impaye", "emis", "envoye", "du"),
        *("en retard", "echue", "echu", "non paye", "non payee", "partiellement payee", "a payer"),
        *("no pagado", "no pagada", "impagado", "impagada", "vencido", "vencida", "emitida", "enviada"),
        *("parcialmente pagada", "por pagar"),
    ),
    "closed": (
        *("paid", "paid in full", "settled", "cleared", "refunded", "credited", "written off", "write off"),
        *("bezahlt", "beglichen", "ausgeglichen", "erstattet", "gutgeschrieben", "abgeschrieben"),
        *_romance("paye", "regle", "solde", "acquitte", "rembourse", "credite"),
        *_romance("pagad", "liquidad", "saldad", "cobrad", "reembolsad", "abonad"),
    ),
    "cancelled": ("reversed",),
}
_CASE: dict[str, tuple[str, ...]] = {
    "open": (
        *(
            "opened",
            "reopened",
            "re opened",
            "unresolved",
            "unsolved",
            "assigned",
            "unassigned",
            "escalated",
            "waiting",
        ),
        *("acknowledged", "received", "registered", "triaged", "under review", "in review", "under investigation"),
        *("waiting for customer", "waiting on customer", "awaiting customer", "pending customer", "awaiting reply"),
        *("waiting for support", "waiting for reply", "customer reply", "work in progress", "hold"),
        *("wiedereroffnet", "wiedereroeffnet", "ungelost", "ungeloest", "zugewiesen", "eskaliert", "eingegangen"),
        *("wartet auf kunde", "wartet auf antwort", "in prufung", "in pruefung"),
        *_romance("rouvert", "assigne", "attribue", "escalade", "recu", "non resolu"),
        *_romance("reabiert", "asignad", "escalad", "recibid", "no resuelt"),
        *("en attente du client", "en attente de reponse", "esperando respuesta", "en espera del cliente"),
    ),
    "closed": (),
    "cancelled": ("spam", "duplicate", "rejected", "invalid", "duplikat", "abgelehnt", "doublon", "duplicado"),
}
_WORDS = {
    "order": (_ANYTHING, _ORDER),
    "interaction": (_ANYTHING, _ORDER),  # a shipment is an interaction too
    "invoice": (_ANYTHING, _INVOICE),
    "account": (_ANYTHING, _INVOICE),
    "case": (_ANYTHING, _CASE),
    "message": (_ANYTHING, _CASE),
}
"""Kind -> its words. Of campaigns none: a mail that was "opened" is not open."""


def state_sql(kind: str, status: str, status_class: str | None = None) -> str:
    """Return SQL for 'open', 'closed', 'cancelled' or NULL of an activity.

    `kind`, `status` and `status_class` are SQL expressions; a published status, which is its class where one was
    declared, needs no `status_class`.
    """
    word = f"strip_accents(lower(trim(regexp_replace({status}, '[\\s_.-]+', ' ', 'g'))))"
    by_kind = " ".join(f"WHEN {quote_literal(one)} THEN {_by_word(one, word)}" for one in _WORDS)
    declared = f"{status_class}, " if status_class else ""
    classes = ", ".join(quote_literal(state) for state in STATES)
    return (
        f"CASE WHEN {status} IS NULL AND {status_class or 'NULL'} IS NULL THEN NULL"
        f" ELSE coalesce({declared}CASE WHEN {status} IN ({classes}) THEN {status} END,"
        f" CASE {kind} {by_kind} END) END"
    )


def _by_word(kind: str, word: str) -> str:
    cases = []
    for state in STATES:
        words = sorted({one for listed in _WORDS[kind] for one in listed[state]})
        cases.append(f"WHEN {word} IN ({', '.join(quote_literal(one) for one in words)}) THEN {quote_literal(state)}")
    return f"CASE {' '.join(cases)} END"


def open_order_sql(state: str, at: str, as_of: str) -> str:
    """Return SQL for whether an order is open at `as_of`: by its state, else for the first 30 days."""
    young = f"{at} > {as_of} - INTERVAL {STATELESS_ORDER_DAYS} DAY"
    return f"coalesce({state} = 'open', {young}, false)"

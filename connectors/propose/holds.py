"""What a source's records are: by the words of its file's name, of its key, and by the columns it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.propose.header import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.propose.evidence import Evidence

_WORDS = {
    "order": """
    order orders sale sales purchase purchases shop webshop ecommerce checkout bestellung bestellungen auftrag
    auftraege auftrage commande commandes pedido pedidos ordine ordini bestelling ordre retail transaction
    transactions
""",
    "invoice": """
    invoice invoices rechnung rechnungen facture factures factura facturas fattura fatture factuur bill bills
    receipt receipts faktura belege
""",
    "account": """
    account accounts billing customer customers client clients kunden kunde crm people person persons member members
    user users contact contacts patient patients loyalty subscriber subscribers konto konten clientes clienti
    klanten kunder loyalitaet membership address addresses register stammdaten
""",
    "case": """
    case cases ticket tickets support complaint complaints incident incidents helpdesk 311 claim claims servicedesk
    reklamation reklamationen vorgang vorgaenge reclamation reclamations reclamo tickets zendesk issue request
    requests returns retouren
""",
    "interaction": """
    call calls phone telephone phonelog chat chats web session sessions visit visits log logs click clicks survey
    surveys anrufe anruf telefonate appels llamadas interaction interactions events contactlog
""",
    "campaign": "campaign campaigns mailing mailings newsletter newsletters marketing kampagne kampagnen promotion",
    "inventory": "inventory stock lager lagerbestand bestand inventar inventario warehouse articles products price",
    "known_issue": "known outage outages recall recalls knownissue knownissues defects advisories stoerungen",
}
_BY_COLUMN = {
    "order": ("sku", "quantity", "unit_price"),
    "case": ("subject", "body"),
    "interaction": ("direction", "handled_by", "conversation"),
    "account": ("birth_date",),
}
_FILE, _KEY, _COLUMN = 3, 3, 1
_SURELY = 3
_STEM = 4
"""Letters of a word that others begin with, as `orders` does with `order`; shorter ones have to be met whole."""


def propose_holds(file_words: Iterable[str], key: Sequence[str], evidences: Sequence[Evidence]) -> tuple[str, str, str]:
    """Return what the records are, why, and what is unsure about it."""
    scores = dict.fromkeys(_WORDS, 0)
    for holds, words in _WORDS.items():
        known = set(words.split())
        scores[holds] += _FILE * bool(known.intersection(file_words))
        for name in key:
            scores[holds] += _KEY * any(_is_kind(word, known) for word in words_of(name))
    present = {meaning.attribute for evidence in evidences for meaning in evidence.meanings[:1]}
    for holds, attributes in _BY_COLUMN.items():
        scores[holds] += _COLUMN * len(present.intersection(attributes))
    keyed = {
        meaning.attribute for evidence in evidences if evidence.column.name in key for meaning in evidence.meanings
    }
    if "sku" in keyed and "reference" not in keyed:
        scores["inventory"] += 2 * _KEY
    if "known" in file_words:
        scores["known_issue"] += 2 * _FILE
    best = max(scores, key=lambda holds: scores[holds])
    if scores[best] == 0:
        return "account", "people, and nothing that happened", "nothing says what a record is"
    others = [holds for holds, score in scores.items() if score == scores[best] and holds != best]
    likelier = " or ".join(others) or ("case, order or another" if best == "account" else "account")
    unsure = "" if scores[best] >= _SURELY and not others else f"little tells what a record is; it may be {likelier}"
    return best, "the names of the file, of its key and of its columns", unsure


def _is_kind(word: str, known: set[str]) -> bool:
    return word in known or any(len(kind) >= _STEM and word.startswith(kind.rstrip("s")) for kind in known)

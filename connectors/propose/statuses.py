"""What the values of a status column mean: open, closed or cancelled, by words of several languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.propose.word_sets import word_set

if TYPE_CHECKING:
    from collections.abc import Iterable

OPEN = word_set("""
    new open opened pending active progress processing started created placed confirmed accepted waiting hold onhold
    assigned unassigned reopened draft submitted unpaid overdue partial backordered ordered shipped shipping
    dispatched transit packed picking ready trial current enabled registered awaiting escalated triaged queued
    issued sent neu offen aktiv bearbeitung wartend zurueckgestellt zurückgestellt versendet versandt unterwegs
    bestaetigt bestätigt unbezahlt ueberfaellig überfällig angelegt eingegangen nouveau nouvelle ouvert ouverte
    actif expedie expedié expédié expédiée confirme confirmé impaye impayé nuevo nueva abierto abierta activo activa
    pendiente enviado enviada confirmado impagado nuovo aperto attivo spedito confermato nieuw actief verzonden
    openstaand ny apen åpen aktiv sendt
""")
_PHRASES = frozenset(
    (
        *("in progress", "waiting on customer", "waiting for customer", "on hold", "past due", "partially paid"),
        *("back ordered", "in transit", "out for delivery", "awaiting payment", "in review", "under review"),
        *("in bearbeitung", "en cours", "en attente", "a traiter", "à traiter", "en proceso", "en curso"),
        *(
            "in attesa",
            "in corso",
            "in behandeling",
            "under behandling",
            "email sent",
            "pending customer",
            "partially shipped",
        ),
    )
)
CLOSED = word_set("""
    closed done solved resolved complete completed delivered fulfilled finished paid settled inactive ended archived
    dormant suspended terminated handled answered expired collected received geschlossen erledigt geloest gelöst
    abgeschlossen zugestellt geliefert ausgeliefert bezahlt beglichen inaktiv beendet gekuendigt gekündigt fertig
    ferme fermé fermée clos close resolu résolu termine terminé livre livré livrée paye payé payée inactif solde
    soldé cerrado cerrada resuelto resuelta terminado completado entregado entregada pagado pagada inactivo
    finalizado chiuso risolto completato consegnato pagato inattivo evaso gesloten opgelost afgerond geleverd
    betaald inactief lukket lost løst levert betalt inaktiv
""")
CANCELLED = word_set("""
    cancelled canceled void voided rejected refused declined refunded returned deleted failed aborted withdrawn
    abandoned chargeback reversed duplicate spam invalid storniert abgelehnt retourniert zurueckgeschickt erstattet
    geloescht gelöscht fehlgeschlagen abgebrochen storno annule annulé annulée rembourse remboursé retourne retourné
    refuse refusé cancelado cancelada anulado anulada devuelto devuelta rechazado reembolsado annullato annullata
    rimborsato rifiutato reso geannuleerd geweigerd retour kansellert avbrutt returnert
""")


def sorted_statuses(values: Iterable[str]) -> dict[str, list[str]]:
    """Return the values by what they mean, those that say nothing clear left out."""
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    for value in sorted(values, key=lambda text: (text.lower(), text)):
        folded = " ".join(value.lower().replace("_", " ").replace("-", " ").split())
        meaning = _meaning(folded)
        if meaning and value.lower() not in seen:
            seen.add(value.lower())
            found.setdefault(meaning, []).append(value)
    return {name: found[name] for name in ("open", "closed", "cancelled") if name in found}


def share_of_statuses(values: dict[str, int]) -> float:
    """Return the share of the values, each counted once, whose meaning as a status is known."""
    known = sum(len(words) for words in sorted_statuses(values).values())
    return known / len({value.lower() for value in values}) if values else 0.0


def _meaning(folded: str) -> str:
    if folded in _PHRASES or folded in OPEN:
        return "open"
    return "closed" if folded in CLOSED else "cancelled" if folded in CANCELLED else ""

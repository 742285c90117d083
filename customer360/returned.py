"""Says whether an order was sent back, by the words of its status as delivered."""

from __future__ import annotations

from warehouse.connection import quote_literal

RETURNED = (
    *("returned", "refunded", "return", "returned to sender", "return received", "return completed", "refund issued"),
    *("zuruckgesandt", "zurueckgesandt", "zuruckgeschickt", "zurueckgeschickt", "zuruckgegeben", "zurueckgegeben"),
    *("retourniert", "retoure", "erstattet", "ruckerstattet", "rueckerstattet"),
    *("retourne", "retournee", "renvoye", "renvoyee", "rembourse", "remboursee"),
    *("devuelto", "devuelta", "reembolsado", "reembolsada", "devolucion"),
)
"""Words of a status, without accents, in small letters; hyphens and underscores count as spaces."""


def returned_sql(status: str) -> str:
    """Return SQL for whether a status says that the order was sent back; false where there is none."""
    word = f"strip_accents(lower(trim(regexp_replace({status}, '[\\s_.-]+', ' ', 'g'))))"
    return f"coalesce({word} IN ({', '.join(quote_literal(one) for one in RETURNED)}), false)"

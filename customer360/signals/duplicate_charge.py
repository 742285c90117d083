"""The same was charged twice within two days.

Raised for two invoices of a customer in one source, over the same amount and currency, that are for the same: they have
the same number, or are about the same order, or have the same lines. An invoice without lines of its own has those of
the order that it is about. What two systems tell is one charge told twice, and does not count. Two orders are two
charges only where both are said to be paid, or have the same number: who orders the same again on purpose is no such
case, and an order that is not paid cost nothing.

Not raised for instalments, which their text or lines name as such, nor where one of the two is cancelled, or an amount
equal to it was given back since. Cleared by that, or after 90 days.
"""

from __future__ import annotations

from datetime import timedelta

from customer360.signals.rule import Limits, span
from customer360.signals.wording import plain_sql
from warehouse.connection import quote_literal

NAME = "duplicate_charge"
TITLE = "Charged twice"
SEVERITY = "warning"
LIMITS = Limits(within=timedelta(days=90))

APART = timedelta(hours=48)
"""Who presses a button twice does it at once; a charge made again by a nightly program comes a day later."""

_INSTALMENT = (
    r"\b(instal?lments?|part.?payment|deposit|down.?payment|teilzahlung|ratenzahlung|rate|anzahlung|acompte|mensualite"
    r"|echeance|cuotas?|anticipo|plazos?|(\d+|part) ?(of|/|von|de|sur) ?\d+)\b"
)
_PAID = "('paid', 'charged', 'paid in full', 'bezahlt', 'paye', 'payee', 'pagado', 'pagada')"


def _charges(limits: Limits) -> str:
    """Return the beginning of a query: the charges that count, each with its lines."""
    return f"""
        WITH line AS (
            SELECT activity_id,
                string_agg(concat_ws(' x ', upper(trim(sku)), quantity), '; ' ORDER BY upper(trim(sku)), quantity, line)
                    FILTER (trim(sku) <> '') AS lines,
                string_agg(description, ' . ' ORDER BY line) AS descriptions
            FROM care.item GROUP BY activity_id
        ), charge AS (
            SELECT event.activity_id, golden_id, event.source, kind, "at", upper(trim(reference)) AS number, reference,
                amount, upper(currency) AS currency, about_activity_id,
                coalesce(own.lines, ordered.lines) AS lines, subject, own.descriptions,
                kind = 'invoice' OR strip_accents(lower(trim(told_status))) IN {_PAID} AS is_charged
            FROM event
            LEFT JOIN (SELECT source, source_record_id, status AS told_status FROM landing.live_record)
                USING (source, source_record_id)
            LEFT JOIN line AS own USING (activity_id)
            LEFT JOIN line AS ordered ON ordered.activity_id = about_activity_id
            WHERE kind IN ('invoice', 'order') AND state IS DISTINCT FROM 'cancelled' AND amount > 0
                AND "at" > tonight() - {span(limits.within)} - {span(APART)}
        )"""


def sql(limits: Limits) -> str:
    """Return who seems to have been charged twice, at the later of each two charges."""
    plain = plain_sql("subject", "descriptions")
    return f"""
        {_charges(limits)}, twice AS (
            SELECT later.*, earlier."at" AS first_at, earlier.reference AS first_reference
            FROM charge AS later JOIN charge AS earlier
                ON earlier.golden_id = later.golden_id AND earlier.source = later.source
                AND earlier.amount = later.amount AND earlier.currency IS NOT DISTINCT FROM later.currency
                AND (earlier."at", earlier.activity_id) < (later."at", later.activity_id)
                AND later."at" - earlier."at" <= {span(APART)}
            WHERE later."at" > tonight() - {span(limits.within)} AND (
                earlier.number = later.number OR (earlier.is_charged AND later.is_charged AND (
                    earlier.about_activity_id = later.about_activity_id OR earlier.lines = later.lines
                ))
            )
            QUALIFY row_number() OVER (
                PARTITION BY later.activity_id ORDER BY earlier."at" DESC, earlier.activity_id
            ) = 1
        )
        SELECT golden_id, "at" AS since, activity_id,
            called(kind, NULL, reference) || ' of ' || day_of("at") || ' charges ' || money(amount, currency)
                || ' for the same as ' || called(kind, NULL, first_reference) || ' of ' || day_of(first_at) || '.'
                AS evidence,
            'On ' || day_of("at") || ' you may have been charged ' || money(amount, currency)
                || ' a second time. We are looking into it, and will pay back what was too much.' AS words
        FROM twice ANTI JOIN event AS credit
            ON credit.golden_id = twice.golden_id AND credit.amount = -twice.amount
            AND upper(credit.currency) IS NOT DISTINCT FROM twice.currency AND credit."at" >= first_at
        WHERE NOT coalesce(regexp_matches({plain}, {quote_literal(_INSTALMENT)}), false)
        """

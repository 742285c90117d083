"""Finds what speaks against offering a customer anything tonight: the temporary table `reason_against`.

`reason_against` (golden_id, reasons) has a row for every customer against whom something speaks, its reasons in words,
the gravest first. None of them names anybody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_literal
from warehouse.tables.care import CHANNELS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COMPLAINT = "open_complaint"
"""The signal that speaks against it for the whole household, whatever its severity."""

_IN_WORDS = {
    COMPLAINT: "a complaint is open",
    "known_issue": "a known issue touches an open order",
    "order_late": "an order is late",
    "duplicate_charge": "something may have been charged twice",
    "unanswered_message": "a message waits for an answer",
    "asked_again": "the same was asked more than once",
}
"""What signals of severity warning or urgent mean, in a few words; another one is told by its name."""

_SIGNAL = " ".join(f"WHEN {quote_literal(name)} THEN {quote_literal(words)}" for name, words in _IN_WORDS.items())
_PLACES = ", ".join(map(quote_literal, _IN_WORDS))

_REASON_AGAINST = f"""
    CREATE OR REPLACE TEMP TABLE reason_against AS
    WITH complaining AS (
        SELECT DISTINCT golden_id FROM care.signal WHERE signal = '{COMPLAINT}'
    ), opened AS (
        SELECT golden_id, count(*) AS cases FROM care.activity WHERE kind = 'case' AND state = 'open' GROUP BY golden_id
    ), reason AS (
        SELECT DISTINCT golden_id, coalesce(list_position([{_PLACES}], signal), 50) AS place,
            CASE signal {_SIGNAL} ELSE 'there is something to see to: ' || replace(signal, '_', ' ') END AS reason
        FROM care.signal WHERE severity IN ('warning', 'urgent') OR signal = '{COMPLAINT}'
        UNION ALL
        SELECT DISTINCT mine.golden_id, 51, 'a complaint of the household is open'
        FROM care.household AS mine JOIN care.household AS other USING (household_id)
        SEMI JOIN complaining ON complaining.golden_id = other.golden_id
        WHERE mine.golden_id <> other.golden_id
        UNION ALL
        SELECT golden_id, 52, CASE cases WHEN 1 THEN 'a case is open' ELSE cases || ' cases are open' END
        FROM opened ANTI JOIN complaining USING (golden_id)
        UNION ALL
        SELECT golden_id, 53, reason FROM care.permission
        WHERE purpose = 'marketing' AND channel = 'any' AND NOT allowed
        UNION ALL
        SELECT golden_id, 53, 'said no to marketing messages by every single channel' FROM care.permission
        WHERE purpose = 'marketing' AND NOT allowed GROUP BY golden_id
        HAVING count(*) = {len(CHANNELS) - 1} AND count(*) FILTER (channel = 'any') = 0
    )
    SELECT golden_id, list(reason ORDER BY place, reason) AS reasons FROM reason GROUP BY golden_id
    """


def find_reasons_against(con: DuckDBPyConnection) -> None:
    """Make `reason_against` of tonight's signals, cases, permissions and households."""
    con.execute(_REASON_AGAINST)

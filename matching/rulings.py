"""What stewards said of two records that is neither same nor different, as an explanation tells it.

Reads matching.ruling and matching.standardised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.find_shared import PLACEHOLDER_ATTRIBUTES, compared_as

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "given": "[given]",
    "family": "[family]",
    "email": "emails",
    "phone": "list_transform(phones, lambda phone: right(phone, 7))",
    "identifier": "identifiers",
}
"""Where a record carries what can be a placeholder."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """One ruling that binds: of one record, of both, or of a value that one of them carries; `at` is the day, UTC."""

    decision_id: int
    ruling: str
    records: tuple[str, ...]
    attribute: str | None
    value: str | None
    until: str | None
    by: str
    at: str
    reason: str | None

    def sentence(self) -> str:
        """Return it in words."""
        told = f"{self.by} said on {self.at} that {self._what()}"
        return f"{told}: {self.reason.rstrip('.')}." if self.reason else f"{told}."

    def _what(self) -> str:
        noun = (self.attribute or "value").replace("_", " ")
        if self.ruling == "not_a_customer":
            return f"{self.records[0]} is no customer's record"
        if self.ruling == "household":
            return f"{' and '.join(self.records)} are two people of one household"
        if self.ruling == "placeholder":
            return f"the {noun} {self.value} says nothing about anybody"
        if self.ruling == "pin":
            until = f" until {self.until}" if self.until else ""
            return f"the {noun} of the customer of {self.records[0]} is {self.value}{until}"
        return f"it cannot be told whether {' and '.join(self.records)} are one customer"


def rulings_about(con: DuckDBPyConnection, left: tuple[str, str], right: tuple[str, str]) -> tuple[Ruled, ...]:
    """Return what was said of either record, of both, or of a value that either carries, the earliest first.

    What is said of a value that neither carries, or of a pair that they are not, is left out.
    """
    kept = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'matching' AND table_name = 'ruling'"
    if not con.execute(kept).fetchall():
        return ()  # a release of a version that had none
    one, other = sorted((left, right))
    rows = con.execute(_RULED_SQL, [*one, *other]).fetchall()
    carried = {(attribute, value) for attribute, value in con.execute(_CARRIED_SQL, [*one, *other]).fetchall()}
    return tuple(
        Ruled(number, ruling, tuple(records), attribute, value, until, by, at, reason)
        for number, ruling, records, attribute, value, until, by, at, reason in rows
        if ruling != "placeholder" or _compared(attribute, value) in carried
    )


def _compared(key: str, value: str) -> tuple[str, str]:
    attribute = PLACEHOLDER_ATTRIBUTES.get(key, key)
    return attribute, compared_as(attribute, value)


_RULED_SQL = """
SELECT decision_id, ruling,
    list_filter([source_l || ':' || source_record_id_l, source_r || ':' || source_record_id_r],
        lambda record: record IS NOT NULL),
    attribute, value, strftime(until, '%Y-%m-%d'), decided_by, strftime(decided_at, '%Y-%m-%d'), reason
FROM matching.ruling
WHERE CASE
        WHEN ruling = 'placeholder' THEN true
        WHEN source_r IS NULL THEN (source_l, source_record_id_l) IN (($1, $2), ($3, $4))
        ELSE source_l = $1 AND source_record_id_l = $2 AND source_r = $3 AND source_record_id_r = $4
    END
ORDER BY decision_id
"""

_CARRIED_SQL = "\nUNION\n".join(
    f"SELECT '{attribute}', unnest({column}) FROM matching.standardised"
    " WHERE (source, source_record_id) IN (($1, $2), ($3, $4))"
    for attribute, column in _COLUMNS.items()
)

"""Tells which records of the customers concerned changed or went, by source, and which of their attributes.

Reads the temporary table `concerned` (golden_id of the base, source, source_record_id), landing.live_record,
matching.standardised and yesterday.matching.standardised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.cause import Cause, noun

if TYPE_CHECKING:
    from quality.cause import Candidate

_SOURCES_TOLD = 3
_ATTRIBUTES_TOLD = 3
_COMPARED = {
    "name": ("given", "family"),
    "organisation": ("organisation",),
    "birth_date": ("birth_date",),
    "email": ("emails",),
    "phone": ("phones",),
    "address": ("street_number", "street", "unit", "postal_code"),
    "identifier": ("identifiers",),
}
"""The columns that say an attribute."""
_TOUCHED = """
    FROM concerned AS c LEFT JOIN landing.live_record AS live USING (source, source_record_id)
    WHERE live.run_id IS NULL OR live.run_id = $run"""


def record_causes(candidate: Candidate, concerned: str, **parameters: object) -> tuple[tuple[Cause, ...], int, int]:
    """Return the causes in records, the customers without a record that changed, and all customers concerned.

    `concerned` is a query of records of the base: golden_id, source, source_record_id.
    """
    candidate.rows(f"CREATE OR REPLACE TEMP TABLE concerned AS {concerned}", **parameters)
    total = candidate.count("SELECT count(DISTINCT golden_id) FROM concerned")
    untouched = total - candidate.count(f"SELECT count(DISTINCT c.golden_id) {_TOUCHED}")
    found = candidate.rows(f"""
        SELECT c.source, live.run_id IS NULL AS gone, count(DISTINCT c.golden_id) AS affected {_TOUCHED}
        GROUP BY ALL ORDER BY affected DESC, c.source, gone LIMIT {_SOURCES_TOLD}""")
    causes = tuple(_cause(candidate, *row) for row in found)
    candidate.con.execute("DROP TABLE temp.concerned")
    return causes, untouched, total


def _cause(candidate: Candidate, source: str, gone: bool, affected: int) -> Cause:  # noqa: FBT001 - a row
    if gone:
        told = f"in {affected:,} of these customers records of {candidate.place(source)} are gone"
        return Cause(told, affected=affected, **candidate.of(source))
    changed = _changed_attributes(candidate, source)
    other = f", with other {', '.join(noun(attribute, 2) for attribute in changed)}" if changed else ""
    told = f"in {affected:,} of these customers records of {candidate.place(source)} changed{other}"
    attribute = changed[0] if changed else ""
    keys = f"look whether {source} still gives each record the key it had" if len(changed) == _ATTRIBUTES_TOLD else ""
    return Cause(told, keys, affected, attribute=attribute, **candidate.of(source))


def _changed_attributes(candidate: Candidate, source: str) -> list[str]:
    """Return the attributes that the source's changed records say otherwise than before, the commonest first."""
    counts = ", ".join(
        f"count(*) FILTER ({' OR '.join(f't.{column} IS DISTINCT FROM y.{column}' for column in columns)})"
        for columns in _COMPARED.values()
    )
    found = candidate.rows(
        f"""SELECT {counts} FROM concerned AS c
        JOIN landing.live_record AS live USING (source, source_record_id)
        JOIN matching.standardised AS t ON t.source = c.source AND t.source_record_id = c.source_record_id
        JOIN yesterday.matching.standardised AS y ON y.source = c.source AND y.source_record_id = c.source_record_id
        WHERE c.source = $source AND live.run_id = $run""",
        source=source,
    )[0]
    ranked = sorted(zip(found, _COMPARED, strict=True), key=lambda entry: -entry[0])
    return [attribute for changed, attribute in ranked[:_ATTRIBUTES_TOLD] if changed]

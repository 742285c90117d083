"""Finds what made customers one: which value, of which source's delivery, met by which blocking rule.

Reads golden.crosswalk, landing.live_record, matching.member, matching.distinct_record, matching.pair, and of the base
base.crosswalk, yesterday.matching.member and yesterday.matching.distinct_record. A value counts where records of
several parties of one customer carry it tonight and at least one of them did not before; a party is a customer of the
base, or the records that are new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quality.cause import Cause, noun, placeholder_advice, shown
from quality.record_causes import record_causes
from quality.version_causes import version_causes

if TYPE_CHECKING:
    from quality.cause import Candidate

_VALUES_TOLD = 3
_KINDS_TOLD = 2
_TEMPORARY = ("joined_record", "joined_value", "tied_value")


def values_sql(schema: str) -> str:
    """Return the query of what identifies: distinct_record_id, attribute, value, of a schema's distinct records."""
    records = f"FROM {schema}.distinct_record"
    return f"""
        SELECT distinct_record_id, 'name' AS attribute, concat_ws(' ', given, family) AS value {records}
        WHERE length(given) > 1 AND family IS NOT NULL
        UNION ALL SELECT distinct_record_id, 'organisation', organisation {records} WHERE organisation IS NOT NULL
        UNION ALL SELECT distinct_record_id, 'birth_date', birth_date::VARCHAR {records} WHERE birth_date IS NOT NULL
        UNION ALL SELECT distinct_record_id, 'email', unnest(emails) {records}
        UNION ALL SELECT distinct_record_id, 'phone', unnest(phones) {records}
        UNION ALL SELECT distinct_record_id, 'identifier', unnest(identifiers) {records}
        UNION ALL SELECT distinct_record_id, 'address', concat_ws(' ', street_number, street, unit, postal_code)
        {records} WHERE street IS NOT NULL"""


def merge_causes(candidate: Candidate, golden_id: str = "") -> tuple[Cause, ...]:
    """Return what joined customers of the base tonight, the widest cause first; only within `golden_id` if given."""
    _gather(candidate, golden_id)
    values = _named_values(candidate)
    causes = [*values, *_kinds_of_value(candidate, {cause.attribute for cause in values})] or _changes(candidate)
    customers = candidate.count("SELECT count(DISTINCT base_id) FROM joined_record")
    untouched = candidate.count(
        "SELECT count(DISTINCT base_id) FROM joined_record WHERE golden_id NOT IN"
        " (SELECT golden_id FROM joined_record WHERE fresh)"
    )
    for table in _TEMPORARY:
        candidate.con.execute(f"DROP TABLE temp.{table}")
    versions = version_causes(candidate, untouched, is_explained=len(causes) > 0)
    return (*versions, *causes) if 2 * untouched > customers else (*causes, *versions)


def _gather(candidate: Candidate, golden_id: str) -> None:
    """Make the temporary tables: the records of joined customers, what they say, and which of it ties them anew."""
    within = "g.golden_id = $golden_id" if golden_id else "true"
    candidate.rows(
        f"""CREATE OR REPLACE TEMP TABLE joined_record AS
        WITH joined AS (
            SELECT g.golden_id FROM golden.crosswalk AS g JOIN base.crosswalk AS b USING (source, source_record_id)
            WHERE {within} GROUP BY g.golden_id HAVING count(DISTINCT b.golden_id) > 1
        )
        SELECT g.golden_id, b.golden_id AS base_id, g.source, m.distinct_record_id, live.run_id = $run AS fresh
        FROM golden.crosswalk AS g SEMI JOIN joined ON joined.golden_id = g.golden_id
        JOIN landing.live_record AS live ON live.source = g.source AND live.source_record_id = g.source_record_id
        JOIN matching.member AS m ON m.source = g.source AND m.source_record_id = g.source_record_id
        LEFT JOIN base.crosswalk AS b ON b.source = g.source AND b.source_record_id = g.source_record_id""",
        golden_id=golden_id,
    )
    candidate.rows(
        f"""CREATE OR REPLACE TEMP TABLE joined_value AS
        SELECT r.*, v.attribute, v.value FROM joined_record AS r
        JOIN ({values_sql("matching")}) AS v USING (distinct_record_id)"""
    )
    candidate.rows(
        f"""CREATE OR REPLACE TEMP TABLE tied_value AS
        WITH before AS (
            SELECT DISTINCT b.golden_id AS base_id, v.attribute, v.value
            FROM base.crosswalk AS b SEMI JOIN joined_record AS r ON r.base_id = b.golden_id
            JOIN yesterday.matching.member AS m
                ON m.source = b.source AND m.source_record_id = b.source_record_id
            JOIN ({values_sql("yesterday.matching")}) AS v ON v.distinct_record_id = m.distinct_record_id
        ), carried AS (
            SELECT golden_id, attribute, value, base_id, bool_or(fresh) AS fresh FROM joined_value GROUP BY ALL
        )
        SELECT c.golden_id, c.attribute, c.value, c.base_id FROM carried AS c
        LEFT JOIN before AS b ON b.base_id = c.base_id AND b.attribute = c.attribute AND b.value = c.value
        QUALIFY count(*) OVER (PARTITION BY c.golden_id, c.attribute, c.value) > 1
            AND bool_or(c.base_id IS NULL OR b.base_id IS NULL AND (c.fresh OR $knows))
                OVER (PARTITION BY c.golden_id, c.attribute, c.value)""",
        knows=candidate.count("SELECT count(*) FROM yesterday.matching.member") > 0,
    )


_WIDEST = """
    WITH tied AS (
        SELECT attribute, value, count(DISTINCT base_id) AS customers FROM tied_value GROUP BY ALL
    ), bearer AS (
        SELECT attribute, value, source, count(*) AS records FROM joined_value WHERE fresh
        GROUP BY attribute, value, source
        QUALIFY row_number() OVER (PARTITION BY attribute, value ORDER BY count(*) DESC, source) = 1
    )
    SELECT attribute, value, customers, coalesce(source, ''), coalesce(records, 0)
    FROM tied LEFT JOIN bearer USING (attribute, value)
    WHERE customers >= greatest($at_least, 2)
    ORDER BY customers DESC, attribute, value LIMIT $most"""
_KINDS = """
    WITH tied AS (
        SELECT attribute, count(DISTINCT value) AS "values", count(DISTINCT base_id) AS customers
        FROM tied_value GROUP BY attribute
    ), bearer AS (
        SELECT attribute, source FROM joined_value SEMI JOIN tied_value USING (golden_id, attribute, value)
        WHERE fresh GROUP BY attribute, source
        QUALIFY row_number() OVER (PARTITION BY attribute ORDER BY count(*) DESC, source) = 1
    )
    SELECT attribute, "values", customers, coalesce(source, '') FROM tied LEFT JOIN bearer USING (attribute)
    WHERE customers > 0 AND attribute NOT IN (SELECT unnest($named::VARCHAR[]))
    ORDER BY customers DESC, attribute LIMIT $most"""
_MET_BY = """
    SELECT p.match_key FROM matching.pair AS p
    SEMI JOIN (FROM joined_value WHERE attribute = $attribute AND value = $value) AS l
        ON l.distinct_record_id = p.distinct_record_id_l
    SEMI JOIN (FROM joined_value WHERE attribute = $attribute AND value = $value) AS r
        ON r.distinct_record_id = p.distinct_record_id_r
    GROUP BY p.match_key ORDER BY count(*) DESC, p.match_key LIMIT 1"""


def _named_values(candidate: Candidate) -> list[Cause]:
    """Return the single values that join so many customers that they may be named."""
    causes = []
    for attribute, value, customers, source, records in candidate.rows(_WIDEST, most=_VALUES_TOLD):
        met_by = next((key for (key,) in candidate.rows(_MET_BY, attribute=attribute, value=value)), "")
        origin = f" in {records:,} new or changed records of {candidate.place(source)}" if source else ""
        rule = f" (blocking rule {met_by})" if met_by else ""
        causes.append(
            Cause(
                f"{noun(attribute)} {shown(value)}{origin} joins {customers:,} customers{rule}",
                placeholder_advice(attribute, value),
                customers,
                attribute=attribute,
                value=value,
                match_key=met_by,
                **candidate.of(source),
            )
        )
    return causes


def _changes(candidate: Candidate) -> list[Cause]:
    """Return which records changed where no value ties anew: what held the customers apart is no longer said."""
    records = """
        SELECT b.golden_id, b.source, b.source_record_id FROM base.crosswalk AS b
        SEMI JOIN joined_record AS r ON r.base_id = b.golden_id"""
    return list(record_causes(candidate, records)[0])


def _kinds_of_value(candidate: Candidate, attributes: set[str]) -> list[Cause]:
    """Return how many values of the other attributes join customers; too few carry any one of them to name it."""
    return [
        Cause(
            f"{values:,} {noun(attribute, values)}"
            + (f" in new or changed records of {candidate.place(source)}" if source else "")
            + f" {'ties' if values == 1 else 'tie'} {customers:,} customers to others",
            affected=customers,
            attribute=attribute,
            **candidate.of(source),
        )
        for attribute, values, customers, source in candidate.rows(_KINDS, named=sorted(attributes), most=_KINDS_TOLD)
    ]

"""The rules of the gate about values: a column that suddenly says one thing for everybody, or nothing any more.

Reads landing.live_record, matching.standardised, matching.dropped_value, matching.shared_value, base.crosswalk, and
yesterday.matching.standardised and yesterday.matching.dropped_value. A source's new and changed records are compared
with what its records said before: a source or an attribute that was not there before is held by neither rule.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from quality.cause import Cause, noun, placeholder_advice, shown
from quality.verdict import Share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quality.cause import Candidate

    Judged = tuple[Share, Callable[[], tuple[Cause, ...]]]

_COLUMNS = {
    "given_name": "CASE WHEN length(given) > 1 THEN [given] END",
    "family_name": "CASE WHEN length(family) > 1 THEN [family] END",
    "birth_date": "[birth_date::VARCHAR]",
    "email": "emails",
    "phone": "list_transform(phones, lambda phone: right(phone, 7))",
    "street": "CASE WHEN street IS NOT NULL THEN [concat_ws(' ', street_number, street)] END",
}
"""What is looked at for one value: that which says who somebody is, and that which says how to reach them."""
_DROPPED = """
    CASE WHEN attribute = 'phone' AND length(regexp_replace(value, '[^0-9]', '', 'g')) > 0
        THEN right(regexp_replace(value, '[^0-9]', '', 'g'), 7) ELSE lower(trim(value)) END"""


def said_sql(schema: str, records: str) -> str:
    """Return the query of what records of a schema say: source, source_record_id, attribute, value.

    `records` is a query of the records. What is not used as evidence is said all the same.
    """
    of_columns = " UNION ALL ".join(
        f"SELECT source, source_record_id, '{attribute}' AS attribute, unnest({column}) AS value FROM s"
        for attribute, column in _COLUMNS.items()
    )
    return f"""
        WITH wanted AS ({records}),
        s AS (FROM {schema}.standardised SEMI JOIN wanted USING (source, source_record_id))
        SELECT source, source_record_id, attribute, value FROM ({of_columns}) WHERE value IS NOT NULL
        UNION
        SELECT source, source_record_id, attribute, {_DROPPED}
        FROM {schema}.dropped_value SEMI JOIN wanted USING (source, source_record_id)
        WHERE attribute IN ({", ".join(f"'{attribute}'" for attribute in _COLUMNS)})"""


_FRESH = "SELECT source, source_record_id FROM landing.live_record WHERE run_id = $run"
_COMPARED = """
    SELECT source, count(*) FROM landing.live_record
    WHERE run_id = $run AND source IN (SELECT source FROM base.crosswalk) GROUP BY source ORDER BY source"""
"""Per source that was there before: its new and changed records."""
_BEARER = """
    coalesce(b.golden_id, concat_ws(chr(31), CASE WHEN c.attribute <> 'given_name' THEN t.given END,
        CASE WHEN c.attribute <> 'family_name' THEN t.family END,
        CASE WHEN c.attribute <> 'birth_date' THEN t.birth_date::VARCHAR END,
        CASE WHEN c.attribute <> 'email' THEN t.email END, CASE WHEN c.attribute <> 'phone' THEN t.phone END))"""
"""Who a record is of: a customer of the base, else whoever all but the value in question says."""
_COMMON = f"""
    WITH counted AS (
        SELECT source, attribute, value, count(*) AS records FROM said_tonight GROUP BY ALL
    ), carried AS (
        SELECT source, attribute, count(DISTINCT source_record_id) AS records FROM said_tonight GROUP BY ALL
    ), common AS (
        SELECT c.source, c.attribute, c.value, c.records, a.records AS of_records
        FROM counted AS c JOIN carried AS a USING (source, attribute)
        ANTI JOIN (FROM matching.shared_value WHERE reason IN ('configured', 'decision')) AS p
            ON p.value = c.value AND p.attribute = replace(c.attribute, '_name', '')
        WHERE c.records >= greatest($at_least, 2) AND c.records > $allowed * a.records
    )
    SELECT c.source, c.attribute, c.value, c.records, c.of_records, count(DISTINCT {_BEARER}) AS bearers
    FROM common AS c JOIN said_tonight AS s USING (source, attribute, value)
    JOIN matching.standardised AS t USING (source, source_record_id)
    LEFT JOIN base.crosswalk AS b USING (source, source_record_id)
    GROUP BY ALL HAVING bearers >= greatest($at_least, 2)
    ORDER BY c.source, c.attribute, c.value"""
"""Values that more of a source's new and changed records say than is allowed, of many bearers."""
_OF_SOURCE = "SELECT source, source_record_id FROM base.crosswalk WHERE source = $source"
_BEFORE = f"""
    WITH said AS ({said_sql("yesterday.matching", _OF_SOURCE)})
    SELECT count(DISTINCT source_record_id) FILTER (value = $value), count(DISTINCT source_record_id)
    FROM said WHERE attribute = $attribute"""


_HAS = {
    "given_name": "{0}.given IS NOT NULL",
    "family_name": "{0}.family IS NOT NULL",
    "birth_date": "{0}.birth_date IS NOT NULL",
    "email": "len({0}.emails) > 0",
    "phone": "len({0}.phones) > 0",
    "street": "{0}.street IS NOT NULL",
}
_HAD = ", ".join(f"count(*) FILTER ({has.format('y')})" for has in _HAS.values())
_LOST = ", ".join(
    f"count(*) FILTER ({has.format('y')} AND NOT coalesce({has.format('t')}, false))" for has in _HAS.values()
)
_EMPTIED = f"""
    SELECT y.source, [{_LOST}] AS lost FROM yesterday.matching.standardised AS y
    JOIN landing.live_record AS live ON live.source = y.source AND live.source_record_id = y.source_record_id
        AND live.run_id = $run
    LEFT JOIN matching.standardised AS t ON t.source = y.source AND t.source_record_id = y.source_record_id
    GROUP BY y.source ORDER BY y.source"""
"""Per source: of each attribute, how many changed records had it and have it no more."""


def one_value(candidate: Candidate) -> Iterator[Judged]:
    """Judge, per source, whether one value suddenly stands where there were many."""
    if candidate.run.base is None:
        return
    candidate.rows(f"CREATE OR REPLACE TEMP TABLE said_tonight AS {said_sql('matching', _FRESH)}")
    found = _common_values(candidate)
    for source, records in candidate.rows(_COMPARED):
        holding = [one for one in found.get(source, []) if one[0].holds(candidate.at_least)]
        if holding:
            holding.sort(key=lambda one: -one[0].found)
            yield holding[0][0], partial(tuple, [cause for _, cause in holding])
        else:
            yield _share_of_value(source, "", 0, records, candidate.settings.gate.max_one_value, 0.0), tuple
    candidate.con.execute("DROP TABLE temp.said_tonight")


def _common_values(candidate: Candidate) -> dict[str, list[tuple[Share, Cause]]]:
    """Return by source what its new and changed records commonly say, against what its records said before."""
    allowed = candidate.settings.gate.max_one_value
    found: dict[str, list[tuple[Share, Cause]]] = {}
    for source, attribute, value, records, of_records, bearers in candidate.rows(_COMMON, allowed=allowed):
        had, base = candidate.rows(_BEFORE, source=source, attribute=attribute, value=value)[0]
        if base < max(candidate.at_least, 1):  # nothing to compare with: the attribute is newly mapped, or rare
            continue
        cause = Cause(
            f"{noun(attribute)} {shown(value)} in {records:,} new or changed records of {candidate.place(source)},"
            f" of {bearers:,} customers; before, {had:,} of {base:,} records said it",
            placeholder_advice(attribute, value),
            bearers,
            attribute=attribute,
            value=value,
            **candidate.of(source),
        )
        share = _share_of_value(source, attribute, records, of_records, allowed, had / base)
        found.setdefault(source, []).append((share, cause))
    return found


def _share_of_value(source: str, attribute: str, records: int, of_records: int, allowed: float, before: float) -> Share:
    return Share(
        "max_one_value",
        source,
        records,
        of_records,
        allowed,
        f"new or changed records that say {noun(attribute, 2)}" if attribute else "new or changed records",
        "say one and the same",
        f"look at the column of {source} that is mapped to {noun(attribute)}, mend the export, and run again",
        before,
    )


def emptied_values(candidate: Candidate) -> Iterator[Judged]:
    """Judge, per source, whether an attribute that its records had is gone from them."""
    if candidate.run.base is None:
        return
    lost = dict(candidate.rows(_EMPTIED))
    for source, *had in candidate.rows(
        f"SELECT y.source, {_HAD} FROM yesterday.matching.standardised AS y GROUP BY ALL ORDER BY y.source"
    ):
        counts = zip(lost.get(source, [0] * len(_HAS)), had, _HAS, strict=True)
        gone, records, attribute = max(counts, key=lambda one: (one[0] / max(one[1], 1), one[2]))
        yield (
            Share(
                "max_emptied_values",
                source,
                gone,
                records,
                candidate.settings.gate.max_emptied_values,
                f"records that had {noun(attribute, 2)}",
                "have none any more",
                f"look at the column of {source} that is mapped to {noun(attribute)}, mend the export, and run again",
            ),
            partial(_causes_of_emptying, candidate, source, attribute, gone),
        )


def _causes_of_emptying(candidate: Candidate, source: str, attribute: str, gone: int) -> tuple[Cause, ...]:
    told = f"{gone:,} records of {candidate.place(source)} came without {noun(attribute, 2)}"
    return (Cause(told, affected=gone, attribute=attribute, **candidate.of(source)),)

"""Says in words what happened tonight to a source record: new, back, changed and in what, deleted and why.

Reads landing.live_record, landing.lineage, landing.source_record, landing.delivery, golden.excluded_record,
base.crosswalk, base.excluded_record and what golden.same_records found. Keeps this: the words name attributes, never
values, runs or clocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.same_records import IDENTITY
from warehouse.connection import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run

READS = (
    "landing.live_record",
    "landing.lineage",
    "landing.source_record",
    "landing.delivery",
    "golden.excluded_record",
    "base.crosswalk",
    "base.excluded_record",
)

COMPARED = {
    **dict.fromkeys(IDENTITY),
    "emails": "email",
    "phones": "phone",
    "addresses": "address",
    "extras": "extra",
    "signature_name": "signature",
    "signature_phones": "signature",
    "signature_addresses": "signature",
    "excluded_reason": "whether it is a customer's",
    "links": None,
    "reference": None,
    "about": None,
    "quoted_references": "references",
    "at": None,
    "status": None,
    "amount": None,
    "items": None,
    "updated_at": None,
    "trust": None,
    "holds": None,
}
"""The columns whose change is told, and what they are called where that is not the column's name."""
_MOST = 3
"""So many changed attributes are named; of more the first ones, and the others are counted."""
_GOES_WITHOUT_SAYING = "updated at"
"""What changes with everything else is told only where nothing else does."""

_DIFFERING = ", ".join(
    f"CASE WHEN tonight.{quote_identifier(column)} IS DISTINCT FROM before.{quote_identifier(column)}"
    f" THEN {quote_literal((name or column).replace('_', ' '))} END"
    for column, name in COMPARED.items()
)
_KNOWN = """
    CREATE OR REPLACE TEMP TABLE known_before AS
    SELECT source, source_record_id FROM base.crosswalk
    UNION ALL
    SELECT source, source_record_id FROM base.excluded_record
    """
_CHANGED = f"""
    CREATE OR REPLACE TEMP TABLE changed_record AS
    WITH tonight AS (
        SELECT * FROM landing.live_record AS record SEMI JOIN known_before USING (source, source_record_id)
        WHERE run_id = $run_id
    ), newest AS (
        SELECT source, source_record_id, arg_min(version.run_id, lineage.position) AS run_id
        FROM landing.source_record AS version
        JOIN landing.lineage AS lineage USING (run_id)
        SEMI JOIN tonight USING (source, source_record_id)
        WHERE lineage.position > 0
        GROUP BY ALL
    ), before AS (
        SELECT * FROM landing.source_record SEMI JOIN newest USING (source, source_record_id, run_id)
    )
    SELECT tonight.source, tonight.source_record_id,
        tonight.record_hash = before.record_hash AND tonight.mapping_hash <> before.mapping_hash AS read_anew,
        list_sort(list_distinct(list_filter([{_DIFFERING}], lambda name: name IS NOT NULL))) AS all_names,
        CASE WHEN len(all_names) > 1
            THEN list_filter(all_names, lambda name: name <> '{_GOES_WITHOUT_SAYING}') ELSE all_names END AS names
    FROM tonight LEFT JOIN before USING (source, source_record_id)
    """
_GONE = """
    CREATE OR REPLACE TEMP TABLE deleted_record AS
    SELECT gone.source, gone.source_record_id,
        CASE
            WHEN successor.source IS NOT NULL
                THEN concat('deleted, and delivered as ', successor.source, ':', successor.source_record_id)
            WHEN delivery.outcome = 'withdrawn' THEN concat('deleted: ', gone.source, ' is no source any more')
            WHEN tombstone.path IS NOT NULL THEN 'deleted: marked as deleted'
            WHEN tombstone.source IS NOT NULL THEN 'deleted: gone from its export'
            ELSE 'deleted'
        END AS what
    FROM known_before AS gone
    ANTI JOIN landing.live_record AS live USING (source, source_record_id)
    LEFT JOIN (SELECT * FROM landing.source_record WHERE run_id = $run_id AND deleted) AS tombstone
        USING (source, source_record_id)
    LEFT JOIN landing.delivery AS delivery ON delivery.delivery_id = tombstone.delivery_id
    LEFT JOIN renamed AS successor
        ON successor.former_source = gone.source AND successor.former_record_id = gone.source_record_id
    """
_TOUCHED = f"""
    CREATE OR REPLACE TEMP TABLE touched AS
    SELECT record.source, record.source_record_id,
        CASE
            WHEN excluded.source IS NOT NULL THEN 'excluded: ' || excluded.reason
            WHEN renamed.source IS NOT NULL
                THEN concat('new, in place of ', renamed.former_source, ':', renamed.former_record_id)
            WHEN returned.unchanged THEN 'back as it was'
            WHEN returned.source IS NOT NULL THEN 'back, and says something else'
            WHEN known.source IS NULL THEN 'new'
            WHEN changed.read_anew THEN concat('read anew: sources.', record.source, ' changed')
            WHEN len(changed.names) > {_MOST}
                THEN concat('changed: ', array_to_string(changed.names[:{_MOST - 1}], ', '),
                    ' and ', len(changed.names) - {_MOST - 1}, ' more')
            WHEN len(changed.names) > 0 THEN concat('changed: ', array_to_string(changed.names, ', '))
            ELSE 'changed'
        END || CASE WHEN delivery.outcome = 'replayed' THEN ', out of quarantine' ELSE '' END AS what
    FROM (
        SELECT source, source_record_id, delivery_id FROM landing.live_record WHERE run_id = $run_id
    ) AS record
    LEFT JOIN known_before AS known USING (source, source_record_id)
    LEFT JOIN golden.excluded_record AS excluded USING (source, source_record_id)
    LEFT JOIN returned USING (source, source_record_id)
    LEFT JOIN renamed USING (source, source_record_id)
    LEFT JOIN changed_record AS changed USING (source, source_record_id)
    LEFT JOIN landing.delivery AS delivery ON delivery.delivery_id = record.delivery_id
    WHERE $later
    UNION ALL
    SELECT source, source_record_id, what FROM deleted_record WHERE $later
    """


def find_touched_records(con: DuckDBPyConnection, run: Run) -> None:
    """Make the temporary table `touched`: source, source_record_id, what happened to the record this night.

    Needs the tables of `find_same_records`. On the first night nothing was touched: everything is new.
    """
    con.execute(_KNOWN)
    con.execute(_CHANGED, {"run_id": run.run_id})
    con.execute(_GONE, {"run_id": run.run_id})
    con.execute(_TOUCHED, {"run_id": run.run_id, "later": run.latest_release_id is not None})
    for table in ("known_before", "changed_record", "deleted_record"):
        con.execute(f"DROP TABLE {table}")

"""Finds records that are who they were, though their key says otherwise or they were away for a while.

Reads landing.live_record, landing.lineage, landing.source_record, matching.member, matching.distinct_record,
base.crosswalk, base.excluded_record. Writes nothing but temporary tables. Keeps this: a record counts as another one's
continuation only where all that it says of a person was delivered before, and then of one customer only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.connection import quote_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

READS = (
    "landing.live_record",
    "landing.lineage",
    "landing.source_record",
    "matching.member",
    "matching.distinct_record",
    "base.crosswalk",
    "base.excluded_record",
)

IDENTITY = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "organisation",
    "birth_date",
    "emails",
    "phones",
    "street",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
    "addresses",
    "identifiers",
    "signature_name",
    "signature_phones",
    "signature_addresses",
)
"""What a landed record says of a person, as delivered."""


def _said(record: str) -> str:
    named = ", ".join(f"{name} := {record}.{quote_identifier(name)}" for name in IDENTITY)
    return f"to_json(struct_pack({named}))::VARCHAR"


_GONE = """
    CREATE OR REPLACE TEMP TABLE gone_record AS
    SELECT source, source_record_id, golden_id FROM base.crosswalk
    ANTI JOIN landing.live_record USING (source, source_record_id)
    """
_COME = """
    CREATE OR REPLACE TEMP TABLE come_record AS
    SELECT source, source_record_id FROM landing.live_record
    ANTI JOIN base.crosswalk AS held USING (source, source_record_id)
    ANTI JOIN base.excluded_record AS nobodys USING (source, source_record_id)
    WHERE EXISTS (SELECT 1 FROM landing.lineage WHERE position > 0)
    """
_EARLIER = f"""
    CREATE OR REPLACE TEMP TABLE earlier_version AS
    WITH newest AS (
        SELECT source, source_record_id, arg_min(version.run_id, lineage.position) AS run_id
        FROM landing.source_record AS version
        JOIN landing.lineage AS lineage USING (run_id)
        SEMI JOIN (
            SELECT source, source_record_id FROM gone_record UNION ALL SELECT source, source_record_id FROM come_record
        ) AS asked USING (source, source_record_id)
        WHERE lineage.position > 0 AND NOT version.deleted
        GROUP BY ALL
    )
    SELECT version.source, version.source_record_id, {_said("version")} AS said
    FROM landing.source_record AS version JOIN newest USING (source, source_record_id, run_id)
    """
_RETURNED = f"""
    CREATE OR REPLACE TEMP TABLE returned AS
    SELECT record.source, record.source_record_id,
        {_said("record")} = earlier.said AND record.says_who AS unchanged
    FROM (
        SELECT *, coalesce(full_name, given_name, family_name, organisation, emails[1], phones[1], addresses[1])
            IS NOT NULL OR len(identifiers) > 0 AS says_who
        FROM landing.live_record
    ) AS record
    SEMI JOIN come_record USING (source, source_record_id)
    JOIN earlier_version AS earlier USING (source, source_record_id)
    """
_RENAMED = f"""
    CREATE OR REPLACE TEMP TABLE renamed AS
    WITH departed AS (
        SELECT gone.*, earlier.said,
            row_number() OVER (PARTITION BY earlier.said ORDER BY source, source_record_id) AS place,
            min(golden_id) OVER (PARTITION BY earlier.said) = max(golden_id) OVER (PARTITION BY earlier.said) AS is_one
        FROM gone_record AS gone JOIN earlier_version AS earlier USING (source, source_record_id)
    ), arrived AS (
        SELECT source, source_record_id, said,
            row_number() OVER (PARTITION BY said ORDER BY source, source_record_id) AS place
        FROM (
            SELECT source, source_record_id, {_said("record")} AS said
            FROM landing.live_record AS record
            SEMI JOIN come_record USING (source, source_record_id)
            ANTI JOIN earlier_version AS known USING (source, source_record_id)
            JOIN matching.member AS member USING (source, source_record_id)
            JOIN matching.distinct_record AS held
                ON held.distinct_record_id = member.distinct_record_id AND NOT held.stands_alone
            WHERE EXISTS (SELECT 1 FROM gone_record)
        )
    )
    SELECT arrived.source, arrived.source_record_id, departed.golden_id,
        departed.source AS former_source, departed.source_record_id AS former_record_id
    FROM arrived JOIN departed ON departed.said = arrived.said AND departed.place = arrived.place
    WHERE departed.is_one
    """


def find_same_records(con: DuckDBPyConnection) -> None:
    """Make the temporary tables `returned` and `renamed`, both of records that the base does not know.

    returned (source, source_record_id, unchanged): the record had been deleted; `unchanged` says that it is back with
    all that it last said of a person. renamed (source, source_record_id, golden_id, former_source, former_record_id):
    the record is new tonight and says just what another record said that is gone tonight, enough to single somebody
    out: it is that record under a corrected key, and of that record's customer.
    """
    for statement in (_GONE, _COME, _EARLIER, _RETURNED, _RENAMED):
        con.execute(statement)
    for table in ("gone_record", "come_record", "earlier_version"):
        con.execute(f"DROP TABLE {table}")

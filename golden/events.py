"""The identity events of a night: the difference between the newest release and tonight's customers, in SQL.

After a rollback the newest release is not the base: the events then also undo what it said. Events come in the order
of EVENT_QUERIES, so that a system that follows the feed always knows a customer before its records arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.history import births, endings
from golden.identify import FOUNDER_FIRST
from warehouse.connection import quote_identifier
from warehouse.tables.golden import CROSSWALK, CUSTOMER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import TableSpec


def _differs(spec: TableSpec) -> str:
    names = (quote_identifier(name) for name in spec.column_names)
    return " OR ".join(f"before.{name} IS DISTINCT FROM now.{name}" for name in names)


_MOVE = """
    CREATE OR REPLACE TEMP TABLE move AS
    SELECT source, source_record_id, before.golden_id AS old_id, now.golden_id AS new_id
    FROM latest.crosswalk AS before FULL JOIN golden.crosswalk AS now USING (source, source_record_id)
    """
_APPEARED = f"""
    CREATE OR REPLACE TEMP TABLE appeared AS
    SELECT now.golden_id, birth.golden_id IS NULL AS is_born, ending.event AS last_ending
    FROM golden.customer AS now
    ANTI JOIN latest.customer AS before ON before.golden_id = now.golden_id
    LEFT JOIN ({births("latest.change")}) AS birth ON birth.golden_id = now.golden_id
    LEFT JOIN ({endings("latest.change")}) AS ending ON ending.golden_id = now.golden_id
    """
_ENDED = """
    CREATE OR REPLACE TEMP TABLE ended AS
    SELECT before.golden_id FROM latest.customer AS before ANTI JOIN golden.customer AS now USING (golden_id)
    """
_FLOW = f"""
    CREATE OR REPLACE TEMP TABLE flow AS
    WITH counted AS (
        SELECT old_id, new_id, count(*) AS records FROM move WHERE old_id <> new_id GROUP BY ALL
    )
    SELECT counted.*, older.age AS old_age, newer.age AS new_age
    FROM counted
    LEFT JOIN ({births("latest.change")}) AS older ON older.golden_id = old_id
    LEFT JOIN ({births("latest.change")}) AS newer ON newer.golden_id = new_id
    """
_SUCCESSOR = """
    CREATE OR REPLACE TEMP TABLE successor AS
    SELECT ended.golden_id, flow.new_id AS other_golden_id
    FROM ended JOIN flow ON flow.old_id = ended.golden_id
    QUALIFY row_number() OVER (
        PARTITION BY ended.golden_id ORDER BY flow.records DESC, flow.new_age NULLS LAST, flow.new_id
    ) = 1
    """
_ORIGIN = """
    CREATE OR REPLACE TEMP TABLE origin AS
    SELECT appeared.golden_id, flow.old_id AS other_golden_id
    FROM appeared JOIN flow ON flow.new_id = appeared.golden_id
    QUALIFY row_number() OVER (
        PARTITION BY appeared.golden_id ORDER BY flow.records DESC, flow.old_age, flow.old_id
    ) = 1
    """
_FOUNDER = f"""
    CREATE OR REPLACE TEMP TABLE founder AS
    SELECT held.golden_id, record.source, record.source_record_id
    FROM golden.crosswalk AS held
    SEMI JOIN (SELECT golden_id FROM appeared WHERE is_born) AS born ON born.golden_id = held.golden_id
    JOIN landing.live_record AS record USING (source, source_record_id)
    QUALIFY row_number() OVER (PARTITION BY held.golden_id ORDER BY {FOUNDER_FIRST}) = 1
    """
WORK_TABLES = (_MOVE, _APPEARED, _ENDED, _FLOW, _SUCCESSOR, _ORIGIN, _FOUNDER)

_CREATED = """
    SELECT 'created' AS event, now.golden_id, NULL AS other_golden_id, founder.source, founder.source_record_id,
        to_json(now)::VARCHAR AS after
    FROM golden.customer AS now JOIN founder ON founder.golden_id = now.golden_id
    """
_UNMERGED = """
    SELECT 'unmerged', now.golden_id, origin.other_golden_id, NULL, NULL, to_json(now)::VARCHAR
    FROM golden.customer AS now
    JOIN appeared ON appeared.golden_id = now.golden_id AND appeared.last_ending = 'merged'
    JOIN origin ON origin.golden_id = now.golden_id
    """
_REVIVED = """
    SELECT 'revived', now.golden_id, NULL, NULL, NULL, to_json(now)::VARCHAR
    FROM golden.customer AS now
    JOIN appeared ON appeared.golden_id = now.golden_id AND NOT appeared.is_born
    LEFT JOIN origin ON origin.golden_id = now.golden_id
    WHERE appeared.last_ending <> 'merged' OR origin.golden_id IS NULL
    """
_SPLIT = """
    SELECT 'split', origin.golden_id, origin.other_golden_id, NULL, NULL, NULL
    FROM origin
    JOIN appeared ON appeared.golden_id = origin.golden_id AND appeared.is_born
    ANTI JOIN successor
        ON successor.golden_id = origin.other_golden_id AND successor.other_golden_id = origin.golden_id
    """
"""Who it came out of may have ended in the same night, merged into somebody else: the redirect then leads on."""

_DETACHED = """
    SELECT 'detached', old_id, new_id, source, source_record_id, NULL
    FROM move WHERE old_id IS NOT NULL AND old_id IS DISTINCT FROM new_id
    """
_ATTACHED = """
    SELECT 'attached', move.new_id, move.old_id, move.source, move.source_record_id, to_json(now)::VARCHAR
    FROM move JOIN golden.crosswalk AS now USING (source, source_record_id)
    WHERE move.old_id IS DISTINCT FROM move.new_id
    """
_MERGED = """
    SELECT 'merged', golden_id, other_golden_id, NULL, NULL, NULL FROM successor
    """
_RETIRED = """
    SELECT 'retired', golden_id, NULL, NULL, NULL, NULL FROM ended ANTI JOIN successor USING (golden_id)
    """
_UPDATED_CUSTOMER = f"""
    SELECT 'updated', now.golden_id, NULL, NULL, NULL, to_json(now)::VARCHAR
    FROM golden.customer AS now JOIN latest.customer AS before ON before.golden_id = now.golden_id
    WHERE {_differs(CUSTOMER)}
    """
_UPDATED_RECORD = f"""
    SELECT 'updated', now.golden_id, NULL, now.source, now.source_record_id, to_json(now)::VARCHAR
    FROM golden.crosswalk AS now JOIN latest.crosswalk AS before USING (source, source_record_id)
    WHERE before.golden_id = now.golden_id AND ({_differs(CROSSWALK)})
    """
EVENT_QUERIES = (
    _CREATED,
    _UNMERGED,
    _REVIVED,
    _SPLIT,
    _DETACHED,
    _ATTACHED,
    _MERGED,
    _RETIRED,
    _UPDATED_CUSTOMER,
    _UPDATED_RECORD,
)


def find_events(con: DuckDBPyConnection) -> None:
    """Make the temporary table `event`: phase, event, golden_id, other_golden_id, source, source_record_id, after.

    Also leaves `move` (source, source_record_id, old_id, new_id), one row per record of either side. Within a phase
    the events are told apart by golden_id, source and source_record_id.
    """
    for statement in WORK_TABLES:
        con.execute(statement)
    phases = (f"SELECT {phase} AS phase, * FROM ({query})" for phase, query in enumerate(EVENT_QUERIES))
    con.execute(f"CREATE OR REPLACE TEMP TABLE event AS {' UNION ALL '.join(phases)}")

"""What the change log says about ids: when each was born and of which record, how it ended, who its records were.

Each function returns a SELECT over a table shaped like golden.change, so that the log of the latest release and
tonight's log are read the same way.
"""

from __future__ import annotations

ENDINGS = ("merged", "retired", "erased")
"""Events after which a golden id no longer has a customer."""

_ENDED = ", ".join(f"'{event}'" for event in ENDINGS)


def births(change: str) -> str:
    """Return golden_id, age (sequence of its creation), source and source_record_id of its founder; one row per id."""
    return f"""
        SELECT golden_id, sequence AS age, source, source_record_id
        FROM {change} WHERE event = 'created'
        """


def endings(change: str) -> str:
    """Return golden_id, event, release_id, sequence and other_golden_id of every id's last ending."""
    return f"""
        SELECT golden_id, event, release_id, sequence, other_golden_id
        FROM {change} WHERE event IN ({_ENDED})
        QUALIFY row_number() OVER (PARTITION BY golden_id ORDER BY sequence DESC) = 1
        """


def last_members(change: str, *, not_live: str, back: str | None = None) -> str:
    """Return golden_id, source, source_record_id: the records that an ended id had when it ended.

    `not_live` is a table with the golden ids in question. Only records that have been somebody's without a break
    since then count: a record that was away (deleted, excluded) may have come back as somebody else, so it no longer
    speaks for whom it once was. `back` is a table of records whose last break does not count, since they are back
    unchanged. An erased id has no members.
    """
    healed = f"ANTI JOIN (SELECT * FROM {back}) AS back ON nth = 1 AND back.source = gap.source" if back else ""
    healed += " AND back.source_record_id = gap.source_record_id" if back else ""
    return f"""
        WITH ended AS (
            SELECT ending.golden_id, ending.release_id
            FROM ({endings(change)}) AS ending SEMI JOIN {not_live} AS wanted ON wanted.golden_id = ending.golden_id
            WHERE ending.event <> 'erased'
        ), departed AS (
            SELECT release_id, golden_id, source, source_record_id, sequence FROM {change} WHERE event = 'detached'
        ), gap AS (
            SELECT departed.source, departed.source_record_id, departed.sequence, row_number() OVER (
                PARTITION BY departed.source, departed.source_record_id ORDER BY departed.sequence DESC
            ) AS nth
            FROM departed ANTI JOIN (SELECT * FROM {change} WHERE event = 'attached') AS arrived
                ON arrived.release_id = departed.release_id
                AND arrived.source = departed.source
                AND arrived.source_record_id = departed.source_record_id
        ), break AS (
            SELECT gap.source, gap.source_record_id, max(gap.sequence) AS sequence FROM gap {healed} GROUP BY ALL
        )
        SELECT departed.golden_id, departed.source, departed.source_record_id
        FROM departed
        JOIN ended ON ended.golden_id = departed.golden_id AND ended.release_id = departed.release_id
        LEFT JOIN break
            ON break.source = departed.source AND break.source_record_id = departed.source_record_id
        WHERE coalesce(break.sequence, 0) < departed.sequence
        """

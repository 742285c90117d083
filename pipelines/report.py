"""The run's page under var/reports/: one HTML file, readable offline, without a personal value on it.

Reads: landing.delivery, landing.quarantine, matching.*, golden.change, care.household, quality.*,
review.audit_*; writes no table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.quarantine import open_rows
from pipelines.pages import render_page
from warehouse.durable import write_text
from warehouse.errors import JoinedupError

if TYPE_CHECKING:
    from pipelines.night import Night

_SHOWN = 200
"""Files of a source, and columns of one, that a page has room for."""
_TONIGHT = "(FROM landing.delivery WHERE run_id = $run)"
_TABLES = {
    "quarantine": f"""
        SELECT source, reason, count(*) AS records, count(*) FILTER (set_aside_at = 0) AS tonight,
               arg_min(path || ':' || line, (set_aside_at, path, line)) AS first
        FROM ({open_rows()}) GROUP BY ALL ORDER BY records DESC, source, reason LIMIT 50""",
    "excluded": """
        SELECT source, reason, count(*) AS records FROM golden.excluded_record
        GROUP BY ALL ORDER BY records DESC, source, reason""",
    "shared": """
        SELECT attribute, reason, count(*) AS "values", max(records) AS largest FROM matching.shared_value
        GROUP BY ALL ORDER BY "values" DESC, attribute, reason""",
    "blocking": """
        SELECT rule, pairs, pairs_alone AS only_it, matches, matches_alone AS "matches only it", keys,
               narrowed_keys AS narrowed, left_out_keys AS left_out, round(cpu_seconds, 2) AS cpu_s
        FROM matching.blocking_rule ORDER BY position""",
    "measured": """
        SELECT sources, judged, unsure, format('{:.2f} %', precision * 100) AS precision,
            format('{:.1f} to {:.1f} %', precision_low * 100, precision_high * 100) AS precision_95,
            format('{:.2f} %', recall * 100) AS recall,
            format('{:.1f} to {:.1f} %', recall_low * 100, recall_high * 100) AS recall_95
        FROM review.audit_measure ORDER BY sources <> 'all', judged DESC, sources""",
    "strata": """
        SELECT stratum, sum(pairs)::BIGINT AS pairs, format('{:.2f} %', max(expected_same) * 100) AS expected_same,
            (SELECT count(*) FROM review.audit_pair AS p WHERE p.stratum = s.stratum) AS to_judge
        FROM review.audit_stratum AS s GROUP BY stratum ORDER BY stratum DESC""",
    "sizes": """
        SELECT CASE WHEN record_count < 6 THEN record_count::VARCHAR WHEN record_count < 11 THEN '6 to 10'
                    WHEN record_count < 51 THEN '11 to 50' ELSE 'over 50' END AS records,
               count(*) AS customers, max(record_count) AS largest
        FROM golden.customer GROUP BY ALL ORDER BY largest""",
    "households": """
        SELECT members, count(*) AS households, count(*) FILTER (dwelling) AS at_one_address FROM (
            SELECT count(*) AS members, bool_or(contains(basis, 'address')) AS dwelling
            FROM care.household GROUP BY household_id
        ) GROUP BY members ORDER BY members""",
    "events": """
        SELECT event, count(*) AS events FROM golden.change
        WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM latest.change)
        GROUP BY ALL ORDER BY events DESC, event""",
    "checks": """
        SELECT outcome, severity, detail, unexpected, rows_checked AS rows, suite, column_name AS "column", expectation
        FROM quality.result WHERE run_id = $run
        ORDER BY outcome = 'pass', severity, suite, expectation, column_name""",
    "gate": """
        SELECT outcome, rule, subject,
               CASE unit WHEN 'count' THEN format('{:.0f}', found) ELSE format('{:.2f} %', found * 100) END AS found,
               CASE unit WHEN 'count' THEN format('{:.0f}', allowed) ELSE format('{:.2f} %', allowed * 100) END
                   AS allowed,
               reason
        FROM quality.gate WHERE run_id = $run
        ORDER BY outcome, rule, subject""",
    "deliveries": f"""
        SELECT source, load, outcome, count(path) FILTER (left_because IS NULL) AS files,
            count(left_because) AS left_for_later, sum(bytes) FILTER (left_because IS NULL)::BIGINT AS bytes,
            strftime(newest_arrival, '%Y-%m-%d %H:%M') AS newest_arrived
        FROM {_TONIGHT} LEFT JOIN landing.file USING (source, delivery_id)
        GROUP BY ALL ORDER BY source""",
    "notes": f"SELECT source, unnest(notes) AS note FROM {_TONIGHT} ORDER BY source",
    "left": f"""
        SELECT source, path, bytes, strftime(arrived_at, '%Y-%m-%d %H:%M') AS arrived, left_because AS why
        FROM {_TONIGHT} JOIN landing.file USING (source, delivery_id) WHERE left_because IS NOT NULL
        ORDER BY source, path LIMIT {_SHOWN}""",
    "files": f"""
        SELECT source, path, bytes, rows, strftime(arrived_at, '%Y-%m-%d %H:%M') AS arrived, left(sha256, 12) AS sha256
        FROM {_TONIGHT} JOIN landing.file USING (source, delivery_id) WHERE left_because IS NULL
        QUALIFY row_number() OVER (PARTITION BY source ORDER BY path) <= {_SHOWN} ORDER BY source, path""",
    "columns": f"""
        WITH known AS (
            SELECT source, unnest(columns) AS name, unnest(coalesce(types, [])) AS type,
                unnest(range(len(columns))) AS place
            FROM {_TONIGHT} JOIN landing.file USING (source, delivery_id)
        ), found AS (
            SELECT source, name, max(type) AS type, min(place) AS place FROM known GROUP BY source, name
            QUALIFY row_number() OVER (PARTITION BY source ORDER BY min(place), name) <= {_SHOWN})
        SELECT source, string_agg(name || coalesce(' (' || type || ')', ''), ', ' ORDER BY place, name) AS columns
        FROM found GROUP BY source ORDER BY source""",
}


def write_report(night: Night) -> None:
    """Write the run's page to the path that its summary names."""
    summary = night.summary
    if summary is None:
        message = "a night is summed up before its page is written"
        raise JoinedupError(message)
    page = render_page(
        "run.html",
        summary=summary,
        base=night.run.base.release_id if night.run.base else None,
        started_at=night.run.started_at,
        tables={name: _rows(night, query) for name, query in _TABLES.items()},
    )
    path = Path(summary.report)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, page)


def _rows(night: Night, query: str) -> list[dict[str, Any]]:
    parameters = {"run": night.run.run_id} if "$run" in query else {}
    cursor = night.con.execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

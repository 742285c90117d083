"""Finds by what customers said and sent back how content they are: the temporary table `mood`.

`mood` (golden_id, problems_12m, last_problem_at, complaints_12m, praises_12m, returns_12m, orders_12m) has a row for
every customer with activity. It rests on the words of texts; the texts themselves go no further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.returned import returned_sql
from customer360.sayings import find_sayings

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

_MOOD = f"""
    CREATE OR REPLACE TEMP TABLE mood AS
    WITH recent AS (
        SELECT * REPLACE (coalesce(conversation_id, activity_id) AS conversation_id), kind = 'case' AS is_case,
            coalesce("at" > $as_of::TIMESTAMP - INTERVAL 12 MONTH AND "at" <= $as_of, false) AS is_recent
        FROM saying
    ), talk AS (
        SELECT golden_id, conversation_id, bool_or(is_case) AS has_case,
            count(*) FILTER (is_case AND is_recent) AS cases,
            coalesce(bool_or(tells_problem AND is_recent), false) AS complained,
            coalesce(bool_or(praises AND is_recent), false) AS praised,
            max("at") FILTER (is_case OR tells_problem) AS last_problem_at
        FROM recent GROUP BY golden_id, conversation_id
    ), talked AS (
        SELECT golden_id,
            sum(CASE WHEN has_case THEN cases ELSE complained::BIGINT END)::BIGINT AS problems_12m,
            max(last_problem_at) AS last_problem_at,
            count(*) FILTER (complained) AS complaints_12m,
            count(*) FILTER (praised AND NOT complained) AS praises_12m
        FROM talk GROUP BY golden_id
    ), ordered AS (
        SELECT golden_id, count(*) AS orders_12m, count(*) FILTER ({returned_sql("record.status")}) AS returns_12m
        FROM (FROM care.activity WHERE kind = 'order' AND state IS DISTINCT FROM 'cancelled') AS activity
        JOIN landing.live_record AS record USING (source, source_record_id)
        WHERE activity."at" > $as_of::TIMESTAMP - INTERVAL 12 MONTH AND activity."at" <= $as_of
        GROUP BY golden_id
    )
    SELECT golden_id, coalesce(problems_12m, 0) AS problems_12m, last_problem_at,
        coalesce(complaints_12m, 0) AS complaints_12m, coalesce(praises_12m, 0) AS praises_12m,
        coalesce(returns_12m, 0) AS returns_12m, coalesce(orders_12m, 0) AS orders_12m
    FROM talked FULL JOIN ordered USING (golden_id)
    """
"""A case is a problem, and so is a conversation without a case in which the customer tells of one; what does is said by
`sayings`.

Complaint and praise are counted by conversation: whoever writes three mails about one parcel complains once.
"""

SATISFACTION = """
    CASE
        WHEN has_complaint THEN 'poor'
        WHEN complaints_12m + returns_12m >= 2 AND complaints_12m + returns_12m > praises_12m THEN 'poor'
        WHEN complaints_12m + returns_12m > 0 THEN 'mixed'
        WHEN praises_12m > 0 OR orders_12m >= 2 THEN 'good'
    END"""
"""SQL over `mood` and `has_complaint` (a complaint is open), of the last twelve months; null where nothing tells.

Poor: a complaint is open, or two complaints and returns and more of them than praise. Mixed: any of them. Good: none of
them, and praise or two orders.
"""


def find_moods(con: DuckDBPyConnection, zone: str, as_of: datetime) -> None:
    """Make `mood`, of the twelve months before `as_of`."""
    find_sayings(con, zone)
    con.execute(_MOOD, {"as_of": as_of})
    con.execute("DROP TABLE temp.saying")

"""What hangs on the customers of some records, in orders, as the queue counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stewardship.priority import Hanging, harm, spend_per_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from stewardship.entry import Record


def worth_of(golden: DuckDBPyConnection, records: Iterable[Record]) -> float:
    """Return what hangs on the customers of records in a release: orders, spend in orders, and open cases."""
    asked = sorted(set(records))
    of_records = [[source for source, _ in asked], [key for _, key in asked]]
    ((orders, spend, open_cases),) = golden.execute(_HANGING_SQL, of_records).fetchall()
    ((all_spend, all_orders),) = golden.execute(_AVERAGE_SQL).fetchall()
    return harm(1.0, Hanging(orders, spend, open_cases, 0, 0.0), spend_per_order(all_spend, all_orders))


_HANGING_SQL = """
    WITH asked AS (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS source_record_id),
    owner AS (SELECT DISTINCT golden_id FROM crosswalk JOIN asked USING (source, source_record_id))
    SELECT coalesce(sum(orders), 0)::BIGINT, coalesce(sum(list_sum(map_values(spend))), 0)::DECIMAL(38, 4),
        coalesce(sum(open_cases), 0)::BIGINT
    FROM profile JOIN owner USING (golden_id)"""
_AVERAGE_SQL = """
    SELECT coalesce(sum(list_sum(map_values(spend))), 0)::DECIMAL(38, 4), coalesce(sum(orders), 0)::BIGINT
    FROM profile"""

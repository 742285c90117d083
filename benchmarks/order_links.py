"""How well cases and mails are tied to orders: `python -m benchmarks.order_links WORKSPACE TRUTH`.

TRUTH is a Parquet file with the columns source, source_record_id, order_id and link: `true` where a customer quoted an
order of their own, `wrong` where they quoted somebody else's. A tie is right where it leads to the order that was
quoted; that it leads to the customer's own order, and that a wrong number is seen to be another customer's, is counted
beside it. Our own answers are left out: they say nothing, and are about what they answer.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyarrow import parquet

from warehouse.connection import open_published
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Links(NamedTuple):
    """Ties found, true ones, those in both, and how many of these lead where the truth says whose order it is."""

    found: int
    true: int
    right: int
    own_as_own: int
    own: int
    wrong_as_another_customers: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share of the ties found that the truth has."""
        return self.right / self.found

    @property
    def recall(self) -> float:
        """The share of the truth that was found."""
        return self.right / self.true


def measure(con: DuckDBPyConnection, truth: Path) -> Links:
    """Hold the ties of a release to the truth."""
    con.register("truth", parquet.read_table(truth))
    row = con.execute("""
        WITH tie AS (
            SELECT said.source, said.source_record_id, target.source_record_id AS order_id,
                target.golden_id = said.golden_id AS is_own
            FROM activity AS said JOIN activity AS target ON target.activity_id = said.about_activity_id
            WHERE said.kind IN ('case', 'message') AND target.kind = 'order'
            AND said.direction IS DISTINCT FROM 'outbound'
        ), both_sides AS (FROM truth LEFT JOIN tie USING (source, source_record_id, order_id))
        SELECT (SELECT count(*) FROM tie), count(*), count(is_own),
            count(*) FILTER (link = 'true' AND is_own), count(*) FILTER (link = 'true'),
            count(*) FILTER (link = 'wrong' AND NOT is_own), count(*) FILTER (link = 'wrong')
        FROM both_sides
    """).fetchall()[0]
    con.unregister("truth")
    return Links(*row)


def main(workspace: str, truth: str) -> None:
    """Print the figures."""
    con = open_published(Workspace(Path(workspace)).current / "golden.duckdb")
    found = measure(con, Path(truth))
    con.close()
    print(f"ties found {found.found}, true {found.true}, right {found.right}")
    print(f"precision {found.precision:.4f}, recall {found.recall:.4f}")
    print(f"quoted their own: {found.own}, seen as their own {found.own_as_own}")
    print(f"quoted somebody else's: {found.wrong}, seen as another customer's {found.wrong_as_another_customers}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The blocking keys that too many tuples carry, frozen with a model: a pair meets or not whatever the night brings.

If a key were hot by tonight's count, every one that crosses its limit would change the pairs of records that have not
changed. So the model knows them, as text: what DuckDB's `hash` gives may change with its version.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from matching.blocking import first_key_sql
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.blocking import BlockingRule
    from matching.model import Model


def freeze_hot_keys(scratch: DuckDBPyConnection, rules: Sequence[BlockingRule]) -> str:
    """Make the scratch table `frozen_key` (rule, key, narrower) of what `make_keys` narrowed and left out.

    `narrower` is null where the key alone is narrowed, else with it the key is left out. Returns the table's hash.
    """
    hot = scratch.execute("SELECT DISTINCT rule FROM temp.settled_key WHERE is_hot ORDER BY rule").fetchall()
    scratch.execute("CREATE OR REPLACE TABLE frozen_key (rule VARCHAR, key VARCHAR, narrower VARCHAR)")
    for (number,) in hot:
        rule = rules[number]
        scratch.execute(f"""
            INSERT INTO frozen_key
            WITH spelled AS (
                SELECT {quote_literal(rule.name)} AS rule, key::VARCHAR AS key, ({rule.narrower})::VARCHAR AS narrower,
                    {first_key_sql(number)} AS first_key
                FROM ({rule.spelled("feature")})
            )
            SELECT DISTINCT rule, key, NULL FROM spelled SEMI JOIN temp.hot_first USING (first_key)
            UNION ALL
            SELECT DISTINCT rule, key, narrower FROM spelled SEMI JOIN (
                SELECT first_key, narrower FROM temp.settled_key WHERE is_left_out
            ) USING (first_key, narrower)
        """)
    digest = hashlib.sha256()
    rows = scratch.execute("SELECT rule, key, narrower FROM frozen_key ORDER BY rule, key, narrower NULLS FIRST")
    for row in rows.fetchall():
        digest.update("\x1f".join("\x1d" if value is None else value for value in row).encode() + b"\x1e")
    return digest.hexdigest()


def load_hot_keys(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model) -> None:
    """Make the temporary table `hot_key` (rule, first_key, narrower) of `scratch` from the model's frozen keys."""
    frozen = "SELECT rule, key, narrower FROM matching.model_hot_key WHERE model_version = ?"
    names = ", ".join(f"{quote_literal(rule.name)}: {number}" for number, rule in enumerate(model.definitions.rules))
    scratch.register("incoming_frozen", con.sql(frozen, params=[model.version]).to_arrow_table())
    scratch.execute(f"""
        CREATE OR REPLACE TEMP TABLE hot_key AS
        SELECT rule, {first_key_sql("rule")} AS first_key, narrower
        FROM (SELECT (MAP {{{names}}})[rule]::TINYINT AS rule, key, narrower FROM incoming_frozen)
    """)
    scratch.unregister("incoming_frozen")

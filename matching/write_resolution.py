"""Writes what distinct records were resolved to: components, entities, merges, and entities left apart.

Changes matching.resolution, matching.near_entity and matching.poisoned in place, for the nodes of the temporary tables
`stale_node` (whose rows go) and `solved_node` (whose rows come); takes the merges of the former out of matching.merge,
and makes the temporary table `made_merge` of those of the latter.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from matching.arrays import table
from matching.near_misses import LEFT_APART
from matching.poisoned import CONFLICT, GIANT, Part
from warehouse.connection import quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from matching.model import Model
    from matching.resolve import Resolved

TAKEN_APART = {
    GIANT: "taken apart: together they are more records than a customer has",
    CONFLICT: "taken apart: what was decided of their records contradicts itself",
}


def write_resolution(con: DuckDBPyConnection, model: Model, resolved: Resolved) -> None:
    """Put the rows of the resolved nodes in the place of what they were before; merges are to be counted yet."""
    for statement in _FORGET_SQL:
        con.execute(statement)
    _write_nodes(con, model, resolved)
    _make_merges(con, model, resolved)
    _write_near(con, model, resolved)
    _write_poisoned(con, model, resolved)


_FORGET_SQL = tuple(
    f"DELETE FROM {table} WHERE {column} IN (SELECT distinct_record_id FROM temp.stale_node)"
    for table, column in (
        ("matching.resolution", "distinct_record_id"),
        ("matching.merge", "other"),
        ("matching.near_entity", "entity_l"),
        ("matching.near_entity", "entity_r"),
        ("matching.poisoned", "entity"),
    )
)


def _write_nodes(con: DuckDBPyConnection, model: Model, resolved: Resolved) -> None:
    resolution = resolved.resolution
    nodes = {
        "number": np.arange(len(resolution.entity)),
        "component": resolved.component,
        "entity": resolution.entity,
        "cohesion": model.entity_posterior(resolution.weakest[resolution.entity]),
        "strongest": resolved.strongest,
    }
    con.register("incoming_node", table(nodes))
    con.execute("""
        INSERT INTO matching.resolution
        SELECT n.distinct_record_id, c.distinct_record_id, e.distinct_record_id, cohesion,
            CASE WHEN isfinite(strongest) THEN strongest END
        FROM incoming_node AS i JOIN temp.solved_node AS n USING (number)
        JOIN temp.solved_node AS c ON c.number = i.component
        JOIN temp.solved_node AS e ON e.number = i.entity
        ORDER BY 1
    """)
    con.unregister("incoming_node")


def _make_merges(con: DuckDBPyConnection, model: Model, resolved: Resolved) -> None:
    merges = resolved.resolution.merges
    into, other, weight = (np.concatenate([merge[place] for merge in merges]) for place in range(3))
    told = {
        "round": np.repeat(np.arange(len(merges)), [len(merge[0]) for merge in merges]),
        "into": into,
        "other": other,
        "weight": weight,
        "posterior": model.entity_posterior(weight),
    }
    con.register("incoming_merge", table(told))
    con.execute("""
        CREATE OR REPLACE TEMP TABLE made_merge AS
        SELECT round, l.distinct_record_id AS entity, r.distinct_record_id AS other,
            CASE WHEN isfinite(weight) THEN weight END AS match_weight, posterior AS match_probability
        FROM incoming_merge AS i
        JOIN temp.solved_node AS l ON l.number = i.into
        JOIN temp.solved_node AS r ON r.number = i.other
    """)
    con.unregister("incoming_merge")


def _write_near(con: DuckDBPyConnection, model: Model, resolved: Resolved) -> None:
    resolution = resolved.resolution
    posterior = model.entity_posterior(resolution.weight)
    near = np.flatnonzero((posterior >= model.review_at) & (posterior < model.merge_at))
    pairs = {"one": resolution.left[near], "other": resolution.right[near], "posterior": posterior[near]}
    con.register("incoming_near", table(pairs))
    con.execute(
        """
        INSERT INTO matching.near_entity
        SELECT l.distinct_record_id, r.distinct_record_id, posterior, ?
        FROM incoming_near AS i
        JOIN temp.solved_node AS l ON l.number = i.one
        JOIN temp.solved_node AS r ON r.number = i.other
        """,
        [LEFT_APART],
    )
    con.unregister("incoming_near")


def _write_poisoned(con: DuckDBPyConnection, model: Model, resolved: Resolved) -> None:
    """Write what was taken apart, and ask about the ties that were cut."""
    if not resolved.parts:
        return
    unasked, unknown = -1, np.nan
    told = {field.name: np.array([getattr(part, field.name) for part in resolved.parts]) for field in fields(Part)}
    told["asked_with"] = np.array([unasked if part.asked_with is None else part.asked_with for part in resolved.parts])
    told["weight"] = np.array([unknown if part.weight is None else part.weight for part in resolved.parts])
    # where no pair ties two parts, all that speaks for one customer is that they came out as one
    posterior = np.where(np.isnan(told["weight"]), model.review_at, model.entity_posterior(told["weight"]))
    con.register("incoming_part", table(told | {"posterior": posterior}))
    con.execute(_POISONED_SQL)
    words = " ".join(f"WHEN {quote_literal(reason)} THEN {quote_literal(said)}" for reason, said in TAKEN_APART.items())
    con.execute(_ASKED_SQL.format(words=words))
    con.unregister("incoming_part")


_POISONED_SQL = """
INSERT INTO matching.poisoned
SELECT e.distinct_record_id, w.distinct_record_id, reason, distinct_records, records, whole_distinct_records,
    whole_records, a.distinct_record_id, CASE WHEN NOT isnan(weight) THEN weight END
FROM incoming_part AS i
JOIN temp.solved_node AS e ON e.number = i.entity
JOIN temp.solved_node AS w ON w.number = i.whole
LEFT JOIN temp.solved_node AS a ON a.number = i.asked_with
ORDER BY 1
"""

_ASKED_SQL = """
INSERT INTO matching.near_entity
SELECT least(e.distinct_record_id, a.distinct_record_id), greatest(e.distinct_record_id, a.distinct_record_id),
    posterior, CASE reason {words} END
FROM incoming_part AS i
JOIN temp.solved_node AS e ON e.number = i.entity
JOIN temp.solved_node AS a ON a.number = i.asked_with
"""

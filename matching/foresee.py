"""What records would come to if something else were decided of them, as the night would find it.

Reads matching.* in the workings of a release. Writes nothing there: the components concerned are copied into memory,
bound by the decisions given, and resolved by the night's own code. Keeps this: with the decisions that a release was
made by it gives the customers of that release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from matching.bench import open_bench
from matching.blocking import SAME_ATTRIBUTES
from matching.bound import BINDING
from matching.collapse import collapse_all
from matching.features import FREQUENCY_ATTRIBUTES, load_features, tuple_numbers_sql
from matching.resolve import ALL_NODES_SQL, resolve
from matching.score import pairs_sql
from warehouse.connection import open_memory
from warehouse.tables import matching as tables
from warehouse.tables.decision import DECISION

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from duckdb import DuckDBPyConnection

    from matching.model import Model

Record = tuple[str, str]

_TABLES = (
    tables.STANDARDISED,
    tables.SHARED_VALUE,
    DECISION,
    tables.DISTINCT_RECORD,
    tables.MEMBER,
    tables.PAIR,
    tables.MODEL_FREQUENCY,
)
_FEW = 60
"""So many records are found by naming each; more by a look at the whole table."""


class Bound(NamedTuple):
    """What is decided of two records: `same` or `different`; the later decision has the greater number."""

    decision_id: int
    decision: str
    left: Record
    right: Record


def foresee(
    con: DuckDBPyConnection,
    model: Model,
    about: Collection[Record],
    decisions: Sequence[Bound],
    gone: Collection[Record] = (),
) -> dict[Record, int]:
    """Return the customer, as a number, of every record of the components that the records `about` are in.

    `decisions` are all that bind these records; what they tie to records of other components must be named by `about`,
    too. The records `gone` are taken to be nobody's. Records that the release does not know are left out.
    """
    with open_memory() as world:
        for spec in _TABLES:
            world.execute("CREATE SCHEMA IF NOT EXISTS matching")
            world.execute(spec.create_sql())
        _copy(con, world, about)
        concerned = {(source, key) for source, key in world.execute(_CONCERNED_SQL).fetchall()}
        _leave_out(world, gone)
        _bind(con, world, decisions, concerned)
        collapse_all(world)
        _pair(world, model)
        _copy_frequencies(con, world, model)
        with open_bench(world, model) as bench:
            entity = resolve(world, bench, model, ALL_NODES_SQL, None).resolution.entity.tolist()
        rows = world.execute(_NUMBERED_SQL).fetchall()
    return {(source, key): int(entity[number]) for source, key, number in rows if (source, key) in concerned}


def components_of(con: DuckDBPyConnection, records: Collection[Record]) -> dict[Record, str]:
    """Return the component of each of the records; those that the release does not know are left out."""
    rows = con.execute(
        f"SELECT source, source_record_id, component FROM ({_members_sql(records)})"
        " JOIN matching.resolution USING (distinct_record_id)",
        _texts(records),
    ).fetchall()
    return {(source, key): component for source, key, component in rows}


def _members_sql(records: Collection[Record]) -> str:
    named = " OR ".join("(source = ? AND source_record_id = ?)" for _ in records) or "false"
    return f"SELECT * FROM matching.member WHERE {named}"


def _texts(records: Collection[Record]) -> list[str]:
    return [text for record in records for text in record]


def _copy(con: DuckDBPyConnection, world: DuckDBPyConnection, about: Collection[Record]) -> None:
    """Copy the components of these records, with the other nodes that say the same: these crowd them."""
    concerned = sorted(set(components_of(con, about).values()))
    nodes = _named(con, "matching.resolution", "component", concerned, "distinct_record_id")
    tuples = _named(con, "matching.distinct_record", "distinct_record_id", nodes, "tuple_id")
    every = _named(con, "matching.distinct_record", "tuple_id", tuples, "distinct_record_id")
    world.execute("CREATE TABLE concerned AS SELECT unnest(?::VARCHAR[]) AS distinct_record_id", [nodes])
    copies = (
        ("matching.distinct_record", "distinct_record_id"),
        ("matching.member", "distinct_record_id"),
        ("matching.pair", "distinct_record_id_l"),
    )
    for name, key in copies:
        _insert(con, world, name, f"SELECT * FROM {name} WHERE {key} IN (SELECT unnest(?::VARCHAR[]))", [every])
    records = world.execute("SELECT source, source_record_id FROM matching.member").fetchall()
    _copy_records(con, world, records)
    _insert(con, world, "matching.shared_value", "SELECT * FROM matching.shared_value", [])
    world.execute(_STORED_SQL)


def _copy_records(con: DuckDBPyConnection, world: DuckDBPyConnection, records: list[Record]) -> None:
    name = "matching.standardised"
    if len(records) > _FEW:
        listed = "SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS source_record_id"
        lists = [[source for source, _ in records], [key for _, key in records]]
        _insert(con, world, name, f"FROM {name} SEMI JOIN ({listed}) USING (source, source_record_id)", lists)
        return
    named = " OR ".join("(source = ? AND source_record_id = ?)" for _ in records) or "false"
    _insert(con, world, name, f"SELECT * FROM {name} WHERE {named}", _texts(records))


def _named(con: DuckDBPyConnection, table: str, key: str, values: list[str], column: str) -> list[str]:
    query = f"SELECT DISTINCT {column} FROM {table} WHERE {key} IN (SELECT unnest(?::VARCHAR[])) ORDER BY 1"
    return [value for (value,) in con.execute(query, [values]).fetchall()]


def _insert(con: DuckDBPyConnection, world: DuckDBPyConnection, name: str, query: str, values: list[Any]) -> None:
    world.register("incoming", con.sql(query, params=values).to_arrow_table())
    world.execute(f"INSERT INTO {name} BY NAME FROM incoming")
    world.unregister("incoming")


def _leave_out(world: DuckDBPyConnection, gone: Collection[Record]) -> None:
    for record in gone:
        world.execute("DELETE FROM matching.standardised WHERE source = ? AND source_record_id = ?", list(record))


def _bind(
    con: DuckDBPyConnection, world: DuckDBPyConnection, decisions: Sequence[Bound], concerned: Collection[Record]
) -> None:
    """Write the decisions that bind a record of the world, and whose records are both somebody's."""
    touching = [said for said in decisions if said.left in concerned or said.right in concerned]
    outside = {record for said in touching for record in (said.left, said.right)} - set(concerned)
    there = {*concerned, *components_of(con, sorted(outside))} if outside else set(concerned)
    for place, said in enumerate(touching):
        if said.left in there and said.right in there:
            world.execute(
                f"INSERT INTO matching.decision VALUES (?, ?, ?, ?, ?, ?, ?, '', {_NOW}, NULL, NULL, NULL, ?)",
                [said.decision_id, place, said.decision, *said.left, *said.right, BINDING[0]],
            )


def _pair(world: DuckDBPyConnection, model: Model) -> None:
    """Write the pairs anew that the nodes make of those of their tuples that the night has stored."""
    nothing = [-1] * len(model.definitions.comparisons)
    world.execute(_SCORED_SQL.format(numbers=tuple_numbers_sql(), nothing=nothing))
    world.execute("DELETE FROM matching.pair")
    world.execute(f"INSERT INTO matching.pair {pairs_sql(model)}")


def _copy_frequencies(con: DuckDBPyConnection, world: DuckDBPyConnection, model: Model) -> None:
    with open_memory() as scratch:
        load_features(world, scratch, FREQUENCY_ATTRIBUTES)
        spoken = " UNION ".join(f"SELECT {name}::VARCHAR FROM feature" for name in FREQUENCY_ATTRIBUTES)
        values = [value for (value,) in scratch.execute(spoken).fetchall() if value]
    query = "SELECT * FROM matching.model_frequency WHERE model_version = ? AND value IN (SELECT unnest(?::VARCHAR[]))"
    _insert(con, world, "matching.model_frequency", query, [model.version, values])


_NOW = "TIMESTAMP '2000-01-01'"
"""When something was decided binds nothing: its number does."""

_CONCERNED_SQL = "SELECT source, source_record_id FROM matching.member SEMI JOIN concerned USING (distinct_record_id)"

_NUMBERED_SQL = f"""
SELECT source, source_record_id, number FROM matching.member JOIN ({ALL_NODES_SQL}) USING (distinct_record_id)
"""

_STORED_SQL = f"""
CREATE TABLE stored AS
SELECT DISTINCT least(l.tuple_id, r.tuple_id) AS one, greatest(l.tuple_id, r.tuple_id) AS other,
    CASE WHEN match_key = '{SAME_ATTRIBUTES}' THEN 0 ELSE 1 END AS rules, gammas, match_weight AS weight
FROM matching.pair
JOIN matching.distinct_record AS l ON l.distinct_record_id = distinct_record_id_l
JOIN matching.distinct_record AS r ON r.distinct_record_id = distinct_record_id_r
"""
"""The pairs of tuples: all of their nodes that tell have them."""

_SCORED_SQL = """
CREATE TEMP TABLE scored AS
WITH number AS ({numbers})
SELECT l.tuple_no AS tuple_no_l, r.tuple_no AS tuple_no_r, rules::BIGINT AS rules, gammas, weight
FROM stored JOIN number AS l ON l.tuple_id = one JOIN number AS r ON r.tuple_id = other
UNION ALL
SELECT tuple_no, tuple_no, 0, {nothing}::TINYINT[], 0.0
FROM number WHERE tuple_id NOT IN (SELECT one FROM stored WHERE one = other)
"""
"""A tuple that had one node alone is compared with nobody of its own: what it says is enough, or it has no second."""

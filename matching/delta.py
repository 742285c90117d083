"""What of the pairs has to be made anew in a night that builds on the base: keys, candidates, and what they touch.

Reads matching.node_change and matching.distinct_record. Changes matching.block_key and matching.pair in place, which
hold the base's rows, and writes matching.touched_node. Keeps this: afterwards both hold what they would if all tuples
were blocked and compared tonight.

Fresh are the tuples of which a node is new, gone or changed. All their pairs are made anew. So are those of every tuple
of a block that becomes hot, or is so no more, although the model had not frozen it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.blocking import GUARD, count_keys, most_sql, settle_keys
from matching.features import NODES, tuple_numbers_sql
from matching.hot_keys import load_hot_keys
from warehouse.connection import has_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.blocking import BlockingRule, RuleKeys
    from matching.model import Model

FRESH = "temp.fresh_tuple"
CONCERNED = "temp.concerned_tuple"

_TUPLE_KEY = "hash(tuple_id)"
"""How matching.block_key, the longest table that is kept, names a tuple: a number is found in a third of the time."""

FRESH_TUPLES_SQL = """
CREATE OR REPLACE TEMP TABLE fresh_tuple AS
SELECT DISTINCT tuple_id FROM matching.node_change WHERE change <> 'members'
"""

CANDIDATES_SQL = f"""
WITH number AS ({tuple_numbers_sql(CONCERNED)})
SELECT l.tuple_no AS tuple_no_l, r.tuple_no AS tuple_no_r, rules
FROM temp.changed_candidate AS c
JOIN number AS l ON l.tuple_id = c.tuple_id_l
JOIN number AS r ON r.tuple_id = c.tuple_id_r
"""
"""The pairs to compare, by the numbers of the concerned tuples."""


def keep_keys(con: DuckDBPyConnection, scratch: DuckDBPyConnection, nodes: str = NODES) -> None:
    """Replace matching.block_key by the scratch table `spelled_key` of all tuples of `nodes`."""
    con.execute("DELETE FROM matching.block_key")
    con.register("incoming_key", scratch.sql("SELECT * FROM temp.spelled_key").to_arrow_table())
    con.execute(f"INSERT INTO matching.block_key {_named_sql(None, nodes)}")
    con.unregister("incoming_key")


def _named_sql(among: str | None, nodes: str) -> str:
    return f"""
        SELECT rule, first_key, narrower, calls, tuple_key
        FROM incoming_key
        JOIN (SELECT tuple_no, {_TUPLE_KEY} AS tuple_key FROM ({tuple_numbers_sql(among, nodes)})) USING (tuple_no)
    """


def block_changed(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model) -> tuple[RuleKeys, ...]:
    """Renew the keys of the fresh tuples, those that `spelled_key` of `scratch` has, and find whom they meet.

    Makes the temporary tables `rescored_tuple`, whose pairs are all to be made anew, `changed_candidate` (tuple_id_l,
    tuple_id_r, rules) and `concerned_tuple`, the tuples of these.
    """
    rules = model.definitions.rules
    load_hot_keys(con, con, model)
    _renew_keys(con, scratch)
    for statement in (_NEAR_SQL, _touched_keys_sql(rules), _RESCORED_SQL, _own_keys_sql(rules), _MET_KEYS_SQL):
        con.execute(statement)
    settle_keys(con, rules, GUARD)
    con.execute(_CHANGED_CANDIDATES_SQL)
    return count_keys(con, [0.0] * len(rules))


def _renew_keys(con: DuckDBPyConnection, scratch: DuckDBPyConnection) -> None:
    """Put the fresh tuples' keys of tonight in the place of the base's; make `removed_key` and `added_key` of both."""
    con.register("incoming_key", scratch.sql("SELECT * FROM temp.spelled_key").to_arrow_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE added_key AS {_named_sql(FRESH, NODES)}")
    con.unregister("incoming_key")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE removed_key AS
        SELECT rowid AS place, rule, first_key, narrower FROM matching.block_key
        WHERE tuple_key IN (SELECT {_TUPLE_KEY} FROM {FRESH});
        DELETE FROM matching.block_key WHERE rowid IN (SELECT place FROM temp.removed_key)
    """)
    con.execute("INSERT INTO matching.block_key SELECT * FROM temp.added_key")


_NEAR_SQL = """
CREATE OR REPLACE TEMP TABLE moved_key AS
SELECT rule, first_key, narrower, 1 AS one FROM temp.added_key
UNION ALL
SELECT rule, first_key, narrower, -1 FROM temp.removed_key;
CREATE OR REPLACE TEMP TABLE near_key AS
WITH frozen AS (SELECT DISTINCT first_key FROM temp.hot_key WHERE narrower IS NULL),
moved AS (
    SELECT DISTINCT first_key, f.first_key IS NOT NULL AS is_frozen, CASE WHEN is_frozen THEN narrower END AS narrower
    FROM temp.moved_key LEFT JOIN frozen AS f USING (first_key)
)
SELECT * FROM matching.block_key AS k
SEMI JOIN moved AS m ON k.first_key = m.first_key AND (NOT m.is_frozen OR k.narrower = m.narrower);
"""
"""The keys that fresh tuples carry, or carried, with all who do; of frozen ones those whose narrower key is theirs."""


def _touched_keys_sql(rules: Sequence[BlockingRule]) -> str:
    """Return the statements that make `touched_first` and `touched_narrow`: the keys with fewer or more bearers."""

    def counted(columns: str, frozen: str, which: str) -> str:
        return f"""
            WITH change AS (
                SELECT rule, {columns}, sum(one)::BIGINT AS added FROM temp.moved_key {which} GROUP BY ALL
            ),
            found AS (SELECT {columns}, count(*) AS bearers FROM temp.near_key GROUP BY ALL)
            SELECT c.*, coalesce(bearers, 0) AS now, now - added AS before, h.first_key IS NOT NULL AS is_frozen,
                is_frozen OR now > {most_sql(rules, GUARD)} AS is_above,
                is_frozen OR before > {most_sql(rules, GUARD)} AS was_above
            FROM change AS c LEFT JOIN found USING ({columns})
            LEFT JOIN (SELECT {columns} FROM temp.hot_key WHERE {frozen}) AS h USING ({columns})
        """

    hot_before_and_now = (
        "SEMI JOIN (SELECT first_key FROM temp.touched_first WHERE is_above AND was_above) USING (first_key)"
        " WHERE narrower IS NOT NULL"
    )
    return f"""
        CREATE OR REPLACE TEMP TABLE touched_first AS {counted("first_key", "narrower IS NULL", "")};
        CREATE OR REPLACE TEMP TABLE touched_narrow AS
        {counted("first_key, narrower", "narrower IS NOT NULL", hot_before_and_now)};
    """


_RESCORED_SQL = f"""
CREATE OR REPLACE TEMP TABLE rescored_tuple AS
SELECT tuple_id FROM {FRESH} SEMI JOIN matching.distinct_record USING (tuple_id)
UNION
SELECT tuple_id FROM matching.distinct_record WHERE {_TUPLE_KEY} IN (
    SELECT tuple_key FROM matching.block_key
    SEMI JOIN (SELECT first_key FROM temp.touched_first WHERE is_above <> was_above) USING (first_key)
    UNION ALL
    SELECT tuple_key FROM matching.block_key
    SEMI JOIN (SELECT first_key, narrower FROM temp.touched_narrow WHERE is_above <> was_above)
        USING (first_key, narrower)
)
"""


def _own_keys_sql(rules: Sequence[BlockingRule]) -> str:
    """Return the statements that make `own_key` of the tuples to score anew, and `hot_first` of those that are hot.

    Whether a key that a fresh tuple carries is hot is known; those of the other tuples are counted.
    """
    return f"""
        CREATE OR REPLACE TEMP TABLE other_key AS
        SELECT * FROM matching.block_key
        SEMI JOIN (
            SELECT {_TUPLE_KEY} AS tuple_key FROM temp.rescored_tuple ANTI JOIN {FRESH} USING (tuple_id)
        ) USING (tuple_key);
        CREATE OR REPLACE TEMP TABLE own_key AS
        SELECT rule, first_key, narrower FROM temp.added_key
        UNION
        SELECT rule, first_key, narrower FROM temp.other_key;
        CREATE OR REPLACE TEMP TABLE hot_first AS
        SELECT first_key FROM temp.touched_first WHERE is_above
        UNION
        SELECT first_key FROM matching.block_key SEMI JOIN temp.other_key USING (first_key)
        GROUP BY rule, first_key HAVING count(*) > {most_sql(rules, GUARD)}
        UNION
        SELECT first_key FROM temp.hot_key WHERE narrower IS NULL;
    """


_MET_KEYS_SQL = f"""
CREATE OR REPLACE TEMP TABLE met_key AS
WITH own AS (
    SELECT DISTINCT first_key, h.first_key IS NOT NULL AS is_hot, CASE WHEN is_hot THEN narrower END AS narrower
    FROM temp.own_key LEFT JOIN temp.hot_first AS h USING (first_key)
),
around AS (
    SELECT * FROM temp.near_key
    UNION ALL
    SELECT * FROM matching.block_key SEMI JOIN temp.other_key USING (first_key)
)
SELECT DISTINCT a.* FROM around AS a
SEMI JOIN own AS o ON a.first_key = o.first_key AND (NOT o.is_hot OR a.narrower = o.narrower);
CREATE OR REPLACE TEMP TABLE met_tuple AS
SELECT tuple_id, tuple_key, (row_number() OVER (ORDER BY tuple_id) - 1)::INTEGER AS tuple_no
FROM (SELECT DISTINCT tuple_id, {_TUPLE_KEY} AS tuple_key FROM matching.distinct_record)
SEMI JOIN (SELECT tuple_key FROM temp.met_key UNION ALL SELECT {_TUPLE_KEY} FROM temp.rescored_tuple) USING (tuple_key);
CREATE OR REPLACE TEMP TABLE spelled_key AS
SELECT rule, first_key, narrower, calls, tuple_no FROM temp.met_key JOIN temp.met_tuple USING (tuple_key);
"""
"""The keys by which tuples to score anew may meet others, with everybody who carries them."""

_CHANGED_CANDIDATES_SQL = """
CREATE OR REPLACE TEMP TABLE changed_candidate AS
WITH own AS (
    SELECT rule, key, tuple_no, calls FROM temp.block_key
    SEMI JOIN (SELECT tuple_no FROM temp.met_tuple SEMI JOIN temp.rescored_tuple USING (tuple_id)) USING (tuple_no)
),
met AS (
    SELECT least(l.tuple_no, r.tuple_no) AS one, greatest(l.tuple_no, r.tuple_no) AS other,
        bit_or(1::BIGINT << l.rule) AS rules
    FROM own AS l JOIN temp.block_key AS r
        ON l.key = r.key AND l.tuple_no <> r.tuple_no AND (l.calls OR r.calls)
    GROUP BY ALL
)
SELECT l.tuple_id AS tuple_id_l, r.tuple_id AS tuple_id_r, rules
FROM met JOIN temp.met_tuple AS l ON l.tuple_no = one JOIN temp.met_tuple AS r ON r.tuple_no = other
UNION ALL
SELECT tuple_id, tuple_id, 0 FROM matching.distinct_record SEMI JOIN temp.rescored_tuple USING (tuple_id)
GROUP BY tuple_id HAVING count(*) > 1;
CREATE OR REPLACE TEMP TABLE concerned_tuple AS
SELECT tuple_id_l AS tuple_id FROM temp.changed_candidate UNION SELECT tuple_id_r FROM temp.changed_candidate;
"""

_RENEWED_SQL = """
CREATE OR REPLACE TEMP TABLE renewed_node AS
SELECT distinct_record_id FROM matching.distinct_record SEMI JOIN temp.rescored_tuple USING (tuple_id)
UNION
SELECT distinct_record_id FROM matching.node_change WHERE change <> 'members';
CREATE OR REPLACE TEMP TABLE dropped_pair AS
SELECT rowid AS place, distinct_record_id_l, distinct_record_id_r, match_weight FROM matching.pair
WHERE distinct_record_id_l IN (SELECT distinct_record_id FROM temp.renewed_node)
    OR distinct_record_id_r IN (SELECT distinct_record_id FROM temp.renewed_node);
DELETE FROM matching.pair WHERE rowid IN (SELECT place FROM temp.dropped_pair);
"""

_TOUCHED_SQL = """
INSERT INTO matching.touched_node
WITH tied AS (
    SELECT distinct_record_id_l, distinct_record_id_r FROM temp.dropped_pair WHERE match_weight >= $ties_at
    UNION ALL
    SELECT distinct_record_id_l, distinct_record_id_r FROM temp.made_pair WHERE match_weight >= $ties_at
)
SELECT distinct_record_id FROM temp.renewed_node
UNION
SELECT distinct_record_id_l FROM tied
UNION
SELECT distinct_record_id_r FROM tied
"""
"""A former neighbour of a node that is gone is touched too: what it hung together with may come apart."""

_TEMPORARY = (
    *(
        "fresh_tuple",
        "hot_key",
        "hot_first",
        "added_key",
        "removed_key",
        "moved_key",
        "near_key",
        "touched_first",
        "touched_narrow",
        "own_key",
        "other_key",
    ),
    *("rescored_tuple", "met_key", "met_tuple", "spelled_key", "settled_key", "block_key", "changed_candidate"),
    *("concerned_tuple", "renewed_node", "dropped_pair", "made_pair"),
)


def renew_pairs(con: DuckDBPyConnection, made: str, ties_at: float) -> bool:
    """Put the pairs of the query `made` in the place of those of the nodes whose pairs are made anew.

    Writes matching.touched_node: those nodes, and the ends of every tie, a pair of at least `ties_at`, that is gone or
    was made. Returns whether there were any.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE made_pair AS {made}")
    con.execute(_RENEWED_SQL)
    con.execute("INSERT INTO matching.pair BY NAME SELECT * FROM temp.made_pair")
    con.execute(_TOUCHED_SQL, {"ties_at": ties_at})
    are_any = has_rows(con, "SELECT 1 FROM temp.renewed_node")
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")
    return are_any

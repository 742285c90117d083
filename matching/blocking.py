"""Blocking: which pairs of tuples are worth comparing, under a budget per key, counted per rule.

Each rule spells a key from a tuple's features; tuples with an equal key meet. A key that too many tuples carry is cut:
it counts only together with the rule's narrower key, and not at all where even that is carried by too many.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

_BOTH_INITIALS = "given_initial || family_initial"


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """One way for two tuples to meet: `key` is SQL over the columns of `feature`, null where the rule says nothing.

    `each` names a list column of which every element makes a key (`key` then speaks of `element`). Up to `limit` tuples
    may share a key; beyond that `narrower` is added to it. A rule that is `sparse_only` lets two tuples meet if one of
    them is an organisation, or has neither e-mail nor phone by which others would find it.
    """

    name: str
    key: str
    narrower: str = _BOTH_INITIALS
    limit: int = 60
    each: str | None = None
    sparse_only: bool = False

    def spelled(self, features: str) -> str:
        """Return the query of the columns of `features`, a table, with the rule's `key` where it has one."""
        source = f"(SELECT *, unnest({self.each}) AS element FROM {features})" if self.each else features
        return f"SELECT *, {self.key} AS key FROM {source} WHERE ({self.key}) IS NOT NULL"


BLOCKING_RULES = (
    BlockingRule("email", "element", each="emails"),
    BlockingRule("phone", "right(element, 7)", each="phones"),
    BlockingRule(
        "name",
        "CASE WHEN NOT given_is_initial AND family_root IS NOT NULL THEN"
        " least(given_root, family_root) || '|' || greatest(given_root, family_root) END",
        narrower="middle",
    ),
    BlockingRule("reference", "element", each="quoted"),
    BlockingRule("identifier", "element", each="identifiers"),
    BlockingRule("place_given", "place || '|' || given_initial"),
    BlockingRule("place_family", "place || '|' || family_initial"),
    BlockingRule("number_family", "street_number || '|' || family_root", narrower="given_initial", limit=30),
    BlockingRule("street_family", "street || '|' || family_root", narrower="given_initial", limit=25),
    BlockingRule("street_given", "street || '|' || given_root", narrower="family_initial", sparse_only=True, limit=25),
    BlockingRule("birth_date", "birth_date", narrower="given_initial", limit=25),
    BlockingRule("skeleton_code", "family_skeleton || '|' || given_initial || '|' || postal_code", narrower="middle"),
    BlockingRule("skeleton_given", "family_skeleton || '|' || nicknames[1]", narrower="middle"),
    BlockingRule("nickname", "family_root || '|' || element", narrower="middle", each="nicknames"),
    BlockingRule("given_middle", "given_root || '|' || family_initial || '|' || middle", narrower="postal_code"),
    BlockingRule("family_middle", "family_root || '|' || given_initial || '|' || middle", narrower="postal_code"),
    BlockingRule(
        "email_letters",
        "CASE WHEN email_kind <> 'handle' AND length(email_letters) > 4 THEN email_letters END",
        limit=12,
    ),
    BlockingRule("email_local", "email_local"),
    BlockingRule("code_number", "postal_code || '|' || street_number", sparse_only=True),
    BlockingRule("code_given", "postal_code || '|' || given_root", narrower="family_initial", sparse_only=True),
    BlockingRule("code_family", "postal_code || '|' || family_root", narrower="given_initial", sparse_only=True),
    BlockingRule(
        "given_birth_month", "given_root || '|' || birth_year || '|' || birth_month", narrower="family_initial"
    ),
    BlockingRule("family_birth_year", "family_root || '|' || birth_year", narrower="given_initial", limit=25),
    BlockingRule("firm_code", "firm || '|' || postal_code"),
    BlockingRule("code", "postal_code", sparse_only=True, limit=25),
    BlockingRule("city_given", "city || '|' || given_root", narrower="family_initial", sparse_only=True),
    BlockingRule("city_family", "city || '|' || family_root", narrower="given_initial", sparse_only=True),
    BlockingRule("city_birth_year", "city || '|' || birth_year", narrower="given_initial", sparse_only=True, limit=25),
    BlockingRule(
        "given_birth_year", "given_root || '|' || birth_year", narrower="family_initial", sparse_only=True, limit=25
    ),
    BlockingRule("skeleton", "family_skeleton || '|' || given_initial", narrower="middle", sparse_only=True, limit=20),
    BlockingRule(
        "beginnings", "left(given, 2) || '|' || left(family, 3)", narrower="middle", sparse_only=True, limit=20
    ),
)

GUARD = 4
"""A key that was not hot when the model was made becomes so from this many times its rule's limit on.

Each change of mind about a key costs a comparison of all who carry it anew, so there are to be few; and a model made of
few records must not let large blocks through when the records become many.
"""

SAME_ATTRIBUTES = "same_attributes"
"""The match key of records that meet because they share all they say, though that is too little to make them one."""


MOST_RULES = 62
"""So many rules fit into the bits of a 64-bit integer."""


@dataclass(frozen=True, slots=True)
class RuleKeys:
    """What one rule's keys came to: `keys` let tuples meet, of which some were narrowed, others left out.

    `narrowed` counts the keys that too many tuples carry, `left_out` those that the narrower key does not make rarer
    (or that lack one). `cpu_seconds` is what making them took.
    """

    keys: int
    narrowed: int
    left_out: int
    cpu_seconds: float


def make_keys(
    scratch: DuckDBPyConnection, rules: Sequence[BlockingRule] = BLOCKING_RULES, *, is_frozen: bool = False
) -> tuple[RuleKeys, ...]:
    """Make the tables `spelled_key` and `block_key` (rule, key, tuple_no, calls) from `feature`.

    In `block_key` hot keys are narrowed or left out: those above their rule's limit; where they are frozen with a model
    (`is_frozen`), those of the table `hot_key`, and others only from `GUARD` times the limit on. A rule is known by its
    place among `rules`; what is returned is in the same order. Two tuples meet if one `calls`.
    """
    seconds = spell_keys(scratch, rules)
    started = time.process_time()
    if not is_frozen:
        scratch.execute(_NO_HOT_KEY_SQL)
    factor = GUARD if is_frozen else 1
    find_hot_keys(scratch, rules, factor)
    settle_keys(scratch, rules, factor)
    shared_out = (time.process_time() - started) / max(1, len(rules))
    return count_keys(scratch, [spent + shared_out for spent in seconds])


def count_keys(con: DuckDBPyConnection, seconds: Sequence[float]) -> tuple[RuleKeys, ...]:
    """Return what the keys of `settled_key` came to, per rule, of which each has taken so many CPU seconds."""
    counts = {row[0]: row[1:] for row in con.execute(_COUNTS_SQL).fetchall()}
    nothing = (0, 0, 0)
    made = []
    for number, spent in enumerate(seconds):
        keys, narrowed, left_out = counts.get(number, nothing)
        made.append(RuleKeys(keys, narrowed, left_out, spent))
    return tuple(made)


def spell_keys(scratch: DuckDBPyConnection, rules: Sequence[BlockingRule]) -> list[float]:
    """Make the table `spelled_key` (rule, first_key, narrower, calls, tuple_no): the keys of all tuples of `feature`.

    Returns what CPU seconds each rule took. Raises UsageError for more rules than bits.
    """
    if len(rules) > MOST_RULES:
        message = f"there are {len(rules)} blocking rules; {MOST_RULES} may be: leave some out"
        raise UsageError(message)
    scratch.execute("""
        CREATE OR REPLACE TEMP TABLE spelled_key (
            rule TINYINT, first_key UBIGINT, narrower VARCHAR, calls BOOLEAN, tuple_no INTEGER)
    """)
    seconds = []
    for number, rule in enumerate(rules):
        started = time.process_time()
        scratch.execute(f"""
            INSERT INTO temp.spelled_key
            SELECT {"DISTINCT" if rule.each else ""} {number}, {first_key_sql(number)}, ({rule.narrower})::VARCHAR,
                is_sparse OR {not rule.sparse_only}, tuple_no
            FROM ({rule.spelled("feature")})
        """)
        seconds.append(time.process_time() - started)
    return seconds


def first_key_sql(rule: int | str) -> str:
    """Return the SQL of the hash of the rule's place, a number or a column, and the column `key`."""
    return f"hash(({rule})::TINYINT, key::VARCHAR)"


_NO_HOT_KEY_SQL = "CREATE OR REPLACE TEMP TABLE hot_key (rule TINYINT, first_key UBIGINT, narrower VARCHAR)"


def find_hot_keys(con: DuckDBPyConnection, rules: Sequence[BlockingRule], factor: int) -> None:
    """Make the temporary table `hot_first` of the first keys of `spelled_key` that are narrowed."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE hot_first AS
        SELECT first_key FROM temp.spelled_key GROUP BY rule, first_key HAVING count(*) > {most_sql(rules, factor)}
        UNION
        SELECT first_key FROM temp.hot_key WHERE narrower IS NULL
    """)


def most_sql(rules: Sequence[BlockingRule], factor: int) -> str:
    """Return the SQL of how many tuples may share a key of the column `rule`."""
    return f"([{', '.join(str(rule.limit * factor) for rule in rules)}])[rule + 1]"


def settle_keys(con: DuckDBPyConnection, rules: Sequence[BlockingRule], factor: int) -> None:
    """Make the temporary tables `settled_key` and `block_key` from `spelled_key`, `hot_first` and `hot_key`."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE settled_key AS
        WITH keyed AS (
            SELECT k.*, h.first_key IS NOT NULL AS is_hot,
                CASE WHEN h.first_key IS NULL THEN k.first_key ELSE hash(k.first_key, narrower) END AS key
            FROM temp.spelled_key AS k LEFT JOIN temp.hot_first AS h USING (first_key)
        ),
        left_out AS (
            SELECT key FROM keyed WHERE is_hot GROUP BY rule, key
            HAVING min(narrower) IS NULL OR count(*) > {most_sql(rules, factor)}
            UNION
            SELECT hash(first_key, narrower) FROM temp.hot_key WHERE narrower IS NOT NULL
        )
        SELECT keyed.*, left_out.key IS NOT NULL AS is_left_out FROM keyed LEFT JOIN left_out USING (key)
    """)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE block_key AS
        SELECT rule, key, tuple_no, calls FROM temp.settled_key WHERE NOT is_left_out
    """)


_COUNTS_SQL = """
WITH counted AS (SELECT rule, key, is_left_out, count(*) AS tuples FROM temp.settled_key GROUP BY ALL),
narrowed AS (SELECT rule, count(DISTINCT first_key) AS narrowed FROM temp.settled_key WHERE is_hot GROUP BY rule)
SELECT rule, count(*) FILTER (tuples > 1 AND NOT is_left_out), coalesce(max(narrowed), 0),
    count(*) FILTER (is_left_out)
FROM counted LEFT JOIN narrowed USING (rule) GROUP BY rule
"""


def count_key_pairs(scratch: DuckDBPyConnection) -> int:
    """Return how many pairs the keys make, each counted for every key it shares."""
    row = scratch.execute(
        "SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*) AS n FROM block_key GROUP BY key)"
    ).fetchall()[0]
    return int(row[0])


def make_candidates(scratch: DuckDBPyConnection, *, per_mille: int = 1000) -> int:
    """Make the table `candidate` (tuple_no_l, tuple_no_r, rules) from `block_key`; return its length.

    The left tuple is the lesser one. `rules` has a bit per rule that finds the pair, the first rule's the lowest. Below
    1000, `per_mille` takes the pairs of that share of left tuples alone, as a sample. A tuple of several nodes is a
    candidate of itself, by no rule.
    """
    scratch.execute(f"""
        CREATE OR REPLACE TABLE candidate AS
        SELECT l.tuple_no AS tuple_no_l, r.tuple_no AS tuple_no_r, bit_or(1::BIGINT << l.rule) AS rules
        FROM block_key AS l JOIN block_key AS r ON l.key = r.key AND l.tuple_no < r.tuple_no AND (l.calls OR r.calls)
        WHERE l.tuple_no % 1000 < {per_mille}
        GROUP BY ALL
        UNION ALL
        SELECT tuple_no, tuple_no, 0 FROM node GROUP BY tuple_no HAVING count(*) > 1
    """)
    return int(scratch.execute("SELECT count(*) FROM candidate").fetchall()[0][0])


def make_random_pairs(scratch: DuckDBPyConnection, tuples: int, most: int) -> None:
    """Make the table `candidate` of about `most` pairs that no rule brought together.

    Tuples are numbered by hashes: those that stand so many places apart are as good as drawn at random.
    """
    apart = max(1, min((tuples - 1) // 2, -(-most // max(1, tuples))))
    scratch.execute(f"""
        CREATE OR REPLACE TABLE candidate AS
        SELECT least(l, r) AS tuple_no_l, greatest(l, r) AS tuple_no_r, 0::BIGINT AS rules
        FROM (
            SELECT l.tuple_no AS l, ((l.tuple_no + places) % {max(1, tuples)})::INTEGER AS r
            FROM feature AS l, range(1, {apart + 1}) AS apart(places)
            WHERE l.tuple_no * {apart} < {most}
        )
        WHERE l <> r
    """)

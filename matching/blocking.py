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

SAME_ATTRIBUTES = "same_attributes"
"""The match key of records that meet because they share all they say, though that is too little to make them one."""


MOST_RULES = 62
"""So many rules fit into the bits of a 64-bit integer."""


@dataclass(frozen=True, slots=True)
class RuleKeys:
    """What one rule's keys came to: `keys` let tuples meet, of which some were narrowed, others left out.

    `narrowed` counts the keys that more tuples carry than the limit, `left_out` those that the narrower key does not
    make rarer (or that lack one). `cpu_seconds` is what making them took.
    """

    keys: int
    narrowed: int
    left_out: int
    cpu_seconds: float


def make_keys(scratch: DuckDBPyConnection, rules: Sequence[BlockingRule] = BLOCKING_RULES) -> tuple[RuleKeys, ...]:
    """Make the table `block_key` (rule, key, tuple_no, calls) from `feature`, hot keys narrowed or left out.

    A rule is known by its place among `rules`; what is returned is in the same order. Two tuples meet if one `calls`.
    """
    if len(rules) > MOST_RULES:
        message = f"there are {len(rules)} blocking rules; {MOST_RULES} may be: leave some out"
        raise UsageError(message)
    scratch.execute("CREATE OR REPLACE TABLE block_key (rule TINYINT, key UBIGINT, tuple_no INTEGER, calls BOOLEAN)")
    return tuple(_make_keys_of(scratch, number, rule) for number, rule in enumerate(rules))


def _make_keys_of(scratch: DuckDBPyConnection, number: int, rule: BlockingRule) -> RuleKeys:
    started = time.process_time()
    scratch.execute(f"""
        CREATE OR REPLACE TEMP TABLE spelled_key AS
        WITH spelled AS (
            SELECT tuple_no, hash({number}, key) AS first_key, {rule.narrower} AS narrower,
                is_sparse OR {not rule.sparse_only} AS calls
            FROM ({rule.spelled("feature")})
        ),
        counted AS (
            SELECT *, count(*) OVER same AS tuples, row_number() OVER same = 1 AS begins FROM spelled
            WINDOW same AS (PARTITION BY first_key)
        ),
        narrowed AS (
            SELECT tuple_no, calls, tuples > {rule.limit} AS is_hot, is_hot AND begins AS is_narrowed,
                is_hot AND narrower IS NULL AS ends,
                CASE WHEN is_hot THEN hash(first_key, narrower) ELSE first_key END AS key
            FROM counted WHERE tuples > 1
        )
        SELECT tuple_no, calls, key, is_narrowed, row_number() OVER same = 1 AS is_first,
            ends OR count(*) OVER same > {rule.limit} AS is_left_out, count(*) OVER same > 1 AS is_shared
        FROM narrowed WINDOW same AS (PARTITION BY key)
    """)
    scratch.execute(f"""
        INSERT INTO block_key
        SELECT {number}, key, tuple_no, calls FROM spelled_key WHERE is_shared AND NOT is_left_out
    """)
    keys, narrowed, left_out = scratch.execute("""
        SELECT count(*) FILTER (is_first AND is_shared AND NOT is_left_out), count(*) FILTER (is_narrowed),
            count(*) FILTER (is_first AND is_left_out)
        FROM spelled_key
    """).fetchall()[0]
    scratch.execute("DROP TABLE spelled_key")
    return RuleKeys(keys, narrowed, left_out, time.process_time() - started)


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

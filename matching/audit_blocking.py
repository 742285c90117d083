"""What each blocking rule costs and brings, written down every night for the run's page.

Reads the scratch table `candidate` and the temporary table `scored` of the stage `score`, for which it writes
matching.blocking_rule. Keeps this: a pair counts once for every rule that finds it, however many keys it shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from matching.blocking import BlockingRule, RuleKeys

LIKELY_WEIGHT = 0.0
"""From this weight on, in log2 odds, a pair counts as a match here: it is rather one than not."""


def write_audit(
    con: DuckDBPyConnection,
    scratch: DuckDBPyConnection,
    rules: Sequence[BlockingRule],
    keys: Sequence[RuleKeys],
    pairing_seconds: float,
) -> None:
    """Write a row per rule; `pairing_seconds`, which all rules took together, are shared out by their pairs."""
    found = "SELECT rules, count(*) FROM candidate WHERE rules > 0 GROUP BY rules"
    pairs = counts_by_rule(dict(scratch.execute(found).fetchall()), len(rules))
    likely = f"SELECT rules, count(*) FROM temp.scored WHERE rules > 0 AND weight >= {LIKELY_WEIGHT} GROUP BY rules"
    matches = counts_by_rule(dict(con.execute(likely).fetchall()), len(rules))
    all_pairs = max(1, sum(count for count, _ in pairs))
    rows = [
        {
            "rule": rule.name,
            "position": number + 1,
            "keys": made.keys,
            "narrowed_keys": made.narrowed,
            "left_out_keys": made.left_out,
            "pairs": pairs[number][0],
            "pairs_alone": pairs[number][1],
            "matches": matches[number][0],
            "matches_alone": matches[number][1],
            "cpu_seconds": round(made.cpu_seconds + pairing_seconds * pairs[number][0] / all_pairs, 4),
        }
        for number, (rule, made) in enumerate(zip(rules, keys, strict=True))
    ]
    con.execute("DELETE FROM matching.blocking_rule")
    con.register("incoming_rule", pa.Table.from_pylist(rows))
    con.execute("INSERT INTO matching.blocking_rule BY NAME SELECT * FROM incoming_rule")
    con.unregister("incoming_rule")


def counts_by_rule(by_bits: Mapping[int, int], rules: int) -> tuple[tuple[int, int], ...]:
    """Return for each of so many rules how many of the counted pairs it finds, and how many only it finds.

    `by_bits` counts the pairs by the rules that find them, a bit per rule.
    """
    found, alone = [0] * rules, [0] * rules
    for bits, count in by_bits.items():
        of_pair = [place for place in range(rules) if bits >> place & 1]
        for place in of_pair:
            found[place] += count
        if len(of_pair) == 1:
            alone[of_pair[0]] += count
    return tuple(zip(found, alone, strict=True))

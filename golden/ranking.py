"""Ranks the candidate values of each attribute of each customer, by the attribute's rules.

Invariant: the ranking is total and does not know the order of rows. Of the records that say the same, the one that the
rules put first speaks for the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.evidence import SEPARATOR
from golden.rules import FULLER
from warehouse.connection import has_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from golden.rules import SurvivorshipRule

_RANKED = """
    CREATE OR REPLACE TEMP TABLE ranked (
        golden_id VARCHAR, attribute VARCHAR, value VARCHAR, source VARCHAR, source_record_id VARCHAR,
        observed_at TIMESTAMP, keys BIGINT[], rules VARCHAR[], place BIGINT, chosen BOOLEAN
    )
    """


def start_ranking(con: DuckDBPyConnection) -> None:
    """Make the temporary table `ranked`, empty: one row per distinct value, `place` 1 for the best, which is chosen.

    `keys` are the numbers that decided, the least first, and `rules` the names of what they measure.
    """
    con.execute(_RANKED)


def rank(con: DuckDBPyConnection, attributes: Sequence[str], rules: Sequence[SurvivorshipRule]) -> None:
    """Rank the candidates of `attributes` by `rules` into `ranked`; a whole goes before a part whatever the rules."""
    if not has_rows(con, "FROM candidate WHERE list_contains(?::VARCHAR[], attribute)", [list(attributes)]):
        return
    of_records = "".join(f"'{rule.name}': {rule.key}, " for rule in rules if rule.of_record)
    keys = "".join(f", {f'speaker.{rule.name}' if rule.of_record else rule.key}" for rule in rules)
    names = ", ".join(f"'{name}'" for name in (FULLER, *(rule.name for rule in rules)))
    con.execute(
        f"""
        INSERT INTO ranked
        WITH said AS (
            SELECT golden_id, attribute, value, count(*) AS support,
                min({{
                    'whole': -fullness, {of_records}'source': source, 'source_record_id': source_record_id,
                    'position': position, 'observed_at': observed_at
                }}) AS speaker
            FROM candidate SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS attribute) AS wanted USING (attribute)
            GROUP BY ALL
        ), keyed AS (
            SELECT *, [speaker.whole{keys}]::BIGINT[] AS keys FROM said
        )
        SELECT golden_id, attribute, value, speaker.source, speaker.source_record_id, speaker.observed_at, keys,
            [{names}] AS rules,
            row_number() OVER (
                PARTITION BY golden_id, attribute
                ORDER BY keys, speaker.source, speaker.source_record_id, speaker.position, value
            ) AS place,
            place = 1 AS chosen
        FROM keyed
        """,
        [list(attributes)],
    )


def _folded(text: str) -> str:
    return f"lower(strip_accents({text}))"


def _part(side: str, number: int) -> str:
    return f"string_split({side}.value, {SEPARATOR})[{number}]"


def _filled(side: str) -> str:
    return f"len(list_filter(string_split({side}.value, {SEPARATOR}), lambda part: part <> ''))"


def _spells_out(initial: str, name: str) -> str:
    return (
        f"length(rtrim({initial}, '.')) = 1 AND length(rtrim({name}, '.')) > 1"
        f" AND starts_with({_folded(name)}, {_folded(f'left({initial}, 1)')})"
    )


_SAME_FAMILY = f"{_folded(_part('winner', 2))} = {_folded(_part('other', 2))}"
_W, _O = (f"string_split({_folded(f'{side}.value')}, {SEPARATOR})" for side in ("winner", "other"))
_NO_CONFLICT = f"""
    {_filled("other")} > {_filled("winner")}
    AND len(list_filter(list_zip({_W}, {_O}), lambda pair: pair[1] <> '' AND pair[1] <> pair[2])) = 0
    """
FULLER_FORMS = {
    "name": f"{_spells_out(_part('winner', 1), _part('other', 1))} AND {_SAME_FAMILY}",
    "middle_name": _spells_out("winner.value", "other.value"),
    "address": _NO_CONFLICT,
}
"""When another value says the same as the winner, and more: J Smith is John Smith, 5 Elm St is 5 Elm St in Salem."""


def prefer_fuller_forms(con: DuckDBPyConnection, attributes: Sequence[str]) -> None:
    """Choose, instead of the winner, the fullest value that says the same and more; it gets place 0.

    An initial thus never beats the full given name that it may stand for, whichever source is trusted more.
    """
    for attribute in attributes:
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE fuller AS
            SELECT other.golden_id, other.attribute, other.value
            FROM ranked AS winner
            JOIN ranked AS other ON other.golden_id = winner.golden_id AND other.attribute = winner.attribute
            WHERE winner.attribute = ? AND winner.place = 1 AND other.place > 1 AND {FULLER_FORMS[attribute]}
            QUALIFY row_number() OVER (PARTITION BY other.golden_id ORDER BY {_filled("other")} DESC, other.place) = 1
            """,
            [attribute],
        )
        con.execute(
            """
            UPDATE ranked SET chosen = ranked.value = fuller.value,
                place = CASE WHEN ranked.value = fuller.value THEN 0 ELSE ranked.place END
            FROM fuller WHERE fuller.golden_id = ranked.golden_id AND fuller.attribute = ranked.attribute
            """
        )
        con.execute("DROP TABLE fuller")

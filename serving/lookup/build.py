"""Builds from a release what customers are found by: sets in SQL, taken over as they lie in memory.

Reads customer, provenance, crosswalk, activity and redirect. Keeps this: customers are numbered from the one that was
seen last, so that of equally good finds the lesser number comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from serving.lookup.spelling import digits_sql, plain_sql, words_sql
from serving.lookup.texts import Keys, Parts, SortedTexts, Words
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sources:
    """The records' names of their sources, and of each key which source it is of, as a place among the names."""

    names: tuple[bytes, ...]
    of_key: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Contents:
    """All that customers are found by; they are known by numbers, the places of their ids in `golden_ids`.

    `other_names` are those of their records that are not published, `addresses` streets and postal codes.
    """

    golden_ids: npt.NDArray[Any]
    name_words: npt.NDArray[np.uint8]
    names: Words
    other_names: Words
    cities: Words
    addresses: Words
    emails: Parts
    phones: Parts
    ids: Keys
    references: Keys
    records: Keys
    sources: Sources


def read_contents(golden: DuckDBPyConnection) -> Contents:
    """Return what customers are found by, of the release that `golden` is a connection to."""
    with open_memory(threads=1) as scratch:
        for name, query in _COPIES.items():
            scratch.register("incoming", golden.sql(query).to_arrow_table())
            scratch.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
            scratch.unregister("incoming")
        scratch.execute(_NUMBERED_SQL)
        numbered = scratch.sql("SELECT golden_id, name_words FROM numbered ORDER BY number").to_arrow_table()
        records = scratch.sql(_RECORDS_SQL).to_arrow_table()
        source_names = scratch.execute("SELECT DISTINCT source FROM record ORDER BY source").fetchall()
        return Contents(
            golden_ids=np.array(numbered["golden_id"].to_pylist(), dtype="S"),
            name_words=numbered["name_words"].to_numpy().astype(np.uint8),
            names=_words(scratch, _NAMES_SQL),
            other_names=_words(scratch, _OTHER_NAMES_SQL),
            cities=_words(scratch, _CITIES_SQL),
            addresses=_words(scratch, _ADDRESSES_SQL),
            emails=_parts(scratch, _EMAILS_SQL),
            phones=_parts(scratch, _PHONES_SQL),
            ids=_keys(scratch.sql(_IDS_SQL).to_arrow_table()),
            references=_keys(scratch.sql(_REFERENCES_SQL).to_arrow_table()),
            records=_keys(records),
            sources=Sources(tuple(name.encode() for (name,) in source_names), _codes(records, source_names)),
        )


def _codes(records: pa.Table, names: Sequence[tuple[str]]) -> npt.NDArray[np.uint16]:
    code = {name: place for place, (name,) in enumerate(names)}
    encoded = records["source"].combine_chunks().dictionary_encode()
    of_entry = np.array([code[str(name)] for name in encoded.dictionary.to_pylist()], np.uint16)
    return of_entry[encoded.indices.to_numpy(zero_copy_only=False)] if len(of_entry) else of_entry


def _keys(found: pa.Table) -> Keys:
    return Keys(SortedTexts(found["text"]), _numbers(found["number"]))


def _numbers(column: pa.ChunkedArray[Any]) -> Numbers:
    return column.to_numpy().astype(np.int32)


def _parts(scratch: DuckDBPyConnection, query: str) -> Parts:
    found = scratch.sql(query).to_arrow_table()
    return Parts(found["text"], _numbers(found["number"]))


def _words(scratch: DuckDBPyConnection, query: str) -> Words:
    """Return the words of the query (word, number), all distinct."""
    scratch.execute(f"CREATE OR REPLACE TABLE word_of AS {query}")
    counted = scratch.sql("SELECT word AS text, count(*) AS times FROM word_of GROUP BY word ORDER BY word")
    words = counted.to_arrow_table()
    owners = scratch.sql("SELECT number FROM word_of ORDER BY word, number").to_arrow_table()
    scratch.execute("DROP TABLE word_of")
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(words["times"].to_numpy().astype(np.int64))])
    return Words(SortedTexts(words["text"]), starts, _numbers(owners["number"]))


_COPIES = {
    "customer": """
        SELECT golden_id, full_name, organisation, street, city, postal_code, emails, phones, last_seen_at
        FROM customer""",
    "other_name": """
        SELECT golden_id, unnest(alternatives).value AS name FROM provenance
        WHERE attribute IN ('given_name', 'middle_name', 'family_name', 'organisation')""",
    "record": "SELECT source, source_record_id, golden_id FROM crosswalk",
    "activity": "SELECT DISTINCT reference, golden_id FROM activity WHERE reference IS NOT NULL",
    "redirect": "SELECT golden_id, current_golden_id FROM redirect WHERE current_golden_id IS NOT NULL",
}

_NUMBERED_SQL = f"""
CREATE TABLE numbered AS
SELECT (row_number() OVER (ORDER BY last_seen_at DESC NULLS LAST, golden_id) - 1)::INTEGER AS number, *,
    least(len({words_sql("coalesce(full_name, organisation)")}), 255)::UTINYINT AS name_words
FROM customer
"""


def _word_query(*selects: str) -> str:
    told = " UNION ALL ".join(selects)
    return f"SELECT DISTINCT word, number FROM (SELECT number, unnest({words_sql('said')}) AS word FROM ({told}))"


_NAMES_SQL = _word_query(
    "SELECT number, full_name AS said FROM numbered",
    "SELECT number, organisation FROM numbered",
)
_OTHER_NAMES_SQL = _word_query("SELECT number, name AS said FROM other_name JOIN numbered USING (golden_id)")
_CITIES_SQL = _word_query("SELECT number, city AS said FROM numbered")
_ADDRESSES_SQL = _word_query("SELECT number, street AS said FROM numbered", "SELECT number, postal_code FROM numbered")

_END = "chr(10)"
_EMAILS_SQL = f"""
SELECT {plain_sql("email")} || {_END} AS text, number
FROM (SELECT number, unnest(emails) AS email FROM numbered) ORDER BY number, text
"""
_PHONES_SQL = f"""
SELECT {digits_sql("phone")} || {_END} AS text, number
FROM (SELECT number, unnest(phones) AS phone FROM numbered) ORDER BY number, text
"""
_IDS_SQL = """
SELECT lower(golden_id) AS text, number FROM numbered
UNION ALL
SELECT lower(r.golden_id), number FROM redirect AS r JOIN numbered AS n ON n.golden_id = r.current_golden_id
ORDER BY text
"""
_REFERENCES_SQL = f"""
SELECT DISTINCT {plain_sql("reference")} AS text, number FROM activity JOIN numbered USING (golden_id)
ORDER BY text, number
"""
_RECORDS_SQL = f"""
SELECT {plain_sql("source_record_id")} AS text, number, source FROM record JOIN numbered USING (golden_id)
ORDER BY text, number, source
"""

"""How what is typed and what is published are spelled to be compared: one SQL expression each, for both."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from warehouse.connection import open_memory

_APOSTROPHES = "[''`\u2019\u00b4]"


def plain_sql(text: str) -> str:
    """Return the SQL of a text without the spaces around it, in lower case, on one line."""
    return f"replace(lower(trim({text})), chr(10), ' ')"


def words_sql(text: str) -> str:
    """Return the SQL of the distinct words of a text: lower case, without accents; an apostrophe parts no word."""
    folded = f"lower(strip_accents(regexp_replace(coalesce({text}, ''), '{_APOSTROPHES}', '', 'g')))"
    return (
        rf"list_distinct(list_filter(regexp_split_to_array({folded}, '[^\p{{L}}\p{{N}}]+'), lambda word: word <> ''))"
    )


def digits_sql(text: str) -> str:
    """Return the SQL of the digits of a phone number: no trunk zero in brackets, no zeros before the first digit."""
    return rf"ltrim(regexp_replace(replace({text}, '(0)', ''), '[^0-9]', '', 'g'), '0')"


@dataclass(frozen=True, slots=True)
class Spelled:
    """What was typed, or a part of it: as one plain text, as words, and its digits."""

    plain: bytes
    words: tuple[bytes, ...]
    digits: bytes


class Speller:
    """Spells what is typed, for any number of threads."""

    def __init__(self) -> None:
        self._con = open_memory(threads=1)
        self._lock = Lock()

    def __call__(self, texts: list[str]) -> list[Spelled]:
        """Return each text spelled."""
        with self._lock:
            rows = self._con.execute(_SPELL_SQL, [texts]).fetchall()
        return [
            Spelled(plain.encode(), tuple(word.encode() for word in words), digits.encode())
            for plain, words, digits in rows
        ]


_SPELL_SQL = f"""
SELECT {plain_sql("said")}, {words_sql("said")}, {digits_sql("said")}
FROM (SELECT unnest($1::VARCHAR[]) AS said, generate_subscripts($1::VARCHAR[], 1) AS place) ORDER BY place
"""

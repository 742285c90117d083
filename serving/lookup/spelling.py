"""How what is typed and what is published are spelled to be compared: one SQL expression each, for both."""

from __future__ import annotations

import re
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
    """Return the SQL of the digits of a phone number, without a trunk zero in brackets."""
    return rf"regexp_replace(replace({text}, '(0)', ''), '[^0-9]', '', 'g')"


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
        """Return each text spelled; plain ASCII without asking the database, which would take some milliseconds."""
        if all(text.isascii() for text in texts):
            return [spell_ascii(text) for text in texts]
        return self.by_sql(texts)

    def by_sql(self, texts: list[str]) -> list[Spelled]:
        """Return each text spelled by the expressions themselves."""
        with self._lock:
            rows = self._con.execute(_SPELL_SQL, [texts]).fetchall()
        return [
            Spelled(plain.encode(), tuple(sorted(word.encode() for word in words)), digits.encode())
            for plain, words, digits in rows
        ]


def spell_ascii(text: str) -> Spelled:
    """Return what the expressions make of an ASCII text: a twin in Python, which a test holds to them."""
    plain = text.strip(" ").lower().replace("\n", " ")
    words = sorted(set(_ASCII_WORD.findall(text.replace("'", "").replace("`", "").lower())))
    digits = re.sub("[^0-9]", "", text.replace("(0)", ""))
    return Spelled(plain.encode(), tuple(word.encode() for word in words), digits.encode())


_ASCII_WORD = re.compile("[a-z0-9]+")
_SPELL_SQL = f"""
SELECT {plain_sql("said")}, {words_sql("said")}, {digits_sql("said")}
FROM (SELECT unnest($1::VARCHAR[]) AS said, generate_subscripts($1::VARCHAR[], 1) AS place) ORDER BY place
"""

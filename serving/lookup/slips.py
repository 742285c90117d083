"""Words of names, found by what is typed with a slip or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORGIVEN = ((8, 2), (4, 1))
"""From so many letters on, so many slips are forgiven."""


class Slips:
    """Words in UTF-8, by their lengths and first letters; for any number of threads."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self._by_length: dict[int, dict[str, list[str]]] = {}
        for word in sorted({word.decode() for word in words}):
            self._by_length.setdefault(len(word), {}).setdefault(word[0], []).append(word)

    def near(self, word: str) -> list[bytes]:
        """Return the words that are a slip or two from this one; those that begin like it, if there are any.

        The first letter is seldom wrong, and to look at all words takes twenty times as long.
        """
        slips = next((slips for letters, slips in _FORGIVEN if len(word) >= letters), 0)
        if not slips:
            return []
        near = [self._by_length.get(length, {}) for length in range(len(word) - slips, len(word) + slips + 1)]
        alike = _within(slips, word, [known for groups in near for known in groups.get(word[0], ())])
        return alike or _within(slips, word, [known for groups in near for group in groups.values() for known in group])


def _within(slips: int, word: str, words: list[str]) -> list[bytes]:
    alike = process.extract(word, words, scorer=OSA.distance, score_cutoff=slips, limit=None)
    return [known.encode() for known, _, _ in alike]

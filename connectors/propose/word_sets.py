"""Lists of words as sets."""

from __future__ import annotations


def word_set(*lists: str) -> frozenset[str]:
    """Return the words of texts, which spaces and line ends part."""
    return frozenset(word for words in lists for word in words.split())

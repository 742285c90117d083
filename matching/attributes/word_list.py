"""Lists of words as they are written in these modules: words apart by white space, phrases one a line."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """Return the words in `text`."""
    return frozenset(text.split())


def phrases_of(text: str) -> frozenset[str]:
    """Return the phrases in `text`, one a line."""
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def spellings_of(text: str) -> dict[str, str]:
    """Return each word of the lines `word: spelling spelling …` in `text` under each of its spellings."""
    lines = (line.partition(":") for line in text.splitlines() if line.strip())
    return {spelling: word.strip() for word, _, spellings in lines for spelling in spellings.split()}

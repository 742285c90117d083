"""The words of a name field: each with the form it is published in and the form it is compared in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from matching.attributes.characters import fold, read_as_letters, unmasked, visible
from matching.attributes.name_words import (
    CERTAIN_ROLES,
    CREDENTIALS,
    ELIDED_PARTICLES,
    PARTICLES,
    ROLE_FILLERS,
    ROLE_NOUNS,
    SHORT_CREDENTIALS,
    SUFFIXES,
    TITLES,
)

_SEPARATORS = re.compile(r"[\s_./\\;]+")
_NOT_NAME = re.compile(r"[^a-z -]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bb\u02bc\u2032`\u00b4]")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]{2,4}")
_ROLE_TAILS = frozenset(["of", "in", "the", "a", "house", "home", "household", "family"])


class Token(NamedTuple):
    """One word of a name: `text` as published, `key` as compared; a hyphenated word has a space in its key."""

    text: str
    key: str

    @property
    def is_initial(self) -> bool:
        """Whether the word is a single letter."""
        return len(self.key) == 1


def tokenise(text: str) -> list[Token]:
    """Split `text` into words, repairing misread characters; what holds no letter is left out."""
    line = visible(unmasked(text))
    if not line.isascii():
        line = _APOSTROPHES.sub("'", line)
    tokens = map(_token, _SEPARATORS.split(line))
    return [token for token in tokens if token is not None]


@lru_cache(maxsize=1 << 16)
def _token(word: str) -> Token | None:
    if word.isascii() and word.isalpha():
        return Token(_cased(word), word.casefold())
    word = word.strip("-\u2013'\",()[]{}<>*#?+=~^")
    if word.casefold() in SUFFIXES:
        return Token(word, word.casefold())
    if not word or (word.isdigit() and len(word) > 1) or _ORDINAL.fullmatch(word):
        return None
    if not word.replace("-", "").replace("'", "").isalpha():
        word = read_as_letters(word)
    key = " ".join(_NOT_NAME.sub("", fold(word)).replace("-", " ").split())
    text = "".join(character for character in word if character.isalpha() or character in "-' ").strip("-' ")
    return Token(_cased(text), key) if key and text else None


def _cased(word: str) -> str:
    """Return `word` with capitals where it had none, or nothing but capitals: `O'NEAL` gives `O'Neal`."""
    if not (word.isupper() or word.islower()):
        return word
    parts = re.split("([-'])", word.casefold())
    return "".join(part[:1].upper() + part[1:] for part in parts)


def split_ideographs(text: str) -> tuple[str, str] | None:
    """Return (family, given) of a Chinese or Korean name written without a space, or None.

    The family name is the first character; the first two of four.
    """
    if not _IDEOGRAPHS.fullmatch(text):
        return None
    cut = 2 if len(text) == 4 else 1  # noqa: PLR2004 - four characters: the one length with a two-character family name
    return text[:cut], text[cut:]


def without_titles(tokens: list[Token]) -> list[Token]:
    """Return the words after the titles at the front; a title that stands alone goes too."""
    start = 0
    while start < len(tokens) and tokens[start].key in TITLES:
        start += 1
    return tokens[start:]


def without_roles(tokens: list[Token], *, of_family: bool = False) -> tuple[list[Token], bool]:
    """Return the words after a role at the front (`Son Of`, `Lady Of The House`, `Mom`), and whether there was one.

    `of_family` says that a family name is meant: Child and House are some people's.
    """
    end = 0
    while end < len(tokens) and tokens[end].key in ROLE_NOUNS:
        end += 1
    if end == 0 and not (len(tokens) > 1 and tokens[0].key == "of"):
        return tokens, False
    tail = end
    while tail < len(tokens) and tokens[tail].key in _ROLE_TAILS:
        tail += 1
    if tail == end == 1 and tokens[0].key not in (ROLE_FILLERS if of_family else CERTAIN_ROLES):
        return tokens, False
    return tokens[tail:], True


def split_endings(tokens: list[Token], *, after_comma: bool = False) -> tuple[list[Token], str | None]:
    """Return the words before credentials and a generational suffix at the end, and that suffix.

    At least one word stays, unless `after_comma`, where the words may be nothing but endings.
    """
    suffix: str | None = None
    least = 0 if after_comma else 1
    end = len(tokens)
    while end > least:
        token = tokens[end - 1]
        if token.key in SUFFIXES and suffix is None and (after_comma or end > 1):
            suffix = SUFFIXES[token.key]
        elif not (token.key in CREDENTIALS or (after_comma and token.key in SHORT_CREDENTIALS)):
            break
        end -= 1
    return tokens[:end], suffix


def family_start(tokens: list[Token]) -> int:
    """Return the index where the family name begins, in words ordered given first.

    It begins after the last initial; where there is none, it is the last word with the particles before it.
    """
    last = len(tokens) - 1
    for index in range(last - 1, 0, -1):
        if tokens[index].is_initial:
            return index + 1
    start = last
    while start > 1 and tokens[start - 1].key in PARTICLES:
        start -= 1
    return start


def family_key(tokens: list[Token], *, field_of_its_own: bool = False) -> str:
    """Return the comparison form of a family name: particles joined to the word after them, surnames apart.

    `De La Cruz-Robles` and `Delacruz Robles` both give `delacruz robles`.
    """
    words = " ".join(token.key for token in tokens).split()
    joined: list[str] = []
    prefix = ""
    for index, word in enumerate(words):
        is_particle = word in PARTICLES or (field_of_its_own and index == 0 and word in ELIDED_PARTICLES)
        if is_particle and index < len(words) - 1:
            prefix += word
        else:
            joined.append(prefix + word)
            prefix = ""
    return " ".join(joined)


def text_of(tokens: list[Token]) -> str | None:
    """Return the words as published, or None where there are none."""
    return " ".join(token.text for token in tokens) or None

"""Characters as people meant them: invisible ones removed, look-alikes and accents folded, misread ones repaired."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

_LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУХавеѕіјкмнорстухһԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχω",
    "ABESIJKMHOPCTYXabesijkmhopctyxhdABEZHIKMNOPTYXaeikvoptuxw",
)
"""Cyrillic and Greek letters that look Latin; read as Latin only inside a word that also holds Latin letters."""

_LOOK_ALIKE = re.compile("[" + "".join(chr(code) for code in _LOOK_ALIKES) + "]")
_LATIN = re.compile("[A-Za-z]")

_IGNORED_MARK = re.compile("[\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that print nothing by themselves (Unicode 16, `Default_Ignorable_Code_Point` among the nonspacing marks)."""

_DIGITS_FOR_MARKS = str.maketrans("OoQlIi|!ZzSsGbBgq", "00011111225566899")
_LETTERS_FOR_MARKS = str.maketrans("0123456789|:!$@", "olzeasgtbgliisa")
_DIGIT = re.compile("[0-9]")


def visible(text: str) -> str:
    """Return `text` as one line of visible characters: NFKC, no control or format characters, single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(_visible_character(character) for character in unicodedata.normalize("NFKC", text))
    return " ".join(unicodedata.normalize("NFKC", kept).split())


def _visible_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or _IGNORED_MARK.match(character):
        return ""
    return " " if category[0] in "CZ" else character


def fold(text: str) -> str:
    """Return the comparison form of `text`: visible, transliterated to ASCII, casefolded; `Ćosić` gives `cosic`."""
    text = visible(text)
    if not text.isascii():
        words = (_latin_word(word) for word in text.split())
        text = " ".join(visible(anyascii(" ".join(words))).split())
    return text.casefold()


def unmasked(text: str) -> str:
    """Return `text` with look-alike letters read as Latin in words that mix alphabets, other letters untouched."""
    return text if text.isascii() else " ".join(_latin_word(word) for word in text.split(" "))


def _latin_word(word: str) -> str:
    if not word.isascii() and _LATIN.search(word) and _LOOK_ALIKE.search(word):
        return word.translate(_LOOK_ALIKES)
    return word


def read_as_digits(text: str) -> str:
    """Return `text` with letters that scanning confuses with digits read as digits: `98o0|` gives `98001`."""
    return text.translate(_DIGITS_FOR_MARKS)


def read_as_letters(word: str) -> str:
    """Return `word` with digits and marks that scanning confuses with letters read as letters: `W:nston`, `8rown`.

    A letter put in takes the case of its surroundings. Two or more digits at the end are a number, and are cut off.
    """
    word = re.sub(r"(?<=[^\W\d_]{2})\d{2,}$", "", word)
    if word.isalpha():
        return word
    shouting = word.isupper()
    letters = list(word.translate(_LETTERS_FOR_MARKS))
    for index, (old, new) in enumerate(zip(word, letters, strict=True)):
        if old != new and (index == 0 or shouting):
            letters[index] = new.upper()
    return "".join(letters)


def has_digit(text: str) -> bool:
    """Tell whether `text` holds an ASCII digit."""
    return _DIGIT.search(text) is not None

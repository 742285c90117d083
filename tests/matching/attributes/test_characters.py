"""Characters: what is invisible goes, what looks alike is one letter, what is misread is repaired."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.characters import fold, read_as_digits, read_as_letters, unmasked, visible

ZERO_WIDTH = "\u200b"
CYRILLIC_O = "\u043e"


@pytest.mark.parametrize(
    ("delivered", "seen"),
    [
        ("  a \t b\n", "a b"),
        (f"Jo{ZERO_WIDTH}hn", "John"),
        ("\ufeffJohn\u00a0Smith", "John Smith"),
        ("\uff21\uff42", "Ab"),
        ("Jose\u0301", "Jos\u00e9"),
        ("a\x00b\x1fc", "a b c"),
        ("a\u034f\ufe0fb", "ab"),
        ("\u0915\u0941\u092e\u093e\u0930", "\u0915\u0941\u092e\u093e\u0930"),
    ],
)
def test_only_visible_characters_stay(delivered: str, seen: str) -> None:
    assert visible(delivered) == seen


@pytest.mark.parametrize(
    ("delivered", "folded"),
    [
        ("\u0106osi\u0107", "cosic"),
        ("STRASSE", "strasse"),
        ("Stra\u00dfe", "strasse"),
        (f"J{CYRILLIC_O}hn", "john"),
        ("\u0418\u0432\u0430\u043d", "ivan"),
        ("\u738b", "wang"),
    ],
)
def test_folding_leaves_plain_letters(delivered: str, folded: str) -> None:
    assert fold(delivered) == folded


def test_a_word_of_one_alphabet_is_no_mask() -> None:
    assert unmasked(f"J{CYRILLIC_O}hn") == "John"
    assert unmasked("\u0421\u0435\u0440\u043e\u0432") == "\u0421\u0435\u0440\u043e\u0432"


def test_misread_characters_are_repaired() -> None:
    assert read_as_digits("98o0|") == "98001"
    assert [read_as_letters(word) for word in ("W:nston", "8rown", "SM1TH")] == ["Winston", "Brown", "SMLTH"]
    assert read_as_letters("Smith42") == "Smith"


@given(st.text())
def test_folding_is_idempotent_and_plain(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert once.isascii()


def test_visible_is_idempotent_for_every_character() -> None:
    unstable = [hex(code) for code in range(sys.maxunicode + 1) if visible(once := visible(chr(code))) != once]
    assert unstable == []


@given(st.text())
def test_visible_is_idempotent(text: str) -> None:
    once = visible(text)
    assert visible(once) == once

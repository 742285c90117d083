from __future__ import annotations

import time
from email.header import Header as StandardHeader
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.charsets import decode_text
from connectors.mail.header_text import decode_words, plain_text, read_header


def test_fields_come_in_order_unfolded() -> None:
    header = read_header(b"Received: a\nSubject: one\n two\nReceived: b\r\nTo:\n\nBody\n")
    assert list(header.fields) == ["received", "subject", "to"]
    assert header.first("subject") == "one two"
    assert header.first("received") == "a"
    assert header.every("received") == ["a", "b"]
    assert header.first("to") is None
    assert header.body == b"Body\n"


def test_a_broken_line_hides_no_field_after_it() -> None:
    header = read_header(b"Subject: a\nbroken line\nFrom: ann@x\n\nBody\n")
    assert header.first("from") == "ann@x"
    assert header.body == b"Body\n"


def test_a_body_without_a_blank_line_before_it_is_kept() -> None:
    header = read_header(b"Subject: a\nHello you\nthere\n\nmore\n")
    assert (list(header.fields), header.first("subject")) == (["subject"], "a")
    assert header.body == b"Hello you\nthere\n\nmore\n"


def test_blanks_before_the_colon_and_carriage_returns_alone_are_read() -> None:
    header = read_header(b"To  : ann@x\rSubject : a\r\rBody")
    assert (header.first("to"), header.first("subject"), header.body) == ("ann@x", "a", b"Body")


def test_bytes_beyond_ascii_are_read_as_utf_8_or_windows_1252() -> None:
    assert read_header("Subject: Zoë\n\n".encode()).first("subject") == "Zoë"
    assert read_header("Subject: Zoë\n\n".encode("cp1252")).first("subject") == "Zoë"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?J=C3=B6rg_M?=", "Jörg M"),
        ("=?UTF-8?B?SsO2cmc=?= Doe", "Jörg Doe"),
        ("=?UTF-8?B?SsO2cmc?=", "Jörg"),  # padding lost
        ("=?utf-8?Q?J=C3?= =?utf-8?Q?=B6rg?=", "Jörg"),  # a character cut in two
        ("=?iso-8859-1?Q?J=F6rg?= =?utf-8?Q?_D=C3=B6?=", "Jörg Dö"),
        ("=?utf-8?Q?Hello World?=", "Hello World"),  # blanks that should not be there
        ("=?windows-1252?Q?=8010?=", "€10"),
        ("=?iso-8859-1?Q?=8010?=", "€10"),  # as mailers mean it
        ("=?no-such-set?Q?J=C3=B6rg?=", "Jörg"),
        ("=?utf-8*en?Q?a?=", "a"),
        ("=?utf-8?B?*?= =?broken", "=?utf-8?B?*?= =?broken"),
        ("a =?utf-8?Q?b?= c", "a b c"),
        ("a=?utf-8?Q?b?=c", "abc"),
        ("plain", "plain"),
    ],
)
def test_encoded_words(written: str, read: str) -> None:
    assert decode_words(written) == read


@given(
    st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=60), st.sampled_from(["utf-8", "b"])
)
def test_encoded_words_agree_with_the_standard_library(text: str, charset: str) -> None:
    words = StandardHeader(text, "utf-8" if charset == "b" else charset).encode()
    flat = " ".join(line.strip() for line in words.splitlines())
    assert decode_words(flat).split() == str(make_header(decode_header(flat))).split()


@given(st.text())
def test_decoding_never_raises_and_leaves_other_text_alone(text: str) -> None:
    decoded = decode_words(text)
    assert "=?" in text or decoded == text


@given(
    st.binary(),
    st.sampled_from([None, "utf-8", "utf-7", "us-ascii", "x-unknown", "unicode_escape", "rot13", "\0", "utf-16"]),
)
def test_every_byte_becomes_text_that_can_be_stored(data: bytes, charset: str | None) -> None:
    text = decode_text(data, charset)
    text.encode()
    assert "\ufffd" not in text or "\ufffd".encode() in data or charset in {"utf-7", "utf-16"}


@given(st.text(max_size=40), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_what_is_declared_is_believed(text: str, charset: str) -> None:
    assert decode_text(text.encode(charset), charset) == text.removeprefix("\ufeff")


def test_an_empty_value_is_none() -> None:
    assert plain_text(None) is None
    assert plain_text("  ") is None
    assert plain_text(" a\t\tb ") == "a b"


@pytest.mark.parametrize(
    "hostile",
    [b"no field\n" * 50_000 + b"To: ann@x\n\nBody", b"\n\r\r" * 50_000, b"a: b\n" + b"\r" * 200_000 + b"x"],
)
def test_a_hostile_header_takes_no_time(hostile: bytes) -> None:
    began = time.process_time()
    read_header(hostile)
    assert time.process_time() - began < 2


def test_a_question_mark_in_an_encoded_word_ends_nothing() -> None:
    assert decode_words("=?utf-8?Q?Why??= =?utf-8?Q?_Zo=C3=AB?") == "Why? =?utf-8?Q?_Zo=C3=AB?"

from __future__ import annotations

import io
import mailbox
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.split_mbox import RawMessage, split_mbox, unquote_from_lines

if TYPE_CHECKING:
    from pathlib import Path

FROM = b"From ann@mail.example Fri Aug 27 14:07:47 2021\n"
CAP = 1_000_000


def split(content: bytes, cap: int = CAP) -> list[RawMessage]:
    return list(split_mbox(io.BytesIO(content), cap))


def raws(content: bytes) -> list[bytes]:
    return [message.raw for message in split(content)]


def test_messages_come_without_their_from_line_and_the_blank_line_after_them() -> None:
    first, second = b"Subject: a\n\nHello\n", b"Subject: b\n\nBye\n\n"
    messages = split(FROM + first + b"\n" + FROM + second)
    assert [(message.line, message.raw) for message in messages] == [(1, first), (6, b"Subject: b\n\nBye\n")]
    assert [message.size for message in messages] == [len(first), len(second) - 1]
    assert not any(message.problem for message in messages)


def test_line_ends_stay_as_they_are() -> None:
    crlf = (FROM + b"Subject: a\n\nHello\n\n" + FROM + b"Subject: b\n\nBye\n").replace(b"\n", b"\r\n")
    assert raws(crlf) == [b"Subject: a\r\n\r\nHello\r\n", b"Subject: b\r\n\r\nBye\r\n"]


def test_a_missing_last_line_end_is_not_made_up() -> None:
    assert raws(FROM + b"Subject: a\n\nHello") == [b"Subject: a\n\nHello"]


@pytest.mark.parametrize(
    "body",
    [
        b"Hello\nFrom ann@mail.example Fri Aug 27 14:07:47 2021\nBye\n",  # no blank line before
        b"Hello\n\nFrom Monday to Friday we are closed.\nBye\n",  # no date at its end
        b"Hello\n\nFrom Mon Aug 27 14:07:47 2021 on I was ill\nBye\n",
        b"Hello\n\n>From ann@mail.example Fri Aug 27 14:07:47 2021\nBye\n",  # quoted by the writer
        b"Hello\n\nFrom ann@mail.example\nBye\n",  # an address, but no header field after it
    ],
)
def test_a_line_of_the_body_starts_no_message(body: bytes) -> None:
    assert raws(FROM + b"Subject: a\n\n" + body) == [b"Subject: a\n\n" + body]


@pytest.mark.parametrize(
    "line",
    [
        b"From MAILER-DAEMON Fri Aug 27 14:07:47 2021\n",
        b"From - Fri Aug  7 14:07:47 2021\n",
        b"From ann@mail.example Fri Aug 27 14:07 2021\n",
        b"From ann@mail.example Fri Aug 27 14:07:47 CEST 2021\n",
        b"From ann@mail.example Fri Aug 27 14:07:47 2021 +0200\n",
        b"From 1234@xxx Fri Aug 27 14:07:47 +0000 2021\n",
        b"From Ann Doe <ann@mail.example> Fri, 27 Aug 2021 14:07:47 +0200\n",
        b"From ann Fri Aug 27 14:07:47 2021 remote from host\r\n",
        b"From ann@mail.example\n",
        b"From -\n",
    ],
)
def test_every_kind_of_from_line_starts_a_message(line: bytes) -> None:
    assert raws(FROM + b"Subject: a\n\nHello\n\n" + line + b"Subject: b\n\nBye\n") == [
        b"Subject: a\n\nHello\n",
        b"Subject: b\n\nBye\n",
    ]


def test_a_first_from_line_need_not_be_dated_and_may_follow_a_byte_order_mark() -> None:
    assert raws(b"\xef\xbb\xbfFrom nobody\nSubject: a\n\nHello\n") == [b"Subject: a\n\nHello\n"]


def test_text_before_the_first_from_line_is_not_lost() -> None:
    stray, message = split(b"\n\nSubject: stray\n\nText\n\n" + FROM + b"Subject: a\n\nHello\n")
    assert (stray.raw, stray.line) == (b"Subject: stray\n\nText\n", 3)
    assert stray.problem == "text before the first 'From ' line"
    assert message.problem is None


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\r\n"])
def test_nothing_gives_nothing(content: bytes) -> None:
    assert split(content) == []


def test_a_message_over_the_cap_is_marked_and_the_next_one_is_read() -> None:
    big = b"Message-ID: <big@x>\n\n" + b"x" * 500 + b"\n"
    messages = split(FROM + big + b"\n" + FROM + b"Subject: b\n\nBye\n", cap=100)
    assert messages[0].problem == f"message of {len(big) + 1} bytes is larger than the 100 bytes allowed"
    assert messages[0].raw == big[:100]
    assert messages[0].size == len(big) + 1
    assert messages[1] == RawMessage(len(big.splitlines()) + 3, b"Subject: b\n\nBye\n", 16)


def test_a_message_of_just_the_cap_is_whole() -> None:
    message = b"Subject: a\n\nHello\n"
    assert split(FROM + message, cap=len(message))[0].problem is None
    assert split(FROM + message, cap=len(message) - 1)[0].problem is not None


class EndlessLine(io.RawIOBase):
    """A stream of one enormous line, never in memory as a whole."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.largest_read = 0

    def read(self, size: int = -1, /) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        self.left -= wanted
        self.largest_read = max(self.largest_read, wanted)
        return b"x" * wanted


def test_a_line_without_end_is_read_in_pieces() -> None:
    stream = EndlessLine(50_000_000)
    (message,) = split_mbox(stream, 1_000)  # type: ignore[arg-type] # only read is used
    assert message.size == 50_000_000
    assert len(message.raw) == 1_000
    assert stream.largest_read <= 65_536


class Pieces(io.RawIOBase):
    """A stream that gives its bytes in pieces of one size, as a network may."""

    def __init__(self, content: bytes, size: int) -> None:
        self.content = io.BytesIO(content)
        self.size = size

    def read(self, size: int = -1, /) -> bytes:
        assert size >= self.size
        return self.content.read(self.size)


FILES = st.lists(
    st.sampled_from([FROM, b"\n", b"\r\n", b"From a@b\n", b"a: b\n", b"text", b"x" * 700, b"\xef\xbb\xbf"])
)


@given(FILES.map(b"".join), st.integers(3, 2000))
def test_where_a_block_ends_makes_no_difference(content: bytes, size: int) -> None:
    assert list(split_mbox(Pieces(content, size), CAP)) == split(content)  # type: ignore[arg-type] # only read is used


def test_quoted_from_lines_lose_one_mark() -> None:
    assert unquote_from_lines(b"a\n>From b\n>>From c\n> From d\nx>From e\n") == (
        b"a\nFrom b\n>From c\n> From d\nx>From e\n"
    )


BODY_LINES = st.lists(
    st.sampled_from([b"", b"Hello", b"From here on", b">From there", b"\xff\x00", b"Fri Aug 27 14:07:47 2021", b"\r"]),
    max_size=8,
)
MESSAGES = st.lists(BODY_LINES.map(lambda lines: b"Subject: x\n\n" + b"".join(line + b"\n" for line in lines)))


@given(MESSAGES, st.sampled_from([b"\n", b"\r\n"]))
def test_split_takes_apart_what_was_joined(messages: list[bytes], line_end: bytes) -> None:
    written = [message.replace(b"\n", line_end) for message in messages]
    from_line = FROM.replace(b"\n", line_end)
    content = b"".join(from_line + message + line_end for message in written)
    assert raws(content) == written
    assert (
        all(content.splitlines(keepends=True)[m.line - 1] == from_line for m in split(content)) or b"\r\n\r" in content
    )


@given(MESSAGES)
def test_it_agrees_with_the_standard_library(tmp_path_factory: pytest.TempPathFactory, messages: list[bytes]) -> None:
    file: Path = tmp_path_factory.mktemp("mbox") / "mail.mbox"
    file.write_bytes(b"".join(FROM + message.replace(b"\nFrom", b"\n>From") + b"\n" for message in messages))
    box = mailbox.mbox(file, create=False)
    assert raws(file.read_bytes()) == [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118 a mailbox yields messages
    box.close()


@given(st.binary(max_size=400).filter(lambda content: b"From " not in content))
def test_no_byte_is_lost(content: bytes) -> None:
    (message,) = split(FROM + content) or [RawMessage(1, b"", 0)]
    assert content.startswith(message.raw)
    assert content[len(message.raw) :] in {b"", b"\n", b"\r\n"}


@given(st.lists(st.sampled_from([FROM, b"\n", b"From ", b"a: b\n", b"From a@b\n", b"\xff" * 30])), st.integers(1, 50))
def test_any_bytes_can_be_split_and_none_over_the_cap_are_kept(pieces: list[bytes], cap: int) -> None:
    messages = split(b"".join(pieces), cap)
    assert all(len(message.raw) <= cap for message in messages)
    assert all((message.size > cap) == (message.problem or "").startswith("message of") for message in messages)


def test_hostile_lines_take_no_time() -> None:
    hostile = b"\n" + b"From " + b" " * 60_000 + b"\n"
    began = time.process_time()
    assert len(split(FROM + b"Subject: a\n\n" + hostile * 20)) == 1
    assert time.process_time() - began < 1


def said(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return FROM + b"Content-Length: %d\nSubject: s\n\n" % size + body + b"\n"


UNQUOTED = b"Hello\n\n" + FROM + b"Subject: a quoted one\n\nBye\n"


@pytest.mark.parametrize("read_at_most", [100, 1_000, 65_536])
def test_within_its_declared_length_no_line_starts_a_message(
    monkeypatch: pytest.MonkeyPatch, read_at_most: int
) -> None:
    monkeypatch.setattr("connectors.mail.split_mbox._READ_AT_MOST", read_at_most)
    bodies = [UNQUOTED, b"x" * 3000 + b"\n" + UNQUOTED, b"", UNQUOTED]
    assert [raw.partition(b"\n\n")[2] for raw in raws(b"".join(map(said, bodies)))] == bodies


def test_a_declared_length_counts_carriage_returns_too() -> None:
    body = UNQUOTED.replace(b"\n", b"\r\n")
    header = said(body).partition(body)[0].replace(b"\n", b"\r\n")
    assert len(raws((header + body + b"\r\n") * 2)) == 2


@pytest.mark.parametrize("length", [2, 10_000, 10**9])
def test_a_length_that_is_wrong_is_not_gone_by(length: int) -> None:
    content = said(b"one\n") + said(b"two\n", length) + said(b"three\n") + said(UNQUOTED)
    assert len(raws(content)) == 5

from __future__ import annotations

import time
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.body_text import read_body
from connectors.mail.header_text import read_part
from connectors.mail.html_text import html_to_text


def text_of(mime: bytes) -> str:
    return read_body(read_part(mime)).text


def test_line_ends_become_lf() -> None:
    assert text_of(b"\nHello\r\nyou\rthere\n") == "Hello\nyou\nthere\n"


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        (b"Content-Type: text/plain; charset=utf-8\n", "Zoë".encode(), "Zoë"),
        (b"Content-Type: text/plain; charset=x-unknown\n", "Zoë".encode("cp1252"), "Zoë"),
        (b"Content-Type: text/plain; charset=us-ascii\n", "Zoë".encode(), "Zoë"),
        (b"Content-Type: text/plain; charset=shift_jis\n", "日本".encode("cp932"), "日本"),
        (b"Content-Transfer-Encoding: quoted-printable\n", b"Zo=C3=AB=\n!", "Zoë!"),
        (b"Content-Transfer-Encoding: base64\n", b"Wm/Dqw==", "Zoë"),
        (b"Content-Transfer-Encoding: no-such\n", b"Zoe", "Zoe"),
        (b"Content-Type: nonsense\n", b"Zoe", "Zoe"),
        (b"Content-Type: multipart/mixed\n", b"no boundary", "no boundary"),
        (b"Content-Type: text/html\n", b"<p>Zo&euml;</p>", "Zoë"),
        (b"Content-Type: image/png\n", b"\x89PNG", ""),
        (b"Content-Type: text/plain\nContent-Disposition: attachment\n", b"a list", ""),
    ],
)
def test_one_part(header: bytes, body: bytes, text: str) -> None:
    assert text_of(header + b"\n" + body) == text


def test_of_alternatives_the_plain_text_is_taken_or_else_the_html() -> None:
    both = EmailMessage()
    both.set_content("plain")
    both.add_alternative("<b>rich</b>", subtype="html")
    assert text_of(bytes(both)).strip() == "plain"
    blank = EmailMessage()
    blank.set_content(" \n")
    blank.add_alternative("<b>rich</b>", subtype="html")
    assert text_of(bytes(blank)) == "rich"


def test_parts_follow_each_other_and_attachments_stay_out() -> None:
    mail = EmailMessage()
    mail.set_content("first\n")
    mail.add_attachment("a file", filename="notes.txt")
    other = EmailMessage()
    other["Subject"] = "attached"
    other.set_content("somebody else's text")
    mail.add_attachment(other)
    last = EmailMessage()
    last.set_content("last\n")
    mail.attach(last)
    assert text_of(bytes(mail)) == "first\n\nlast\n"


def test_a_report_tells_its_type() -> None:
    report = b"Content-Type: multipart/report; report-type=Delivery-Status; boundary=b\n\n--b\n\nText\n--b--\n"
    assert read_body(read_part(report))[1:] == ("multipart/report", "delivery-status")
    assert read_body(read_part(b"\nHello"))[1:] == ("text/plain", "")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br/>\n<br>three", "one\ntwo\n\nthree"),
        ("<p>one</p>\n<p>two</p>", "one\n\ntwo"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("a &lt;b&gt; &amp; c&nbsp;d", "a <b> & c d"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<a title=\"x > y\" href='z'>link</a>", "link"),
        ("<style>p {}</style>a<!-- b > c --><SCRIPT>d</SCRIPT><title>t</title>", "a"),
        ("a<!-- never closed", "a<!-- never closed"),
        ("yes<br>-- <br>Ann", "yes\n-- \nAnn"),
        ("yes<blockquote>a<br>b<blockquote>c</blockquote></blockquote>no", "yes\n> a\n> b\n> > c\nno"),
        ("<p title=it's>a</p>", "a"),
        ("İ<title>x</title>İ", "İİ"),
    ],
)
def test_html(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), min_size=1, max_size=5))
def test_html_loses_no_word(words: list[str]) -> None:
    markup = "".join(f"<div>{escape(word)}</div>" for word in words)
    shown = html_to_text(markup)
    assert [line for line in shown.split("\n") if line] == ["-- " if word == "--" else word for word in words]


@given(st.text(st.sampled_from("<>/!-\"'= abp") | st.characters(), max_size=80))
def test_any_markup_is_read(markup: str) -> None:
    html_to_text(markup)


@pytest.mark.parametrize("unit", ["<", "<a", "<a '", "<!--", "<tr>", "<td>", "<blockquote>", "&", "<style", "<p \"'"])
def test_hostile_markup_takes_no_time(unit: str) -> None:
    began = time.process_time()
    html_to_text(unit * 50_000)
    assert time.process_time() - began < 3


def test_a_hostile_content_type_takes_no_time() -> None:
    began = time.process_time()
    text_of(b"Content-Type: text/plain" + b";format=a" * 20_000 + b"!\n\nHello")
    assert time.process_time() - began < 2

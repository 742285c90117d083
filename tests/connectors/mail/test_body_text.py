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

FLOWED = "one two\n\n> a b\n>> c\n-- \nAnn\n"


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


BASE64 = b"Content-Transfer-Encoding: base64\n"


@pytest.mark.parametrize(
    ("header", "body", "text"),
    [
        (BASE64, b"Wm/D\nqw==\n", "Zoë"),
        (BASE64, b"Wm/Dqw", "Zoë"),
        (BASE64, b"Wm8=\nWm8=\n", "ZoZo"),
        (BASE64, b"Wm8gWm8g\n\n_______\nA list's footer\n", "Zo Zo _______\nA list's footer\n\n"),
        (b"Content-Transfer-Encoding: Base64 (so it is)\n", b"Wm8=", "Zo"),
        (b"Content-Transfer-Encoding: quoted-printable\n", b"a=ZZb=\n=C3=AB=", "a=ZZbë"),
        (b"Content-Transfer-Encoding: x-uuencode\n", b"begin 644 a.txt\n#0V%T\n`\nend\n", "Cat"),
        (b"", b"See:\nbegin 644 a.bin\n#0V%T\n`\nend\nBye\n", "See:\nBye\n"),
        (b"", b"begin 100 years ago\nand end\n", "begin 100 years ago\nand end\n"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n", "Zoë".encode(), "Zoë"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n", "Zoë".encode("latin-1"), "Zoë"),
        (b"Content-Type: text/plain; charset=utf-16\n", b"Zo", "Zo"),
        (b"Content-Type: text/plain; charset=utf-16\n", "Zoë".encode("utf-16"), "Zoë"),
        (b"Content-Type: text/plain; charset=iso-2022-jp\n", "日本".encode("iso2022_jp"), "日本"),
        (b"Content-Type: text/plain; charset=koi8-r\n", "Привет".encode("koi8-r"), "Привет"),
        (b"Content-Type: text/plain; charset=iso-8859-8-i\n", "שלום".encode("iso8859-8"), "שלום"),
        (b"Content-Type: text/plain; charset*=us-ascii'en'cp1252\n", "€".encode("cp1252"), "€"),
        (b"Content-Type: text/plain; charset*0=cp12; charset*1=52\n", "€".encode("cp1252"), "€"),
        (b"Content-Type: text/html\n", b'<meta charset="koi8-r"><p>' + "Да".encode("koi8-r"), "Да"),
        (b"Content-Type: text/plain; format=flowed\n", b"one \ntwo\n\n> a \n> b\n>> c\n-- \nAnn\n", FLOWED),
        (b"Content-Type: text/plain; format=flowed; delsp=yes\n", b"one \ntwo\n", "onetwo\n"),
        (b"Content-Type: text/plain; format=flowed\n", b" From\n >not quoted\n", "From\n>not quoted\n"),
        (b"Content-Type: text/enriched\n", b"<bold>Hi</bold> <color><param>red</param>you</color>", "Hi you"),
        (b"Content-Type: TEXT/PLAIN ; charset=utf-8\n", b"Zo", "Zo"),
        (b'Content-Type: text/plain; charset="\n', b"Zo", "Zo"),
        (b"Content-Type: text/calendar\n", b"BEGIN:VCALENDAR", ""),
        (b"Content-Type: application/ms-tnef\n", b"\x78\x9f\x3e\x22", ""),
        (b"Content-Type: application/pkcs7-mime\n" + BASE64, b"MAsGCSqGSIb3DQEHAw==", ""),
    ],
)
def test_one_part_of_a_rarer_kind(header: bytes, body: bytes, text: str) -> None:
    assert text_of(header + b"\n" + body) == text


def test_a_signed_mail_is_read_and_its_signature_is_not() -> None:
    inner = b"Content-Type: text/plain\n\nSigned.\n"
    octets = b"\x24\x80\x04\x05" + inner[:5] + b"\x04" + bytes([len(inner) - 5]) + inner[5:] + b"\0\0"
    opaque = bytes.fromhex("3080060b2a864886f70d0107020000") + bytes.fromhex("06092a864886f70d010701a080") + octets
    assert text_of(b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n\n" + opaque) == "Signed.\n"
    clear = (
        b"Content-Type: multipart/signed; boundary=b\n\n--b\n\nSigned.\n--b\nContent-Type: text/plain\n\nxyz\n--b--\n"
    )
    assert text_of(clear) == "Signed."
    armour = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSigned.\n- -- \nAnn\n"
        b"-----BEGIN PGP SIGNATURE-----\n\nabc\n"
    )
    assert text_of(b"\n" + armour + b"-----END PGP SIGNATURE-----\n") == "Signed.\n-- \nAnn\n\n"


def test_an_excuse_for_html_is_no_text() -> None:
    mail = EmailMessage()
    mail.set_content("This message is in HTML format, please use a program that shows it.")
    mail.add_alternative("<p>Where is my order?</p>", subtype="html")
    assert text_of(bytes(mail)) == "Where is my order?"


@pytest.mark.parametrize(
    "parts",
    [
        b"--b\n\none\n--b\n\ntwo\n",
        b"\n\npreamble\n--b \t\n\none\n--b\n\ntwo\n--b--\nepilogue",
        b"--bc\n--b\n\none\n--b\nContent-Type: nothing known\n\ntwo\n--b--",
        b"--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
        b"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n",
        b"--b\n\none\n--b\nContent-Type: text/plain; name=a.txt\n\na file\n--b\n\ntwo\n--b--\n",
    ],
)
def test_parts_are_found_closed_or_not(parts: bytes) -> None:
    assert text_of(b"Content-Type: multipart/mixed; boundary=b\n\n" + parts).split() == ["one", "two"]


def test_parts_between_other_delimiters_than_declared_are_found() -> None:
    parts = b"----=_x\nContent-Type: text/plain\n\none\n----=_x\nContent-Type: image/png\n\n\x89\n----=_x--\n"
    for declared in (b"", b"; boundary=other"):
        assert text_of(b"Content-Type: multipart/mixed" + declared + b"\n\n" + parts) == "one"


def test_a_text_that_is_named_like_a_file_is_text_where_there_is_no_other() -> None:
    part = b"Content-Type: text/plain; name=body.txt\nContent-Disposition: inline\n\nHello\n"
    assert text_of(part) == "Hello\n"
    assert text_of(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + part + b"--b--\n") == "Hello"


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
        ("x<pre>one\n<b>two</b> three\n\nfour</pre>five\nsix", "x\none\ntwo three\n\nfour\nfive six"),
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

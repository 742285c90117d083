# ruff: noqa: RUF001 - words of many scripts
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.quote import cut_quoted, read_quotation

LINES = st.lists(
    st.sampled_from(
        [
            "", " ", "Hello", "> quoted", ">> deeper", "> -- ", "-- ", "Ann", "From: ann@x.example", "Sent: today",
            "On 5 May 2021 at 10:00, Ann <ann@x.example> wrote:", "On 5 May 2021, Ann <ann@x.example>", "wrote:",
            "To: us", "-----Original Message-----", "________________", "Subject: a",
        ]
    )
    | st.text(max_size=20)
)  # fmt: skip


IN_OTHER_LANGUAGES = (
    "Den fre 27 aug. 2021 kl 14:07 skrev Shop <shop@shop.example>:",
    "fre. 27. aug. 2021 kl. 14.07 skrev Shop <shop@shop.example>:",
    "pe 27. elok. 2021 klo 14.07 Shop (shop@shop.example) kirjoitti:",
    "pt., 27 sie 2021 o 14:07 Shop <shop@shop.example> napisał(a):",
    "W dniu 27.08.2021 o 14:07, Shop <shop@shop.example> pisze:",
    "pá 27. 8. 2021 v 14:07 odesílatel Shop <shop@shop.example> napsal:",
    "пт, 27 авг. 2021 г. в 14:07, Shop <shop@shop.example>:",
    "Shop <shop@shop.example>, 27 Ağu 2021 Cum, 14:07 tarihinde şunu yazdı:",
    "Shop <shop@shop.example> ezt írta (időpont: 2021. aug. 27., P, 14:07):",
    "În vin., 27 aug. 2021 la 14:07, Shop <shop@shop.example> a scris:",
    "Στις Παρ 27 Αυγ 2021 στις 14:07, ο χρήστης Shop <shop@shop.example> έγραψε:",
    "2021年8月27日(金) 14:07 Shop <shop@shop.example>:",
    "Shop <shop@shop.example> 于2021年8月27日周五 下午2:07写道：",
    "2021년 8월 27일 (금) 오후 2:07, Shop <shop@shop.example>님이 작성:",
    "Vào Th 6, 27 thg 8, 2021 vào lúc 14:07 Shop <shop@shop.example> đã viết:",
)


@pytest.mark.parametrize("introduction", IN_OTHER_LANGUAGES)
def test_all_after_it_is_quoted_in_any_language(introduction: str) -> None:
    assert [line for line in cut_quoted(["Yes.", "", introduction, "", "Shall we?"]).own if line] == ["Yes."]


@pytest.mark.parametrize(
    ("from_", "sent", "to", "subject"),
    [
        ("Fra", "Sendt", "Til", "Emne"),
        ("Från", "Skickat", "Till", "Ämne"),
        ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
        ("Od", "Wysłano", "Do", "Temat"),
        ("Od", "Odesláno", "Komu", "Předmět"),
        ("От", "Отправлено", "Кому", "Тема"),
        ("Kimden", "Gönderildi", "Kime", "Konu"),
        ("Feladó", "Elküldve", "Címzett", "Tárgy"),
        ("差出人", "送信日時", "宛先", "件名"),
        ("发件人", "发送时间", "收件人", "主题"),
        ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    ],
)
@pytest.mark.parametrize("colon", [":", " :", "："])
def test_a_header_in_the_text_in_any_language(from_: str, sent: str, to: str, subject: str, colon: str) -> None:
    labels = [f"{name}{colon} x" for name in (from_, sent, to, subject)]
    cut = cut_quoted(["Yes.", "", *labels, "", "Shall we?"])
    assert [line for line in cut.own if line] == ["Yes."]
    assert read_quotation(cut.quoted).lines[-1] == "Shall we?"


@pytest.mark.parametrize(
    "line",
    [
        "-------- Перенаправленное сообщение --------",
        "-----Původní zpráva-----",
        "-------- Vidarebefordrat meddelande --------",
        "---------- 转发邮件信息 ----------",
        "---- words of nobody knows what language ----\nVon: a\nGesendet: heute\nBetreff: x",
    ],
)
def test_a_line_between_dashes_ends_what_is_own(line: str) -> None:
    assert cut_quoted(["Yes.", *line.split("\n"), "Shall we?"]).own == ("Yes.",)


@pytest.mark.parametrize(
    "line",
    [
        "I can be reached at <ann@x.example> and need three things:",
        "In 2021 we ordered these:",
        "At 10:00 he came and said:",
        "To: be or not to be",
        "From: here to there",
        "--- two kinds of tea ---",
    ],
)
def test_what_only_looks_alike_is_own(line: str) -> None:
    assert cut_quoted(["Hello", line, "black tea", "green tea"]).quoted == ()


@given(LINES)
def test_each_line_is_own_or_quoted_and_in_its_order(lines: list[str]) -> None:
    cut = cut_quoted(lines)
    own, quoted = list(cut.own), list(cut.quoted)
    for line in lines:
        pile = own if own and own[0] == line else quoted
        assert pile.pop(0) == line
    assert own == quoted == []


@given(LINES)
def test_cutting_own_lines_again_finds_no_marked_line(lines: list[str]) -> None:
    assert not any(line.startswith(">") for line in cut_quoted(lines).own)
    read_quotation(cut_quoted(lines).quoted)


@pytest.mark.parametrize(
    "introduction",
    [
        "On Fri, Aug 27, 2021 at 2:07 PM Shop <shop@shop.example> wrote:",
        "On 27 Aug 2021, at 14:07, Shop wrote:",
        "On Fri, Aug 27, 2021 at 2:07 PM Shop and Partners of Long Names\n<shop@shop.example> wrote:",
        "On Fri, Aug 27, 2021 at 2:07 PM Shop\n<shop@shop.example>\nwrote:",
        "Am 27.08.2021 um 14:07 schrieb Shop <shop@shop.example>:",
        "Am Freitag, 27. August 2021, 14:07:47 MESZ hat Shop <shop@shop.example> Folgendes geschrieben:",
        "Le ven. 27 août 2021 à 14:07, Shop <shop@shop.example> a\nécrit\xa0:",
        "El vie, 27 ago 2021 a las 14:07, Shop (<shop@shop.example>) escribió:",
        "Il giorno ven 27 ago 2021 alle ore 14:07 Shop <shop@shop.example> ha scritto:",
        "Op vr 27 aug. 2021 om 14:07 schreef Shop <shop@shop.example>:",
        "Em sex., 27 de ago. de 2021 às 14:07, Shop <shop@shop.example> escreveu:",
        "Shop <shop@shop.example> wrote:",
        "27.08.2021 14:07 пользователь Shop <shop@shop.example> написал:",
        *IN_OTHER_LANGUAGES,
    ],
)
def test_what_introduces_marked_lines_is_quoted_with_them(introduction: str) -> None:
    text = f"Yes please.\n\n{introduction}\n\n> Shall we?\n> > Hm.\n\nSee you\nAnn"
    cut = cut_quoted(text.split("\n"))
    assert [line for line in cut.own if line] == ["Yes please.", "See you", "Ann"]
    assert "\n".join(cut.quoted).startswith(introduction)
    assert read_quotation(cut.quoted).lines == ("Shall we?",)
    assert "shop@shop.example" in read_quotation(cut.quoted).introduction or "Shop wrote" in introduction


@pytest.mark.parametrize(
    "introduction",
    [
        "On Fri, Aug 27, 2021 at 2:07 PM Shop <shop@shop.example> wrote:",
        "Am 27.08.2021 um 14:07 schrieb Shop <shop@shop.example>:",
        "-----Original Message-----",
        "-------- Ursprüngliche Nachricht --------",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "-----Messaggio originale-----",
        "-----Oorspronkelijk bericht-----",
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "From: Shop <shop@shop.example>\nSent: Friday, 27 August 2021 14:07\nTo: Ann\nSubject: RE: Order",
        "*From:* Shop\n*Date:* Friday\n*To:* Ann\n*Cc:* Bob\n*Subject:* RE: Order",
        "________________________________\nFrom: Shop <shop@shop.example>\nDate: Friday\nTo: Ann",
        "Von: Shop [mailto:shop@shop.example]\nGesendet: Freitag, 27. August 2021\nAn: Ann\nBetreff: AW: Lampe",
        "De : Shop <shop@shop.example>\nEnvoyé : vendredi 27 août 2021\nÀ : Ann\nObjet : RE: Commande",
        "De: Shop\nEnviado el: viernes, 27 de agosto de 2021\nPara: Ann\nAsunto: RE: Pedido",
        "Da: Shop\nInviato: venerdì 27 agosto 2021\nA: Ann\nOggetto: R: Ordine",
        "Van: Shop\nVerzonden: vrijdag 27 augustus 2021\nAan: Ann\nOnderwerp: RE: Bestelling",
    ],
)
def test_after_what_introduces_unmarked_lines_all_is_quoted(introduction: str) -> None:
    cut = cut_quoted(f"Yes please.\nAnn\n\n{introduction}\n\nShall we?\nShop\n".split("\n"))
    assert cut.own == ("Yes please.", "Ann", "")
    assert read_quotation(cut.quoted).lines == ("Shall we?", "Shop", "")


@pytest.mark.parametrize(
    "text",
    [
        "On 5 May 2021 I wrote:\nmy parcel is lost.",
        "I ordered this:\na lamp\na chair",
        "From: Seattle\nTo: Portland\nDate: 5 May\nPlease ship so.",
        "On Friday I got a broken lamp:\nit has no bulb",
        "Here is the list -- all of it --\nlamp",
        "1 < 2 > 0\n  a > b",
        "Am Montag schrieb ich: bitte melden",
    ],
)
def test_own_text_is_not_taken_for_a_quotation(text: str) -> None:
    assert cut_quoted(text.split("\n")).quoted == ()


def test_answers_between_quoted_lines_are_own_text() -> None:
    cut = cut_quoted(["> Which one?", "The red one.", "> How many?", "Two."])
    assert cut.own == ("The red one.", "Two.")
    assert read_quotation(cut.quoted).lines == ("Which one?", "How many?")


def test_a_quotation_of_an_outlook_mail_ends_where_that_quotes() -> None:
    quoted = (
        "From: Ann <ann@x.example>", "Sent: Friday", "To: Shop <shop@shop.example>", "Cc: b@shop.example",
        "Subject: RE: a", "", "It broke.", "Ann", "", "-----Original Message-----", "From: Shop", "Older text",
    )  # fmt: skip
    assert read_quotation(quoted) == ("From: Ann <ann@x.example>", ("It broke.", "Ann", ""))


@pytest.mark.parametrize(
    "unit", ["On 2021 <a@b>\n", "On a\n> b\n", "x@y:\n\n", "From: a\n", "_____________\n", "a " * 300 + "\n"]
)
def test_hostile_text_takes_no_time(unit: str) -> None:
    began = time.process_time()
    cut_quoted((unit * 20_000).split("\n"))
    assert time.process_time() - began < 3

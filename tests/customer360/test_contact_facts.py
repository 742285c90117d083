"""What customers tell of their own address, phone, e-mail and name, and what only looks as if they did."""

from __future__ import annotations

import re
import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.contact_facts import LONGEST_SENTENCE, read_facts, sentences
from customer360.contact_words import TELLINGS
from warehouse.connection import open_memory

TOLD = {
    # English
    "I moved to 12 Alder St, Portland, OR 97201.": "address new 12 Alder St, Portland, OR 97201",
    "We have just moved to 4 Hill Road, Leeds LS1 4AP and wait.": "address new 4 Hill Road, Leeds LS1 4AP",
    "I've recently moved house to a new flat at 77B N. 5th Ave. in Tacoma, WA 98402.": (
        "address new 77B N. 5th Ave. in Tacoma, WA 98402"
    ),
    "We moved from 5 Oak St to 900 Ridge Blvd Apt 4, Kent.": "address new 900 Ridge Blvd Apt 4, Kent",
    "My new address is:\n12 Alder St\nPortland, OR 97201\n\nThanks": "address new 12 Alder St, Portland, OR 97201",
    "Please note our address has changed to PO Box 1180, Yakima, WA 98901": "address new PO Box 1180, Yakima, WA 98901",
    "My new number is 206-555-0142.": "phone new 206-555-0142",
    "my new cell phone number: (206) 555-0142": "phone new (206) 555-0142",
    "Our phone number has changed to +44 20 7946 0018, thank you.": "phone new +44 20 7946 0018",
    "You can call me on 206 555 0142 from now on.": "phone new 206 555 0142",
    "My new email is jo.quist@mail.example.": "email new jo.quist@mail.example",
    "Please use jo@mail.example from now on.": "email new jo@mail.example",
    "From now on please write to jo@mail.example, not to the other one.": "email new jo@mail.example",
    "Please use this e-mail from now on.": "email new me@mail.example",
    "I changed my name to Greta Falkner-Quist.": "name new Greta Falkner-Quist",
    "I've legally changed my last name from Quist to van der Berg.": "name new van der Berg",
    "My married name is Ada O\u2019Brien, by the way.": "name new Ada O'Brien",
    "I no longer use old@mail.example.": "email no_longer old@mail.example",
    "My old number 206-555-0199 is no longer in service.": "phone no_longer 206-555-0199",
    "I am no longer at 12 Alder St.": "address no_longer 12 Alder St",
    "old@mail.example is not in use any more": "email no_longer old@mail.example",
    "Please update my address to 12 Alder St, Kent, WA 98030.": "address new 12 Alder St, Kent, WA 98030",
    "Could you please change my phone number to 206-555-0142?": "phone new 206-555-0142",
    "Please change my email on file from a@mail.example to b@mail.example": "email new b@mail.example",
    "New address: 12 Alder St, Kent": "address new 12 Alder St, Kent",
    "I changed my number, the new one is 206 555 0142": "phone new 206 555 0142",
    "Please delete my old e-mail old@mail.example.": "email no_longer old@mail.example",
    # German
    "Ich bin umgezogen: Lindenweg 4, 50667 Köln.": "address new Lindenweg 4, 50667 Köln",
    "Meine neue Adresse lautet Hauptstr. 12a, 10115 Berlin.": "address new Hauptstr. 12a, 10115 Berlin",
    "Wir sind in die Goethestraße 7, 60313 Frankfurt gezogen.": "address new Goethestraße 7, 60313 Frankfurt",
    "Neue Anschrift: Lindenweg 4, 50667 Köln": "address new Lindenweg 4, 50667 Köln",
    "Meine neue Handynummer ist +49 30 901820.": "phone new +49 30 901820",
    "Meine neue E-Mail-Adresse ist jo@post.example.": "email new jo@post.example",
    "Bitte schreiben Sie ab sofort an jo@post.example.": "email new jo@post.example",
    "Ich heiße jetzt Jo Brandvold.": "name new Jo Brandvold",
    "Die Adresse alt@post.example gilt nicht mehr.": "email no_longer alt@post.example",
    # French
    "J'ai déménagé au 12 rue des Lilas, 69003 Lyon.": "address new 12 rue des Lilas, 69003 Lyon",
    "Nouveau numéro : +33 1 42 68 53 00": "phone new +33 1 42 68 53 00",
    "Mon nouveau numéro est le +33 1 42 68 53 00.": "phone new +33 1 42 68 53 00",
    "Ma nouvelle adresse e-mail est jo@poste.example.": "email new jo@poste.example",
    "Je m'appelle désormais Chloé de la Tour.": "name new Chloé de la Tour",
    "L'adresse vieux@poste.example n'est plus valable.": "email no_longer vieux@poste.example",
    # Spanish
    "Me he mudado a Calle Mayor 12, 28013 Madrid.": "address new Calle Mayor 12, 28013 Madrid",
    "Nueva dirección: Calle Mayor 12, 28013 Madrid": "address new Calle Mayor 12, 28013 Madrid",
    "Mi nuevo número es +34 912 345 678.": "phone new +34 912 345 678",
    "Mi nuevo correo electrónico es jo@correo.example.": "email new jo@correo.example",
    "Ahora me llamo Inés Ibáñez.": "name new Inés Ibáñez",
    "El correo viejo@correo.example ya no existe.": "email no_longer viejo@correo.example",
}
NOT_TOLD = (
    "Please update my address on file.",
    "Please change my order to 12 lamps.",
    "Can I change my name to something shorter?",
    "Your new address: 12 Alder St, Kent",
    "The new one is 12 inches wide.",
    "I received a letter for my neighbour at 12 Alder St, Kent, WA 98030.",
    "My old number was 206-555-0199.",
    "Please call the number on your site.",
    "Your number 206-555-0199 is no longer in service.",
    "Is my new number 206-555-0142?",
    "If I moved to 12 Alder St, would you deliver?",
    "Should I use jo@mail.example from now on?",
    "I moved to the premium plan in 2020.",
    "We moved to 3 devices.",
    "I moved to Portland.",
    "My new address is not in your system, you still have 12 Alder St.",
    "My new phone is broken, order 2065550142.",
    "My new number has not been saved; the old one was 206-555-0199.",
    "My new number is 12345.",
    "I want to change my name to something else.",
    "I changed my name to get the parcel.",
    "I have a new email.",
    "Ask for Ada O'Brien at 206-555-0142.",
    "Use the code NEW10 from now on.",
    "The lamp is no longer available.",
    "Order 2065550142 is no longer needed.",
    "He is no longer at the company.",
    "> My new number is 206-555-0142.",
    "Ich bin in der Hauptstr. gewesen.",
    "Wenn ich umgezogen bin: Lindenweg 4, 50667 Köln.",
    "Ihre Nummer +49 30 901820 ist nicht mehr erreichbar.",
    "Mon nouveau numéro de commande est 12345678.",
    "Mi nuevo pedido es 912345678.",
    "",
)


@pytest.mark.parametrize("text", TOLD)
def test_what_was_told_is_read(text: str) -> None:
    facts = read_facts(text, "US", "me@mail.example")
    assert [f"{fact.attribute} {fact.told} {fact.value}" for fact in facts] == [TOLD[text]]
    assert facts[0].sentence in set(sentences(text))


@pytest.mark.parametrize("text", NOT_TOLD)
def test_what_was_not_told_is_not(text: str) -> None:
    assert read_facts(text, "US", "me@mail.example") == []


def test_one_text_tells_several_things() -> None:
    said = "my new number is 206-555-0142"
    text = f"Hello,\nI moved to 12 Alder St, Kent, WA 98030 and {said}. Again: {said}!"
    facts = read_facts(text, "US")
    assert [(fact.attribute, fact.value) for fact in facts] == [
        ("address", "12 Alder St, Kent, WA 98030"),
        ("phone", "206-555-0142"),
    ]


def test_a_long_sentence_is_cut_to_what_was_told() -> None:
    text = (
        "Well "
        + "and so on " * 60
        + "I wanted to say that my new number is 206-555-0142, "
        + "and so forth " * 60
        + "."
    )
    (fact,) = read_facts(text, "US")
    assert "206-555-0142" in fact.sentence
    assert len(fact.sentence) <= LONGEST_SENTENCE


def test_a_number_is_dialled_where_the_shop_is() -> None:
    assert read_facts("My new number is 020 7946 0018.", "GB")[0].value == "020 7946 0018"
    assert read_facts("My new number is 020 7946 0018.", "US") == []


def test_the_database_and_python_read_the_cues_alike() -> None:
    """The database picks the texts by the same cues; one that it read otherwise would be lost without a word."""
    texts = [*TOLD, *NOT_TOLD]
    with open_memory() as con:
        for telling in TELLINGS:
            rows = con.execute(
                "SELECT text FROM (SELECT unnest($texts) AS text) WHERE regexp_matches(text, $cue)",
                {"texts": texts, "cue": f"(?i){telling.cue}"},
            ).fetchall()
            assert {text for (text,) in rows} == {text for text in texts if re.search(telling.cue, text, re.IGNORECASE)}


@given(st.text() | st.lists(st.sampled_from([*TOLD, *NOT_TOLD])).map(" ".join))
def test_any_text_can_be_read(text: str) -> None:
    for fact in read_facts(text, "US", "me@mail.example"):
        assert fact.value
        assert 0 < len(fact.sentence) <= LONGEST_SENTENCE


def test_hostile_texts_take_no_time() -> None:
    hostile = (
        "my new number is ",
        "i moved from ",
        "from now on use ",
        "1 a ",
        "a@",
        "12 St ",
        "is no longer my address ",
    )
    started = process_time()
    for text in hostile:
        read_facts(text * 2_000, "US")
        read_facts("my new address is " + text * 2_000 + "is no longer valid", "US")
    assert process_time() - started < 5


def test_accents_may_be_written_apart() -> None:
    text = unicodedata.normalize("NFD", "J'ai déménagé au 12 rue des Lilas, 69003 Lyon.")
    assert read_facts(text, "US")[0].value == "12 rue des Lilas, 69003 Lyon"

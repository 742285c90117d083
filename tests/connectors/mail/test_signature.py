from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mail.signature import cut_signature, without_closing
from connectors.mail.signature_lines import SignatureFacts, classify_lines, looks_like_name, read_signature

LINES = st.lists(
    st.sampled_from(
        ["", "Hello there.", "-- ", "--", "Regards,", "Thanks, Ann", "Ann Doe", "Tel: 206-555-0100", "1 Elm St",
         "Kent WA 98030", "Sent from my phone", "ann@x.example | 206 555 0100", "Mit freundlichen Grüßen"]
    )
    | st.text(max_size=20)
)  # fmt: skip


@given(LINES, st.sampled_from(["", "Ann Doe"]))
def test_text_and_signature_together_are_all_lines(lines: list[str], name: str) -> None:
    cut = cut_signature(lines, name)
    assert [*cut.body, *cut.signature] == lines


@given(LINES)
def test_what_a_signature_says_stands_in_it(lines: list[str]) -> None:
    facts = read_signature(without_closing(lines))
    text = "\n".join(lines)
    for said in (facts.name, facts.organisation, *facts.phones, *facts.emails):
        assert said is None or said in text
    for address in facts.addresses:
        assert all(part.strip(" ,") in text for part in address.split(", "))


@given(LINES)
def test_every_part_of_a_signature_has_one_kind(lines: list[str]) -> None:
    parts = classify_lines(lines)
    between_parts = " |\t\u2022\u00b7"
    assert "".join("".join(part for _, part in parts).split()).translate(
        dict.fromkeys(map(ord, between_parts))
    ) == "".join("".join(lines).split()).translate(dict.fromkeys(map(ord, between_parts)))
    assert {kind for kind, _ in parts} <= {"name", "phone", "address", "email", "organisation", "other"}


def signature_of(text: str, name: str = "") -> str:
    return "\n".join(cut_signature(text.split("\n"), name).signature)


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn Doe",
        "--\nAnn Doe\n206-555-0100",
        "-- \n" + "\n".join(f"line {number}" for number in range(15)),
        "Regards,\nAnn Doe",
        "Kind regards\n\nAnn Doe\n1 Elm St\nKent WA 98030",
        "Thanks,\nAnn",
        "Thanks, Ann",
        "Many thanks in advance!\nAnn Doe",
        "All the best,\nAnn",
        "Yours sincerely,\nAnn",
        "Mit freundlichen Grüßen\nAnn Doe",
        "Viele Grüße aus Köln\nAnn",
        "MfG\nA. Doe",
        "Cordialement,\nAnn Doe",
        "Bien à vous\nAnn",
        "Un saludo,\nAnn Doe",
        "Cordiali saluti\nAnn Doe",
        "Met vriendelijke groet,\nAnn Doe",
        "Obrigada,\nAnn",
        "Regards,\nAnn\n\n-- \nAnn Doe\n206-555-0100",
        "Thanks\nAnn\n\nSent from my phone",
        "Sent from my phone",
        "Envoyé de mon téléphone",
        "Thanks!\nAnn\n-- \nAnn Doe\nSent from my phone",
    ],
)
def test_signatures_are_cut(signature: str) -> None:
    assert signature_of("Where is my order?\n\n" + signature) == signature


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order?",
        "Regards,",  # nobody signs
        "Where is my order? Thanks",
        "Thanks for the quick answer.\nWhere is my order?",
        "Thanks\nI have been waiting for three weeks now and I am not amused.",
        "Thanks\n" + "\n".join(f"line {number}" for number in range(9)),
        "My list\n--\n" + "\n".join(f"line {number}" for number in range(16)),
        "Best lamp ever.\nAnn likes it.",
        "Thank you, all good now.",
        "one\n-- \n",  # nothing follows
    ],
)
def test_own_text_is_not_taken_for_a_signature(text: str) -> None:
    assert signature_of(text) == ""


def test_a_last_paragraph_of_contact_lines_counts_when_it_begins_with_the_sender() -> None:
    contact = "Ann Doe\n206-555-0100\n1 Elm St\nKent WA 98030"
    assert signature_of("It broke.\n\n" + contact, "Doe, Ann") == contact
    assert (
        signature_of("It broke.\n\n" + contact + "\n\nSent from my phone", "ann") == contact + "\n\nSent from my phone"
    )
    assert signature_of("It broke.\n\n" + contact, "Bob") == ""
    assert signature_of("It broke.\n\n" + contact) == ""
    assert signature_of("It broke.\n\nAnn Doe told me to write to you today", "Ann Doe") == ""
    assert signature_of(contact, "Ann Doe") == ""


@pytest.mark.parametrize(
    ("signature", "facts"),
    [
        ("Ann Doe", SignatureFacts("Ann Doe")),
        ("The Doe Family", SignatureFacts("The Doe Family")),
        ("Ann Doe\nTel: (206) 555-0100", SignatureFacts("Ann Doe", phones=("(206) 555-0100",))),
        ("T +44 20 7946 0000 | M 07700 900123", SignatureFacts(phones=("+44 20 7946 0000", "07700 900123"))),
        ("Ann Doe\n206.555.0100 ext. 12", SignatureFacts("Ann Doe", phones=("206.555.0100 ext. 12",))),
        ("Ann Doe\nFax: 206-555-0100\nTel: N/A", SignatureFacts("Ann Doe")),
        ("Ann Doe\n27.08.2021\n98030-1234\n2019-2021\n12345678", SignatureFacts("Ann Doe")),
        ("Phone 2065550100\nann@x.example", SignatureFacts(phones=("2065550100",), emails=("ann@x.example",))),
        ("E-mail: ann@x.example, a@y.example", SignatureFacts(emails=("ann@x.example", "a@y.example"))),
        ("Write to ann@x.example for more", SignatureFacts()),
        ("Ann Doe\nHead of Buying\nDoe & Sons Ltd", SignatureFacts("Ann Doe", "Doe & Sons Ltd")),
        ("Doe GmbH\nAnn Doe", SignatureFacts("Ann Doe", "Doe GmbH")),
        ("Ann\n27 August 2021", SignatureFacts("Ann")),
        ("Ann\nCanada", SignatureFacts("Ann")),
        ("Ann\nhttps://x.example/1-elm-street", SignatureFacts("Ann")),
        ("Please call me after six", SignatureFacts()),
        ("", SignatureFacts()),
    ],
)
def test_what_a_signature_says(signature: str, facts: SignatureFacts) -> None:
    assert read_signature(signature.split("\n")) == facts


@pytest.mark.parametrize(
    ("lines", "addresses"),
    [
        ("1 Elm St\nApt 4\nKent, WA 98030\nUSA", ["1 Elm St, Apt 4, Kent, WA 98030, USA"]),
        ("1 Elm\nKent WA 98030\n2 Oak\nKent WA 98031", ["1 Elm, Kent WA 98030", "2 Oak, Kent WA 98031"]),
        ("1 Elm St, Kent WA 98030\n206 555 0100\n2 Oak St", ["1 Elm St, Kent WA 98030", "2 Oak St"]),
        ("elm\nKent WA 98030", ["elm, Kent WA 98030"]),
        ("178\nKent WA 98030", ["178, Kent WA 98030"]),
        ("12 Elm Lane\nKent WA", ["12 Elm Lane, Kent WA"]),
        ("4472 Miller Avenue\nKent", ["4472 Miller Avenue, Kent"]),
        ("1020 burning bush\nKent WA 98030", ["1020 burning bush, Kent WA 98030"]),
        ("Hauptstraße 12\nD-10115 Berlin", ["Hauptstraße 12, D-10115 Berlin"]),
        ("12 rue de la Paix\n75002 Paris\nFrance", ["12 rue de la Paix, 75002 Paris, France"]),
        ("Via Roma 5\n20121 Milano", ["Via Roma 5, 20121 Milano"]),
        ("Keizersgracht 5\n1015 CJ Amsterdam", ["Keizersgracht 5, 1015 CJ Amsterdam"]),
        ("10 High Street\nLondon SW1A 2AA", ["10 High Street, London SW1A 2AA"]),
        ("24 Bank St\nOttawa ON K1A 0B1", ["24 Bank St, Ottawa ON K1A 0B1"]),
        ("PO Box 12, Kent WA 98030", ["PO Box 12, Kent WA 98030"]),
        ("Head of Buying\nBy the way, we moved", []),
    ],
)
def test_postal_addresses(lines: str, addresses: list[str]) -> None:
    facts = read_signature(("Mary Lane", *lines.split("\n")))
    assert facts.name == "Mary Lane"
    assert list(facts.addresses) == addresses


def test_delimiter_closing_and_device_do_not_sign() -> None:
    lines = ("Regards,", "", "-- ", "Ann Doe", "___", "Thanks, Bob", "Sent from my phone")
    assert without_closing(lines) == ("Ann Doe", "Bob")


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("Ann", True), ("Ann Doe", True), ("ann doe", True), ("ANN DOE", True), ("J. R. Doe Jr.", True),
        ("Ludwig van Beethoven", True), ("Jean-Luc O'Neill", True), ("Zoë Müller", True), ("Ann & Bob", True),
        ("Doe, Ann", True),
        ("please call me", False), ("Ann likes it", False), ("Room 5", False), ("", False), ("A B C D E F G", False),
    ],
)  # fmt: skip
def test_names(text: str, is_name: bool) -> None:
    assert looks_like_name(text) is is_name


@pytest.mark.parametrize("unit", ["-", "a|", "1 ", "Best ", "a@", "a.", "Ann\n", "-- \n", "Thanks\n", "12 a, "])
def test_hostile_signatures_take_no_time(unit: str) -> None:
    lines = (unit * 30_000).split("\n")
    began = time.process_time()
    read_signature(without_closing(cut_signature(lines, "Ann").signature))
    read_signature(without_closing(lines[:20]))
    assert time.process_time() - began < 2

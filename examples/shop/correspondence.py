"""Who writes what to the shop: customers, the staff's answers, and all the mail that is nobody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from examples.shop import words
from examples.shop.clock import business_days, waking_moment
from examples.shop.letters import Letter, mailbox, message_id, quote, reply_headers, support
from examples.shop.slips import signature_phone

if TYPE_CHECKING:
    from examples.shop.books import Books
    from examples.shop.dice import Dice
    from examples.shop.people import Facts, Person

FORMS = (("plain", 70), ("quoted-printable", 14), ("html", 10), ("base64", 6))
LETTERS_PER_PERSON = ((0, 62), (1, 25), (2, 9), (3, 4))
GREETINGS = ("Hello,", "Hi,", "Dear Larkspur team,", "Good morning,", "To whom it may concern,")
CLOSINGS = ("Best regards,", "Thanks,", "Kind regards,", "Sincerely,", "Thank you,")


def write_for_months(dice: Dice, books: Books, people: list[Person]) -> None:
    """Fill the mailbox with the correspondence before the first night."""
    first, last = business_days(1)
    for person in people:
        for _ in range(dice.weighted(LETTERS_PER_PERSON)):
            exchange_letters(dice, books, person, waking_moment(dice, first, last))
    for _ in range(len(people) // 20):
        books.letters.append(nobodys_letter(dice, books, waking_moment(dice, first, last)))


def write_for_a_day(dice: Dice, books: Books, people: list[Person], night: int) -> None:
    """Add the correspondence of the day before a later night."""
    first, last = business_days(night)
    for person in dice.several(people, len(people) // 120):
        exchange_letters(dice, books, person, waking_moment(dice, first, last))
    for _ in range(3):
        books.letters.append(nobodys_letter(dice, books, waking_moment(dice, first, last)))


def exchange_letters(dice: Dice, books: Books, person: Person, moment: datetime) -> None:
    """Let a customer write, perhaps the shop answer, perhaps the customer write back."""
    facts = person.at(moment)
    if not facts.email:
        return
    letter = customers_letter(dice, books, person, moment)
    books.letters.append(letter)
    if not dice.chance(0.35):
        return
    answer = staff_answer(dice, letter, mailbox(f"{facts.given} {facts.family}", facts.email))
    books.letters.append(answer)
    if dice.chance(0.2):
        at = answer.at + timedelta(minutes=dice.between(10, 900))
        body = f"That helps, thank you.\n\n{facts.given}\n\n{quote(answer, support())}"
        books.letters.append(
            replace(
                letter,
                kind="customer",
                at=at,
                subject=f"Re: {letter.subject}",
                body=body,
                message_id=message_id(facts.email, at, body),
                headers=reply_headers(answer),
            )
        )


def customers_letter(dice: Dice, books: Books, person: Person, moment: datetime) -> Letter:
    """Write a customer's mail: a topic, perhaps the order number in subject or text, perhaps a signature."""
    facts = person.at(moment)
    subject, text, about_order = dice.skewed(words.TOPICS)
    order = books.last_order(person.person_id, moment)
    if about_order and order and dice.chance(0.6):
        if dice.chance(0.5):
            subject = f"{subject} {order.order_no}"
        else:
            text = f"{text}\nThe order number is {order.order_no}."
    body = f"{dice.pick(GREETINGS)}\n\n{text}\n\n{signature(dice, facts)}"
    return Letter(
        person_id=person.person_id,
        kind="customer",
        at=moment,
        sender=mailbox(sender_name(dice, facts), _as_sent(dice, facts.email)),
        receiver=f"support@{words.SHOP_DOMAIN}",
        subject=subject,
        body=body,
        message_id="" if dice.chance(0.02) else message_id(facts.email, moment, body),
        form=dice.weighted(FORMS),
    )


def staff_answer(dice: Dice, letter: Letter, receiver: str) -> Letter:
    """Answer a customer's mail, with that mail quoted below."""
    name, _ = dice.pick(words.STAFF)
    at = letter.at + timedelta(minutes=dice.between(30, 2000))
    subject = letter.subject if letter.subject.startswith("Re: ") else f"Re: {letter.subject}"
    body = (
        f"Hello,\n\nthank you for writing. We are looking into it and will be in touch.\n\n"
        f"{name}\n-- \n{words.SHOP_NAME}\n{words.SHOP_PHONE}\n\n{quote(letter, receiver)}"
    )
    return Letter(
        person_id=letter.person_id,
        kind="staff answer",
        at=at,
        sender=support(),
        receiver=receiver,
        subject=subject,
        body=body,
        message_id=message_id(f"support@{words.SHOP_DOMAIN}", at, body) if letter.message_id else "",
        headers=reply_headers(letter),
    )


def signature(dice: Dice, facts: Facts) -> str:
    """Write how a mail ends: a block after `-- `, a closing with a name and perhaps a telephone, or hardly anything."""
    name = f"{facts.given} {facts.family}"
    address = facts.address
    street = f"{address.house_no} {address.street}{f', {address.unit}' if address.unit else ''}"
    town = f"{address.town}, {words.REGION} {address.postal_code}"
    phone = signature_phone(dice, facts)
    kind = dice.weighted((("block", 28), ("closing", 30), ("letter", 10), ("given", 22), ("bare", 10)))
    endings = {
        "block": ["-- ", name, facts.company, phone, f"{street}, {town}"],
        "closing": [dice.pick(CLOSINGS), name, phone],
        "letter": [dice.pick(CLOSINGS), name, street, town, f"Tel. {phone}" if phone else ""],
        "given": [dice.pick(CLOSINGS), facts.given],
        "bare": ["Sent from my phone"],
    }
    return "".join(f"{line}\n" for line in endings[kind] if line)


def sender_name(dice: Dice, facts: Facts) -> str:
    """Write the name beside a mail address, which not every mail program shows."""
    known_as = words.NICKNAMES.get(facts.given, (facts.given,))
    return dice.weighted(
        (
            (f"{facts.given} {facts.family}", 55),
            (f"{facts.family}, {facts.given}", 10),
            (f"{dice.pick(known_as)} {facts.family}", 8),
            (f"{facts.given} {facts.family}".lower(), 5),
            (facts.given, 4),
            ("", 18),
        )
    )


def nobodys_letter(dice: Dice, books: Books, moment: datetime) -> Letter:
    """Write a mail that belongs to no customer: newsletter, bounce, out of office, no-reply notice, staff talk."""
    kind, sender, subject, body, headers = dice.pick(_nobodys_mail(dice, books))
    address = sender.rpartition("<")[2].rstrip(">")
    return Letter(
        person_id="",
        kind=kind,
        at=moment,
        sender=sender,
        receiver=words.STAFF[1][1] if kind == "staff talk" else f"support@{words.SHOP_DOMAIN}",
        subject=subject,
        body=body,
        message_id=message_id(address, moment, subject, body),
        headers=headers,
    )


NobodysMail = tuple[str, str, str, str, tuple[tuple[str, str], ...]]
"""Kind, sender, subject, text and further headers."""
_NEWSLETTER: NobodysMail = (
    "newsletter",
    "Kiln & Clay Trade News <news@kilnandclay.example>",
    "This week in stoneware",
    "New glazes, new prices.\n\nUnsubscribe: reply with the word STOP.\n",
    (("List-Unsubscribe", "<mailto:stop@kilnandclay.example>"), ("Precedence", "bulk")),
)
_BOUNCE: NobodysMail = (
    "bounce",
    "Mail Delivery System <MAILER-DAEMON@mx.postbox.example>",
    "Undelivered Mail Returned to Sender",
    "I'm sorry to have to inform you that your message could not be delivered.\n\n550 5.1.1 no such mailbox\n",
    (("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")),
)


def _nobodys_mail(dice: Dice, books: Books) -> tuple[NobodysMail, ...]:
    order_no = dice.pick(books.orders).order_no
    away = dice.pick([letter for letter in books.letters if letter.kind == "customer"])
    return (
        _NEWSLETTER,
        _BOUNCE,
        (
            "out of office",
            away.sender,
            "Automatic reply: Your order",
            "I am out of the office and will answer when I am back.\n",
            (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
        ),
        (
            "no-reply notice",
            "Parcel Notices <no-reply@swiftparcel.example>",
            f"Shipment of {order_no} was handed over",
            f"Reference {order_no}. Please do not answer this message.\n",
            (("Auto-Submitted", "auto-generated"),),
        ),
        (
            "staff talk",
            mailbox(*words.STAFF[0]),
            f"Refund for {order_no}?",
            f"Theo, can you look at {order_no} before lunch?\n\nMara\n",
            (),
        ),
    )


def _as_sent(dice: Dice, email: str) -> str:
    return email.title() if dice.chance(0.04) else email

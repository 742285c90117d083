"""The people of the story: written by hand, without slips, so that each night shows what it is meant to show.

They do not depend on the seed nor on how many people there are, and neither do the keys of their records: their
numbers are the first to be given out. Their telephone numbers are 555-01xx, the block kept for stories.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from examples.shop import words
from examples.shop.books import Account, Books, Case, Entry, Line, Order
from examples.shop.clock import at_shop, on
from examples.shop.correspondence import customers_letter
from examples.shop.dice import SteadyHand
from examples.shop.happenings import account_entry, open_account, open_case
from examples.shop.letters import Letter, message_id
from examples.shop.people import Address, Facts, Person
from examples.shop.slips import case_card, order_card
from examples.shop.story import Part, Role
from examples.shop.tidings import new_address

HAND = SteadyHand()

Reach = tuple[Address, str, str]
"""Where somebody lives, the mail address, the mobile telephone."""


@dataclass
class Stage:
    """The books the story is entered in, and its parts so far."""

    books: Books
    parts: list[Part] = field(default_factory=list)

    def order(self, person: Person, moment: datetime, fate: str = "delivered", goods: tuple[str, ...] = ()) -> str:
        """Let a person order goods, or one thing after the other out of the catalogue and seeds; gives the key."""
        sku, description, cents = words.GOODS[len(self.books.orders) % len(words.GOODS)]
        lines: tuple[Line, ...] = (Line(sku, description, 1, cents), Line("GD-2018", "Seed tin, herbs", 2, 2500))
        if goods:
            lines = tuple(Line(sku, description, 1, cents) for sku, description, cents in words.GOODS if sku in goods)
        order = Order(
            order_no=self.books.order_numbers.next(moment),
            person_id=person.person_id,
            ordered_at=moment,
            card=order_card(HAND, person.at(moment)),
            lines=lines,
            fate=fate,
            promised_on=at_shop(moment).date() + timedelta(days=6),
        )
        return _key(self.books.add_order(order))

    def account(self, person: Person, moment: datetime) -> str:
        """Open an account for a person; gives the key."""
        return _key(open_account(HAND, self.books, person, moment))

    def case(self, person: Person, moment: datetime, subject: str, text: str, order: str = "") -> str:
        """Open a case for a person, about the order with a key; gives the key."""
        case = open_case(HAND, self.books, person, moment)
        order_no = order.partition(":")[2]
        self.books.cases[-1] = replace(case, subject=subject, text=text, order_no=order_no, days_open=8)
        return _key(case)

    def letter(self, person: Person, moment: datetime, subject: str, text: str) -> str:
        """Let a person write a mail that ends in a full signature; gives the key."""
        letter = customers_letter(HAND, self.books, person, moment)
        signed = letter.body[letter.body.index("-- \n") :]
        body = f"Hello,\n\n{text}\n\n{signed}"
        key = message_id(person.at(moment).email, moment, body)
        self.books.letters.append(replace(letter, subject=subject, body=body, message_id=key))
        return _key(self.books.letters[-1])

    def tell(self, role: Role, night: int, told: str, *groups: tuple[str, ...]) -> None:
        """Enter a part of the story."""
        self.parts.append(Part(role, night, told, groups))

    def correct_account(self, key: str, moment: datetime, entry: Entry) -> None:
        """Let billing correct who an account belongs to."""
        place = [account.account_no for account in self.books.accounts].index(key.partition(":")[2])
        self.books.accounts[place] = self.books.accounts[place].corrected(moment, entry)

    def correct_case(self, key: str, moment: datetime, facts: Facts) -> None:
        """Let an agent correct the contact of a case."""
        place = [case.case_no for case in self.books.cases].index(key.partition(":")[2])
        self.books.cases[place] = self.books.cases[place].corrected(moment, case_card(HAND, facts))


def play(books: Books) -> tuple[Part, ...]:
    """Enter the whole story in empty books; gives its parts in order."""
    stage = Stage(books)
    for scene in (
        _a_family_shares_a_phone,
        _twins_live_together,
        _father_and_son_have_one_name,
        _an_account_is_unreadable,
        _tobias_moves,
        _joanna_marries,
        _samuel_corrects_his_email,
        _greta_complains,
        _two_customers_turn_out_to_be_delia,
        _noras_second_account_is_priyas,
        _hazel_has_not_called,
    ):
        scene(stage)
    return tuple(stage.parts)


def _a_family_shares_a_phone(stage: Stage) -> None:
    ruth = _facts("Ruth", "E", "Lindqvist", date(1958, 3, 22), RUTH)
    ruth = replace(ruth, landline="3605550111")
    martin = replace(ruth, given="Martin", middle="O", birth_date=date(1955, 11, 2), email=LINDQVIST_MAIL)
    elsa = replace(ruth, given="Elsa", middle="K", birth_date=date(1987, 7, 9), email=LINDQVIST_MAIL)
    groups = []
    for day, facts in enumerate((ruth, martin, elsa), 3):
        person = _person(f"{facts.given} {facts.suffix}".strip(), facts)
        groups.append((stage.account(person, on(2025, 4, day)), stage.order(person, on(2025, 9, day))))
    told = (
        "Ruth, Martin and Elsa Lindqvist share a house and its telephone, two of them a mailbox: three customers, and "
        "one household."
    )
    stage.tell("shares_phone", 1, told, *groups)


def _twins_live_together(stage: Stage) -> None:
    ida = _facts("Ida", "M", "Castellane", date(1996, 5, 30), IDA)
    ida = replace(ida, landline="5095550117")
    vera = replace(ida, given="Vera", middle="L", email="vera.castellane@webmail.example", mobile="5095550119")
    groups = []
    for day, facts in enumerate((ida, vera), 11):
        person = _person(f"{facts.given} {facts.suffix}".strip(), facts)
        groups.append((stage.account(person, on(2025, 5, day)), stage.order(person, on(2025, 10, day))))
    told = "Ida and Vera Castellane were born on one day and live at one address: two customers."
    stage.tell("twins", 1, told, *groups)


def _father_and_son_have_one_name(stage: Stage) -> None:
    father = _facts("Walter", "", "Brandvold", date(1951, 1, 17), WALTER)
    father = replace(father, suffix="Sr", landline="5645550114")
    son = replace(father, suffix="Jr", birth_date=date(1979, 8, 4), email="walt79@inbox.example", mobile="5645550115")
    groups = []
    for day, facts in enumerate((father, son), 21):
        person = _person(f"{facts.given} {facts.suffix}".strip(), facts)
        groups.append((stage.account(person, on(2025, 3, day)), stage.order(person, on(2025, 8, day))))
    told = "Walter Brandvold and his son have one name and one house; suffix, birth date and mailbox part them."
    stage.tell("father_and_son", 1, told, *groups)


def _an_account_is_unreadable(stage: Stage) -> None:
    person = _person("Edith", _facts("Edith", "R", "Quillfeather", date(1981, 3, 2), EDITH))
    account = stage.account(person, on(2025, 7, 8))
    book = stage.books.accounts[-1]
    right = book.entries[0][1]
    stage.books.accounts[-1] = replace(book, entries=((book.entries[0][0], replace(right, birth_date="02/30/1981")),))
    stage.correct_account(account, on(2026, 3, 2, 9, 40), right)
    told = "Edith Quillfeather was born on 30 February, says billing: the date is set aside, the rest counts."
    stage.tell("unreadable", 1, told, (account,))


def _tobias_moves(stage: Stage) -> None:
    before = _facts("Tobias", "J", "Rennstead", date(1974, 12, 1), TOBIAS)
    after = replace(before, address=Address("77", "Lantern Lane", "Apt 5", "Pinehollow", "98763"))
    moved = on(2026, 3, 2, 8)
    person = _person(before.given, before).change(moved, after)
    known = (stage.account(person, on(2025, 2, 6)), stage.order(person, on(2025, 6, 19)))
    stage.correct_account(known[0], on(2026, 3, 2, 11), account_entry(HAND, after))
    order = stage.order(person, on(2026, 3, 2, 13, 5))
    said = f"I have moved to {new_address(after.address)}. Please send everything there."
    letter = stage.letter(person, on(2026, 3, 2, 13, 30), "I have moved", said)
    told = "Tobias Rennstead moves from Dunmere to Pinehollow: billing, a new order and a mail know the new address."
    stage.tell("moves", 2, told, (*known, order, letter))


def _joanna_marries(stage: Stage) -> None:
    before = _facts("Joanna", "B", "Pettibone", date(1990, 10, 12), JOANNA)
    after = replace(before, family="Ashgrove")
    person = _person(before.given, before).change(on(2026, 3, 2, 7), after)
    known = (stage.account(person, on(2025, 3, 14)), stage.order(person, on(2025, 11, 28)))
    stage.correct_account(known[0], on(2026, 3, 2, 10, 15), account_entry(HAND, after))
    order = stage.order(person, on(2026, 3, 2, 17, 45))
    told = "Joanna Pettibone marries: from now on billing and her orders say Joanna Ashgrove."
    stage.tell("marries", 2, told, (*known, order))


def _samuel_corrects_his_email(stage: Stage) -> None:
    facts = _facts("Samuel", "D", "Okonjo-Hart", date(1968, 6, 25), SAMUEL)
    mistyped = replace(facts, email="samuel.okonjo-hart@postbxo.example")
    account = stage.account(_person("Samuel", mistyped), on(2025, 5, 2))
    order = stage.order(_person("Samuel", facts), on(2025, 12, 3))
    stage.correct_account(account, on(2026, 3, 2, 15), account_entry(HAND, facts))
    told = "Samuel Okonjo-Hart has the mistyped mail address on his account corrected."
    stage.tell("corrects", 2, told, (account, order))


def _greta_complains(stage: Stage) -> None:
    person = _person("Greta", _facts("Greta", "A", "Vanstone", date(1983, 4, 8), GRETA))
    order = stage.order(person, on(2026, 2, 18, 19, 20), fate="lost")
    number = order.partition(":")[2]
    said = f"order {number} was promised for last week and has not come. This is the second time. I am not pleased."
    letter = stage.letter(person, on(2026, 3, 2, 9, 10), f"Where is {number}?", said)
    case = stage.case(person, on(2026, 3, 2, 16, 30), "Where is my order?", f"Customer rang: {said}", order)
    told = "Greta Vanstone complains by mail and by telephone about an order that is late."
    stage.tell("complains", 2, told, (order, letter, case))


def _two_customers_turn_out_to_be_delia(stage: Stage) -> None:
    """Merge: an old account with a case on it, and a newer customer, with nothing in common until night 3."""
    now = _facts("Delia", "R", "Marsden", date(1988, 4, 17), DELIA)
    then = _facts("Dee", "", "Kovarik", now.birth_date, DEE)
    old_account = stage.account(_person("Delia", then), on(2025, 1, 20))
    first = stage.books.accounts[-1]
    unknown = replace(first.entries[0][1], birth_date="")
    stage.books.accounts[-1] = replace(first, entries=((first.entries[0][0], unknown),))
    old_case = stage.case(_person("Delia", then), on(2025, 2, 11), "Password", "Cannot sign in. Link sent.")
    new_self = _person("Delia", now)
    account = stage.account(new_self, on(2025, 9, 5))
    orders = tuple(stage.order(new_self, on(2025, 9 + month, 6)) for month in range(4))
    letter = stage.letter(new_self, on(2025, 12, 20), "Thank you", "the kettle is lovely.")
    stage.correct_account(old_account, on(2026, 3, 3, 10), account_entry(HAND, now))
    stage.correct_case(old_case, on(2026, 3, 3, 10, 5), now)
    told = (
        "Dee Kovarik, whose account lay idle, turns out to be Delia Marsden, who married, moved and came back as a new "
        "customer: billing corrects name, birth date, address, mail and telephone, and two customers become one."
    )
    stage.tell("merges", 3, told, (old_account, old_case), (account, *orders, letter))


def _noras_second_account_is_priyas(stage: Stage) -> None:
    """Split: an account and its cases were opened on Nora's line by mistake; on night 3 they get their own owner."""
    nora_facts = _facts("Nora", "J", "Whitlocke", date(1971, 9, 14), NORA)
    priya_facts = _facts("Priya", "S", "Ranganathan", date(1994, 2, 3), PRIYA)
    nora = _person("Nora", nora_facts)
    account = stage.account(nora, on(2025, 1, 28))
    orders = tuple(stage.order(nora, on(2025, month, 15)) for month in (3, 7, 11))
    letter = stage.letter(nora, on(2025, 7, 21), "Thank you", "the potting bench arrived quickly.")
    mistaken = Person("S-Priya", nora.chapters)
    her_account = stage.account(mistaken, on(2025, 8, 12))
    her_case = stage.case(mistaken, on(2025, 8, 19), "Invoice question", "Customer rang about her first invoice.")
    stage.correct_account(her_account, on(2026, 3, 3, 14), account_entry(HAND, priya_facts))
    stage.correct_case(her_case, on(2026, 3, 3, 14, 10), priya_facts)
    said = "my account shows the name of a stranger, Nora somebody. Please put that right."
    protest = stage.letter(_person("Priya", priya_facts), on(2026, 3, 3, 11, 20), "Not my name", said)
    told = (
        "A clerk had opened Priya Ranganathan's account on the line of Nora Whitlocke, so both were one customer; "
        "billing corrects it, and the account, its case and Priya's mail leave Nora for a customer of their own."
    )
    stage.tell("splits", 3, told, (account, *orders, letter), (her_account, her_case, protest))


def _hazel_has_not_called(stage: Stage) -> None:
    """Radar: on night 3 the mug on its way to her is of a lot that is known to be bad."""
    person = _person("Hazel", _facts("Hazel", "T", "Wintergreen", date(1979, 10, 3), HAZEL))
    account = stage.account(person, on(2025, 6, 17))
    order = stage.order(person, on(2026, 2, 27, 15, 44), goods=("KT-1010", "KT-1055"))
    told = (
        "Stoneware of one lot may crack, the workshop says tonight. A mug of it is on its way to Hazel Wintergreen: "
        "whoever answers the telephone knows before she calls."
    )
    stage.tell("forewarned", 3, told, (account, order))


RUTH = (Address("218", "Orchard Road", "", "Fenbrook", "98725"), "ruth.lindqvist@postbox.example", "")
LINDQVIST_MAIL = "lindqvists@postbox.example"
IDA = (Address("9", "Heron Court", "", "Kestrel Bay", "98740"), "ida.castellane@webmail.example", "5095550118")
WALTER = (Address("1404", "Foundry Street", "", "Ironmoor", "98734"), "wbrandvold@homenet.example", "")
EDITH = (Address("31", "Bramble Way", "", "Otterby", "98758"), "edith.quillfeather@inbox.example", "3605550131")
TOBIAS = (Address("560", "Quarry Road", "", "Dunmere", "98718"), "tobias.rennstead@webmail.example", "5095550142")
JOANNA = (Address("12", "Chapel Street", "", "Millstow", "98752"), "joanna.b.p@fastpost.example", "5645550143")
SAMUEL = (Address("845", "Ridge Drive", "", "Gillhaven", "98730"), "samuel.okonjo-hart@postbox.example", "3605550144")
GRETA = (Address("66", "Ferry Road", "Apt 2", "Kestrel Bay", "98741"), "greta.vanstone@homenet.example", "5095550145")
DELIA = (Address("303", "Primrose Lane", "", "Wexcombe", "98770"), "delia.marsden@fastpost.example", "3605550151")
DEE = (Address("1190", "Station Street", "", "Lowmarsh", "98746"), "copperpot77@inbox.example", "5645550152")
NORA = (Address("24", "Saltmarsh Road", "", "Brackwater", "98710"), "nora.whitlocke@postbox.example", "5095550161")
HAZEL = (Address("5", "Windmill Lane", "", "Fenbrook", "98725"), "hazel.wintergreen@inbox.example", "5095550171")
PRIYA = (Address("2750", "Summit Avenue", "Apt 9", "Eastlow", "98721"), "priya.ranga@webmail.example", "3605550162")


def _facts(given: str, middle: str, family: str, born: date, reach: Reach) -> Facts:
    address, email, mobile = reach
    return Facts(given, middle, family, "", born, address, email, mobile, "", "")


def _person(name: str, facts: Facts) -> Person:
    """Make a person of the story out of the first facts."""
    return Person(f"S-{name}", ((on(2025, 1, 1), facts),))


def _key(record: Order | Account | Case | Letter) -> str:
    """Write the key of a record as `SOURCE:SOURCE_RECORD_ID`."""
    match record:
        case Order():
            return f"orders:{record.order_no}"
        case Account():
            return f"billing:{record.account_no}"
        case Case():
            return f"cases:{record.case_no}"
        case Letter():
            return f"mail:{record.source_record_id}"

"""What happens in the shop: people order, open accounts, ring up with a complaint; billing corrects what it learns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from examples.shop import words
from examples.shop.books import Account, Books, Case, Entry, Line, Order
from examples.shop.clock import at_shop, business_days, exported_at, on, waking_moment
from examples.shop.dice import Dice, SteadyHand
from examples.shop.people import Address, Facts, Person
from examples.shop.slips import account_card, case_card, order_card

ORDERS_PER_PERSON = ((0, 26), (1, 27), (2, 19), (3, 12), (4, 7), (5, 4), (7, 3), (9, 2))
CASES_PER_PERSON = ((0, 60), (1, 25), (2, 10), (3, 4), (5, 1))
LINES_PER_ORDER = ((1, 55), (2, 27), (3, 13), (4, 5))
ORDER_FATES = (("delivered", 90), ("cancelled", 4), ("returned", 5), ("lost", 1))
CASE_CHANNELS = (("phone", 5), ("web form", 3), ("chat", 2))
ACCOUNT_STATUSES = (("active", 88), ("overdue", 7), ("closed", 5))
_MONTHS = 12


@dataclass(frozen=True)
class Day:
    """How much of each happens on an ordinary day, as one in so many people."""

    order: int = 75
    case: int = 200
    correction: int = 300
    deletion: int = 500


def trade_for_months(dice: Dice, books: Books, people: list[Person]) -> None:
    """Fill the books with all that happened before the first night; nobody is left without a record."""
    first, last = business_days(1)
    for person in people:
        orders = dice.weighted(ORDERS_PER_PERSON)
        for _ in range(orders):
            place_order(dice, books, person, waking_moment(dice, first, last))
        if orders == 0 or dice.chance(0.66):
            open_account(dice, books, person, waking_moment(dice, first, last))
        if dice.chance(0.03):
            open_account(dice, books, person, waking_moment(dice, first, last))
        for _ in range(dice.weighted(CASES_PER_PERSON)):
            open_case(dice, books, person, waking_moment(dice, first, last))


def trade_for_a_day(dice: Dice, books: Books, people: list[Person], newcomers: list[Person], night: int) -> None:
    """Add the business of the day before a later night: old and new customers, corrections, deleted accounts."""
    first, last = business_days(night)
    share = Day()
    for person in [*newcomers, *dice.several(people, len(people) // share.order)]:
        place_order(dice, books, person, waking_moment(dice, first, last))
    for person in dice.several(people, len(people) // share.case):
        open_case(dice, books, person, waking_moment(dice, first, last))
    known = {person.person_id: person for person in people}
    for account in dice.several(_accounts_of(books, known, night), len(people) // share.correction):
        _complete_account(books, known[account.person_id], account, waking_moment(dice, first, last))
    for account in dice.several(_accounts_of(books, known, night), len(people) // share.deletion):
        _exchange(books, account, replace(account, removed_at=waking_moment(dice, first, last)))


def place_order(dice: Dice, books: Books, person: Person, moment: datetime) -> Order:
    """Enter an order of one to four different goods."""
    wares = dice.several([dice.skewed(words.GOODS) for _ in range(6)], dice.weighted(LINES_PER_ORDER))
    lines = []
    for sku, description, cents in dict.fromkeys(wares):
        quantity = dice.weighted(((1, 75), (2, 17), (4, 8)))
        lines.append(Line(sku, description, quantity, quantity * cents))
    return books.add_order(
        Order(
            order_no=books.order_numbers.next(moment),
            person_id=person.person_id,
            ordered_at=moment,
            card=order_card(dice, person.at(moment)),
            lines=tuple(lines),
            fate=dice.weighted(ORDER_FATES),
            promised_on=at_shop(moment).date() + timedelta(days=dice.between(5, 9)),
        )
    )


def open_account(dice: Dice, books: Books, person: Person, moment: datetime) -> Account:
    """Open a billing account; most later changes in the person's life reach it."""
    entries = [(moment, account_entry(dice, person.at(moment)))]
    for since, facts in person.chapters:
        if since > moment and dice.chance(0.8):
            known_at = since + timedelta(days=dice.between(1, 9))
            entries.append((known_at, account_entry(dice, facts)))
    account = Account(
        account_no=books.account_numbers.next(moment),
        person_id=person.person_id,
        opened_on=at_shop(moment).date(),
        entries=tuple(entries),
        billing_email=person.at(moment).email if dice.chance(0.1) else "",
        cents=dice.between(-2500, 40000) if dice.chance(0.6) else 0,
        status=dice.weighted(ACCOUNT_STATUSES),
    )
    books.accounts.append(account)
    return account


def account_entry(dice: Dice, facts: Facts) -> Entry:
    """Write what billing holds about a person; the birth date is sometimes missing or has day and month swapped."""
    return Entry(account_card(dice, facts), "" if dice.chance(0.12) else _birth_date(dice, facts.birth_date))


def open_case(dice: Dice, books: Books, person: Person, moment: datetime) -> Case:
    """Open a case, about the person's last order where the topic asks for one; a few quote a wrong number."""
    subject, text, about_order = dice.skewed(words.TOPICS)
    order = books.last_order(person.person_id, moment)
    order_no = order.order_no if order and about_order and dice.chance(0.85) else ""
    if order_no and dice.chance(0.015):
        order_no = dice.pick(books.orders).order_no
    case = Case(
        case_no=books.case_numbers.next(moment),
        person_id=person.person_id,
        opened_at=moment,
        contacts=((moment, case_card(dice, person.at(moment))),),
        subject=subject,
        text=text,
        order_no=order_no,
        channel=dice.weighted(CASE_CHANNELS),
        agent=dice.pick(words.STAFF)[0],
        days_open=dice.weighted(((1, 30), (3, 40), (8, 20), (40, 10))),
    )
    books.cases.append(case)
    return case


def open_test_cases(books: Books) -> None:
    """Enter the cases somebody of ours opened to try the form; they are nobody's."""
    nowhere = Address("1", "Test Street", "", *words.TOWNS[0])
    tester = Facts("Test", "", "Customer", "", date(2000, 1, 1), nowhere, f"test@{words.SHOP_DOMAIN}", "", "", "")
    steady = SteadyHand()
    for moment in (on(2025, 6, 12, 10), on(2025, 11, 4, 16, 20)):
        case = open_case(steady, books, Person("", ((moment, tester),)), moment)
        books.cases[-1] = replace(case, subject="TEST please ignore", text="Testing the form, please ignore.")


def _accounts_of(books: Books, known: dict[str, Person], night: int) -> list[Account]:
    """Find the accounts that the night before showed and whose owners play no part in the story."""
    before = exported_at(night - 1)
    return [account for account in books.accounts if account.person_id in known and account.exists_at(before)]


def _complete_account(books: Books, person: Person, account: Account, moment: datetime) -> None:
    """Write an account anew without gaps or slips."""
    steady = SteadyHand()
    _exchange(books, account, account.corrected(moment, account_entry(steady, person.at(moment))))


def _exchange(books: Books, old: Account, new: Account) -> None:
    books.accounts[books.accounts.index(old)] = new


def _birth_date(dice: Dice, day: date) -> str:
    swap = day.day <= _MONTHS and dice.chance(0.02)
    month, day_of_month = (day.day, day.month) if swap else (day.month, day.day)
    return f"{month:02d}/{day_of_month:02d}/{day.year}"

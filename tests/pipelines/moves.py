"""What may happen in a town between two nights: each move is a function of the town and of dice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipelines.town import FAMILY, GIVEN, KEY, STREETS, account_row, case_row, order_row, settle_people

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.pipelines.town import Row, Town

    Move = Callable[[Town, random.Random], None]

EVERYBODYS_PHONE = "2065550100"
NOBODYS_NAMES = ("Unknown Customer", "John Smith", "Householder")


def _any(dice: random.Random, keys: dict[str, Row]) -> str | None:
    return dice.choice(sorted(keys)) if keys else None


def open_account(town: Town, dice: random.Random) -> None:
    """Let somebody open an account, perhaps a second one."""
    key = town.next_key("A")
    town.full["billing"][key] = account_row(town, dice.choice(town.people), key, dice)


def move_in(town: Town, dice: random.Random) -> None:
    """Let new people come and open accounts."""
    before = len(town.people)
    settle_people(town, dice, 1)
    for person in town.people[before:]:
        key = town.next_key("A")
        town.full["billing"][key] = account_row(town, person, key, dice)


def ask(town: Town, dice: random.Random) -> None:
    """Let somebody ask something, now and then about an order."""
    key = town.next_key("C")
    row = case_row(town, dice.choice(town.people), key, dice)
    orders = sorted(town.newest_orders())
    town.full["cases"][key] = row | ({"about": dice.choice(orders)} if orders and dice.random() < 0.3 else {})


def order(town: Town, dice: random.Random) -> None:
    """Let somebody order."""
    town.tonight.append(order_row(town, dice.choice(town.people), f"SO-{town.next_key('1')}", dice))


def correct_account(town: Town, dice: random.Random) -> None:
    """Correct an account in one attribute, perhaps to somebody else's value."""
    key = _any(dice, town.full["billing"])
    if key is None:
        return
    other = dice.choice(town.people)
    change = dice.choice(
        (
            {"last_name": dice.choice(FAMILY)},
            {"first_name": dice.choice(GIVEN)},
            {"email": other.email},
            {"email": ""},
            {"phone": other.phone},
            {"street": f"{dice.randrange(100, 130)} {dice.choice(STREETS)}"},
            {"born": other.born.isoformat()},
        )
    )
    town.full["billing"][key] = town.full["billing"][key] | change | {"changed_on": town.today}


def correct_order(town: Town, dice: random.Random) -> None:
    """Deliver an order again with another name or contact point; now and then the news comes too late."""
    key = _any(dice, town.newest_orders())
    if key is None:
        return
    row = order_row(town, dice.choice(town.people), key, dice)
    town.tonight.append(row | {"written_at": town.moment(dice, nights_ago=dice.choice((0, 0, 0, 1, 2)))})


def cancel_order(town: Town, dice: random.Random) -> None:
    """Let an order say that it is deleted."""
    key = _any(dice, town.newest_orders())
    if key is not None:
        town.tonight.append(town.newest_orders()[key] | {"status": "deleted", "written_at": town.moment(dice)})


def deliver_again(town: Town, dice: random.Random) -> None:
    """Deliver rows again that were delivered before."""
    earlier = [row for delivery in town.deliveries for row in delivery]
    town.tonight += dice.sample(earlier, min(len(earlier), dice.randrange(1, 4)))


def delete(town: Town, dice: random.Random) -> None:
    """Leave a record out of a full export."""
    source = dice.choice(sorted(town.full))
    key = _any(dice, town.full[source])
    if key is not None:
        town.gone[source][key] = town.full[source].pop(key)


def reappear(town: Town, dice: random.Random) -> None:
    """Bring back a record that was gone, as it was or as somebody else."""
    source = dice.choice(sorted(town.gone))
    key = _any(dice, town.gone[source])
    if key is None:
        return
    row = town.gone[source].pop(key)
    make = account_row if source == "billing" else case_row
    town.full[source][key] = row if dice.random() < 0.6 else make(town, dice.choice(town.people), key, dice)


def correct_key(town: Town, dice: random.Random) -> None:
    """Export a record under another key."""
    source = dice.choice(sorted(town.full))
    key = _any(dice, town.full[source])
    if key is not None:
        other = town.next_key(key[0])
        town.full[source][other] = town.full[source].pop(key) | {KEY[source]: other}


def swap_keys(town: Town, dice: random.Random) -> None:
    """Let two accounts exchange all that they say."""
    rows = town.full["billing"]
    if len(rows) > 1:
        one, other = dice.sample(sorted(rows), 2)
        rows[one], rows[other] = rows[other] | {"account_id": one}, rows[one] | {"account_id": other}


def bridge(town: Town, dice: random.Random) -> None:
    """Let an account say one person's name and e-mail, and another one's phone, birth date and street."""
    one, other = (dice.choice(town.people) for _ in range(2))
    key = town.next_key("A")
    row = account_row(town, one, key, dice)
    town.full["billing"][key] = row | {
        "email": one.email,
        "phone": other.phone,
        "born": other.born.isoformat(),
        "street": other.street,
    }


def share_a_phone(town: Town, dice: random.Random) -> None:
    """Write a phone that is nobody's into many accounts, or take it out of them again."""
    rows = town.full["billing"]
    having = [key for key, row in rows.items() if row["phone"] == EVERYBODYS_PHONE]
    for key in having or dice.sample(sorted(rows), min(len(rows), 8)):
        rows[key] = rows[key] | {"phone": "" if having else EVERYBODYS_PHONE, "changed_on": town.today}


def say_nothing(town: Town, dice: random.Random) -> None:
    """Let cases come that say too little to be anybody's: a name that many have, or one that nobody has."""
    for _ in range(dice.randrange(1, 4)):
        key = town.next_key("C")
        reach = dice.choice(({}, {}, {"email": "none@none.com"}, {"phone": EVERYBODYS_PHONE}))
        row = {"case_id": key, "name": dice.choice(NOBODYS_NAMES), "opened_at": town.moment(dice)}
        town.full["cases"][key] = row | reach


def export_twice(town: Town, dice: random.Random) -> None:
    """Let a row stand twice in tonight's export, the same or older and different."""
    key = _any(dice, town.full["billing"])
    if key is not None:
        row = town.full["billing"][key]
        town.twice.append(("billing", dice.choice((row, row | {"zip": "98999", "changed_on": "2020-01-01"}))))


def export_broken(town: Town, dice: random.Random) -> None:
    """Make a row unreadable for tonight: its time is none."""
    source = dice.choice(sorted(town.full))
    key = _any(dice, town.full[source])
    if key is not None:
        town.broken.add((source, key))


def hold_together(town: Town, dice: random.Random) -> None:
    """Let a steward say that two customers are the same, by a record of each."""
    if len(town.customers) > 1:
        one, other = (dice.choice(records) for records in dice.sample(town.customers, 2))
        town.said.append(("same", (one, other)))


def hold_apart(town: Town, dice: random.Random) -> None:
    """Let a steward say that two records of one customer are different ones'."""
    several = [records for records in town.customers if len(records) > 1]
    if several:
        one, other = dice.sample(dice.choice(several), 2)
        town.said.append(("different", (one, other)))


def take_back(town: Town, dice: random.Random) -> None:
    """Let a steward take a decision back, whichever holds."""
    town.said.append(("revoke", dice.randrange(1000)))


MOVES: tuple[Move, ...] = (
    open_account,
    move_in,
    ask,
    order,
    correct_account,
    correct_account,
    correct_order,
    cancel_order,
    deliver_again,
    delete,
    delete,
    reappear,
    correct_key,
    swap_keys,
    bridge,
    bridge,
    share_a_phone,
    say_nothing,
    export_twice,
    export_broken,
    hold_together,
    hold_apart,
    hold_apart,
    take_back,
)
"""What is listed twice happens twice as often."""

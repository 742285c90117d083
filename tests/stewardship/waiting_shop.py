"""A shop whose night leaves some cases to review: women who married, told by their phone or their address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from stewardship.answer import Shown, Statement
from stewardship.desk import answer_item
from stewardship.log import Said
from stewardship.queue import item_of, open_items
from tests.pipelines.shop import Shop

if TYPE_CHECKING:
    from pathlib import Path

    from stewardship.answer import Answered
    from stewardship.desk import Proposal
    from stewardship.queue import Item
    from stewardship.store import Store
    from stewardship.web.releases import Pinned

NOON = datetime(2026, 2, 1, 12)  # noqa: DTZ001 - naive UTC by design

WOMEN = (
    ("Norabel", "Vesterkamp", "Aaltonen"),
    ("Gudrun", "Halvorsen", "Pettibone"),
    ("Ottilie", "Krantz", "Delacroix"),
    ("Philippa", "Underhill", "Okonjo"),
    ("Zdenka", "Marsalek", "Thornquist"),
    ("Isolde", "Fairweather", "Bastiaansen"),
)


def waiting_shop(path: Path) -> Shop:
    """Return a shop that has had a night, which left an item for each of the women."""
    shop = Shop(path)
    shop.populate(30, 11)
    for number, (first, before, after) in enumerate(WOMEN):
        home = {"street": f"{11 + 20 * number} {before} Lane", "city": "Brightwater", "zip": f"98{100 + number}"}
        phone = f"42555501{number:02d}"
        email = f"{first}.{before}@mail.example".lower()
        shop.account(f"N{number}", first_name=first, last_name=before, email=email, phone=phone, **home)
        shop.case(f"N{number}", name=f"{first[0]} {before}", email=email)
        shop.account(f"M{number}", first_name=first, last_name=after, **(home if number % 2 else {"phone": phone}))
    shop.night(checks=False)
    return shop


def ids(pinned: Pinned, store: Store, **asked: Any) -> list[str]:  # noqa: ANN401 - as open_items takes it
    return [item.item_id for item in open_items(pinned, store, queue=asked.pop("queue", "oldest"), **asked).items]


def said(by: str = "ann", minute: int = 0) -> Said:
    return Said(by, NOON + timedelta(minutes=minute), "they told us")


def same(item: Item) -> list[Statement]:
    return [Statement("same", asked.records) for asked in item.asked]


def first(pinned: Pinned, store: Store) -> Item:
    item = item_of(pinned, store, ids(pinned, store)[0])
    assert item is not None
    return item


def answered(
    pinned: Pinned,
    store: Store,
    item: Item,
    by: str = "ann",
    minute: int = 0,
    second_from: float | None = None,
) -> Answered | Proposal:
    shown = Shown(item.item_id, item.queue, 12.5, item.match_probability)
    with pinned.alone() as release:
        return answer_item(store, release, item, same(item), said(by, minute), shown, second_from=second_from, now=NOON)

"""A shop whose night leaves some cases to review: women who married, told by their phone or their address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipelines.shop import Shop

if TYPE_CHECKING:
    from pathlib import Path

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

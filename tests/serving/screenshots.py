"""Takes the pictures of docs/steward-guide.md, light and dark, of a workspace that `joinedup demo` has made.

    joinedup demo shop && python -m tests.serving.screenshots shop docs/images

It claims, answers and proposes in that workspace: give it one of its own.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stewardship import desk
from stewardship.answer import Shown
from stewardship.card.offers import offers
from stewardship.entry import written
from stewardship.log import Said
from stewardship.queue import item_of, open_items
from tests.pipelines.shop import Shop
from tests.serving.cards import card_of, press
from tests.serving.site import Site, page_faults

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page

    from stewardship.entry import Record
    from stewardship.queue import Item

ANSWERS = (
    ("ann", "D", "father and son"),
    ("bo", "S", "same person, typing error"),
    ("ann", "D", "different people"),
    ("bo", "U", "cannot be told from what is there"),
    ("ann", "H", "two people of one household"),
    ("ann", "S", "confirmed by phone"),
)
"""What has been decided already: by whom, what, and why."""
WIDE = (1180, 820)
NARROW = (390, 844)
CAREFUL = 8.0
"""From so much harm on a second person confirms, in orders."""


def main(workspace: Path, folder: Path, names: Sequence[str] = ()) -> None:
    """Write every picture, or those of these names, into the folder."""
    site = Site(workspace, Shop(workspace))
    shared = site.shared
    stewardship = shared.settings.stewardship.model_copy(update={"second_pair_of_eyes_from": CAREFUL})
    site.app.state.site = replace(shared, settings=shared.settings.model_copy(update={"stewardship": stewardship}))
    shots = _shots(site)
    with site.running(), site.browser():
        for name, (path, prepare, narrow) in shots.items():
            if names and name not in names:
                continue
            for dark in (False, True):
                width, height = NARROW if narrow else WIDE
                with site.browser_of("ann", dark=dark, width=width, height=height) as page:
                    page.goto(site.url(path))
                    prepare(page)
                    file = folder / f"review-{name}-{'dark' if dark else 'light'}.png"
                    page.screenshot(path=file, animations="disabled")
                    faults = page_faults(page)
                    sys.stdout.write(f"{file} {file.stat().st_size // 1024} kB {faults or ''}\n")


Shot = tuple[str, "Callable[[Page], object]", bool]


def _shots(site: Site) -> dict[str, Shot]:
    """Return, by name, where each picture is taken, what is done there first, and whether it is of a telephone."""
    pinned = site.shared.releases.current()
    assert pinned is not None, "give a workspace that `joinedup demo` has made"
    store = site.shared.store
    items = open_items(pinned, store, limit=60).items
    pair = items[1]
    _answer(site, items[0], "bo", "S", "same person, moved house", CAREFUL)
    for item, (by, key, reason) in zip(items[-len(ANSWERS) :], ANSWERS, strict=True):
        _answer(site, item, by, key, reason)
    desk.claim(store, items[2].item_id, "bo", minutes=30)
    desk.claim(store, pair.item_id, "ann", minutes=30)
    desk.assign(store, items[3].item_id, "ann", "zoe")
    desk.comment(store, pair.item_id, "bo", "His wife called about the order of January: she says he moved.")
    many = max(open_items(pinned, store, queue="oldest", limit=200).items, key=lambda item: len(item.golden_ids))
    audit = open_items(pinned, store, queue="audit", limit=1).items
    pattern = next(item.pattern for item in items if item.pattern)
    at = f"/review/item/{pair.item_id}?queue=default"
    asked = item_of(pinned, store, pair.item_id)
    assert asked is not None
    shots: dict[str, Shot] = {
        "queues": ("/review", _nothing, False),
        "list": ("/review/queue/default", _nothing, False),
        "card": (at, _nothing, False),
        "card-why": (at, _scroll_to_why, False),
        "card-confirm": (at, _press_same, False),
        "card-many": (f"/review/item/{many.item_id}", _nothing, False),
        "card-phone": (at, _nothing, True),
        "keys": (at, lambda page: press(page, "?"), False),
        "customer": (f"/review/customer/{pair.golden_ids[0]}", _nothing, False),
        "pattern": (f"/review/pattern/{pattern}", _nothing, False),
        "proposals": ("/review/proposals", _nothing, False),
        "find": ("/review/find", _find, False),
        "compare": ("/review/compare", partial(_compare, records=asked.asked[0].records), False),
        "decisions": ("/review/decisions", _nothing, False),
        "stewards": ("/review/stewards", _nothing, False),
    }
    if audit:
        shots["audit"] = (f"/review/item/{audit[0].item_id}", _nothing, False)
    return shots


def _nothing(_page: Page) -> None:
    """Leave the page as it is."""


def _scroll_to_why(page: Page) -> None:
    """Show the evidence, and no more than goes with it."""
    page.set_viewport_size({"width": WIDE[0], "height": 620})
    page.evaluate("document.querySelector('.why-it-is').scrollIntoView()")
    page.evaluate("window.scrollBy(0, -60)")


def _press_same(page: Page) -> None:
    """Press the key that asks first, since orders would move."""
    press(page, "s")
    page.wait_for_selector("[data-asks]")


def _find(page: Page) -> None:
    """Look for somebody by name."""
    page.fill("#text", "Abbott")
    page.click("form[aria-label=Customers] button")
    page.wait_for_selector("table")


def _compare(page: Page, records: Sequence[Record]) -> None:
    """Compare two records."""
    for field, record in zip(("#left", "#right"), records, strict=True):
        page.fill(field, written(record))
    page.click("form[aria-label='Two records'] button")
    page.wait_for_selector("form[action='/review/compare/decide']")


def _answer(site: Site, of: Item, by: str, key: str, reason: str, second_from: float | None = None) -> None:
    """Let somebody answer a case, or propose to."""
    pinned, store = site.shared.releases.current(), site.shared.store
    assert pinned is not None
    item = item_of(pinned, store, of.item_id)
    assert item is not None
    offer = next(offer for offer in offers(card_of(site, item.item_id)) if offer.key == key)
    said = Said(by, datetime.now(UTC).replace(tzinfo=None), reason, pinned.release_id)
    shown = Shown(item.item_id, item.queue, 21.0, item.match_probability)
    with pinned.alone() as release:
        desk.answer_item(store, release, item, offer.statements, said, shown, second_from=second_from)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])

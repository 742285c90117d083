"""Small histories of a shop in which stewards say things: what was previewed of each, and what the night then did."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING

from stewardship.answer import Statement, answer, undo
from stewardship.card.preview import preview
from stewardship.log import Said
from stewardship.store import open_store
from stewardship.web.releases import Releases
from tests.pipelines.shop import SETTINGS, TONIGHT, Shop
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stewardship.card.outcome import Preview
    from stewardship.entry import Record
    from stewardship.web.releases import Pinned

SAID = Said("ann", datetime(2026, 1, 9), "asked them")  # noqa: DTZ001 - naive UTC by design
WITH_ORDERS = SETTINGS.replace("holds: account", "holds: order")
ALONE = replace(TONIGHT, threads=1)


def small_shop(path: Path, seed: int, people: int = 8) -> Shop:
    """Return a shop of a few people, some with a second account, of whom the matching is not sure."""
    shop = Shop(path, settings=WITH_ORDERS)
    shop.populate(people, seed)
    dice = random.Random(seed)
    for key, row in list(shop.accounts.items())[: people // 2]:
        kept = dice.sample(("email", "phone", "street", "born"), dice.randint(1, 3))
        told = {name: value for name, value in row.items() if name in ("first_name", "last_name", "city", "zip", *kept)}
        shop.account(f"{key}x", **told)
        if dice.random() < 0.5:
            shop.account(f"{key}y", **{name: value for name, value in row.items() if name != "account_id"})
    return shop


def owners(shop: Shop) -> dict[Record, str]:
    """Return whose each record is."""
    rows = shop.read("SELECT source, source_record_id, golden_id FROM crosswalk")
    return {(source, key): golden_id for source, key, golden_id in rows}


def activities(shop: Shop) -> dict[str, int]:
    """Return how many activities hang on each customer."""
    return dict(shop.read("SELECT golden_id, count(*) FROM activity GROUP BY golden_id"))


def say_something(dice: random.Random, whose: dict[Record, str]) -> list[Statement]:
    """Return something that a steward might say of these records."""
    held = defaultdict(list)
    for record, golden_id in sorted(whose.items()):
        held[golden_id].append(record)
    large = [records for _, records in sorted(held.items()) if len(records) > 1]
    kind = dice.choice(("same", "same", "different", "split", "household"))
    if kind == "split" and large:
        records = dice.choice(large)
        sides = [0, 1, *(dice.randint(0, 1) for _ in records[2:])]
        return [Statement("split", tuple(records), tuple(dice.sample(sides, len(sides))))]
    if kind == "different" and large:
        return [Statement("different", tuple(dice.sample(dice.choice(large), 2)))]
    some = dice.sample(sorted(held), dice.choice((2, 2, 3)))
    records = [dice.choice(held[golden_id]) for golden_id in some]
    if kind == "household":
        return [Statement("household", tuple(records[:2]))]
    return [Statement("same", pair) for pair in combinations(records, 2)]


def compare(foretold: Preview, before: dict[Record, str], after: dict[Record, str], hanging: dict[str, int]) -> None:
    """Check that the night did what was foretold, to all customers."""
    told: dict[Record, str | None] = {
        record: outcome.golden_id for outcome in foretold.after for record in outcome.records
    }
    for record, golden_id in before.items():
        if record not in told:
            assert after.get(record) == golden_id, f"{record} moved, and nobody said so"
    for outcome in foretold.after:
        (found,) = {after[record] for record in outcome.records}
        assert {record for record, golden_id in after.items() if golden_id == found} == set(outcome.records)
        if outcome.golden_id is None:
            assert found not in before.values()
        else:
            assert found == outcome.golden_id
        assert hanging.get(found, 0) == outcome.hanging.activities


@dataclass(frozen=True)
class Night:
    """What was said before a night and foretold of it, and whose each record was before and after."""

    pinned: Pinned
    statements: tuple[Statement, ...]
    foretold: Preview
    before: dict[Record, str]
    after: dict[Record, str]
    hanging: dict[str, int]

    def compare(self, foretold: Preview) -> None:
        """Check that the night did what was foretold."""
        compare(foretold, self.before, self.after, self.hanging)


def nights(path: Path, seed: int, count: int) -> Iterator[Night]:
    """Say something before each of so many nights of a small shop, look at its preview, and do the night."""
    dice = random.Random(seed)
    shop = small_shop(path, seed)
    shop.night(ALONE, checks=False)
    store = open_store(load_settings(shop.workspace.settings_file), shop.path)
    releases = Releases(shop.workspace)
    acts: list[int] = []
    for _ in range(count):
        if acts and dice.random() < 0.25:
            undo(store, acts.pop(dice.randrange(len(acts))), SAID)
            shop.night(ALONE, checks=False)
        before = owners(shop)
        statements = tuple(say_something(dice, before))
        pinned = releases.current()
        assert pinned is not None
        foretold = preview(pinned, store, statements)
        if foretold.problem:
            continue
        acts.append(answer(store, pinned.release, statements, SAID).act)
        shop.night(ALONE, checks=False)
        yield Night(pinned, statements, foretold, before, owners(shop), activities(shop))

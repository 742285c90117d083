"""Known issues, stock and shipments beside the small open set: every order they touch is signalled, and no other one.

The three exports are made here, over the orders of the set. The truth is told by plain loops over the raw exports,
which share nothing with the program.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.night import NightOptions
from tests.pipelines.shop import Shop, do_night

if TYPE_CHECKING:
    from pathlib import Path

    Row = dict[str, str]

AS_OF = "2021-12-28T23:29:00"
"""The newest moment of the set by the clocks of its shop."""
TONIGHT = NightOptions(as_of=datetime(2021, 12, 29, 7, 29, tzinfo=UTC))
EXPORTS = ("billing.csv", "orders.csv", "cases.jsonl", "mail.mbox")
SOURCES = """
  shipments:
    holds: interaction
    files: exports/shipments.csv
    format: csv
    key: shipment
    links: [{source: orders, record: order_no}]
    fields: {extra.carrier: carrier, extra.lot: batch, extra.sku: sku}
    activity: {at: {column: sent, format: "%Y-%m-%dT%H:%M:%S"}, about: order_no, direction: {value: outbound},
               channel: {value: parcel}, status: state}
  stock:
    holds: inventory
    files: exports/stock.csv
    format: csv
    key: [sku, shelf]
    fields: {extra.on_hand: on_hand}
    activity: {reference: sku}
  problems:
    holds: known_issue
    files: exports/problems.csv
    format: csv
    key: no
    fields: {extra.sku: sku, extra.lot: batch, extra.carrier: carrier, extra.region: region, extra.until: until}
    activity: {at: {column: since, format: "%Y-%m-%d"}, reference: no, subject: what, status: state}
"""
CARRIERS = ("Northpost", "Blue Van", "Swift & Sons")
NAMED = ("sku", "batch", "carrier", "region")
IGNORABLE = (*NAMED, "since", "until", "state", "delivered", "cancelled", "shelf", "left")


@dataclass
class Exports:
    """The raw rows of the three exports and of the orders."""

    orders: list[Row]
    shipments: list[Row] = field(default_factory=list)
    stock: list[Row] = field(default_factory=list)
    problems: list[Row] = field(default_factory=list)

    def invent(self, seed: int) -> None:
        """Make shipments, stock and problems over the orders."""
        dice = random.Random(seed)
        recent = sorted(row["order_id"] for row in self.orders if row["status"] in ("shipped", "processing"))
        others = sorted(row["order_id"] for row in self.orders if row["status"] == "delivered")
        by_id = {row["order_id"]: row for row in self.orders}
        for number, order in enumerate([*dice.sample(recent, 500), *dice.sample(others, 300)]):
            row = by_id[order]
            for part in range(dice.choice((1, 1, 1, 2))):
                self.shipments.append({
                    "shipment": f"P{number}-{part}", "order_no": order, "sent": row["order_ts"],
                    "state": dice.choice(("announced", "in transit", "delivered")), "carrier": dice.choice(CARRIERS),
                    "batch": f"B{dice.randint(1, 12)}", "sku": dice.choice(("", row["sku"])),
                })  # fmt: skip
        skus = sorted({row["sku"] for row in self.orders})
        empty = set(dice.sample(skus, 60))
        for sku in skus:
            for shelf in "AB":
                full = sku not in empty or (shelf == "B" and dice.random() < 0.3)
                left = dice.randint(1, 9) if full else dice.choice((0, -2))
                self.stock.append({"sku": sku, "shelf": shelf, "on_hand": str(left)})
        self._invent_problems(dice, skus)

    def _invent_problems(self, dice: random.Random, skus: list[str]) -> None:
        named = [("sku",), ("batch",), ("carrier",), ("region",), ("sku", "batch"), ("carrier", "region"),
                 ("sku", "carrier"), ("batch", "carrier", "region"), ()]  # fmt: skip
        for number in range(90):
            what = named[number % len(named)]
            told = {
                "sku": ", ".join(dice.sample(skus, dice.randint(1, 4))),
                "batch": f"b{dice.randint(1, 12)}",
                "carrier": dice.choice(CARRIERS).upper(),
                "region": dice.choice(("WA", "WA", "OR", "ND", "LA")),
            }
            year = dice.choice(("2019", "2020", "2021"))
            self.problems.append({
                "no": f"KI-{number}", "what": "Something is wrong",
                **{name: told[name] if name in what else "" for name in NAMED},
                "since": dice.choice(("", f"{year}-03-10", "2022-02-01")),
                "until": dice.choice(("", f"{year}-09-20", "2022-03-01")),
                "state": dice.choice(("", "open", "open", "resolved", "cancelled")),
            })  # fmt: skip

    def write(self, folder: Path) -> None:
        for name, rows in (("shipments", self.shipments), ("stock", self.stock), ("problems", self.problems)):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)

    def touched(self, ignoring: str = "") -> set[tuple[str, str]]:
        """Return (issue, number of the order) of all that is touched; `ignoring` one thing that should count."""
        parcels = defaultdict(list)
        for parcel in self.shipments:
            parcels[parcel["order_no"]].append(parcel)
        shelves = defaultdict(list)
        for shelf in self.stock:
            shelves[shelf["sku"]].append(int(shelf["on_hand"]))
        found = set()
        for order in self.orders:
            number, sku = order["order_id"], order["sku"]
            if _is_open(order, parcels[number], ignoring):
                found |= {(i["no"], number) for i in self.problems if _is_met(i, order, parcels[number], ignoring)}
                if _is_lacking(order, parcels[number], shelves[sku], ignoring):
                    found.add((f"stock:{sku}", number))
        return found


def _is_open(order: Row, parcels: list[Row], ignoring: str) -> bool:
    if order["status"] == "cancelled":
        return ignoring == "cancelled"
    if order["status"] not in ("shipped", "processing"):
        return False
    has_come = bool(parcels) and all(parcel["state"] == "delivered" for parcel in parcels)
    return ignoring == "delivered" or not has_come


def _is_lacking(order: Row, parcels: list[Row], shelves: list[int], ignoring: str) -> bool:
    has_left = order["status"] == "shipped" or any(parcel["state"] != "announced" for parcel in parcels)
    return (ignoring == "left" or not has_left) and (any if ignoring == "shelf" else all)(n <= 0 for n in shelves)


def _is_met(issue: Row, order: Row, parcels: list[Row], ignoring: str) -> bool:
    under_way = [parcel for parcel in parcels if parcel["state"] != "delivered"]
    told = {
        "sku": {order["sku"].lower()},
        "region": {order["ship_state"].lower()},
        "batch": {parcel["batch"].lower() for parcel in under_way},
        "carrier": {parcel["carrier"].lower() for parcel in under_way},
    }
    named = [name for name in NAMED if issue[name]]
    return (
        bool(named)
        and all(name == ignoring or told[name] & set(issue[name].lower().split(", ")) for name in named)
        and (ignoring == "state" or issue["state"] not in ("resolved", "cancelled"))
        and (ignoring == "since" or issue["since"] <= AS_OF)
        and (ignoring == "until" or not issue["until"] or order["order_ts"] <= issue["until"] + "T23:59:59")
    )


@pytest.fixture(scope="module")
def exports(shared_data: Path) -> Exports:
    with (shared_data / "customers_small/orders.csv").open(encoding="utf-8", newline="") as file:
        made = Exports(list(csv.DictReader(file)))
    made.invent(7)
    return made


@pytest.fixture(scope="module")
def shop(shared_data: Path, exports: Exports, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    settings = shared_data.parents[1] / "examples/open_small.yaml"
    if not settings.is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no settings for the open set at {settings}")
    made = Shop(tmp_path_factory.mktemp("known") / "small")
    (made.path / "exports").mkdir(parents=True)
    for name in EXPORTS:
        shutil.copy(shared_data / "customers_small" / name, made.path / "exports")
    exports.write(made.path / "exports")
    made.workspace.settings_file.write_text(settings.read_text().rstrip() + SOURCES)
    assert do_night(made.workspace, TONIGHT, checks=False).published
    return made


@pytest.fixture(scope="module")
def found(shop: Shop) -> set[tuple[str, str]]:
    return {
        (str(issue), str(order))
        for issue, order in shop.read(
            "SELECT issue_id, source_record_id FROM issue_effect JOIN activity USING (activity_id)"
        )
    }


def test_what_is_touched_is_found_and_nothing_else(found: set[tuple[str, str]], exports: Exports) -> None:
    true = exports.touched()
    assert len(true) > 1_000
    assert (sorted(found - true), sorted(true - found)) == ([], [])


@pytest.mark.parametrize("ignoring", IGNORABLE)
def test_whatever_is_left_out_of_account_is_noticed(
    found: set[tuple[str, str]], exports: Exports, ignoring: str
) -> None:
    """The control: a truth that leaves one thing out of account is another one."""
    assert exports.touched(ignoring) != found


def test_every_touched_order_is_signalled_and_no_other(shop: Shop, exports: Exports) -> None:
    rows = shop.read(
        "SELECT source_record_id FROM signal JOIN activity USING (activity_id) WHERE signal = 'known_issue'"
    )
    true = {order for _, order in exports.touched()}
    assert sorted(order for (order,) in rows) == sorted(true)
    assert 100 < len(true) < len(exports.orders) / 2


def test_a_signal_is_about_whose_order_it_is(shop: Shop) -> None:
    told: list[tuple[Any, ...]] = shop.read(
        "SELECT signal.golden_id = crosswalk.golden_id FROM signal JOIN activity USING (activity_id)"
        " JOIN crosswalk USING (source, source_record_id)"
    )
    assert set(told) == {(True,)}
    assert shop.read("SELECT count(*) FROM issue_effect ANTI JOIN known_issue USING (issue_id)") == [(0,)]

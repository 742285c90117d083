"""Write the exports of Larkspur Goods: `python -m examples.shop.generate DIR [--night 2] [--people 3000] [--seed 20]`.

The same seed and number of people give the same bytes on any machine; each night's files can be written by
themselves, and nights 2 and 3 overwrite the full exports of the night before and add a mailbox file.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from examples.shop import depot, exports
from examples.shop.books import Books
from examples.shop.cast import play
from examples.shop.clock import NIGHTS, exported_at
from examples.shop.correspondence import write_for_a_day, write_for_months
from examples.shop.dice import Dice
from examples.shop.happenings import open_test_cases, trade_for_a_day, trade_for_months
from examples.shop.people import Directory, draw_people
from examples.shop.story import NightStory, Part
from examples.shop.tidings import tell_news

PEOPLE = 3000
FEWEST_PEOPLE = 100
SEED = 20
CONFIGURATION = Path(__file__).with_name("joinedup.yaml")
_PEOPLE_PER_ARRIVAL = 250


@dataclass(frozen=True)
class Shop:
    """All that ever happens in the shop, the parts of the story, and who is new on which night."""

    books: Books
    parts: tuple[Part, ...]
    newcomers: dict[int, tuple[str, ...]]


def write_night(directory: Path, night: int, *, people: int = PEOPLE, seed: int = SEED) -> NightStory:
    """Write a night's exports below `directory`, on night 1 with `joinedup.yaml`, and tell what is in them.

    Raises ValueError for a night other than 1, 2 and 3 or fewer than `FEWEST_PEOPLE`.
    """
    shop = _open_shop(people, seed, night)
    texts = {
        "exports/orders.csv": exports.orders_csv(shop.books, night).encode("cp1252"),
        "exports/billing.csv": exports.billing_csv(shop.books, night).encode(),
        f"exports/mail/mail-{night}.mbox": exports.mail_mbox(shop.books, night).encode(),
        "exports/cases.jsonl": exports.cases_jsonl(shop.books, night).encode(),
        "exports/shipments.csv": exports.shipments_csv(shop.books, night).encode(),
        "exports/inventory.csv": exports.inventory_csv(night).encode(),
        "exports/known_issues.csv": exports.known_issues_csv(night).encode(),
    }
    if night == 1:
        texts["joinedup.yaml"] = CONFIGURATION.read_bytes()
    for name, content in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return _tell(shop, night, tuple(texts))


def truth(night: int, *, people: int = PEOPLE, seed: int = SEED) -> list[tuple[str, str, str]]:
    """Give `(source, source_record_id, person_id)` of every record on a night that is some person's, sorted."""
    books = _open_shop(people, seed, night).books
    moment = exported_at(night)
    letters = [letter for day in range(1, night + 1) for letter in exports.letters_of(books, day)]
    rows = [
        *(("orders", order.order_no, order.person_id) for order in exports.live_orders(books, moment)),
        *(("billing", account.account_no, account.person_id) for account in exports.live_accounts(books, moment)),
        *(("cases", case.case_no, case.person_id) for case in exports.live_cases(books, moment)),
        *(("mail", letter.source_record_id, letter.person_id) for letter in letters),
        *(("shipments", parcel.source_record_id, parcel.order.person_id) for parcel in depot.parcels(books, night)),
    ]
    return sorted(row for row in rows if row[2])


@lru_cache(maxsize=2)
def _build(people: int, seed: int) -> Shop:
    """Let everything happen, once for all nights; the story first, so that its numbers depend on nothing else."""
    books = Books()
    parts = play(books)
    directory = Directory()
    crowd = draw_people(Dice(seed, "people"), directory, people, "P")
    trade_for_months(Dice(seed, "trade"), books, crowd)
    open_test_cases(books)
    write_for_months(Dice(seed, "letters"), books, crowd)
    newcomers = {}
    for night in NIGHTS[1:]:
        arrived = draw_people(Dice(seed, "people", night), directory, people // _PEOPLE_PER_ARRIVAL, f"N{night}-")
        newcomers[night] = tuple(person.person_id for person in arrived)
        trade_for_a_day(Dice(seed, "trade", night), books, crowd, arrived, night)
        write_for_a_day(Dice(seed, "letters", night), books, [*crowd, *arrived], night)
        crowd = [*crowd, *arrived]
    tell_news(Dice(seed, "tidings"), books, directory, crowd)
    return Shop(books, parts, newcomers)


def _open_shop(people: int, seed: int, night: int) -> Shop:
    if night not in NIGHTS:
        raise ValueError(f"night must be one of {NIGHTS}, not {night}")
    if people < FEWEST_PEOPLE:
        raise ValueError(f"people must be {FEWEST_PEOPLE} or more, not {people}: a smaller shop lacks kinds of mail")
    return _build(people, seed)


def _tell(shop: Shop, night: int, files: tuple[str, ...]) -> NightStory:
    books, moment = shop.books, exported_at(night)
    orders, letters = exports.live_orders(books, moment), exports.letters_of(books, night)
    accounts, cases = exports.live_accounts(books, moment), exports.live_cases(books, moment)
    nobodys = Counter(letter.kind for letter in letters if not letter.person_id)
    nobodys["test case"] = sum(not case.person_id for case in cases)
    nobodys["article"], nobodys["known issue"] = len(depot.inventory_rows(night)), len(depot.known_issue_rows(night))
    shown_before = exports.live_accounts(books, exported_at(night - 1)) if night > 1 else []
    still_here = {account.account_no for account in accounts}
    newcomers = shop.newcomers.get(night, ())
    return NightStory(
        night=night,
        exported_at=moment,
        files=files,
        records={
            "orders": len(orders),
            "billing": len(accounts),
            "cases": len(cases),
            "mail": len(letters),
            "shipments": sum(1 for _ in depot.parcels(books, night)),
            "inventory": nobodys["article"],
            "known_issues": nobodys["known issue"],
        },
        order_lines=sum(len(order.lines) for order in orders),
        repeated_mails=len(exports.repeated_letters(books, night)),
        nobodys=dict(sorted(nobodys.items())),
        arrivals=tuple(f"orders:{order.order_no}" for order in orders if order.person_id in newcomers),
        departures=tuple(f"billing:{a.account_no}" for a in shown_before if a.account_no not in still_here),
        parts=tuple(part for part in shop.parts if part.night == night),
    )


def write_truth(path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Write who each record really is to a CSV file, as `joinedup evaluate` reads it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("source", "source_record_id", "person_id"), *rows])


def main(arguments: list[str] | None = None) -> None:
    """Write the exports of one night, or of all three one after the other, and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m examples.shop.generate", description=__doc__)
    parser.add_argument("directory", type=Path, help="the workspace to write into")
    parser.add_argument("--night", type=int, choices=NIGHTS, default=1, help="which night's exports (default: 1)")
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"how many customers (default: {PEOPLE})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed, another shop (default: {SEED})")
    parser.add_argument("--truth", type=Path, help="also write who each record really is to this CSV file")
    given = parser.parse_args(arguments)
    story = write_night(given.directory, given.night, people=given.people, seed=given.seed)
    if given.truth:
        write_truth(given.truth, truth(given.night, people=given.people, seed=given.seed))
    counts = ", ".join(f"{count} {source}" for source, count in story.records.items())
    print(f"Night {story.night}: {counts}.")
    for part in story.parts:
        print(f"- {part.told}")


if __name__ == "__main__":
    main()

"""The shop's exports, each in the shape of the system it comes from; no two agree on anything.

Every writer gives the whole text of a file for the moment it is taken, so two calls with the same books are equal.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING

from examples.shop import depot, words
from examples.shop.books import Account, Books, Case, Order, latest
from examples.shop.clock import at_shop, exported_at, night_of, on

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from examples.shop.letters import Letter
    from examples.shop.slips import Card

# Before this day the web shop ran another program, which wrote its times in another way.
NEW_SHOP_PROGRAM = on(2025, 6, 1, 0)
REPEATED_LETTERS = 2
_NOON = 12

ORDER_COLUMNS = (
    *("order_no", "ordered_at", "changed_at", "status", "promised_on"),
    *("customer", "company", "street", "apt", "town", "state", "zip", "e_mail", "phone"),
    *("item", "description", "qty", "line_total", "order_total", "currency"),
)
ACCOUNT_COLUMNS = (
    *("account_no", "account_name", "company", "birth_date", "house_no", "street", "unit", "city", "state", "zip"),
    *("email", "billing_email", "phone_mobile", "phone_home", "balance", "status", "opened_on", "changed_at"),
)

SHIPMENT_COLUMNS = ("parcel", "order_no", "sent", "carrier", "sku", "lot", "town", "state")
INVENTORY_COLUMNS = ("sku", "article", "on_hand", "expected", "counted_on")
KNOWN_ISSUE_COLUMNS = ("issue", "since", "what", "sku", "lot", "carrier", "region", "state")


def live_orders(books: Books, moment: datetime) -> list[Order]:
    """Give the orders an export taken at a moment holds, by number."""
    return sorted((o for o in books.orders if o.ordered_at <= moment), key=lambda order: order.order_no)


def live_accounts(books: Books, moment: datetime) -> list[Account]:
    """Give the accounts an export taken at a moment holds, by number."""
    return sorted((a for a in books.accounts if a.exists_at(moment)), key=lambda account: account.account_no)


def live_cases(books: Books, moment: datetime) -> list[Case]:
    """Give the cases an export taken at a moment holds, by number."""
    return sorted((c for c in books.cases if c.opened_at <= moment), key=lambda case: case.case_no)


def letters_of(books: Books, night: int) -> list[Letter]:
    """Give the mails that came since the night before, oldest first."""
    new = [letter for letter in books.letters if night_of(letter.at) == night]
    return sorted(new, key=lambda letter: (letter.at, letter.source_record_id))


def repeated_letters(books: Books, night: int) -> list[Letter]:
    """Give the mails of the night before that the mail server exports once more."""
    return letters_of(books, night - 1)[-REPEATED_LETTERS:] if night > 1 else []


def orders_csv(books: Books, night: int) -> str:
    """Write `orders.csv`: one row per line of an order, `;` between columns, decimal comma."""
    moment = exported_at(night)
    rows: list[list[str]] = []
    for order in live_orders(books, moment):
        changed_at, status = order.status_at(moment)
        head = [order.order_no, _ordered_at(order.ordered_at), f"{at_shop(changed_at):%Y-%m-%d %H:%M}", status]
        head += [order.promised_on.isoformat(), *_order_contact(order.card)]
        for line in order.lines:
            goods = [line.sku, line.description, str(line.quantity), _decimal_comma(line.cents)]
            rows.append([*head, *goods, _decimal_comma(order.cents), "USD"])
    return _csv(ORDER_COLUMNS, rows, ";")


def billing_csv(books: Books, night: int) -> str:
    """Write `billing.csv`: one row per account, names as `LAST, FIRST M`, American dates."""
    moment = exported_at(night)
    rows = []
    for account in live_accounts(books, moment):
        changed_at, entry = latest(account.entries, moment)
        card = entry.card
        owner = [card.name, card.company, entry.birth_date, card.house_no, card.street, card.unit]
        place = [card.town, words.REGION, card.postal_code]
        reach = [card.email, account.billing_email, card.mobile, card.landline]
        state = [f"{account.cents / 100:.2f}", account.status, f"{account.opened_on:%m/%d/%Y}", _zulu(changed_at)]
        rows.append([account.account_no, *owner, *place, *reach, *state])
    return _csv(ACCOUNT_COLUMNS, rows, ",")


def cases_jsonl(books: Books, night: int) -> str:
    """Write `cases.jsonl`: one object per case with nested contacts, one-line address, epoch seconds."""
    moment = exported_at(night)
    return "".join(
        json.dumps(_case_object(case, moment), ensure_ascii=False) + "\n" for case in live_cases(books, moment)
    )


def mail_mbox(books: Books, night: int) -> str:
    """Write `mail-<night>.mbox`: the mails since the night before, and two of those already sent once more."""
    letters = [*repeated_letters(books, night), *letters_of(books, night)]
    return "".join(letter.in_mailbox() for letter in letters)


def shipments_csv(books: Books, night: int) -> str:
    """Write `shipments.csv`: one row per parcel and article."""
    return _csv(SHIPMENT_COLUMNS, depot.shipment_rows(books, night), ",")


def inventory_csv(night: int) -> str:
    """Write `inventory.csv`: one row per article."""
    return _csv(INVENTORY_COLUMNS, depot.inventory_rows(night), ",")


def known_issues_csv(night: int) -> str:
    """Write `known_issues.csv`: one row per issue, over or not."""
    return _csv(KNOWN_ISSUE_COLUMNS, depot.known_issue_rows(night), ",")


def _order_contact(card: Card) -> list[str]:
    place = [f"{card.house_no} {card.street}", card.unit, card.town, words.REGION, card.postal_code]
    return [card.name, card.company, *place, card.email, card.mobile]


def _ordered_at(moment: datetime) -> str:
    local = at_shop(moment)
    if moment >= NEW_SHOP_PROGRAM:
        return f"{local:%Y-%m-%d %H:%M}"
    half = "AM" if local.hour < _NOON else "PM"  # not %p, which speaks the machine's language
    return f"{local:%m/%d/%Y} {local.hour % _NOON or _NOON:02d}:{local.minute:02d} {half}"


def _case_object(case: Case, moment: datetime) -> dict[str, object]:
    corrected_at, card = latest(case.contacts, moment)
    changed_at, status = case.status_at(moment)
    reach = (("phone", card.mobile), ("email", card.email))
    return {
        "id": case.case_no,
        "opened": int(case.opened_at.timestamp()),
        "updated": _zulu(max(corrected_at, changed_at)),
        "status": status,
        "channel": case.channel,
        "agent": case.agent,
        "contact": {"name": card.name, "company": card.company or None},
        "contacts": [{"type": kind, "value": value} for kind, value in reach if value],
        "address": _one_line(card) or None,
        "order_ref": case.order_no or None,
        "subject": case.subject,
        "text": case.text,
    }


def _one_line(card: Card) -> str:
    if not card.street:
        return ""
    unit = f" {card.unit}" if card.unit else ""
    return f"{card.house_no} {card.street}{unit}, {card.town}, {words.REGION} {card.postal_code}"


def _decimal_comma(cents: int) -> str:
    """Write cents as the web shop does: `1.249,00`."""
    return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02d}"


def _zulu(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str) -> str:
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()

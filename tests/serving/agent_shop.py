"""A made-up shop for the agents' pages: somebody with everything, somebody with nothing, and one of 5,000 orders.

Two nights: in the second one two customers become one, and one is deleted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pipelines.night import NightOptions
from tests.pipelines.shop import FAMILY, GIVEN, Shop, do_night

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = datetime(2026, 2, 1, 9, tzinfo=UTC)
SETTINGS = """\
version: 1
timezone: UTC
country: US
sources:
  accounts:
    holds: account
    files: exports/accounts.jsonl
    format: jsonl
    key: id
    updated_at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}
    trust: 80
    fields: {full_name: name, birth_date: {column: born, format: "%Y-%m-%d"}, email: email,
             phone: phone, street: street, city: city, region: state, postal_code: zip,
             extra.consent_marketing_email: news, extra.consent_marketing_phone: calls}
    activity: {at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: id}
  orders:
    holds: order
    files: exports/orders.jsonl
    format: jsonl
    key: id
    rows: lines
    expect: {min_rows: 0}
    trust: 60
    fields: {full_name: name, email: email, phone: phone, street: street, postal_code: zip, city: city}
    activity:
      at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}
      reference: id
      amount: amount
      currency: {value: USD}
      status: status
      promised_at: {column: promised, format: "%Y-%m-%d"}
      items: {sku: sku, description: goods, quantity: quantity, amount: price}
  invoices:
    holds: invoice
    files: exports/invoices.jsonl
    format: jsonl
    key: id
    expect: {min_rows: 0}
    trust: 60
    fields: {full_name: name, email: email}
    activity: {at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: id, about: about, amount: amount,
               currency: {value: USD}, status: status, promised_at: {column: due, format: "%Y-%m-%d"}}
  cases:
    holds: case
    files: exports/cases.jsonl
    format: jsonl
    key: id
    expect: {min_rows: 0}
    trust: 50
    fields: {full_name: name, email: email, phone: phone}
    activity: {at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: id, about: about, channel: channel,
               status: status, subject: subject, body: body, handled_by: agent}
  mail:
    holds: message
    files: exports/mail.jsonl
    format: jsonl
    key: id
    expect: {min_rows: 0}
    trust: 40
    fields: {full_name: name, email: email}
    references: ['SO-\\d+']
    activity: {at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}, channel: {value: email}, direction: way,
               subject: subject, body: body, conversation: thread}
  shipments:
    holds: interaction
    files: exports/shipments.jsonl
    format: jsonl
    key: id
    expect: {min_rows: 0}
    trust: 30
    fields: {full_name: name, email: email, extra.carrier: carrier}
    activity: {at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: id, about: about,
               direction: {value: outbound}, status: status, promised_at: {column: promised, format: "%Y-%m-%d"}}
  issues:
    holds: known_issue
    files: exports/issues.jsonl
    format: jsonl
    key: id
    expect: {min_rows: 0}
    trust: 10
    fields: {extra.sku: sku, extra.carrier: carrier, extra.until: until, extra.url: url}
    activity: {at: {column: at, format: "%Y-%m-%dT%H:%M:%SZ"}, reference: id, subject: title, status: status}
offers:
  - {name: lamp_shade, for: {bought: [LAMP-*]}, say: It fits the lamp that you have.}
"""
ADA = {"name": "Ada Quist", "email": "ada.quist@mail.example", "phone": "2065550101"}
WHO = {name: ADA[name] for name in ("name", "email")}
HOME = {"street": "12 Alder Street", "city": "Brightwater", "state": "WA", "zip": "98001"}
BULK = {"name": "Wanda Oyelaran", "email": "wanda@oyelaran.example", "phone": "2065550909"}


def ago(days: float) -> str:
    """Return a time so many days before the night, as the exports write it."""
    return f"{AS_OF - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def day(days: float) -> str:
    """Return the day so many days before the night, or after it."""
    return f"{AS_OF - timedelta(days=days):%Y-%m-%d}"


@dataclass
class AgentShop:
    """The rows of each source, and the nights on them."""

    path: Path
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, source: str, key: str, days: float, **values: Any) -> None:  # noqa: ANN401 - as JSON has them
        """Add a row of so many days ago."""
        self.rows.setdefault(source, []).append({"id": key, "at": ago(days), **values})

    def night(self) -> Shop:
        """Write what there is, and run a night on it."""
        exports = self.path / "exports"
        exports.mkdir(parents=True, exist_ok=True)
        (self.path / "joinedup.yaml").write_text(SETTINGS, encoding="utf-8")
        for source in ("accounts", "orders", "invoices", "cases", "mail", "shipments", "issues"):
            lines = "".join(f"{json.dumps(row)}\n" for row in self.rows.get(source, ()))
            (exports / f"{source}.jsonl").write_text(lines, encoding="utf-8")
        shop = Shop(self.path, settings=SETTINGS)
        summary = do_night(shop.workspace, NightOptions(as_of=AS_OF), checks=False)
        assert summary.published, summary.held_by
        return shop


def agent_shop(path: Path, orders: int = 0) -> Shop:
    """Return the shop after its two nights; `orders` is how many somebody has who buys a lot."""
    shop = AgentShop(path)
    _everything(shop)
    _others(shop)
    for number in range(orders):
        row = {"status": "delivered", "amount": "12.00", "sku": f"BULK-{number % 7}", "quantity": "3", "price": "4.00"}
        shop.add("orders", f"SO-9{number:05d}", 5 + number / 8, **BULK, **row)
    shop.night()
    shop.rows["accounts"] = [row for row in shop.rows["accounts"] if row["id"] != "GONE"]
    shop.rows["accounts"][-1].update(shop.rows["accounts"][-2] | {"id": "R2"})
    return shop.night()


def _others(shop: AgentShop) -> None:
    for number in range(40):
        name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[number % len(FAMILY)]}son"
        contact = {"email": f"somebody{number}@post.example", "phone": f"36055566{number:02d}"}
        home = {"street": f"{200 + number} Station Road", "city": "Brightwater", "zip": f"98{100 + number}"}
        shop.add("accounts", f"A{number}", 500 - number, name=name, **contact, **home)
    shop.add("accounts", "BELA", 700, name="Bela Quist", email="bela@mail.example", phone="2065550102", **HOME)
    shop.add("accounts", "EMPTY", 3, name="Zdenka Ibsen")
    shop.add("accounts", "GONE", 90, name="Farid Galloway", email="farid@galloway.example", phone="2065550777")
    rosa = {"name": "Rosa Falkner", "email": "rosa@falkner.example", "phone": "2065550301", "born": "1971-04-05"}
    shop.add("accounts", "R1", 400, **rosa, street="5 Harbor View", city="Brightwater", zip="98001")
    shop.add("accounts", "R2", 10, name="Rosemarie Falkner-Dietz", email="rfd@other.example", phone="3605550404")


def _everything(shop: AgentShop) -> None:
    """Somebody of whom everything is known: orders, invoices, cases, mails, what they told us, and our problems."""
    shop.add("accounts", "ADA", 800, **ADA, **HOME, born="1979-11-23", news="yes", calls="no")
    _bought(shop)
    _said(shop)


def _bought(shop: AgentShop) -> None:
    lamp = {"sku": "LAMP-1", "goods": "Reading lamp, brass", "quantity": "1", "price": "149.00"}
    rug = {"sku": "RUG-58", "goods": "Rag rug, 5 x 8", "quantity": "2", "price": "60.00"}
    old = {"status": "delivered", "amount": "269.00", "promised": day(190)}
    shop.add("orders", "SO-1001", 200, **ADA, **HOME, **old, **lamp)
    shop.add("orders", "SO-1001", 200, **ADA, **HOME, **old, **rug)
    shop.add("orders", "SO-1002", 20, **ADA, **HOME, status="shipped", amount="149.00", promised=day(4), **lamp)
    shop.add("orders", "SO-1003", 2, **ADA, **HOME, status="paid", amount="120.00", promised=day(-3), **rug)
    sent = {"about": "SO-1002", "status": "in transit", "promised": day(4), "carrier": "Polecat"}
    shop.add("shipments", "PX-77", 12, **WHO, **sent)
    lost = {"title": "Polecat has lost a container", "carrier": "Polecat", "until": day(-5)}
    shop.add("issues", "KI-7", 14, status="open", **lost)
    fades = {"title": "Rag rug, 5 x 8 fades", "sku": "RUG-58", "url": "https://status.example/9"}
    shop.add("issues", "KI-9", 3, status="open", **fades)
    shop.add("invoices", "IN-1", 199, **WHO, about="SO-1001", status="paid", amount="269.00", due=day(170))
    shop.add("invoices", "IN-2", 40, **WHO, about="SO-1001", status="unpaid", amount="120.00", due=day(10))


def _said(shop: AgentShop) -> None:
    broken = "The lamp arrived broken and nobody answers. This is the third time that I write. I want my money back."
    case = {"about": "SO-1002", "channel": "phone", "status": "open", "agent": "Mara"}
    shop.add("cases", "C-51", 9, **ADA, **case, subject="Lamp arrived broken", body=broken)
    case = {"about": "SO-1001", "channel": "chat", "status": "solved", "agent": "Theo"}
    shop.add("cases", "C-12", 180, **ADA, **case, subject="Colour of the rug", body="Is the rug red?")
    moved = "Hello, I moved to 44 Juniper Way, Brightwater, WA 98002. My new phone number is 206-555-0188. Ada Quist"
    shade = "Do you have a shade that fits the lamp? Kind regards, Ada Quist"
    for key, days, way, subject, body, thread in (
        ("m1", 60, "inbound", "New address", moved, "t1"),
        ("m2", 59, "outbound", "Re: New address", "Thank you.", "t1"),
        ("m3", 6, "inbound", "A shade", shade, "t3"),
        ("w0", 11, "inbound", "Where is my order SO-1002?", "My order SO-1002 was to be here by now.", "t2"),
        ("w1", 8, "inbound", "Re: Where is my order SO-1002?", "I have heard nothing of SO-1002. Where is it?", "t2"),
        ("w2", 3, "inbound", "Re: Where is my order SO-1002?", "This is the third mail about SO-1002.", "t2"),
    ):
        shop.add("mail", key, days, **WHO, way=way, subject=subject, body=body, thread=thread)

"""A night with consents, orders and offers: what is published of them, and what `joinedup show` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from customer360.view import CustomerView, customer_view
from pipelines.words_of_customer import customer_page
from tests.pipelines.shop import SETTINGS, Shop
from warehouse.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

CONSENT = "         email: email, phone: phone, extra.consent_marketing_email: {sql: \"split_part(street, '|', 2)\"},\n"
MORE = """\
  orders:
    holds: order
    files: exports/orders.csv
    format: csv
    key: order_no
    links: [{source: billing, record: account}]
    activity: {at: ordered_at, reference: order_no, items: sku, status: state}
offers:
  - name: filters
    say: A filter for your kettle
    by: email
    for: {bought: KETTLE-*, not_bought_since: FILTER-*}
"""
ORDERS = """\
order_no,account,ordered_at,sku,state
SO-1,A900,2026-01-03,KETTLE-2,delivered
SO-2,A901,2026-01-03,KETTLE-2,delivered
SO-3,A902,2026-01-03,KETTLE-2,delivered
SO-4,A902,2026-01-12,FILTER-1,delivered
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBPyConnection]:
    """Return the release of a night of a shop in which A901 said no to mails, and C900 complains."""
    shop = Shop(tmp_path_factory.mktemp("offers") / "shop")
    shop.settings = SETTINGS.replace("             email: email, phone: phone,", CONSENT.rstrip()) + MORE
    shop.populate(12, 3)
    for key, name in (("A900", "Petra"), ("A901", "Omar"), ("A902", "Ines"), ("A903", "Yusuf")):
        said = "|no" if key == "A901" else "|yes"
        email = f"{name.lower()}@nwosu.example"
        shop.account(key, first_name=name, last_name="Nwosu", email=email, street=f"7 Mill Road{said}")
    shop.case("C903", name="Yusuf Nwosu", email="yusuf@nwosu.example", subject="It arrived damaged")
    (shop.path / "exports").mkdir(parents=True)
    (shop.path / "exports" / "orders.csv").write_text(ORDERS, encoding="utf-8")
    assert shop.night(checks=False).published
    con = open_published(shop.workspace.current / "golden.duckdb")
    yield con
    con.close()


def view_of(release: DuckDBPyConnection, account: str) -> CustomerView:
    held = release.execute("SELECT golden_id FROM crosswalk WHERE source_record_id = ?", [account]).fetchall()
    view = customer_view(release, held[0][0])
    assert view is not None
    return view


@pytest.mark.parametrize(
    ("account", "eligible", "reason"),
    [
        ("A900", True, "bought KETTLE-2 on 2026-01-03, no FILTER-* since"),
        (
            "A901",
            False,
            "bought KETTLE-2 on 2026-01-03, no FILTER-* since; but said no to marketing messages by email",
        ),
        ("A902", False, "since then bought FILTER-1 on 2026-01-12"),
        ("A903", False, "bought no KETTLE-*"),
    ],
)
def test_everybody_has_an_answer_to_an_offer(
    release: DuckDBPyConnection, account: str, eligible: bool, reason: str
) -> None:
    (offer,) = view_of(release, account).offers
    assert (offer["offer"], offer["eligible"], offer["reason"]) == ("filters", eligible, reason)
    assert offer["say"] == "A filter for your kettle"


def test_permissions_and_offers_are_told_in_words(release: DuckDBPyConnection) -> None:
    page = customer_page(view_of(release, "A901"), "r1")
    assert "  no to marketing by email: said no to marketing messages by email (billing:A901 on 2026-01-05)\n" in page
    assert "Offers\n  no: filters\n    bought KETTLE-2 on 2026-01-03, no FILTER-* since; but said no to" in page
    assert "  may be offered something: yes (nothing speaks against it, but not by email)\n" in page
    assert all(len(line) <= 100 for line in page.splitlines())


def test_what_to_know_and_what_was_told_is_told_in_words(release: DuckDBPyConnection) -> None:
    view = view_of(release, "A903")
    signal = {"signal": "order_late", "severity": "warning", "since": None, "evidence": "SO-9 is late. " * 12}
    fact = {"attribute": "phone", "value": "206 555 0100", "told": "new", "at": None, "is_known": True}
    view.signals[:] = [signal]
    view.contact_facts[:] = [fact]
    page = customer_page(view, "r1")
    assert "What to know, 1 signal\n  warning: order late\n    SO-9 is late. SO-9" in page
    assert "Told us\n  no date: new phone 206 555 0100, which the golden record has\n" in page
    assert "1 problem in twelve months; last problem on 2026-01-06" in page


def test_what_follows_from_something_wider_goes_unsaid(release: DuckDBPyConnection) -> None:
    view = view_of(release, "A900")
    row = view.permissions[0] | {"reason": "said no to being contacted by any channel", "allowed": False}
    cells = [("any", "any"), ("any", "email"), ("marketing", "email"), ("service", "any")]
    view.permissions[:] = [row | {"purpose": purpose, "channel": channel} for purpose, channel in cells]
    page = customer_page(view, "r1")
    assert page.count("said no to being contacted") == 1
    assert "  no to everything by any channel: said no to being contacted by any channel" in page


def test_a_release_of_before_shows_what_it_has(release: DuckDBPyConnection) -> None:
    golden_id = view_of(release, "A900").customer["golden_id"]
    release.execute("ATTACH ':memory:' AS before")
    names = [
        name for (name,) in release.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
    ]
    for name in set(names) - {"permission", "offer", "contact_fact", "signal"}:
        release.execute(f"CREATE TABLE before.main.{name} AS FROM {name}")
    main = release.execute("SELECT current_database()").fetchall()[0][0]
    release.execute("USE before")
    try:
        view = customer_view(release, golden_id)
    finally:
        release.execute(f'USE "{main}"')
        release.execute("DETACH before")
    assert view is not None
    assert (view.permissions, view.offers, view.signals, view.contact_facts) == ([], [], [], [])

"""A published release of a small shop, of whose customers some are uncertain; nobody writes in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stewardship.card.case import Asked, Case
from stewardship.web.releases import Pinned, Releases
from tests.pipelines.shop import Shop
from tests.stewardship.card.foretold import ALONE, WITH_ORDERS

if TYPE_CHECKING:
    from stewardship.entry import Record

ANN = {"last_name": "Quist", "phone": "2065559001", "street": "5 Mill Ln", "city": "Brightwater", "zip": "98011"}
HOSTILE = '<script>alert(1)</script> "O\'Neil" \u202eevil ' + "x" * 300


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("stocked"), settings=WITH_ORDERS)
    shop.populate(12, 3)
    shop.account("N1", first_name="Ann", email="ann@one.example", **ANN)
    shop.account("N2", first_name="Anne", **ANN)
    shop.account("N3", first_name="Bert", email="bert@two.example", **ANN)
    same = {"email": "mo@many.example", "phone": "2065557001", "street": "77 Birch Rd", "born": "1961-02-03"}
    for number in range(14):
        shop.account(f"M{number:02}", first_name="Mo", last_name="Many", **same)
    for number in range(7):
        shop.case(f"MC{number}", name="Mo Many", email="mo@many.example", subject=HOSTILE)
    shop.account("H1", first_name=HOSTILE[:40], last_name="Hostile", email="h@hostile.example", street=HOSTILE)
    shop.case("H2", email="h@hostile.example", subject="")
    shop.case("H3", phone="2065559444")
    for key, row in list(shop.accounts.items())[:6]:
        told = {name: row[name] for name in ("first_name", "last_name", "street", "zip")}
        shop.account(f"{key}x", **told)
    shop.night(ALONE, checks=False)
    return shop


@pytest.fixture(scope="session")
def pinned(stocked: Shop) -> Pinned:
    found = Releases(stocked.workspace).current()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def cases(stocked: Shop, pinned: Pinned) -> list[Case]:
    """Return a case for every pair of customers that the release left apart, but is not sure of."""
    with pinned.golden() as con:
        pairs = con.execute(
            "SELECT golden_id_l, golden_id_r, match_probability, reason FROM possible_match ORDER BY ALL"
        ).fetchall()
    assert len(pairs) > 3
    return [case_of(stocked, left, right, probability, reason) for left, right, probability, reason in pairs]


def case_of(
    shop: Shop,
    left: str,
    right: str,
    probability: float | None = None,
    reason: str | None = None,
    queue: str = "default",
) -> Case:
    """Return the case of two customers, by the least record of each."""
    asked = Asked(least(shop, left), least(shop, right), probability, reason)
    return Case(f"q-{left}-{right}", queue, tuple(dict.fromkeys((left, right))), (asked,))


def least(shop: Shop, golden_id: str) -> Record:
    """Return the least record of a customer."""
    source, key = shop.read(
        f"SELECT source, source_record_id FROM crosswalk WHERE golden_id = '{golden_id}' ORDER BY ALL LIMIT 1"
    )[0]
    return source, key

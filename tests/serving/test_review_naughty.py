"""Whatever records hold, the review pages show it and do nothing of it: no script, dialog, or breach of the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stewardship.queue import open_items
from tests.pipelines.shop import Shop
from tests.serving.site import Site, page_faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAUGHTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'-alert(3)-'",
    "javascript:alert(4)",
    "{{ 7 * 7 }}{% raw %}",
    "<svg/onload=alert(5)>",
    "</textarea><script>alert(6)</script>",
    "&lt;b&gt; \u202egnp.exe \u200b\ufeff",
    "Ω≈ç√∫µ ﷽ 田中さん 🏳️‍🌈",
    "O'Brien-" + "Wolfeschlegelsteinhausenberger" * 4,
)


@pytest.fixture(scope="module")
def naughty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site over records that hold what no page may take for its own."""
    with Site(tmp_path_factory.mktemp("naughty"), naughty_shop(tmp_path_factory.mktemp("shop"))).running() as site:
        yield site


def naughty_shop(path: Path) -> Shop:
    """Return a shop, not opened yet, of people with such values in every field; some of them may be one."""
    shop = Shop(path)
    shop.populate(30, 7)
    for number, text in enumerate(NAUGHTY):
        home = {"street": f"{number} {text}", "city": text, "zip": f"98{200 + number}"}
        named = {"first_name": f"Ada {text}", "phone": f"42555502{number:02d}"}
        shop.account(f"N{number}{text}", last_name=f"Quist {text}", email=f"ada{number}@mail.example", **named, **home)
        shop.account(f"M{number}{text}", last_name=f"Holm {text}", **named, **(home if number % 2 else {}))
        shop.case(f"C{number}{text}", name=f"A {text}", email=f"ada{number}@mail.example", subject=text)
    return shop


def test_what_records_hold_is_only_ever_shown(naughty: Site) -> None:
    pinned = naughty.shared.releases.current()
    assert pinned is not None
    items = open_items(pinned, naughty.shared.store, queue="oldest", limit=40).items
    about = {golden_id for item in items for golden_id in item.golden_ids}
    with pinned.golden() as con:
        bad = con.execute("SELECT golden_id FROM crosswalk WHERE contains(source_record_id, 'alert')").fetchall()
    assert about & {golden_id for (golden_id,) in bad}, "no case is about such a record"
    with naughty.browser(), naughty.browser_of("ann") as page:
        scripts = None
        for path in ["/review/queue/oldest", *(f"/review/item/{item.item_id}" for item in items[:12])]:
            page.goto(naughty.url(path))
            scripts = scripts or page.locator("script").count()
            assert page.locator("script").count() == scripts, path
        for (golden_id,) in bad[:6]:
            page.goto(naughty.url(f"/review/customer/{golden_id}"))
            assert page.locator("script").count() == scripts
        assert page_faults(page) == []

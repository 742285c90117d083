"""The pages under docs/sources: their YAML reads their exports, together, and each record reaches whom it should."""

from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from examples.sources import write
from pipelines.night import NightOptions
from tests.docs.pages import CHECKOUT, blocks
from tests.pipelines.shop import do_night
from warehouse.connection import open_published
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipelines.summary import RunSummary

PAGES = CHECKOUT / "docs" / "sources"
MOST_LINES = 20
"""A dozen lines, give or take."""
NOBODYS = {"inventory": 4, "known_issues": 2}

Rows = list[tuple[Any, ...]]


def yaml_of(page: Path) -> str:
    (found,) = (block.text for block in blocks(page.read_text()) if block.language == "yaml")
    return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Make a workspace of all pages: the first page's file, which includes the others' lines as they stand."""
    place = tmp_path_factory.mktemp("sources")
    shutil.copytree(write.HERE, place / "exports")
    (place / "joinedup.yaml").write_text(f"include: [sources/*.yaml]\n{yaml_of(PAGES / 'README.md')}")
    (place / "sources").mkdir()
    for page in sorted(PAGES.glob("*.md")):
        if page.name != "README.md":
            (place / "sources" / f"{page.stem}.yaml").write_text(yaml_of(page))
    return Workspace(place)


@pytest.fixture(scope="module")
def night(workspace: Workspace) -> RunSummary:
    return do_night(workspace, NightOptions(as_of=datetime(2026, 3, 1, tzinfo=UTC)), checks=False)


@pytest.fixture(scope="module")
def release(workspace: Workspace, night: RunSummary) -> Iterator[Callable[[str], Rows]]:
    assert night.published
    with open_published(workspace.path / "var/releases/current/golden.duckdb") as con:
        yield lambda query: con.execute(query).fetchall()


def test_the_exports_are_what_their_writer_makes() -> None:
    written, _ = write.exports()
    assert {path.name: path.read_text() for path in write.HERE.iterdir()} == written


def test_a_page_shows_the_beginning_of_its_export() -> None:
    written = "".join(write.exports()[0].values())
    for page in PAGES.glob("*.md"):
        for block in blocks(page.read_text()):
            if block.language == "csv":
                assert block.text in written, page.name


def test_a_source_takes_about_a_dozen_lines(workspace: Workspace) -> None:
    names = set(load_settings(workspace.settings_file).sources)
    assert names == {
        "accounts",
        "orders",
        *NOBODYS,
        "shipments",
        "phone_log",
        "chats",
        "web_sessions",
        "loyalty",
        "campaign",
    }
    for page in PAGES.glob("*.md"):
        sources = YAML(typ="safe").load(io.StringIO(yaml_of(page)))["sources"]
        lines = [line for line in yaml_of(page).splitlines() if line.startswith("   ")]
        assert len(lines) <= MOST_LINES * len(sources), page.name
        assert f"({page.name})" in (PAGES / "README.md").read_text() or page.name == "README.md"


def test_every_row_lands(workspace: Workspace, night: RunSummary) -> None:
    _, whose = write.exports()
    expected = {name: len(records) for name, records in whose.items()} | NOBODYS
    records = night.document()["records"]
    assert {name: (counts["read"], counts["new"]) for name, counts in records.items()} == {
        name: (count, count) for name, count in expected.items()
    }
    assert sum(counts["quarantined"] for counts in records.values()) == 0


def test_each_record_is_its_customers(release: Callable[[str], Rows]) -> None:
    _, whose = write.exports()
    golden = {(source, record): found for source, record, found in release(
        "SELECT source, source_record_id, golden_id FROM crosswalk")}  # fmt: skip
    assert len(set(golden.values())) == write.PEOPLE
    lost = [
        (source, record)
        for source, records in whose.items()
        for record, account in records.items()
        if golden[source, record] != golden["accounts", account]
    ]
    assert lost == []


def test_each_source_is_on_the_timeline_as_what_it_is(release: Callable[[str], Rows]) -> None:
    found = release(
        'SELECT source, min(kind), max(kind), min(channel), max(channel), count("at") FROM activity GROUP BY source'
    )
    kinds = {row[0]: row[1:] for row in found}
    assert kinds == {
        "accounts": ("account", "account", "account", "account", 24),
        "orders": ("order", "order", "order", "order", 12),
        "shipments": ("interaction", "interaction", "parcel", "parcel", 5),
        "phone_log": ("interaction", "interaction", "phone", "phone", 12),
        "chats": ("interaction", "interaction", "chat", "chat", 10),
        "web_sessions": ("interaction", "interaction", "web", "web", 12),
        "loyalty": ("account", "account", "account", "account", 12),
        "campaign": ("campaign", "campaign", "email", "email", 12),
    }
    tied = release(
        "SELECT one.source, count(*) FROM activity AS one JOIN activity AS other"
        " ON other.activity_id = one.about_activity_id AND other.kind = 'order' GROUP BY one.source ORDER BY one.source"
    )
    assert tied == [("chats", 5), ("phone_log", 6), ("shipments", 5)]
    ways = release("SELECT direction, count(*) FROM activity WHERE source = 'phone_log' GROUP BY direction ORDER BY 1")
    assert ways == [("inbound", 10), ("outbound", 2)]
    assert release("SELECT count(promised_at) FROM activity WHERE source = 'phone_log'") == [(3,)]


def test_handles_and_cards_are_the_customers_identifiers(release: Callable[[str], Rows]) -> None:
    ((identifiers,),) = release(
        "SELECT identifiers FROM customer JOIN crosswalk USING (golden_id) WHERE source_record_id = 'LG-770049'"
    )
    assert set(dict(identifiers)) == {"loyalty", "x", "instagram"}


def test_stock_and_known_issues_are_nobodys(release: Callable[[str], Rows]) -> None:
    found = release("SELECT source, source_record_id, reason FROM excluded_record ORDER BY ALL")
    assert {(source, reason) for source, _, reason in found} == {
        ("inventory", "not_a_customer_record"),
        ("known_issues", "not_a_customer_record"),
    }
    assert [record for source, record, _ in found if source == "inventory"][1:3] == ["MUG-07|A", "MUG-07|B"]
    assert release("SELECT count(*) FROM activity WHERE source IN ('inventory', 'known_issues')") == [(0,)]


def test_who_unsubscribed_gets_no_mailing(release: Callable[[str], Rows]) -> None:
    found = release(
        "SELECT purpose, channel, allowed, count(*), count(DISTINCT reason) FROM permission GROUP BY ALL ORDER BY ALL"
    )
    assert found == [("marketing", "email", False, 3, 1), ("marketing", "email", True, 6, 1)]


def test_whose_orders_our_problems_touch_is_known(release: Callable[[str], Rows]) -> None:
    told = release(
        "SELECT issue_id, title, sku, lot, carrier, region, until_at, url FROM known_issue ORDER BY issue_id"
    )
    assert [row[:6] for row in told] == [
        ("KI-12", "Glaze chips off", "MUG-07", "M-0912", None, None),
        ("KI-13", "Parcels delayed", None, None, "Northpost", "WA"),
    ]
    assert [row[6] for row in told] == [None, datetime(2026, 1, 28, 7, 59, 59)]  # noqa: DTZ001 - naive UTC
    touched = release(
        "SELECT issue_id, reference, line, because FROM issue_effect JOIN activity USING (activity_id) ORDER BY ALL"
    )
    assert touched == [
        ("KI-12", "LG-50211", 1, "article MUG-07, lot M-0912"),
        ("KI-13", "LG-50210", 0, "carrier Northpost, region WA"),
        ("KI-13", "LG-50211", 0, "carrier Northpost, region WA"),
    ]
    raised = release(
        "SELECT signal, reference FROM signal JOIN activity USING (activity_id)"
        " WHERE signal IN ('known_issue', 'order_late', 'deadline_near') ORDER BY ALL"
    )
    assert raised == [
        ("deadline_near", "LG-50214"),
        ("known_issue", "LG-50210"),
        ("known_issue", "LG-50211"),
        ("order_late", "LG-50210"),
        ("order_late", "LG-50211"),
    ]

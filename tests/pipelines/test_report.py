"""The page of a run: there however the run ended, readable without a network, and without a word about anybody."""

from __future__ import annotations

import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from pipelines.cli import main
from tests.pipelines.shop import SETTINGS, Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
CANARY = "zyxquimby"
"""Part of every personal value of a few people, and of nothing else."""


@dataclass(frozen=True)
class Ended:
    """A run that ended: its exit code, its page, and all that it said."""

    exit_code: int
    page: Path
    said: str


def populate(shop: Shop) -> None:
    shop.populate(25, 13)
    for number in range(8):
        shop.account(
            f"Z{number}",
            first_name=f"Ann{CANARY}",
            last_name=f"{CANARY.title()}sen",
            born="1970-01-0" + str(number + 1),
            email=f"{CANARY}{number}@mail.example" if number % 2 else f"{CANARY} at nowhere",
            phone=f"206555{number:04d}",
            street=f"{number} {CANARY} Street",
            city=f"{CANARY}ville",
            zip="98001" if number % 2 else CANARY,
        )
        shop.case(
            f"Z{number}", name=f"{CANARY}sen, Ann{CANARY}", email=f"{CANARY}{number}@mail.example", subject=CANARY
        )
    shop.account("Z8", first_name=CANARY, email=f"8@{CANARY}.example", opened_on=CANARY)
    shop.case("Z9", name=CANARY, opened_at=CANARY)


def run(shop: Shop) -> Ended:
    known = set(shop.workspace.reports.glob("*.html"))
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said), pytest.raises(SystemExit) as left:
        main(["run", "-w", str(shop.path), "--as-of", "2026-02-01"])
    (page,) = set(shop.workspace.reports.glob("*.html")) - known
    return Ended(int(left.value.code or 0), page, said.getvalue())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("reported") / "shop")


@pytest.fixture(scope="module")
def ended(shop: Shop) -> dict[str, Ended]:
    """Return, by how they ended, the runs of one workspace."""
    runs = {}
    populate(shop)
    shop.write()
    runs["published"] = run(shop)
    accounts, shop.accounts = shop.accounts, dict(list(shop.accounts.items())[:3])
    shop.write()
    runs["held"] = run(shop)
    shop.accounts = accounts
    shop.settings = SETTINGS.replace("family_name: last_name", "family_name: surname")
    shop.write()
    runs["failed"] = run(shop)
    return runs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this system")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def test_every_run_has_its_page(ended: dict[str, Ended]) -> None:
    assert {how: found.exit_code for how, found in ended.items()} == {"published": 0, "held": 3, "failed": 2}
    texts = {how: found.page.read_text() for how, found in ended.items()}
    assert "Published</span> r1" in texts["published"]
    assert "max_deleted_records" in texts["held"]
    assert "r1 stays" in texts["held"]
    assert "has no column" in texts["failed"]
    assert "r1 stays" in texts["failed"]
    assert all("quarantined" in text for text in texts.values())


def test_no_page_log_or_event_holds_a_personal_value(shop: Shop, ended: dict[str, Ended]) -> None:
    kept = [path for folder in (shop.workspace.reports, shop.workspace.dagster) for path in folder.rglob("*")]
    files = [path for path in kept if path.is_file()]
    assert [str(path) for path in files if CANARY.encode() in path.read_bytes().lower()] == []
    assert [how for how, found in ended.items() if CANARY in found.said.lower()] == []


def test_the_canary_was_there_to_be_found(shop: Shop, ended: dict[str, Ended]) -> None:
    """The control: the run had the values in its hands, and what looks for them finds them where they belong."""
    assert ended["published"].exit_code == 0
    (kept,) = shop.read(f"SELECT count(*) FROM customer WHERE contains(lower(full_name), '{CANARY}')")
    assert kept[0] > 0
    assert any(CANARY.encode() in path.read_bytes().lower() for path in (shop.path / "exports").iterdir())
    assert "In quarantine" in ended["published"].page.read_text()
    assert "billing" in ended["published"].page.read_text()


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("how", ["published", "held", "failed"])
def test_the_page_opens_without_a_network(ended: dict[str, Ended], browser: Browser, how: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type != "log" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(ended[how].page.as_uri())
    assert complaints == []
    assert asked == [ended[how].page.as_uri()]
    assert how in page.locator("h1").inner_text().lower()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    page.close()

"""Takes the pictures of docs/agent-guide.md, light and dark, of the agents' shop, which it makes for itself.

python -m tests.serving.agent_screenshots docs/images
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.serving.agent_shop import agent_shop
from tests.serving.site import Site, page_faults
from warehouse.release.manifest import write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page

WIDE, NARROW = (1180, 940), (360, 780)
MANY = 5_000

Shot = tuple[str, "Callable[[Page], object]", bool]


def main(folder: Path, names: Sequence[str] = ()) -> None:
    """Write every picture, or those of these names, into the folder."""
    with tempfile.TemporaryDirectory() as made:
        site = Site(Path(made), agent_shop(Path(made) / "shop", MANY))
        shots = _shots(site)
        with site.running(), site.browser():
            for name, (path, prepare, narrow) in shots.items():
                if names and name not in names:
                    continue
                for dark in (False, True):
                    width, height = NARROW if narrow else WIDE
                    with site.browser_of("adam", dark=dark, width=width, height=height) as page:
                        page.goto(site.url(path))
                        prepare(page)
                        file = folder / f"agent-{name}-{'dark' if dark else 'light'}.png"
                        page.screenshot(path=file, animations="disabled")
                        faults = page_faults(page)
                        sys.stdout.write(f"{file} {file.stat().st_size // 1024} kB {faults or ''}\n")


def _shots(site: Site) -> dict[str, Shot]:
    """Return, by name, where each picture is taken, what is done there first, and whether it is of a telephone."""
    assert site.shop is not None
    owner = site.shop.crosswalk()
    retired = dict(site.shop.read("SELECT current_golden_id IS NOT NULL, golden_id FROM redirect"))
    ada, many = owner["accounts:ADA"], owner["orders:SO-900000"]

    def hold(page: Page) -> None:
        """Let the newest night be held."""
        pinned = site.shared.releases.current()
        assert pinned is not None
        held = site.shared.workspace.held
        held.mkdir(exist_ok=True)
        as_of = pinned.manifest.as_of + timedelta(days=1)
        write_manifest(held, replace(pinned.manifest, base_release_id=pinned.release_id, as_of=as_of))
        page.reload()

    return {
        "find": ("/", lambda page: _find(page, "quist"), False),
        "customer": (f"/customers/{ada}", _nothing, False),
        "timeline": (f"/customers/{ada}", _talk, False),
        "provenance": (f"/customers/{ada}", _provenance, False),
        "empty": (f"/customers/{owner['accounts:EMPTY']}", _nothing, False),
        "many": (f"/customers/{many}?page=4", _to_timeline, False),
        "phone": (f"/customers/{ada}", _nothing, True),
        "phone-find": ("/", lambda page: _find(page, "quist"), True),
        "gone": (f"/customers/{retired[False]}", _nothing, False),
        "held": (f"/customers/{retired[True]}", hold, False),
    }


def _nothing(_page: Page) -> None:
    """Leave the page as it is."""


def _find(page: Page, text: str) -> None:
    """Look for somebody."""
    page.fill("#text", text)
    page.wait_for_selector("a.hit")
    page.keyboard.press("ArrowDown")


def _to_timeline(page: Page) -> None:
    """Show the timeline."""
    page.evaluate("document.querySelector('#timeline').scrollIntoView()")


def _talk(page: Page) -> None:
    """Open a conversation in the timeline."""
    _to_timeline(page)
    page.locator(".entry details summary").first.click()


def _provenance(page: Page) -> None:
    """Show where the values come from."""
    page.click("text=Where all this comes from")
    page.wait_for_selector("#provenance table")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

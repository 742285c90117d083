"""A real site for tests: a small workspace, its server in a thread, and browsers that somebody has signed in with.

    site = Site(folder)                      # a shop whose night left a few cases to review
    with site.running():
        with site.browser_of("ann") as page: # signed in; `page` is Playwright's
            page.goto(site.url("/review"))

Every page opened by `browser_of` is watched: `page_faults(page)` is what its content policy refused, what scripts
complained of, and dialogs that opened, none of which may ever be. `violations(page)` are those that axe finds.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import sync_playwright

from serving.app import create_app
from stewardship.web.budget import Budget
from stewardship.web.csrf import session_cookie, token_of
from tests.pipelines.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

    from stewardship.web.visit import Site as Shared

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
ROLES = {"rita": "reader", "adam": "agent", "ann": "steward", "bo": "steward", "zoe": "admin"}
"""Who may come in, and as what."""
_WATCH = """
    window.faults = [];
    document.addEventListener("securitypolicyviolation",
        event => window.faults.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    window.addEventListener("error", event => window.faults.push(`script: ${event.message}`));
"""


WOMEN_WHO_MARRIED = (
    ("Greta", "Lindqvist", "Sandberg", "7 Bay Road"),
    ("Olga", "Prokop", "Whitlock", "31 Juniper Way"),
    ("Mireille", "Fontaine", "Abernathy", "118 Mill Lane"),
    ("Hana", "Takeda", "Oyelaran", "5 Harbor View"),
    ("Ingrid", "Solberg", "Castellano", "904 Pine Street"),
    ("Zofia", "Kowalczyk", "Drummond", "66 Orchard Court"),
    ("Beatriz", "Quintero", "McAllister", "2210 Lake Drive"),
    ("Tamsin", "Penhale", "Iwata", "43 Quarry Hill"),
    ("Noor", "Rahimi", "Vandermeer", "17 Cedar Close"),
    ("Svea", "Holmgren", "Baptiste", "801 Station Road"),
)
"""Somebody with the telephone or address of somebody of another family name: one customer, or two."""


def shop_with_cases(path: Path) -> Shop:
    """Return a shop, not opened yet, of people of whom some may be one: its night leaves a dozen cases to review."""
    shop = Shop(path)
    shop.populate(40, 11)
    for number, (first, before, after, street) in enumerate(WOMEN_WHO_MARRIED):
        home = {"street": street, "city": "Brightwater", "zip": f"98{100 + number}"}
        contact = {"first_name": first, "phone": f"42555501{number:02d}"}
        shop.account(f"N{number}", last_name=before, email=f"{first}.{before}@mail.example".lower(), **contact, **home)
        shop.case(f"N{number}", name=f"{first[0]} {before}", email=f"{first}.{before}@mail.example".lower())
        known = home if number % 2 else {"phone": contact["phone"]}
        shop.account(f"M{number}", first_name=first, last_name=after, **known)
    return shop


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """Answer requests for the block, and return the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass
class Site:
    """A site over the shop in `path`; `app` is its application, `shared` what all visits share."""

    path: Path
    shop: Shop | None = None
    port: int = 0
    app: FastAPI = field(init=False)
    _browser: Browser | None = None

    def __post_init__(self) -> None:
        if self.shop is None:
            self.shop = shop_with_cases(self.path / "shop")
        if not self.shop.workspace.current.exists():
            self.shop.night(checks=False)
        self.app = create_app(self.shop.workspace, budget=Budget(per_second=10_000, at_once=100_000))
        known = {user.name for user in self.shared.accounts.users()}
        for name, role in ROLES.items():
            if name not in known:
                self.shared.accounts.add(name, role, "tests")

    @property
    def shared(self) -> Shared:
        found: Shared = self.app.state.site
        return found

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def cookie_of(self, name: str) -> str:
        """Sign somebody in by a link, and return the secret of their session."""
        return self.shared.accounts.redeem(self.shared.accounts.link(name)).cookie

    def credentials(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the cookies and the headers by which requests are somebody's, for a client that is no browser."""
        secret = self.cookie_of(name)
        return {session_cookie(secure=False): secret}, {"X-CSRF-Token": token_of(secret)}

    @contextmanager
    def running(self) -> Iterator[Site]:
        """Answer requests on a free port for the block."""
        with served(self.app) as self.port:
            yield self

    @contextmanager
    def browser(self) -> Iterator[Browser]:
        """Give Chromium for the block; skip the test where there is none."""
        if CHROMIUM is None:
            pytest.skip("no Chromium on this system")
        with sync_playwright() as playwright:
            self._browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            try:
                yield self._browser
            finally:
                self._browser.close()
                self._browser = None

    @contextmanager
    def browser_of(
        self, name: str | None, *, dark: bool = False, width: int = 1280, height: int = 900, scripts: bool = True
    ) -> Iterator[Page]:
        """Give a page of a browser of its own, in which somebody is signed in; None: nobody is."""
        assert self._browser is not None, "open a browser first: `with site.browser():`"
        scheme: Any = "dark" if dark else "light"
        context = self._browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, java_script_enabled=scripts
        )
        if name is not None:
            secret = self.cookie_of(name)
            context.add_cookies([{"name": session_cookie(secure=False), "value": secret, "url": self.url()}])
        page = context.new_page()
        watch(page)
        try:
            yield page
        finally:
            context.close()


def watch(page: Page) -> None:
    """Note from now on whatever a page of ours must never do."""
    faults: list[str] = []

    def say(message: ConsoleMessage) -> None:
        # the browser's own word on an answer that was an error is no complaint of a script
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            faults.append(f"console: {message.text}")

    def refuse(dialog: Dialog) -> None:
        faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.add_init_script(_WATCH)
    page.on("console", say)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("dialog", refuse)
    _FAULTS[page] = faults


_FAULTS: dict[Page, list[str]] = {}


def page_faults(page: Page) -> list[str]:
    """Return what the page did that none may: break the content policy, open a dialog, complain of a script."""
    return [*_FAULTS[page], *page.evaluate("window.faults || []")]


def violations(page: Page, only: str | None = None) -> list[str]:
    """Return what axe finds on the page as it is, each with where it is; by one of its rules alone, or by all."""
    options = {"runOnly": [only]} if only else None
    # its script goes in by the debugger, past the content policy of the page
    found: dict[str, Any] = Axe().run(page, options=options).response
    return [
        f"{violation['id']}: {violation['help']} at {json.dumps([node['target'] for node in violation['nodes'][:5]])}"
        for violation in found["violations"]
    ]

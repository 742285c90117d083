"""Who gets in where: every route by every role, forged forms, stolen cookies, hosts, floods, and faults of ours."""

from __future__ import annotations

import logging
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from serving.app import create_app
from stewardship.accounts import allows
from stewardship.web.budget import Budget
from stewardship.web.csrf import session_cookie, visit_cookie
from stewardship.web.security import CONTENT_SECURITY_POLICY, MOST_BYTES, Door
from tests.serving.site import ROLES, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from tests.serving.site import Site

NOBODY = "nobody"
NEEDS = {
    "GET /health": NOBODY,
    "GET /metrics": NOBODY,  # a token, and no session
    "GET /sign-in": NOBODY,
    "POST /sign-in": NOBODY,
    "GET /sign-in/{link}": NOBODY,
    "POST /sign-in/{link}": NOBODY,
    "GET /": "reader",
    "POST /": "reader",
    "GET /customers/{golden_id}": "reader",
    "GET /customers/{golden_id}/provenance": "reader",
    "POST /customers/{golden_id}/doubt": "agent",
    "POST /sign-out": "reader",
    "GET /account": "reader",
    "POST /account/password": "reader",
    "POST /account/sessions/end": "reader",
    "GET /account/users": "admin",
    "POST /account/users": "admin",
    "POST /account/users/role": "admin",
    "POST /account/users/disable": "admin",
    "POST /account/users/enable": "admin",
    "POST /account/users/link": "admin",
    "GET /review/find": "steward",
    "POST /review/find": "steward",
    "POST /review/find/candidates": "steward",
    "GET /review/compare": "steward",
    "POST /review/compare": "steward",
    "POST /review/compare/decide": "steward",
    "GET /review/decisions": "steward",
    "POST /review/decisions/revoke": "steward",
    "GET /review/stewards": "steward",
    "GET /review": "steward",
    "GET /review/queue/{queue}": "steward",
    "POST /review/next/{queue}": "steward",
    "GET /review/item/{item_id}": "steward",
    "GET /review/item/{item_id}/why": "steward",
    "POST /review/item/{item_id}/answer": "steward",
    "POST /review/item/{item_id}/assign": "steward",
    "POST /review/item/{item_id}/comment": "steward",
    "POST /review/item/{item_id}/preview": "steward",
    "POST /review/item/{item_id}/skip": "steward",
    "POST /review/item/{item_id}/undo": "steward",
    "GET /review/doubts": "steward",
    "POST /review/doubts/{number}/settle": "steward",
    "GET /review/pattern/{pattern}": "steward",
    "POST /review/pattern/answer": "steward",
    "POST /review/pattern/undo": "steward",
    "GET /review/proposals": "steward",
    "POST /review/proposals/{proposal_id}/confirm": "steward",
    "POST /review/proposals/{proposal_id}/decline": "steward",
    "GET /review/customer/{golden_id}": "steward",
    "POST /review/customer/{golden_id}/part": "steward",
}
"""The role that each route needs: one that is not listed here fails the test."""


def routes(app: FastAPI) -> list[str]:
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    return sorted(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)


def client_of(site: Site, name: str | None, *, token: bool = True) -> httpx.Client:
    client = httpx.Client(base_url=site.url(), timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
    if name is not None:
        cookies, headers = site.credentials(name)
        client.cookies.update(cookies)
        client.headers.update(headers if token else {})
    return client


def existing(site: Site) -> dict[str, str]:
    """Return, for the names in routes, what there is by that name."""
    pinned = site.shared.releases.current()
    assert pinned is not None
    with pinned.workings() as con:
        item, golden_id = con.execute("SELECT item_id, golden_ids[1] FROM review.item ORDER BY 1 LIMIT 1").fetchall()[0]
    numbers = {"proposal_id": "1", "number": "1"}
    return {"item_id": item, "golden_id": golden_id, "queue": "default", "link": "nolink", **numbers}


def filled(route: str, values: dict[str, str]) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return method, path.replace("{", "").replace("}", "")


def written(site: Site) -> list[tuple[object, ...]]:
    """Return all that the store holds, but when sessions were last used."""
    assert site.shop is not None
    with closing(sqlite3.connect(site.shop.workspace.var / "stewardship.sqlite")) as con:
        tables = [row[0] for row in con.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")]
        found: list[tuple[object, ...]] = []
        for table in tables:
            columns = [row[1] for row in con.execute(f"PRAGMA table_info({table})") if row[1] != "seen_at"]
            found += [(table, *row) for row in con.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1")]
        return found


def test_every_route_is_listed(site: Site) -> None:
    assert routes(site.app) == sorted(NEEDS)


@pytest.mark.parametrize("who", [None, "rita", "adam", "ann", "zoe"])
def test_a_route_answers_who_may_ask(site: Site, who: str | None) -> None:
    values = existing(site)
    client = client_of(site, who)
    answers: dict[str, tuple[int, bool]] = {}
    for route, needed in NEEDS.items():
        if route == "POST /sign-out" or (route == "POST /sign-in" and who):
            continue  # the session would end with the one; an address that fails at the other has to wait
        method, path = filled(route, values)
        answer = client.request(method, path)
        sent_away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        if needed == NOBODY:
            expected = answer.status_code != 403 or (who is None and method == "POST")  # nobody has no token yet
        elif who is None:
            expected = sent_away if method == "GET" else answer.status_code == 403
        elif allows(ROLES[who], needed):
            expected = answer.status_code != 403 and not sent_away
        else:
            expected = answer.status_code == 403 and f"the role {needed}" in answer.text
        if not expected:
            answers[route] = answer.status_code, sent_away
    assert answers == {}


def forgeries(site: Site) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    """Yield requests that a page of somebody else's could make a steward's browser send."""
    _, headers = site.credentials("zoe")
    yield "no token", {}, {"data": {"name": "ann"}}
    yield "another token", {"X-CSRF-Token": "0" * 64}, {}
    yield "somebody else's token", headers, {}
    yield "a token that is no text", {"X-CSRF-Token": "%ff"}, {}


def test_no_form_of_another_site_is_taken(site: Site) -> None:
    values = existing(site)
    client = client_of(site, "zoe", token=False)
    own = {"X-CSRF-Token": client_token(client)}
    forged = [*forgeries(site)]
    for how, header in (
        ("of another site", {"Origin": "https://evil.example"}),
        ("of nowhere", {"Origin": "null"}),
        ("of another port", {"Origin": "http://127.0.0.1:1"}),
        ("of https", {"Origin": site.url("").replace("http:", "https:")}),
        ("sent across sites", {"Sec-Fetch-Site": "cross-site"}),
        ("sent across hosts", {"Sec-Fetch-Site": "same-site"}),
    ):
        forged.append((how, own | header, {}))
    before = written(site)
    taken = [
        (route, how)
        for route in NEEDS
        if not route.startswith("GET ")
        for how, headers, rest in forged
        if client.request(*filled(route, values), headers=headers, **rest).status_code != 403
    ]
    assert taken == []
    assert written(site) == before


def client_token(client: httpx.Client) -> str:
    return token_in(client.get("/account").text)


def token_in(text: str) -> str:
    """Return the token of a page's first form."""
    return str(re.findall('name="csrf" value="([0-9a-f]{64})"', text)[0])


def test_a_form_of_ours_is_taken(site: Site) -> None:
    """The control: what is refused above is taken when it comes from our own page."""
    client = client_of(site, "zoe", token=False)
    form = {"csrf": client_token(client), "name": "newcomer", "role": "reader"}
    headers = {"Origin": site.url(""), "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/account/users", data=form, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/users?done=added")
    assert "newcomer" in {user.name for user in site.shared.accounts.users()}


def test_looking_changes_nothing(site: Site) -> None:
    values = existing(site)
    client = client_of(site, "zoe")
    before = written(site)
    for route in NEEDS:
        if route.startswith("GET "):
            client.request(*filled(route, values))
            assert written(site) == before, route


def test_every_answer_tells_browsers_what_they_may_do(site: Site) -> None:
    client = client_of(site, "zoe")
    for path in ("/account", "/nowhere", "/health", "/static/joinedup.css", "/static/nowhere.css"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
    lasting = client.get(client.get("/account").text.split('rel="stylesheet" href="')[1].split('"')[0]).headers
    assert "immutable" in lasting["cache-control"]


def test_a_cookie_from_before_signing_in_is_worth_nothing_after(site: Site) -> None:
    site.shared.accounts.add("fiona", "steward", "tests", "seven small lanterns")
    client = client_of(site, None)
    planted = "planted-by-somebody-else-0123456789"
    client.cookies.set(session_cookie(secure=False), planted)
    token = token_in(client.get("/sign-in").text)
    form = {"csrf": token, "name": "fiona", "password": "seven small lanterns", "to": "https://evil.example/"}
    answer = client.post("/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    given = answer.headers.get_list("set-cookie")
    session = next(cookie for cookie in given if cookie.startswith(session_cookie(secure=False)))
    assert planted not in session
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert site.shared.accounts.session(planted) is None
    secret = session.split("=", 1)[1].split(";")[0]
    fresh = client_of(site, None)
    fresh.cookies.set(session_cookie(secure=False), secret)
    assert fresh.get("/account").status_code == 200
    assert fresh.post("/sign-out", data={"csrf": client_token(fresh)}).status_code == 303
    fresh.cookies.set(session_cookie(secure=False), secret)
    assert fresh.get("/account").status_code == 303, "a cookie lets nobody in after signing out"


def test_a_wrong_password_says_no_more_than_that(site: Site) -> None:
    client = client_of(site, None)
    token = token_in(client.get("/sign-in").text)
    answers = [
        client.post("/sign-in", data={"csrf": token, "name": name, "password": "not the one at all"})
        for name in ("zoe", "nobody-at-all")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert {text.text.count("is wrong") for text in answers} == {1}
    last = [client.post("/sign-in", data={"csrf": token, "name": "zoe", "password": "guess"}) for _ in range(5)][-1]
    assert last.status_code == 429
    assert "try again in" in last.text


def test_a_link_is_not_burnt_by_being_looked_at(site: Site) -> None:
    link = site.shared.accounts.link("rita")
    client = client_of(site, None)
    pages = [client.get(f"/sign-in/{link}") for _ in range(3)]
    assert [page.status_code for page in pages] == [200, 200, 200]
    token = token_in(pages[-1].text)
    assert client.post(f"/sign-in/{link}", data={"csrf": token}).headers["location"] == "/"
    assert client.get("/account").status_code == 200
    assert client_of(site, None).get(f"/sign-in/{link}").status_code == 404


def test_over_https_cookies_are_for_this_host_alone(site: Site) -> None:
    assert site.shop is not None
    app = create_app(site.shop.workspace, Door(frozenset({"customers.example"}), "https://customers.example"))
    with served(app) as port:
        answer = httpx.get(f"http://127.0.0.1:{port}/sign-in", headers={"Host": "customers.example"})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith(visit_cookie(secure=True))
    assert visit_cookie(secure=True).startswith("__Host-")
    assert "Secure" in cookie
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 303),
        ("localhost", 303),
        ("[::1]:8080", 303),
        ("192.0.2.7", 303),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
def test_a_host_that_is_not_ours_is_refused(site: Site, host: str, status: int) -> None:
    client = client_of(site, None)
    assert client.get("/", headers={"Host": host}).status_code == status
    assert client.get("/health", headers={"Host": host}).status_code == 200


def test_floods_are_stopped_and_pass(site: Site) -> None:
    assert site.shop is not None
    now = 0.0
    app = create_app(site.shop.workspace, budget=Budget(per_second=1, at_once=10, clock=lambda: now))
    with served(app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert [client.get("/account").status_code for _ in range(12)] == [303] * 10 + [429] * 2
        now = 3.0
        assert [client.get("/account").status_code for _ in range(4)] == [303] * 3 + [429]


def test_a_body_beyond_any_form_is_refused(site: Site) -> None:
    client = client_of(site, "zoe")
    answer = client.post("/review/find", content=b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413


def test_a_fault_of_ours_says_nothing_of_anybody(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def current(self) -> None:
            raise KeyError("Canary Quimby, canary@mail.example")

    shared = site.app.state.site
    site.app.state.site = replace(shared, releases=Broken())
    try:
        with caplog.at_level(logging.INFO):
            answer = client_of(site, "zoe").get("/review/find?text=Canary")
    finally:
        site.app.state.site = shared
    assert answer.status_code == 500
    assert "a defect of ours: KeyError at " in caplog.text
    assert "GET /review/find 500" in caplog.text
    assert "canary" not in (answer.text + "".join(record.getMessage() for record in ours(caplog))).lower()


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name.startswith("joinedup")]


def test_the_log_has_no_address_as_it_was_typed(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    link = site.shared.accounts.link("rita")
    with caplog.at_level(logging.INFO):
        client_of(site, "zoe").get("/review/customer/canary@mail.example?name=Canary")
        client_of(site, None).get(f"/sign-in/{link}")
    told = "\n".join(record.getMessage() for record in ours(caplog))
    assert "GET /sign-in/{link} 200" in told
    assert link not in told
    assert "canary" not in told.lower()


def test_health_says_so_without_signing_in(site: Site) -> None:
    answer = client_of(site, None).get("/health")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["release_id"]) == ("ok", "r1")

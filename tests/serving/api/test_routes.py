"""Every route by every role, what it answers, and how it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serving.api import shapes
from stewardship.accounts import allows
from stewardship.web.budget import Budget
from tests.serving.api.asking import asking
from tests.serving.api.made_release import email, made_workspace, make_release, phone

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.serving.api.asking import Api

NOBODY = "nobody"
RECORD = {"given_name": "Nadia", "family_name": "Petrov", "email": "nadia@petrov.example"}
NEEDS: dict[str, tuple[str, str, Any]] = {
    "GET /customers": ("reader", "/customers?reference=REF-1-0", shapes.SearchAnswer),
    "POST /customers/search": ("reader", "/customers/search", shapes.SearchAnswer),
    "GET /customers/{golden_id}": ("reader", "/customers/cus_1", shapes.CustomerAnswer),
    "GET /customers/{golden_id}/activity": ("reader", "/customers/cus_1/activity", shapes.ActivityAnswer),
    "GET /customers/{golden_id}/signals": ("reader", "/customers/cus_1/signals", shapes.SignalsAnswer),
    "GET /customers/{golden_id}/provenance": ("reader", "/customers/cus_1/provenance", shapes.ProvenanceAnswer),
    "GET /customers/{golden_id}/history": ("reader", "/customers/cus_1/history", shapes.HistoryAnswer),
    "POST /resolve": ("reader", "/resolve", shapes.ResolveAnswer),
    "POST /match": ("reader", "/match", shapes.MatchAnswer),
    "GET /known-issues": ("reader", "/known-issues", shapes.IssuesAnswer),
    "GET /known-issues/{issue_id}/customers": (
        "reader",
        "/known-issues/late%2Fcarrier/customers",
        shapes.TouchedAnswer,
    ),
    "GET /changes": ("reader", "/changes", shapes.ChangesAnswer),
    "GET /signals/changes": ("reader", "/signals/changes", shapes.SignalChangesAnswer),
    "GET /releases/current": ("reader", "/releases/current", shapes.ReleaseAnswer),
    "GET /health": (NOBODY, "/health", shapes.Health),
}
"""The role that each route needs, an address of it, and the shape of its answer: one that is not listed fails."""
BODIES: dict[str, Any] = {
    "/customers/search": {"email": email(1)},
    "/resolve": {
        "records": [{"source": "orders", "source_record_id": "SO-1"}, {"source": "x", "source_record_id": "y"}]
    },
    "/match": RECORD,
}
WHO = (None, "reader", "agent", "steward", "admin")


def ask(api: Api, route: str, who: str | None) -> httpx.Response:
    method, path = route.split(" ", maxsplit=1)[0], NEEDS[route][1]
    body = {"json": BODIES[path]} if method == "POST" else {}
    return api.ask(method, f"/api/v1{path}", who, **body)


def test_every_route_is_listed(api: Api) -> None:
    paths: dict[str, dict[str, Any]] = api.get("/openapi.json", None).json()["paths"]
    assert sorted(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods) == sorted(NEEDS)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("route", NEEDS)
def test_a_route_answers_who_may_ask_in_the_shape_that_it_promises(api: Api, route: str, who: str | None) -> None:
    needed, _, shape = NEEDS[route]
    answer = ask(api, route, who)
    if needed != NOBODY and who is None:
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:joinedup:problem:no-token")
        assert answer.headers["www-authenticate"] == 'Bearer realm="joinedup"'
    elif needed != NOBODY and not allows(who or "", needed):
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:joinedup:problem:not-allowed")
    elif route == "POST /match":  # a release made by hand has no workings to match by
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:joinedup:problem:refused")
    else:
        assert answer.status_code == 200
        shape.model_validate(answer.json())
        assert (answer.json()["release_id"], answer.json()["as_of"]) == ("r1", "2026-02-02T09:00:00Z")


@pytest.mark.parametrize("route", [route for route in NEEDS if route.startswith("GET") and "health" not in route])
def test_a_get_is_asked_again_for_nothing(api: Api, route: str) -> None:
    first = ask(api, route, "agent")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert ask(api, route, "agent").headers["etag"] == tag
    path = f"/api/v1{NEEDS[route][1]}"
    for known in (tag, f'"other", W/{tag}', "*"):
        again = api.ask("GET", path, "agent", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert api.ask("GET", path, "agent", headers={"If-None-Match": '"other"'}).status_code == 200
    head = api.ask("HEAD", path, "agent")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == first.headers["content-length"]
    options = api.ask("OPTIONS", path, "agent")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


def test_a_reader_and_an_agent_have_tags_of_their_own(api: Api) -> None:
    tags = {api.get("/customers/cus_1", role).headers["etag"] for role in ("reader", "agent")}
    assert len(tags) == 2


@pytest.mark.parametrize("part", ["", "/activity", "/signals", "/provenance", "/history"])
def test_an_id_that_is_retired_leads_on_and_one_that_is_gone_says_so(api: Api, part: str) -> None:
    for retired in ("cus_retired", "cus_chain"):
        answer = api.get(f"/customers/{retired}{part}")
        assert (answer.status_code, answer.headers["location"]) == (307, f"/api/v1/customers/cus_1{part}")
        assert answer.headers["cache-control"] == "no-store"
        assert api.get(f"/customers/{retired}{part}", follow_redirects=True).status_code == 200
    for golden_id, status, kind in (("cus_gone", 410, "customer-gone"), ("cus_never", 404, "unknown-customer")):
        answer = api.get(f"/customers/{golden_id}{part}")
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:joinedup:problem:{kind}")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["release_id"] == "r1"


def test_a_redirect_keeps_what_was_asked(api: Api) -> None:
    answer = api.get("/customers/cus_retired/activity?kind=order&limit=2")
    assert answer.headers["location"] == "/api/v1/customers/cus_1/activity?kind=order&limit=2"


def found(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["golden_id"] for row in answer.json()["customers"]]


@pytest.mark.parametrize(
    "asked",
    [
        {"reference": "ref-2-1"},
        {"email": email(2)},
        {"email": f" {email(2).upper()} "},
        {"phone": phone(2)},
        {"phone": "(206) 555-0002"},
        {"phone": "1-206-555-0002"},
        {"phone": "00 1 206 555 00 02"},
        {"phone": "5550002"},
        {"source": "orders", "source_record_id": "SO-2"},
        {"q": "REF-2-1"},
        {"q": "cus_2"},
    ],
)
def test_a_customer_is_found_by_one_thing_in_an_address_or_a_body(api: Api, asked: dict[str, str]) -> None:
    assert found(api.get("/customers", params=asked)) == ["cus_2"]
    assert found(api.post("/customers/search", json=asked)) == ["cus_2"]


def test_a_search_says_whether_there_are_more(api: Api) -> None:
    some = api.get("/customers", params={"q": "person", "limit": 4}).json()
    assert (len(some["customers"]), some["more"]) == (4, True)
    every = api.get("/customers", params={"q": "person", "limit": 6}).json()
    assert (len(every["customers"]), every["more"]) == (6, False)


def test_activities_come_in_pages_and_by_what_is_wanted(api: Api) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = api.get("/customers/cus_1/activity", params=params).json()
        seen += [row["activity_id"] for row in page["activity"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [f"act_1_{number}" for number in range(5)]
    for wanted, expected in (
        ({"kind": ["order", "case"]}, ["act_1_0", "act_1_1"]),
        ({"about": "act_1_0"}, ["act_1_0", "act_1_1", "act_1_2"]),
        ({"from": "2026-01-30T09:00:00Z"}, ["act_1_0", "act_1_1"]),
        ({"from": "2026-01-30T10:00:00+01:00", "until": "2026-01-31T09:00:00"}, ["act_1_1"]),
    ):
        rows = api.get("/customers/cus_1/activity", params=wanted).json()["activity"]
        assert [row["activity_id"] for row in rows] == expected
    assert [item["line"] for item in page_of(api, "act_1_0")["items"]] == [1, 2]


def page_of(api: Api, activity_id: str) -> dict[str, Any]:
    rows = api.get("/customers/cus_1/activity").json()["activity"]
    return next(row for row in rows if row["activity_id"] == activity_id)


def test_feeds_are_read_on_from_any_place(api: Api) -> None:
    seen: list[int] = []
    after, more, last = 0, True, 0
    while more:
        answer = api.get("/changes", params={"after": after, "limit": 4}).json()
        seen += [row["sequence"] for row in answer["changes"]]
        after, more, last = answer["next_after"], answer["more"], answer["last"]
    assert seen == list(range(1, last + 1))
    beyond = api.get("/changes", params={"after": 10**9}).json()
    assert (beyond["changes"], beyond["next_after"], beyond["more"]) == ([], 10**9, False)
    assert [row["event"] for row in api.get("/customers/cus_1/history").json()["events"]] == [
        "created",
        "attached",
        "merged",
    ]


def test_records_are_resolved_in_the_order_asked(api: Api) -> None:
    keys = [("orders", "SO-3"), ("mail", "<nobody1@mail>"), ("orders", "SO-99"), ("orders", "SO-3")]
    body = {"records": [{"source": source, "source_record_id": key} for source, key in keys]}
    rows = api.post("/resolve", "reader", json=body).json()["records"]
    assert [(row["source"], row["source_record_id"]) for row in rows] == keys
    assert [row["golden_id"] for row in rows] == ["cus_3", None, None, "cus_3"]
    assert [row["state"] for row in rows] == ["customer", "nobody", "unknown", "customer"]


def test_issues_tell_whom_they_touch(api: Api) -> None:
    issues = {row["issue_id"]: row for row in api.get("/known-issues").json()["issues"]}
    assert {issue_id: row["customers"] for issue_id, row in issues.items()} == {"late/carrier": 3, "stock:LAMP": 3}
    first = api.get("/known-issues/stock:LAMP/customers?limit=2").json()
    rest = api.get("/known-issues/stock:LAMP/customers", params={"cursor": first["next_cursor"]}).json()
    assert [row["golden_id"] for row in first["customers"] + rest["customers"]] == ["cus_2", "cus_4", "cus_6"]
    assert rest["next_cursor"] is None
    assert first["customers"][0]["orders"][0]["reference"] == "REF-2-0"
    assert api.get("/known-issues/none/customers").json()["type"] == "urn:joinedup:problem:unknown-issue"


SENT = "canary@secret.example"


@pytest.mark.parametrize(
    ("path", "rest", "status", "where"),
    [
        ("/customers", {"params": {}}, 422, "query"),
        ("/customers", {"params": {"q": SENT, "email": SENT}}, 422, "query"),
        ("/customers", {"params": {"source": SENT}}, 422, "query"),
        ("/customers", {"params": {"q": SENT, "limit": SENT}}, 422, "query.limit"),
        ("/customers", {"params": {SENT: "1"}}, 422, "query"),
        ("/customers/cus_1/activity", {"params": {"cursor": SENT}}, 400, None),
        ("/customers/cus_1/activity", {"params": {"kind": SENT}}, 422, "query.kind.0"),
        ("/customers/cus_1/activity", {"params": {"from": "0001-01-01T00:00:00+14:00"}}, 422, None),
        ("/changes", {"params": {"after": "-1"}}, 422, "query.after"),
        ("/changes", {"params": {"after": str(2**63)}}, 422, "query.after"),
        ("/nothing/like/this", {}, 404, None),
    ],
)
def test_what_is_wrong_is_told_without_what_was_sent(
    api: Api, path: str, rest: dict[str, Any], status: int, where: str | None
) -> None:
    answer = api.get(path, **rest)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"].startswith("urn:joinedup:problem:")
    assert [wrong["where"] for wrong in told.get("errors", [])][:1] == ([where] if where else [])
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b'{"q": "\xff"}', 400),
        (b'{"q": "\\ud800"}', 422),
        (b"[" * 100_000, 400),
        (b'{"q": "a\\u0000b"}', 200),
        (b'{"canary@secret.example": 1}', 422),
        (b"x" * (256 * 1024 + 1), 413),
    ],
)
def test_a_body_that_cannot_be_read_is_told_so(api: Api, content: bytes, status: int) -> None:
    answer = api.post("/customers/search", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert "secret" not in answer.text


def test_a_large_body_is_taken_where_many_records_are_asked(api: Api) -> None:
    keys = [{"source": "orders", "source_record_id": f"SO-{number:0400d}"} for number in range(1000)]
    assert api.post("/resolve", json={"records": keys}).status_code == 200
    assert api.post("/resolve", json={"records": [*keys, keys[0]]}).status_code == 422
    assert api.post("/resolve", content=b"x" * (1024 * 1024 + 1)).status_code == 413


def test_other_methods_are_refused_with_those_that_go(api: Api) -> None:
    answer = api.post("/customers/cus_1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["type"] == "urn:joinedup:problem:no-such-method"
    assert api.ask("OPTIONS", "/api/v1/nothing").status_code == 404
    assert api.ask("OPTIONS", "/api/v1/customers/search").headers["allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_session_is_no_token(api: Api) -> None:
    accounts = api.app.state.site.accounts
    accounts.add("zoe", "admin", "tests")
    cookie = {"Cookie": f"joinedup_session={accounts.redeem(accounts.link('zoe')).cookie}"}
    assert api.get("/customers/cus_1", None, headers=cookie).status_code == 401


def test_a_token_that_is_revoked_is_worth_nothing_at_once(api: Api) -> None:
    accounts = api.app.state.site.accounts
    secret = accounts.create_token("short", "admin", "tests")
    headers = {"Authorization": f"Bearer {secret}"}
    assert api.get("/changes", None, headers=headers).status_code == 200
    accounts.revoke_token("short", "tests")
    answer = api.get("/changes", None, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (
        401,
        'Bearer realm="joinedup", error="invalid_token"',
    )
    assert secret not in answer.text


def test_another_host_is_refused_and_health_is_not(api: Api) -> None:
    headers = {"Host": "evil.example"}
    answer = api.get("/changes", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:joinedup:problem:other-host")
    assert api.get("/health", None, headers=headers).status_code == 200


def test_before_the_first_release_it_says_so_and_a_budget_ends(tmp_path: Path) -> None:
    now = 0.0
    budget = Budget(1, 5, lambda: now)
    workspace = made_workspace(tmp_path / "shop")
    with asking(workspace, budget) as api:
        answer = api.get("/customers/cus_1")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert answer.json()["type"] == "urn:joinedup:problem:nothing-published"
        assert api.get("/health", None).json() == {
            "status": "ok",
            "release_id": None,
            "as_of": None,
            "age_seconds": None,
        }
        make_release(workspace, "r1")
        statuses = [api.get("/changes").status_code for _ in range(6)]
        assert statuses == [200] * 4 + [429] * 2
        refused = api.get("/changes")
        assert (refused.headers["retry-after"], refused.json()["type"]) == (
            "1",
            "urn:joinedup:problem:too-many-requests",
        )
        assert api.get("/changes", "agent").status_code == 200
        now = 3.0
        assert [api.get("/changes").status_code for _ in range(4)] == [200] * 3 + [429]
        many = {"records": [{"source": "x", "source_record_id": "y"}] * 600}
        assert api.post("/resolve", "admin", json=many).status_code == 429

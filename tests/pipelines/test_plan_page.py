"""The plan's page and text: whole in themselves, safe whatever a name holds, and readable however long the list."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pipelines.plan.customers import IDENTITY, KINDS
from pipelines.plan.page import PARTIES, SHOWN, plan_page
from pipelines.plan.text import SHOWN as SHOWN_IN_TEXT
from pipelines.plan.text import plan_text_page

Plan = dict[str, Any]

HOSTILE = '<script>alert(1)</script><img src="https://evil.example/x.png" onerror="x">\x1b[31m\u202e\n{{ 7*7 }}'


def party(number: int, name: str | None = None, **values: object) -> Plan:
    return {
        "golden_id": f"cus_{number:016d}",
        "name": name,
        "birth_date": "1971-03-04",
        "email": "a@b.example",
        "phone": None,
        "address": "",
        "records": 2,
        "cohesion": 0.99,
        "safe_for": "billing",
        "orders": 3,
        "spend": {"USD": "1234.50", "XXX": "1.00"},
        "open_cases": 1,
        "contacts": 2,
        "last_contact_at": "2026-01-05T10:00:00Z",
    } | values


def entry(kind: str = "merge", *, before: list[Plan], after: list[Plan], **values: object) -> Plan:
    return {
        "kind": kind,
        "before": before,
        "after": after,
        "moves": [],
        "evidence": [],
        "decisions": [],
        "changes": [],
        "causes": ["record billing:A1 new"],
        "events": [],
    } | values


def plan(*customers: Plan, **values: object) -> Plan:
    counts = dict.fromkeys(KINDS, 0)
    for found in customers:
        counts[found["kind"]] += 1
    totals = {"customers_before": 5, "customers_after": 4, "records_before": 9, "records_after": 9, "events": {}}
    model = {"version": "m1", "before": "m1", "made_because": None, "now": None, "then": None}
    return {
        "run_id": "0123456789",
        "planned_at": "2026-02-01T02:00:00Z",
        "would": "publish",
        "release_id": "r2",
        "base": {"release_id": "r1", "release_hash": "0" * 64},
        "latest_release_id": "r1",
        "as_of": "2026-01-31T00:00:00Z",
        "options": {"read_exports": True},
        "release_hash": "1" * 64,
        "complete": True,
        "first": False,
        "model": model,
        "sources": [],
        "decisions": [],
        "gate": [],
        "held_by": [],
        "totals": totals | {"touched": len(customers), "kinds": counts},
        "customers": list(customers),
    } | values


class Seen(HTMLParser):
    """Gathers the tags of a page, and what its attributes lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def seen(page: str) -> Seen:
    found = Seen()
    found.feed(page)
    return found


def test_a_page_runs_nothing_and_fetches_nothing_whatever_a_name_holds() -> None:
    change = {"golden_id": f"cus_{1:016d}", "attribute": HOSTILE, "before": HOSTILE, "after": HOSTILE}
    origin = {"source": HOSTILE, "source_record_id": HOSTILE, "rule": HOSTILE}
    hostile = entry(
        before=[party(1, HOSTILE, email=HOSTILE, address=HOSTILE), party(2, "x")],
        after=[party(1, HOSTILE)],
        causes=[HOSTILE],
        moves=[{"from": f"cus_{2:016d}", "to": f"cus_{1:016d}", "records": 9, "named": [HOSTILE]}],
        evidence=[{"attribute": "e-mail", "value": HOSTILE, "sides": ["a", "new records"], "records": 2, "named": []}],
        changes=[change | origin],
    )
    source = {"source": HOSTILE, "files": [{"path": HOSTILE, "rows": 1, "sha256": None}], "notes": []}
    counts = dict.fromkeys(("read", "new", "changed", "deleted", "quarantined"), 0)
    page = plan_page(plan(hostile, held_by=[HOSTILE], sources=[source | counts]))
    found = seen(page)
    assert not {"script", "img", "link", "iframe", "object", "form"} & {*found.tags}
    assert (found.links, found.handlers) == ([], [])
    assert "@import" not in page
    assert "url(" not in page
    assert not set(page) & {"\x1b", "\u202e"}
    assert page.count("&lt;script&gt;") > 8
    assert page.count("{{ 7*7 }}") > 8
    assert seen("<script src='x'></script>").links == ["x"]  # the control: such a page would be seen


def test_an_empty_plan_says_so() -> None:
    nothing = plan(would="change nothing")
    assert "no customer is touched" in plan_page(nothing)
    assert "Nothing was delivered." in plan_page(nothing)
    assert "There is nothing to do." in plan_page(nothing)
    assert "Nothing would change: r1 stays." in plan_text_page(nothing, "p.json", "p.html")


def test_a_night_stopped_early_names_what_stopped_it_and_no_customer() -> None:
    reason = "landing_delivery: billing: 3 rows read, at least 500 expected"
    stopped = plan(would="hold", complete=False, totals=None, release_hash=None, model=None, held_by=[reason])
    for told in (plan_page(stopped), plan_text_page(stopped, "p.json", "p.html")):
        assert reason in told
        assert "was stopped before it knew what becomes of customers" in " ".join(told.split())


def test_long_lists_are_cut_and_counted() -> None:
    ways = [{"from": f"cus_{n:016d}", "to": f"cus_{0:016d}", "records": 2, "named": ["a:1", "a:2"]} for n in range(431)]
    joins = {"attribute": "phone", "value": "5550100", "sides": [way["from"] for way in ways], "records": 862}
    giant = entry(
        before=[party(number, f"P{number}") for number in range(431)],
        after=[party(0, "P0")],
        moves=ways,
        evidence=[joins | {"named": []}],
        causes=[
            f"record billing:A{number} new{more}" for number in range(431) for more in ("", "; and 2 more records")
        ],
    )
    many = [entry("update", before=[party(1)], after=[party(1)]) for _ in range(SHOWN + 5)]
    long = plan(giant, *many)
    page = plan_page(long)
    assert page.count('<article class="entry">') == SHOWN
    assert f"and {431 - PARTIES} more customers" in page
    assert "And 6 more groups" in page
    assert "P0, P1, P2 and 428 more become one customer" in page
    assert "same phone 5550100, in 862 records of P0, P1, P2 and 428 more" in page
    assert "and 844 further records in 422 more ways" in page  # 430 lead from one customer to another, 8 are told
    assert "and 428 further causes" in page
    text = plan_text_page(long, "p.json", "p.html")
    assert f"before  and {431 - SHOWN_IN_TEXT} more customers" in text
    assert f"and {len(many) + 1 - SHOWN_IN_TEXT} more: see the page, or the whole plan" in text


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_headline(kind: str) -> None:
    several = kind in IDENTITY
    both = [party(1, "Ada Quist"), party(2, "Ada Quist")] if several else [party(1, "Ada Quist")]
    page = plan_page(plan(entry(kind, before=both, after=both)))
    (headline,) = re.findall(r"<h3>(.*?)</h3>", page)
    assert headline.startswith(("Ada Quist", "The records of Ada Quist", "Records move among Ada Quist"))
    assert (both[0]["golden_id"] in headline) == several  # two of one name are told apart by id


def test_a_name_as_long_as_it_may_be_does_not_break_the_page_or_a_key() -> None:
    key = "mail:" + "k" * 300
    move = {"from": None, "to": f"cus_{1:016d}", "records": 1, "named": [key]}
    wide = plan(entry("records", before=[party(1, "N" * 4000)], after=[party(1, None)], moves=[move]))
    assert "overflow-wrap: anywhere" in plan_page(wide)
    text = plan_text_page(wide, "p.json", "p.html")
    assert key in text
    assert "(no name)" in text


def test_a_decision_and_a_new_model_are_told() -> None:
    bound = {
        "decision_id": 4,
        "decision": "different",
        "record_l": "billing:A1",
        "record_r": "orders:O1",
        "decided_by": "ann",
        "decided_at": "2026-01-30T00:00:00Z",
        "reason": "father and son",
        "state": "reconfirm",
        "bound": "newly",
    }
    ruled = {
        "decision_id": 8,
        "ruling": "pin",
        "record_l": "billing:A1",
        "record_r": None,
        "attribute": "city",
        "value": "Reno",
        "until": "2026-03-01T00:00:00Z",
        "decided_by": "bo",
        "decided_at": "2026-01-31T00:00:00Z",
        "reason": "she moved",
        "bound": "no longer",
    }
    thresholds = {"now": {"merge_at": 0.9, "review_at": 0.2}, "then": {"merge_at": 0.85, "review_at": 0.2}}
    model = {"version": "m2", "before": "m1", "made_because": "settings"} | thresholds
    told = " ".join(plan_text_page(plan(decisions=[bound], rulings=[ruled], model=model), "p.json", "p.html").split())
    assert "ann decided that billing:A1 and orders:O1 are never one customer: father and son; a record has" in told
    assert (
        "no longer bound: bo said on 2026-01-31 that the city of the customer of billing:A1 is Reno until 2026-03-01:"
        " she moved" in told
    )
    assert "A new model, m2, because what it was made for has changed" in told
    assert "before, m1: 0.85 and 0.2" in told

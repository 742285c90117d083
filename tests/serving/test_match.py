"""POST /match over a shop's release, held to what the next night makes of the same records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.pipelines.shop import TONIGHT, Shop, do_night
from tests.serving.api.asking import asking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving.api.asking import Api

STRANGER = {"full_name": "Orsolya Zimanyi", "email": "orsolya@zimanyi.example", "phone": "415 555 0133"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop whose first night lacks the last case of everybody."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.populate(40, seed=4)
    shop.write()
    return shop


@pytest.fixture(scope="module")
def held_back(shop: Shop) -> dict[str, dict[str, str]]:
    """Run a night without some records; return these."""
    held = {key: shop.cases.pop(key) for key in sorted(shop.cases)[::2]}
    held |= {key: shop.accounts.pop(key) for key in sorted(shop.accounts)[::8]}
    shop.write()
    assert do_night(shop.workspace, TONIGHT, checks=False).published
    return held


@pytest.fixture(scope="module")
def api(shop: Shop, held_back: dict[str, dict[str, str]]) -> Iterator[Api]:
    with asking(shop.workspace) as found:
        yield found


def as_record(row: dict[str, str]) -> dict[str, Any]:
    named = {"first_name": "given_name", "last_name": "family_name", "born": "birth_date", "zip": "postal_code"} | {
        name: {"name": "full_name"}.get(name, name) for name in ("name", "email", "phone", "street", "city")
    }
    return {named[name]: value for name, value in row.items() if name in named}


def ask(api: Api, record: dict[str, Any], role: str = "agent") -> dict[str, Any]:
    answer = api.post("/match", role, json=record)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_it_says_what_the_next_night_does(shop: Shop, held_back: dict[str, dict[str, str]], api: Api) -> None:
    """Every record that was held back joins the customer that was said, or nobody known before where none was."""
    before = shop.crosswalk()
    said = {key: ask(api, as_record(row)) for key, row in held_back.items()}
    for key, row in held_back.items():
        (shop.accounts if "account_id" in row else shop.cases)[key] = row
    shop.write()
    assert do_night(shop.workspace, TONIGHT, checks=False).published
    after = shop.crosswalk()
    assert {answer["release_id"] for answer in said.values()} == {"r1"}
    disagreed = []
    for key, answer in said.items():
        record = f"{'billing' if 'account_id' in held_back[key] else 'cases'}:{key}"
        joined = {before[other] for other in before if after[other] == after.get(record)}
        named = answer["candidates"][0]["golden_id"] if answer["verdict"] == "this" else None
        if not (named in joined or (named is None and not joined)):
            disagreed.append((key, answer["verdict"], joined))
    assert disagreed == []
    assert sum(answer["verdict"] == "this" for answer in said.values()) > 15


def test_the_answer_is_as_promised(api: Api) -> None:
    answer = ask(api, STRANGER)
    assert (answer["verdict"], answer["candidates"]) == ("new", [])
    assert answer["release_id"]
    assert answer["as_of"] == "2026-02-01T00:00:00Z"


def test_an_agent_is_told_why_and_a_reader_is_not(shop: Shop, api: Api) -> None:
    record = as_record(next(iter(shop.accounts.values())))
    told, withheld = ask(api, record, "agent"), ask(api, record, "reader")
    (candidate, *_) = told["candidates"]
    assert candidate["probability"] > 0.9
    assert {reason["comparison"] for reason in candidate["reasons"]} >= {"given", "family", "email"}
    assert all(reason["words"] for reason in candidate["reasons"])
    assert [one | {"reasons": []} for one in told["candidates"]] == withheld["candidates"]
    assert api.post("/match", None, json=record).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"nick": "Hidden"},
        {"full_name": ["Hidden"]},
        {"birth_date": "Hidden"},
        {"email": ["Hidden@x.example"] * 30},
        {"identifiers": {"loyalty": [{"Hidden": 1}]}},
        {"city": "Hidden" * 400},
        ["Hidden"],
    ],
)
def test_what_is_no_record_is_a_problem_that_repeats_nothing(api: Api, wrong: Any) -> None:  # noqa: ANN401 - any JSON
    answer = api.post("/match", "agent", json=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Hidden" not in answer.text

"""The API over two real nights: merged and deleted customers, every shape, and a reader who learns nobody's data."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from serving.api import shapes
from serving.masking import HIDDEN
from tests.pipelines.shop import Shop
from tests.serving.agent_shop import agent_shop
from tests.serving.api.asking import asking
from tests.serving.api.test_masking import personal_values

if TYPE_CHECKING:
    from pathlib import Path

    from tests.serving.api.asking import Api

SHAPES = {
    "": shapes.CustomerAnswer,
    "/activity": shapes.ActivityAnswer,
    "/signals": shapes.SignalsAnswer,
    "/provenance": shapes.ProvenanceAnswer,
    "/history": shapes.HistoryAnswer,
}
LEAST = 6
"""Values of fewer characters, as the number of a flat, are found everywhere."""


@pytest.fixture(scope="module")
def first(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a small shop after its first night."""
    path = tmp_path_factory.mktemp("first") / "shop"
    shutil.copytree(published, path, symlinks=True)
    return Shop(path)


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with all that is known of somebody, after two nights."""
    return agent_shop(tmp_path_factory.mktemp("second") / "shop")


def told(api: Api, shop: Shop, role: str) -> str:
    """Return all that a role is told of every customer and in the feeds, each answer in its shape."""
    texts: list[str] = []
    for (golden_id,) in shop.read("SELECT golden_id FROM customer ORDER BY 1"):
        for part, shape in SHAPES.items():
            answer = api.get(f"/customers/{golden_id}{part}", role)
            assert answer.status_code == 200
            shape.model_validate(answer.json())
            texts.append(answer.text)
    for path, shape in (
        ("/changes?limit=1000", shapes.ChangesAnswer),
        ("/signals/changes?limit=1000", shapes.SignalChangesAnswer),
        ("/known-issues", shapes.IssuesAnswer),
        ("/releases/current", shapes.ReleaseAnswer),
    ):
        answer = api.get(path, role)
        shape.model_validate(answer.json())
        texts.append(answer.text)
    for (issue_id,) in shop.read("SELECT DISTINCT issue_id FROM issue_effect"):
        answer = api.get(f"/known-issues/{issue_id}/customers", role)
        shapes.TouchedAnswer.model_validate(answer.json())
        texts.append(answer.text)
    return "\n".join(texts)


def learn_nothing(shop: Shop) -> None:
    """Hold a reader's answers to hold no personal value, and as a control a steward's to hold nearly all."""
    with asking(shop.workspace) as api:
        issues = shop.read("SELECT carrier, sku, title FROM known_issue")
        ours = {name for issue in issues for name in issue}
        values = {value for value in personal_values(api) if len(value) >= LEAST and HIDDEN not in value} - ours
        reader, steward = told(api, shop, "reader"), told(api, shop, "steward")
    assert sorted(value for value in values if value in reader) == []
    # a text with quotes or line ends is written otherwise in JSON
    assert sum(value in steward for value in values) > 0.9 * len(values) > 50


def test_a_reader_learns_no_personal_value_from_any_answer(first: Shop) -> None:
    learn_nothing(first)


@pytest.mark.soak
def test_a_reader_learns_none_where_all_is_known_of_somebody(second: Shop) -> None:
    learn_nothing(second)


@pytest.mark.soak
def test_who_was_merged_is_led_on_and_who_was_deleted_is_gone(second: Shop) -> None:
    redirects = dict(second.read("SELECT golden_id, current_golden_id FROM redirect"))
    merged = next(golden_id for golden_id, now in redirects.items() if now)
    gone = next(golden_id for golden_id, now in redirects.items() if not now)
    with asking(second.workspace) as api:
        answer = api.get(f"/customers/{merged}")
        assert (answer.status_code, answer.headers["location"]) == (307, f"/api/v1/customers/{redirects[merged]}")
        assert api.get(f"/customers/{gone}").status_code == 410
        events = api.get(f"/customers/{redirects[merged]}/history").json()["events"]
        assert ("merged", merged) in {(event["event"], event["golden_id"]) for event in events}
        record = {"source": "accounts", "source_record_id": "R2"}
        assert api.get("/customers", params=record).json()["customers"][0]["golden_id"] == redirects[merged]


@pytest.mark.soak
def test_what_is_known_of_somebody_is_told(second: Shop) -> None:
    with asking(second.workspace) as api:
        ada = api.get("/customers", params={"email": "ADA.Quist@mail.example"}).json()["customers"][0]
        found = api.get("/customers", params={"reference": "so-1002"}).json()["customers"]
        assert found == [ada | {"why": "order or case number"}]
        path = f"/customers/{ada['golden_id']}"
        signals = api.get(f"{path}/signals").json()["signals"]
        assert "open_complaint" in {signal["signal"] for signal in signals}
        order = next(row for row in api.get(f"{path}/activity").json()["activity"] if row["reference"] == "SO-1001")
        assert [item["sku"] for item in order["items"]] == ["LAMP-1", "RUG-58"]
        touched = api.get("/known-issues/KI-7/customers").json()["customers"]
        assert [row["golden_id"] for row in touched] == [ada["golden_id"]]

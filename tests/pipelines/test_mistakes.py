"""A user's mistake: the contract's exit code, one line with file, line and culprit, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipelines.conftest import Answer, Shop

MISTAKES = {
    "misspelt key": ("    trust: 80\n", "    trsut: 80\n", 2, "trsut", 13),
    "duplicate key": ("    trust: 80\n", "    trust: 80\n    trust: 70\n", 2, "trust", 14),
    "unknown column": ("family_name: last_name", "family_name: lastname", 2, "lastname", None),
    "wrong type": ("    trust: 80\n", "    trust: high\n", 2, "trust", 13),
    "country that is none": ("country: US", "country: 47", 2, "country", 3),
    "broken YAML": ("sources:\n", "sources: [\n", 2, "joinedup.yaml", None),
    "impossible date format": ('born, format: "%Y-%m-%d"', 'born, format: "%Y-%Q-%d"', 2, "%Q", None),
    "unknown format": ("    format: csv\n    key: account_id", "    format: cvs\n    key: account_id", 2, "cvs", 8),
    "unknown time zone": ("timezone: UTC", "timezone: Mars/Olympus", 2, "Mars/Olympus", 2),
    "missing file": ("exports/billing.csv", "exports/biling.csv", 4, "biling.csv", None),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_settings_is_one_line_that_names_it(
    shop: Shop, joinedup: Callable[..., Answer], mistake: str
) -> None:
    was, becomes, code, culprit, line = MISTAKES[mistake]
    assert was in shop.settings
    shop.settings = shop.settings.replace(was, becomes, 1)
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example")
    shop.write()
    answer = joinedup("run", "-w", shop.path)
    assert answer.exit_code == code, answer.err
    told = [text for text in answer.err.splitlines() if text.startswith("joinedup:")]
    assert len(told) == 1
    assert culprit in told[0]
    if line is not None:
        assert f"joinedup.yaml:{line}:" in told[0]
    assert "Traceback" not in answer.err + answer.out
    assert not (shop.path / "var/releases/current").exists()


def test_norway_is_a_country(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.settings = shop.settings.replace("country: US", "country: NO")
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example")
    shop.write()
    assert joinedup("check", "-w", shop.path).exit_code == 0


def test_a_mistake_is_json_where_json_is_asked_for(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.settings = shop.settings.replace("trust: 80", "trsut: 80")
    shop.write()
    answer = joinedup("run", "-w", shop.path, "--json")
    document = json.loads(answer.out)
    assert document["error"]["exit_code"] == answer.exit_code == 2
    assert "trsut" in document["error"]["message"]
    assert answer.err == ""


def test_an_unknown_option_and_a_missing_workspace_are_usage_errors(
    tmp_path: Path, joinedup: Callable[..., Answer]
) -> None:
    assert joinedup("run", "--no-such-option").exit_code == 2
    answer = joinedup("run", "-w", tmp_path / "nowhere")
    assert answer.exit_code == 2
    assert "nowhere" in answer.err


def test_init_writes_a_workspace_that_check_understands(tmp_path: Path, joinedup: Callable[..., Answer]) -> None:
    assert joinedup("init", tmp_path / "mine").exit_code == 0
    again = joinedup("init", tmp_path / "mine")
    assert again.exit_code == 6
    assert "exists already" in again.err


def test_the_schema_is_a_json_schema(joinedup: Callable[..., Answer]) -> None:
    answer = joinedup("schema")
    assert answer.exit_code == 0
    assert "sources" in json.loads(answer.out)["properties"]

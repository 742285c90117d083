"""A user's mistake: the contract's exit code, one line with file, line and culprit, and nothing lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.pipelines.shop import SETTINGS, Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.pipelines.shop import Answer


@dataclass(frozen=True)
class Mistake:
    """What is written in place of what; the exit code and the words that name the culprit; `at` lies on its line."""

    was: str
    becomes: str
    culprit: str
    exit_code: int = 2
    at: str = ""

    @property
    def settings(self) -> str:
        assert self.was in SETTINGS
        return SETTINGS.replace(self.was, self.becomes, 1)

    @property
    def line(self) -> int:
        """The line of joinedup.yaml that is to blame."""
        return self.settings[: self.settings.index(self.at or self.becomes.strip())].count("\n") + 1


MISTAKES = {
    "a misspelt key": Mistake("    trust: 80\n", "    trsut: 80\n", "trsut"),
    "a key given twice": Mistake("    trust: 80\n", "    trust: 80\n    trust: 70\n", "trust", at="trust: 70"),
    "an unknown column": Mistake("last_name", "lastname", "lastname", at="family_name: lastname"),
    "a wrong type": Mistake("    trust: 80\n", "    trust: high\n", "high"),
    "a country that is none": Mistake("country: US", "country: 47", "47"),
    "broken YAML": Mistake("sources:\n", "sources: [\n", "joinedup.yaml", at="holds: account"),
    "an impossible date format": Mistake('born, format: "%Y-%m-%d"', 'born, format: "%Y-%Q-%d"', "%Q"),
    "an unknown format": Mistake("    format: csv\n    key: account_id", "    format: cvs\n    key: account_id", "cvs"),
    "an unknown time zone": Mistake("timezone: UTC", "timezone: Mars/Olympus", "Mars/Olympus"),
    "an identity attribute that is none": Mistake("family_name: last_name", "famly_name: last_name", "famly_name"),
    "a comparison that is none": Mistake(
        "country: US\n",
        "country: US\nmatching:\n  comparisons:\n    fone: off\n",
        "no such comparison; did you mean phone?",
        at="fone: off",
    ),
    "a comparison that cannot be computed": Mistake(
        "country: US\n",
        'country: US\nmatching:\n  comparisons:\n    phone: {levels: {typo: "phon_l = phone_r"}}\n',
        '"phon_l" not found in FROM clause; the columns are given',
        at="phone: {levels",
    ),
    "a missing file": Mistake("exports/billing*.csv", "exports/biling*.csv", "biling*.csv", exit_code=4),
}


@pytest.fixture
def small(shop: Shop) -> Shop:
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example")
    return shop


def the_one_line(answer: Answer) -> str:
    assert "Traceback" not in answer.err + answer.out
    told = [line for line in answer.err.splitlines() if line.startswith("joinedup:")]
    assert len(told) == 1, answer.err
    return told[0]


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_that_names_it(
    small: Shop, joinedup: Callable[..., Answer], name: str, verb: str
) -> None:
    mistake = MISTAKES[name]
    small.settings = mistake.settings
    small.write()
    answer = joinedup(verb, "-w", small.path)
    told = the_one_line(answer)
    assert answer.exit_code == mistake.exit_code, told
    assert mistake.culprit in told
    if mistake.exit_code == 2:
        assert f"joinedup.yaml:{mistake.line}:" in told
    assert answer.out == ""
    assert not small.workspace.current.exists()


@pytest.mark.parametrize("name", ["a misspelt key", "a missing file"])
def test_a_mistake_is_json_where_json_is_asked_for(small: Shop, joinedup: Callable[..., Answer], name: str) -> None:
    mistake = MISTAKES[name]
    small.settings = mistake.settings
    small.write()
    answer = joinedup("run", "-w", small.path, "--json")
    error = json.loads(answer.out)["error"]
    assert error["exit_code"] == answer.exit_code == mistake.exit_code
    assert mistake.culprit in error["message"]
    assert answer.err == ""


def test_without_a_mistake_check_is_content(small: Shop, joinedup: Callable[..., Answer]) -> None:
    small.write()
    answer = joinedup("check", "-w", small.path)
    assert answer.exit_code == 0, answer.err
    assert "is in order" in answer.out


def test_norway_is_a_country(small: Shop, joinedup: Callable[..., Answer]) -> None:
    small.settings = SETTINGS.replace("country: US", "country: NO")
    small.write()
    assert joinedup("check", "-w", small.path).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (("run", "--no-such-option"), "--no-such-option"),
        (("run", "--as-of", "yesterday"), "yesterday"),
        (("runn",), "runn"),
        (("show", "-w", "."), "--find"),
        (("explain", "nocolon", "billing:A1"), "nocolon"),
        (("run", "-w", "nowhere"), "nowhere"),
        (("run", "-w", "."), "joinedup.yaml"),
    ],
)
def test_a_wrong_command_line_is_one_line_that_names_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    joinedup: Callable[..., Answer],
    arguments: tuple[str, ...],
    culprit: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = joinedup(*arguments)
    assert answer.exit_code == 2
    assert culprit in the_one_line(answer)
    document = json.loads(joinedup(*arguments, "--json").out)
    assert document["error"]["exit_code"] == 2


def test_without_a_word_it_says_what_it_can_do(joinedup: Callable[..., Answer]) -> None:
    answer = joinedup()
    assert answer.exit_code == 2
    assert "release" in answer.out + answer.err
    assert joinedup("--help").exit_code == 0


def test_init_writes_a_workspace_and_never_over_one(tmp_path: Path, joinedup: Callable[..., Answer]) -> None:
    written = joinedup("init", tmp_path / "mine")
    assert written.exit_code == 0, written.err
    again = joinedup("init", tmp_path / "mine")
    assert again.exit_code == 6
    assert "exists already" in the_one_line(again)
    checked = joinedup("check", "-w", tmp_path / "mine")
    assert checked.exit_code in {0, 2, 4}, checked.err


def test_the_schema_is_a_json_schema(joinedup: Callable[..., Answer]) -> None:
    answer = joinedup("schema")
    assert answer.exit_code == 0
    assert "sources" in json.loads(answer.out)["properties"]

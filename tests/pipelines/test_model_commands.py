"""`joinedup model`: what it tells and writes of a published release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from pipelines.commands.run import render_summary
from tests.pipelines.shop import SETTINGS, Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipelines.shop import Answer

TAKEN_OVER = """\
matching:
  comparisons:
    phone: {levels: {typo: off}}
    organisation: off
    address: {levels: {exact: {match: 0.7}}}
"""


def test_a_releases_model_is_shown_and_carried_away(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.populate(30, seed=3)
    shop.settings = SETTINGS + TAKEN_OVER
    assert shop.night().outcome == "published"

    shown = joinedup("model", "show", "-w", shop.path)
    assert shown.exit_code == 0
    assert "organisation: off" in shown.out
    assert "match by hand" in shown.out
    document = json.loads(joinedup("model", "show", "r1", "-w", shop.path, "--json").out)
    assert document["release_id"] == "r1"
    assert document["model_version"] in shown.out

    settings, records = shop.path / "model.json", shop.path / "records.parquet"
    written = joinedup("model", "export", settings, "-w", shop.path, "--records", records, "--json")
    assert json.loads(written.out)["model_version"] == document["model_version"]
    splink = json.loads(settings.read_text())
    assert splink["unique_id_column_name"] == "tuple_id"
    assert pq.read_table(records).num_rows > 30

    nowhere = joinedup("model", "export", shop.path / "no" / "model.json", "-w", shop.path)
    assert (nowhere.exit_code, "no folder" in nowhere.err) == (2, True)
    assert joinedup("model", "show", "r9", "-w", shop.path).exit_code == 6


def test_taking_a_change_back_brings_the_old_model_back(shop: Shop) -> None:
    shop.populate(30, seed=3)
    before = shop.night(checks=False)
    shop.settings = SETTINGS + TAKEN_OVER
    changed = shop.night(checks=False)
    shop.settings = SETTINGS
    after = shop.night(checks=False)
    assert changed.model_version != before.model_version == after.model_version
    assert after.content_hash == before.content_hash


LABELLED = SETTINGS + "matching: {labels: labels.csv}\n"
LABELS = """\
source_l,record_l,source_r,record_r,same
billing,A1,cases,C1,true
billing,A1,billing,A2,false
billing,A2,cases,C1,false
cases,C1,cases,C99,true
"""


@pytest.fixture
def labelled(shop: Shop) -> Shop:
    shop.populate(12, seed=4)
    shop.account("A1", first_name="Ada", last_name="Quist", email="ada@quist.example", phone="2065550101")
    shop.account("A2", first_name="Bo", last_name="Falkner", email="bo@falkner.example", phone="2065550199")
    shop.case("C1", name="Ada Quist", email="ada@quist.example")
    shop.settings = LABELLED
    shop.path.mkdir()
    return shop


def test_labels_measure_every_night(labelled: Shop) -> None:
    file = labelled.path / "labels.csv"
    file.write_text(LABELS)
    night = labelled.night(checks=False)
    told = night.document()["labels"]
    assert (told["labels"], told["unknown"], told["same"], told["different"]) == (4, 1, 1, 2)
    assert (told["precision"], told["recall"], told["recall_low"]) == (1.0, 1.0, pytest.approx(0.206, abs=0.01))
    page = Path(night.report).read_text()
    for told_of in (page, " ".join(render_summary(night).split())):
        assert "labels.csv, 3 labelled pairs: precision 100.00% (20.7% to 100.0%), recall" in told_of
        assert "1 of the 4 pairs in labels.csv name" in told_of
    assert "quist" not in page.lower()

    file.write_text(LABELS.replace("C1,true", "C1,false").replace("A2,false", "A2,true"))
    wrong = labelled.night(checks=False)
    assert wrong.labels
    assert (wrong.labels["precision"], wrong.labels["recall"]) == (0.0, 0.0)
    assert wrong.model_version != night.model_version

    labelled.settings = SETTINGS
    without = labelled.night(checks=False)
    assert without.labels is None
    assert without.model_version not in {night.model_version, wrong.model_version}


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "no file labels.csv"), ("a,b\n", "labels.csv:1: has the columns a, b"), (LABELS + "x\n", "labels.csv:6: ")],
)
def test_labels_that_are_none_are_told_before_anything_is_read(
    labelled: Shop, joinedup: Callable[..., Answer], verb: str, text: str | None, words: str
) -> None:
    labelled.write()
    if text:
        (labelled.path / "labels.csv").write_text(text)
    answer = joinedup(verb, "-w", labelled.path)
    assert answer.exit_code == 2
    line = LABELLED[: LABELLED.index("matching:")].count("\n") + 1
    assert f"joinedup.yaml:{line}: matching.labels: {words}" in answer.err
    assert not (labelled.path / "var" / "warehouse.duckdb").exists()

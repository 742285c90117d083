"""`joinedup model`: what it tells and writes of a published release."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

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
    before = shop.night()
    shop.settings = SETTINGS + TAKEN_OVER
    changed = shop.night()
    shop.settings = SETTINGS
    after = shop.night()
    assert changed.model_version != before.model_version == after.model_version
    assert after.content_hash == before.content_hash

"""The audit over nights: what was judged goes on counting as the matching had it, though that was mended since."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.words_of_measuring import measured_sentence
from stewardship.answer import Shown, Statement, answer
from stewardship.contradiction import Contradiction
from stewardship.log import Said
from stewardship.look_up import open_current
from stewardship.measure import measure_release
from stewardship.store import open_store
from warehouse.connection import open_published
from warehouse.release.manifest import read_manifest
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stewardship.entry import Kind
    from tests.pipelines.shop import Answer, Shop
    from warehouse.read import Release

AT = datetime(2026, 2, 1, 12)  # noqa: DTZ001 - naive UTC by design


@dataclass
class Auditor:
    """Somebody who works down the queue `audit` of a shop, by who each record is of: its key's digits tell."""

    shop: Shop
    said: int = 0

    @property
    def asked(self) -> list[dict[str, Any]]:
        con = open_published(self.shop.workspace.current / "workings.duckdb")
        try:
            found = con.execute("SELECT * FROM review.audit_pair ORDER BY place")
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        finally:
            con.close()

    def judge(self, asked: Iterable[dict[str, Any]], kind: Kind | None = None) -> int:
        """Judge the pairs, and return how many judgements could stand beside those before."""
        store = open_store(load_settings(self.shop.workspace.settings_file), self.shop.path)
        judged = 0
        with self._release() as release:
            for pair in asked:
                left, right = ((pair[f"source_{side}"], pair[f"source_record_id_{side}"]) for side in "lr")
                verdict: Kind = kind or ("same" if left[1][1:4] == right[1][1:4] else "different")
                self.said += 1
                said = Said("ann", AT + timedelta(minutes=self.said), "seen blind")
                with suppress(Contradiction):
                    answer(store, release, [Statement(verdict, (left, right))], said, Shown(pair["item_id"], "audit"))
                    judged += 1
        return judged

    def measured(self) -> dict[str, Any]:
        store = open_store(load_settings(self.shop.workspace.settings_file), self.shop.path)
        with self._release() as release:
            return measure_release(store, release)

    @contextmanager
    def _release(self) -> Iterator[Release]:
        release = open_current(self.shop.workspace)
        assert release is not None
        try:
            yield release
        finally:
            release.close()


def names(pair: dict[str, Any]) -> tuple[str, str]:
    return pair["source_record_id_l"], pair["source_record_id_r"]


def test_judgements_count_for_the_release_and_the_nights_after_it(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.populate(40, 3)
    assert shop.night(checks=False).measured is None
    auditor = Auditor(shop)
    asked = auditor.asked
    assert (auditor.measured()["judged"], auditor.measured()["to_judge"]) == (0, len(asked))
    wrong = next(pair for pair in asked if pair["is_together"] and pair["source_l"] == "billing")
    auditor.judge([wrong], "different")
    auditor.judge([asked[-1]], "unsure")
    judged = 1 + auditor.judge(pair for pair in asked[:-1] if pair is not wrong)
    before = auditor.measured()
    assert (before["judged"], before["unsure"]) == (judged, 1)
    assert before["precision"]["value"] < 1
    assert joinedup("review", "measure", "-w", shop.path).out.startswith(f"By {judged} pairs drawn at random")
    assert json.loads(joinedup("review", "measure", "-w", shop.path, "--json").out)["precision"] == before["precision"]

    summary = shop.night(checks=False)
    assert (summary.published, summary.splits >= 1) == (True, True)
    manifest = read_manifest(shop.workspace.current)
    assert manifest.precision is not None
    assert (manifest.precision["judged"], manifest.precision["decisions_head"]) == (judged, manifest.decisions_head)
    assert summary.measured is not None
    assert summary.audited == (measured_sentence(summary.measured),)
    assert "How right it is" in Path(summary.report).read_text(encoding="utf-8")
    after = auditor.measured()
    assert after["judged"] == judged
    assert after["precision"]["value"] < 1, "what the audit itself has mended is no merit of the matching"

    second = next(pair for pair in auditor.asked if names(pair) == names(wrong))
    assert second["item_id"] != wrong["item_id"], "it was judged against the release: a second look is due"
    assert names(asked[-1]) not in map(names, auditor.asked)
    auditor.judge([second])
    assert auditor.measured()["precision"]["value"] > after["precision"]["value"], "the last look counts"

    shop.accounts[wrong["source_record_id_l"]]["phone"] = "2065559999"
    shop.night(checks=False)
    assert auditor.measured()["judged"] < judged, "who says something else now is not judged any more"
    changed = [pair for pair in auditor.asked if wrong["source_record_id_l"] in names(pair)]
    assert changed, "and asked about again"
    assert not {pair["item_id"] for pair in changed} & {pair["item_id"] for pair in (*asked, second)}


def test_nothing_is_measured_before_the_first_night(shop: Shop, joinedup: Callable[..., Answer]) -> None:
    shop.write()
    told = joinedup("review", "measure", "-w", shop.path)
    assert (told.exit_code, "no release yet" in told.out) == (0, True)

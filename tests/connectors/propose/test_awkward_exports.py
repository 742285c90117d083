from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from connectors.propose.look import propose
from connectors.propose.proposal import Line
from connectors.propose.verify import verify
from tests.connectors.propose.awkward_exports import write_exports
from tests.connectors.propose.judged import Judged, is_right, judge
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.propose.proposal import Proposal
    from tests.connectors.propose.awkward_exports import Exports


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return write_exports(tmp_path_factory.mktemp("awkward"))


@pytest.fixture(scope="module")
def proposal(exports: Exports) -> Proposal:
    return propose(exports.files, exports.folder)


def test_nine_in_ten_lines_are_right_and_no_wrong_one_is_sure(exports: Exports, proposal: Proposal) -> None:
    judged = Judged()
    assert {source.name for source in proposal.sources} == set(exports.expected)
    for source in proposal.sources:
        judge(source, exports.expected[source.name], judged)
    sys.stdout.write(f"{judged.said()}\n")
    assert judged.share >= 0.9, judged.said()
    assert not judged.silent, judged.silent


def test_what_is_proposed_can_be_read(exports: Exports, proposal: Proposal, tmp_path: Path) -> None:
    text = verify(proposal, exports.folder)
    (tmp_path / "joinedup.yaml").write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "joinedup.yaml")
    assert set(settings.sources) == set(exports.expected)
    assert [source.problems for source in proposal.sources if source.problems] == []
    assert settings.country == "DE"


def test_a_false_line_is_seen() -> None:
    assert is_right("fields.email", Line("fields.email", ["mail"]), "mail")
    assert not is_right("fields.email", Line("fields.email", "phone"), "mail")
    assert not is_right(
        "activity.at", Line("activity.at", {"column": "a", "format": "%d/%m/%Y"}), {"column": "a", "format": "%m/%d/%Y"}
    )
    assert is_right("references", Line("references", [r"SO-\d{8}"]), [r"SO-\d{8}"])
    assert not is_right("references", Line("references", [r"SO-\d{4}"]), [r"SO-\d{8}"])

"""The witness of random histories is no friend of the house: what it says is wrong is wrong, and it finds what is."""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.pipelines.histories import Evening, History, Life
from warehouse.connection import open_database
from warehouse.release.pointer import current_release_id
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stewardship.entry import Entry
    from tests.pipelines.town import Record
    from tests.pipelines.witness import Witness

EVENING = Evening(
    (("hold_apart", 1), ("hold_together", 2), ("correct_key", 3), ("delete", 5), ("delete", 6), ("ask", 7)), "quiet", 1
)


class Scene:
    """A town after its second night, and the witness that has seen the first."""

    def __init__(self, life: Life, witness: Witness, base: str, decisions: tuple[Entry, ...]) -> None:
        self.life = life
        self.witness = witness
        self.base = base
        self.decisions = decisions

    @property
    def live(self) -> set[Record]:
        return self.life.witness.published(self.life.workspace)

    def faults_after(self, folder: Path, *statements: str) -> list[str]:
        """Return what the witness says of a copy of the second release, of which something was made otherwise."""
        workspace = Workspace(folder / "copy")
        shutil.copytree(self.life.path, workspace.path, symlinks=True)
        golden = workspace.current / "golden.duckdb"
        golden.parent.chmod(0o755)
        golden.chmod(0o644)
        con = open_database(golden)
        for statement in statements:
            con.execute(statement)
        con.close()
        return copy.deepcopy(self.witness).see(workspace, self.live, self.base, self.decisions)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    life = Life.founded(tmp_path_factory.mktemp("scene") / "town", History(3, 6, ()))
    witness, base = copy.deepcopy(life.witness), current_release_id(life.workspace)
    assert base is not None
    life.happen(EVENING)
    life.night()
    return Scene(life, witness, base, life.store.read().active())


def test_nothing_is_wrong_with_what_was_published(scene: Scene, tmp_path: Path) -> None:
    assert scene.faults_after(tmp_path) == []


def together(scene: Scene) -> str:
    """Return the statement that gives two records to one customer that were decided to be different ones'."""
    (one, other) = next(entry.pair for entry in scene.decisions if entry.kind == "different")
    holder = f"(SELECT golden_id FROM crosswalk WHERE source = '{one[0]}' AND source_record_id = '{one[1]}')"
    return f"UPDATE crosswalk SET golden_id = {holder} WHERE source = '{other[0]}' AND source_record_id = '{other[1]}'"


OF_BOTH_NIGHTS = "(golden_id) FROM customer WHERE changed_in = 'r1'"
SWAP = (
    f"CREATE TEMP TABLE two AS SELECT (SELECT min{OF_BOTH_NIGHTS}) AS one, (SELECT max{OF_BOTH_NIGHTS}) AS other",
    """UPDATE crosswalk SET golden_id = CASE golden_id WHEN one THEN other ELSE one END FROM two
    WHERE golden_id IN (one, other)""",
)

DEFECTS: dict[str, tuple[Callable[[Scene], tuple[str, ...]], str]] = {
    "the last event is lost": (
        lambda _: ("DELETE FROM change WHERE sequence = (SELECT max(sequence) FROM change WHERE after IS NOT NULL)",),
        "the log",
    ),
    "an event of the first night is lost": (
        lambda _: ("DELETE FROM change WHERE sequence = 3",),
        "the log has changed what it said before",
    ),
    "a record loses its customer": (
        lambda _: ("DELETE FROM crosswalk WHERE source = 'cases'",),
        "is live and not accounted for",
    ),
    "a record that is gone stays": (
        lambda _: ("INSERT INTO excluded_record VALUES ('billing', 'gone', 'no_identity')",),
        "is not live and published",
    ),
    "an id is forgotten": (lambda _: ("DELETE FROM redirect",), "leads nowhere"),
    "a dead redirect is kept": (
        lambda _: ("UPDATE redirect SET current_golden_id = 'cus_0000000000000000'",),
        "is led to and is no customer",
    ),
    "a living customer leads elsewhere": (
        lambda _: ("INSERT INTO redirect SELECT min(golden_id), max(golden_id), 'r2' FROM customer",),
        "lives and leads elsewhere",
    ),
    "two customers exchange their ids": (lambda _: SWAP, "lost its id, though it has the same records"),
    "two that were held apart are together": (lambda scene: (together(scene),), "is violated"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_what_is_wrong_is_found(scene: Scene, tmp_path: Path, defect: str) -> None:
    statements, told = DEFECTS[defect]
    faults = scene.faults_after(tmp_path, *statements(scene))
    assert any(told in fault for fault in faults), faults

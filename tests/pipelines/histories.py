"""Random histories: what happens in a town between its nights, how each night goes, and how it is lived through.

A history is data (names of moves, each with a seed of its own), so that one that fails can be made smaller by leaving
moves out.
"""

from __future__ import annotations

import random
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pipelines.night import NightOptions, open_night
from pipelines.stages import STAGES
from stewardship.entry import pair_of
from stewardship.store import Said, open_store
from tests.pipelines import moves
from tests.pipelines.shop import TONIGHT, do_night
from tests.pipelines.town import FIRST_DAY, LENIENT, SETTINGS, STRICT, Town, found_town
from tests.pipelines.witness import Witness
from warehouse.errors import Refused
from warehouse.release.hashes import ReleaseHashes, hash_release
from warehouse.release.pointer import current_release_id
from warehouse.release.rollback import rollback
from warehouse.settings.load import load_settings
from warehouse.workspace import Workspace, lock

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.night import StepDone
    from pipelines.summary import RunSummary
    from stewardship.store import Store
    from tests.pipelines.town import Row

FATES = ("quiet", "quiet", "quiet", "aborted", "held", "rolled back", "run again")
STEPS = ("land billing", "land orders", *(entry.name for entry in STAGES), "gate", "publish")


class Aborted(Exception):
    """A night ends in the middle."""


@dataclass(frozen=True)
class Evening:
    """What happens before one night (moves by name, each with its seed) and how the night goes."""

    moves: tuple[tuple[str, int], ...]
    fate: str
    seed: int


@dataclass(frozen=True)
class History:
    """A town by its seed, and the evenings after its first night."""

    town: int
    homes: int
    evenings: tuple[Evening, ...]


def any_history(seed: int, towns: int = 10) -> History:
    """Return the history of this seed: one of so many towns, one to three evenings of one to thirty moves."""
    dice = random.Random(seed)
    evenings = tuple(
        Evening(
            tuple(
                (dice.choice(moves.MOVES).__name__, dice.randrange(10**6)) for _ in range(dice.choice((1, 4, 12, 30)))
            ),
            dice.choice(FATES),
            dice.randrange(10**6),
        )
        for _ in range(dice.choice((1, 2, 2, 3)))
    )
    town = dice.randrange(towns)
    return History(town, 2 + town * 2, evenings)


@dataclass
class Life:
    """A workspace, the town that fills its exports, and the witness of its releases."""

    path: Path
    town: Town
    witness: Witness = field(default_factory=Witness)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.path)

    def copied(self, path: Path) -> Workspace:
        shutil.copytree(self.path, path, symlinks=True)
        return Workspace(path)

    @classmethod
    def founded(cls, path: Path, history: History) -> Life:
        """Found the history's town in a new workspace, and live through its first night."""
        life = cls(path, found_town(random.Random(history.town), history.homes))
        life.write(history.town)
        life.night()
        return life

    def happen(self, evening: Evening, *, readable: bool = False) -> None:
        """Let the evening's moves happen; what it exports lies ready afterwards.

        With `readable` every row can be read: what stands for one that cannot is known to this workspace alone.
        """
        self.town.night += 1
        self.town.customers = self.witness.customers(self.workspace)
        for name, seed in evening.moves:
            getattr(moves, name)(self.town, random.Random(seed))
        if readable:
            self.town.broken.clear()
        self.write(evening.seed)
        self._decide()

    @property
    def store(self) -> Store:
        return open_store(load_settings(self.workspace.settings_file), self.path)

    def _decide(self) -> None:
        """Write down what stewards say; what would contradict an earlier decision is refused."""
        store = self.store
        for number, (kind, what) in enumerate(self.town.said):
            at = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(self.town.night, seconds=number)
            said = Said("ann", at, "asked them")
            with suppress(Refused), store.writing() as log:
                if kind != "revoke" and isinstance(what, tuple):
                    log.decide(kind, pair_of(*what), said, (None, None))
                elif isinstance(what, int) and (holding := log.standing.active()):
                    log.revoke(holding[what % len(holding)].id, said)
        self.town.said.clear()

    def write(self, seed: int) -> None:
        """Write settings and exports, in an order and in a number of parts that the seed says."""
        dice = random.Random(seed)

        def shuffled(rows: list[Row]) -> list[Row]:
            return dice.sample(rows, len(rows))

        self.path.mkdir(parents=True, exist_ok=True)
        self.workspace.settings_file.write_text(SETTINGS + LENIENT, encoding="utf-8")
        self.town.write(self.path / "exports", shuffled, parts=dice.choice((1, 1, 2, 3)))

    @property
    def options(self) -> NightOptions:
        """Tonight's options: each night a day later than the one before."""
        assert TONIGHT.as_of is not None
        return replace(TONIGHT, as_of=TONIGHT.as_of + timedelta(self.town.night), threads=1 + self.town.night % 2)

    def night(self) -> RunSummary:
        """Live through the night; assert that nothing is wrong with what it has published."""
        base = current_release_id(self.workspace)
        live = self.town.live(self.witness.published(self.workspace))
        done = do_night(self.workspace, self.options, checks=False)
        assert done.outcome in {"published", "nothing_changed"}, done.held_by
        faults = self.witness.see(self.workspace, live, base, self.store.read().active())
        assert not faults, faults
        return done

    def tempt(self, evening: Evening) -> None:
        """Let happen what the evening's fate says comes before the night: a night that fails, or a rollback."""
        dice = random.Random(evening.seed)
        if evening.fate == "aborted":
            self._abort(dice.choice(STEPS))
        elif evening.fate == "held":
            self._hold(dice)
        elif evening.fate == "rolled back":
            self._roll_back(dice)

    def _abort(self, step: str) -> None:
        def stop(name: str, _done: StepDone | None) -> None:
            if name == step:
                raise Aborted

        with suppress(Aborted):
            do_night(self.workspace, self.options, checks=False, watch=stop)

    def _hold(self, dice: random.Random) -> None:
        """Lose an account that is published on its way into the export, under a gate that lets none go."""
        lost = sorted(key for source, key in self.witness.published(self.workspace) if source == "billing")
        lost = [key for key in lost if key in self.town.full["billing"] and ("billing", key) not in self.town.broken]
        if not lost:
            return
        key = dice.choice(lost)
        kept = self.town.full["billing"].pop(key)
        self.write(dice.randrange(100))
        self.workspace.settings_file.write_text(SETTINGS + STRICT, encoding="utf-8")
        held = do_night(self.workspace, self.options, checks=False)
        assert held.outcome == "held"
        self.town.full["billing"][key] = kept
        self.write(dice.randrange(100))

    def _roll_back(self, dice: random.Random) -> None:
        earlier = [release for release in self.witness.live_in if release != current_release_id(self.workspace)]
        if earlier:
            with lock(self.workspace, "a test"):
                rollback(self.workspace, dice.choice(earlier))


def rehearse(workspace: Workspace, options: NightOptions) -> ReleaseHashes:
    """Do all of a night but the gate and the publication; return the hashes that its release would have."""
    with open_night(workspace, options, f"run-{uuid.uuid4()}") as night:
        for source in sorted(night.settings.sources):
            night.land(source)
        for entry in STAGES:
            night.do(entry)
        return hash_release(night.con)

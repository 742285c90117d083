"""The three nights of a small Larkspur Goods, each written into a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from examples.shop.clock import NIGHTS
from examples.shop.generate import write_night

if TYPE_CHECKING:
    from pathlib import Path

    from examples.shop.story import NightStory

PEOPLE = 600


class Night(NamedTuple):
    """One night's files and what is told about them."""

    folder: Path
    story: NightStory


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Night]:
    """Return the nights by number."""
    folders = {night: tmp_path_factory.mktemp(f"night_{night}") for night in NIGHTS}
    return {night: Night(folder, write_night(folder, night, people=PEOPLE)) for night, folder in folders.items()}

"""The files that take longest begin, so that no worker waits at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import LONGEST

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_file_that_is_to_begin_is_there(checkout: Path) -> None:
    assert [name for name in LONGEST if not (checkout / "tests" / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_it_is_begun_with(request: pytest.FixtureRequest, checkout: Path) -> None:
    """However many files are tested, those come first, and pytest-xdist leaves it at that."""
    collected = list(
        dict.fromkeys(item.path.relative_to(checkout / "tests").as_posix() for item in request.session.items)
    )
    named = [name for name in collected if name in LONGEST]
    assert collected[: len(named)] == [name for name in LONGEST if name in named]
    assert not request.config.option.loadscopereorder

"""A tree to break a rule in, so that every rule is seen to find what it forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def small_house(tmp_path: Path, checkout: Path, rooms: tuple[str, ...]) -> Path:
    """Return a tree with every room, bare, in which each rule is kept."""
    for name in ("pyproject.toml", "Makefile"):
        (tmp_path / name).write_text((checkout / name).read_text())
    for room in rooms:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text('"""A room."""\n')
    return tmp_path

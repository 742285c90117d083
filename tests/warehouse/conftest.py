from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    folder = tmp_path / "workspace"
    (folder / "var").mkdir(parents=True)
    return Workspace(folder)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.cli import main
from tests.pipelines.shop import Answer, Shop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Return a shop without customers."""
    return Shop(tmp_path / "shop")


@pytest.fixture
def joinedup(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call the command line in this process, and return what it left."""

    def call(*arguments: str | Path) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        written = capfd.readouterr()
        code = left.value.code
        return Answer(code if isinstance(code, int) else 0, written.out, written.err)

    return call

"""Without the shared data sets a test is skipped by name, but in CI it fails: there nothing may be left out unseen."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("folder", "ci", "outcome"),
    [("here", "", "1 passed"), ("here", "true", "1 passed"), ("gone", "", "1 skipped"), ("gone", "true", "1 error")],
)
def test_the_fixture(tmp_path: Path, checkout: Path, folder: str, ci: str, outcome: str) -> None:
    tests, data = tmp_path / "tests", tmp_path / folder
    tests.mkdir()
    (tmp_path / "here").mkdir()
    (tests / "conftest.py").write_text((checkout / "tests" / "conftest.py").read_text())
    (tests / "test_reading.py").write_text("def test_reading(shared_data):\n    assert shared_data.is_dir()\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", f"--rootdir={tmp_path}", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=os.environ | {"CI": ci, "JOINEDUP_TEST_DATA": str(data)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome in result.stdout
    assert folder == "here" or f"shared data sets not found at {data}" in result.stdout

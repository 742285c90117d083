"""What every test may use: the shared data sets, a clean environment, calm property tests."""

from __future__ import annotations

import gc
import os
import signal
import tomllib
from importlib.metadata import version
from pathlib import Path

import hypothesis
import pytest

from pipelines.cli import LOOKED_FOR_GARBAGE_AT

CHECKOUT = Path(__file__).resolve().parents[1]
ENGINES = ("duckdb", "splink", "dagster", "great_expectations")
OURS_IN_THE_ENVIRONMENT = ("JOINEDUP_HOME", "JOINEDUP_DAGSTER_DIR", "DAGSTER_HOME")

LONGEST = (
    "docs/test_readme_demo.py",
    "pipelines/test_dagster.py",
    "pipelines/test_exactness.py",
    "pipelines/test_open_set.py",
    "pipelines/test_histories.py",
    "pipelines/test_nights.py",
    "pipelines/test_three_nights.py",
    "pipelines/test_kills.py",
    "pipelines/test_full_disk.py",
    "pipelines/test_reconcile.py",
    "pipelines/test_commands.py",
    "pipelines/test_unmerge.py",
    "pipelines/test_plan.py",
    "pipelines/test_quarantine_commands.py",
    "pipelines/test_model_commands.py",
    "pipelines/test_elsewhere.py",
    "pipelines/test_approve.py",
    "pipelines/test_gate_scenarios.py",
    "pipelines/test_killed_anywhere.py",
    "pipelines/test_rulings.py",
    "serving/test_agent_pages.py",
    "serving/test_pages_look.py",
    "serving/test_review_work.py",
    "matching/test_explain.py",
    "matching/test_decided.py",
)
"""The files that take longest: they begin, so that at the end no worker waits for one that began last."""

# No deadline: a busy machine is slow when it likes. In CI the same examples every time: a failure there is repeatable.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    for name in OURS_IN_THE_ENVIRONMENT:
        os.environ.pop(name, None)
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")
    # what a shell starts in the background begins by ignoring Ctrl-C, and so would all that tests start
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.option.loadscopereorder = False  # pytest-xdist would begin with the files of the most tests
    gc.set_threshold(*LOOKED_FOR_GARBAGE_AT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {CHECKOUT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


def pytest_report_header() -> str:
    return "engines: " + ", ".join(f"{name} {version(name)}" for name in ENGINES)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Return the folder that holds the rooms."""
    return CHECKOUT


@pytest.fixture(scope="session")
def rooms(checkout: Path) -> tuple[str, ...]:
    """Return the top-level packages, as the build names them."""
    settings = tomllib.loads((checkout / "pyproject.toml").read_text())
    return tuple(settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the shared data sets; without it the test is skipped by name, in CI it fails."""
    folder = Path(os.environ.get("JOINEDUP_TEST_DATA", CHECKOUT.parent / "shared" / "data" / "open"))
    if not folder.is_dir():
        message = f"shared data sets not found at {folder}; set JOINEDUP_TEST_DATA to their folder"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder

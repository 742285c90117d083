"""Who may import whom, and from where: the contracts of pyproject.toml hold, and each of them can fail."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

BREACHES = [
    ("connectors", "pipelines"),
    ("quality", "matching"),
    ("golden", "customer360"),
    ("warehouse", "golden"),
    ("matching", "stewardship"),
    ("stewardship", "golden"),
    ("stewardship", "dagster"),
    ("matching", "dagster"),
    ("pipelines", "splink"),
    ("connectors", "great_expectations"),
]


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([command, "--no-cache"], cwd=tree, check=False, capture_output=True, text=True)


def strangers(origins: dict[str, str], tree: Path) -> list[str]:
    """Return the rooms whose module file does not lie in `tree`."""
    return [f"{room}: imported from {file}" for room, file in origins.items() if Path(file).parent != tree / room]


def taken_names(names: tuple[str, ...], distributions: dict[str, list[str]]) -> list[str]:
    """Return the rooms whose name an installed package of somebody else takes."""
    owners = {name: set(distributions.get(name, [])) - {"joinedup"} for name in names}
    return [f"{name}: also shipped by {', '.join(sorted(found))}" for name, found in owners.items() if found]


def test_the_contracts_hold(checkout: Path) -> None:
    result = lint_imports(checkout)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("room", "imported"), BREACHES)
def test_a_forbidden_import_is_found(room: str, imported: str, small_house: Path) -> None:
    assert lint_imports(small_house).returncode == 0
    (small_house / room / "broken.py").write_text(f"import {imported}\n")
    result = lint_imports(small_house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{room}.broken" in result.stdout


def test_rooms_are_imported_from_the_checkout(checkout: Path, rooms: tuple[str, ...]) -> None:
    assert strangers({room: importlib.import_module(room).__file__ or "" for room in rooms}, checkout) == []


def test_a_room_from_elsewhere_is_found(tmp_path: Path, checkout: Path) -> None:
    assert strangers({"golden": str(tmp_path / "site-packages" / "golden" / "__init__.py")}, checkout)


def test_no_dependency_takes_the_name_of_a_room(rooms: tuple[str, ...]) -> None:
    assert taken_names(rooms, dict(packages_distributions())) == []


def test_a_taken_name_is_found() -> None:
    assert taken_names(("matching",), {"matching": ["joinedup", "matching"]})

"""The rules of the house that one file at a time can keep or break; each is shown to find what it forbids."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rooms = tuple[str, ...]
    Rule = Callable[[Path, Rooms], list[str]]

FILE_LINES = 300
FUNCTION_LINES = 40
CATCH_ALLS = frozenset({"utils", "util", "helpers", "helper", "misc", "common", "core", "src"})
THE_DOOR = Path("warehouse/connection.py")
SLOW_TO_IMPORT = frozenset({"great_expectations"})


def sources(tree: Path, rooms: Rooms) -> Iterator[tuple[Path, str, ast.Module]]:
    """Yield every module of the rooms: path from the tree, text, syntax tree."""
    for room in rooms:
        for file in sorted((tree / room).rglob("*.py")):
            text = file.read_text()
            yield file.relative_to(tree), text, ast.parse(text)


def long_files(tree: Path, rooms: Rooms) -> list[str]:
    sizes = ((path, text.count("\n")) for path, text, _ in sources(tree, rooms))
    return [f"{path}: {lines} lines, at most {FILE_LINES}" for path, lines in sizes if lines > FILE_LINES]


def long_functions(tree: Path, rooms: Rooms) -> list[str]:
    found = []
    for path, _, module in sources(tree, rooms):
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    found.append(f"{path}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES}")
    return found


def modules_without_docstring(tree: Path, rooms: Rooms) -> list[str]:
    bare = (path for path, _, module in sources(tree, rooms) if not ast.get_docstring(module))
    return [f"{path}: no docstring that says what it is" for path in bare]


def catch_all_names(tree: Path, rooms: Rooms) -> list[str]:
    names = ((path, CATCH_ALLS.intersection(path.with_suffix("").parts)) for path, _, _ in sources(tree, rooms))
    return [f"{path}: `{name}` says nothing about what is inside" for path, found in names for name in found]


def opens_duckdb_elsewhere(tree: Path, rooms: Rooms) -> list[str]:
    found = []
    for path, _, module in sources(tree, rooms):
        if path == THE_DOOR:
            continue
        for node in ast.walk(module):
            called = isinstance(node, ast.Attribute) and ast.unparse(node) == "duckdb.connect"
            imported = isinstance(node, ast.ImportFrom) and node.module == "duckdb" and "connect" in _names(node)
            if called or imported:
                found.append(f"{path}: opens DuckDB; only {THE_DOOR} does")
    return found


def slow_imports_at_the_top(tree: Path, rooms: Rooms) -> list[str]:
    found = []
    for path, _, module in sources(tree, rooms):
        in_functions = {
            inner
            for outer in ast.walk(module)
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types_only(outer)
            for inner in ast.walk(outer)
        }
        for node in ast.walk(module):
            if isinstance(node, ast.Import | ast.ImportFrom) and node not in in_functions:
                found += [f"{path}: imports {name} outside a function" for name in _packages(node) & SLOW_TO_IMPORT]
    return found


def tools_that_miss_a_room(tree: Path, rooms: Rooms) -> list[str]:
    settings = tomllib.loads((tree / "pyproject.toml").read_text())["tool"]
    makefile = (tree / "Makefile").read_text().splitlines()
    listed = {
        "mypy files": settings["mypy"]["files"],
        "coverage source": settings["coverage"]["run"]["source"],
        "import-linter root_packages": settings["importlinter"]["root_packages"],
        "ROOMS of the Makefile": next(line for line in makefile if line.startswith("ROOMS :=")).split(),
    }
    return [f"{tool}: lacks {room}" for tool, known in listed.items() for room in rooms if room not in known]


def _names(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def _packages(node: ast.Import | ast.ImportFrom) -> set[str]:
    modules = {node.module or ""} if isinstance(node, ast.ImportFrom) else _names(node)
    return {module.partition(".")[0] for module in modules}


def _is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


BROKEN: dict[Rule, tuple[str, str]] = {
    long_files: ("golden/broken.py", '"""Long."""\n' + "x = 1\n" * FILE_LINES),
    long_functions: ("golden/broken.py", '"""Long."""\ndef f():\n' + "    x = 1\n" * FUNCTION_LINES),
    modules_without_docstring: ("golden/broken.py", "x = 1\n"),
    catch_all_names: ("golden/utils.py", '"""Bits and pieces."""\n'),
    opens_duckdb_elsewhere: ("golden/broken.py", '"""Opens."""\nimport duckdb\ncon = duckdb.connect()\n'),
    slow_imports_at_the_top: ("quality/broken.py", '"""Slow."""\nimport great_expectations as gx\n'),
    tools_that_miss_a_room: ("Makefile", "ROOMS := golden\n"),
}


@pytest.mark.parametrize("rule", BROKEN, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule, checkout: Path, rooms: Rooms) -> None:
    assert rule(checkout, rooms) == []


@pytest.mark.parametrize("rule", BROKEN, ids=lambda rule: rule.__name__)
def test_a_breach_is_found_of(rule: Rule, small_house: Path, rooms: Rooms) -> None:
    assert rule(small_house, rooms) == []
    name, text = BROKEN[rule]
    (small_house / name).write_text(text)
    assert rule(small_house, rooms)


@pytest.mark.parametrize(
    "text",
    [
        "from duckdb import connect\n",
        "import duckdb\n\ndef f():\n    return duckdb.connect('x')\n",
    ],
)
def test_every_way_to_open_duckdb_is_found(text: str, small_house: Path, rooms: Rooms) -> None:
    (small_house / "golden" / "broken.py").write_text(text)
    assert opens_duckdb_elsewhere(small_house, rooms)


def test_slow_imports_are_allowed_inside_functions_and_for_types(small_house: Path, rooms: Rooms) -> None:
    (small_house / "quality" / "fine.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import great_expectations\n"
        "def f():\n    from great_expectations import expectations\n"
    )
    assert slow_imports_at_the_top(small_house, rooms) == []

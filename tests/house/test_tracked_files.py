"""What no file of the repository may hold, whatever its kind: places of one machine, registries, promises for later."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Each pattern is written so that it does not match its own text.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.:/}])/(?:home|Users|root|work|tmp|mnt)/\w",
    "a package registry's address": r"pyp[i]\.org|python[h]osted|npm[j]s\.|deb\.debia[n]|--find-link[s]|--index-ur[l]",
    "a promise for later": r"\b(?:TOD[O]|FIXM[E]|HAC[K])\b",
}
BREACHES = {
    "a path of one machine": ("open('/{}/ann/exports')", "home"),
    "a package registry's address": ("see https://{}.org/simple", "pypi"),
    "a promise for later": ("# {}DO: later", "TO"),
}
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-setup.lock")


def repository_files(tree: Path) -> list[Path]:
    """Return what git tracks, or would track at the next `git add`, as far as it is still there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout.split("\0")
    return [tree / name for name in names if name and (tree / name).is_file()]


def lines(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield every line of every text file with its place."""
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            yield f"{file}:{number}", line


def breaches(files: Iterable[Path], pattern: str) -> list[str]:
    compiled = re.compile(pattern)
    return [f"{place}: {line.strip()[:100]}" for place, line in lines(files) if compiled.search(line)]


def packages_under_tests(files: Iterable[Path], tree: Path) -> list[str]:
    return [f"{file}: would shadow a room" for file in files if _is_package_under_tests(file.relative_to(tree))]


def _is_package_under_tests(path: Path) -> bool:
    return path.parts[0] == "tests" and path.name == "__init__.py"


def unpinned(lock: str) -> list[str]:
    """Return the entries of a lock that lack an exact version or a hash."""
    entries = [entry for entry in re.split(r"^(?=\S)", lock, flags=re.MULTILINE) if entry.strip()]
    return [
        entry.splitlines()[0]
        for entry in entries
        if not re.match(r"[\w.-]+(?:\[[\w,-]+\])?==\S+.*\n.*--hash=sha256:\w", entry)
    ]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str, checkout: Path) -> None:
    assert breaches(repository_files(checkout), FORBIDDEN[what]) == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_is_found_where_it_is(what: str, tmp_path: Path) -> None:
    template, filling = BREACHES[what]
    file = tmp_path / "file.md"
    file.write_text("nothing\n" + template.format(filling) + "\n")
    assert breaches([file], FORBIDDEN[what]) == [f"{file}:2: {template.format(filling)}"]


@pytest.mark.parametrize(
    "line", ["https://host.example/home/page", "see ../home/notes", "GET /tmp", "var/tmp/x", "a hackathon, todo lists"]
)
def test_ordinary_text_is_let_pass(line: str, tmp_path: Path) -> None:
    file = tmp_path / "file.md"
    file.write_text(line + "\n")
    assert [what for what, pattern in FORBIDDEN.items() if breaches([file], pattern)] == []


def test_untracked_files_are_looked_at_and_ignored_ones_are_not(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for name in ("new.py", "ignored.py"):
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    assert repository_files(tmp_path) == [tmp_path / ".gitignore", tmp_path / "new.py"]


def test_tests_are_not_packages(checkout: Path) -> None:
    assert packages_under_tests(repository_files(checkout), checkout) == []


def test_a_package_under_tests_is_found(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "matching" / "__init__.py"
    assert packages_under_tests([file], tmp_path)


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_versions_and_hashes(name: str, checkout: Path) -> None:
    assert unpinned((checkout / name).read_text()) == []


@pytest.mark.parametrize("lock", ["polars==1.0\n", "polars>=1.0 \\\n    --hash=sha256:ab\n", "--no-binary x\n"])
def test_a_loose_lock_is_found(lock: str) -> None:
    assert unpinned(lock)

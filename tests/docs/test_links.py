"""Links lead somewhere: to a file of the checkout, and to a heading in it where they name one."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import CHECKOUT, anchors, links, pages, prose

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = ("http://", "https://", "mailto:")


def broken(page: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    found = []
    for link in links(page.read_text()):
        if link.startswith(OUTSIDE):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists():
            found.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(target.read_text()):
            found.append(f"{link}: no such heading")
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '# Here it is\n\n[a](page.md) [b](#here-it-is) [c](gone.md) [d](#not-here) <img src="gone.svg">\n'
        "```\n[in a block](is-no-link.md)\n```\n"
    )
    assert broken(page) == ["gone.md: no such file", "#not-here: no such heading", "gone.svg: no such file"]


def test_every_page_can_be_reached_from_the_index() -> None:
    index = CHECKOUT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in links(index.read_text())}
    within = {page for page in pages() if page.is_relative_to(CHECKOUT / "docs") and "decisions" not in page.parts}
    assert within - {index} <= listed


def test_the_readme_says_what_each_folder_holds() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, check=True, capture_output=True, text=True)
    folders = {name.partition("/")[0] for name in tracked.stdout.splitlines() if "/" in name}
    text = prose((CHECKOUT / "README.md").read_text())
    assert [folder for folder in sorted(folders) if f"| [`{folder}/`]" not in text] == []


def test_nothing_is_advertised_that_does_not_exist() -> None:
    """The contract knows further verbs; pages name only those that can be typed."""
    not_yet = ("erase", "backup", "doctor", "bench")
    for page in pages():
        text = page.read_text()
        assert [verb for verb in not_yet if f"joinedup {verb}" in text] == [], page.name

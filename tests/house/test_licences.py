"""What joinedup runs on may be used under Apache-2.0: no dependency is under a GPL, and each states its licence."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def locked_names(lock: str) -> list[str]:
    return re.findall(r"^([\w.-]+)(?:\[.*\])?==", lock, flags=re.MULTILINE)


def stated_licence(name: str) -> str | None:
    """Return what an installed package says its licence is; None for one that this platform does not need."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return None
    expression, free_text = said.get_all("License-Expression") or [], said.get_all("License") or []
    classifiers = [item for item in said.get_all("Classifier") or [] if item.startswith("License ::")]
    return " ".join(expression or classifiers) or "".join(free_text).strip().partition("\n")[0]


def objections(licences: dict[str, str | None]) -> list[str]:
    stated = {name: licence for name, licence in licences.items() if licence is not None}
    silent = [f"{name}: states no licence" for name, licence in stated.items() if not licence]
    copyleft = {name: licence for name, licence in stated.items() if re.search("GPL|General Public", licence)}
    return silent + [f"{name}: {licence}" for name, licence in copyleft.items()]


def test_no_dependency_is_gpl(checkout: Path) -> None:
    names = locked_names((checkout / "requirements.lock").read_text())
    licences = {name: stated_licence(name) for name in names}
    assert sum(licence is not None for licence in licences.values()) > len(names) * 0.8
    assert objections(licences) == []


def test_objectionable_licences_are_found() -> None:
    licences: dict[str, str | None] = {
        "a": "GPL-3.0-or-later",
        "b": "License :: OSI Approved :: GNU Affero General Public License v3",
        "c": "LGPL-2.1-or-later",
        "d": "",
    }
    assert [objection[0] for objection in objections(licences)] == ["d", "a", "b", "c"]


def test_permissive_licences_are_let_pass() -> None:
    assert objections({"a": "MIT", "b": "MPL-2.0", "c": None}) == []

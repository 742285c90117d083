"""Says in words what changed for everybody since the base: the model, the settings, the program.

Reads what the run knows of its base. Keeps this: the same configuration, model and program on the same base give the
same words; of settings that may hold personal values only their keys are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.program import RESOLUTION, resolution_version
from warehouse.settings.digest import deciding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from warehouse.run import Run
    from warehouse.settings import Settings

FIRST_RELEASE = "first release"
MATCHED_ANEW = "matched anew"
"""What is said of an event that nothing of its own explains: the records around its customers have changed."""
PROGRAM = "another version of joinedup"

_TOLD = ("country", "matching.merge_at", "matching.review_at", "survivorship.")
"""Settings whose values are told; others may hold what people are called and where they are reached."""
_WITHOUT_EFFECT = ("matching.engine", "matching.labels")
"""Settings that change nobody by themselves: labels teach a model, and a model is told by its version."""


class Causes(NamedTuple):
    """What explains an event where no record and no decision does: of who is who, and of which value is published."""

    identity: str
    value: str


def what_changed(settings: Settings, run: Run, model_version: str | None) -> Causes:
    """Return the causes that hold for everybody tonight."""
    if run.latest_release_id is None or run.base is None:
        return Causes(FIRST_RELEASE, FIRST_RELEASE)
    if run.base.release_id != run.latest_release_id:
        cause = f"rolled back {run.latest_release_id}"
        return Causes(cause, cause)
    identity: list[str] = []
    value: list[str] = []
    if run.base.model_version != model_version:
        identity.append(f"model {model_version} (was {run.base.model_version})")
    for key, words in _changed_settings(settings, run.base.deciding):
        (value if key.startswith("survivorship.") else identity).append(words)
    if run.base.versions.get(RESOLUTION, resolution_version()) != resolution_version():
        identity.append(PROGRAM)
    return Causes("; ".join(identity) or MATCHED_ANEW, "; ".join([*value, *identity]) or MATCHED_ANEW)


def _changed_settings(settings: Settings, before: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if before is None:
        return
    old, new = dict(_flat(before)), dict(_flat(deciding(settings)))
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key) or key in _WITHOUT_EFFECT:
            continue
        if key.startswith(_TOLD):
            yield key, f"{key} {_words(new.get(key))} (was {_words(old.get(key))})"
        else:
            yield key, f"{key} changed"


def _flat(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", list(value) if isinstance(value, tuple) else value


def _words(value: object) -> str:
    if value is None:
        return "not set"
    return " then ".join(map(str, value)) if isinstance(value, list) else str(value)

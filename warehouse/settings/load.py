"""Load joinedup.yaml: read it and what it includes, and name every mistake with file, line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from warehouse.errors import SettingsError
from warehouse.settings import Settings
from warehouse.settings.checks import check_secrets, check_settings
from warehouse.settings.messages import Mistake, in_words, path_in_document, show
from warehouse.settings.positions import Document, read_yaml, spell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from warehouse.settings.positions import KeyPath

INCLUDE = "include"


def load_settings(path: Path) -> Settings:
    """Return the settings in the file at `path`, those of the files it includes among them.

    Raises SettingsError for the first mistake by file and line; the further ones are its `others`.
    """
    document = read_document(path)
    mistakes = list(check_secrets(document.values))
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(document.values)
    except ValidationError as error:
        mistakes += [in_words(each, document.values) for each in error.errors()]
    if settings is not None:
        mistakes += list(check_settings(settings, path.parent))
        if not mistakes:
            return settings
    raise _error(document, mistakes, path.name)


def locate(error: SettingsError, path: Path) -> SettingsError:
    """Return the error with the file and line of its key, where it was raised without them.

    Rooms that find a mistake while they work know the key, not where it stands.
    """
    if error.line is not None or not error.key or error.file != path.name:
        return error
    document = read_document(path)
    spelt = {spell(known): known for known in document.places}
    key = error.key
    while key and key not in spelt:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    place = document.place(spelt.get(key, ()))
    if place is None:
        return error
    return SettingsError(error.problem, file=place.file, line=place.line, key=error.key)


def read_document(path: Path) -> Document:
    """Return what the file and the files it includes say together, with the place of every key.

    An included file says a part of the same: a key that two files give is an error, but for the mappings that hold
    others, such as `sources`, which grow together.
    """
    document = read_yaml(path, path.name)
    if not isinstance(document.values, dict):
        problem = f"found {show(document.values)}; allowed: keys and values, as in version: 1"
        raise SettingsError(problem, file=path.name, line=1)
    for included, name in _included(document, path):
        further = read_yaml(included, name)
        if not isinstance(further.values, dict):
            raise SettingsError(f"found {show(further.values)}; allowed: keys and values", file=name, line=1)
        if INCLUDE in further.values:
            place = further.places[INCLUDE,]
            raise SettingsError(f"only {path.name} includes files", file=name, line=place.line, key=INCLUDE)
        _merge(document, further)
    document.values.pop(INCLUDE, None)
    return document


def _included(document: Document, path: Path) -> Iterator[tuple[Path, str]]:
    patterns = document.values.get(INCLUDE, [])
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) and pattern for pattern in patterns):
        problem = f"found {show(document.values[INCLUDE])}; allowed: a list of globs, as in [sources/*.yaml]"
        raise _error(document, [Mistake((INCLUDE,), problem)], path.name)
    for index, pattern in enumerate(patterns):
        try:
            found = sorted(path.parent.glob(pattern))
        except (NotImplementedError, ValueError):
            found = []  # an absolute pattern: included files lie in the workspace
        if not found:
            problem = f"no file in {path.parent} matches '{pattern}'; correct the pattern, or take it out"
            raise _error(document, [Mistake((INCLUDE, index), problem)], path.name)
        yield from ((file, file.relative_to(path.parent).as_posix()) for file in found)


def _merge(document: Document, further: Document) -> None:
    for name, value in further.values.items():
        known = document.values.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            for inner in value:
                if inner in known:
                    raise _given_twice(document, further, (name, inner))
            known.update(value)
        elif name in document.values:
            raise _given_twice(document, further, (name,))
        else:
            document.values[name] = value
    for place_path, place in further.places.items():
        document.places.setdefault(place_path, place)


def _given_twice(document: Document, further: Document, path: KeyPath) -> SettingsError:
    first, second = document.places[path], further.places[path]
    problem = f"given twice: first in {first.file}:{first.line}; keep one of them"
    return SettingsError(problem, file=second.file, line=second.line, key=spell(path))


def _error(document: Document, mistakes: Sequence[Mistake], name: str) -> SettingsError:
    """Return the first mistake by file and line as an error, with the others."""
    found = []
    for mistake in mistakes:
        path = path_in_document(mistake.path, document.values)
        place = document.place(path)
        file, line = place or (name, 1)
        found.append(SettingsError(mistake.problem, file=file, line=line, key=spell(path)))
    found.sort(key=lambda error: (error.file != name, error.file, error.line or 0))
    found[0].others = tuple(found[1:])
    return found[0]

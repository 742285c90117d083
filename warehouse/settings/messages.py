"""Mistakes in joinedup.yaml in words: what was found, what is allowed, what was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.settings.expressions import KINDS
from warehouse.settings.positions import KeyPath  # noqa: TC001 - a NamedTuple reads its annotations while running
from warehouse.settings.shape import allowed_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

_LONGEST_FOUND = 60
_ALLOWED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys and values",
    "model_type": "a mapping of keys and values",
    "model_attributes_type": "a mapping of keys and values",
    "string_too_short": "a text that is not empty",
    "too_short": "at least one entry",
}


class Mistake(NamedTuple):
    """One mistake: where it stands, and what is wrong with it."""

    path: KeyPath
    problem: str


def nearest(found: object, allowed: Iterable[str]) -> str:
    """Return `did you mean x? allowed: x, y, z`, the first part where something is near."""
    names = list(allowed)
    near = get_close_matches(str(found).lower(), [name.lower() for name in names], n=1)
    meant = next((name for name in names if near and name.lower() == near[0]), None)
    guess = f"did you mean {meant}? " if meant else ""
    return f"{guess}allowed: {', '.join(names)}"


def in_words(error: ErrorDetails, values: Any) -> Mistake:  # noqa: ANN401 - whatever YAML can say
    """Return the mistake that pydantic found in the document's values."""
    location: KeyPath = error["loc"]
    path = path_in_document(location, values)
    kind, found = error["type"], error["input"]
    if kind == "extra_forbidden":
        return Mistake(path, f"unknown key; {nearest(location[-1], allowed_keys(location[:-1]))}")
    if kind == "missing":
        return Mistake(path, f"missing: {_what_for(location)}")
    if kind == "no_expression" and isinstance(found, dict) and found:
        return Mistake(path, f"found a mapping with {', '.join(found)}; {_nearest_kind(found)}")
    if kind == "literal_error":
        allowed = [word.strip(" '") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return Mistake(path, f"found {show(found)}; {nearest(found, allowed)}")
    if kind == "string_type":
        quoted = ": put it in quotes" if isinstance(found, bool | int | float) else ""
        return Mistake(path, f"found {show(found)}; allowed: a text{quoted}")
    allowed_here = _ALLOWED.get(kind) or error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return Mistake(path, f"found {show(found)}; allowed: {allowed_here}")


def show(found: object) -> str:
    """Return a value as a message shows it: what it is, and not too much of it."""
    if found is None:
        return "nothing"
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, dict):
        return f"a mapping with {', '.join(map(str, found))}" if found else "an empty mapping"
    if isinstance(found, list | tuple):
        return "a list" if found else "an empty list"
    if isinstance(found, int | float):
        return f"the number {found}"
    text = str(found)
    return f"'{text[:_LONGEST_FOUND]}…'" if len(text) > _LONGEST_FOUND else f"'{text}'"


def _nearest_kind(found: dict[str, object]) -> str:
    near = next((match[0] for key in found if (match := get_close_matches(key, KINDS, n=1))), None)
    guess = f"did you mean {near}? " if near else ""
    return f"{guess}allowed: a column's name, or a mapping with one of {', '.join(KINDS)}"


def _what_for(location: KeyPath) -> str:
    """Return what a missing key is to say: its own description."""
    described = {
        "version": "write version: 1 at the top of joinedup.yaml",
        "sources": "name at least one source and its files",
        "holds": "say what a record of this source is, as in holds: order",
        "files": "name the files, as in files: exports/orders*.csv",
        "format": "say how the files are written, as in format: csv",
        "name": "give the offer a name, as in name: kettle_filters",
        "say": "say what is offered, as in say: A filter for your kettle",
    }
    return described.get(str(location[-1]), "this key is needed here")


def path_in_document(location: KeyPath, values: Any) -> KeyPath:  # noqa: ANN401 - whatever YAML can say
    """Return pydantic's location as a path in the document: without tags, and without lists that were made of one."""
    path: list[str | int] = []
    for part in location:
        tag = isinstance(part, str) and part.startswith("<")
        made = isinstance(part, int) and not isinstance(values, list)
        if tag or made:
            continue
        path.append(part)
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            values = None
    return tuple(path)

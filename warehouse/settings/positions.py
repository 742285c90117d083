"""The YAML of joinedup.yaml and its included files as plain values, with the place where each key stands.

YAML 1.2: `NO` and `yes` are texts, 12:30 and 2026-01-31 too; a key given twice is an error, as is a tag. In a list
NULL is a text as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

KeyPath = tuple[str | int, ...]
"""A place in the document: keys, and positions in lists."""

_CORE = "tag:yaml.org,2002:"
_TAGS = ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge")
_NULL = ("null", "Null", "NULL", "~", "")


class Place(NamedTuple):
    """Where a key stands: file, relative to the workspace, and line, from 1."""

    file: str
    line: int


@dataclass(slots=True)
class Document:
    """What a file says, and the place of every key and list entry in it."""

    values: Any = None
    places: dict[KeyPath, Place] = field(default_factory=dict)

    def place(self, path: KeyPath) -> Place | None:
        """Return the place of the key, or of the nearest one around it that is there."""
        return next((self.places[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.places), None)


def spell(path: KeyPath) -> str:
    """Return the path as people write it: `sources.billing.links[0].record`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(path: Path, name: str) -> Document:
    """Return what the file says; `name` is what messages call it.

    Raises SettingsError for a file that cannot be read, for broken YAML, a key given twice, and a tag.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(f"not found in {path.parent}: `joinedup init DIR` writes one", file=name) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError("is not UTF-8: save the file in that encoding", file=name, line=line) from error
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", file=name) from error
    try:
        root = YAML().compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" {error.context}" if error.context else ""
        problem = f"broken YAML: {error.problem}{context}; check indentation, quotes and brackets here and above"
        raise SettingsError(problem, file=name, line=mark.line + 1 if mark else None) from error
    except YAMLError as error:
        raise SettingsError(f"broken YAML: {_one_line(error)}", file=name, line=_line_in(error, text)) from error
    except RecursionError as error:
        raise SettingsError("broken YAML: too many lists or mappings inside each other", file=name) from error
    if root is None:
        raise SettingsError("is empty: `joinedup init DIR` writes one to start from", file=name, line=1)
    document = Document()
    document.values = _Reader(name, document).value(root, ())
    return document


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _line_in(error: YAMLError, text: str) -> int | None:
    """Return the line of a character that no YAML may hold; the reader tells its position only in words."""
    found = re.search(r"position (\d+)", str(error))
    return None if found is None else text[: int(found[1])].count("\n") + 1


@dataclass(slots=True)
class _Reader:
    """Turns the nodes of one file into values; `open` are the nodes around the one at work."""

    name: str
    document: Document
    open: list[int] = field(default_factory=list)

    def value(self, node: Node, path: KeyPath) -> Any:  # noqa: ANN401 - whatever YAML can say
        self.document.places.setdefault(path, Place(self.name, node.start_mark.line + 1))
        if not str(node.tag).startswith(_CORE) or str(node.tag).removeprefix(_CORE) not in _TAGS:
            raise self._error(f"the tag {node.tag} is not known here: leave it out", node, path)
        if id(node) in self.open:
            raise self._error("an alias that holds itself: write the values out", node, path)
        self.open.append(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, path)
            if isinstance(node, SequenceNode):
                return [self._entry(inner, (*path, index)) for index, inner in enumerate(node.value)]
            return _scalar(str(node.tag).removeprefix(_CORE), str(node.value))
        finally:
            self.open.pop()

    def _entry(self, node: Node, path: KeyPath) -> Any:  # noqa: ANN401 - whatever YAML can say
        """Return an entry of a list; NULL, which would say nothing there, is the text: nulls: ["", NULL]."""
        value = self.value(node, path)
        return node.value or None if value is None else value

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, inner in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            inner_path = (*path, key)
            if key in found:
                first = self.document.places[inner_path].line
                raise self._error(f"given twice: first in line {first}; keep one of them", key_node, inner_path)
            self.document.places[inner_path] = Place(self.name, key_node.start_mark.line + 1)
            found[key] = self.value(inner, inner_path)
        return found

    def _error(self, problem: str, node: Node, path: KeyPath) -> SettingsError:
        return SettingsError(problem, file=self.name, line=node.start_mark.line + 1, key=spell(path))


def _scalar(kind: str, text: str) -> str | int | float | bool | None:
    """Return the value by the core schema of YAML 1.2, whatever an older schema would take the text for."""
    if kind == "null" and text in _NULL:
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        if kind == "int":
            return int(text, 0 if text[:2] in ("0o", "0x") else 10)
        if kind == "float":
            return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text
    return text

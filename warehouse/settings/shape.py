"""The shape of joinedup.yaml, read off its models: which keys may stand where."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Tag

from warehouse.settings import Settings

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from warehouse.settings.positions import KeyPath


def allowed_keys(location: KeyPath) -> tuple[str, ...]:
    """Return the keys that the mapping at a location may have; () where it may have any, or is no mapping.

    A location is pydantic's: keys, positions, and the bracketed tag of an expression's kind.
    """
    found: Any = Settings
    for part in location:
        found = _inner(_plain(found, part), part)
    found = _plain(found, None)
    return tuple(_fields(found)) if _is_model(found) else ()


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _is_model(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _plain(kind: Any, part: str | int | None) -> Any:  # noqa: ANN401 - any annotation
    """Take `Annotated`, `| None` and the tag's union off an annotation."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0], part)
    if get_origin(kind) not in (Union, UnionType):
        return kind
    choices = [choice for choice in get_args(kind) if choice is not NoneType]
    if isinstance(part, str) and part.startswith("<"):
        return next((choice for choice in choices if Tag(part) in getattr(choice, "__metadata__", ())), None)
    return _plain(choices[0], part) if len(choices) == 1 else None


def _inner(kind: Any, part: str | int) -> Any:  # noqa: ANN401 - any annotation
    """Return what stands at a key, position or tag of a plain annotation."""
    if isinstance(part, str) and part.startswith("<"):
        return kind
    if _is_model(kind):
        info = _fields(kind).get(str(part))
        if info is None and kind.model_config.get("extra") == "allow":
            return get_args(get_type_hints(kind, include_extras=True)["__pydantic_extra__"])[1]
        return info.annotation if info else None
    inner = get_args(kind)
    if get_origin(kind) is dict:
        return inner[1]
    return inner[0] if get_origin(kind) is tuple else None

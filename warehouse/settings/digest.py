"""Hashes of the configuration: what was decided with, and how a source was read."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.main import IncEx

    from warehouse.settings import Settings, SourceSettings

NOT_MAPPING = ("files", "take", "if_missing", "expect")
"""What a source says about its files' whereabouts: it changes no record that was read from them."""
_NOT_READING = ("storage", "look_back")
"""Options that change no record either."""


def settings_hash(settings: Settings) -> str:
    """Return the sha256 of the whole configuration, in hex."""
    return _digest(settings)


def mapping_hash(source: SourceSettings, timezone: str, country: str) -> str:
    """Return the sha256 of what decides how a source's rows become records, in hex."""
    not_mapping: dict[str, bool | IncEx] = {**dict.fromkeys(NOT_MAPPING, True), "options": set(_NOT_READING)}
    return _digest(source, timezone, country, exclude=not_mapping)


def _digest(model: BaseModel, *further: str, exclude: IncEx | None = None) -> str:
    document = [model.model_dump(mode="json", by_alias=True, exclude=exclude), *further]
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

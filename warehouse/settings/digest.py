"""What is kept of the configuration: what was decided with, and hashes of it and of how a source was read."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from warehouse.settings.deciding import MatchingSettings, SurvivorshipSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def deciding(settings: Settings) -> dict[str, Any]:
    """Return as JSON-ready data the settings that standardising, matching and survivorship go by.

    They and the landed records, the model and the decisions of a release are what its customers were made of.
    """
    return {
        "country": settings.country,
        "own_addresses": sorted({own for source in settings.sources.values() for own in source.own_addresses}),
        "matching": settings.matching.model_dump(mode="json", by_alias=True),
        "survivorship": settings.survivorship.model_dump(mode="json", by_alias=True),
    }


def decided_by(settings: Settings, kept: Mapping[str, Any]) -> Settings:
    """Return today's settings with all that `deciding` had kept of earlier ones."""
    own = tuple(kept["own_addresses"])
    sources = {name: source.model_copy(update={"own_addresses": own}) for name, source in settings.sources.items()}
    return settings.model_copy(
        update={
            "country": kept["country"],
            "sources": sources,
            "matching": MatchingSettings.model_validate(kept["matching"]),
            "survivorship": SurvivorshipSettings.model_validate(kept["survivorship"]),
        }
    )


def mapping_hash(source: SourceSettings, timezone: str, country: str) -> str:
    """Return the sha256 of what decides how a source's rows become records, in hex."""
    not_mapping: dict[str, bool | IncEx] = {**dict.fromkeys(NOT_MAPPING, True), "options": set(_NOT_READING)}
    return _digest(source, timezone, country, exclude=not_mapping)


def _digest(model: BaseModel, *further: str, exclude: IncEx | None = None) -> str:
    document = [model.model_dump(mode="json", by_alias=True, exclude=exclude), *further]
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

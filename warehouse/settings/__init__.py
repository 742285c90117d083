"""joinedup.yaml as frozen values: read once, every mistake named with file, line and key."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from warehouse.settings.deciding import (
    GateSettings,
    IdentitySettings,
    MatchingSettings,
    RetentionSettings,
    StewardshipSettings,
    SurvivorshipSettings,
)
from warehouse.settings.expressions import Frozen
from warehouse.settings.sources import SourceSettings

__all__ = ["Settings", "SourceSettings"]


class Settings(Frozen):
    """The whole of joinedup.yaml."""

    version: Literal[1]
    timezone: str = "UTC"
    country: str = "US"
    sources: dict[str, SourceSettings] = Field(min_length=1)
    matching: MatchingSettings = MatchingSettings()
    survivorship: SurvivorshipSettings = SurvivorshipSettings()
    gate: GateSettings = GateSettings()
    retention: RetentionSettings = RetentionSettings()
    stewardship: StewardshipSettings = StewardshipSettings()
    identity: IdentitySettings = IdentitySettings()

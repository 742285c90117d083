"""joinedup.yaml as frozen values: read once, every mistake named with file, line and key."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from warehouse.settings.deciding import (
    GateSettings,
    IdentitySettings,
    MatchingSettings,
    RetentionSettings,
    StewardshipSettings,
    SurvivorshipSettings,
)
from warehouse.settings.expressions import Frozen
from warehouse.settings.offers import OfferSettings
from warehouse.settings.signals import SignalChange  # noqa: TC001 - pydantic reads annotations while running
from warehouse.settings.sources import SourceSettings

__all__ = ["OfferSettings", "Settings", "SourceSettings"]


class Settings(Frozen):
    """The whole of joinedup.yaml."""

    version: Literal[1]
    """The version of this file's format."""
    timezone: str = "UTC"
    """For timestamps that carry none; everything stored is UTC."""
    country: Annotated[str, AfterValidator(str.upper)] = "US"
    """The default region for phones and postal codes: an ISO 3166 code of two letters."""
    sources: dict[str, SourceSettings] = Field(min_length=1)
    """The systems that export records, by name."""
    matching: MatchingSettings = MatchingSettings()
    """How records are compared."""
    survivorship: SurvivorshipSettings = SurvivorshipSettings()
    """Which rules pick a published value."""
    gate: GateSettings = GateSettings()
    """What may change in one night."""
    offers: tuple[OfferSettings, ...] = ()
    """What customers may be offered, and to whom it fits."""
    signals: dict[str, SignalChange] = Field(default_factory=dict)
    """Changes to what is to be known about customers, by signal."""
    retention: RetentionSettings = RetentionSettings()
    """What is kept, and how long."""
    stewardship: StewardshipSettings = StewardshipSettings()
    """Where decisions are kept."""
    identity: IdentitySettings = IdentitySettings()
    """How golden ids are made."""

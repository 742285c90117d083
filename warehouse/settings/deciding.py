"""What joinedup.yaml may say about deciding: matching, survivorship, gate, retention, stewardship, identity."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from warehouse.settings.expressions import Frozen, TextTuple

Rule = Literal["trust", "recency", "frequency", "completeness"]


def _share(value: object) -> object:
    """Return 0.05 for `5%`; leave everything else for the model to judge."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return float(value.strip()[:-1]) / 100
        except ValueError as error:
            message = f"{value!r} is no share: write a percentage as in 5%, or a number from 0 to 1"
            raise ValueError(message) from error
    return value


Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
Probability = Annotated[float, Field(gt=0, lt=1)]


class MatchingSettings(Frozen):
    """How records are compared; the defaults work untouched."""

    engine: Literal["duckdb", "spark"] = "duckdb"
    merge_at: Probability | Literal["auto"] = "auto"
    review_at: Probability | Literal["auto"] = "auto"
    placeholders: dict[str, TextTuple] = Field(default_factory=dict)
    labels: str | None = None
    comparisons: dict[str, object] = Field(default_factory=dict)


class SurvivorshipSettings(Frozen):
    """Which rules pick a value, in their order, by default and for an attribute."""

    default: tuple[Rule, ...] = ("trust", "recency", "frequency")
    attributes: dict[str, tuple[Rule, ...]] = Field(default_factory=dict)


class GateSettings(Frozen):
    """What may change in one night; each share counts only from `and_at_least` customers or records on."""

    max_merged_customers: Share = 0.05
    max_split_customers: Share = 0.02
    max_deleted_records: Share = 0.20
    and_at_least: int = Field(default=20, ge=0)
    expectations: str | None = None


class RetentionSettings(Frozen):
    """How many releases stay, and for how many days raw deliveries do."""

    releases: int = Field(default=14, ge=2)
    raw_days: int = Field(default=400, ge=1)


class StewardshipSettings(Frozen):
    """Where decisions are kept."""

    database: str = "sqlite:///var/stewardship.sqlite"


class IdentitySettings(Frozen):
    """How golden ids are made."""

    salt: str = "joinedup"

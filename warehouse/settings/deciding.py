"""What joinedup.yaml may say about deciding: matching, survivorship, gate, retention, stewardship, identity."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from warehouse.settings.comparing import ComparisonSettings
from warehouse.settings.expressions import Frozen, TextTuple

Rule = Literal["trust", "recency", "frequency", "completeness"]
_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def _share(value: object) -> object:
    """Return 0.05 for `5%`, a number as it is; raise ValueError for all that is not from 0 to 1."""
    found = _PERCENTAGE.fullmatch(value.strip()) if isinstance(value, str) else None
    share = float(found[1]) / 100 if found else value
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError("a percentage as in 5%, or a number from 0 to 1")
    return float(share)


def _probability(value: object) -> object:
    """Return the number or `auto`; raise ValueError for all else."""
    if value != "auto" and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1):
        raise ValueError("auto, or a number between 0 and 1")
    return value


Share = Annotated[
    float,
    BeforeValidator(
        _share,
        json_schema_input_type=Annotated[float, Field(ge=0, le=1)]
        | Annotated[str, Field(pattern=rf"^{_PERCENTAGE.pattern}$")],
    ),
]
"""A share: 0.05 or 5%."""
Probability = Annotated[
    float | Literal["auto"],
    BeforeValidator(_probability, json_schema_input_type=Annotated[float, Field(gt=0, lt=1)] | Literal["auto"]),
]
"""A probability, or auto: estimated when a model is made."""


class MatchingSettings(Frozen):
    """How records are compared; the defaults work untouched."""

    engine: Literal["duckdb", "spark"] = "duckdb"
    """What computes the comparisons."""
    merge_at: Probability = "auto"
    """The match probability from which a pair is evidence enough."""
    review_at: Probability = "auto"
    """From here to merge_at a steward looks."""
    placeholders: dict[str, TextTuple] = Field(default_factory=dict)
    """Values that stand for nobody, by attribute; added to what is found by itself."""
    labels: str | None = None
    """A csv file of pairs that are known to be the same or not, to estimate and to measure with."""
    learn_from_decisions: bool = Field(default=False, strict=True)
    """Whether what stewards have decided is taken as labels when a model is made."""
    comparisons: ComparisonSettings = ComparisonSettings()
    """Changes to the shipped comparisons and blocking rules, by name."""


class SurvivorshipSettings(Frozen):
    """Which rules pick a value, in their order, by default and for an attribute."""

    default: tuple[Rule, ...] = Field(default=("trust", "recency", "frequency"), min_length=1)
    """The rules for every attribute that is not named."""
    attributes: dict[str, Annotated[tuple[Rule, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """The rules for an attribute."""


class GateSettings(Frozen):
    """What may change in one night; each share counts only from `and_at_least` customers or records on."""

    max_merged_customers: Share = 0.05
    """The share of customers that may merge into others."""
    max_merged_into_one: int = Field(default=20, strict=True, ge=1)
    """How many customers may become one and the same, whatever share that is."""
    max_growth_of_one: Share = 0.05
    """The share of all records that one customer may gain."""
    max_split_customers: Share = 0.02
    """The share of customers that may be split."""
    max_vanished_customers: Share = 0.10
    """The share of customers that may vanish, with nobody to follow them."""
    max_moved_records: Share = 0.10
    """The share of a source's records that may become another customer's."""
    max_deleted_records: Share = 0.20
    """The share of a source's records that may be deleted."""
    max_quarantined_records: Share = 0.20
    """The share of a source's rows that may be set aside, beyond that of its last delivery."""
    max_one_value: Share = 0.10
    """The share of a source's new and changed records that may say one value, beyond that of its records before."""
    max_emptied_values: Share = 0.20
    """The share of a source's records with an attribute that may come without it."""
    min_precision: Share | None = None
    """The least that the precision measured by the audit may be, at the lower end of its interval."""
    and_at_least: int = Field(default=20, strict=True, ge=0)
    """Fewer customers or records than this never hold a candidate."""
    expectations: str | None = None
    """A glob of further Great Expectations suites."""


class RetentionSettings(Frozen):
    """How many releases stay, and for how many days raw deliveries do."""

    releases: int = Field(default=14, strict=True, ge=2)
    """The newest releases that stay."""
    raw_days: int = Field(default=400, strict=True, ge=1)
    """The days for which records stay as they were delivered."""


class StewardshipSettings(Frozen):
    """Where decisions are kept, and how they are taken."""

    database: str = "sqlite:///var/stewardship.sqlite"
    """A database URL; a password in it as ${ENV_VAR}."""
    nightly_budget: int = Field(default=60, strict=True, ge=0)
    """The minutes of work that the default queue shows of a night."""
    claim_minutes: int = Field(default=15, strict=True, ge=1, le=1440)
    """For how long a claimed item is nobody else's."""
    second_pair_of_eyes_from: float | None = Field(default=None, strict=True, ge=0, allow_inf_nan=False)
    """An answer on which this many orders' worth hangs is confirmed by a second person."""


class IdentitySettings(Frozen):
    """How golden ids are made."""

    salt: str = Field(default="joinedup", min_length=1)
    """The key of the hash that golden ids come from; another one gives other ids to new customers."""

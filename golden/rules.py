"""The survivorship rules: how two values of one attribute are compared, and which rules an attribute goes by.

A rule is an SQL number over the columns of a candidate value: trust, observed_at, support, value. The least wins. After
the last rule the least (source, source_record_id) wins: every ranking is total and does not know the order of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class SurvivorshipRule:
    """One rule: its name in joinedup.yaml, what it prefers, and its key, the least of which wins."""

    name: str
    prefers: str
    key: str
    of_record: bool
    """Whether the key tells records apart that say the same, as well as values."""


RULES = (
    SurvivorshipRule("trust", "the source with the greatest trust", "-trust::BIGINT", of_record=True),
    SurvivorshipRule(
        "recency",
        "the latest updated_at (or at, where there is none); no time is the oldest",
        "coalesce(-epoch_us(observed_at), 9223372036854775807)",
        of_record=True,
    ),
    SurvivorshipRule("frequency", "the value that most source records carry", "-support", of_record=False),
    SurvivorshipRule("completeness", "the value with the most characters", "-length(value)", of_record=False),
)

FULLER = "completeness"
"""What decided where a fuller form of the same value won, or a whole name or address over a part of one."""
RECORD_ORDER = "record order"
"""What decided where all rules tied: the least (source, source_record_id)."""
ONLY_VALUE = "only value"
"""What is said where nothing had to be decided."""
PINNED = "pinned"
"""What decided where a steward did."""

NAME_PARTS = ("given_name", "middle_name", "family_name", "name_suffix")
ADDRESS_PARTS = ("street", "unit", "city", "region", "postal_code", "country")
SET_BY = {
    "name": ("full_name", *NAME_PARTS),
    "middle_name": ("middle_name", "full_name"),
    "name_suffix": ("name_suffix", "full_name"),
    "address": ("address", *ADDRESS_PARTS),
}
"""Parts that move together go by the first of these keys that `survivorship.attributes` has."""

_BY_NAME = {rule.name: rule for rule in RULES}


def rules_of(attribute: str, settings: Settings) -> tuple[SurvivorshipRule, ...]:
    """Return the rules for an attribute or a group of parts (`name`, `address`), in their order."""
    by_attribute = settings.survivorship.attributes
    keys = SET_BY.get(attribute, (attribute,))
    names = next((by_attribute[key] for key in keys if key in by_attribute), settings.survivorship.default)
    return tuple(_BY_NAME[name] for name in dict.fromkeys(names))

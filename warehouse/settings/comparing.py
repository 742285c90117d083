"""What `matching.comparisons` may say: changes to the shipped comparisons and blocking rules, by name.

Which names there are, and whether the SQL can be computed, matching judges: it alone knows the comparisons.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from warehouse.settings.expressions import Frozen

PartShare = Annotated[float, Field(ge=0.000001, lt=1, strict=True)]
"""A share of pairs: greater than nothing, less than all."""


def _level(value: object) -> object:
    """Return None for `off`, a mapping for mere SQL; raise ValueError for what is neither these nor a mapping."""
    try:
        return {"sql": value} if isinstance(value, str) and value != "off" else _unless_off(value)
    except ValueError as error:
        raise ValueError("off, SQL, or a mapping of keys and values") from error


def _unless_off(value: object) -> object:
    """Return None for `off`, a mapping as it is; raise ValueError for all else."""
    if value == "off" or value is False:
        return None
    if value is None or not isinstance(value, dict | Frozen):
        raise ValueError("off, or a mapping of keys and values")
    return value


class LevelChange(Frozen):
    """Another SQL, words or shares for a level of agreement, or a further level."""

    sql: str | None = Field(default=None, min_length=1)
    """When the level holds: a DuckDB scalar over the features of both records."""
    words: str | None = Field(default=None, min_length=1)
    """What `explain` says of it."""
    match: PartShare | None = None
    """How often records of one person show it, fixed by hand."""
    household: PartShare | None = None
    """How often two people of one household do."""
    random: PartShare | None = None
    """How often two people at random do; then a value's own rarity does not count."""
    above: str | None = None
    """For a further level: the level that it is tried before."""


Level = Annotated[
    LevelChange | None, BeforeValidator(_level, json_schema_input_type=Literal[False] | str | LevelChange)
]
"""SQL, a mapping, or off: None."""


class ComparisonChange(Frozen):
    """Changes to one comparison."""

    levels: dict[str, Level] = Field(min_length=1)
    """Changes to levels, by name."""


class RuleChange(Frozen):
    """Changes to a blocking rule, or a further one."""

    key: str | None = Field(default=None, min_length=1)
    """A DuckDB scalar over the features: records with an equal key are compared; null says nothing."""
    narrower: str | None = Field(default=None, min_length=1)
    """What is added to a key that more than `limit` carry."""
    limit: int | None = Field(default=None, strict=True, ge=2)
    """How many may share a key."""
    each: str | None = Field(default=None, min_length=1)
    """A list: each of its elements makes a key, called `element` in `key`."""


Comparison = Annotated[
    ComparisonChange | None,
    BeforeValidator(_unless_off, json_schema_input_type=Literal["off", False] | ComparisonChange),
]
"""A mapping, or off: None."""
Rule = Annotated[
    RuleChange | None, BeforeValidator(_unless_off, json_schema_input_type=Literal["off", False] | RuleChange)
]
"""A mapping, or off: None."""


class ComparisonSettings(Frozen):
    """Changes to the shipped comparisons by their names, and to the blocking rules under `blocking`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Comparison] = Field(init=False)

    blocking: dict[str, Rule] = Field(default_factory=dict)
    """Changes to blocking rules, and further ones, by name."""

    @property
    def changed(self) -> dict[str, ComparisonChange | None]:
        """The changes to comparisons, by name; None for one that is off."""
        return self.__pydantic_extra__

"""What a model was made for: the comparisons and blocking rules, shipped or changed, that travel in its content.

Whoever reads a model compares and blocks by the definitions in it, so that an explanation of last month's release
speaks of last month's levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matching.blocking import BLOCKING_RULES, BlockingRule
from matching.comparison import Comparison, Level
from matching.comparisons import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Definitions:
    """The comparisons, always the shipped ones by name and in their order, and the blocking rules."""

    comparisons: tuple[Comparison, ...]
    rules: tuple[BlockingRule, ...]


SHIPPED_DEFINITIONS = Definitions(COMPARISONS, BLOCKING_RULES)


def definitions_from(document: Mapping[str, Any]) -> Definitions:
    """Return the definitions that `dataclasses.asdict` has made a document of, also by way of JSON.

    Raises KeyError or TypeError for a document that another version of this program has written.
    """
    return Definitions(
        tuple(_comparison(fields) for fields in document["comparisons"]),
        tuple(BlockingRule(**fields) for fields in document["rules"]),
    )


def _comparison(fields: Mapping[str, Any]) -> Comparison:
    levels = tuple(Level(**{**level, "given": tuple(level["given"])}) for level in fields["levels"])
    return Comparison(**{**fields, "levels": levels, "shown": tuple(fields["shown"])})

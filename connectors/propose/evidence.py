"""What is known of one column: its name's meanings, and what its texts look like; computed when it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from connectors.propose import value_kinds
from connectors.propose.dates import Dates, epoch_unit, formats_of
from connectors.propose.header import is_somebody_elses, meanings
from connectors.propose.numbers import NumberStyle, number_style

if TYPE_CHECKING:
    from connectors.propose.header import Meaning
    from connectors.propose.sample import Column

_LETTERS = re.compile(r"[^\W\d_]")


@dataclass
class Evidence:
    """One column and what speaks for its being one attribute or another."""

    column: Column
    place: int
    day_first: bool | None = None
    shares: dict[str, float] = field(default_factory=dict)

    def share(self, kind: str) -> float:
        """Return the share of its texts that are of a kind of `value_kinds`."""
        if kind not in self.shares:
            self.shares[kind] = value_kinds.share(self.column.filled, kind)
        return self.shares[kind]

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """What its name may mean."""
        return meanings(self.column.name)

    @cached_property
    def somebody_elses(self) -> bool:
        """Whether its name says that it is about another one."""
        return is_somebody_elses(self.column.name)

    @cached_property
    def dates(self) -> Dates:
        """How its dates are written."""
        return formats_of(value_kinds.spread(self.column.filled), day_first=self.day_first)

    @cached_property
    def epoch(self) -> str:
        """The unit of a time since 1970, empty where it is none."""
        return epoch_unit(value_kinds.spread(self.column.filled))

    @cached_property
    def numbers(self) -> NumberStyle:
        """How its numbers are written."""
        return number_style(value_kinds.spread(self.column.filled))

    @cached_property
    def lettered(self) -> float:
        """The share of its texts that have a letter."""
        texts = value_kinds.spread(self.column.filled)
        return sum(bool(_LETTERS.search(text)) for text in texts) / len(texts) if texts else 0.0

    @cached_property
    def length(self) -> float:
        """How many characters its texts have, on the average."""
        texts = value_kinds.spread(self.column.filled)
        return sum(map(len, texts)) / len(texts) if texts else 0.0

    @cached_property
    def distinct(self) -> int:
        """How many different texts it has."""
        return self.column.distinct

    @cached_property
    def values(self) -> dict[str, int]:
        """Its texts with their counts, where they are few; empty where they are many."""
        counts: dict[str, int] = {}
        for text in self.column.filled:
            counts[text.strip()] = counts.get(text.strip(), 0) + 1
            if len(counts) > _FEW:
                return {}
        return counts

    @property
    def moment(self) -> float:
        """The share of its texts that are dates or times."""
        return 1.0 if self.epoch else self.dates.share


_FEW = 40

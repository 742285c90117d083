"""Spells like cases alike: by what speaks for one customer and against it, not by the values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matching.comparison import Comparison
    from stewardship.drafts import Draft

LEAST_ALIKE = 6
"""From so many like cases on they have a pattern."""


def patterns(drafts: Iterable[Draft], comparisons: Iterable[Comparison]) -> Mapping[str, str]:
    """Return the pattern of each item that has one, by its id.

    It is for items of one question, as `apart · phone: given nickname, family exact`: whether the two are published
    apart or together, the blocking rule that brought them together, and the levels of the comparisons that say
    something.
    """
    compared = tuple(comparisons)
    spelled = {draft.item_id: _spelled(draft, compared) for draft in drafts}
    alike = Counter(pattern for pattern in spelled.values() if pattern)
    return {item_id: pattern for item_id, pattern in spelled.items() if pattern and alike[pattern] >= LEAST_ALIKE}


def _spelled(draft: Draft, comparisons: tuple[Comparison, ...]) -> str | None:
    asked = draft.questions[0]
    if len(draft.questions) > 1 or asked.match_key is None:
        return None
    levels = [
        f"{comparison.name} {level.name}"
        for comparison, gamma in zip(comparisons, asked.gammas, strict=False)  # equal records have none
        if (level := comparison.level_of(gamma)) is not None
    ]
    side = "together" if len(draft.golden_ids) == 1 else "apart"
    return f"{side} · {asked.match_key}: {', '.join(levels)}"

"""The one sentence that says why something waits, in words of the evidence: what is shared, and what is against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stewardship.card.waterfall import Evidence, WaterfallStep

_MOST_FOR = 3
_MOST_AGAINST = 2
_TOLD_BITS = 0.5
"""Evidence of less is not worth a word."""
_LONGEST = 40
_SAME = "same "


def sentence_of(evidence: Evidence) -> str:
    """Return one sentence for a person: what speaks for one customer, and what against it, with the values."""
    weighty = [step for step in evidence.steps if abs(step.bits) >= _TOLD_BITS]
    speaking = sorted((step for step in weighty if step.bits > 0), key=lambda step: (-step.bits, step.label))
    against = sorted((step for step in weighty if step.bits < 0), key=lambda step: (step.bits, step.label))
    shared = _listed(_joined([step.label for step in speaking[:_MOST_FOR]]))
    unlike = _listed([_with_values(step) for step in against[:_MOST_AGAINST]])
    if shared and unlike:
        told = f"{shared}, but {unlike}"
    elif shared:
        told = (
            f"{shared}, and nothing against it"
            if evidence.probability >= evidence.needed
            else f"{shared}: too little to be sure"
        )
    elif unlike:
        told = f"nothing shared that tells much, and {unlike}"
    else:
        told = "neither says anything that tells whether they are one"
    return f"{told[0].upper()}{told[1:]}."


def _joined(labels: Sequence[str]) -> list[str]:
    """Return the labels, those that say that something is the same as one: `same phone number and street address`."""
    same = [label.removeprefix(_SAME) for label in labels if label.startswith(_SAME)]
    others = [label for label in labels if not label.startswith(_SAME)]
    plain = [label for label in same if "," not in label]
    qualified = [f"{_SAME}{label}" for label in same if "," in label]
    return [*([f"{_SAME}{_listed(plain)}"] if plain else []), *others, *qualified]


def _with_values(step: WaterfallStep) -> str:
    if not step.left or not step.right or step.left == step.right:
        return step.label
    return f"{step.label}: {_short(step.left)} and {_short(step.right)}"


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def _listed(parts: Sequence[str]) -> str:
    """Return the parts as one lists them when speaking."""
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)

"""Shares that are given by hand: they stay as they are, and the others of a comparison make room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matching.arrays import Flags, Floats
    from matching.comparison import Comparison

_OF_CLASSES = 2
"""Match and household are estimated as one whole per comparison; the shares of random pairs are counted one by one."""


def given_shares(comparison: Comparison) -> tuple[Floats, Flags]:
    """Return the shares given by hand, a row per level in the order of the gammas, and where there are any."""
    given = np.array([level.given for level in comparison.levels[::-1]], np.float64)
    return given, ~np.isnan(given)


def hold(comparison: Comparison, shares: Floats, *, scaled: bool = True) -> Floats:
    """Return `shares`, rows in the order of the gammas, with those given by hand in their places.

    Where some are given, the others of the same class are `scaled` so that all together make one.
    """
    given, by_hand = given_shares(comparison)
    held: Floats = np.where(by_hand, given, shares)
    for column in range(_OF_CLASSES if scaled else 0):
        fixed, free = by_hand[:, column], ~by_hand[:, column]
        if fixed.any() and free.any():
            held[free, column] *= (1 - given[fixed, column].sum()) / shares[free, column].sum()
    return held

"""Why the model holds two customers to be one or not, step by step in bits, as the night weighed them.

Of two customers it is what they weigh as wholes, which is what decides; of two records that were never compared, what
they would weigh. Keeps this: `start` and the bits of all steps add up to `weight`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matching.evidence import levels_of, tuple_numbers, waterfall, workbench
from matching.whole import weigh_groups

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from duckdb import DuckDBPyConnection

    from matching.evidence import Waterfall
    from matching.model import Model
    from matching.whole import AsAWhole, Conflict

Basis = Literal["customers", "records", "never compared"]
"""What was weighed: two customers with all their records; two records; two records as if they had been compared."""

TOLD_BITS = 0.05
"""A step of less is left out of the list; all such steps are one, at its end."""


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One comparison: what it says, the values of either side, its bits, and the weight after it."""

    label: str
    bits: float
    total: float
    left: str | None = None
    right: str | None = None
    aside: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of one pair: from `start`, what was to be expected before looking, step by step to `weight`.

    `needed` is the probability that merging takes. `conflicts` are what two customers do not agree on.
    """

    basis: Basis
    left: str
    right: str
    start: float
    steps: tuple[WaterfallStep, ...]
    weight: float
    probability: float
    needed: float
    conflicts: tuple[Conflict, ...] = ()


def of_customers(
    con: DuckDBPyConnection,
    model: Model,
    sides: tuple[Collection[str], Collection[str]],
    names: tuple[str, str],
) -> Evidence | None:
    """Return how two customers weigh, by their distinct records; None where none was compared with any other's."""
    whole = weigh_groups(con, model, sorted(sides[0]), sorted(sides[1]))
    if whole.weight is None or whole.probability is None or whole.prior_bits is None:
        return None
    return Evidence(
        "customers",
        *names,
        whole.prior_bits,
        _steps(whole.prior_bits, _of_whole(whole)),
        whole.weight,
        whole.probability,
        model.merge_at,
        whole.conflicts,
    )


def of_records(con: DuckDBPyConnection, model: Model, nodes: tuple[str, str], names: tuple[str, str]) -> Evidence:
    """Return how two distinct records weigh against each other, as stored or as they would."""
    stored = con.execute(_GAMMAS_SQL, [min(nodes), max(nodes)]).fetchall()
    with workbench(con, nodes, model, rooted=False) as scratch:
        tuples = tuple_numbers(scratch)
        sides = tuples[nodes[0]], tuples[nodes[1]]
        gammas = stored[0][0] if stored else levels_of(scratch, model, *sides)
        found = waterfall(scratch, model, sides, gammas)
    basis: Basis = "records" if stored else "never compared"
    steps = _steps(found.prior_bits, _of_pair(found))
    return Evidence(basis, *names, found.prior_bits, steps, found.weight, found.probability, model.merge_at)


_Told = tuple[str, float, str | None, str | None, str | None]


def _of_whole(whole: AsAWhole) -> Iterable[_Told]:
    for step in whole.steps:
        yield step.words, step.bits, step.left, step.right, step.aside
    if whole.crowd_bits:
        yield "several records say just this, and may be several people", whole.crowd_bits, None, None, None


def _of_pair(found: Waterfall) -> Iterable[_Told]:
    for step in found.steps:
        if step.level is not None:
            rare = f"one in {step.one_in} has it" if step.one_in and step.one_in > 1 else None
            yield step.words, step.bits, step.left, step.right, rare


def _steps(start: float, told: Iterable[_Told]) -> tuple[WaterfallStep, ...]:
    """Return the steps with running totals, the least of them gathered in one at the end."""
    steps, total, rest = [], start, 0.0
    for label, bits, left, right, aside in told:
        if abs(bits) < TOLD_BITS:
            rest += bits
            continue
        total += bits
        steps.append(WaterfallStep(label, bits, total, left, right, aside))
    if rest:
        steps.append(WaterfallStep("everything else", rest, total + rest))
    return tuple(steps)


_GAMMAS_SQL = "SELECT gammas FROM matching.pair WHERE distinct_record_id_l = ? AND distinct_record_id_r = ?"

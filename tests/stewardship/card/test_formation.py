"""How a customer was formed, and where it would break."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest

from stewardship.card.formation import Formation, formation
from warehouse.connection import open_memory
from warehouse.tables.matching import PAIR
from warehouse.tables.nightly import MERGE

if TYPE_CHECKING:
    from collections.abc import Sequence

WHO = {name: ("crm", name) for name in "abcdef"}


def formed(
    merges: Sequence[tuple[int, str, str, float | None, float]], pairs: dict[tuple[str, str], float]
) -> Formation | None:
    """Return the formation of distinct records that merged so, one source record each."""
    names = sorted({name for _, one, other, *_ in merges for name in (one, other)} or "a")
    with open_memory() as con:
        con.execute("CREATE SCHEMA matching")
        for spec in (MERGE, PAIR):
            con.execute(spec.create_sql())
        for merge in merges:
            con.execute("INSERT INTO matching.merge VALUES (?, ?, ?, ?, ?, 1)", list(merge))
        for (one, other), weight in pairs.items():
            con.execute("INSERT INTO matching.pair VALUES (?, ?, 'rule', [], ?, 0.9)", [one, other, weight])
        return formation(con, "A", "cus_1", {WHO[name]: name for name in names})


TWO_AND_TWO = [(2, "a", "b", 12.0, 0.999), (2, "c", "d", 11.0, 0.998), (3, "a", "c", 4.0, 0.96)]
PAIRS = {("a", "b"): 12.0, ("c", "d"): 11.0, ("b", "c"): 4.0}


def test_the_bridge_is_the_weakest_merge() -> None:
    found = formed(TWO_AND_TWO, PAIRS)
    assert found is not None
    assert found.bridge is not None
    assert (found.bridge.left, found.bridge.right) == ((WHO["a"], WHO["b"]), (WHO["c"], WHO["d"]))
    assert (found.bridge.probability, found.bridge.firmest) == (0.96, 4.0)
    assert [merge.is_bridge for merge in found.merges] == [False, False, True]
    assert {(tie.left[1], tie.right[1]) for tie in found.ties if tie.crosses} == {("b", "c")}


def test_who_came_later_goes_with_whom_it_is_tied_to() -> None:
    """The bridge is in the middle: what merged after it is of the side that it is like."""
    merges = [(2, "a", "b", 4.0, 0.96), (3, "a", "c", 9.0, 0.99)]
    found = formed(merges, {("a", "b"): 4.0, ("b", "c"): 9.0})
    assert found is not None
    assert found.bridge is not None
    assert (found.bridge.left, found.bridge.right) == ((WHO["b"], WHO["c"]), (WHO["a"],))


@pytest.mark.parametrize("by", [0, 1])
def test_what_is_certain_is_no_bridge(by: int) -> None:
    """What says the same, or was decided, does not break; the weakest by evidence does."""
    found = formed([(by, "a", "b", None, 1.0), (2, "a", "c", 20.0, 0.9999)], {("a", "c"): 20.0})
    assert found is not None
    assert found.bridge is not None
    assert found.bridge.right == (WHO["c"],)
    found = formed([(by, "a", "b", None, 1.0)], {})
    assert found is not None
    assert found.bridge is None


def test_one_record_was_not_formed() -> None:
    assert formed([], {}) is None


def test_breaking_parts_every_customer_in_two() -> None:
    """Whatever merged in whatever order: both sides hold somebody, and together everybody once."""
    names = "abcdef"
    for seed in range(10):
        left = list(names)
        merges: list[tuple[int, str, str, float | None, float]] = []
        for step in range(len(names) - 1):
            one, other = sorted((left[(seed + step) % len(left)], left[(seed * 7 + step + 1) % len(left)]))
            if one == other:
                one, other = sorted(left[:2])
            left.remove(other)
            merges.append((step + 2, one, other, float(3 + (seed * step) % 11), 0.95))
        pairs = {(one, other): float((seed + ord(one) * ord(other)) % 13) for one, other in combinations(names, 2)}
        found = formed(merges, pairs)
        assert found is not None
        assert found.bridge is not None
        assert found.bridge.left
        assert found.bridge.right
        assert sorted((*found.bridge.left, *found.bridge.right)) == [WHO[name] for name in names]
        assert all(one.probability <= 1 for one, _ in pairwise(found.merges))

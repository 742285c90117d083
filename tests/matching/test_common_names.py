"""Common names and the roots of rare ones: within a letter of the name, common themselves, whatever the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.attributes.nickname import known_given_names
from matching.common_names import LEAST_LETTERS, add_roots, load_common_names, mark_common_names
from warehouse.connection import open_memory

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

RECORDS = {"given": 1000, "family": 1000}
FREQUENCIES = {"hansen": 0.05, "jansen": 0.02, "ng": 0.05, "amsel": 0.01, "rare": 0.004, "hanson": 0.005}
COMMON = FREQUENCIES.keys() - {"rare"}


def rooted(families: Iterable[str], givens: Iterable[str] = (), *, threads: int = 2) -> dict[str, tuple[bool, str]]:
    """Return of each name whether it is common, and its root, under the frequencies above."""
    rows = [(None, name) for name in families] + [(name, None) for name in givens]
    with open_memory(threads=threads) as scratch:
        names = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)] or [pa.array([], pa.string())] * 2
        scratch.register("told", pa.table(dict(zip(("given", "family"), names, strict=True))))
        scratch.execute("CREATE TABLE feature AS SELECT row_number() OVER () - 1 AS tuple_no, * FROM told")
        frequency = pa.table({"value": list(FREQUENCIES), "frequency": list(FREQUENCIES.values())})
        scratch.register("frozen", frequency)
        scratch.execute("CREATE TABLE frequency AS SELECT 'family' AS attribute, * FROM frozen")
        load_common_names(scratch, RECORDS)
        mark_common_names(scratch, "feature")
        add_roots(scratch)
        found = scratch.execute("""
            SELECT coalesce(given, family), CASE WHEN given IS NULL THEN family_is_common ELSE given_is_common END,
                coalesce(given_root, family_root)
            FROM feature
        """).fetchall()
    assert len(found) == len(rows)
    return {name: (is_common, root) for name, is_common, root in found}


def one_edit(name: str, other: str) -> bool:
    """Tell by trying whether a letter added, left out, changed or two swapped make one name of the other."""
    letters = set(name + other)
    cuts = [(name[:place], name[place:]) for place in range(len(name) + 1)]
    edited = {a + b[1:] for a, b in cuts} | {a + letter + b for a, b in cuts for letter in letters}
    edited |= {a + letter + b[1:] for a, b in cuts if b for letter in letters}
    edited |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    return other in edited


def test_what_enough_records_bear_is_common_and_so_is_a_known_given_name() -> None:
    found = rooted(FREQUENCIES, ["mary"])
    assert {name for name in FREQUENCIES if found[name][0]} == COMMON
    assert "mary" in known_given_names()
    assert found["mary"][0]


def test_an_initial_is_no_common_name() -> None:
    assert not rooted([], ["a"])["a"][0]


@pytest.mark.parametrize(
    ("family", "root"),
    [
        ("hansen", "hansen"),
        ("hannsen", "hansen"),
        ("hanse", "hansen"),
        ("hamsen", "hansen"),
        ("hasnen", "hansen"),
        ("xansen", "hansen"),
        ("jansenn", "jansen"),
        ("hannnsen", "hannnsen"),
        ("ngo", "ngo"),
        ("nng", "nng"),
        ("rarer", "rarer"),
    ],
)
def test_a_rare_name_is_meant_for_the_commonest_within_one_letter(family: str, root: str) -> None:
    assert rooted([family])[family][1] == root


def test_a_known_given_name_that_nobody_bears_is_nobodys_root() -> None:
    assert rooted([], ["maryy"])["maryy"] == (False, "maryy")


NAMES = st.one_of(
    st.sampled_from(sorted(FREQUENCIES)),
    st.builds(
        lambda name, place, letter, cut: name[:place] + letter + name[place + cut :],
        st.sampled_from(sorted(FREQUENCIES)),
        st.integers(0, 6),
        st.sampled_from(["", "a", "n", "x"]),
        st.integers(0, 2),
    ),
).filter(bool)


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_root_is_common_and_a_letter_away_whatever_the_order(names: list[str], dice: random.Random) -> None:
    found = rooted(names)
    for name, (is_common, root) in found.items():
        near = [other for other in COMMON if len(other) >= LEAST_LETTERS and one_edit(name, other)]
        if is_common or len(name) < LEAST_LETTERS or not near:
            assert root == name
        else:
            assert root == max(near, key=lambda other: FREQUENCIES[other])
    assert rooted(dice.sample(names, len(names)), threads=1) == found

"""What stopped a night is found in the chain of what was raised from what, even where the chain is a ring."""

from __future__ import annotations

from pipelines.run_nightly import causes


def test_the_chain_ends_at_the_first_error() -> None:
    outer, inner = RuntimeError("outer"), ValueError("inner")
    outer.__cause__ = inner
    assert list(causes(outer)) == [outer, inner]


def test_a_ring_of_errors_is_walked_once() -> None:
    one, other = RuntimeError("one"), ValueError("other")
    one.__cause__, other.__context__ = other, one
    assert list(causes(one)) == [one, other]

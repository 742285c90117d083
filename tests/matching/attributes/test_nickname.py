"""Nicknames: a set of names that one may stand for, and how near two names are."""

from __future__ import annotations

from matching.attributes.nickname import canonical_names, known_given_names, nickname_grade


def test_a_nickname_may_stand_for_several_names_and_always_for_itself() -> None:
    assert {"bill", "robert", "william"} <= set(canonical_names("bill"))
    assert canonical_names("nobodyscalledthis") == ("nobodyscalledthis",)


def test_a_canonical_name_does_not_stand_for_its_nickname() -> None:
    assert "bill" not in canonical_names("william")
    assert "bob" not in canonical_names("robert")


def test_nearness_is_graded() -> None:
    assert nickname_grade("ann", "ann") == 3
    assert nickname_grade("bill", "william") == nickname_grade("william", "bill") == 2
    assert nickname_grade("bob", "rob") >= 1
    assert nickname_grade("bill", "peggy") == 0


def test_known_names_are_folded() -> None:
    assert {"robert", "peggy"} <= known_given_names()
    assert all(name == name.casefold() for name in known_given_names())

"""What the log says of why: the record, the decision, or what changed for everybody, in words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from golden.what_changed import FIRST_RELEASE, MATCHED_ANEW, PROGRAM, Causes, what_changed
from warehouse.program import RESOLUTION
from warehouse.run import Base, Run
from warehouse.settings.digest import deciding

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.golden.conftest import History, Record
    from warehouse.settings import Settings

NOW = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC by design
ANN = {"full_name": "Ann Quist", "emails": ["ann@mail.example"]}


def causes(history: History, event: str) -> set[str]:
    """Return the causes of tonight's events of a kind."""
    tonight = f"r{len(history.releases) + 1}"
    query = "SELECT cause FROM golden.change WHERE release_id = ? AND event = ?"
    return {cause for (cause,) in history.con.execute(query, [tonight, event]).fetchall()}


def test_a_changed_record_is_named_with_what_changed_of_it(history: History, record: type[Record]) -> None:
    history.night([[record("a", delivered=ANN)], ["b"]]).publish()
    moved = ANN | {"emails": ["a@mail.example"], "street": "9 Alder St"}
    history.night([[record("a", delivered=moved, said={"clean_emails": ["a@mail.example"]})], ["b"]])
    assert causes(history, "updated") == {"record s:a changed: email, street"}


def test_many_changes_are_counted(history: History, record: type[Record]) -> None:
    history.night([[record("a", delivered=ANN)]]).publish()
    much = dict.fromkeys(("given_name", "family_name", "street", "city", "region"), "x")
    history.night([[record("a", delivered=ANN | much, said={"clean_city": "X"})]])
    assert causes(history, "updated") == {"record s:a changed: city, family name and 3 more"}


def test_a_corrected_key_is_told_on_both_sides(history: History, record: type[Record]) -> None:
    history.night([[record("a", delivered=ANN)], ["b"]]).publish()
    history.night([[record("a2", delivered=ANN)], ["b"]])
    assert causes(history, "detached") == {"record s:a deleted, and delivered as s:a2"}
    assert causes(history, "attached") == {"record s:a2 new, in place of s:a"}


def test_a_record_that_is_back_is_told_from_a_new_one(history: History, record: type[Record]) -> None:
    ann = record("a", delivered=ANN)
    history.night([[ann], ["b"]]).publish()
    history.night([["b"]]).publish()
    history.night([[ann], ["b"]])
    assert causes(history, "revived") == {"record s:a back as it was"}
    history.night([[record("a", delivered=ANN | {"city": "Salem"})], ["b"]])
    assert causes(history, "created") == {"record s:a back, and says something else"}


def test_a_decision_that_parts_and_its_revocation(history: History) -> None:
    together, apart = [["a", "b", "c"]], [["a"], ["b", "c"]]
    history.night(apart).publish()
    history.night(together).publish()
    decided = (12, "different", "a", "b")
    history.night(apart, decisions=[decided]).publish()
    said = "decision 12 by ann: different"
    assert set(history.rows("SELECT DISTINCT cause FROM golden.change WHERE release_id = 'r3'")) == {(said,)}
    history.night(together)
    assert causes(history, "merged") == {f"{said}, which binds no longer"}


def ruling(kind: str, key: str | None = None, **more: object) -> dict[str, object]:
    return {"ruling": kind, "source_l": "s" if key else None, "source_record_id_l": key, **more}


def updated_customers(history: History) -> list[tuple[str, str]]:
    """Return of tonight's updated customers one of their records and the cause."""
    return history.con.execute(
        "SELECT min(c.source_record_id), cause FROM golden.change JOIN golden.crosswalk AS c USING (golden_id)"
        " WHERE release_id = ? AND event = 'updated' AND change.source IS NULL GROUP BY golden_id, cause ORDER BY ALL",
        [f"r{len(history.releases) + 1}"],
    ).fetchall()


def test_a_pin_its_end_and_its_revocation_change_just_the_customer_it_is_of(history: History) -> None:
    both = [["a", "b"], ["c"]]
    until = datetime(2026, 1, 5)  # noqa: DTZ001 - naive UTC by design
    lasting = ruling("pin", "b", attribute="city", value="Reno")
    ending = ruling("pin", "c", attribute="city", value="Elko", until=until)
    history.night(both).publish()
    history.night(both, rulings=[lasting, ending])
    assert updated_customers(history) == [("a", "decision 1 by ann: pin"), ("c", "decision 2 by ann: pin")]
    history.publish().night(both, rulings=[lasting, ending])
    assert updated_customers(history) == []
    history.publish().night(both, rulings=[lasting, ending])
    assert updated_customers(history) == [("c", "decision 2 by ann: pin, which binds no longer")]
    history.publish().night(both, rulings=[{**lasting, "ruling": "unsure"}])
    assert updated_customers(history) == [("a", "decision 1 by ann: pin, which binds no longer")]


def test_a_pin_that_changes_nothing_explains_nothing(history: History, record: type[Record]) -> None:
    def ann(city: str) -> Record:
        return record("a", delivered=ANN | {"city": city}, said={"clean_city": city, "clean_given_name": city})

    history.night([[ann("Reno")]]).publish()
    history.night([[ann("Reno")]], rulings=[ruling("pin", "a", attribute="city", value="Reno")])
    assert updated_customers(history) == []
    history.night([[ann("Elko")]], rulings=[ruling("pin", "a", attribute="city", value="Reno")])
    assert updated_customers(history) == [("a", "record s:a changed: city")]


def test_a_record_that_a_steward_ruled_out_and_its_return(history: History) -> None:
    history.night([["a", "b"]]).publish()
    ruled = ruling("not_a_customer", "b")
    history.night([["a"]], excluded={"b": "not_a_customer"}, rulings=[ruled])
    assert causes(history, "detached") == {"record s:b excluded: decision 1 by ann"}
    assert updated_customers(history) == [("a", "record s:b excluded: decision 1 by ann")]
    history.night([["a"]], excluded={"b": "not_a_customer"}, rulings=[ruled], changed=["b"])
    assert history.rows("SELECT cause FROM golden.change WHERE event = 'detached'") == [
        ("record s:b excluded: decision 1 by ann",)
    ]
    history.publish().night([["a", "b"]])
    assert causes(history, "attached") == {"record s:b counts again: decision 1 by ann binds no longer"}


def test_a_placeholder_explains_the_customers_that_carry_it(history: History, record: type[Record]) -> None:
    def said(email: str) -> dict[str, object]:
        return {"clean_emails": [email], "emails": [email]}

    one, other = (record(key, said=said("desk@shop.example")) for key in "ab")
    third = record("c", said=said("c@mail.example"))
    history.night([[one, other], [third]]).publish()
    void = ruling("placeholder", attribute="email", value="Desk@shop.example")
    history.night([[one], [other], [third]], rulings=[void], shared=[("email", "desk@shop.example")])
    assert causes(history, "created") == {"decision 1 by ann: placeholder"}
    assert causes(history, "attached") == {"decision 1 by ann: placeholder"}
    assert updated_customers(history) == [("a", "decision 1 by ann: placeholder")]


def test_of_a_decision_and_a_record_each_explains_its_own(history: History) -> None:
    history.night([["a"], ["b", "c"]]).publish()
    history.night([["a", "b", "c", "d"]], decisions=[(3, "same", "a", "b"), (4, "same", "a", "c")])
    assert causes(history, "merged") == {"decision 3 by ann: same, and 1 more"}
    assert causes(history, "attached") == {"decision 3 by ann: same, and 1 more", "record s:d new"}
    assert causes(history, "updated") == {"record s:d new"}


def test_a_decision_that_changed_nothing_explains_nothing(history: History) -> None:
    history.night([["a", "b"], ["c"]]).publish()
    history.night([["a", "b", "c"]], decisions=[(3, "same", "a", "b")])
    assert causes(history, "merged") == {MATCHED_ANEW}


def night_after(settings: Settings, now: Settings, model: str = "m1", program: str | None = None) -> Causes:
    """Return the causes of a night with the settings `now` on a base that was made with `settings`."""
    versions = {} if program is None else {RESOLUTION: program}
    base = Base("r1", Path(), (), NOW, "m1", deciding(settings), versions)
    return what_changed(now, Run("run", Path(), NOW, base, "r1"), model)


@pytest.mark.parametrize(
    ("more", "identity", "value"),
    [
        ({"matching": {"merge_at": 0.95}}, "matching.merge_at 0.95 (was auto)", "matching.merge_at 0.95 (was auto)"),
        (
            {"survivorship": {"attributes": {"email": ["recency"]}}},
            MATCHED_ANEW,
            "survivorship.attributes.email recency (was not set)",
        ),
        ({"country": "CA"}, "country CA (was US)", "country CA (was US)"),
        (
            {"matching": {"placeholders": {"email": ["ann@mail.example"]}}},
            "matching.placeholders.email changed",
            "matching.placeholders.email changed",
        ),
        ({"gate": {"max_split_customers": 0.5}, "matching": {"labels": "l.csv"}}, MATCHED_ANEW, MATCHED_ANEW),
    ],
)
def test_changed_settings_are_named(
    with_settings: Callable[..., Settings], more: dict[str, object], identity: str, value: str
) -> None:
    assert night_after(with_settings(), with_settings(**more)) == Causes(identity, value)


def test_a_new_model_and_another_program_are_named(with_settings: Callable[..., Settings]) -> None:
    same = with_settings()
    strict = with_settings(matching={"merge_at": 0.95})
    found = night_after(same, strict, model="m2", program="older")
    assert found.identity == f"model m2 (was m1); matching.merge_at 0.95 (was auto); {PROGRAM}"
    assert night_after(same, same) == Causes(MATCHED_ANEW, MATCHED_ANEW)


def test_the_first_release_and_a_rollback_explain_all(with_settings: Callable[..., Settings]) -> None:
    assert what_changed(with_settings(), Run("run", Path(), NOW), "m1") == Causes(FIRST_RELEASE, FIRST_RELEASE)
    base = Base("r1", Path(), (), NOW, "m1")
    rolled_back = what_changed(with_settings(), Run("run", Path(), NOW, base, "r3"), "m2")
    assert rolled_back == Causes("rolled back r3", "rolled back r3")

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from golden.rules import ADDRESS_PARTS, RULES, rules_of
from warehouse.tables.golden import ATTRIBUTES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.golden.conftest import History, Record
    from warehouse.settings import Settings

OLD, MIDDLE, NEW = (datetime(year, 1, 1) for year in (2020, 2022, 2024))  # noqa: DTZ001 - naive UTC


def customer(history: History) -> dict[str, Any]:
    """Return the only customer."""
    rows = history.con.execute("SELECT to_json(customer)::VARCHAR FROM golden.customer").fetchall()
    assert len(rows) == 1
    found = history.con.execute("FROM golden.customer")
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchall()[0], strict=True))


def provenance(history: History, attribute: str) -> tuple[str, str, str, list[str]]:
    """Return value, record, rule and the values that lost."""
    ((value, key, rule, lost),) = history.con.execute(
        "SELECT value, source_record_id, rule, list_transform(alternatives, lambda lost: lost.value)"
        " FROM golden.provenance WHERE attribute = ?",
        [attribute],
    ).fetchall()
    return value, key, rule, lost


def test_trust_decides_then_recency_then_frequency(history: History, record: type[Record]) -> None:
    history.night(
        [
            [
                record("a", trust=80, updated_at=OLD, said={"birth_date": date(1980, 1, 1)}),
                record("b", trust=80, updated_at=MIDDLE, said={"birth_date": date(1980, 2, 2)}),
                record("c", trust=40, updated_at=NEW, said={"birth_date": date(1980, 3, 3)}),
                record("d", trust=40, updated_at=NEW, said={"birth_date": date(1980, 3, 3)}),
            ]
        ]
    )
    assert customer(history)["birth_date"] == date(1980, 2, 2)
    assert provenance(history, "birth_date") == ("1980-02-02", "b", "recency", ["1980-01-01", "1980-03-03"])


def test_every_rule_can_decide(new_history: Callable[..., History], record: type[Record]) -> None:
    members = [
        record("a", trust=80, at=OLD, said={"clean_organisation": "Elm"}),
        record("b", trust=60, at=NEW, said={"clean_organisation": "Oak"}),
        record("c", trust=60, at=MIDDLE, said={"clean_organisation": "Ash"}),
        record("d", trust=50, at=MIDDLE, said={"clean_organisation": "Ash"}),
        record("e", trust=50, said={"clean_organisation": "Cherry"}),
    ]
    decided = {}
    for rule in RULES:
        settings_ = {"survivorship": {"attributes": {"organisation": [rule.name]}}}
        history = new_history()
        history.settings = history.settings.model_validate({**history.settings.model_dump(by_alias=True), **settings_})
        history.night([members])
        decided[rule.name] = provenance(history, "organisation")[:3]
    assert decided == {
        "trust": ("Elm", "a", "trust"),
        "recency": ("Oak", "b", "recency"),
        "frequency": ("Ash", "c", "frequency"),
        "completeness": ("Cherry", "e", "completeness"),
    }


def test_a_tie_in_everything_goes_to_the_least_record(history: History, record: type[Record]) -> None:
    history.night([[record("b", said={"clean_organisation": "Elm"}), record("a", said={"clean_organisation": "Oak"})]])
    assert provenance(history, "organisation") == ("Oak", "a", "record order", ["Elm"])


def test_nothing_had_to_be_decided(history: History, record: type[Record]) -> None:
    history.night([[record("b", said={"clean_organisation": "Elm"}), record("a", said={"clean_organisation": "Elm"})]])
    assert provenance(history, "organisation") == ("Elm", "a", "only value", [])
    assert customer(history)["full_name"] == "Elm"


def test_the_parts_of_an_address_come_from_one_record(history: History, record: type[Record]) -> None:
    home = {"clean_street": "5 Elm St", "clean_city": "Salem", "clean_postal_code": "97301"}
    moved = {"clean_street": "9 Oak Ave", "clean_unit": "Apt 2", "clean_city": "Reno", "clean_region": "NV"}
    history.night([[record("a", updated_at=NEW, said=home), record("b", updated_at=OLD, said=moved)]])
    assert [customer(history)[part] for part in ADDRESS_PARTS] == ["5 Elm St", None, "Salem", None, "97301", None]
    assert provenance(history, "city") == ("Salem", "a", "recency", ["Reno"])
    assert history.rows("SELECT count(*) FROM golden.provenance WHERE attribute = 'unit'") == [(0,)]


def test_the_fuller_form_of_the_same_address_is_published(history: History, record: type[Record]) -> None:
    part = {"clean_street": "5 Elm St", "clean_city": "Salem"}
    whole = {"clean_street": "5 ELM St", "clean_unit": "2", "clean_city": "Salem", "clean_region": "OR"}
    other = {"clean_street": "9 Oak Ave", "clean_unit": "2", "clean_city": "Reno", "clean_region": "NV"}
    members = [record("a", trust=90, said=part), record("b", said=whole), record("c", trust=80, said=other)]
    history.night([members])
    assert [customer(history)[name] for name in ADDRESS_PARTS] == ["5 ELM St", "2", "Salem", "OR", None, None]
    assert provenance(history, "street") == ("5 ELM St", "b", "completeness", ["5 Elm St", "9 Oak Ave"])


def test_a_town_alone_does_not_beat_an_address(history: History, record: type[Record]) -> None:
    town = record("a", trust=90, said={"clean_city": "Salem"})
    history.night([[town, record("b", trust=1, said={"clean_street": "9 Oak Ave", "clean_city": "Reno"})]])
    assert provenance(history, "city") == ("Reno", "b", "completeness", ["Salem"])


def named(given: str | None, family: str | None, middle: str | None = None) -> dict[str, Any]:
    return {"clean_given_name": given, "clean_family_name": family, "clean_middle_name": middle}


def test_an_initial_never_beats_the_name_it_may_stand_for(history: History, record: type[Record]) -> None:
    history.night(
        [
            [
                record("a", trust=90, said=named("J.", "Smith")),
                record("b", trust=20, said=named("John", "SMITH", "Q")),
                record("c", trust=80, said=named("Mary", "Smith")),
                record("d", trust=10, said=named("John", "SMITH", "Quincy")),
            ]
        ]
    )
    found = customer(history)
    assert (found["given_name"], found["middle_name"], found["family_name"]) == ("John", "Quincy", "SMITH")
    assert found["full_name"] == "John Quincy SMITH"
    assert provenance(history, "given_name") == ("John", "b", "completeness", ["J.", "Mary"])
    assert provenance(history, "middle_name") == ("Quincy", "d", "completeness", ["Q"])


def test_an_initial_may_beat_a_name_it_does_not_stand_for(history: History, record: type[Record]) -> None:
    history.night([[record("a", trust=90, said=named("J", "Smith")), record("b", said=named("Mary", "Smith"))]])
    assert customer(history)["full_name"] == "J Smith"


def test_a_whole_name_beats_a_part_and_a_guess(history: History, record: type[Record]) -> None:
    guess = record("a", trust=90, said={**named("John", "Smithe"), "name_from_email": True})
    part = record("b", trust=95, said=named(None, "Smythe"))
    history.night([[guess, part, record("c", trust=1, said=named("John", "Smith"))]])
    assert customer(history)["full_name"] == "John Smith"


def test_a_middle_name_of_another_name_is_not_taken(history: History, record: type[Record]) -> None:
    history.night([[record("a", trust=90, said=named("John", "Smith")), record("b", said=named("Jon", "Smith", "Q"))]])
    assert customer(history)["full_name"] == "John Smith"


def test_contacts_and_identifiers(history: History, record: type[Record]) -> None:
    first = {
        "clean_emails": ["b@x.example", "a@x.example"],
        "clean_phones": ["+12065550101"],
        "identifiers": ["loyalty:7", "tax:a:b"],
    }
    second = {"clean_emails": ["a@x.example"], "identifiers": ["loyalty:3"]}
    history.night([[record("1", said=first, extras={"colour": "red"}), record("2", said=second)]])
    found = customer(history)
    assert (found["email"], found["emails"]) == ("a@x.example", ["a@x.example", "b@x.example"])
    assert (found["phone"], found["phones"]) == ("+12065550101", ["+12065550101"])
    assert found["identifiers"] == {"loyalty": ["3", "7"], "tax": ["a:b"]}
    assert provenance(history, "email") == ("a@x.example", "1", "frequency", ["b@x.example"])
    assert provenance(history, "identifier.tax") == ("a:b", "1", "only value", [])
    assert provenance(history, "extra.colour") == ("red", "1", "only value", [])


def test_the_first_of_a_records_own_list_wins(history: History, record: type[Record]) -> None:
    history.night([[record("1", said={"clean_emails": ["z@x.example", "a@x.example", "z@x.example"]})]])
    assert provenance(history, "email") == ("z@x.example", "1", "record order", ["a@x.example"])


SHARED = (
    ("email", "nobody@x.example"),
    ("phone", "5550199"),
    ("given", "customer"),
    ("family", "web"),
    ("identifier", "loyalty:0"),
)


@pytest.mark.parametrize("is_shared", [True, False])
def test_what_many_people_share_is_never_published(history: History, record: type[Record], *, is_shared: bool) -> None:
    said = {
        **named("Customer", "Web", "X"),
        "given": "customer",
        "family": "web",
        "clean_emails": ["no.body@x.example"],
        "clean_phones": ["+12065550199"],
        "identifiers": ["loyalty:0"],
    }
    history.night([[record("a", trust=100, said=said)]], shared=SHARED if is_shared else ())
    found = customer(history)
    published = [found[name] for name in (*ATTRIBUTES, "full_name") if found[name] is not None]
    published += found["emails"] + found["phones"] + list(found["identifiers"])
    assert (published == []) is is_shared
    assert (history.rows("FROM golden.provenance") == []) is is_shared


def test_counts_times_and_cohesion(history: History, record: type[Record]) -> None:
    first = record("a", at=MIDDLE, updated_at=OLD)
    history.night([[first, record("b", source="t", at=NEW)]], cohesion=0.91234567)
    found = customer(history)
    assert (found["record_count"], found["source_count"]) == (2, 2)
    assert (found["first_seen_at"], found["last_seen_at"]) == (OLD, NEW)
    assert found["cohesion"] == 0.912346


@pytest.mark.parametrize(
    ("cohesion", "said", "use"),
    [
        (1.0, named("John", "Smith"), "billing"),
        (1.0, named("John", None), "service"),
        (1.0, {"clean_organisation": "Elm"}, "billing"),
        (0.98, named("John", "Smith"), "service"),
        (0.8, named("John", "Smith"), "marketing"),
        (0.5, named("John", "Smith"), "analytics"),
    ],
)
def test_what_a_customer_is_fit_for(
    history: History, record: type[Record], cohesion: float, said: dict[str, Any], use: str
) -> None:
    history.night([[record("a", said=said)]], cohesion=cohesion)
    assert customer(history)["safe_for"] == use


def test_a_row_remembers_the_release_that_changed_it(history: History, record: type[Record]) -> None:
    john, mary = record("a", said=named("John", "Smith")), record("b", said=named("Mary", "Smith"))
    history.night([[john], [mary]]).publish()
    history.night([[john], [record("b", said=named("Mary", "Jones"))]]).publish()
    assert history.rows("SELECT given_name, changed_in FROM golden.customer ORDER BY 1") == [
        ("John", "r1"),
        ("Mary", "r2"),
    ]


@pytest.mark.parametrize(
    ("attribute", "names"),
    [
        ("name", ["frequency"]),
        ("middle_name", ["frequency"]),
        ("address", ["recency"]),
        ("email", ["trust", "recency"]),
        ("extra.colour", ["completeness"]),
    ],
)
def test_settings_say_which_rules(with_settings: Callable[..., Settings], attribute: str, names: list[str]) -> None:
    by_attribute = {"full_name": ["frequency"], "city": ["recency"], "extra.colour": ["completeness"]}
    given_settings = with_settings(survivorship={"default": ["trust", "recency"], "attributes": by_attribute})
    assert [rule.name for rule in rules_of(attribute, given_settings)] == names


TEXT = st.sampled_from([None, "A", "Ann", "Bo", "Bob"])
SAID = st.fixed_dictionaries(
    {
        "clean_given_name": TEXT,
        "clean_middle_name": TEXT,
        "clean_family_name": TEXT,
        "clean_organisation": TEXT,
        "clean_street": TEXT,
        "clean_city": TEXT,
        "clean_unit": TEXT,
        "clean_emails": st.lists(st.sampled_from(["a@x", "b@x", "c@x"]), max_size=3),
        "name_from_email": st.booleans(),
    }
)
RECORDS = st.lists(
    st.tuples(st.sampled_from([50, 60]), st.sampled_from([None, OLD, NEW]), st.integers(1, 3), SAID),
    min_size=1,
    max_size=12,
)


@given(RECORDS, st.randoms(use_true_random=False))
@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_survivorship_is_total_and_knows_no_order(
    new_history: Callable[..., History],
    record: type[Record],
    said: list[tuple[int, datetime | None, int, dict[str, Any]]],
    shuffler: random.Random,
) -> None:
    clusters: dict[int, list[str | Record]] = {}
    for number, (trust, seen, cluster, values) in enumerate(said):
        clusters.setdefault(cluster, []).append(record(f"{number:02}", trust=trust, updated_at=seen, said=values))
    shuffled = [shuffler.sample(members, len(members)) for members in clusters.values()]
    shuffler.shuffle(shuffled)
    one, two = new_history(threads=1).night(clusters.values()), new_history(threads=2).night(shuffled)
    for table in ("crosswalk", "customer", "provenance", "change", "redirect"):
        assert one.rows(f"FROM golden.{table}") == two.rows(f"FROM golden.{table}")
    published = {(row[0], row[1]): row for row in one.rows("FROM golden.provenance")}
    for row in one.rows(
        "SELECT golden_id, * FROM (UNPIVOT golden.customer ON COLUMNS(* EXCLUDE (golden_id))::VARCHAR)"
    ):
        if row[2] in ATTRIBUTES:
            assert published[row[0], row[2]][2] == row[3]
    for _, attribute, value, *_, alternatives in published.values():
        assert attribute in ATTRIBUTES
        assert value not in (texts := [lost["value"] for lost in alternatives])
        assert len(set(texts)) == len(texts)


def test_a_golden_record_survives_itself(history: History, record: type[Record]) -> None:
    members = [
        record("a", trust=90, said={**named("J", "Smith"), "clean_street": "5 Elm St", "clean_city": "Salem"}),
        record("b", said={**named("John", "Smith", "Q"), "clean_emails": ["j@x.example", "s@x.example"]}),
    ]
    first = customer(history.night([members]))
    alone = {f"clean_{name}": first[name] for name in ATTRIBUTES if name not in {"birth_date", "email", "phone"}}
    again = customer(history.night([[record("g", said={**alone, "clean_emails": first["emails"]})]]))
    values = (*ATTRIBUTES, "full_name", "emails", "phones")
    assert {name: again[name] for name in values} == {name: first[name] for name in values}


# --- what a steward pinned -------------------------------------------------------------------------------------------


def pin(key: str, attribute: str, value: str, **more: object) -> dict[str, Any]:
    return {
        "ruling": "pin",
        "source_l": "s",
        "source_record_id_l": key,
        "attribute": attribute,
        "value": value,
        **more,
    }


ANN = (
    {"clean_given_name": "Ann", "clean_family_name": "Quist", "clean_emails": ["ann@mail.example"]},
    {"clean_given_name": "A", "clean_family_name": "Quist", "clean_phones": ["+12065550100"]},
)


def test_a_pinned_value_is_published_whatever_the_rules_prefer(history: History, record: type[Record]) -> None:
    members = [record("a", trust=90, said=ANN[0]), record("b", said=ANN[1])]
    pins = [
        pin("b", "given_name", "Anna"),
        pin("b", "email", "anna@work.example"),
        pin("b", "birth_date", "1980-02-03"),
        pin("b", "city", "Reno"),
    ]
    history.night([members], rulings=pins)
    found = customer(history)
    assert (found["full_name"], found["city"], found["birth_date"]) == ("Anna Quist", "Reno", date(1980, 2, 3))
    assert (found["email"], found["emails"]) == ("anna@work.example", ["ann@mail.example", "anna@work.example"])
    assert provenance(history, "given_name") == ("Anna", "b", "pinned", ["Ann", "A"])
    assert provenance(history, "email") == ("anna@work.example", "b", "pinned", ["ann@mail.example"])
    assert provenance(history, "city") == ("Reno", "b", "pinned", [])
    assert provenance(history, "family_name")[:2] == ("Quist", "a")


def test_a_pin_of_what_the_rules_choose_lists_nothing_twice(history: History, record: type[Record]) -> None:
    history.night([[record("a", said=ANN[0]), record("b", said=ANN[1])]], rulings=[pin("a", "given_name", "Ann")])
    assert provenance(history, "given_name") == ("Ann", "a", "pinned", ["A"])


def test_the_later_of_two_pins_wins_and_one_whose_time_is_over_binds_nothing(
    history: History, record: type[Record]
) -> None:
    tonight = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - naive UTC
    pins = [
        pin("a", "city", "Salem"),
        pin("b", "city", "Reno"),
        pin("a", "city", "Elko", until=tonight),
        pin("a", "unit", "2", until=datetime(2026, 1, 3)),  # noqa: DTZ001 - naive UTC
    ]
    history.night([[record("a", said=ANN[0]), record("b", said=ANN[1])]], rulings=pins)
    assert (customer(history)["city"], customer(history)["unit"]) == ("Reno", "2")


def test_pins_that_bind_nothing(history: History, record: type[Record]) -> None:
    pins = [
        pin("gone", "city", "Salem"),
        pin("a", "birth_date", "last spring"),
        pin("a", "city", "  "),
        pin("a", "cohesion", "1"),
        {**pin("a", "phone", "+12065550100"), "ruling": "unsure"},
    ]
    history.night([[record("a", said=ANN[0])]], rulings=pins)
    assert history.rows("SELECT DISTINCT rule FROM golden.provenance") == [("only value",)]
    assert customer(history)["city"] is None


def test_a_pin_goes_with_its_record(history: History, record: type[Record]) -> None:
    one, other = record("a", said=ANN[0]), record("b", said=ANN[1])
    history.night([[one], [other]], rulings=[pin("b", "city", "Reno")])
    assert history.rows(
        "SELECT city FROM golden.customer JOIN golden.crosswalk USING (golden_id) ORDER BY source_record_id"
    ) == [(None,), ("Reno",)]
    history.night([[one, other]], rulings=[pin("b", "city", "Reno")])
    assert customer(history)["city"] == "Reno"

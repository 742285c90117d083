"""Every counted expectation: zero for a candidate that is right, and not zero for one that is wrong in just that."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from quality.check import facts_of, offer_sources
from quality.suite import ROWS_CHECKED, Suite
from quality.suites import SUITES, contract
from warehouse.tables import ALL_TABLES, RELEASE_TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings
    from warehouse.table_spec import TableSpec

A, B, C = "cus_00000000000000A1", "cus_00000000000000B1", "cus_00000000000000C1"

DEFECTS = {
    "landing_night: not_of_this_run": "UPDATE landing.night SET run_id = 'n1'",
    "landing_night: ahead_of_the_clock": "UPDATE landing.night SET as_of = '2026-03-02 07:00:01'",
    "landing_source: without_delivery": "DELETE FROM landing.delivery WHERE source = 'mail'",
    "landing_live_record: of_unknown_source": (
        "UPDATE landing.live_record SET source = 'old' WHERE source_record_id = 'O1'"
    ),
    "landing_live_record: of_other_history": (
        "UPDATE landing.live_record SET run_id = 'n0' WHERE source_record_id = 'O1'"
    ),
    "landing_live_record: born_in_the_future": (
        "UPDATE landing.live_record SET birth_date = '2026-03-04' WHERE source_record_id = 'O1'"
    ),
    "matching_standardised_all: lost": "DELETE FROM matching.standardised WHERE source_record_id = 'O1'",
    "matching_standardised_all: in_both": "INSERT INTO matching.excluded_record VALUES ('orders', 'O1', 'test')",
    "matching_standardised_all: not_live": (
        "INSERT INTO matching.standardised BY NAME SELECT 'orders' AS source, 'O9' AS source_record_id"
    ),
    "matching_standardised_all: excluded_on_landing": (
        "UPDATE landing.live_record SET excluded_reason = 'bounce' WHERE source_record_id = 'M1'"
    ),
    "matching_standardised_all: reason_unlisted": "UPDATE matching.excluded_record SET reason = 'dislike'",
    "matching_standardised_values: suffix_unlisted": "UPDATE matching.standardised SET suffix = 'Jr.'",
    "matching_standardised_values: email_malformed": (
        "UPDATE matching.standardised SET email = 'ann at shop', emails = ['ann at shop']"
    ),
    "matching_standardised_values: phone_malformed": (
        "UPDATE matching.standardised SET phone = '12125550199', phones = ['12125550199']"
    ),
    "matching_standardised_values: name_empty": "UPDATE matching.standardised SET family = ' '",
    "matching_standardised_values: email_not_listed": "UPDATE matching.standardised SET emails = NULL",
    "matching_standardised_values: list_unsorted": (
        "UPDATE matching.standardised SET emails = ['bell@shop.example', 'ann@shop.example']"
    ),
    "golden_membership: record_of_no_customer": f"DELETE FROM golden.customer WHERE golden_id = '{C}'",
    "golden_membership: customer_without_record": f"DELETE FROM golden.crosswalk WHERE golden_id = '{C}'",
    "golden_membership: claimed_twice": "INSERT INTO golden.excluded_record VALUES ('orders', 'O1', 'test')",
    "golden_membership: records_miscounted": "UPDATE golden.customer SET source_count = source_count + 1",
    "golden_membership: contact_not_listed": f"UPDATE golden.customer SET phone = '+1' WHERE golden_id = '{A}'",
    "golden_membership: contacts_unsorted": (
        f"UPDATE golden.customer SET emails = list_concat(emails, ['ann@shop.example']) WHERE golden_id = '{A}'"
    ),
    "golden_membership: changed_in_unknown": "UPDATE golden.crosswalk SET attached_in = 'r9'",
    "golden_membership: reason_unlisted": "UPDATE golden.excluded_record SET reason = 'dislike'",
    "golden_membership: nameless": (
        f"UPDATE golden.customer SET full_name = NULL, identifiers = MAP {{}} WHERE golden_id = '{C}'"
    ),
    "golden_possible_match: out_of_order": (
        "UPDATE golden.possible_match SET golden_id_l = golden_id_r, golden_id_r = golden_id_l"
    ),
    "golden_possible_match: between_strangers": f"UPDATE golden.possible_match SET golden_id_r = '{B}'",
    "golden_possible_match: improbable": "UPDATE golden.possible_match SET match_probability = 1.5",
    "golden_accounting: lost": "DELETE FROM golden.crosswalk WHERE source_record_id = 'K1'",
    "golden_accounting: not_live": "DELETE FROM landing.live_record WHERE source_record_id = 'M1'",
    "golden_accounting: excluded_otherwise": "UPDATE golden.excluded_record SET reason = 'test'",
    "golden_accounting: cluster_torn": f"UPDATE golden.crosswalk SET golden_id = '{B}' WHERE source_record_id = 'B2'",
    "golden_accounting: clusters_joined": "UPDATE matching.cluster SET cluster_id = 'x' WHERE source_record_id = 'B2'",
    "golden_accounting: nobody_now": (
        "INSERT INTO base.main.crosswalk VALUES ('mail', 'N1', 'cus_', 'single', NULL, 'r1')"
    ),
    "golden_provenance: of_no_customer": f"DELETE FROM golden.customer WHERE golden_id = '{C}'",
    "golden_provenance: from_stranger": (
        f"UPDATE golden.provenance SET source_record_id = 'O3' WHERE golden_id = '{A}' AND attribute = 'email'"
    ),
    "golden_provenance: lost_to_stranger": (
        "UPDATE golden.provenance SET alternatives = [{'value': 'lost', 'source': 'orders', 'source_record_id': 'O3',"
        f" 'observed_at': NULL}}] WHERE golden_id = '{A}'"
    ),
    "golden_provenance: attribute_unknown": (
        f"INSERT INTO golden.provenance SELECT * REPLACE ('shoe_size' AS attribute) FROM golden.provenance"
        f" WHERE golden_id = '{C}'"
    ),
    "golden_provenance: value_differs": f"UPDATE golden.customer SET given_name = 'Anne' WHERE golden_id = '{A}'",
    "golden_provenance: value_without_origin": f"UPDATE golden.customer SET city = 'Salem' WHERE golden_id = '{A}'",
    "golden_provenance: winner_lost_too": (
        "UPDATE golden.provenance SET alternatives = list_transform(alternatives, lambda lost:"
        " struct_update(lost, value := value))"
    ),
    "golden_placeholder: email_shared": "UPDATE golden.customer SET emails = ['None@none.example']",
    "golden_change: gaps": "UPDATE golden.change SET sequence = 15 WHERE sequence = 14",
    "golden_change: record_unnamed": "UPDATE golden.change SET source = NULL WHERE sequence = 1",
    "golden_change: row_missing": "UPDATE golden.change SET after = NULL WHERE sequence = 14",
    "golden_change: other_unnamed": "UPDATE golden.change SET other_golden_id = NULL WHERE sequence = 13",
    "golden_change: founded_twice": "UPDATE golden.change SET event = 'created', source = 's', source_record_id = 'r'"
    " WHERE sequence = 14",
    "golden_change: before_birth": "UPDATE golden.change SET golden_id = 'cus_' WHERE sequence = 14",
    "golden_change: customers_otherwise": f"DELETE FROM golden.customer WHERE golden_id = '{C}'",
    "golden_change: records_otherwise": "UPDATE golden.crosswalk SET golden_id = 'cus_' WHERE source_record_id = 'M1'",
    "care_signal_change: gaps": "UPDATE care.signal_change SET sequence = 2",
    "care_signal_change: said_twice": (
        "INSERT INTO care.signal_change SELECT * REPLACE (2 AS sequence) FROM care.signal_change"
    ),
    "care_signal_change: signals_otherwise": "DELETE FROM care.signal",
    "golden_redirect: retired_alive": f"INSERT INTO golden.redirect VALUES ('{C}', '{A}', 'r2')",
    "golden_redirect: leads_nowhere": f"UPDATE golden.redirect SET current_golden_id = '{B}'",
    "golden_redirect: never_lived": f"INSERT INTO golden.redirect VALUES ('cus_', '{A}', 'r2')",
    "golden_redirect: forgotten": "DELETE FROM golden.redirect",
    "golden_redirect: retired_in_unknown": "UPDATE golden.redirect SET retired_in = 'r9'",
    "golden_history: rewritten": "UPDATE golden.change SET cause = 'on second thoughts' WHERE sequence = 3",
    "golden_history: of_two_releases": "UPDATE golden.change SET release_id = 'r3' WHERE sequence = 14",
    "golden_history: at_another_time": 'UPDATE golden.change SET "at" = now() WHERE sequence = 14',
    "care_activity: id_malformed": "UPDATE care.activity SET activity_id = lower(activity_id) WHERE kind = 'account'",
    "care_activity: conversation_unknown": "UPDATE care.activity SET conversation_id = NULL WHERE kind = 'message'",
    "care_activity: of_stranger": f"UPDATE care.activity SET golden_id = '{C}' WHERE source_record_id = 'O1'",
    "care_activity: record_twice": "UPDATE care.activity SET source_record_id = 'O1' WHERE source_record_id = 'O2'",
    "care_activity: about_nothing": "UPDATE care.activity SET about_activity_id = 'act_' WHERE kind = 'case'",
    "care_activity: about_itself": "UPDATE care.activity SET about_activity_id = activity_id WHERE kind = 'case'",
    "care_activity: amount_without_currency": "UPDATE care.activity SET currency = NULL",
    "care_text: excerpt_long": "UPDATE care.activity SET excerpt = repeat('a word ', 50)",
    "care_text: state_otherwise": "UPDATE care.activity SET state = 'closed' WHERE source_record_id = 'K1'",
    "care_contact_fact: of_stranger": "UPDATE care.activity SET direction = 'outbound' WHERE kind = 'case'",
    "care_contact_fact: empty": "UPDATE care.contact_fact SET sentence = ''",
    "care_happened: untold": "DELETE FROM care.activity WHERE kind = 'message'",
    "care_happened: of_another_kind": "UPDATE care.activity SET kind = 'invoice' WHERE kind = 'order'",
    "care_item: of_nothing": "UPDATE care.item SET activity_id = 'act_' WHERE line = 2",
    "care_item: below_1": "UPDATE care.item SET line = 0 WHERE line = 2",
    "care_signal: of_nobody": f"DELETE FROM golden.customer WHERE golden_id = '{A}'",
    "care_signal: of_nothing": "UPDATE care.signal SET activity_id = 'act_0000000000000003'",
    "care_issue_effect: of_unknown_issue": "DELETE FROM care.known_issue",
    "care_issue_effect: of_stranger": "UPDATE care.activity SET kind = 'invoice' WHERE kind = 'order'",
    "care_household: of_nobody": f"UPDATE care.household SET golden_id = '{B}' WHERE golden_id = '{C}'",
    "care_household: customer_twice": (
        "INSERT INTO care.household SELECT replace(household_id, 'H1', 'H2'), golden_id, basis FROM care.household"
    ),
    "care_household: alone": f"DELETE FROM care.household WHERE golden_id = '{C}'",
    "care_household: id_malformed": "UPDATE care.household SET household_id = lower(household_id)",
    "care_permission: of_nobody": f"UPDATE care.permission SET golden_id = '{B}'",
    "care_permission: said_nowhere": "UPDATE care.permission SET source_record_id = 'B9'",
    "care_permission: allowed_though_refused": """INSERT INTO care.permission
        SELECT * REPLACE ('any' AS channel) FROM care.permission;
        UPDATE care.permission SET allowed = channel = 'email'""",
    "care_permission: reason_empty": "UPDATE care.permission SET reason = ' '",
    "care_may_offer: into_a_complaint": """UPDATE care.profile SET may_offer = true;
        UPDATE care.signal SET signal = 'open_complaint'""",
    "care_may_offer: though_refused": """UPDATE care.profile SET may_offer = true;
        UPDATE care.permission SET channel = 'any'""",
    "care_offer: of_nobody": f"UPDATE care.offer SET golden_id = '{B}' WHERE golden_id = '{C}'",
    "care_offer: unanswered": f"DELETE FROM care.offer WHERE golden_id = '{C}'",
    "care_offer: against_the_profile": "UPDATE care.offer SET eligible = true",
    "care_offer: reason_empty": "UPDATE care.offer SET reason = ''",
    "care_profile: customer_without_profile": f"DELETE FROM care.profile WHERE golden_id = '{C}'",
    "care_profile: profile_of_nobody": f"DELETE FROM golden.customer WHERE golden_id = '{C}'",
    "care_profile: orders_miscounted": "UPDATE care.profile SET orders = 2",
    "care_profile: contacts_miscounted": "UPDATE care.profile SET contacts = 3",
    "care_profile: cases_miscounted": "UPDATE care.profile SET open_cases = 2",
    "care_profile: spend_otherwise": "UPDATE care.profile SET spend = MAP {'USD': 12.6}",
    "care_profile: experience_otherwise": "UPDATE care.profile SET experience = 'none'",
    "care_profile: reason_empty": "UPDATE care.profile SET may_offer_reason = ''",
}
"""What breaks each count that is written by hand, and within its suite nothing else."""
SPECS = {spec.full_name: spec for spec in ALL_TABLES}
CONTRACTS = {suite.name for suite in (*contract.LANDING, *contract.STANDARDISED, *contract.GOLDEN, *contract.CARE)}
COUNTED = [suite for suite in SUITES if suite.counted]
BY_HAND = [suite for suite in COUNTED if suite.name not in CONTRACTS]
Counts = Callable[[Suite], dict[str, int]]


def named(suites: list[Suite]) -> list[tuple[Suite, str]]:
    return [(suite, asked.columns) for suite in suites for asked in suite.expectations]


def title(value: object) -> str:
    return value.name if isinstance(value, Suite) else str(value)


@pytest.fixture
def count(candidate: DuckDBPyConnection, settings: Settings, run: Run) -> Counts:
    offer_sources(candidate, settings)
    facts = facts_of(settings, run)

    def count(suite: Suite) -> dict[str, int]:
        cursor = candidate.execute(suite.query, {name: facts[name] for name in facts if f"${name}" in suite.query})
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))

    return count


def broken(counts: dict[str, int]) -> set[str]:
    return {name for name, found in counts.items() if name != ROWS_CHECKED and found != 0}


def defect_of_spec(spec: TableSpec, name: str) -> str:
    """Return the statement that breaks one count of a table's contract."""
    if name == "key_repeated":
        return f"INSERT INTO {spec.full_name} SELECT * FROM {spec.full_name} LIMIT 1"
    column, _, kind = name.rpartition("_not_finite" if name.endswith("_not_finite") else "_")
    wrong = {"missing": "NULL", "unlisted": "'nonsense'"}.get(kind, "'nan'")
    one = f"(SELECT min(rowid) FROM {spec.full_name})"
    return f'UPDATE {spec.full_name} SET "{column}" = {wrong} WHERE rowid = {one}'


@pytest.mark.parametrize("suite", COUNTED, ids=title)
def test_a_right_candidate_breaks_nothing(count: Counts, suite: Suite) -> None:
    counts = count(suite)
    assert broken(counts) == set()
    assert counts[ROWS_CHECKED] > 0


@pytest.mark.parametrize(("suite", "name"), named(BY_HAND), ids=title)
def test_each_count_is_broken_by_its_defect_alone(
    candidate: DuckDBPyConnection, count: Counts, suite: Suite, name: str
) -> None:
    candidate.execute(DEFECTS[f"{suite.name}: {name}"])
    assert broken(count(suite)) == {name}


@pytest.mark.parametrize(("suite", "name"), named([suite for suite in COUNTED if suite.name in CONTRACTS]), ids=title)
def test_each_line_of_a_spec_is_broken_by_its_defect_alone(
    candidate: DuckDBPyConnection, count: Counts, suite: Suite, name: str
) -> None:
    candidate.execute(defect_of_spec(SPECS[suite.table], name))
    assert broken(count(suite)) == {name}


def test_no_defect_is_listed_for_a_count_that_is_gone() -> None:
    assert DEFECTS.keys() == {f"{suite.name}: {name}" for suite, name in named(BY_HAND)}


def test_every_published_table_is_held_to_its_spec() -> None:
    assert {f"{spec.schema}_{spec.name}_contract" for spec in RELEASE_TABLES} <= CONTRACTS


def test_a_table_is_checked_in_one_group_only() -> None:
    groups = {(suite.table, suite.group) for suite in SUITES}
    assert len(groups) == len({table for table, _ in groups})


def test_a_suite_does_not_ask_a_column_the_same_thing_twice() -> None:
    keys = [(suite.name, asked.type, asked.columns) for suite in SUITES for asked in suite.expectations]
    assert len(keys) == len(set(keys))
    assert len({suite.name for suite in SUITES}) == len(SUITES)


def test_what_the_audit_asks_reads_release_tables_alone() -> None:
    published = {spec.full_name for spec in RELEASE_TABLES}
    for suite in SUITES:
        named_tables = {full_name for full_name in SPECS if re.search(rf"\b{full_name}\b", suite.query)}
        if suite.of_release:
            assert named_tables <= published
            assert not re.search(r"\$|\bexpected\b|\bbase\.|\blatest\.", suite.query), suite.name

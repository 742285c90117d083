"""The suites in Great Expectations: right data pass, wrong data fail, and a check that breaks is neither.

All tests that import Great Expectations stand in this file, since its import costs seconds per process.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from quality.check import check_suite, check_tables, checked_tables, facts_of, offer_sources
from quality.run_suite import run_suite
from quality.suite import Count, Expectation, Suite, at_least, between, counted, matches, none_of
from quality.suites import SUITES
from quality.users_suites import users_suites
from warehouse.errors import JoinedupError, SettingsError
from warehouse.run import Run

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from quality.check import CheckResult
    from warehouse.settings import Settings

CANARY = "Canarybird"
A = "cus_00000000000000A1"
GROUPS = ("landing", "standardised", "golden", "care")

DEFECTS = {
    "landing_delivery: rows_read, rows_expected": (
        "UPDATE landing.delivery SET read = 0, unchanged = 0 WHERE source = 'billing';"
        "UPDATE landing.file SET rows = 0 WHERE source = 'billing'"
    ),
    "landing_delivery: unaccounted": "UPDATE landing.delivery SET unchanged = 4 WHERE source = 'billing'",
    "landing_delivery: least_figure": (
        "UPDATE landing.delivery SET unchanged = 3, superseded = -1 WHERE source = 'billing'"
    ),
    "landing_delivery: versions_missing": "DELETE FROM landing.source_record WHERE source = 'mail'",
    "landing_delivery: appeared_uncounted": (
        "UPDATE landing.delivery SET new = 0, unchanged = 1 WHERE source = 'mail'"
    ),
    "landing_delivery: deleted_otherwise": "DELETE FROM landing.live_record WHERE source_record_id = 'O3'",
    "landing_delivery: quarantine_missing": "DELETE FROM landing.quarantine",
    "landing_delivery: file_rows_missing": "UPDATE landing.file SET rows = rows + 1",
    "landing_delivery: quarantined_share": (
        "UPDATE landing.delivery SET duplicate = 6, quarantined = 11 WHERE source = 'orders';"
        "INSERT INTO landing.quarantine SELECT q.* FROM landing.quarantine AS q, range(10)"
    ),
    "landing_delivery: quarantined_share_of_any": (
        "UPDATE landing.delivery SET duplicate = 15, quarantined = 2 WHERE source = 'orders';"
        "INSERT INTO landing.quarantine FROM landing.quarantine"
    ),
    "landing_delivery: unreadable_share": (
        "INSERT INTO landing.source_record SELECT r.* REPLACE ('M' || i AS source_record_id, NULL AS birth_date,"
        " [{'attribute': 'birth_date', 'value': '31/12/1980'}] AS unreadable)"
        " FROM landing.source_record AS r, range(10, 31) AS t(i) WHERE source_record_id = 'M1'"
    ),
    "landing_delivery: late": (
        "UPDATE landing.delivery SET newest_arrival = TIMESTAMP '2026-02-28 06:59' WHERE source = 'billing'"
    ),
    "landing_live_record_values: trust": "UPDATE landing.live_record SET trust = 101",
    "landing_live_record_values: birth_year": "UPDATE landing.live_record SET birth_date = '1080-05-17'",
    "matching_excluded: share_without_identity": (
        "INSERT INTO matching.excluded_record SELECT 'orders', 'O' || i, 'no_identity' FROM range(1, 3) AS t(i)"
    ),
    "golden_customer: golden_id be_unique": f"UPDATE golden.customer SET golden_id = '{A}'",
    "golden_customer: golden_id match_regex": "UPDATE golden.customer SET golden_id = lower(golden_id)",
    "golden_customer: record_count": (
        f"UPDATE golden.customer SET record_count = 0, source_count = 0 WHERE golden_id = '{A}'"
    ),
    "golden_customer: record_count, source_count": ("UPDATE golden.customer SET source_count = record_count + 1"),
    "golden_customer: cohesion": "UPDATE golden.customer SET cohesion = 1.01",
    "golden_customer: birth_year": "UPDATE golden.customer SET birth_date = '1080-05-17'",
    "golden_customer: last_seen, first_seen": (
        "UPDATE golden.customer SET first_seen_at = last_seen_at + INTERVAL 1 SECOND"
    ),
    "care_profile_values: orders": "UPDATE care.profile SET orders = -1",
    "care_profile_values: contacts": "UPDATE care.profile SET contacts = -1",
    "care_profile_values: open_cases": "UPDATE care.profile SET open_cases = -1",
    "care_profile_values: problems_12m": "UPDATE care.profile SET problems_12m = -1",
}
"""What breaks each expectation that Great Expectations looks at values for, and within its suite nothing else."""
ALONG = {
    "landing_delivery: quarantined_share": {"landing_delivery: quarantined_share_of_any"},
}


def asked(con: DuckDBPyConnection, settings: Settings, run: Run, suite: Suite) -> tuple[CheckResult, ...]:
    offer_sources(con, settings)
    return check_suite(con, suite, facts_of(settings, run))


def suite_of(name: str) -> Suite:
    return next(suite for suite in SUITES if suite.name == name)


def failed(results: tuple[CheckResult, ...]) -> dict[str, str]:
    return {result.name: result.outcome for result in results if not result.passed}


def write_suite(folder: Path, name: str = "customer", **document: object) -> None:
    (folder / f"{name}.json").write_text(json.dumps({"name": name, **document}))


@pytest.fixture
def users(settings: Settings) -> Settings:
    """Return the settings with suites of the user's own."""
    return settings.model_copy(update={"gate": settings.gate.model_copy(update={"expectations": "*.json"})})


# --- the suites on the candidate --------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_a_right_candidate_passes_everything_it_is_asked(
    candidate: DuckDBPyConnection, settings: Settings, run: Run, group: str
) -> None:
    results = check_tables(candidate, settings, run, group)
    assert failed(results) == {}
    assert len(results) == sum(len(suite.expectations) for suite in SUITES if suite.group == group)
    assert all(result.rows > 0 for result in results)
    assert {result.table for result in results} == set(checked_tables(group))
    stored = candidate.execute(
        "SELECT count(*), count(DISTINCT (suite, expectation, column_name)), min(outcome) FROM quality.result"
        " WHERE run_id = 'n2'"
    ).fetchall()
    assert stored == [(len(results), len(results), "pass")]


@pytest.mark.parametrize("name", DEFECTS)
def test_each_expectation_is_broken_by_its_defect_alone(
    candidate: DuckDBPyConnection, settings: Settings, run: Run, name: str
) -> None:
    candidate.execute(DEFECTS[name])
    suite = next(suite for suite in SUITES if name.startswith(f"{suite.name}: "))
    assert failed(asked(candidate, settings, run, suite)) == dict.fromkeys({name} | ALONG.get(name, set()), "fail")


def test_every_expectation_has_its_defect(candidate: DuckDBPyConnection, settings: Settings, run: Run) -> None:
    results = [asked(candidate, settings, run, suite) for suite in SUITES if not suite.counted]
    assert DEFECTS.keys() == {result.name for of_suite in results for result in of_suite}


def test_a_counted_violation_fails_with_its_count(candidate: DuckDBPyConnection, settings: Settings, run: Run) -> None:
    candidate.execute("UPDATE golden.crosswalk SET basis = 'guess' WHERE source = 'orders'")
    results = asked(candidate, settings, run, suite_of("golden_crosswalk_contract"))
    (result,) = [result for result in results if not result.passed]
    assert (result.name, result.table) == ("golden_crosswalk_contract: basis_unlisted", "golden.crosswalk")
    assert (result.severity, result.outcome, result.unexpected, result.rows) == ("critical", "fail", 3, 7)
    assert result.detail == "a value comes from its closed list: 3 against it, 7 rows checked"


def test_an_export_with_a_header_only_holds_the_first_night_too(
    candidate: DuckDBPyConnection, settings: Settings, run: Run
) -> None:
    candidate.execute("UPDATE landing.delivery SET read = 0, unchanged = 0 WHERE source = 'billing'")
    candidate.execute("UPDATE landing.file SET rows = 0 WHERE source = 'billing'")
    first = Run("n2", run.workspace, run.started_at)
    results = asked(candidate, settings, first, suite_of("landing_delivery"))
    (result,) = [result for result in results if not result.passed]
    assert result.severity == "critical"
    assert result.detail == (
        "an empty or truncated export deletes nobody: billing: 0 rows read, 0 of them quarantined, at least 1 expected"
        " (billing.csv); ask for the export again; where so few rows are right, lower the source's expect.min_rows"
    )


def test_an_incremental_source_may_deliver_nothing(candidate: DuckDBPyConnection, settings: Settings, run: Run) -> None:
    candidate.execute("UPDATE landing.delivery SET read = 0, new = 0 WHERE source = 'mail'")
    candidate.execute("UPDATE landing.file SET rows = 0 WHERE source = 'mail'")
    candidate.execute("DELETE FROM landing.live_record WHERE source_record_id = 'M1'")
    assert failed(asked(candidate, settings, run, suite_of("landing_delivery"))) == {}


@pytest.mark.parametrize(
    ("read", "quarantined", "severity"),
    [
        (20, 11, "critical"),
        (20, 10, "warning"),  # half of them is not more than half
        (19, 19, "warning"),  # too few rows to tell a change of format
        (40, 2, None),
    ],
)
def test_a_broken_export_holds_from_so_many_rows_on(
    candidate: DuckDBPyConnection, settings: Settings, run: Run, read: int, quarantined: int, severity: str | None
) -> None:
    candidate.execute(
        "UPDATE landing.delivery SET read = $read, quarantined = $quarantined, duplicate = $read - $quarantined - 3"
        " WHERE source = 'orders'",
        {"read": read, "quarantined": quarantined},
    )
    candidate.execute(
        "UPDATE landing.delivery SET unchanged = unchanged + least(0, duplicate), duplicate = 0 WHERE duplicate < 0"
    )
    candidate.execute("UPDATE landing.file SET rows = ? WHERE source = 'orders'", [read])
    candidate.execute(
        "INSERT INTO landing.quarantine SELECT q.* REPLACE (7 + i AS line) FROM landing.quarantine AS q,"
        " range(1, ?) AS t(i)",
        [quarantined],
    )
    results = [result for result in asked(candidate, settings, run, suite_of("landing_delivery")) if not result.passed]
    assert [result.column for result in results if result.severity == "critical"] == (
        ["quarantined_share"] if severity == "critical" else []
    )
    assert bool(results) == bool(severity)


# --- nothing is no pass -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "table"),
    [("landing", "landing.live_record"), ("standardised", "matching.standardised"), ("golden", "golden.customer")],
)
def test_a_table_without_rows_fails(
    candidate: DuckDBPyConnection, settings: Settings, run: Run, group: str, table: str
) -> None:
    candidate.execute(f"DELETE FROM {table}")
    results = [result for result in check_tables(candidate, settings, run, group) if result.table == table]
    assert not any(result.passed for result in results)
    assert f"{table} has no rows, so nothing in it could be checked" in {result.detail for result in results}


def test_a_table_that_may_be_empty_is_told_to_be_and_nothing_in_it_passes(
    candidate: DuckDBPyConnection, settings: Settings, run: Run
) -> None:
    candidate.execute("DELETE FROM care.item")
    results = asked(candidate, settings, run, suite_of("care_item"))
    assert [(result.column, result.outcome, result.rows, result.detail) for result in results] == [
        ("", "pass", 0, "care.item has no rows: no order or invoice has lines"),
    ]


def test_a_table_that_should_not_be_empty_is_found_out_by_another(
    candidate: DuckDBPyConnection, settings: Settings, run: Run
) -> None:
    candidate.execute("DELETE FROM golden.redirect")
    results = asked(candidate, settings, run, suite_of("golden_redirect"))
    assert [(result.column, result.outcome, result.unexpected) for result in results] == [
        ("", "pass", 0),
        ("forgotten", "fail", 1),
    ]


def test_a_suite_without_expectations_is_an_error() -> None:
    with pytest.raises(JoinedupError, match="a check of nothing is no pass"):
        run_suite(Suite("empty", "care", "care.profile", "SELECT 1", ()), pd.DataFrame({"one": [1]}))


def test_a_group_without_suites_is_an_error(candidate: DuckDBPyConnection, settings: Settings, run: Run) -> None:
    with pytest.raises(JoinedupError, match="nothing was checked for the group 'karma'"):
        check_tables(candidate, settings, run, "karma")


# --- a check that breaks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (matches("name", "([", "a regular expression that is none"), "ArrowInvalid"),
        (none_of("nothing", "a column that is not there"), "InvalidMetricAccessorDomainKwargsKeyError"),
        (between("name", 1, 2, "a comparison of text with numbers"), "TypeError"),
        (Expectation("expect_column_mean_to_be_between", "a mean of text", "critical",
                     {"column": "name", "min_value": 1}), "TypeError"),
        (at_least("name", "number", "a comparison of two kinds"), "ArrowNotImplementedError"),
    ],
)  # fmt: skip
def test_a_check_that_breaks_is_neither_pass_nor_fail_and_leaves_its_neighbours(broken: Expectation, kind: str) -> None:
    frame = pd.DataFrame({"name": [CANARY, "Ann"], "number": [1, 2]})
    three = (between("number", 1, 2, "right"), broken, between("number", 1, 1, "wrong"))
    results = run_suite(Suite("mixed", "care", "care.profile", "", three), frame)
    assert [result.outcome for result in results] == ["pass", "error", "fail"]
    assert not results[1].passed
    assert results[1].detail == (f"{broken.guards}: the check itself broke ({kind}), which says nothing about the data")


def test_an_answer_is_about_the_rows_it_was_asked_of() -> None:
    suite = Suite("asked again", "care", "care.profile", "", (between("number", 1, 2, "small"),))
    frames = [pd.DataFrame({"number": numbers}) for numbers in ([1, 2], [1, 9, 9], [2])]
    assert [run_suite(suite, frame)[0].unexpected for frame in frames] == [0, 2, 0]


def test_what_was_put_off_is_there_for_who_asks_for_it() -> None:
    shares = {"values": ["a", "b"], "weights": [0.5, 0.5]}
    divergence = Expectation(
        "expect_column_kl_divergence_to_be_less_than",
        "shares stay as they are",
        arguments={"column": "letter", "partition_object": shares, "threshold": 0.1},
    )
    suite = Suite("shares", "care", "care.profile", "", (divergence,))
    frames = [pd.DataFrame({"letter": list(letters)}) for letters in ("abab", "aaab")]
    assert [run_suite(suite, frame)[0].outcome for frame in frames] == ["pass", "fail"]


def test_a_count_that_counted_nothing_is_an_error() -> None:
    suite = counted("none", "care", "care.profile", (Count("sum_of_nothing", "a sum", "SELECT NULL"),))
    frame = pd.DataFrame({"rows_checked": [3], "sum_of_nothing": [None]})
    (result,) = run_suite(suite, frame)
    assert (result.outcome, result.passed) == ("error", False)


def test_a_query_that_cannot_be_asked_is_an_error_of_ours_and_quotes_nothing(
    candidate: DuckDBPyConnection, settings: Settings, run: Run
) -> None:
    candidate.execute("ALTER TABLE golden.redirect RENAME COLUMN retired_in TO retired_by")
    with pytest.raises(JoinedupError, match=r"golden_redirect_contract cannot be asked of golden\.redirect") as raised:
        asked(candidate, settings, run, suite_of("golden_redirect_contract"))
    assert raised.value.exit_code == 1


# --- the user's own suites --------------------------------------------------------------------------------------------


def entry(kind: str, severity: str | None = None, **kwargs: object) -> dict[str, object]:
    return {"type": kind, "kwargs": kwargs, "severity": severity}


def test_the_users_suites_are_checked_with_the_last_group(
    candidate: DuckDBPyConnection, users: Settings, run: Run
) -> None:
    write_suite(
        run.workspace,
        expectations=[
            entry("expect_column_values_to_not_be_null", column="family_name", mostly=0.5),
            entry("expect_column_values_to_not_be_null", column="family_name"),
            entry("expect_table_row_count_to_be_between", "warning", min_value=5),
            entry("expect_column_mean_to_be_between", "info", column="record_count", min_value=9),
            entry("expect_column_values_to_match_regex", column="emails", regex=r'^\[("[a-z@.]+",?)*\]$'),
            entry("expect_column_values_to_match_regex", column="identifiers", regex="loyalty"),
            entry("expect_column_to_exist", column="cohesion"),
            entry("expect_table_column_count_to_equal", value=26),
        ],
    )
    results = [result for result in check_tables(candidate, users, run, "care") if result.suite == "user customer"]
    assert [(r.name.removeprefix("user customer: "), r.severity, r.outcome) for r in results] == [
        ("family_name not_be_null", "critical", "pass"),
        ("family_name not_be_null #2", "critical", "fail"),
        ("table_row_count_to_be_between", "warning", "fail"),
        ("record_count", "warning", "fail"),
        ("emails", "critical", "pass"),
        ("identifiers", "critical", "pass"),
        ("cohesion", "critical", "pass"),
        ("table_column_count_to_equal", "critical", "pass"),
    ]
    assert {result.table for result in results} == {"golden.customer"}
    assert results[2].detail == "your expect_table_row_count_to_be_between: found 2, 2 rows checked"
    assert results[3].detail == "your expect_column_mean_to_be_between: found 3.5, 2 rows checked"


def test_a_row_condition_brings_its_columns_along(candidate: DuckDBPyConnection, users: Settings, run: Run) -> None:
    write_suite(
        run.workspace,
        "whoever",
        meta={"table": "activity"},
        expectations=[
            entry(
                "expect_column_values_to_not_be_null",
                column="currency",
                row_condition='kind == "order"',
                condition_parser="pandas",
            )
        ],
    )
    results = asked(candidate, users, run, *users_suites(users, run.workspace))
    assert [result.outcome for result in results] == ["pass"]


def test_an_empty_table_never_passes_a_users_suite(candidate: DuckDBPyConnection, users: Settings, run: Run) -> None:
    candidate.execute("DELETE FROM care.signal")
    write_suite(run.workspace, "signal", expectations=[entry("expect_column_values_to_not_be_null", column="signal")])
    results = asked(candidate, users, run, *users_suites(users, run.workspace))
    assert [(result.outcome, result.severity) for result in results] == [("fail", "critical")]


def test_no_value_of_a_person_is_left_behind(
    candidate: DuckDBPyConnection,
    users: Settings,
    run: Run,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    text = {"column": "family_name"}
    candidate.execute(f"UPDATE golden.customer SET given_name = '19840517', family_name = '{CANARY}'")
    write_suite(
        run.workspace,
        expectations=[
            entry("expect_column_values_to_be_in_set", **text, value_set=["Smith"]),
            entry("expect_column_values_to_be_unique", **text),
            entry("expect_column_distinct_values_to_be_in_set", **text, value_set=["Smith"]),
            entry("expect_column_most_common_value_to_be_in_set", **text, value_set=["Smith"]),
            entry("expect_column_max_to_be_between", column="birth_date", max_value="1900-01-01"),
            entry("expect_column_mean_to_be_between", **text, min_value=1),
            entry("expect_column_values_to_be_between", **text, min_value=1),
            entry("expect_column_values_to_match_regex", **text, regex="(["),
            entry("expect_column_value_z_scores_to_be_less_than", **text, threshold=1, double_sided=True),
            entry("expect_column_values_to_be_dateutil_parseable", **text),
        ],
    )
    with caplog.at_level(logging.DEBUG):
        results = [result for result in check_tables(candidate, users, run, "care") if not result.passed]
    assert len(results) == 10
    assert {result.outcome for result in results} == {"fail", "error"}
    stored = json.dumps(candidate.execute("SELECT * FROM quality.result").fetchall())
    told = "".join((stored, caplog.text, *capfd.readouterr()))
    assert CANARY not in told
    assert "1980" not in told
    assert "19840517" not in told


MISTAKES: list[tuple[str, str]] = [
    ('{"expectations": [', r"customer\.json: cannot be read as JSON"),
    ("[]", r"customer\.json: expectations: is no Great Expectations suite"),
    ('{"expectations": []}', r"customer\.json: expectations: has no expectations: a check of nothing is no pass"),
    ('{"meta": 3, "expectations": []}', r"customer\.json: meta: is no mapping"),
    (
        '{"meta": {"table": "customers"}, "expectations": []}',
        r"meta\.table: names no table of a release, found 'customers': put one of activity, .* there",
    ),
    ('{"expectations": ["expect_nothing"]}', r"expectations\[0\]: is no expectation"),
    ('{"expectations": [{"type": "expect_nothing"}]}', r"expect_nothing: Great Expectations knows no such expectation"),
    (
        '{"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "shoe_size"}}]}',
        r"expectations\[0\]\.kwargs: customer has no column 'shoe_size'; it has golden_id, full_name",
    ),
    (
        '{"expectations": [{"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["x"]}}]}',
        r"customer has no column 'x'",
    ),
    (
        '{"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {}}]}',
        r"expectations\[0\]: expect_column_values_to_be_unique: column: field required",
    ),
    (
        '{"expectations": [{"type": "expect_column_values_to_be_unique", "kwargs": {"column": "email", "moslty": 1}}]}',
        r"moslty: extra fields not permitted",
    ),
    (
        '{"expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "email"}, "severity": "dire"}]}',
        r"expectations\[0\]\.severity: found 'dire'; allowed are critical, warning and info",
    ),
    (
        '{"expectations": [{"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "{batch}"}}]}',
        "it asks a database in SQL",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_in_a_file_is_one_of_the_settings_and_found_at_once(
    candidate: DuckDBPyConnection, users: Settings, run: Run, text: str, message: str
) -> None:
    (run.workspace / "customer.json").write_text(text)
    with pytest.raises(SettingsError, match=message) as raised:
        check_tables(candidate, users, run, "landing")
    assert raised.value.exit_code == 2
    assert candidate.execute("SELECT count(*) FROM quality.result").fetchall() == [(0,)]


def test_a_pattern_that_matches_nothing_is_a_mistake(candidate: DuckDBPyConnection, users: Settings, run: Run) -> None:
    with pytest.raises(SettingsError, match=r"gate\.expectations: no file matches '\*\.json'"):
        check_tables(candidate, users, run, "landing")


def test_the_pattern_may_be_absolute(candidate: DuckDBPyConnection, users: Settings, run: Run) -> None:
    gate = users.gate.model_copy(update={"expectations": f"{run.workspace}/*.json"})
    write_suite(run.workspace, expectations=[entry("expect_table_row_count_to_be_between", min_value=1)])
    (suite,) = users_suites(users.model_copy(update={"gate": gate}), run.workspace)
    assert failed(asked(candidate, users, run, suite)) == {}


def test_results_of_one_name_are_told_apart(candidate: DuckDBPyConnection, users: Settings, run: Run) -> None:
    write_suite(run.workspace, expectations=[entry("expect_column_values_to_not_be_null", column="golden_id")] * 3)
    results = [result for result in check_tables(candidate, users, run, "care") if result.suite == "user customer"]
    assert [result.expectation for result in results] == [
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_not_be_null #2",
        "expect_column_values_to_not_be_null #3",
    ]

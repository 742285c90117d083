"""The gate: each rule below, at and above what it allows, against the base, and the cause in words and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from quality.gate import judge
from quality.verdict import Limit, Share
from tests.quality.conftest import make_table
from warehouse.connection import open_memory
from warehouse.settings import Settings
from warehouse.settings.deciding import GateSettings
from warehouse.tables import ALL_TABLES, RELEASE_TABLES, WORKINGS_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

    from quality.check import CheckResult
    from warehouse.run import Run

CUSTOMERS = 100
"""Customers of the base; each has two records, i:1 in orders and i:2 in billing."""
LOOSE = {name: "100%" for name in GateSettings.model_fields if name.startswith("max_") and "into_one" not in name}
"""Every share of the gate out of the way of the one that a test is about."""
NEEDED = {
    "landing": {"live_record", "delivery", "file", "quarantine", "lineage"},
    "matching": {"standardised", "dropped_value", "shared_value", "distinct_record", "member", "pair", "decision"}
    | {"model", "resolution", "poisoned", "ruling"},
    "golden": {"customer", "crosswalk", "excluded_record"},
    "quality": {"gate"},
    "review": {"audit_measure"},
}


def gate_settings(*, alone: str = "", **gate: object) -> Settings:
    """Return settings with this gate; with `alone` no share holds but that rule's."""
    source = {"holds": "order", "files": "orders.csv", "format": "csv", "key": "id"}
    others = {name: share for name, share in LOOSE.items() if alone and name != alone}
    return Settings.model_validate({"version": 1, "sources": {"orders": source}, "gate": {**others, **gate}})


@pytest.fixture
def con() -> Iterator[DuckDBPyConnection]:
    """Return a warehouse whose candidate is its base, of CUSTOMERS customers with two records each."""
    with open_memory() as opened:
        for catalog in ("base", "yesterday"):
            opened.execute(f"ATTACH ':memory:' AS {catalog}")
        for schema, names in NEEDED.items():
            opened.execute(f"CREATE SCHEMA {schema}; CREATE SCHEMA yesterday.{schema}")
            for spec in ALL_TABLES:
                if spec.schema == schema and spec.name in names:
                    make_table(opened, spec, schema)
                    if spec in WORKINGS_TABLES:
                        make_table(opened, spec, f"yesterday.{schema}")
                    if spec in RELEASE_TABLES:
                        make_table(opened, spec, "base.main")
        opened.execute(f"""
            INSERT INTO golden.crosswalk BY NAME
            SELECT 'c' || i AS golden_id, ['orders', 'billing'][k] AS source, i || ':' || k AS source_record_id
            FROM range({CUSTOMERS}) AS a(i), range(1, 3) AS b(k);
            INSERT INTO golden.customer BY NAME SELECT DISTINCT golden_id FROM golden.crosswalk;
            INSERT INTO landing.live_record BY NAME
            SELECT source, source_record_id, 'n1' AS run_id FROM golden.crosswalk;
            INSERT INTO matching.standardised BY NAME
            SELECT source, source_record_id, 'given' || n AS given, 'family' || n AS family,
                n || '@a.example' AS email, [email] AS emails,
                '55' || lpad(n, 5, '0') AS phone, ['206' || phone] AS phones
            FROM (SELECT *, split_part(source_record_id, ':', 1) AS n FROM golden.crosswalk);
            INSERT INTO matching.distinct_record BY NAME
            SELECT source || source_record_id AS distinct_record_id, given, family, emails, phones, [] AS identifiers
            FROM matching.standardised;
            INSERT INTO matching.member BY NAME
            SELECT source, source_record_id, source || source_record_id AS distinct_record_id
            FROM matching.standardised;
            INSERT INTO landing.lineage VALUES ('n2', 0), ('n1', 1);
            INSERT INTO landing.delivery BY NAME
            SELECT s || '@' || r AS delivery_id, r AS run_id, s AS source, 'read' AS outcome, 'h' AS mapping_hash,
                100 AS read, 0 AS quarantined
            FROM unnest(['orders', 'billing']) AS a(s), unnest(['n1', 'n2']) AS b(r);
            INSERT INTO landing.file BY NAME
            SELECT delivery_id, source, source || right(run_id, 1) || '.csv' AS path FROM landing.delivery""")
        for catalog, tables in (("base.main", NEEDED["golden"]), ("yesterday.matching", NEEDED["matching"])):
            for table in sorted(tables):
                schema = "golden" if catalog == "base.main" else "matching"
                opened.execute(f"INSERT INTO {catalog}.{table} FROM {schema}.{table}")
        yield opened


def merge(con: DuckDBPyConnection, customers: int) -> None:
    """Give the records of so many customers to customer 99."""
    con.execute(f"UPDATE golden.crosswalk SET golden_id = 'c99' WHERE golden_id[2:]::INTEGER < {customers}")
    con.execute(f"DELETE FROM golden.customer WHERE golden_id[2:]::INTEGER < {customers}")


def merge_in_pairs(con: DuckDBPyConnection, customers: int) -> None:
    """Give the records of so many customers to one other each."""
    con.execute(f"""
        UPDATE golden.crosswalk SET golden_id = 'c' || (50 + golden_id[2:]::INTEGER)
        WHERE golden_id[2:]::INTEGER < {customers}""")
    con.execute(f"DELETE FROM golden.customer WHERE golden_id[2:]::INTEGER < {customers}")


def split(con: DuckDBPyConnection, customers: int) -> None:
    """Found a customer of their own for the billing records of so many."""
    con.execute(
        "UPDATE golden.crosswalk SET golden_id = 'n' || golden_id[2:]"
        f" WHERE source = 'billing' AND golden_id[2:]::INTEGER < {customers}"
    )
    con.execute("INSERT INTO golden.customer BY NAME SELECT golden_id FROM golden.crosswalk WHERE golden_id[1] = 'n'")


def delete(con: DuckDBPyConnection, records: int, source: str = "orders") -> None:
    """Let so many records of a source be gone."""
    for table in ("landing.live_record", "golden.crosswalk"):
        con.execute(
            f"DELETE FROM {table} WHERE source = ? AND split_part(source_record_id, ':', 1)::INTEGER < {records}",
            [source],
        )


def vanish(con: DuckDBPyConnection, customers: int) -> None:
    """Let all records of so many customers be gone."""
    for source in ("orders", "billing"):
        delete(con, customers, source)
    con.execute(f"DELETE FROM golden.customer WHERE golden_id[2:]::INTEGER < {customers}")


def quarantine(con: DuckDBPyConnection, rows: int) -> None:
    """Set so many rows of tonight's billing aside."""
    con.execute("UPDATE landing.delivery SET quarantined = ? WHERE delivery_id = 'billing@n2'", [rows])
    con.execute(f"""
        INSERT INTO landing.quarantine BY NAME SELECT 'billing@n2' AS delivery_id, 'billing' AS source,
            'billing2.csv' AS path, i + 2 AS line, 'ragged_row' AS reason FROM range({rows}) AS t(i)""")


def change(con: DuckDBPyConnection, records: int, **columns: str) -> None:
    """Let so many records of billing be changed tonight, each column to what the SQL says."""
    chosen = f"source = 'billing' AND split_part(source_record_id, ':', 1)::INTEGER < {records}"
    con.execute(f"UPDATE landing.live_record SET run_id = 'n2' WHERE {chosen}")
    for column, sql in columns.items():
        con.execute(f"UPDATE matching.standardised SET {column} = {sql} WHERE {chosen}")
        if column in {"given", "family", "emails", "phones"}:
            con.execute(f"""
                UPDATE matching.distinct_record SET {column} = {sql} WHERE distinct_record_id IN
                (SELECT distinct_record_id FROM matching.member WHERE {chosen})""")


def empty(con: DuckDBPyConnection, records: int) -> None:
    """Let so many records of billing lose their phone."""
    change(con, records, phones="[]", phone="NULL")


def held(results: tuple[CheckResult, ...]) -> list[str]:
    return [result.name for result in results if not result.passed]


def told(results: tuple[CheckResult, ...], name: str) -> str:
    return next(result.detail for result in results if result.name == name)


def causes(con: DuckDBPyConnection, rule: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = con.execute("SELECT causes FROM quality.gate WHERE rule = ?", [rule]).fetchall()[0][0]
    return found


def test_a_candidate_like_its_base_passes_every_rule(con: DuckDBPyConnection, run: Run) -> None:
    results = judge(con, gate_settings(), run)
    assert held(results) == []
    assert con.execute("SELECT DISTINCT run_id, outcome, len(causes) FROM quality.gate").fetchall() == [
        ("n2", "pass", 0)
    ]


def test_every_share_of_the_settings_is_judged(con: DuckDBPyConnection, run: Run) -> None:
    change(con, 30)
    rules = {result.expectation for result in judge(con, gate_settings(), run)}
    assert rules == {name for name in GateSettings.model_fields if name.startswith("max_")} | {"broken_decisions"}


def test_the_first_night_has_nothing_to_lose(con: DuckDBPyConnection, run: Run) -> None:
    con.execute("DELETE FROM base.main.customer")
    con.execute("DELETE FROM base.main.crosswalk")
    con.execute("DELETE FROM yesterday.matching.standardised")
    results = judge(con, gate_settings(and_at_least=0), run)
    assert held(results) == []
    nothing = {result.detail for result in results if result.rows == 0 and "published before" in result.detail}
    assert "no customers were published before: there is nothing to lose" in nothing


@pytest.mark.parametrize(
    ("do", "rule", "subject"),
    [
        (merge_in_pairs, "max_merged_customers", ""),
        (split, "max_split_customers", ""),
        (vanish, "max_vanished_customers", ""),
        (split, "max_moved_records", "billing"),
        (delete, "max_deleted_records", "orders"),
        (quarantine, "max_quarantined_records", "billing"),
        (empty, "max_emptied_values", "billing"),
    ],
)
@pytest.mark.parametrize(("affected", "holds"), [(7, False), (8, True)])
def test_a_share_holds_above_what_is_allowed(  # noqa: PLR0913 - an argument per column of the table above
    con: DuckDBPyConnection,
    run: Run,
    do: Callable[[DuckDBPyConnection, int], None],
    rule: str,
    subject: str,
    affected: int,
    *,
    holds: bool,
) -> None:
    do(con, affected)
    results = judge(con, gate_settings(alone=rule, and_at_least=1, **{rule: "7%"}), run)
    name = f"gate: {rule} {subject}".strip()
    assert held(results) == ([name] if holds else [])
    found = next(result for result in results if result.name == name)
    assert (found.unexpected, found.rows) == (affected, CUSTOMERS)
    assert held(judge(con, gate_settings(alone=rule, and_at_least=affected + 1, **{rule: "0%"}), run)) == []


def test_an_export_of_nothing_is_held_whatever_else_is_delivered(con: DuckDBPyConnection, run: Run) -> None:
    delete(con, CUSTOMERS)
    (result,) = [result for result in judge(con, gate_settings(), run) if not result.passed]
    assert result.detail == (
        "orders: 100 of 100 records (100.0%) are gone; 20.0% may be in one night, or fewer than 20. Cause: orders"
        " delivered 100 rows (orders2.csv), 100 the time before (orders1.csv). To do: ask for the export of orders"
        " again and run again; or where it is right, `joinedup release approve --reason TEXT`, or raise"
        " gate.max_deleted_records in joinedup.yaml and run again"
    )
    row = con.execute(
        "SELECT rule, subject, outcome, unit, found, allowed, reason FROM quality.gate WHERE outcome = 'hold'"
    )
    assert row.fetchall() == [("max_deleted_records", "orders", "hold", "share", 1.0, 0.2, result.detail)]


def test_records_that_are_nobodys_count_as_records_of_their_source(con: DuckDBPyConnection, run: Run) -> None:
    con.execute("INSERT INTO base.main.excluded_record SELECT 'mail', 'm' || i, 'newsletter' FROM range(30) AS t(i)")
    assert held(judge(con, gate_settings(), run)) == ["gate: max_deleted_records mail"]


def test_a_deleted_customer_is_not_merged(con: DuckDBPyConnection, run: Run) -> None:
    con.execute("DELETE FROM golden.crosswalk; DELETE FROM golden.customer; DELETE FROM landing.live_record")
    results = judge(con, gate_settings(), run)
    assert held(results) == [
        "gate: max_deleted_records billing",
        "gate: max_deleted_records orders",
        "gate: max_vanished_customers",
    ]
    assert "of 100 of them records of billing (billing2.csv) are gone" in told(results, "gate: max_vanished_customers")


def test_a_source_taken_out_speaks_once(con: DuckDBPyConnection, run: Run) -> None:
    vanish(con, CUSTOMERS)
    con.execute("UPDATE landing.delivery SET outcome = 'withdrawn', read = 0 WHERE run_id = 'n2'")
    results = judge(con, gate_settings(), run)
    assert held(results) == ["gate: max_deleted_records billing", "gate: max_deleted_records orders"]
    assert "billing was taken out of joinedup.yaml" in told(results, "gate: max_deleted_records billing")


@pytest.mark.parametrize(("customers", "holds"), [(20, False), (21, True)])
def test_one_customer_that_many_become_holds_whatever_share_they_are(
    con: DuckDBPyConnection, run: Run, customers: int, *, holds: bool
) -> None:
    merge(con, customers)
    results = judge(con, gate_settings(alone="max_merged_into_one"), run)
    assert held(results) == ["gate: max_merged_into_one"] * holds
    assert told(results, "gate: max_merged_into_one").startswith(
        f"{customers} customers become one and the same, c99; 20 may be in one night"
    )


def test_one_customer_that_gains_many_records_holds_but_not_those_of_a_new_source(
    con: DuckDBPyConnection, run: Run
) -> None:
    def bring(source: str) -> tuple[CheckResult, ...]:
        for table, column, value in (("golden.crosswalk", "golden_id", "c5"), ("landing.live_record", "run_id", "n2")):
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT ? AS {column}, ? AS source, 'new' || i AS source_record_id"
                " FROM range(40) AS t(i)",
                [value, source],
            )
        return judge(con, gate_settings(), run)

    assert held(bring("mail")) == []
    results = bring("billing")
    assert held(results) == ["gate: max_growth_of_one"]
    assert "40 of 280 records (14.3%) come to one customer, c5" in told(results, "gate: max_growth_of_one")
    assert "40 of them are new or changed records of billing (billing2.csv)" in told(results, "gate: max_growth_of_one")


@pytest.mark.parametrize(
    ("decision", "state", "records", "broken"),
    [
        ("different", "bound", ("1:1", "1:1"), True),
        ("different", "reconfirm", ("1:1", "1:1"), True),
        ("different", "dormant", ("1:1", "1:1"), False),
        ("different", "bound", ("1:1", "2:1"), False),
        ("same", "bound", ("1:1", "2:1"), True),
        ("same", "bound", ("1:1", "1:1"), False),
    ],
)
def test_a_decision_that_is_not_kept_to_holds_and_no_share_lets_it_through(
    con: DuckDBPyConnection, run: Run, decision: str, state: str, records: tuple[str, str], *, broken: bool
) -> None:
    con.execute(
        "INSERT INTO matching.decision BY NAME SELECT 1 AS decision_id, 0 AS place, ? AS decision,"
        " 'orders' AS source_l,"
        " ? AS source_record_id_l, 'billing' AS source_r, ? AS source_record_id_r, ? AS state",
        [decision, records[0], records[1].replace(":1", ":2"), state],
    )
    results = judge(con, gate_settings(alone="-", and_at_least=1000), run)
    assert held(results) == ["gate: broken_decisions"] * broken
    assert "release approve" not in told(results, "gate: broken_decisions")


def test_decisions_that_contradict_each_other_do_not_hold(con: DuckDBPyConnection, run: Run) -> None:
    """Not all of them can be kept; what came of it was taken apart, and stewards are asked again."""
    con.execute("""
        INSERT INTO matching.decision BY NAME
        SELECT 1 AS decision_id, 0 AS place, 'same' AS decision, 'orders' AS source_l, '1:1' AS source_record_id_l,
            'billing' AS source_r, '2:2' AS source_record_id_r, 'bound' AS state;
    """)
    settings = gate_settings(alone="-", and_at_least=1000)
    assert held(judge(con, settings, run)) == ["gate: broken_decisions"]
    con.execute("""
        INSERT INTO matching.resolution BY NAME
        SELECT distinct_record_id, distinct_record_id AS component, distinct_record_id AS entity, 1 AS cohesion
        FROM matching.member;
        INSERT INTO matching.poisoned BY NAME
        SELECT distinct_record_id AS entity, distinct_record_id AS whole, 'decisions_conflict' AS reason,
            1 AS distinct_records, 1 AS records, 2 AS whole_distinct_records, 2 AS whole_records
        FROM matching.member WHERE (source, source_record_id) IN (('orders', '1:1'), ('billing', '2:2'));
    """)
    assert held(judge(con, settings, run)) == []


def test_broken_rows_hold_beyond_what_the_last_delivery_had(con: DuckDBPyConnection, run: Run) -> None:
    quarantine(con, 30)
    results = judge(con, gate_settings(), run)
    assert held(results) == ["gate: max_quarantined_records billing"]
    said = told(results, "gate: max_quarantined_records billing")
    assert "billing: 30 of 100 rows (30.0%) cannot be read" in said
    assert "30 rows of billing: ragged_row, the first at billing2.csv:2" in said
    con.execute("UPDATE landing.delivery SET quarantined = 25 WHERE delivery_id = 'billing@n1'")
    assert held(judge(con, gate_settings(), run)) == []
    con.execute("DELETE FROM landing.delivery WHERE delivery_id = 'billing@n1'")
    assert held(judge(con, gate_settings(), run)) == []


ONE_MAILBOX = {"emails": "['shop@a.example']", "email": "'shop@a.example'"}


def test_one_value_for_everybody_holds_and_is_named(con: DuckDBPyConnection, run: Run) -> None:
    change(con, 60, **ONE_MAILBOX)
    results = judge(con, gate_settings(), run)
    assert held(results) == ["gate: max_one_value billing"]
    said = told(results, "gate: max_one_value billing")
    assert "60 of 60 new or changed records that say e-mails (100.0%) say one and the same" in said
    assert "e-mail shop@a.example in 60 new or changed records of billing (billing2.csv), of 60 customers" in said
    assert 'write `placeholders: {email: ["shop@a.example"]}` under matching in joinedup.yaml' in said
    (cause,) = causes(con, "max_one_value")
    found = (
        cause["source"],
        cause["delivery_id"],
        cause["files"],
        cause["attribute"],
        cause["value"],
        cause["affected"],
    )
    assert found == ("billing", "billing@n2", ["billing2.csv"], "email", "shop@a.example", 60)


@pytest.mark.parametrize(
    "ordinary",
    [
        pytest.param("UPDATE yesterday.matching.standardised SET emails = []", id="newly mapped"),
        pytest.param("UPDATE yesterday.matching.standardised SET emails = ['shop@a.example']", id="always so"),
        pytest.param("DELETE FROM base.main.crosswalk WHERE source = 'billing'", id="new source"),
        pytest.param(
            "INSERT INTO matching.shared_value VALUES ('email', 'shop@a.example', 60, 60, 'configured')",
            id="placeholder",
        ),
        pytest.param("UPDATE base.main.crosswalk SET golden_id = 'c1' WHERE source = 'billing'", id="one customer"),
    ],
)
def test_one_value_that_is_ordinary_does_not_hold(con: DuckDBPyConnection, run: Run, ordinary: str) -> None:
    change(con, 60, **ONE_MAILBOX)
    con.execute(ordinary)
    assert held(judge(con, gate_settings(alone="max_one_value"), run)) == []


def test_a_value_that_is_dropped_as_evidence_holds_all_the_same(con: DuckDBPyConnection, run: Run) -> None:
    change(con, 60, phones="[]", phone="NULL")
    con.execute("""
        INSERT INTO matching.dropped_value SELECT source, source_record_id, 'phone', '(000) 000-0000', 'no number'
        FROM landing.live_record WHERE run_id = 'n2'""")
    results = judge(con, gate_settings(), run)
    assert held(results) == ["gate: max_one_value billing", "gate: max_emptied_values billing"]
    assert "60 of 100 records that had phones (60.0%) have none any more" in told(
        results, "gate: max_emptied_values billing"
    )


def test_a_phone_that_joins_customers_is_named_with_its_source_file_and_rule(con: DuckDBPyConnection, run: Run) -> None:
    change(con, 45, phones="['2065550100']")
    merge_in_pairs(con, 45)
    con.execute("UPDATE golden.crosswalk SET golden_id = 'c99' WHERE golden_id[2:]::INTEGER >= 50")
    con.execute("""
        INSERT INTO matching.pair BY NAME SELECT 'billing0:2' AS distinct_record_id_l,
        'billing' || i || ':2' AS distinct_record_id_r, 'phone' AS match_key FROM range(1, 45) AS t(i)""")
    results = judge(con, gate_settings(), run)
    said = told(results, "gate: max_merged_customers")
    assert (
        "phone 2065550100 in 45 new or changed records of billing (billing2.csv)"
        " joins 45 customers (blocking rule phone)" in said
    )
    assert 'write `placeholders: {phone: ["2065550100"]}` under matching in joinedup.yaml' in said
    assert "Cause: the same as of max_merged_customers" in told(results, "gate: max_merged_into_one")
    assert causes(con, "max_merged_into_one") == causes(con, "max_merged_customers")


def test_a_value_that_few_carry_is_counted_and_never_named(con: DuckDBPyConnection, run: Run) -> None:
    change(con, 30, emails="[(50 + family[7:]::INTEGER) || '@a.example']")
    merge_in_pairs(con, 30)
    results = judge(con, gate_settings(), run)
    said = told(results, "gate: max_merged_customers")
    assert "30 e-mails in new or changed records of billing (billing2.csv) tie 60 customers to others" in said
    assert "@" not in "".join(result.detail for result in results)
    assert all(cause["value"] == "" for cause in causes(con, "max_merged_customers"))


def test_records_that_changed_are_the_cause_of_a_split(con: DuckDBPyConnection, run: Run) -> None:
    change(con, 40, phones="['9']")
    split(con, 40)
    said = told(judge(con, gate_settings(), run), "gate: max_split_customers")
    assert "in 40 of these customers records of billing (billing2.csv) changed, with other phones" in said


def test_what_no_record_explains_is_told_so(con: DuckDBPyConnection, run: Run) -> None:
    merge_in_pairs(con, 30)
    said = told(judge(con, gate_settings(), run), "gate: max_merged_customers")
    assert "60 of these customers have no record that changed; model, settings and program are the same" in said


def test_a_lowered_threshold_is_named_with_what_it_was(con: DuckDBPyConnection, run: Run) -> None:
    merge_in_pairs(con, 30)
    content = """{"merge_at": %s, "definitions": {"comparisons": [{"name": "email", "levels": %s}], "rules": []}}"""
    con.execute("INSERT INTO matching.model VALUES ('m1', 'n1', ?)", [content % (0.99, "[1]")])
    con.execute("INSERT INTO matching.model VALUES ('m2', 'n2', ?)", [content % (0.6, "[2]")])
    said = told(judge(con, gate_settings(), run), "gate: max_merged_customers")
    assert (
        "the model is another one (m2, was m1): matching.merge_at was 0.99, is 0.6, comparisons are others (email)"
        in said
    )


def test_a_limit_has_no_least() -> None:
    assert Limit("rule", "", 21, 20, "customers", "look").holds(1000)
    assert not Limit("rule", "", 20, 20, "customers", "look").holds(0)


def test_the_same_candidate_is_judged_the_same_again(con: DuckDBPyConnection, run: Run) -> None:
    merge(con, 50)
    assert judge(con, gate_settings(), run) == judge(con, gate_settings(), run)


@pytest.mark.parametrize("percent", [0.1, 0.3, 0.7, 1.1, 2.9, 5, 33.3])
def test_exactly_what_is_allowed_is_allowed_though_binary_knows_no_tenths(percent: float) -> None:
    allowed = gate_settings(max_merged_customers=f"{percent}%").gate.max_merged_customers
    affected = round(percent * 10)
    assert not Share("rule", "", affected, 1000, allowed, "customers", "merge", "look").holds(1)
    assert Share("rule", "", affected + 1, 1000, allowed, "customers", "merge", "look").holds(1)


PRECISION = "gate: min_precision"


def measure_precision(con: DuckDBPyConnection, low: float | None) -> None:
    con.execute("DELETE FROM review.audit_measure")
    value, high = (None, None) if low is None else (low + 0.01, low + 0.02)
    con.execute(
        "INSERT INTO review.audit_measure VALUES ('all', 9, 120, 3, ?, ?, ?, NULL, NULL, NULL)", [value, low, high]
    )


def about_precision(results: tuple[CheckResult, ...]) -> list[CheckResult]:
    return [result for result in results if result.name == PRECISION]


def test_nothing_is_wanted_by_default(con: DuckDBPyConnection, run: Run) -> None:
    measure_precision(con, 0.5)
    assert about_precision(judge(con, gate_settings(alone="-"), run)) == []


def test_a_night_is_held_where_precision_may_be_less_than_is_wanted(con: DuckDBPyConnection, run: Run) -> None:
    measure_precision(con, 0.949)
    results = judge(con, gate_settings(alone="-", min_precision="95%"), run)
    assert held(results) == [PRECISION]
    (found,) = about_precision(results)
    assert found.detail.startswith(
        "the measured precision is 95.90% (94.90% to 96.90% by 120 judged pairs); it is to be 95.00% at the lower end"
    )
    assert "judge more of that queue" in found.detail
    assert "lower gate.min_precision in joinedup.yaml" in found.detail
    measure_precision(con, 0.95)
    assert held(judge(con, gate_settings(alone="-", min_precision="95%"), run)) == []


def test_a_night_is_not_held_before_enough_was_judged(con: DuckDBPyConnection, run: Run) -> None:
    (found,) = about_precision(judge(con, gate_settings(alone="-", min_precision="95%"), run))
    assert found.passed
    assert "not measured yet" in found.detail
    measure_precision(con, None)
    assert held(judge(con, gate_settings(alone="-", min_precision="95%"), run)) == []

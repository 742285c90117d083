"""One small candidate that is right in everything: the second night of three customers, one of whom merges."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse.connection import open_memory, quote_identifier
from warehouse.run import Base, Run
from warehouse.settings import Settings
from warehouse.tables import ALL_TABLES, RELEASE_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from warehouse.table_spec import TableSpec

CANARY = "Canarybird"
"""The family name of a customer, which must be nowhere in what a check leaves behind."""
A, B, C = "cus_00000000000000A1", "cus_00000000000000B1", "cus_00000000000000C1"
O1, K1 = "act_0000000000000001", "act_00000000000000K1"
AS_OF, STARTED_AT = datetime(2026, 3, 2, 6), datetime(2026, 3, 2, 7)  # noqa: DTZ001 - naive UTC, as everything stored
_FIRST, _TONIGHT = "'2026-03-01 06:00'", "'2026-03-02 06:00'"

_RECORDS = f"""
    CREATE TEMP TABLE record AS FROM (VALUES
        ('orders', 'O1', 'n1', 'order', '{A}', 'single'),
        ('orders', 'O2', 'n1', 'order', '{A}', 'identical'),
        ('orders', 'O3', 'n1', 'order', '{C}', 'single'),
        ('billing', 'B1', 'n1', 'account', '{A}', 'probabilistic'),
        ('billing', 'B2', 'n1', 'account', '{A}', 'probabilistic'),
        ('mail', 'M1', 'n2', 'message', '{A}', 'probabilistic'),
        ('mail', 'N1', 'n1', 'message', NULL, NULL),
        ('cases', 'K1', 'n2', 'case', '{A}', 'probabilistic')
    ) AS t(source, source_record_id, run_id, holds, golden_id, basis)"""
_LANDING = f"""
    INSERT INTO landing.source_record BY NAME
    SELECT source, source_record_id, run_id, source || '@' || run_id AS delivery_id, false AS deleted,
        'f' AS path, 'h' AS record_hash, 'm' AS mapping_hash, holds, 50 AS trust, '1980-05-17'::DATE AS birth_date,
        CASE source_record_id WHEN 'N1' THEN 'newsletter' END AS excluded_reason, 'given_first' AS name_order,
        'open' AS status_class, 'inbound' AS direction
    FROM record;
    INSERT INTO landing.live_record BY NAME SELECT * EXCLUDE (deleted, raw) FROM landing.source_record;
    INSERT INTO landing.lineage VALUES ('n2', 0), ('n1', 1);
    INSERT INTO landing.night VALUES ('n2', {_TONIGHT});
    INSERT INTO landing.delivery VALUES
        ('orders@n2', 'n2', 'orders', 'full', 'read', 'm', 20, 0, 0, 3, 16, 0, 1, 0, NULL, NULL),
        ('billing@n2', 'n2', 'billing', 'full', 'read', 'm', 2, 0, 0, 2, 0, 0, 0, 0, NULL, NULL),
        ('mail@n2', 'n2', 'mail', 'incremental', 'read', 'm', 1, 1, 0, 0, 0, 0, 0, 0, NULL, NULL),
        ('cases@n2', 'n2', 'cases', 'full', 'read', 'm', 1, 1, 0, 0, 0, 0, 0, 0, NULL, NULL);
    INSERT INTO landing.file BY NAME SELECT delivery_id, source, source || '.csv' AS path, 's' AS sha256, 9 AS bytes,
        read AS rows, ['key'] AS columns
    FROM landing.delivery;
    INSERT INTO landing.quarantine BY NAME SELECT 'orders@n2' AS delivery_id, 'orders' AS source,
        'orders.csv' AS path, 7 AS line, 'cut short' AS reason, '?' AS raw"""
_MATCHING = """
    INSERT INTO matching.standardised BY NAME
    SELECT source, source_record_id, 'ann' AS given, 'jr' AS suffix, 'ann@shop.example' AS email,
        ['ann@shop.example', 'bell@shop.example'] AS emails, '5550199' AS phone, ['2125550199'] AS phones,
        ['loyalty:7'] AS identifiers, false AS name_from_email
    FROM record WHERE golden_id IS NOT NULL;
    INSERT INTO matching.excluded_record VALUES ('mail', 'N1', 'newsletter');
    INSERT INTO matching.shared_value BY NAME
    SELECT 'email' AS attribute, 'none@none.example' AS value, 9 AS records, 9 AS people, 'disagreement' AS reason;
    INSERT INTO matching.cluster
    SELECT source, source_record_id, golden_id, basis, 9.5 FROM record WHERE golden_id IS NOT NULL"""
_GOLDEN = f"""
    INSERT INTO golden.crosswalk SELECT source, source_record_id, golden_id, basis, 9.5, 'r1'
    FROM record WHERE golden_id IS NOT NULL;
    INSERT INTO golden.excluded_record VALUES ('mail', 'N1', 'newsletter');
    INSERT INTO golden.customer BY NAME SELECT * FROM (VALUES
        ('{A}', 'Ann {CANARY}', 'Ann', '{CANARY}', '1980-05-17'::DATE, 'ann@shop.example', '+12125550199',
         ['ann@shop.example', 'bell@shop.example'], ['+12125550199'], 7, 4, 0.97, 'service', 'r2'),
        ('{C}', 'Larkspur', NULL, NULL, NULL, NULL, NULL, [], [], 1, 1, 1.0, 'billing', 'r1')
    ) AS t(golden_id, full_name, given_name, family_name, birth_date, email, phone, emails, phones, record_count,
        source_count, cohesion, safe_for, changed_in);
    UPDATE golden.customer SET record_count = 6 WHERE golden_id = '{A}';
    UPDATE golden.customer
    SET identifiers = MAP {{'loyalty': ['7']}}, first_seen_at = {_FIRST}, last_seen_at = {_TONIGHT};
    UPDATE golden.customer SET organisation = 'Larkspur' WHERE golden_id = '{C}';
    INSERT INTO golden.provenance BY NAME SELECT golden_id, attribute, value, 'orders' AS source,
        CASE golden_id WHEN '{A}' THEN 'O1' ELSE 'O3' END AS source_record_id, 'trust' AS rule, {_FIRST} AS observed_at,
        [{{'value': 'lost', 'source': 'orders', 'source_record_id': CASE golden_id WHEN '{A}' THEN 'O2' ELSE 'O3' END,
           'observed_at': {_FIRST}::TIMESTAMP}}] AS alternatives
    FROM (UNPIVOT (SELECT golden_id, given_name, family_name, organisation, birth_date::VARCHAR AS birth_date,
                   email, phone FROM golden.customer) ON COLUMNS(* EXCLUDE golden_id) INTO NAME attribute VALUE value);
    INSERT INTO golden.possible_match VALUES ('{A}', '{C}', 0.6, 'the same name');
    INSERT INTO golden.change BY NAME SELECT * FROM (VALUES
        (1, 'r1', 'created', '{A}', NULL, 'orders', 'O1', '{{}}'),
        (2, 'r1', 'created', '{B}', NULL, 'billing', 'B2', '{{}}'),
        (3, 'r1', 'created', '{C}', NULL, 'orders', 'O3', '{{}}'),
        (4, 'r1', 'attached', '{A}', NULL, 'orders', 'O1', '{{}}'),
        (5, 'r1', 'attached', '{A}', NULL, 'orders', 'O2', '{{}}'),
        (6, 'r1', 'attached', '{A}', NULL, 'billing', 'B1', '{{}}'),
        (7, 'r1', 'attached', '{B}', NULL, 'billing', 'B2', '{{}}'),
        (8, 'r1', 'attached', '{C}', NULL, 'orders', 'O3', '{{}}'),
        (9, 'r2', 'detached', '{B}', '{A}', 'billing', 'B2', NULL),
        (10, 'r2', 'attached', '{A}', '{B}', 'billing', 'B2', '{{}}'),
        (11, 'r2', 'attached', '{A}', NULL, 'mail', 'M1', '{{}}'),
        (12, 'r2', 'attached', '{A}', NULL, 'cases', 'K1', '{{}}'),
        (13, 'r2', 'merged', '{B}', '{A}', NULL, NULL, NULL),
        (14, 'r2', 'updated', '{A}', NULL, NULL, NULL, '{{}}')
    ) AS t(sequence, release_id, event, golden_id, other_golden_id, source, source_record_id, after)
    CROSS JOIN (SELECT NULL::TIMESTAMP AS at, 'matched anew' AS cause);
    UPDATE golden.change SET "at" = CASE release_id WHEN 'r1' THEN {_FIRST}::TIMESTAMP ELSE {_TONIGHT} END;
    INSERT INTO golden.redirect VALUES ('{B}', '{A}', 'r2')"""
_CARE = f"""
    INSERT INTO care.activity BY NAME
    SELECT 'act_' || lpad(replace(source_record_id, 'O', ''), 16, '0') AS activity_id,
        golden_id, source, source_record_id, holds AS kind,
        {_FIRST} AS at, CASE WHEN holds IN ('case', 'message') THEN '{O1}' END AS about_activity_id,
        CASE WHEN holds IN ('case', 'message') THEN '{K1}' END AS conversation_id,
        'inbound' AS direction, CASE holds WHEN 'order' THEN 12.5 END AS amount,
        CASE holds WHEN 'order' THEN 'USD' END AS currency,
        CASE source_record_id WHEN 'O2' THEN 'cancelled' WHEN 'K1' THEN 'open' END AS status, status AS state
    FROM record WHERE golden_id IS NOT NULL;
    INSERT INTO care.item VALUES ('{O1}', 1, 'SKU', 'a lamp', 1, 10), ('{O1}', 2, 'SKU', 'a bulb', 1, 2.5);
    INSERT INTO care.profile BY NAME SELECT * FROM (VALUES
        ('{A}', 1, 2, 1, 1, 'new', {_FIRST}::TIMESTAMP), ('{C}', 1, 0, 0, 0, 'new', NULL)
    ) AS t(golden_id, orders, contacts, open_cases, problems_12m, experience, last_contact_at);
    UPDATE care.profile SET spend = MAP {{'USD': 12.5}}, last_order_at = {_FIRST}, last_problem_at = last_contact_at,
        satisfaction = 'mixed', may_offer = golden_id = '{C}', may_offer_reason = 'an open case';
    INSERT INTO care.signal VALUES ('{A}', 'open_case', 'notice', {_FIRST}, 'a case is open', 'We have it.', '{K1}');
    INSERT INTO care.signal_change VALUES (1, 'r1', {_FIRST}, 'raised', '{A}', 'open_case', 'notice', {_FIRST}, '{K1}');
    INSERT INTO care.contact_fact VALUES
        ('{A}', '{K1}', 'phone', '206 555 0100', 'new', {_FIRST}, 'My new number is 206 555 0100.', false);
    INSERT INTO care.permission VALUES ('{A}', 'email', 'marketing', false, 'said no', 'billing', 'B1', {_FIRST});
    INSERT INTO care.offer VALUES ('{A}', 'bulbs', false, 'bought a lamp; but a case is open', 'Bulbs'),
        ('{C}', 'bulbs', true, 'bought a lamp', 'Bulbs');
    INSERT INTO care.known_issue (issue_id) VALUES ('I1');
    INSERT INTO care.issue_effect VALUES ('I1', '{O1}', 1, '{A}', 'the article');
    INSERT INTO care.household SELECT 'hh_00000000000000H1', unnest(['{A}', '{C}']), 'address'"""
_BASE = f"""
    INSERT INTO base.main.customer FROM golden.customer WHERE golden_id = '{A}';
    INSERT INTO base.main.customer SELECT * REPLACE ('{B}' AS golden_id) FROM golden.customer WHERE golden_id = '{A}';
    INSERT INTO base.main.customer FROM golden.customer WHERE golden_id = '{C}';
    INSERT INTO base.main.crosswalk SELECT x.* FROM golden.crosswalk AS x JOIN record USING (source, source_record_id)
    WHERE run_id = 'n1';
    UPDATE base.main.crosswalk SET golden_id = '{B}' WHERE source_record_id = 'B2';
    INSERT INTO base.main.excluded_record FROM golden.excluded_record;
    INSERT INTO latest.main.change FROM golden.change WHERE release_id = 'r1'"""


def make_table(con: DuckDBPyConnection, spec: TableSpec, place: str) -> None:
    """Create the table without the constraints of its spec: what they keep out must be found by the checks."""
    columns = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in spec.columns)
    con.execute(f"CREATE TABLE {place}.{quote_identifier(spec.name)} ({columns})")


@pytest.fixture(scope="session")
def valid() -> Iterator[DuckDBPyConnection]:
    """Return a warehouse whose candidate is right; use `candidate` where it is to be changed."""
    with open_memory() as con:
        for schema in sorted({spec.schema for spec in ALL_TABLES}):
            con.execute(f"CREATE SCHEMA {schema}")
        for spec in ALL_TABLES:
            make_table(con, spec, spec.schema)
        for catalog in ("base", "latest"):
            con.execute(f"ATTACH ':memory:' AS {catalog}")
            for spec in RELEASE_TABLES:
                make_table(con, spec, f"{catalog}.main")
        for script in (_RECORDS, _LANDING, _MATCHING, _GOLDEN, _CARE, _BASE):
            con.execute(script)
        yield con


@pytest.fixture
def candidate(valid: DuckDBPyConnection) -> Iterator[DuckDBPyConnection]:
    """Return the warehouse for one test to damage."""
    valid.execute("BEGIN")
    yield valid
    valid.execute("ROLLBACK")


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Return the settings of the candidate's four sources."""
    sources: dict[str, dict[str, object]] = {
        name: {"holds": holds, "files": f"{name}.csv", "format": "csv", "load": load, "key": "key"}
        for name, holds, load in (
            ("orders", "order", "full"),
            ("billing", "account", "full"),
            ("mail", "message", "incremental"),
            ("cases", "case", "full"),
        )
    }
    sources["billing"]["expect"] = {"every": "2d"}
    return Settings.model_validate({"version": 1, "sources": sources})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return tonight's run, the second, on the base r1."""
    base = Base("r1", Path("r1"), ("n1",), AS_OF, "m1")
    return Run("n2", tmp_path, STARTED_AT, base, "r1")

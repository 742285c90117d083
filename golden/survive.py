"""Builds the golden record of each customer, with the provenance of every value: the stage `survive`.

READS: golden.crosswalk, landing.live_record, matching.standardised, matching.shared_value, matching.cluster,
matching.cluster_tie, matching.ruling, landing.night, base.customer.
WRITES: golden.customer, golden.provenance.
Invariant: one golden record per golden id of golden.crosswalk; which value survives depends on the records alone, not
on their order, and on what stewards have pinned. Given and family name come from one record, and so do the parts of an
address, but for what is pinned of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from golden.evidence import add_rest_of_name, find_candidates
from golden.pins import find_pinned
from golden.provenance import write_provenance
from golden.ranking import prefer_fuller_forms, rank, start_ranking
from golden.rules import rules_of
from warehouse.connection import quote_identifier
from warehouse.run import StageReport, as_of
from warehouse.state import next_release_id
from warehouse.tables.golden import ATTRIBUTES, CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from golden.rules import SurvivorshipRule
    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (
    "golden.crosswalk",
    "landing.live_record",
    "matching.standardised",
    "matching.shared_value",
    "matching.cluster",
    "matching.cluster_tie",
    "matching.ruling",
    "landing.night",
    "base.customer",
)
WRITES = ("golden.customer", "golden.provenance")

BILLING_COHESION = 0.99
SERVICE_COHESION = 0.9
MARKETING_COHESION = 0.7
"""How firmly a customer must hang together for a use: a stranger's bill costs more than a stray offer.

Billing also asks for a name to bill: given and family name, or an organisation. What is fit for less is for analytics.
Cohesion is a probability, and these lines promise what they say: in each set with a known truth at least 99, 90 and 70
of 100 customers fit for the use are one person's (docs/trust.md, `python -m benchmarks.trust`).
"""

COHESION_DECIMALS = 6

_REST_OF_NAME = ("middle_name", "name_suffix")


def survive(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's golden records and where each of their values comes from."""
    find_candidates(con)
    start_ranking(con)
    attributes = [
        str(row[0]) for row in con.execute("SELECT DISTINCT attribute FROM candidate ORDER BY ALL").fetchall()
    ]
    _rank_by_rules(con, attributes, settings)
    prefer_fuller_forms(con, ("name", "address"))
    add_rest_of_name(con)
    _rank_by_rules(con, _REST_OF_NAME, settings)
    prefer_fuller_forms(con, ("middle_name",))
    find_pinned(con, as_of(con))
    write_provenance(con)
    con.execute("DELETE FROM golden.customer")
    con.execute(_CUSTOMER, [next_release_id(run)])
    for table in ("evidence", "candidate", "ranked", "pinned"):
        con.execute(f"DROP TABLE {table}")
    rows = {table: int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]) for table in WRITES}
    safe_for = con.execute("SELECT safe_for, count(*) FROM golden.customer GROUP BY ALL ORDER BY ALL").fetchall()
    return StageReport(rows=rows, figures={f"safe_for_{use}": int(customers) for use, customers in safe_for})


def _rank_by_rules(con: DuckDBPyConnection, attributes: Sequence[str], settings: Settings) -> None:
    by_rules: dict[tuple[SurvivorshipRule, ...], list[str]] = {}
    for attribute in attributes:
        by_rules.setdefault(rules_of(attribute, settings), []).append(attribute)
    for rules, ranked_alike in by_rules.items():
        rank(con, ranked_alike, rules)


def _published(attribute: str) -> str:
    kind = next(column.type for column in CUSTOMER.columns if column.name == attribute)
    return f"max(value) FILTER (attribute = '{attribute}')::{kind} AS {attribute}"


_EQUAL_TO_BASE = " AND ".join(
    f"held.{quote_identifier(name)} IS NOT DISTINCT FROM now.{quote_identifier(name)}"
    for name in CUSTOMER.column_names
    if name != "changed_in"
)
_CUSTOMER = f"""
    INSERT INTO golden.customer BY NAME
    WITH published AS (
        SELECT golden_id, {", ".join(_published(attribute) for attribute in ATTRIBUTES)}
        FROM golden.provenance GROUP BY golden_id
    ), contact AS (
        SELECT golden_id,
            list(value ORDER BY value) FILTER (attribute = 'email') AS emails,
            list(value ORDER BY value) FILTER (attribute = 'phone') AS phones
        FROM (
            SELECT golden_id, attribute, value FROM ranked WHERE attribute IN ('email', 'phone')
            UNION
            SELECT golden_id, attribute, value FROM pinned WHERE attribute IN ('email', 'phone')
        )
        GROUP BY golden_id
    ), identifier AS (
        SELECT golden_id, substr(attribute, length('identifier.') + 1) AS key, list(value ORDER BY value) AS value
        FROM ranked WHERE starts_with(attribute, 'identifier.') GROUP BY ALL
    ), identifiers AS (
        SELECT golden_id, map_from_entries(list({{'key': key, 'value': value}} ORDER BY key)) AS identifiers
        FROM identifier GROUP BY golden_id
    ), records AS (
        SELECT held.golden_id, count(*) AS record_count, count(DISTINCT held.source) AS source_count,
            min(least(record.updated_at, record.at)) AS first_seen_at,
            max(greatest(record.updated_at, record.at)) AS last_seen_at
        FROM golden.crosswalk AS held JOIN landing.live_record AS record USING (source, source_record_id)
        GROUP BY held.golden_id
    ), ties AS (
        SELECT held.golden_id, round(min(tie.cohesion), {COHESION_DECIMALS}) AS cohesion
        FROM golden.crosswalk AS held
        JOIN matching.cluster AS cluster USING (source, source_record_id)
        JOIN matching.cluster_tie AS tie ON tie.cluster_id = cluster.cluster_id
        GROUP BY held.golden_id
    ), now AS (
        SELECT
            golden_id,
            coalesce(
                nullif(concat_ws(' ', given_name, middle_name, family_name, name_suffix), ''), organisation
            ) AS full_name,
            published.* EXCLUDE (golden_id),
            coalesce(contact.emails, []) AS emails,
            coalesce(contact.phones, []) AS phones,
            coalesce(identifiers.identifiers, MAP {{}}) AS identifiers,
            records.* EXCLUDE (golden_id),
            cohesion,
            CASE
                WHEN cohesion >= {BILLING_COHESION}
                    AND (given_name IS NOT NULL AND family_name IS NOT NULL OR organisation IS NOT NULL) THEN 'billing'
                WHEN cohesion >= {SERVICE_COHESION} THEN 'service'
                WHEN cohesion >= {MARKETING_COHESION} THEN 'marketing'
                ELSE 'analytics'
            END AS safe_for
        FROM records
        JOIN ties USING (golden_id)
        LEFT JOIN published USING (golden_id)
        LEFT JOIN contact USING (golden_id)
        LEFT JOIN identifiers USING (golden_id)
    )
    SELECT now.*, CASE WHEN {_EQUAL_TO_BASE} THEN held.changed_in ELSE ? END AS changed_in
    FROM now LEFT JOIN base.customer AS held ON held.golden_id = now.golden_id
    ORDER BY now.golden_id
    """

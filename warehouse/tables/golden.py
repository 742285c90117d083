"""Tables of the golden records: exactly as they are published (contract of a release)."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

EVENTS = (
    "created",
    "attached",
    "detached",
    "merged",
    "split",
    "unmerged",
    "updated",
    "retired",
    "revived",
    "erased",
)
ATTRIBUTES = (
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "organisation",
    "birth_date",
    "email",
    "phone",
    "street",
    "unit",
    "city",
    "region",
    "postal_code",
    "country",
)
SAFE_FOR = ("billing", "service", "marketing", "analytics")
DECIDED_BY = ("trust", "recency", "frequency", "completeness", "record order", "only value")

CUSTOMER = TableSpec(
    schema="golden",
    name="customer",
    grain="golden record",
    key=("golden_id",),
    columns=(
        Column("golden_id", "VARCHAR", "opaque, permanent, never used for anybody else", nullable=False),
        Column("full_name", "VARCHAR", "its name parts in reading order, or the organisation", personal=True),
        *(Column(name, "DATE" if name == "birth_date" else "VARCHAR", "", personal=True) for name in ATTRIBUTES),
        Column("emails", "VARCHAR[]", "all e-mails of its records, sorted", nullable=False, personal=True),
        Column("phones", "VARCHAR[]", "all phones of its records, sorted", nullable=False, personal=True),
        Column("identifiers", "MAP(VARCHAR, VARCHAR[])", "name -> values, sorted", nullable=False, personal=True),
        Column("record_count", "BIGINT", "source records", nullable=False),
        Column("source_count", "BIGINT", "sources they come from", nullable=False),
        Column("first_seen_at", "TIMESTAMP", "earliest time in its records, UTC"),
        Column("last_seen_at", "TIMESTAMP", "latest time in its records, UTC"),
        Column("cohesion", "DOUBLE", "0 to 1: the weakest tie that holds it", nullable=False),
        Column("safe_for", "VARCHAR", "the most demanding use it is fit for", nullable=False, values=SAFE_FOR),
        Column("changed_in", "VARCHAR", "the release that last changed this row", nullable=False),
    ),
)

CROSSWALK = TableSpec(
    schema="golden",
    name="crosswalk",
    grain="source record of a customer",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "", nullable=False),
        Column("source_record_id", "VARCHAR", "", nullable=False),
        Column("golden_id", "VARCHAR", "", nullable=False),
        Column(
            "basis",
            "VARCHAR",
            "why it belongs",
            nullable=False,
            values=("single", "identical", "probabilistic", "decision"),
        ),
        Column("match_weight", "DOUBLE", "log2 Bayes factor of its strongest tie; null when it is alone"),
        Column("attached_in", "VARCHAR", "the release since which it belongs", nullable=False),
    ),
)

EXCLUDED_RECORD = TableSpec(
    schema="golden",
    name="excluded_record",
    grain="live source record that is nobody's",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "", nullable=False),
        Column("source_record_id", "VARCHAR", "", nullable=False),
        Column("reason", "VARCHAR", "why", nullable=False),
    ),
)

PROVENANCE = TableSpec(
    schema="golden",
    name="provenance",
    grain="published attribute",
    key=("golden_id", "attribute"),
    columns=(
        Column("golden_id", "VARCHAR", "", nullable=False),
        Column(
            "attribute",
            "VARCHAR",
            "a column of customer that a record said (full_name is made of them), identifier.<name> or extra.<name>",
            nullable=False,
        ),
        Column("value", "VARCHAR", "as published, as text", nullable=False, personal=True),
        Column("source", "VARCHAR", "where it came from", nullable=False),
        Column("source_record_id", "VARCHAR", "the record it came from", nullable=False),
        Column(
            "rule",
            "VARCHAR",
            "the first survivorship rule by which it beat the best of the others; completeness also where it is the "
            "fuller form of the value that the rules put first",
            nullable=False,
            values=DECIDED_BY,
        ),
        Column("observed_at", "TIMESTAMP", "when its record said so, UTC"),
        Column(
            "alternatives",
            "STRUCT(value VARCHAR, source VARCHAR, source_record_id VARCHAR, observed_at TIMESTAMP)[]",
            "the values that lost, best first, one per value",
            nullable=False,
            personal=True,
        ),
    ),
)

CHANGE = TableSpec(
    schema="golden",
    name="change",
    grain="identity event, all releases so far",
    key=("sequence",),
    columns=(
        Column("sequence", "BIGINT", "1, 2, 3, … without gaps over all releases", nullable=False),
        Column("release_id", "VARCHAR", "the release that brought it", nullable=False),
        Column("at", "TIMESTAMP", "as_of of that release, UTC", nullable=False),
        Column("event", "VARCHAR", "", nullable=False, values=EVENTS),
        Column("golden_id", "VARCHAR", "", nullable=False),
        Column(
            "other_golden_id",
            "VARCHAR",
            "merged: who it is now; split, unmerged: who it came out of; attached, detached: where from, where to",
        ),
        Column("cause", "VARCHAR", "what did it", nullable=False),
        Column("source", "VARCHAR", "the record attached, detached or updated; the founder of a created customer"),
        Column("source_record_id", "VARCHAR", ""),
        Column("after", "VARCHAR", "JSON: the row of customer or crosswalk as it is now", personal=True),
    ),
)

REDIRECT = TableSpec(
    schema="golden",
    name="redirect",
    grain="retired golden id",
    key=("golden_id",),
    columns=(
        Column("golden_id", "VARCHAR", "", nullable=False),
        Column("current_golden_id", "VARCHAR", "who it is now; null: no successor"),
        Column("retired_in", "VARCHAR", "", nullable=False),
    ),
)

POSSIBLE_MATCH = TableSpec(
    schema="golden",
    name="possible_match",
    grain="pair left apart though not clearly two",
    key=("golden_id_l", "golden_id_r"),
    columns=(
        Column("golden_id_l", "VARCHAR", "the lesser id", nullable=False),
        Column("golden_id_r", "VARCHAR", "the greater id", nullable=False),
        Column("match_probability", "DOUBLE", "", nullable=False),
        Column("reason", "VARCHAR", "", nullable=False),
    ),
)

TABLES = (CUSTOMER, CROSSWALK, EXCLUDED_RECORD, PROVENANCE, CHANGE, REDIRECT, POSSIBLE_MATCH)

"""Tables of the golden records: exactly as they are published (contract of a release)."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec
from warehouse.tables.landing import EXCLUSION_REASONS

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
_MEANINGS = {
    "given_name": "from the same record as the family name",
    "middle_name": "full or an initial, said along with the name",
    "family_name": "from the same record as the given name",
    "name_suffix": "Jr, Sr, II, III, IV or V, said along with the name",
    "organisation": "the company or other body",
    "birth_date": "a plausible one",
    "email": "the one that the rules put first, or a steward pinned",
    "phone": "the one that the rules put first, or a steward pinned, with + and country code where that is known",
    "street": "house number and street",
    "unit": "apartment, suite or floor",
    "city": "of the same record as the street",
    "region": "state or province, of the same record as the street",
    "postal_code": "of the same record as the street",
    "country": "of the same record as the street; two letters where it is known, and only where a source says it",
}
ATTRIBUTES = tuple(_MEANINGS)
SAFE_FOR = ("billing", "service", "marketing", "analytics")
DECIDED_BY = ("trust", "recency", "frequency", "completeness", "record order", "only value", "pinned")

CUSTOMER = TableSpec(
    schema="golden",
    name="customer",
    grain="golden record",
    key=("golden_id",),
    columns=(
        Column("golden_id", "VARCHAR", "opaque, permanent, never used for anybody else", nullable=False),
        Column("full_name", "VARCHAR", "its name parts in reading order, or the organisation", personal=True),
        *(
            Column(name, "DATE" if name == "birth_date" else "VARCHAR", meaning, personal=True)
            for name, meaning in _MEANINGS.items()
        ),
        Column(
            "emails", "VARCHAR[]", "all e-mails of its records, and a pinned one, sorted", nullable=False, personal=True
        ),
        Column(
            "phones", "VARCHAR[]", "all phones of its records, and a pinned one, sorted", nullable=False, personal=True
        ),
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
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("golden_id", "VARCHAR", "the customer it belongs to", nullable=False),
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
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("reason", "VARCHAR", f"why it is nobody's: {', '.join(EXCLUSION_REASONS)}", nullable=False),
    ),
)

PROVENANCE = TableSpec(
    schema="golden",
    name="provenance",
    grain="published attribute",
    key=("golden_id", "attribute"),
    columns=(
        Column("golden_id", "VARCHAR", "the customer whose attribute it is", nullable=False),
        Column(
            "attribute",
            "VARCHAR",
            "a column of customer that a record said (full_name is made of them), "
            "`identifier.<name>` or `extra.<name>`",
            nullable=False,
        ),
        Column("value", "VARCHAR", "as published, as text", nullable=False, personal=True),
        Column(
            "source", "VARCHAR", "where it came from; of a pinned value, the source of the pin's record", nullable=False
        ),
        Column("source_record_id", "VARCHAR", "the record it came from, or that it was pinned by", nullable=False),
        Column(
            "rule",
            "VARCHAR",
            "the first survivorship rule by which it beat the best of the others; completeness also where it is the "
            "fuller form of the value that the rules put first; pinned: a steward said so",
            nullable=False,
            values=DECIDED_BY,
        ),
        Column("observed_at", "TIMESTAMP", "when its record said so, or it was pinned, UTC"),
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
        Column("event", "VARCHAR", "what happened to the customer", nullable=False, values=EVENTS),
        Column("golden_id", "VARCHAR", "the customer it happened to", nullable=False),
        Column(
            "other_golden_id",
            "VARCHAR",
            "merged: who it is now; split, unmerged: who it came out of; attached, detached: where from, where to",
        ),
        Column(
            "cause",
            "VARCHAR",
            "what did it, in words: a steward's decision, a record that is new, changed or gone, a new model, a changed"
            " setting or program, a rollback, or matching alone",
            nullable=False,
        ),
        Column("source", "VARCHAR", "the record attached, detached or updated; the founder of a created customer"),
        Column("source_record_id", "VARCHAR", "its key in that source"),
        Column("after", "VARCHAR", "JSON: the row of customer or crosswalk as it is now", personal=True),
    ),
)

REDIRECT = TableSpec(
    schema="golden",
    name="redirect",
    grain="retired golden id",
    key=("golden_id",),
    columns=(
        Column("golden_id", "VARCHAR", "the id that is no customer's any more", nullable=False),
        Column("current_golden_id", "VARCHAR", "who it is now; null: no successor"),
        Column("retired_in", "VARCHAR", "the release that retired it", nullable=False),
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
        Column(
            "match_probability",
            "DOUBLE",
            "posterior of a match; below what merging takes unless they were taken apart, or are near only as a whole",
            nullable=False,
        ),
        Column("reason", "VARCHAR", "why they were left apart", nullable=False),
    ),
)

TABLES = (CUSTOMER, CROSSWALK, EXCLUDED_RECORD, PROVENANCE, CHANGE, REDIRECT, POSSIBLE_MATCH)

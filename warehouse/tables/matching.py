"""Tables of the matching: from standardised records to clusters, each a full picture of the run that wrote it."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec
from warehouse.tables.decision import DECISION, RULING
from warehouse.tables.household import HOUSEHOLD_TIE
from warehouse.tables.label import LABEL_MEASURE
from warehouse.tables.nightly import KEPT, MODEL_HOT_KEY
from warehouse.tables.nightly import TABLES as NIGHTLY

_IDENTITY_COLUMNS = (
    Column("given", "VARCHAR", "comparison form of the given name; one letter for an initial", personal=True),
    Column("middle", "VARCHAR", "first letter of the middle name", personal=True),
    Column("family", "VARCHAR", "comparison form of the family name", personal=True),
    Column("suffix", "VARCHAR", "jr, sr, ii, iii, iv, v", personal=True),
    Column("nicknames", "VARCHAR[]", "canonical given names that `given` may stand for, sorted", personal=True),
    Column("organisation", "VARCHAR", "comparison core: no legal form", personal=True),
    Column("birth_date", "DATE", "plausible birth date", personal=True),
    Column("email", "VARCHAR", "first usable e-mail, casefolded, without tag", personal=True),
    Column("emails", "VARCHAR[]", "all usable e-mails, sorted", personal=True),
    Column("phone", "VARCHAR", "first usable phone: last seven digits, the compared part", personal=True),
    Column("phones", "VARCHAR[]", "all usable phones in full national digits, sorted", personal=True),
    Column("street_number", "VARCHAR", "house number, compared apart from the street", personal=True),
    Column("street", "VARCHAR", "core street name: no type, no direction", personal=True),
    Column("unit", "VARCHAR", "apartment or suite, without its word", personal=True),
    Column("po_box", "VARCHAR", "number of a post office box", personal=True),
    Column("city", "VARCHAR", "comparison form of the city", personal=True),
    Column("region", "VARCHAR", "comparison form of the state or province", personal=True),
    Column("postal_code", "VARCHAR", "comparison form of the postal code", personal=True),
    Column("country", "VARCHAR", "code of two letters where the country is known, else its name"),
    Column("identifiers", "VARCHAR[]", "`name:value` of shared numbers and handles, sorted", personal=True),
    Column("quoted", "VARCHAR[]", "references that tie this record to others, sorted", personal=True),
)

STANDARDISED = TableSpec(
    schema="matching",
    name="standardised",
    grain="live source record that may be somebody's",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        *_IDENTITY_COLUMNS,
        Column("name_from_email", "BOOLEAN", "part of the name was read out of the e-mail address", nullable=False),
        Column("clean_given_name", "VARCHAR", "given name fit to publish", personal=True),
        Column("clean_middle_name", "VARCHAR", "middle name or initial fit to publish", personal=True),
        Column("clean_family_name", "VARCHAR", "family name fit to publish", personal=True),
        Column("clean_name_suffix", "VARCHAR", "suffix fit to publish: Jr, Sr, II, III, IV or V", personal=True),
        Column("clean_organisation", "VARCHAR", "organisation fit to publish, with its legal form", personal=True),
        Column("clean_emails", "VARCHAR[]", "e-mails fit to publish, in the record's order", personal=True),
        Column("clean_phones", "VARCHAR[]", "phones fit to publish (+country form where it parses)", personal=True),
        Column("clean_street", "VARCHAR", "number and street fit to publish", personal=True),
        Column("clean_unit", "VARCHAR", "unit fit to publish", personal=True),
        Column("clean_city", "VARCHAR", "city fit to publish", personal=True),
        Column("clean_region", "VARCHAR", "state or province fit to publish", personal=True),
        Column("clean_postal_code", "VARCHAR", "postal code fit to publish", personal=True),
        Column("clean_country", "VARCHAR", "country fit to publish"),
        Column("fingerprint", "UBIGINT", "hash of the key and of what the distinct record is made of"),
    ),
)

EXCLUDED_RECORD = TableSpec(
    schema="matching",
    name="excluded_record",
    grain="live source record that is nobody's",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("reason", "VARCHAR", "from the closed list of landing.source_record.excluded_reason", nullable=False),
    ),
)

DROPPED_VALUE = TableSpec(
    schema="matching",
    name="dropped_value",
    grain="value of a record that is not used as evidence",
    key=("source", "source_record_id", "attribute", "value"),
    columns=(
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("attribute", "VARCHAR", "the attribute it was delivered for", nullable=False),
        Column("value", "VARCHAR", "as delivered", nullable=False, personal=True),
        Column("reason", "VARCHAR", "why", nullable=False),
    ),
)

SHARED_VALUE = TableSpec(
    schema="matching",
    name="shared_value",
    grain="placeholder or widely shared value, which is no evidence of identity",
    key=("attribute", "value"),
    columns=(
        Column("attribute", "VARCHAR", "given, family, email, phone, identifier", nullable=False),
        Column("value", "VARCHAR", "standardised", nullable=False, personal=True),
        Column("records", "BIGINT", "source records that carry it", nullable=False),
        Column("people", "BIGINT", "visibly different people among them", nullable=False),
        Column(
            "reason",
            "VARCHAR",
            "configured: named in joinedup.yaml; decision: a steward said so; disagreement: the people it joins do not "
            "agree on who they are",
            nullable=False,
            values=("configured", "decision", "disagreement"),
        ),
    ),
)

DISTINCT_RECORD = TableSpec(
    schema="matching",
    name="distinct_record",
    grain="distinct tuple of standardised identity attributes; the unit that is compared",
    key=("distinct_record_id",),
    columns=(
        Column(
            "distinct_record_id",
            "VARCHAR",
            "hash of the tuple (and of the record where it stands alone)",
            nullable=False,
        ),
        Column("tuple_id", "VARCHAR", "hash of the tuple alone", nullable=False),
        Column("stands_alone", "BOOLEAN", "too little evidence to be one node with its equals", nullable=False),
        Column("records", "BIGINT", "source records that share it", nullable=False),
        *(column for column in _IDENTITY_COLUMNS if column.name not in {"region", "country"}),
    ),
)

MEMBER = TableSpec(
    schema="matching",
    name="member",
    grain="source record as member of its distinct record",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("distinct_record_id", "VARCHAR", "the distinct record it shares", nullable=False),
    ),
)

PAIR = TableSpec(
    schema="matching",
    name="pair",
    grain="pair of distinct records that were compared and are not hopelessly unlike",
    key=("distinct_record_id_l", "distinct_record_id_r"),
    columns=(
        Column("distinct_record_id_l", "VARCHAR", "the lesser id", nullable=False),
        Column("distinct_record_id_r", "VARCHAR", "the greater id", nullable=False),
        Column("match_key", "VARCHAR", "name of the first blocking rule that found it", nullable=False),
        Column(
            "gammas", "TINYINT[]", "comparison level per comparison, in the model's order; -1 is null", nullable=False
        ),
        Column("match_weight", "DOUBLE", "log2 odds of match against household and random", nullable=False),
        Column("match_probability", "DOUBLE", "posterior of match", nullable=False),
    ),
)

BLOCKING_RULE = TableSpec(
    schema="matching",
    name="blocking_rule",
    grain="blocking rule: what it cost and brought tonight",
    key=("rule",),
    columns=(
        Column("rule", "VARCHAR", "its name, as in `pair.match_key`", nullable=False),
        Column(
            "position",
            "BIGINT",
            "its place among the rules, from 1; the first that finds a pair is its key",
            nullable=False,
        ),
        Column("keys", "BIGINT", "keys by which tuples meet", nullable=False),
        Column(
            "narrowed_keys", "BIGINT", "keys that too many tuples carry, so that a second key is added", nullable=False
        ),
        Column(
            "left_out_keys", "BIGINT", "keys that even so too many carry, or that lack the second one", nullable=False
        ),
        Column("pairs", "BIGINT", "pairs of tuples that it finds", nullable=False),
        Column("pairs_alone", "BIGINT", "pairs that no other rule finds", nullable=False),
        Column("matches", "BIGINT", "of its pairs, those that are a match rather than not", nullable=False),
        Column("matches_alone", "BIGINT", "of the pairs that no other rule finds, those", nullable=False),
        Column("cpu_seconds", "DOUBLE", "of making its keys, and its share of bringing pairs together", nullable=False),
    ),
)

CLUSTER = TableSpec(
    schema="matching",
    name="cluster",
    grain="source record in its cluster",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("cluster_id", "VARCHAR", "the least `source:source_record_id` of the cluster", nullable=False),
        Column(
            "basis",
            "VARCHAR",
            "why it is in: alone, with the same attributes as another member, joined on evidence, or by a decision that"
            " names it",
            nullable=False,
            values=("single", "identical", "probabilistic", "decision"),
        ),
        Column("match_weight", "DOUBLE", "weight of the strongest tie that holds it; null when alone"),
    ),
)

CLUSTER_TIE = TableSpec(
    schema="matching",
    name="cluster_tie",
    grain="cluster: how firmly it hangs together",
    key=("cluster_id",),
    columns=(
        Column("cluster_id", "VARCHAR", "the cluster, as in `cluster`", nullable=False),
        Column("records", "BIGINT", "source records in it", nullable=False),
        Column("distinct_records", "BIGINT", "distinct records in it", nullable=False),
        Column(
            "cohesion", "DOUBLE", "0 to 1: posterior of the weakest merge that formed it; 1 when alone", nullable=False
        ),
    ),
)

POSSIBLE_MATCH = TableSpec(
    schema="matching",
    name="possible_match",
    grain="pair of clusters left apart though not clearly two",
    key=("cluster_id_l", "cluster_id_r"),
    columns=(
        Column("cluster_id_l", "VARCHAR", "the lesser id", nullable=False),
        Column("cluster_id_r", "VARCHAR", "the greater id", nullable=False),
        Column(
            "match_probability",
            "DOUBLE",
            "posterior of a match; below what merging takes unless they were taken apart, or are near only as a whole",
            nullable=False,
        ),
        Column("reason", "VARCHAR", "why they were left apart", nullable=False),
    ),
)

MODEL = TableSpec(
    schema="matching",
    name="model",
    grain="model version",
    key=("model_version",),
    columns=(
        Column("model_version", "VARCHAR", "`m` + 12 hex of the hash of its content", nullable=False),
        Column("run_id", "VARCHAR", "the run that made it", nullable=False),
        Column("content", "VARCHAR", "JSON: parameters, thresholds, settings hash", nullable=False),
    ),
)

MODEL_FREQUENCY = TableSpec(
    schema="matching",
    name="model_frequency",
    grain="value of an attribute that several records carry, with its frequency, frozen with the model",
    key=("model_version", "attribute", "value"),
    columns=(
        Column("model_version", "VARCHAR", "the model it was frozen with", nullable=False),
        Column("attribute", "VARCHAR", "the compared attribute", nullable=False),
        Column("value", "VARCHAR", "standardised", nullable=False, personal=True),
        Column(
            "frequency", "DOUBLE", "share of the records with this attribute that carry it, rounded", nullable=False
        ),
    ),
)

TABLES = (
    STANDARDISED,
    EXCLUDED_RECORD,
    DROPPED_VALUE,
    SHARED_VALUE,
    DECISION,
    RULING,
    DISTINCT_RECORD,
    MEMBER,
    PAIR,
    BLOCKING_RULE,
    CLUSTER,
    CLUSTER_TIE,
    POSSIBLE_MATCH,
    HOUSEHOLD_TIE,
    LABEL_MEASURE,
    MODEL,
    MODEL_FREQUENCY,
    *NIGHTLY,
)

ACCUMULATED = (MODEL, MODEL_FREQUENCY, MODEL_HOT_KEY)
"""Tables that grow by run and outlive it; the others are a full picture of the run that wrote them."""

KEPT_BETWEEN_NIGHTS = (*KEPT, POSSIBLE_MATCH)
"""Tables that the next night builds on and nobody else reads."""

"""Tables by which one night's matching builds on the night before: what came of it, what changed, and kept keys."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

RESOLUTION = TableSpec(
    schema="matching",
    name="resolution",
    grain="distinct record in its component and its entity",
    key=("distinct_record_id",),
    columns=(
        Column("distinct_record_id", "VARCHAR", "the distinct record", nullable=False),
        Column("component", "VARCHAR", "the least distinct record that ties lead to", nullable=False),
        Column("entity", "VARCHAR", "the least distinct record of its customer", nullable=False),
        Column("cohesion", "DOUBLE", "0 to 1: posterior of the weakest merge that formed the entity", nullable=False),
        Column("match_weight", "DOUBLE", "weight of its strongest pair within the entity; null where it has none"),
    ),
)

MERGE = TableSpec(
    schema="matching",
    name="merge",
    grain="merge of two entities: how a customer was formed, in this order",
    key=("other",),
    columns=(
        Column(
            "round", "BIGINT", "0: one by their attributes alone; 1: by decision; then round by round", nullable=False
        ),
        Column("entity", "VARCHAR", "the entity that it became, by its least distinct record so far", nullable=False),
        Column("other", "VARCHAR", "the entity that ended with it, likewise", nullable=False),
        Column("match_weight", "DOUBLE", "log2 odds that the two are one; null where a decision says so"),
        Column("match_probability", "DOUBLE", "posterior of that weight", nullable=False),
        Column("pairs", "BIGINT", "pairs of source records that it brought together", nullable=False),
    ),
)

NEAR_ENTITY = TableSpec(
    schema="matching",
    name="near_entity",
    grain="pair of entities left apart though not clearly two",
    key=("entity_l", "entity_r"),
    columns=(
        Column("entity_l", "VARCHAR", "the lesser entity, by its least distinct record", nullable=False),
        Column("entity_r", "VARCHAR", "the greater entity, likewise", nullable=False),
        Column(
            "match_probability",
            "DOUBLE",
            "posterior of a match; below what merging takes unless they were taken apart, or are near only as a whole",
            nullable=False,
        ),
        Column("reason", "VARCHAR", "why they were left apart", nullable=False),
    ),
)

POISONED = TableSpec(
    schema="matching",
    name="poisoned",
    grain="part of what came out as one customer, could not be one, and was taken apart",
    key=("entity",),
    columns=(
        Column("entity", "VARCHAR", "the part, by its least distinct record", nullable=False),
        Column("whole", "VARCHAR", "what it was part of, likewise", nullable=False),
        Column(
            "reason",
            "VARCHAR",
            "giant: more distinct or source records than a customer has; decisions_conflict: what stewards decided of"
            " its records contradicts itself",
            nullable=False,
            values=("giant", "decisions_conflict"),
        ),
        Column("distinct_records", "BIGINT", "distinct records of the part", nullable=False),
        Column("records", "BIGINT", "source records of the part", nullable=False),
        Column("whole_distinct_records", "BIGINT", "distinct records of the whole", nullable=False),
        Column("whole_records", "BIGINT", "source records of the whole", nullable=False),
        Column("asked_with", "VARCHAR", "the part that stewards are asked about together with it; null: none"),
        Column("match_weight", "DOUBLE", "what ties these two; null where no pair does"),
    ),
)

NODE_CHANGE = TableSpec(
    schema="matching",
    name="node_change",
    grain="distinct record that is not tonight what it was in the base; none where all was done anew",
    key=("distinct_record_id",),
    columns=(
        Column("distinct_record_id", "VARCHAR", "the distinct record", nullable=False),
        Column("tuple_id", "VARCHAR", "its tuple", nullable=False),
        Column(
            "change",
            "VARCHAR",
            "new; gone; changed: what is compared of it; members: only which records share it",
            nullable=False,
            values=("new", "gone", "changed", "members"),
        ),
    ),
)

RECORD_CHANGE = TableSpec(
    schema="matching",
    name="record_change",
    grain="source record that may not be what it was in the base; none where all was done anew",
    key=("source", "source_record_id"),
    columns=(
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key, live tonight or not", nullable=False),
    ),
)

TOUCHED_NODE = TableSpec(
    schema="matching",
    name="touched_node",
    grain="distinct record whose ties are not tonight what they were in the base; none where all was done anew",
    key=("distinct_record_id",),
    columns=(Column("distinct_record_id", "VARCHAR", "the distinct record, live tonight or not", nullable=False),),
)

BLOCK_KEY = TableSpec(
    schema="matching",
    name="block_key",
    grain="key by which a tuple meets others; kept so that a night spells only what has changed",
    key=("rule", "first_key", "tuple_key"),
    columns=(
        Column("rule", "TINYINT", "the blocking rule's place among the model's, from 0", nullable=False),
        Column("first_key", "UBIGINT", "hash of the rule and the key", nullable=False),
        Column("narrower", "VARCHAR", "what is added where too many carry the key", personal=True),
        Column("calls", "BOOLEAN", "whether the tuple may call others; one of two must", nullable=False),
        Column("tuple_key", "UBIGINT", "hash of the tuple's id", nullable=False),
    ),
)

MODEL_HOT_KEY = TableSpec(
    schema="matching",
    name="model_hot_key",
    grain="blocking key that too many tuples carried when the model was made",
    key=("model_version", "rule", "key", "narrower"),
    columns=(
        Column("model_version", "VARCHAR", "the model it was frozen with", nullable=False),
        Column("rule", "VARCHAR", "the blocking rule", nullable=False),
        Column("key", "VARCHAR", "the key, which is narrowed", nullable=False, personal=True),
        Column("narrower", "VARCHAR", "with it the key is left out; null: the key is narrowed", personal=True),
    ),
)


def _written_by(stage: str, tables: str) -> TableSpec:
    return TableSpec(
        schema="matching",
        name=f"{stage}_run",
        grain=f"run whose result {tables} hold, in one row: another one's than the base's is not built on",
        key=("run_id",),
        columns=(Column("run_id", "VARCHAR", f"the run that {stage} worked for", nullable=False),),
    )


COLLAPSE_RUN = _written_by("collapse", "distinct_record and member")
SCORE_RUN = _written_by("score", "pair and block_key")
CLUSTER_RUN = _written_by("cluster", "resolution, merge, near_entity, cluster, cluster_tie and possible_match")

TABLES = (
    RESOLUTION,
    MERGE,
    NEAR_ENTITY,
    POISONED,
    NODE_CHANGE,
    RECORD_CHANGE,
    TOUCHED_NODE,
    BLOCK_KEY,
    MODEL_HOT_KEY,
    COLLAPSE_RUN,
    SCORE_RUN,
    CLUSTER_RUN,
)
KEPT = (RESOLUTION, MERGE, NEAR_ENTITY, POISONED)
"""Of these, what the next night needs of a release."""

"""What waits for a steward: the items of the queue, the questions of each, and a blind sample to measure by."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

QUEUES = ("default", "a_or_b", "conflict", "poisoned", "reconfirm")
"""Why something waits: an uncertain tie; a record or customer that fits two; decisions that contradict each other; what
was taken apart; a decision whose records say something else now. Two further queues are not of items of their own:
`oldest` is another order of these, `audit` has the pairs of review.audit_pair."""

ITEM = TableSpec(
    schema="review",
    name="item",
    grain="case that waits for a steward: customers who may be one, or one who may be several",
    key=("item_id",),
    columns=(
        Column(
            "item_id", "VARCHAR", "`q` and 16 digits of the hash of its queue and its least records", nullable=False
        ),
        Column("queue", "VARCHAR", "why it waits", nullable=False, values=QUEUES),
        Column("golden_ids", "VARCHAR[]", "its customers, the ones with most records first", nullable=False),
        Column("sources", "VARCHAR[]", "the sources of their records", nullable=False),
        Column("questions", "BIGINT", "how many pairs of customers it asks about", nullable=False),
        Column("records", "BIGINT", "how many source records its customers have", nullable=False),
        Column("match_probability", "DOUBLE", "of its likeliest pair; null where nothing was weighed"),
        Column("p_wrong", "DOUBLE", "probability that what is published of it is wrong", nullable=False),
        Column("orders", "BIGINT", "orders of its customers", nullable=False),
        Column("spend", "DECIMAL(38, 4)", "what they spent, all currencies added up", nullable=False),
        Column("open_cases", "BIGINT", "their open cases", nullable=False),
        Column(
            "record_pairs",
            "BIGINT",
            "pairs of source records that it puts together or keeps apart: what is wrong of them, if it is wrong",
            nullable=False,
        ),
        Column("harm", "DOUBLE", "p_wrong times what hangs on it, in units of one order", nullable=False),
        Column("seconds", "DOUBLE", "expected time to decide it, seconds", nullable=False),
        Column(
            "priority", "DOUBLE", "expected harm removed per minute, less what errors of stewards add", nullable=False
        ),
        Column("pattern", "VARCHAR", "what speaks for it and against it, spelled alike for like cases; null: alone"),
        Column("since", "TIMESTAMP", "as_of of the first release in whose queue it was", nullable=False),
        Column("reason", "VARCHAR", "why it waits, in words", nullable=False),
    ),
)

QUESTION = TableSpec(
    schema="review",
    name="question",
    grain="pair of customers, or of sides of one, that an item asks about, by one record of each",
    key=("item_id", "place"),
    columns=(
        Column("item_id", "VARCHAR", "the item", nullable=False),
        Column("place", "INTEGER", "its order in the item, from 0: the one that settles most first", nullable=False),
        Column("golden_id_l", "VARCHAR", "the customer of the lesser record", nullable=False),
        Column(
            "golden_id_r",
            "VARCHAR",
            "the customer of the greater record; the same one where it is asked whether it is one",
            nullable=False,
        ),
        Column("source_l", "VARCHAR", "the record to decide by: its source", nullable=False),
        Column("source_record_id_l", "VARCHAR", "its key in its source", nullable=False),
        Column("source_r", "VARCHAR", "the other record: its source; the same record again for a pin", nullable=False),
        Column("source_record_id_r", "VARCHAR", "its key in its source", nullable=False),
        Column("match_probability", "DOUBLE", "that they are one customer; null where nothing was weighed"),
        Column("reason", "VARCHAR", "why they were left apart, or are asked about", nullable=False),
        Column("decision_id", "BIGINT", "the decision to reconfirm; null elsewhere"),
    ),
)

AUDIT_PAIR = TableSpec(
    schema="review",
    name="audit_pair",
    grain="pair of records drawn at random, to be judged blind",
    key=("item_id",),
    columns=(
        Column(
            "item_id",
            "VARCHAR",
            "`a` and 16 digits of the hash of its records, the model, and what the release makes of it",
            nullable=False,
        ),
        Column("stratum", "VARCHAR", "what it was drawn from, as `together .99-1 billing orders`", nullable=False),
        Column("is_together", "BOOLEAN", "whether the release has the two as one customer", nullable=False),
        Column("source_l", "VARCHAR", "the lesser record's source", nullable=False),
        Column("source_record_id_l", "VARCHAR", "its key in its source", nullable=False),
        Column("source_r", "VARCHAR", "the greater record's source", nullable=False),
        Column("source_record_id_r", "VARCHAR", "its key in its source", nullable=False),
        Column(
            "place",
            "BIGINT",
            "in which order they are asked, from 0: the first so many are a fair sample, however many those are",
            nullable=False,
        ),
    ),
)

AUDIT_STRATUM = TableSpec(
    schema="review",
    name="audit_stratum",
    grain="two sources within a stratum of the pairs of records, with how many pairs there are",
    key=("stratum", "source_l", "source_r"),
    columns=(
        Column("stratum", "VARCHAR", "its name", nullable=False),
        Column("is_together", "BOOLEAN", "whether its pairs are of one customer", nullable=False),
        Column("least_probability", "DOUBLE", "the match probability that it begins at", nullable=False),
        Column("source_l", "VARCHAR", "the lesser of the sources of its pairs", nullable=False),
        Column("source_r", "VARCHAR", "the greater one", nullable=False),
        Column("pairs", "BIGINT", "how many pairs of source records there are", nullable=False),
        Column("expected_same", "DOUBLE", "the share that the model holds to be one customer", nullable=False),
    ),
)

AUDIT_MEASURE = TableSpec(
    schema="review",
    name="audit_measure",
    grain="what is measured by the judged pairs: the release, and two sources of which enough were judged",
    key=("sources",),
    columns=(
        Column("sources", "VARCHAR", "`all`, or the two sources of the pairs, as `billing orders`", nullable=False),
        Column("head", "BIGINT", "the last entry of the stewards' log that was read", nullable=False),
        Column("judged", "BIGINT", "pairs judged as one customer or two that still count", nullable=False),
        Column("unsure", "BIGINT", "pairs that were looked at and left open", nullable=False),
        Column("precision", "DOUBLE", "share of the pairs of one customer that are; null: too few were judged"),
        Column("precision_low", "DOUBLE", "lower end of its 95 % interval"),
        Column("precision_high", "DOUBLE", "upper end of it"),
        Column("recall", "DOUBLE", "share of the pairs that are one customer, and were compared, that came out as one"),
        Column("recall_low", "DOUBLE", "lower end of its 95 % interval"),
        Column("recall_high", "DOUBLE", "upper end of it"),
    ),
)

TABLES = (ITEM, QUESTION, AUDIT_PAIR, AUDIT_STRATUM, AUDIT_MEASURE)

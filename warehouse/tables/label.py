"""What tonight's customers are worth by the pairs that people have labelled."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

LABEL_MEASURE = TableSpec(
    schema="matching",
    name="label_measure",
    grain="file of labelled pairs",
    key=("labels_file",),
    columns=(
        Column("labels_file", "VARCHAR", "as joinedup.yaml names it", nullable=False),
        Column("labels_sha256", "VARCHAR", "hash of what it says, whatever the order of its rows", nullable=False),
        Column("labels", "BIGINT", "labelled pairs, each once", nullable=False),
        Column("unknown", "BIGINT", "pairs of which a record is nobody's, or not there tonight", nullable=False),
        Column("same", "BIGINT", "known pairs labelled as one customer", nullable=False),
        Column("different", "BIGINT", "known pairs labelled as two", nullable=False),
        Column("same_joined", "BIGINT", "pairs labelled as one customer that are one tonight", nullable=False),
        Column("different_joined", "BIGINT", "pairs labelled as two that are one tonight", nullable=False),
        Column("precision", "DOUBLE", "share of the joined labelled pairs that are labelled as one customer"),
        Column("precision_low", "DOUBLE", "lower end of its 95 % interval (Wilson)"),
        Column("precision_high", "DOUBLE", "upper end of it"),
        Column("recall", "DOUBLE", "share of the pairs labelled as one customer that are joined"),
        Column("recall_low", "DOUBLE", "lower end of its 95 % interval (Wilson)"),
        Column("recall_high", "DOUBLE", "upper end of it"),
    ),
)

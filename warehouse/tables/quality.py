"""Tables of the quality checks and of the runs themselves."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec

RESULT = TableSpec(
    schema="quality",
    name="result",
    grain="expectation checked in a run",
    key=("run_id", "suite", "expectation", "column_name"),
    columns=(
        Column("run_id", "VARCHAR", "the run that checked it", nullable=False),
        Column("suite", "VARCHAR", "the suite's name", nullable=False),
        Column("table_name", "VARCHAR", "schema.table", nullable=False),
        Column("expectation", "VARCHAR", "what was expected, by its name in Great Expectations", nullable=False),
        Column("column_name", "VARCHAR", "the column or columns concerned; empty for the table", nullable=False),
        Column(
            "severity",
            "VARCHAR",
            "critical holds the night, warning is told",
            nullable=False,
            values=("critical", "warning"),
        ),
        Column(
            "outcome", "VARCHAR", "error: the check itself failed", nullable=False, values=("pass", "fail", "error")
        ),
        Column("rows_checked", "BIGINT", "rows it was asked of", nullable=False),
        Column("unexpected", "BIGINT", "rows that break it", nullable=False),
        Column("detail", "VARCHAR", "what was expected and found, without personal values", nullable=False),
    ),
)

GATE = TableSpec(
    schema="quality",
    name="gate",
    grain="gate rule judged in a run",
    key=("run_id", "rule", "subject"),
    columns=(
        Column("run_id", "VARCHAR", "the run it judged", nullable=False),
        Column("rule", "VARCHAR", "the key under `gate` in joinedup.yaml, or broken_decisions", nullable=False),
        Column("subject", "VARCHAR", "a source, or empty", nullable=False),
        Column(
            "outcome",
            "VARCHAR",
            "hold keeps the candidate from being published",
            nullable=False,
            values=("pass", "hold"),
        ),
        Column("found", "DOUBLE", "what was found, as `unit` says", nullable=False),
        Column("allowed", "DOUBLE", "what one night may have", nullable=False),
        Column("reason", "VARCHAR", "in words: what, how many, why, what to do", nullable=False),
        Column("unit", "VARCHAR", "what `found` and `allowed` are", values=("share", "count")),
        Column(
            "causes",
            "STRUCT(told VARCHAR, affected BIGINT, source VARCHAR, delivery_id VARCHAR, files VARCHAR[],"
            " attribute VARCHAR, value VARCHAR, match_key VARCHAR)[]",
            "what made it hold, the widest cause first; a value only where so many customers carry it that it is"
            " nobody's own",
        ),
    ),
)

RUN = TableSpec(
    schema="quality",
    name="run",
    grain="run",
    key=("run_id",),
    columns=(
        Column("run_id", "VARCHAR", "the run, as Dagster names it", nullable=False),
        Column("started_at", "TIMESTAMP", "wall clock, UTC", nullable=False),
        Column("base_release_id", "VARCHAR", "the release it started from"),
        Column("as_of", "TIMESTAMP", "the time that everything relative to now is computed at, UTC"),
        Column("model_version", "VARCHAR", "the model that scored its pairs"),
        Column("release_id", "VARCHAR", "the release it published, if it did"),
        Column(
            "outcome",
            "VARCHAR",
            "how it ended",
            nullable=False,
            values=("running", "published", "nothing_changed", "held", "landed", "planned"),
        ),
    ),
)

STAGE = TableSpec(
    schema="quality",
    name="stage",
    grain="stage of a run that was completed",
    key=("run_id", "stage"),
    columns=(
        Column("run_id", "VARCHAR", "the run it belongs to", nullable=False),
        Column("stage", "VARCHAR", "the step's name, as the progress display shows it", nullable=False),
        Column("seconds", "DOUBLE", "wall clock", nullable=False),
        Column("cpu_seconds", "DOUBLE", "user and system", nullable=False),
        Column("peak_rss_mb", "DOUBLE", "of the process so far", nullable=False),
        Column("report", "VARCHAR", "JSON: rows and figures", nullable=False),
    ),
)

TABLES = (RESULT, GATE, RUN, STAGE)

"""Prepares tonight's model: the base's, frozen, or a new one where there is none or it no longer fits.

Reads matching.distinct_record, matching.member, matching.decision and matching.model, and the file of labels. Writes
matching.model, matching.model_frequency and matching.model_hot_key, which keep every version. Keeps this: a model is
made from the records and labels alone, on the first night, when comparisons, blocking rules, thresholds or labels have
changed, or on request; all other nights reuse the base's. Decisions of stewards are labels where
`matching.learn_from_decisions` wants that: those that hold when a model is made. A decision alone makes no model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matching.blocking import make_keys
from matching.calibrate import calibrate
from matching.common_names import add_roots, load_common_names, mark_common_names
from matching.compare_labels import compare_labels
from matching.features import load_features
from matching.hot_keys import freeze_hot_keys
from matching.labels import labels_hash, labels_of, with_decisions
from matching.model import Model, find_model, settings_hash
from matching.overrides import effective_definitions, start_parameters
from matching.shipped_model import ENTITY_SHIFT, ENTITY_SLOPE, MERGE_AT, REVIEW_AT, SHIPPED
from matching.splink_settings import Comparing
from matching.train import count_random, draw_sample, estimate, freeze_frequencies
from matching.weights import rarity_bits
from warehouse.connection import open_memory
from warehouse.errors import SettingsError
from warehouse.run import Run, StageReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from matching.definitions import Definitions
    from matching.labels import Label
    from warehouse.settings import Settings

READS = (
    "matching.distinct_record",
    "matching.member",
    "matching.decision",
    "matching.model",
    "matching.model_frequency",
    "matching.model_hot_key",
)
WRITES = ("matching.model", "matching.model_frequency", "matching.model_hot_key")


def prepare_model(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Reuse the base's model, or make a new one.

    Raises SettingsError for keys under `matching` that this version cannot honour.
    """
    _refuse_what_is_not_honoured(settings)
    definitions = effective_definitions(settings)
    labels = labels_of(settings, run.workspace)
    wanted = settings_hash(settings, definitions, labels_hash(labels) if labels else None)
    base = None if run.base is None or run.retrain else find_model(con, run.base.model_version)
    if base is not None and base.settings_hash == wanted:
        return StageReport(rows=dict.fromkeys(WRITES, 0), figures={"model_version": base.version, "made": 0})
    if settings.matching.learn_from_decisions:
        labels = with_decisions(con, labels)
    scratch = open_memory(threads=run.threads)
    start = _begin(con, scratch, settings, definitions, wanted)
    model = _train(con, scratch, start, labels, is_auto=settings.matching.merge_at == "auto")
    frequencies, hot_keys = _keep(con, scratch, model, run)
    scratch.close()
    figures: dict[str, int | float | str] = {"model_version": model.version, "made": 1}
    if labels:
        shipped = start.entity_shift, start.entity_slope
        calibrated = (model.entity_shift, model.entity_slope) != shipped
        figures |= {"labels": len(labels), "calibrated": int(calibrated)}
    return StageReport(rows={WRITES[0]: 1, WRITES[1]: frequencies, WRITES[2]: hot_keys}, figures=figures)


def _refuse_what_is_not_honoured(settings: Settings) -> None:
    given = settings.matching
    if given.engine != "duckdb":
        raise SettingsError(f"{given.engine!r} cannot be used yet; allowed: duckdb", key="matching.engine")


def _begin(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, settings: Settings, definitions: Definitions, wanted: str
) -> Model:
    """Load the features, freeze the frequencies, and return the model as it is shipped, before it has learned."""
    load_features(con, scratch)
    records, frequencies_hash = freeze_frequencies(scratch)
    load_common_names(scratch, records)
    mark_common_names(scratch, "feature")
    add_roots(scratch)
    given = settings.matching
    return Model(
        parameters=start_parameters(SHIPPED, definitions.comparisons),
        prior_match=0.0,
        prior_household=0.0,
        entity_shift=ENTITY_SHIFT,
        entity_slope=ENTITY_SLOPE,
        merge_at=MERGE_AT if given.merge_at == "auto" else given.merge_at,
        review_at=REVIEW_AT if given.review_at == "auto" else given.review_at,
        records=records,
        frequencies_hash=frequencies_hash,
        hot_keys_hash="",
        settings_hash=wanted,
        definitions=definitions,
    )


def _train(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, start: Model, labels: Sequence[Label], *, is_auto: bool
) -> Model:
    """Return the model after it has learned from the records and labels; `is_auto`: it may calibrate its posteriors."""
    comparisons = start.definitions.comparisons
    bits = rarity_bits(scratch, start)
    tuples = len(next(iter(bits.values())))
    comparing = Comparing(scratch, start.parameters, comparisons)
    counted = count_random(comparing, start.parameters, tuples)
    known = compare_labels(con, comparing, labels) if labels else None
    make_keys(scratch, start.definitions.rules)
    start = replace(start, hot_keys_hash=freeze_hot_keys(scratch, start.definitions.rules))
    sample = draw_sample(comparing, bits, tuples)
    parameters, prior_match, prior_household = estimate(sample, counted, comparisons, known)
    model = replace(start, parameters=parameters, prior_match=prior_match, prior_household=prior_household)
    if known is None or not is_auto:
        return model
    shift, slope = calibrate(scratch, model, bits, known)
    return replace(model, entity_shift=shift, entity_slope=slope)


def _keep(con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, run: Run) -> tuple[int, int]:
    """Write the model under this run, in the place of an equal one that an earlier run made.

    Returns how many frequencies and how many hot keys it has.
    """
    for table in WRITES:
        con.execute(f"DELETE FROM {table} WHERE model_version = ?", [model.version])
    con.execute("INSERT INTO matching.model VALUES (?, ?, ?)", [model.version, run.run_id, model.content])
    written = []
    for frozen, table in (("frequency", WRITES[1]), ("frozen_key", WRITES[2])):
        rows = scratch.sql(f"SELECT * FROM {frozen} ORDER BY ALL").to_arrow_table()
        con.register("incoming_frozen", rows)
        con.execute(f"INSERT INTO {table} SELECT ?, * FROM incoming_frozen", [model.version])
        con.unregister("incoming_frozen")
        written.append(int(rows.num_rows))
    return written[0], written[1]

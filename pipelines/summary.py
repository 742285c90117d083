"""What a run did, as plain data: the document of `joinedup run --json` and the figures of the run's page."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from connectors.quarantine import open_rows
from pipelines.words_of_measuring import measured_sentence
from warehouse.errors import JoinedupError
from warehouse.run import as_of
from warehouse.state import model_version

if TYPE_CHECKING:
    from pipelines.night import Night

COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "deleted", "quarantined")

AIMED_PRECISION = 0.985
"""The share of joined pairs that should be right: a false merge shows one customer another one's life."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run: `published` is True only for a new release; `held_by` lists the gate's reasons, else it is empty.

    `deliveries` has for each source its `outcome`, how many `files` were read and `left` for later, their `bytes`, when
    the newest of them arrived, and `notes`: what people should know of it.

    `merge_at` is the posterior from which records were joined, `estimated_precision` the share of joined pairs that the
    run itself holds to be right; None where the night did not get there. `labels` is what the labelled pairs say of the
    night's customers, as in matching.label_measure; None without labels. `measured` is what stewards' judgements say of
    pairs drawn at random, as in review.audit_measure; None without any. `quarantine_open` is how many rows are in
    quarantine at the end, those of earlier deliveries too. `seconds` and `stage_cpu_seconds` are per
    step; `cpu_seconds` is the whole process's since its start. `plan` is the document of the plan that the night left:
    where it was asked for one, or was held. `model_made_because` is `first`, `asked for` or `settings` where the night
    made a model of its own.
    """

    run_id: str
    release_id: str | None
    published: bool
    outcome: str
    held_by: list[str]
    records: dict[str, dict[str, int]]
    deliveries: dict[str, dict[str, Any]]
    quarantine_open: int
    distinct_records: int
    pairs: int
    customers: int
    households: int
    excluded_records: int
    merges: int
    splits: int
    review_items: int
    taken_apart: int
    merge_at: float | None
    estimated_precision: float | None
    labels: dict[str, Any] | None
    measured: dict[str, Any] | None
    as_of: str | None
    model_version: str | None
    content_hash: str | None
    release_hash: str | None
    seconds: dict[str, float]
    stage_cpu_seconds: dict[str, float]
    stage_peak_rss_mb: dict[str, float]
    cpu_seconds: float
    peak_rss_mb: float
    report: str
    plan: str | None
    model_made_because: str | None
    failure: str | None

    def document(self) -> dict[str, Any]:
        """Return the summary as JSON-ready data."""
        return asdict(self)

    @property
    def sureness(self) -> tuple[str, ...]:
        """How sure the night is of what it joined, in words; what to do where that is less than it should be."""
        if self.merge_at is None or self.estimated_precision is None:
            return ()
        estimate = f"by the run's own estimate {self.estimated_precision:.2%} of the joined pairs are of one person"
        sentences = [f"Merged from a probability of {self.merge_at:.4g} on; {estimate}."]
        if self.estimated_precision < AIMED_PRECISION:
            sentences.append(
                f"That is less than the {AIMED_PRECISION:.1%} aimed at. Be stricter: set matching.merge_at in "
                f"joinedup.yaml to more than {self.merge_at:.4g} and run again; what it leaves apart waits for review."
            )
        if self.taken_apart:
            came = "1 came" if self.taken_apart == 1 else f"{self.taken_apart:,} came"
            sentences.append(
                f"{came} out as one customer and cannot be one, by size or by contradicting decisions: taken apart, "
                "and among the pairs to review."
            )
        return tuple(sentences)

    @property
    def told(self) -> tuple[str, ...]:
        """What people should know of the deliveries, each sentence with its source."""
        return tuple(f"{source}: {note}" for source, found in self.deliveries.items() for note in found["notes"])

    @property
    def in_quarantine(self) -> tuple[str, ...]:
        """How much is in quarantine, and the command to look at it."""
        if self.quarantine_open == 0:
            return ()
        are = "1 row is" if self.quarantine_open == 1 else f"{self.quarantine_open:,} rows are"
        told = f"{are} in quarantine: look with `joinedup quarantine list`."
        if not self.published and any(counts["quarantined"] for counts in self.records.values()):
            told += " Those of tonight are kept by the next night that publishes: leave their exports where they are."
        return (told,)

    @property
    def labelled(self) -> tuple[str, ...]:
        """What the labelled pairs say of the night's customers, in words; how many of them could say nothing."""
        if self.labels is None:
            return ()
        told, known = self.labels, self.labels["same"] + self.labels["different"]
        shares = [
            f"{name} {told[name]:.2%} ({told[f'{name}_low']:.1%} to {told[f'{name}_high']:.1%})"
            for name in ("precision", "recall")
            if told[name] is not None
        ]
        of_file = f"{told['labels_file']}, {known:,} labelled pairs"
        sentences = [f"By {of_file}: {', '.join(shares)}." if shares else f"{of_file}: none is joined or should be."]
        if told["unknown"]:
            sentences.append(
                f"{told['unknown']:,} of the {told['labels']:,} pairs in {told['labels_file']} name a record that is "
                "nobody's or is not there: they say nothing."
            )
        return tuple(sentences)

    @property
    def audited(self) -> tuple[str, ...]:
        """What stewards' judgements of pairs drawn at random say of the night's customers, in words."""
        return () if self.measured is None else (measured_sentence(self.measured),)


def summarise(night: Night) -> RunSummary:
    """Read tonight's figures from the open warehouse; `peak_rss_mb` and `cpu_seconds` are the process's so far."""
    publication = night.publication
    last = night.steps[-1] if night.steps else None
    return RunSummary(
        run_id=night.run.run_id,
        release_id=publication.release_id if publication else night.run.base.release_id if night.run.base else None,
        published=night.outcome == "published",
        outcome="failed" if night.failure else night.outcome,
        held_by=list(night.reasons),
        records=_records(night),
        deliveries=_deliveries(night),
        quarantine_open=_value(night, f"SELECT count(*) FROM ({open_rows()})"),
        distinct_records=_value(night, "SELECT count(*) FROM matching.distinct_record"),
        pairs=_value(night, "SELECT count(*) FROM matching.pair"),
        customers=_value(night, "SELECT count(*) FROM golden.customer"),
        households=_value(night, "SELECT count(DISTINCT household_id) FROM care.household"),
        excluded_records=_value(night, "SELECT count(*) FROM golden.excluded_record"),
        merges=_events(night, "merged"),
        splits=_events(night, "split") + _events(night, "unmerged"),
        review_items=_value(night, "SELECT count(*) FROM golden.possible_match"),
        taken_apart=_value(night, "SELECT count(DISTINCT whole) FROM matching.poisoned"),
        merge_at=_figure(night, "merge_at"),
        estimated_precision=_figure(night, "estimated_precision"),
        labels=_labels(night),
        measured=_measured(night),
        as_of=_as_of(night),
        model_version=model_version(night.con, night.run),
        content_hash=publication.content_hash if publication else None,
        release_hash=publication.release_hash if publication else None,
        seconds={step.name: round(step.seconds, 3) for step in night.steps},
        stage_cpu_seconds={step.name: round(step.cpu_seconds, 3) for step in night.steps},
        stage_peak_rss_mb={step.name: round(step.peak_rss_mb, 1) for step in night.steps},
        cpu_seconds=round(time.process_time(), 3),
        peak_rss_mb=round(last.peak_rss_mb, 1) if last else 0.0,
        report=str(night.workspace.reports / f"{night.run.run_id}.html"),
        plan=str(night.plan_file) if night.plan_file else None,
        model_made_because=night.model_made_because,
        failure=_told(night.failure) if night.failure else None,
    )


def _as_of(night: Night) -> str | None:
    """Return where the night stands, None where it ended before that was settled."""
    settled = _value(night, "SELECT count(*) FROM landing.night WHERE run_id = ?", night.run.run_id) > 0
    return f"{as_of(night.con).isoformat()}Z" if settled else None


def _told(failure: BaseException) -> str:
    """Return what stopped the night: our own words, or of a stranger's error its kind, for it may quote a value."""
    return failure.message if isinstance(failure, JoinedupError) else f"a defect of ours: {type(failure).__name__}"


def _figure(night: Night, name: str) -> float | None:
    """Return a figure that the stage `cluster` reported tonight, None where it did not get there."""
    figures = next((step.report.figures for step in night.steps if step.name == "cluster"), {})
    return float(figures[name]) if name in figures else None


def _labels(night: Night) -> dict[str, Any] | None:
    """Return what the labelled pairs say of tonight's customers; None without any, or where the night did not ask."""
    if not any(step.name == "measure_labels" for step in night.steps):
        return None
    measured = night.con.execute("SELECT * EXCLUDE (labels_sha256) FROM matching.label_measure")
    names = [column[0] for column in measured.description or ()]
    row = measured.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def _measured(night: Night) -> dict[str, Any] | None:
    """Return what the audit says of tonight's customers; None without any judgement, or where the night did not ask."""
    if not any(step.name == "sample_audit" for step in night.steps):
        return None
    found = night.con.execute("SELECT * FROM review.audit_measure WHERE sources = 'all'")
    names = [column[0] for column in found.description or ()]
    row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def _value(night: Night, query: str, *parameters: object) -> int:
    row = night.con.execute(query, list(parameters)).fetchone()
    return int(row[0]) if row else 0


def _events(night: Night, event: str) -> int:
    """Count tonight's events of a kind; earlier releases' stand in the same table."""
    return _value(
        night,
        "SELECT count(*) FROM golden.change WHERE event = ?"
        " AND sequence > (SELECT coalesce(max(sequence), 0) FROM latest.change)",
        event,
    )


def _records(night: Night) -> dict[str, dict[str, int]]:
    columns = ", ".join(COUNTS)
    rows = night.con.execute(
        f"SELECT source, {columns} FROM landing.delivery WHERE run_id = ? ORDER BY source",
        [night.run.run_id],
    ).fetchall()
    return {row[0]: dict(zip(COUNTS, row[1:], strict=True)) for row in rows}


def _deliveries(night: Night) -> dict[str, dict[str, Any]]:
    rows = night.con.execute(
        "SELECT delivery.source, delivery.outcome, count(file.path) FILTER (file.left_because IS NULL),"
        " count(file.left_because), coalesce(sum(file.bytes) FILTER (file.left_because IS NULL), 0)::BIGINT,"
        " strftime(delivery.newest_arrival, '%Y-%m-%dT%H:%M:%SZ'), coalesce(delivery.notes, [])"
        " FROM landing.delivery AS delivery LEFT JOIN landing.file AS file USING (delivery_id)"
        " WHERE delivery.run_id = ? GROUP BY ALL ORDER BY delivery.source",
        [night.run.run_id],
    ).fetchall()
    names = ("outcome", "files", "left", "bytes", "newest_arrival", "notes")
    return {source: dict(zip(names, found, strict=True)) for source, *found in rows}

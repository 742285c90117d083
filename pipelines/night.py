"""One night at work: the lock, the warehouse, the settings, and the steps that are done on them.

Holds the workspace's lock from start to end. Each stage is one transaction that also commits the fact that it was done;
a night that dies leaves the last release as it was, and the next night starts over.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from connectors.land import land_source
from connectors.replay import replay_source
from matching.check_matching import check_matching
from pipelines.night_options import NightOptions, NotAsPlanned, command_of, standing
from pipelines.plan.document import NO_CANDIDATE, build_plan, candidate_hash
from pipelines.plan.keep import keep_plan, plan_files
from pipelines.report import write_report
from pipelines.stages import STAGES
from pipelines.summary import summarise
from quality.audit import audit_release
from quality.check import check_tables
from quality.gate import judge
from warehouse import state
from warehouse.connection import open_database, transaction
from warehouse.durable import surroundings
from warehouse.errors import Refused, SurroundingsError
from warehouse.failpoint import failpoint
from warehouse.forget import forget
from warehouse.release.hold import hold
from warehouse.release.manifest import read_manifest
from warehouse.release.publish import Publication, publish
from warehouse.run import Run, StageReport
from warehouse.settings.load import load_settings
from warehouse.workspace import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from pipelines.stages import StageEntry
    from pipelines.summary import RunSummary
    from quality.check import CheckResult
    from warehouse.settings import Settings
    from warehouse.workspace import Workspace


__all__ = ["Night", "NightOptions", "StepDone", "open_night", "peak_rss_mb", "say_nothing"]


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that was completed: wall and CPU seconds, the process's peak memory so far, and the stage's report."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_rss_mb: float
    report: StageReport


def say_nothing(_name: str, _done: StepDone | None) -> None:
    """Watch a night without a word: the default."""


@dataclass(slots=True)
class Night:
    """The open night; `watch` is called with a step's name at its start and with what it did at its end."""

    workspace: Workspace
    settings: Settings
    con: DuckDBPyConnection
    run: Run
    watch: Callable[[str, StepDone | None], None] = say_nothing
    options: NightOptions = field(default_factory=NightOptions)
    steps: list[StepDone] = field(default_factory=list)
    failed_checks: list[CheckResult] = field(default_factory=list)
    outcome: state.Outcome = "landed"
    publication: Publication | None = None
    plan_file: Path | None = None
    failure: BaseException | None = None
    summary: RunSummary | None = None

    def land(self, source: str) -> StageReport:
        """Land one source: read its files, or what is to be read again, into landing.* and account for every row.

        In a night that reads no export and replays nothing, what is stored of the source stands.
        """

        def work() -> StageReport:
            if self.options.read_exports and self.options.replay is None:
                return land_source(self.con, self.settings, self.run, source)
            return replay_source(self.con, self.settings, self.run, source, self.options.replay)

        return self._step(f"land {source}", work)

    def do(self, entry: StageEntry) -> StageReport:
        """Do one stage in a transaction of its own."""
        return self._step(entry.name, lambda: entry.run(self.con, self.settings, self.run))

    def check(self, group: str) -> tuple[CheckResult, ...]:
        """Check what a group's tables hold; failures of critical expectations are kept as reasons to hold."""
        found: list[CheckResult] = []

        def work() -> StageReport:
            found.extend(check_tables(self.con, self.settings, self.run, group))
            failed = sum(not result.passed for result in found)
            return StageReport(figures={"expectations": len(found), "failed": failed})

        self._step(f"check {group}", work)
        self.failed_checks += [result for result in found if not result.passed and result.severity == "critical"]
        return tuple(found)

    def judge(self) -> tuple[CheckResult, ...]:
        """Let the gate judge the candidate; what it holds against it is kept as reasons to hold."""
        found: list[CheckResult] = []

        def work() -> StageReport:
            found.extend(judge(self.con, self.settings, self.run))
            return StageReport(figures={"rules": len(found), "held": sum(not result.passed for result in found)})

        self._step("gate", work)
        self.failed_checks += [result for result in found if not result.passed]
        return tuple(found)

    def hold_if_failed(self) -> None:
        """Hold the candidate, with every reason so far, once something critical has failed; a plan only says so."""
        if self.failed_checks and self.options.plan:
            self._leave_plan()
        elif self.failed_checks:
            if self.options.must_give:
                self._compare(candidate_hash(self) or NO_CANDIDATE)
            plan = build_plan(self)
            self.plan_file = keep_plan(self.workspace, plan, self.settings.retention.releases)
            beside = {f"plan{ending}": text for ending, text in plan_files(plan).items()}
            hold(self.con, self.settings, self.run, self.reasons, beside)
            self.outcome = "held"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the candidate is held, one sentence each; empty when nothing speaks against it."""
        return tuple(f"{result.name}: {result.detail}" for result in self.failed_checks)

    def publish(self) -> StageReport:
        """Publish the candidate, unless nothing had changed or only a plan was asked for.

        Raises Refused where a step of the night was left out, or the candidate is not the one that was planned.
        """
        self._require_all()
        return self._timed("plan" if self.options.plan else "publish", self._publish, nullcontext())

    def _publish(self) -> StageReport:
        if self.options.plan:
            return self._leave_plan()
        self.publication = publish(self.con, self.settings, self.run, self._audit)
        self._compare(self.publication.release_hash)
        self.outcome = self.publication.outcome
        return StageReport(figures={"release": self.publication.release_id, "outcome": self.outcome})

    def _audit(self, folder: Path) -> None:
        audit_release(folder)
        self._compare(read_manifest(folder).release_hash)

    def _compare(self, release_hash: str) -> None:
        """Let nothing be published, held, or taken for unchanged, that is not what the plan said."""
        if self.options.must_give not in (None, release_hash):
            message = f"the candidate's release_hash is {release_hash}, not {self.options.must_give} as was planned"
            self.failure = NotAsPlanned(message)
            raise self.failure

    def _leave_plan(self) -> StageReport:
        plan = build_plan(self)
        self.plan_file = keep_plan(self.workspace, plan, self.settings.retention.releases)
        self.outcome = "planned"
        return StageReport(figures={"would": plan["would"], "customers": len(plan["customers"])})

    def figure(self, step: str, name: str) -> int | float | str | None:
        """Return a figure that a step has reported; None where it was not done, or knows no such figure."""
        return next((done.report.figures.get(name) for done in self.steps if done.name == step), None)

    @property
    def model_made_because(self) -> str | None:
        """Why tonight has a model of its own: `first`, `asked for` or `settings`; None where it has the base's."""
        if not self.figure("prepare_model", "made"):
            return None
        return "first" if self.run.base is None else "asked for" if self.run.retrain else "settings"

    def _require_all(self) -> None:
        """Let nothing through that was not landed, matched, checked and judged in this very run."""
        needed = [f"land {source}" for source in sorted(self.settings.sources)]
        needed += [step for entry in STAGES for step in (entry.name, f"check {entry.check}") if step != "check None"]
        done = {step.name for step in self.steps}
        missing = [step for step in (*needed, "gate") if step not in done]
        if missing or self.failed_checks:
            what = f"without {', '.join(missing)}" if missing else f"although {'; '.join(self.reasons)}"
            message = f"nothing is published {what}: run the whole job nightly, or `joinedup run`"
            raise Refused(message)

    def close(self) -> None:
        """Write down how the night ended: in the warehouse, on its page, and in `summary`.

        What goes wrong here is kept in `failure`: Dagster, which closes the night, swallows what is raised then.
        """
        released = self.publication.release_id if self.outcome == "published" and self.publication else None
        try:
            if self.failure is None:
                state.finish_run(self.con, self.run, self.outcome, released)
            self.summary = summarise(self)
            failpoint("summed up")
            with surroundings(f"{released} is published, but writing its page" if released else "writing the page"):
                write_report(self)
        except Exception as error:
            self.failure = self.failure or error
            raise
        failpoint("reported")

    def _step(self, name: str, work: Callable[[], StageReport]) -> StageReport:
        return self._timed(name, work, transaction(self.con))

    def _timed(self, name: str, work: Callable[[], StageReport], frame: AbstractContextManager[None]) -> StageReport:
        self.watch(name, None)
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            with surroundings(name), frame:
                report = work()
                done = StepDone(name, time.perf_counter() - wall, time.process_time() - cpu, peak_rss_mb(), report)
                self._record(done)
                failpoint(f"end of {name}")
        except BaseException as error:
            self.failure = error
            raise
        failpoint(f"after {name}")
        self.steps.append(done)
        self.watch(name, done)
        return report

    def _record(self, done: StepDone) -> None:
        report = json.dumps({"rows": dict(done.report.rows), "figures": dict(done.report.figures)}, sort_keys=True)
        self.con.execute(
            "INSERT INTO quality.stage VALUES (?, ?, ?, ?, ?, ?)",
            [self.run.run_id, done.name, done.seconds, done.cpu_seconds, done.peak_rss_mb, report],
        )


def peak_rss_mb() -> float:
    """Return the most memory that this process has held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


@contextmanager
def open_night(
    workspace: Workspace,
    options: NightOptions,
    run_id: str,
    watch: Callable[[str, StepDone | None], None] = say_nothing,
) -> Iterator[Night]:
    """Open a night in a workspace: read its settings, take its lock, discard what an unfinished run left.

    Raises SettingsError, WorkspaceBusy or SurroundingsError before anything was changed.
    """
    settings = load_settings(workspace.settings_file)
    check_matching(settings, workspace.path)
    with lock(workspace, command_of(options)):
        con = open_database(workspace.warehouse_file, threads=options.threads)
        try:
            run = state.begin_run(
                con,
                workspace,
                run_id=run_id,
                given_as_of=options.as_of.astimezone(UTC).replace(tzinfo=None) if options.as_of else None,
                full=options.full,
                retrain=options.retrain,
                threads=options.threads,
            )
            run = standing(run, options)
            state.attach_releases(con, run)
            night = Night(workspace, settings, con, run, watch, options)
            yield night
            if night.outcome in ("published", "nothing_changed"):
                with suppress(SurroundingsError):  # what cannot be forgotten tonight is tried after the next night
                    forget(con, workspace, run, settings.retention.raw_days)
        finally:
            con.close()

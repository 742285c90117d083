"""A plan: one document that says on what a night rested, what it would do, and how the gate judges it.

READS: the open night; landing.delivery, landing.file, landing.night, matching.model, golden.*, care.*, quality.gate,
the catalogs latest and yesterday. WRITES nothing that stays.
Invariant: the release_hash in it is that of the release which applying it publishes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from matching.model import find_model
from pipelines.plan.asking import rows_of
from pipelines.plan.customers import customer_entries, totals
from pipelines.plan.reasons import decisions_bound, rulings_bound
from pipelines.stages import STAGES
from pipelines.summary import COUNTS
from warehouse.release.hashes import hash_release, in_warehouse
from warehouse.release.manifest import read_manifest
from warehouse.settings.digest import settings_hash
from warehouse.state import knows_yesterday, model_version, next_release_id

if TYPE_CHECKING:
    from pipelines.night import Night

Plan = dict[str, Any]

FORMAT = 1
KIND = "joinedup plan"
NO_CANDIDATE = "no candidate"
"""What stands for the release_hash of a night that was stopped before it had one."""

DELIVERED = """
    SELECT source, path, bytes, rows, sha256 FROM landing.file
    WHERE delivery_id IN (SELECT delivery_id FROM landing.delivery WHERE run_id = $run) AND left_because IS NULL
    ORDER BY source, path
    """
"""The files that a run has read."""
_DELIVERIES = f"""
    SELECT source, outcome, {", ".join(COUNTS)}, coalesce(notes, []) AS notes FROM landing.delivery
    WHERE run_id = $run ORDER BY source
    """
_GATE = """
    SELECT rule, subject, outcome, unit, found, allowed, reason, causes FROM quality.gate
    WHERE run_id = $run ORDER BY rule, subject
    """
_NUMBERS = """
    SELECT (SELECT count(*) FROM latest.customer) AS customers_before, (SELECT count(*) FROM golden.customer) AS
        customers_after, (SELECT count(*) FROM latest.crosswalk) AS records_before,
        (SELECT count(*) FROM golden.crosswalk) AS records_after
    """
_EVENTS = """
    SELECT event, count(*) AS events FROM golden.change
    WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM latest.change) GROUP BY event ORDER BY event
    """


def build_plan(night: Night) -> Plan:
    """Return the plan of a night whose gate has judged, or which a check has stopped before.

    Of a night that was stopped early (`complete` is false), and of the first one (`first` is true), no customer is
    listed: before the end nothing is certain, and on the first night everybody is new.
    """
    con, run = night.con, night.run
    complete = _is_complete(night)
    first = run.latest_release_id is None
    entries = customer_entries(con) if complete and not first else []
    base = read_manifest(run.base.directory) if run.base else None
    gives = candidate_hash(night)
    tells = complete and (base is None or knows_yesterday(con))
    unchanged = bool(base and gives == base.release_hash)
    plan = {
        "format": FORMAT,
        "kind": KIND,
        "run_id": run.run_id,
        "planned_at": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        "would": "hold" if night.failed_checks else "change nothing" if unchanged else "publish",
        "release_id": next_release_id(run),
        "base": {"release_id": base.release_id, "release_hash": base.release_hash} if base else None,
        "latest_release_id": run.latest_release_id,
        "as_of": _as_of(night),
        "options": _options(night),
        "settings_hash": settings_hash(night.settings),
        "decisions_head": night.figure("bind_decisions", "decisions_head"),
        "release_hash": gives,
        "complete": complete,
        "first": first,
        "model": _model(night),
        "sources": _sources(night),
        "decisions": decisions_bound(con) if tells else [],
        "rulings": rulings_bound(con) if tells else [],
        "gate": rows_of(con, _GATE, {"run": run.run_id}),
        "held_by": list(night.reasons),
        "totals": _numbers(night) | {"touched": len(entries), "kinds": totals(entries)} if complete else None,
        "customers": entries,
    }
    return {name: plain(value) for name, value in plan.items()}


def candidate_hash(night: Night) -> str | None:
    """Return the release_hash that tonight's candidate would be published with; None where it is not complete."""
    return hash_release(night.con, in_warehouse).release_hash if _is_complete(night) else None


def _is_complete(night: Night) -> bool:
    done = {step.name for step in night.steps}
    return all(entry.name in done for entry in STAGES)


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a row becomes what stands in JSON
    """Return the value as JSON has it: times in UTC with a Z, dates and sums of money as text."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _as_of(night: Night) -> datetime | None:
    found = night.con.execute("SELECT as_of FROM landing.night WHERE run_id = ?", [night.run.run_id]).fetchall()
    return found[0][0] if found else None


def _options(night: Night) -> dict[str, Any]:
    options = night.options
    given = options.as_of.astimezone(UTC).replace(tzinfo=None) if options.as_of else None
    return {"as_of": given, "full": options.full, "retrain": options.retrain, "read_exports": options.read_exports}


def _sources(night: Night) -> list[dict[str, Any]]:
    values = {"run": night.run.run_id}
    files: dict[str, list[dict[str, Any]]] = {}
    for file in rows_of(night.con, DELIVERED, values):
        files.setdefault(file.pop("source"), []).append(file)
    return [row | {"files": files.get(row["source"], [])} for row in rows_of(night.con, _DELIVERIES, values)]


def _model(night: Night) -> dict[str, Any] | None:
    """Return tonight's model and thresholds beside those of the base; None where the night did not get there."""
    if night.figure("prepare_model", "made") is None:
        return None
    version = model_version(night.con, night.run)
    before = night.run.base.model_version if night.run.base else None
    told: dict[str, Any] = {"version": version, "before": before, "made_because": night.model_made_because}
    for name, model in (("now", find_model(night.con, version)), ("then", find_model(night.con, before))):
        told[name] = {"merge_at": model.merge_at, "review_at": model.review_at} if model else None
    return told


def _numbers(night: Night) -> dict[str, Any]:
    events = {row["event"]: row["events"] for row in rows_of(night.con, _EVENTS)}
    return rows_of(night.con, _NUMBERS)[0] | {"events": events}

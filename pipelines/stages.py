"""The table of contents of the program: every stage of a night, in its order.

Dagster's assets, the progress display, the lineage and the docs derive from STAGES; nothing else lists stages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import land, settle, withdraw
from customer360 import (
    build_profile,
    find_contact_facts,
    form_households,
    judge_offers,
    raise_signals,
    record_activity,
    record_signal_changes,
    settle_permissions,
    trace_known_issues,
)
from golden import identify, record_changes, survive
from matching import (
    cluster,
    collapse,
    find_households,
    find_shared,
    measure_labels,
    prepare_model,
    score,
    standardise,
)
from stewardship import bind_decisions, bind_rulings, queue_review, sample_audit
from warehouse.tables import ALL_TABLES

if TYPE_CHECKING:
    from warehouse.run import Stage

LANDING = "land"
"""The name of the step before STAGES, which exists once per source: exports -> landing.source_record."""
LANDED_TABLES = land.WRITES
"""What that step writes, each source its own part."""

SPECS = {spec.full_name: spec for spec in ALL_TABLES}


@dataclass(frozen=True, slots=True)
class StageEntry:
    """One stage: its name, the function, and the tables (`schema.table`) it reads and writes.

    `check` names the group of quality checks that must pass before anything reads what it wrote.
    """

    name: str
    does: str
    run: Stage
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    check: str | None = None


STAGES = (
    StageEntry(
        "withdraw",
        "delete the records of sources that were taken out of joinedup.yaml",
        withdraw.withdraw_sources,
        withdraw.READS,
        withdraw.WRITES,
    ),
    StageEntry(
        "settle",
        "settle what is live tonight, and at which time",
        settle.settle,
        settle.READS,
        settle.WRITES,
        check="landing",
    ),
    StageEntry(
        "bind_rulings",
        "bind what follows by what stewards have said",
        bind_rulings.bind_rulings,
        bind_rulings.READS,
        bind_rulings.WRITES,
    ),
    StageEntry(
        "standardise",
        "bring names, contacts and addresses into one form",
        standardise.standardise,
        standardise.READS,
        standardise.WRITES,
        check="standardised",
    ),
    StageEntry(
        "find_shared",
        "find placeholders and values that many people share",
        find_shared.find_shared,
        find_shared.READS,
        find_shared.WRITES,
    ),
    StageEntry(
        "bind_decisions",
        "bind the matching by what stewards have decided",
        bind_decisions.bind_decisions,
        bind_decisions.READS,
        bind_decisions.WRITES,
    ),
    StageEntry("collapse", "put equal records together", collapse.collapse, collapse.READS, collapse.WRITES),
    StageEntry(
        "prepare_model",
        "take the model of the last release, or make one",
        prepare_model.prepare_model,
        prepare_model.READS,
        prepare_model.WRITES,
    ),
    StageEntry("score", "compare the pairs that blocking finds", score.score, score.READS, score.WRITES),
    StageEntry("cluster", "decide which records are one customer", cluster.cluster, cluster.READS, cluster.WRITES),
    StageEntry(
        "measure_labels",
        "hold the customers against labelled pairs",
        measure_labels.measure_labels,
        measure_labels.READS,
        measure_labels.WRITES,
    ),
    StageEntry(
        "find_households",
        "find the customers who live together",
        find_households.find_households,
        find_households.READS,
        find_households.WRITES,
    ),
    StageEntry(
        "identify",
        "give every customer the golden id it had",
        identify.identify,
        identify.READS,
        identify.WRITES,
    ),
    StageEntry("survive", "pick the value that is published", survive.survive, survive.READS, survive.WRITES),
    StageEntry(
        "record_changes",
        "write down what changed since the last release",
        record_changes.record_changes,
        record_changes.READS,
        record_changes.WRITES,
        check="golden",
    ),
    StageEntry(
        "form_households",
        "put customers who live together into households",
        form_households.form_households,
        form_households.READS,
        form_households.WRITES,
    ),
    StageEntry(
        "record_activity",
        "hang orders, invoices, mails and cases on their customer",
        record_activity.record_activity,
        record_activity.READS,
        record_activity.WRITES,
    ),
    StageEntry(
        "find_contact_facts",
        "find what customers wrote of their address, phone, e-mail or name",
        find_contact_facts.find_contact_facts,
        find_contact_facts.READS,
        find_contact_facts.WRITES,
    ),
    StageEntry(
        "trace_known_issues",
        "find the open orders that a problem of ours touches",
        trace_known_issues.trace_known_issues,
        trace_known_issues.READS,
        trace_known_issues.WRITES,
    ),
    StageEntry(
        "settle_permissions",
        "settle by which channels customers may be addressed",
        settle_permissions.settle_permissions,
        settle_permissions.READS,
        settle_permissions.WRITES,
    ),
    StageEntry(
        "raise_signals",
        "raise what to know before one speaks with a customer",
        raise_signals.raise_signals,
        raise_signals.READS,
        raise_signals.WRITES,
    ),
    StageEntry(
        "build_profile",
        "sum up each customer",
        build_profile.build_profile,
        build_profile.READS,
        build_profile.WRITES,
    ),
    StageEntry(
        "judge_offers",
        "judge which offers fit which customers",
        judge_offers.judge_offers,
        judge_offers.READS,
        judge_offers.WRITES,
    ),
    StageEntry(
        "record_signal_changes",
        "write down which signals were raised and cleared",
        record_signal_changes.record_signal_changes,
        record_signal_changes.READS,
        record_signal_changes.WRITES,
        check="care",
    ),
    StageEntry(
        "queue_review",
        "queue what is worth a steward's minute",
        queue_review.queue_review,
        queue_review.READS,
        queue_review.WRITES,
    ),
    StageEntry(
        "sample_audit",
        "draw pairs to be judged blind, and measure by what was judged",
        sample_audit.sample_audit,
        sample_audit.READS,
        sample_audit.WRITES,
    ),
)

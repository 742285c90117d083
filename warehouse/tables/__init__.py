"""Every table of the warehouse, and which of them make a release."""

from __future__ import annotations

from warehouse.tables import care, decision, golden, landing, matching, quality, quarantine, review

ALL_TABLES = (*landing.TABLES, *matching.TABLES, *golden.TABLES, *care.TABLES, *quality.TABLES, *review.TABLES)

RELEASE_TABLES = (
    golden.CUSTOMER,
    golden.CROSSWALK,
    golden.EXCLUDED_RECORD,
    golden.PROVENANCE,
    care.ACTIVITY,
    care.ITEM,
    care.CONTACT_FACT,
    care.PROFILE,
    care.PERMISSION,
    care.OFFER,
    care.SIGNAL,
    care.SIGNAL_CHANGE,
    care.KNOWN_ISSUE,
    care.ISSUE_EFFECT,
    care.HOUSEHOLD,
    golden.POSSIBLE_MATCH,
    golden.CHANGE,
    golden.REDIRECT,
)
"""The tables of `golden.duckdb`, published under their bare names."""

WORKINGS_TABLES = (
    landing.SOURCE_RECORD,
    landing.DELIVERY,
    landing.FILE,
    quarantine.QUARANTINE,
    quarantine.QUARANTINE_END,
    quarantine.QUARANTINE_DROP,
    matching.STANDARDISED,
    matching.EXCLUDED_RECORD,
    matching.DROPPED_VALUE,
    matching.SHARED_VALUE,
    decision.DECISION,
    decision.RULING,
    matching.DISTINCT_RECORD,
    matching.MEMBER,
    matching.PAIR,
    matching.BLOCKING_RULE,
    matching.CLUSTER,
    matching.CLUSTER_TIE,
    *matching.KEPT_BETWEEN_NIGHTS,
    *matching.ACCUMULATED,
    *review.TABLES,
)
"""The tables of `workings.duckdb`: what explaining, reviewing and matching need; published under `schema.table`."""

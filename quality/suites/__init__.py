"""The suites, in the order in which a night reaches their tables."""

from __future__ import annotations

from quality.suites import (
    addressing,
    care,
    contract,
    feed,
    golden,
    known_issues,
    landing,
    provenance,
    signal_feed,
    standardised,
    told,
)

SUITES = (
    *contract.LANDING,
    *landing.SUITES,
    *contract.STANDARDISED,
    *standardised.SUITES,
    *contract.GOLDEN,
    *golden.SUITES,
    *provenance.SUITES,
    *feed.SUITES,
    *contract.CARE,
    *care.SUITES,
    *told.SUITES,
    *known_issues.SUITES,
    *addressing.SUITES,
    *signal_feed.SUITES,
)

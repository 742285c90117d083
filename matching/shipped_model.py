"""The shipped numbers: how often records show each level of agreement, by what they are to each other.

Per level stand the shares of pairs of records of the same person (match), of two people of one household (household),
and of two people at random (random). They were estimated without labels on open and synthetic customer data: two sets
of mixed orders, accounts, cases and mails of a few thousand people, one of the same kind over 22 years, one of 100,000
generated records, and one of administrative records. On each, matches and household pairs by the expectation-
maximisation of `train.py`, random pairs by Splink's random sampling; the mean over the sets (geometric for household
and random), rounded. Levels that such data hardly show (shared lists, e-mail names at another provider, numbers and
references) were set by hand. Only the numbers are here, none of the data.
"""

from __future__ import annotations

from typing import Final

MERGE_AT: Final = 0.85
"""From this posterior on two entities are one: a false merge weighs more than a false split."""

REVIEW_AT: Final = 0.2
"""From here to MERGE_AT a steward looks."""

ENTITY_SHIFT: Final = 3.5
ENTITY_SLOPE: Final = 0.65
"""The log2 odds of a true merge are ENTITY_SHIFT + ENTITY_SLOPE x weight, as counted on eight sets with known truth.

Entities pay for tries and conflicts, hence more is true than their weight says near 0; attributes are not independent,
hence less is at its upper end.
"""

SHIPPED: Final[dict[str, dict[str, tuple[float, float, float]]]] = {
    "given": {
        "exact": (0.837, 0.022, 0.0027),
        "initial": (0.016, 0.00064, 0.0018),
        "middle_initial": (0.011, 0.0003, 0.0012),
        "nickname": (0.088, 0.0025, 0.0019),
        "same_root": (0.008, 0.0015, 0.001),
        "swapped": (0.006, 0.00001, 0.000001),
        "alike": (0.002, 0.005, 0.0015),
        "typo": (0.025, 0.0008, 0.0006),
        "abbreviated": (0.003, 0.0003, 0.0002),
        "near": (0.0045, 0.002, 0.001),
        "by_middle": (0.005, 0.08, 0.08),
        "different": (0.014, 0.91, 0.92),
    },
    "family": {
        "exact": (0.945, 0.985, 0.00089),
        "initial": (0.00053, 0.0001, 0.0011),
        "alike": (0.004, 0.0005, 0.0003),
        "typo": (0.03, 0.02, 0.0002),
        "part": (0.0005, 0.0001, 0.00016),
        "abbreviated": (0.001, 0.0001, 0.00015),
        "near": (0.004, 0.002, 0.0003),
        "different": (0.023, 0.0062, 0.996),
    },
    "middle": {
        "exact": (0.995, 0.081, 0.082),
        "different": (0.0048, 0.919, 0.918),
    },
    "suffix": {
        "exact": (0.17, 0.005, 0.004),
        "one_side": (0.829, 0.91, 0.992),
        "namesake": (0.000002, 0.1, 0.004),
        "different": (0.0001, 0.01, 0.004),
    },
    "birth_date": {
        "exact": (0.917, 0.0088, 5.9e-05),
        "swapped": (0.0079, 0.0001, 2.2e-05),
        "slip": (0.025, 0.003, 0.0005),
        "year_known": (0.004, 0.0001, 0.0004),
        "two_parts": (0.009, 0.006, 0.0035),
        "near": (0.006, 0.02, 0.009),
        "year": (0.004, 0.04, 0.01),
        "different": (0.045, 0.94, 0.98),
    },
    "email": {
        "personal": (0.678, 0.0031, 0.0001),
        "handle": (0.069, 0.0014, 1e-05),
        "family": (0.032, 0.026, 1e-05),
        "listed": (0.02, 0.002, 2e-05),
        "other_name": (0.00001, 0.006, 0.002),
        "domain_typo": (0.008, 0.0003, 1e-06),
        "local": (0.002, 0.0005, 2e-05),
        "typo": (0.014, 0.0013, 1e-05),
        "different": (0.197, 0.962, 0.998),
    },
    "phone": {
        "exact": (0.794, 0.08, 0.00015),
        "listed": (0.02, 0.004, 5e-05),
        "other_area": (0.004, 0.0005, 0.0002),
        "typo": (0.026, 0.0013, 0.00032),
        "different": (0.18, 0.919, 0.999),
    },
    "address": {
        "other_unit": (0.00078, 0.0001, 1e-05),
        "exact": (0.682, 0.947, 0.002),
        "street_typo": (0.024, 0.025, 5.8e-05),
        "number_missing": (0.018, 0.0076, 0.00013),
        "number_typo": (0.013, 0.0075, 9.7e-05),
        "number_and_code": (0.024, 0.0085, 5.4e-05),
        "street": (0.0018, 0.0001, 0.00072),
        "code_only": (0.0052, 0.0002, 0.0014),
        "code": (0.01, 0.0014, 0.007),
        "code_near": (0.003, 0.001, 0.003),
        "city": (0.006, 0.002, 0.01),
        "city_near": (0.002, 0.001, 0.005),
        "different": (0.22, 0.0025, 0.989),
    },
    "organisation": {
        "exact": (0.2, 0.03, 0.024),
        "typo": (0.0046, 0.0019, 0.00024),
        "different": (0.792, 0.968, 0.976),
    },
    "firm": {
        "exact": (0.4, 0.15, 0.002),
        "typo": (0.2, 0.05, 0.002),
        "contained": (0.15, 0.1, 0.002),
        "half": (0.12, 0.2, 0.01),
        "word": (0.05, 0.15, 0.1),
        "different": (0.08, 0.35, 0.88),
    },
    "site": {
        "exact": (0.87, 0.03, 0.0005),
        "street_typo": (0.04, 0.001, 0.0001),
        "street": (0.04, 0.01, 0.0005),
        "different": (0.02, 0.96, 0.999),
    },
    "switchboard": {
        "exact": (0.88, 0.65, 0.0001),
        "line": (0.002, 0.002, 0.0002),
        "listed": (0.01, 0.01, 0.00005),
        "different": (0.108, 0.338, 0.9996),
    },
    "identifier": {
        "several": (0.01, 0.0001, 1e-06),
        "one": (0.5, 0.005, 2e-05),
    },
    "reference": {
        "several": (0.02, 0.0002, 1e-06),
        "one": (0.5, 0.005, 2e-05),
    },
}

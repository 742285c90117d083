"""What is published of our own problems must be: of orders that there are, and of problems that are told."""

from __future__ import annotations

from quality.suite import Count, counted, without
from quality.suites.contract import EMPTY_WHEN
from warehouse.tables import care

SUITES = (
    counted(
        "care_issue_effect",
        "care",
        "care.issue_effect",
        (
            Count(
                "of_unknown_issue",
                "what touches an order is listed",
                without("care.issue_effect", "care.known_issue", "issue_id"),
            ),
            Count(
                "of_stranger",
                "what is touched is an order, and its customer's",
                """SELECT count(*) FROM care.issue_effect ANTI JOIN (FROM care.activity WHERE kind = 'order')
                USING (activity_id, golden_id)""",
            ),
        ),
        empty_when=EMPTY_WHEN[care.ISSUE_EFFECT],
        of_release=True,
    ),
)

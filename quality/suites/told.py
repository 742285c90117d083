"""What is published of customers' texts must be: no more than a beginning or a sentence, and everybody's own."""

from __future__ import annotations

from quality.suite import Count, counted, rows
from quality.suites.contract import EMPTY_WHEN
from warehouse.tables import care

_LONGEST_EXCERPT = 300
_LONGEST_SENTENCE = 160

SUITES = (
    counted(
        "care_text",
        "care",
        "care.activity",
        (
            Count(
                "excerpt_long",
                "of a text its beginning is published, and no more",
                rows(f"length(excerpt) > {_LONGEST_EXCERPT}"),
            ),
            Count(
                "state_otherwise",
                "what is declared open, closed or cancelled is so",
                rows("status IN ('open', 'closed', 'cancelled') AND state IS DISTINCT FROM status"),
            ),
        ),
        of_release=True,
    ),
    counted(
        "care_contact_fact",
        "care",
        "care.contact_fact",
        (
            Count(
                "of_stranger",
                "a fact is of the customer who told it, in what did not go out",
                """SELECT count(*) FROM care.contact_fact ANTI JOIN
                (FROM care.activity WHERE direction IS DISTINCT FROM 'outbound') USING (activity_id, golden_id)""",
            ),
            Count(
                "empty",
                "a value is told, in at most a sentence",
                rows(f"trim(\"value\") = '' OR coalesce(length(sentence), 0) NOT BETWEEN 1 AND {_LONGEST_SENTENCE}"),
            ),
        ),
        empty_when=EMPTY_WHEN[care.CONTACT_FACT],
        of_release=True,
    ),
)

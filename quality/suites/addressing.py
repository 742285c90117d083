"""What permissions and offers must be: everybody's own, the strictest word winning, and no offer into a complaint."""

from __future__ import annotations

from quality.suite import Count, counted, rows, without
from quality.suites.contract import EMPTY_WHEN
from warehouse.tables import care

_COMPLAINING = """
    (SELECT golden_id FROM care.signal WHERE signal = 'open_complaint'
     UNION
     SELECT mine.golden_id FROM care.household AS mine JOIN care.household AS other USING (household_id)
     JOIN care.signal ON care.signal.golden_id = other.golden_id AND signal = 'open_complaint')"""

SUITES = (
    counted(
        "care_permission",
        "care",
        "care.permission",
        (
            Count(
                "of_nobody", "a permission is a customer's", without("care.permission", "golden.customer", "golden_id")
            ),
            Count(
                "said_nowhere",
                "a permission rests on the record of a customer",
                without("care.permission", "golden.crosswalk", "source", "source_record_id"),
            ),
            Count(
                "allowed_though_refused",
                "what is refused for all channels or purposes is allowed for none of them",
                """SELECT count(*) FROM care.permission AS one JOIN care.permission AS wider USING (golden_id)
                WHERE one.allowed AND NOT wider.allowed AND wider.channel IN ('any', one.channel)
                    AND wider.purpose IN ('any', one.purpose)""",
            ),
            Count("reason_empty", "a rule about a customer says why", rows("trim(reason) = ''")),
        ),
        empty_when=EMPTY_WHEN[care.PERMISSION],
        of_release=True,
    ),
    counted(
        "care_may_offer",
        "care",
        "care.profile",
        (
            Count(
                "into_a_complaint",
                "nobody is offered anything while a complaint is open in the household",
                f"SELECT count(*) FROM (FROM care.profile WHERE may_offer) SEMI JOIN {_COMPLAINING} USING (golden_id)",
            ),
            Count(
                "though_refused",
                "nobody is offered anything who refuses marketing",
                """SELECT count(*) FROM (FROM care.profile WHERE may_offer) SEMI JOIN
                (FROM care.permission WHERE purpose = 'marketing' AND channel = 'any' AND NOT allowed)
                USING (golden_id)""",
            ),
        ),
        of_release=True,
    ),
    counted(
        "care_offer",
        "care",
        "care.offer",
        (
            Count("of_nobody", "an answer is a customer's", without("care.offer", "golden.customer", "golden_id")),
            Count(
                "unanswered",
                "every customer has an answer to every offer",
                """SELECT abs((SELECT count(*) FROM golden.customer) * count(DISTINCT offer) - count(*))
                FROM care.offer""",
            ),
            Count(
                "against_the_profile",
                "nothing is offered to whom nothing may be offered",
                """SELECT count(*) FROM (FROM care.offer WHERE eligible)
                SEMI JOIN (FROM care.profile WHERE NOT may_offer) USING (golden_id)""",
            ),
            Count("reason_empty", "a rule about a customer says why", rows("trim(reason) = ''")),
        ),
        empty_when=EMPTY_WHEN[care.OFFER],
        of_release=True,
    ),
)

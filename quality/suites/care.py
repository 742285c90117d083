"""What the customer 360 must be before it is published: everybody's own, and added up rightly."""

from __future__ import annotations

from quality.suite import Count, Suite, between, counted, repeated, rows, without
from quality.suites.contract import EMPTY_WHEN
from warehouse.tables import care

_ACTIVITY_ID = "act_[0-9A-HJKMNP-TV-Z]{16}"
_HOUSEHOLD_ID = "hh_[0-9A-HJKMNP-TV-Z]{16}"
_CONTACTS = "('message', 'case', 'interaction')"
_ORDER = "kind = 'order' AND state IS DISTINCT FROM 'cancelled'"
_TELLING = f"kind = 'case' OR kind IN {_CONTACTS} AND direction IS DISTINCT FROM 'outbound'"
_TOLD = f"""(SELECT golden_id,
        count(*) FILTER ({_ORDER}) AS orders,
        sum(amount) FILTER ({_ORDER}) AS spent,
        max("at") FILTER ({_ORDER}) AS last_order_at,
        count(*) FILTER (kind IN ('message', 'case') AND direction = 'inbound') AS surely_contacts,
        count(*) FILTER (kind IN {_CONTACTS} AND direction IS DISTINCT FROM 'outbound') AS contacts,
        count(*) FILTER (kind = 'case' AND state = 'open') AS open_cases,
        max("at") FILTER (kind = 'case') AS last_case_at,
        count(*) FILTER ({_TELLING}) AS told,
        max("at") FILTER ({_TELLING}) AS last_told_at
    FROM care.activity GROUP BY golden_id)"""


def _profiles_where(condition: str) -> str:
    """Return a query that counts the profiles (p) that disagree with their customer's activity (a)."""
    return f"SELECT count(*) FROM care.profile AS p LEFT JOIN {_TOLD} AS a USING (golden_id) WHERE {condition}"


SUITES = (
    counted(
        "care_activity",
        "care",
        "care.activity",
        (
            Count(
                "id_malformed",
                "ids are opaque and of one form",
                rows(f"NOT regexp_full_match(activity_id, '{_ACTIVITY_ID}')"),
            ),
            Count(
                "of_stranger",
                "nobody's order hangs on somebody else",
                without("care.activity", "golden.crosswalk", "golden_id", "source", "source_record_id"),
            ),
            Count(
                "record_twice",
                "a record is one activity",
                repeated("care.activity", ("source", "source_record_id")),
            ),
            Count(
                "about_nothing",
                "what an activity is about exists",
                """SELECT count(*) FROM care.activity AS a ANTI JOIN care.activity AS b
                ON a.about_activity_id = b.activity_id WHERE a.about_activity_id IS NOT NULL""",
            ),
            Count(
                "about_itself",
                "nothing is about itself",
                rows("about_activity_id = activity_id"),
            ),
            Count(
                "conversation_unknown",
                "a message, case or interaction belongs to a conversation, which is named by an activity",
                f"""SELECT count(*) FROM (FROM care.activity WHERE kind IN {_CONTACTS} OR conversation_id IS NOT NULL)
                ANTI JOIN (SELECT activity_id AS conversation_id FROM care.activity) USING (conversation_id)""",
            ),
            Count(
                "amount_without_currency",
                "an amount has a currency",
                rows("amount IS NOT NULL AND currency IS NULL"),
                "warning",
            ),
        ),
        of_release=True,
    ),
    counted(
        "care_happened",
        "care",
        "care.activity",
        (
            Count(
                "untold",
                "everything that happened to a customer is on the timeline",
                """SELECT count(*) FROM golden.crosswalk SEMI JOIN
                (FROM landing.live_record WHERE holds NOT IN ('inventory', 'known_issue'))
                USING (source, source_record_id) ANTI JOIN care.activity USING (source, source_record_id)""",
            ),
            Count(
                "of_another_kind",
                "an activity is what its source holds",
                """SELECT count(*) FROM care.activity JOIN landing.live_record USING (source, source_record_id)
                WHERE kind <> holds""",
            ),
        ),
    ),
    counted(
        "care_item",
        "care",
        "care.item",
        (
            Count(
                "of_nothing",
                "a line belongs to an order or invoice",
                without("care.item", "care.activity", "activity_id"),
            ),
            Count("below_1", "lines are numbered from 1", rows("line < 1")),
        ),
        empty_when=EMPTY_WHEN[care.ITEM],
        of_release=True,
    ),
    counted(
        "care_signal",
        "care",
        "care.signal",
        (
            Count("of_nobody", "a signal is a customer's", without("care.signal", "golden.customer", "golden_id")),
            Count(
                "of_nothing",
                "what a signal rests on is on its customer's timeline",
                """SELECT count(*) FROM (FROM care.signal WHERE activity_id IS NOT NULL)
                ANTI JOIN care.activity USING (activity_id, golden_id)""",
            ),
        ),
        empty_when=EMPTY_WHEN[care.SIGNAL],
        of_release=True,
    ),
    counted(
        "care_household",
        "care",
        "care.household",
        (
            Count(
                "of_nobody",
                "a household is made of customers",
                without("care.household", "golden.customer", "golden_id"),
            ),
            Count(
                "customer_twice",
                "a customer is in one household at most",
                repeated("care.household", ("golden_id",)),
            ),
            Count(
                "alone",
                "nobody is a household by himself",
                "SELECT count(*) FROM (SELECT household_id FROM care.household GROUP BY ALL HAVING count(*) < 2)",
            ),
            Count(
                "id_malformed",
                "ids are opaque and of one form",
                rows(f"NOT regexp_full_match(household_id, '{_HOUSEHOLD_ID}')"),
            ),
        ),
        empty_when=EMPTY_WHEN[care.HOUSEHOLD],
        of_release=True,
    ),
    counted(
        "care_profile",
        "care",
        "care.profile",
        (
            Count(
                "customer_without_profile",
                "every customer has a profile",
                without("golden.customer", "care.profile", "golden_id"),
            ),
            Count(
                "profile_of_nobody",
                "every profile is a customer's",
                without("care.profile", "golden.customer", "golden_id"),
            ),
            Count(
                "orders_miscounted",
                "orders and the last of them are those on the timeline, without cancelled ones",
                _profiles_where(
                    "p.orders <> coalesce(a.orders, 0) OR p.last_order_at IS DISTINCT FROM a.last_order_at"
                ),
            ),
            Count(
                "spend_otherwise",
                "what a customer spent is what these orders say",
                _profiles_where("coalesce(list_sum(map_values(p.spend)), 0) <> coalesce(a.spent, 0)"),
            ),
            Count(
                "contacts_miscounted",
                "contacts are those on the timeline that came from the customer",
                _profiles_where("p.contacts NOT BETWEEN coalesce(a.surely_contacts, 0) AND coalesce(a.contacts, 0)"),
            ),
            Count(
                "cases_miscounted",
                "cases that are open and problems are among what the timeline holds",
                _profiles_where(
                    "p.open_cases <> coalesce(a.open_cases, 0) OR p.problems_12m > coalesce(a.told, 0)"
                    " OR p.last_problem_at > a.last_told_at OR p.last_problem_at < a.last_case_at"
                    " OR p.last_problem_at IS NULL AND a.last_case_at IS NOT NULL"
                ),
            ),
            Count(
                "experience_otherwise",
                "who has no order has no experience, and who has one has some",
                rows("(experience = 'none') <> (orders = 0)"),
            ),
            Count(
                "reason_empty",
                "a rule about a customer says why",
                rows("trim(may_offer_reason) = ''"),
            ),
        ),
        of_release=True,
    ),
    Suite(
        name="care_profile_values",
        group="care",
        table="care.profile",
        query="SELECT orders, contacts, open_cases, problems_12m FROM care.profile",
        expectations=(
            between("orders", 0, None, "orders are counted"),
            between("contacts", 0, None, "contacts are counted"),
            between("open_cases", 0, None, "cases are counted"),
            between("problems_12m", 0, None, "problems are counted"),
        ),
    ),
)

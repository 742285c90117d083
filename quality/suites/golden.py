"""What golden records must be before they are published: whole, apart, and each on its own records."""

from __future__ import annotations

from quality.suite import Count, Suite, at_least, between, counted, matches, repeated, rows, rows_where, unique, without
from quality.suites.contract import EMPTY_WHEN
from warehouse.tables import golden
from warehouse.tables.landing import EXCLUSION_REASONS

GOLDEN_ID = r"^cus_[0-9A-HJKMNP-TV-Z]{16}$"

_RECORD = ("source", "source_record_id")
_CLAIMED = """(SELECT source, source_record_id FROM golden.crosswalk
    UNION ALL SELECT source, source_record_id FROM golden.excluded_record)"""
_RELEASES = "(SELECT DISTINCT release_id FROM golden.change)"

SUITES = (
    Suite(
        name="golden_customer",
        group="golden",
        table="golden.customer",
        query="""
            SELECT golden_id, record_count, source_count, cohesion, year(birth_date) AS birth_year,
                   epoch(first_seen_at) AS first_seen, epoch(last_seen_at) AS last_seen
            FROM golden.customer""",
        personal=frozenset({"birth_year"}),
        expectations=(
            unique(("golden_id",), "an id stands for one customer"),
            matches("golden_id", GOLDEN_ID, "ids are opaque and of one form"),
            between("record_count", 1, None, "a customer is made of records"),
            at_least("record_count", "source_count", "sources are counted among records"),
            between("cohesion", 0, 1, "cohesion is a probability"),
            between("birth_year", 1900, None, "a published birth date is that of a living person", "warning"),
            at_least("last_seen", "first_seen", "time runs forward"),
        ),
    ),
    counted(
        "golden_membership",
        "golden",
        "golden.customer",
        (
            Count(
                "record_of_no_customer",
                "the crosswalk leads to customers",
                without("golden.crosswalk", "golden.customer", "golden_id"),
            ),
            Count(
                "customer_without_record",
                "no customer outlives its records",
                without("golden.customer", "golden.crosswalk", "golden_id"),
            ),
            Count(
                "claimed_twice",
                "a record is a customer's or nobody's, not both",
                repeated(_CLAIMED, _RECORD),
            ),
            Count(
                "records_miscounted",
                "record_count and source_count are those of the crosswalk",
                """SELECT count(*) FROM golden.customer AS c JOIN
                (SELECT golden_id, count(*) AS records, count(DISTINCT source) AS sources
                 FROM golden.crosswalk GROUP BY golden_id) AS x USING (golden_id)
                WHERE c.record_count <> x.records OR c.source_count <> x.sources""",
            ),
            Count(
                "contact_not_listed",
                "the preferred e-mail and phone are among all of them",
                rows(
                    "email IS NOT NULL AND NOT list_contains(emails, email)"
                    " OR phone IS NOT NULL AND NOT list_contains(phones, phone)",
                ),
            ),
            Count(
                "contacts_unsorted",
                "lists of contacts are sorted and name nothing twice",
                rows(
                    "emails <> list_sort(list_distinct(emails)) OR phones <> list_sort(list_distinct(phones))",
                ),
            ),
            Count(
                "changed_in_unknown",
                "readers can tell since which release a row is as it is",
                f"SELECT (SELECT count(*) FROM golden.customer ANTI JOIN {_RELEASES} AS r ON r.release_id = changed_in)"
                f" + (SELECT count(*) FROM golden.crosswalk ANTI JOIN {_RELEASES} AS r ON r.release_id = attached_in)",
            ),
            Count(
                "reason_unlisted",
                "why a record is nobody's comes from a closed list",
                rows_where("golden.excluded_record", f"reason NOT IN {EXCLUSION_REASONS}"),
            ),
            Count(
                "nameless",
                "a customer can be told from another by something",
                rows(
                    "full_name IS NULL AND len(emails) = 0 AND len(phones) = 0 AND street IS NULL"
                    " AND cardinality(identifiers) = 0",
                ),
                "warning",
            ),
        ),
        of_release=True,
    ),
    counted(
        "golden_possible_match",
        "golden",
        "golden.possible_match",
        (
            Count(
                "out_of_order",
                "a pair is named once, the lesser id first",
                rows("golden_id_l >= golden_id_r"),
            ),
            Count(
                "between_strangers",
                "both of a pair are customers",
                """SELECT count(*) FROM golden.possible_match AS p
                WHERE p.golden_id_l NOT IN (SELECT golden_id FROM golden.customer)
                   OR p.golden_id_r NOT IN (SELECT golden_id FROM golden.customer)""",
            ),
            Count(
                "improbable",
                "a probability is between 0 and 1",
                rows("match_probability NOT BETWEEN 0 AND 1"),
            ),
        ),
        empty_when=EMPTY_WHEN[golden.POSSIBLE_MATCH],
        of_release=True,
    ),
    counted(
        "golden_accounting",
        "golden",
        "golden.crosswalk",
        (
            Count(
                "lost",
                "every live record is a customer's or nobody's",
                without("landing.live_record", _CLAIMED, *_RECORD),
            ),
            Count("not_live", "a deleted record is no customer's", without(_CLAIMED, "landing.live_record", *_RECORD)),
            Count(
                "excluded_otherwise",
                "nobody's records are those that matching left out",
                """SELECT count(*) FROM golden.excluded_record ANTI JOIN matching.excluded_record
                USING (source, source_record_id, reason)""",
            ),
            Count(
                "cluster_torn",
                "what matching joined is one customer",
                """SELECT count(*) FROM (SELECT cluster_id FROM matching.cluster
                JOIN golden.crosswalk USING (source, source_record_id)
                GROUP BY cluster_id HAVING count(DISTINCT golden_id) > 1)""",
            ),
            Count(
                "clusters_joined",
                "what matching kept apart is apart",
                """SELECT count(*) FROM (SELECT golden_id FROM matching.cluster
                JOIN golden.crosswalk USING (source, source_record_id)
                GROUP BY golden_id HAVING count(DISTINCT cluster_id) > 1)""",
            ),
            Count(
                "nobody_now",
                "customers do not vanish while their records live, unless a steward said so",
                """SELECT count(*) FROM (
                SELECT b.golden_id FROM base.crosswalk AS b
                SEMI JOIN landing.live_record USING (source, source_record_id)
                ANTI JOIN (FROM matching.excluded_record WHERE reason = 'not_a_customer') AS x
                    USING (source, source_record_id)
                GROUP BY b.golden_id
                EXCEPT
                SELECT b.golden_id FROM base.crosswalk AS b JOIN golden.crosswalk USING (source, source_record_id))""",
                "warning",
            ),
        ),
    ),
)

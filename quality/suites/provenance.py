"""What provenance must be before it is published: of every value, and from the customer's own records."""

from __future__ import annotations

from quality.suite import Count, counted, rows, without
from warehouse.connection import quote_identifier
from warehouse.tables.golden import ATTRIBUTES

_VALUE = "CASE p.attribute " + " ".join(f"WHEN '{name}' THEN c.{name}::VARCHAR" for name in ATTRIBUTES) + " END"
_PUBLISHED = " + ".join(f"count({quote_identifier(name)})" for name in ATTRIBUTES)
_OPEN = "attribute LIKE 'identifier.%' OR attribute LIKE 'extra.%'"

SUITES = (
    counted(
        "golden_provenance",
        "golden",
        "golden.provenance",
        (
            Count(
                "of_no_customer",
                "provenance is a customer's",
                without("golden.provenance", "golden.customer", "golden_id"),
            ),
            Count(
                "from_stranger",
                "no customer shows another one's value",
                without("golden.provenance", "golden.crosswalk", "golden_id", "source", "source_record_id"),
            ),
            Count(
                "lost_to_stranger",
                "no customer shows another one's value among those that lost",
                """SELECT count(*) FROM
                (SELECT golden_id, unnest(alternatives, recursive := true) FROM golden.provenance)
                ANTI JOIN golden.crosswalk USING (golden_id, source, source_record_id)""",
            ),
            Count(
                "attribute_unknown",
                "provenance is that of a published attribute",
                rows(f"attribute NOT IN {ATTRIBUTES} AND NOT ({_OPEN})"),
            ),
            Count(
                "value_differs",
                "what provenance tells is what is published",
                f"""SELECT count(*) FROM golden.provenance AS p JOIN golden.customer AS c USING (golden_id)
                WHERE p.attribute IN {ATTRIBUTES} AND {_VALUE} IS DISTINCT FROM p.value""",
            ),
            Count(
                "value_without_origin",
                "every published value has an origin",
                f"""SELECT greatest(0, (SELECT {_PUBLISHED} FROM golden.customer)
                - (SELECT count(*) FROM golden.provenance WHERE attribute IN {ATTRIBUTES}))""",
            ),
            Count(
                "winner_lost_too",
                "the value that won is not among those that lost",
                rows(
                    "len(list_filter(alternatives, lambda lost: lost.value IS NOT DISTINCT FROM value)) > 0",
                ),
            ),
        ),
        of_release=True,
    ),
    counted(
        "golden_placeholder",
        "golden",
        "golden.customer",
        (
            Count(
                "email_shared",
                "a placeholder is nobody's address",
                """SELECT count(*) FROM (SELECT unnest(emails) AS email FROM golden.customer)
                SEMI JOIN matching.shared_value AS s ON s.attribute = 'email' AND s.value = lower(email)""",
                "warning",
            ),
        ),
    ),
)

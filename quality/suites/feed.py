"""What the change feed and the redirects must be: a log that grows at its end and replays to what is published."""

from __future__ import annotations

from quality.suite import Count, counted, repeated, rows, rows_where, without
from quality.suites.contract import EMPTY_WHEN
from warehouse.connection import quote_identifier
from warehouse.tables import golden

_APPEARANCES = ("created", "unmerged", "revived")
_ENDINGS = ("merged", "retired", "erased")
_CREATED = "(SELECT golden_id FROM golden.change WHERE event = 'created')"
_NEW = "(FROM golden.change WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM latest.change))"
_SAID = f"hash({', '.join(quote_identifier(name) for name in golden.CHANGE.column_names)}) AS said"


def _differ(one: str, other: str) -> str:
    """Return a query that counts the rows that one of two queries has and the other has not."""
    return f"SELECT count(*) FROM (({one} EXCEPT {other}) UNION ALL ({other} EXCEPT {one}))"


_REPLAYED_CUSTOMERS = f"""
    (SELECT golden_id FROM golden.change WHERE event IN {(*_APPEARANCES, *_ENDINGS)}
     GROUP BY golden_id HAVING arg_max(event, sequence) IN {_APPEARANCES})"""
_REPLAYED_RECORDS = """
    (SELECT source, source_record_id, arg_max(golden_id, sequence) FROM golden.change
     WHERE event IN ('attached', 'detached')
     GROUP BY source, source_record_id HAVING arg_max(event, sequence) = 'attached')"""

SUITES = (
    counted(
        "golden_change",
        "golden",
        "golden.change",
        (
            Count(
                "gaps",
                "the feed is numbered 1, 2, 3, … without a gap",
                rows_where("golden.change", "sequence NOT BETWEEN 1 AND (SELECT count(*) FROM golden.change)"),
            ),
            Count(
                "record_unnamed",
                "an event about a record names it",
                rows(
                    "event IN ('created', 'attached', 'detached') AND (source IS NULL OR source_record_id IS NULL)",
                ),
            ),
            Count(
                "row_missing",
                "an event after which a row is new or other carries it",
                rows(f"event IN {(*_APPEARANCES, 'attached', 'updated')} AND after IS NULL"),
            ),
            Count(
                "other_unnamed",
                "an event between two customers names both",
                rows("event IN ('merged', 'split', 'unmerged') AND other_golden_id IS NULL"),
            ),
            Count(
                "founded_twice",
                "an id is given to one customer, once",
                repeated(_CREATED, ("golden_id",)),
            ),
            Count(
                "before_birth",
                "nothing happens to an id that never was",
                without("golden.change", _CREATED, "golden_id"),
            ),
            Count(
                "customers_otherwise",
                "replaying the feed gives the published customers",
                _differ(_REPLAYED_CUSTOMERS, "(SELECT golden_id FROM golden.customer)"),
            ),
            Count(
                "records_otherwise",
                "replaying the feed gives the published crosswalk",
                _differ(_REPLAYED_RECORDS, "(SELECT source, source_record_id, golden_id FROM golden.crosswalk)"),
            ),
        ),
        of_release=True,
    ),
    counted(
        "golden_redirect",
        "golden",
        "golden.redirect",
        (
            Count(
                "retired_alive",
                "a retired id is not a customer's",
                "SELECT count(*) FROM golden.redirect SEMI JOIN golden.customer USING (golden_id)",
            ),
            Count(
                "leads_nowhere",
                "a redirect leads to a living customer at once, not by another redirect",
                """SELECT count(*) FROM golden.redirect AS r ANTI JOIN golden.customer AS c
                ON r.current_golden_id = c.golden_id WHERE r.current_golden_id IS NOT NULL""",
            ),
            Count(
                "never_lived",
                "only an id that was published is retired",
                without("golden.redirect", _CREATED, "golden_id"),
            ),
            Count(
                "forgotten",
                "an id that was ever published resolves for ever, unless erased",
                f"""SELECT count(*) FROM {_CREATED} ANTI JOIN golden.customer USING (golden_id)
                ANTI JOIN golden.redirect USING (golden_id)
                ANTI JOIN (FROM golden.change WHERE event = 'erased') USING (golden_id)""",
            ),
            Count(
                "retired_in_unknown",
                "readers can tell since which release an id is retired",
                """SELECT count(*) FROM golden.redirect
                ANTI JOIN (SELECT DISTINCT release_id FROM golden.change) AS r ON r.release_id = retired_in""",
            ),
        ),
        empty_when=EMPTY_WHEN[golden.REDIRECT],
        of_release=True,
    ),
    counted(
        "golden_history",
        "golden",
        "golden.change",
        (
            Count(
                "rewritten",
                "what was published of the feed stays as it was",
                f"""SELECT count(*) FROM (SELECT sequence, {_SAID} FROM latest.change)
                ANTI JOIN (SELECT sequence, {_SAID} FROM golden.change) USING (sequence, said)""",
            ),
            Count(
                "of_two_releases",
                "tonight's events are of one release, and a new one",
                f"""SELECT (SELECT greatest(0, count(DISTINCT release_id) - 1) FROM {_NEW})
                + (SELECT count(*) FROM {_NEW} SEMI JOIN latest.change USING (release_id))""",
            ),
            Count(
                "at_another_time",
                "tonight's events are dated as_of",
                f'SELECT count(*) FROM {_NEW} WHERE "at" IS DISTINCT FROM (SELECT as_of FROM landing.night)',
            ),
        ),
    ),
)

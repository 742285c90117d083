"""What the data contract promises beyond the table specs: what leads where, what ids mean, what always holds.

The specs say which columns there are. This says which of them name rows of other tables (`RELATIONS`), what a reader
may build on golden ids and the feeds (`SEMANTICS`), and what can be asked of a release at any time and counts nothing
(`ALWAYS`).
"""

from __future__ import annotations

from typing import NamedTuple


class Relation(NamedTuple):
    """Columns of a table whose values, where they are not null, are those of a row of another table."""

    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]


class Promise(NamedTuple):
    """What a reader may build on: its name in the contract, and the promise."""

    name: str
    promise: str


class Rule(NamedTuple):
    """What holds of a table: its name, what it guards, and a query that counts what is against it."""

    table: str
    name: str
    guards: str
    query: str


def _ids(table: str, column: str, to_table: str, to_column: str | None = None) -> Relation:
    return Relation(table, (column,), to_table, (to_column or column,))


RECORD = ("source", "source_record_id")

RELATIONS = (
    _ids("crosswalk", "golden_id", "customer"),
    _ids("provenance", "golden_id", "customer"),
    Relation("provenance", ("golden_id", *RECORD), "crosswalk", ("golden_id", *RECORD)),
    Relation("activity", ("golden_id", *RECORD), "crosswalk", ("golden_id", *RECORD)),
    _ids("activity", "about_activity_id", "activity", "activity_id"),
    _ids("activity", "conversation_id", "activity", "activity_id"),
    _ids("item", "activity_id", "activity"),
    _ids("contact_fact", "activity_id", "activity"),
    _ids("contact_fact", "golden_id", "customer"),
    _ids("profile", "golden_id", "customer"),
    _ids("permission", "golden_id", "customer"),
    _ids("offer", "golden_id", "customer"),
    _ids("signal", "golden_id", "customer"),
    _ids("signal", "activity_id", "activity"),
    _ids("issue_effect", "activity_id", "activity"),
    _ids("issue_effect", "golden_id", "customer"),
    _ids("household", "golden_id", "customer"),
    _ids("possible_match", "golden_id_l", "customer", "golden_id"),
    _ids("possible_match", "golden_id_r", "customer", "golden_id"),
    _ids("redirect", "current_golden_id", "customer", "golden_id"),
)

SEMANTICS = (
    Promise(
        "goldenIdIsPermanent",
        "A golden_id stands for one person or organisation for ever. It is opaque: nothing in it may be read.",
    ),
    Promise(
        "goldenIdIsNeverReused",
        "A golden_id is made once and never given to anybody else, also after it has retired.",
    ),
    Promise(
        "retiredIdsRedirect",
        "A golden_id that was ever published is in `customer`, or in `redirect`, which leads to a living customer in"
        " one step; null there: nobody took its place. Only somebody who was erased is in neither. The feed `change`"
        " tells of a retirement in the release that retires.",
    ),
    Promise(
        "feedIsOrderedAndGapFree",
        "`change` is numbered 1, 2, 3, … over all releases. What a release says there is what every later release"
        " says, and more after it; of an erased person `after` is taken away. The same holds for `signal_change`.",
    ),
    Promise(
        "feedReplays",
        "Replayed from its start, `change` gives exactly `customer` and `crosswalk` of the same release;"
        " `signal_change` gives (golden_id, signal, activity_id) of `signal`.",
    ),
    Promise(
        "rollbackCompensates",
        "After a rollback the current release's feed ends earlier until the next release, which goes on where the"
        " feed was and takes back what is no longer so. A sequence number is never used twice.",
    ),
    Promise(
        "crosswalkIsComplete",
        "Every live source record is in exactly one of `crosswalk` and `excluded_record`. `source_record_id` is text,"
        " byte for byte as delivered.",
    ),
    Promise(
        "releaseIsImmutable",
        "A release never changes once it is published. `current` moves from one whole release to another; a reader"
        " that opened one stays on it.",
    ),
    Promise(
        "timesAreUtc",
        "Every TIMESTAMP is UTC and carries no zone; a DATE has none. What is relative to now is relative to as_of.",
    ),
    Promise(
        "activityFollowsItsRecord",
        "Orders, invoices, mails and cases hang on source records: where a record goes, they go. activity_id never"
        " changes; its golden_id may.",
    ),
    Promise(
        "unknownValues",
        "A closed list may grow in a minor version: take what you do not know as `other`. The events of `change` and"
        " `signal_change` grow in a major version only.",
    ),
)

_FEED = "SELECT count(*) FROM {0} WHERE sequence NOT BETWEEN 1 AND (SELECT count(*) FROM {0})"
_APPEARED = "'created', 'unmerged', 'revived'"
_ENDED = "'merged', 'retired', 'erased'"


def _differ(one: str, other: str) -> str:
    return f"SELECT count(*) FROM ((({one}) EXCEPT ({other})) UNION ALL (({other}) EXCEPT ({one})))"


ALWAYS = (
    Rule("change", "feedHasNoGaps", "the feed is numbered without a gap", _FEED.format("change")),
    Rule("signal_change", "feedHasNoGaps", "the feed is numbered without a gap", _FEED.format("signal_change")),
    Rule(
        "change",
        "feedGivesCustomers",
        "replayed, the feed gives the customers",
        _differ(
            f"SELECT golden_id FROM change WHERE event IN ({_APPEARED}, {_ENDED}) GROUP BY golden_id"
            f" HAVING arg_max(event, sequence) IN ({_APPEARED})",
            "SELECT golden_id FROM customer",
        ),
    ),
    Rule(
        "change",
        "feedGivesCrosswalk",
        "replayed, the feed gives the crosswalk",
        _differ(
            "SELECT source, source_record_id, arg_max(golden_id, sequence) FROM change"
            " WHERE event IN ('attached', 'detached') GROUP BY source, source_record_id"
            " HAVING arg_max(event, sequence) = 'attached'",
            "SELECT source, source_record_id, golden_id FROM crosswalk",
        ),
    ),
    Rule(
        "signal_change",
        "feedGivesSignals",
        "replayed, the feed of signals gives the signals",
        _differ(
            "SELECT golden_id, signal, activity_id FROM signal_change GROUP BY golden_id, signal, activity_id"
            " HAVING arg_max(event, sequence) = 'raised'",
            "SELECT golden_id, signal, activity_id FROM signal",
        ),
    ),
    Rule(
        "redirect",
        "retiredIdsAreNobodys",
        "a retired id is no customer's",
        "SELECT count(*) FROM redirect SEMI JOIN customer USING (golden_id)",
    ),
    Rule(
        "redirect",
        "everyIdLeadsSomewhere",
        "an id that was ever published is a customer's, or redirects, or was erased",
        "SELECT count(*) FROM (SELECT DISTINCT golden_id FROM change) AS ever"
        " ANTI JOIN customer USING (golden_id) ANTI JOIN redirect USING (golden_id)"
        " ANTI JOIN (SELECT golden_id FROM change WHERE event = 'erased') AS erased USING (golden_id)",
    ),
    Rule(
        "excluded_record",
        "recordsAreInOnePlace",
        "no record is somebody's and nobody's",
        "SELECT count(*) FROM crosswalk SEMI JOIN excluded_record USING (source, source_record_id)",
    ),
)
"""The queries are DuckDB's SQL over the tables of `golden.duckdb`; each counts 0."""


def counts_strays(relation: Relation) -> str:
    """Return the query that counts the rows whose relation leads nowhere."""
    said = " AND ".join(f"one.{column} IS NOT NULL" for column in relation.columns)
    same = " AND ".join(
        f"one.{column} = other.{there}" for column, there in zip(relation.columns, relation.to_columns, strict=True)
    )
    return f"SELECT count(*) FROM {relation.table} AS one ANTI JOIN {relation.to_table} AS other ON {same} WHERE {said}"

"""What tonight would do, customer by customer, sorted by what hangs on it.

READS: golden.change, golden.customer, golden.crosswalk, golden.provenance, care.profile, matching.standardised,
matching.shared_value, matching.decision, latest.customer, latest.crosswalk, latest.profile, latest.provenance,
latest.change. WRITES: temporary tables alone.
Invariant: every identity event of tonight stands in exactly one entry, with the customers it ties together.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.plan.asking import rows_of
from pipelines.plan.attributes import find_changes
from pipelines.plan.reasons import find_decisions, find_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

KINDS = (
    "merge",
    "regroup",
    "unmerge",
    "split",
    "move",
    "retire",
    "revive",
    "update",
    "create",
    "records",
    "firmness",
)
"""What may happen to customers; the first that fits. Up to `move`, records change from one customer to another."""
IDENTITY = KINDS[: KINDS.index("move") + 1]

_MOVED_RECORDS = 5
"""Records that a move names; the others are counted."""

_EVENTS = """
    SELECT sequence, event, golden_id, other_golden_id, source, source_record_id, cause FROM golden.change
    WHERE sequence > (SELECT coalesce(max(sequence), 0) FROM latest.change) ORDER BY sequence
    """
_PARTIES = """
    SELECT golden_id, coalesce(full_name, organisation) AS name, birth_date, email, phone,
        concat_ws(', ', street, unit, city, region, postal_code) AS address,
        record_count AS records, cohesion, safe_for,
        coalesce(orders, 0) AS orders, coalesce(spend, MAP {}) AS spend, coalesce(open_cases, 0) AS open_cases,
        coalesce(contacts, 0) AS contacts, last_contact_at
    FROM SEMI_JOINED LEFT JOIN PROFILE USING (golden_id)
    ORDER BY golden_id
    """
_MOVES = f"""
    WITH moved AS (
        SELECT source || ':' || source_record_id AS record, before.golden_id AS old_id, now.golden_id AS new_id
        FROM latest.crosswalk AS before FULL JOIN golden.crosswalk AS now USING (source, source_record_id)
        WHERE before.golden_id IN (SELECT golden_id FROM planned)
           OR now.golden_id IN (SELECT golden_id FROM planned)
    )
    SELECT old_id AS "from", new_id AS "to", count(*) AS records,
        list(record ORDER BY record)[:{_MOVED_RECORDS}] AS named
    FROM moved GROUP BY ALL ORDER BY old_id NULLS LAST, new_id NULLS LAST
    """


def customer_entries(con: DuckDBPyConnection) -> list[Row]:
    """Return one entry per group of customers that tonight's events tie together, the most consequential first.

    An entry has its `kind`, the customers `before` and `after` with what hangs on them, which records move (`moves`),
    what tied them (`evidence`, `decisions`), the `changes` of published attributes, and the `events` themselves.
    """
    events = rows_of(con, _EVENTS)
    groups = _Groups(events)
    con.execute("CREATE OR REPLACE TEMP TABLE planned (golden_id VARCHAR, grp BIGINT, moved BOOLEAN)")
    _write_planned(con, groups)
    before, after = _by_id(_parties(con, "latest")), _by_id(_parties(con, "golden"))
    changes = _in_groups(find_changes(con), groups)
    moves = _in_groups(rows_of(con, _MOVES), groups, "to", "from")
    evidence, decisions = _in_groups(find_evidence(con), groups), _in_groups(find_decisions(con), groups)
    entries = []
    for number, of_group in _by_group(events, groups).items():
        ids = groups.members[number]
        entry = {
            "before": [before[golden_id] for golden_id in ids if golden_id in before],
            "after": [after[golden_id] for golden_id in ids if golden_id in after],
            "moves": moves.get(number, []),
            "evidence": evidence.get(number, []),
            "decisions": decisions.get(number, []),
            "changes": changes.get(number, []),
            "causes": list(dict.fromkeys(event["cause"] for event in of_group)),
            "events": of_group,
        }
        entries.append({"kind": kind_of(entry)} | entry)
    con.execute("DROP TABLE planned")
    return sorted(entries, key=_consequence)


def kind_of(entry: Row) -> str:
    """Return the first of KINDS that the entry's events and changes make it."""
    happened = {event["event"] for event in entry["events"]}
    apart = happened & {"split", "unmerged"}
    if "merged" in happened:
        return "regroup" if apart else "merge"
    if apart:
        return "unmerge" if "unmerged" in apart else "split"
    if any(event["other_golden_id"] for event in entry["events"]):
        return "move"
    for event, kind in (("retired", "retire"), ("revived", "revive"), ("created", "create")):
        if event in happened:
            return kind
    if entry["changes"]:
        return "update"
    return "records" if happened & {"attached", "detached"} else "firmness"


def totals(entries: Iterable[Row]) -> dict[str, int]:
    """Return how many entries there are of each kind, in the order of KINDS."""
    counted = dict.fromkeys(KINDS, 0)
    for entry in entries:
        counted[entry["kind"]] += 1
    return counted


class _Groups:
    """Golden ids that events tie together: the number of each id's group, and the ids of each group, sorted."""

    def __init__(self, events: list[Row]) -> None:
        self._parent: dict[str, str] = {}
        for event in events:
            first = self._root(event["golden_id"])
            if event["other_golden_id"]:
                second = self._root(event["other_golden_id"])
                self._parent[max(first, second)] = min(first, second)
        roots = {golden_id: self._root(golden_id) for golden_id in sorted(self._parent)}
        numbers = {root: number for number, root in enumerate(dict.fromkeys(roots.values()))}
        self.number = {golden_id: numbers[root] for golden_id, root in roots.items()}
        self.members: list[list[str]] = [[] for _ in numbers]
        for golden_id, number in self.number.items():
            self.members[number].append(golden_id)

    def _root(self, golden_id: str) -> str:
        root = golden_id
        while self._parent.setdefault(root, root) != root:
            root = self._parent[root]
        while self._parent[golden_id] != root:
            self._parent[golden_id], golden_id = root, self._parent[golden_id]
        return root


def _write_planned(con: DuckDBPyConnection, groups: _Groups) -> None:
    """Fill the temporary table planned: golden_id, its group, and whether the group has other customers too."""
    ids = list(groups.number)
    numbers = [groups.number[golden_id] for golden_id in ids]
    several = [len(groups.members[number]) > 1 for number in numbers]
    con.execute(
        "INSERT INTO planned SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::BOOLEAN[])",
        [ids, numbers, several],
    )


def _parties(con: DuckDBPyConnection, catalog: str) -> list[Row]:
    """Return the customers concerned as they are in `latest`, or in the candidate, `golden`."""
    profile = "latest.profile" if catalog == "latest" else "care.profile"
    customers = f"(SELECT * FROM {catalog}.customer SEMI JOIN planned USING (golden_id))"
    return rows_of(con, _PARTIES.replace("SEMI_JOINED", customers).replace("PROFILE", profile))


def _by_id(rows: list[Row]) -> dict[str, Row]:
    return {row["golden_id"]: row for row in rows}


def _by_group(events: list[Row], groups: _Groups) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for event in events:
        found.setdefault(groups.number[event["golden_id"]], []).append(event)
    return found


def _in_groups(rows: list[Row], groups: _Groups, *columns: str) -> dict[int, list[Row]]:
    """Return the rows by the group of the first of `columns` (by default golden_id) that is not null."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        golden_id = next(row[column] for column in columns or ("golden_id",) if row[column] is not None)
        found.setdefault(groups.number[golden_id], []).append(row)
    return found


def _consequence(entry: Row) -> tuple[object, ...]:
    """Return what entries are sorted by: identities first, then by what hangs on them, at last by id."""
    rank = 0 if entry["kind"] in IDENTITY else KINDS.index(entry["kind"])
    concerned = entry["before"] or entry["after"]
    hanging = sum(party["orders"] + party["contacts"] for party in concerned)
    spend = max((sum(party["spend"].values(), Decimal(0)) for party in concerned), default=Decimal(0))
    return (
        rank,
        -sum(party["open_cases"] for party in concerned),
        -hanging,
        -spend,
        -sum(party["records"] for party in concerned),
        min(event["golden_id"] for event in entry["events"]),
    )

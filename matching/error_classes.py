"""What kind of mistakes there are: people that share a customer, and people split over several.

A case is two pieces (what one person has in one cluster) that were joined wrongly, or should have been joined; its
class is what the two have in common. Of a cluster or person with very many pieces the largest are looked at.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from matching.arrays import copy_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ATTRIBUTES_SQL = """
SELECT distinct_record_id, given, nicknames, family, suffix, birth_date, emails, phones,
    concat_ws(' ', street_number, street, 'box ' || po_box) AS place
FROM matching.distinct_record
"""

MOST_PIECES = 40
EXAMPLES = 5

_SAME_NAME = "same_given AND same_family"
_SAME_CONTACT = "(same_email OR same_phone OR same_place)"

FALSE_MERGES = (
    ("generations", "one name, different suffixes", f"{_SAME_NAME} AND (other_suffix OR one_suffix)"),
    ("household", "other given name, shared contact", f"other_given AND {_SAME_CONTACT}"),
    ("born_apart", "one name, different birth dates", f"{_SAME_NAME} AND other_birth_date"),
    ("same_name_same_contact", "one name, shared contact", f"{_SAME_NAME} AND {_SAME_CONTACT}"),
    ("namesake", "one name, no shared contact", f"{_SAME_NAME}"),
    ("unnamed", "shared contact, a name is missing", f"{_SAME_CONTACT} AND (no_given OR no_family)"),
    ("other", "anything else", "true"),
)
"""Name, words and condition of each class of people wrongly joined; the first that holds is the case's."""

MISSED = (
    ("little_said", "one of the two says no full name or no contact", "no_given OR no_family OR no_contact"),
    ("same_name_same_contact", "one name, shared contact", f"{_SAME_NAME} AND {_SAME_CONTACT}"),
    ("renamed", "other name, shared contact", f"(other_given OR other_family) AND {_SAME_CONTACT}"),
    ("moved", "one name, no shared contact", f"{_SAME_NAME}"),
    ("other", "anything else", "true"),
)
"""Name, words and condition of each class of pieces of one person that stayed apart."""


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """A kind of mistake: how many cases, how many pairs of records they make, and examples, largest first."""

    name: str
    words: str
    cases: int
    pairs: int
    examples: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """Return the class as data for JSON."""
        return asdict(self)


def false_merges(con: DuckDBPyConnection, scratch: DuckDBPyConnection) -> tuple[ErrorClass, ...]:
    """Return the classes of people that share a cluster, those that cost most first."""
    copy_table(con, _ATTRIBUTES_SQL, scratch, "attribute")
    return _classify(scratch, "cluster", "person", FALSE_MERGES)


def missed(con: DuckDBPyConnection, scratch: DuckDBPyConnection) -> tuple[ErrorClass, ...]:
    """Return the classes of pieces that one person is split into, those that cost most first."""
    copy_table(con, _ATTRIBUTES_SQL, scratch, "attribute")
    return _classify(scratch, "person", "cluster", MISSED)


def _classify(
    scratch: DuckDBPyConnection, shared: str, apart: str, classes: tuple[tuple[str, str, str], ...]
) -> tuple[ErrorClass, ...]:
    """Pair the pieces that have `shared` in common and differ in `apart`, and count them by class."""
    branches = " ".join(f"WHEN {condition} THEN '{name}'" for name, _, condition in classes)
    rows = scratch.execute(f"""
        {_pieces_sql(shared, apart)},
        judged AS (
            SELECT CASE {branches} END AS class, one, other, pairs
            FROM ({_COMPARED_SQL.format(shared=shared, apart=apart)})
        ),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY class ORDER BY pairs DESC, one, other) AS place FROM judged
        )
        SELECT class, count(*), sum(pairs)::BIGINT,
            list([one, other] ORDER BY place) FILTER (place <= {EXAMPLES})
        FROM ranked GROUP BY class ORDER BY 3 DESC, class
    """).fetchall()
    words = {name: said for name, said, _ in classes}
    return tuple(
        ErrorClass(name, words[name], cases, pairs, tuple((one, other) for one, other in examples))
        for name, cases, pairs, examples in rows
    )


def _pieces_sql(shared: str, apart: str) -> str:
    """Return the WITH that gathers what each piece says, of the groups by `shared` that have several."""
    values = ("given", "family", "suffix", "birth_date", "place")
    said = ", ".join(f"list(DISTINCT nullif({v}::VARCHAR, '')) FILTER ({v} IS NOT NULL) AS {v}" for v in values)
    lists = ", ".join(f"flatten(list({v})) AS {v}" for v in ("nicknames", "emails", "phones"))
    return f"""
    WITH found AS (SELECT * FROM told WHERE is_assigned),
    several AS (SELECT {shared} FROM found GROUP BY {shared} HAVING count(DISTINCT {apart}) > 1),
    piece AS (
        SELECT {shared}, {apart}, count(*) AS n, min(source || ':' || source_record_id) AS record, {said}, {lists}
        FROM found SEMI JOIN several USING ({shared}) JOIN attribute USING (distinct_record_id)
        GROUP BY {shared}, {apart}
    ),
    looked_at AS (
        SELECT * FROM piece
        QUALIFY row_number() OVER (PARTITION BY {shared} ORDER BY n DESC, {apart}) <= {MOST_PIECES}
    )"""


def _same(name: str) -> str:
    return f"coalesce(list_has_any(l.{name}, r.{name}), false)"


def _other(name: str) -> str:
    return f"coalesce(len(l.{name}) > 0 AND len(r.{name}) > 0 AND NOT list_has_any(l.{name}, r.{name}), false)"


def _none(name: str) -> str:
    return f"(coalesce(len(l.{name}), 0) = 0 OR coalesce(len(r.{name}), 0) = 0)"


_SAME_GIVEN = f"({_same('given')} OR {_same('nicknames')})"
_NO_CONTACT = " OR ".join(
    f"(coalesce(len({side}.emails), 0) + coalesce(len({side}.phones), 0) + coalesce(len({side}.place), 0) = 0)"
    for side in ("l", "r")
)
_COMPARED_SQL = f"""
    SELECT l.record AS one, r.record AS other, l.n * r.n AS pairs,
        {_SAME_GIVEN} AS same_given, {_other("given")} AND NOT {_SAME_GIVEN} AS other_given,
        {_none("given")} AS no_given,
        {_same("family")} AS same_family, {_other("family")} AS other_family, {_none("family")} AS no_family,
        {_other("suffix")} AS other_suffix,
        (coalesce(len(l.suffix), 0) = 0) <> (coalesce(len(r.suffix), 0) = 0) AS one_suffix,
        {_other("birth_date")} AS other_birth_date,
        {_same("emails")} AS same_email, {_same("phones")} AS same_phone, {_same("place")} AS same_place,
        {_NO_CONTACT} AS no_contact
    FROM looked_at AS l JOIN looked_at AS r USING ({{shared}}) WHERE l.{{apart}} < r.{{apart}}
"""

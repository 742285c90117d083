"""Why two distinct records never met: the blocking keys of either, those that both have, and those that too many have.

Reads matching.distinct_record and matching.model_hot_key over a connection that need not be able to write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import JaroWinkler

from matching.blocking import GUARD
from matching.evidence import everybody

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

    from matching.blocking import BlockingRule
    from matching.model import Model

Key = tuple[str, str | None]
"""A blocking key and the narrower one that a key carried by too many needs."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One blocking rule: the keys of either record, those that both have, and whether they met by one of them.

    A key that only sparse records meet by is shared if one of the two is sparse. Of the shared key that comes nearest
    `bearers` distinct tuples carry it and `limit` may; where that is too many, `second_left` and `second_right` are the
    second keys that narrow it. `likeness`, 0 to 1, is that of the keys most alike.
    """

    rule: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    shared: tuple[str, ...]
    bearers: int
    limit: int
    met: bool
    second_left: tuple[str, ...] = ()
    second_right: tuple[str, ...] = ()
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Bearers:
    """Counts who carries a key of `rule` among `tuples`, a query over `con`."""

    con: DuckDBPyConnection
    tuples: str
    rule: BlockingRule
    model_version: str

    def most(self, key: str, narrower: str | None) -> int:
        """Return how many may carry the key: nobody where too many did when the model was made."""
        frozen = """
            SELECT 1 FROM matching.model_hot_key
            WHERE model_version = ? AND rule = ? AND key = ? AND narrower IS NOT DISTINCT FROM ?
        """
        asked = [self.model_version, self.rule.name, key, narrower]
        return 0 if self.con.execute(frozen, asked).fetchall() else self.rule.limit * GUARD

    def count(self, key: str, narrower: str | None) -> int:
        """Return how many tuples carry `key`, and `narrower` too where it is not None."""
        condition, values = f"({self.rule.key})::VARCHAR = ?", [key]
        if narrower is not None:
            condition, values = f"{condition} AND ({self.rule.narrower})::VARCHAR = ?", [key, narrower]
        source = _spelled(self.rule, f"({self.tuples})")
        return int(self.con.execute(f"SELECT count(*) FROM {source} WHERE {condition}", values).fetchall()[0][0])


def meetings(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, left: int, right: int
) -> tuple[Meeting, ...]:
    """Return what each blocking rule says about two tuples on the workbench `scratch`; `con` has all the others."""
    sparse = "SELECT bool_or(is_sparse) FROM feature WHERE tuple_no IN (?, ?)"
    is_sparse = bool(scratch.execute(sparse, [left, right]).fetchall()[0][0])
    with everybody(con, model) as tuples:
        return tuple(
            _meeting(
                Bearers(con, tuples, rule, model.version),
                _keys(scratch, rule, left),
                _keys(scratch, rule, right),
                may_meet=is_sparse or not rule.sparse_only,
            )
            for rule in model.definitions.rules
        )


def _keys(scratch: DuckDBPyConnection, rule: BlockingRule, tuple_no: int) -> set[Key]:
    query = f"SELECT ({rule.key})::VARCHAR, ({rule.narrower})::VARCHAR FROM {_spelled(rule, 'feature')}"
    return {row for row in scratch.execute(f"{query} WHERE tuple_no = ?", [tuple_no]).fetchall() if row[0] is not None}


def _spelled(rule: BlockingRule, features: str) -> str:
    return f"(SELECT *, unnest({rule.each}) AS element FROM {features})" if rule.each else features


def _meeting(of: Bearers, left: set[Key], right: set[Key], *, may_meet: bool) -> Meeting:
    """Count the bearers of the shared keys, as `make_keys` does."""
    rule = of.rule
    one, other = _first(left), _first(right)
    shared = tuple(key for key in one if key in other) if may_meet else ()
    bearers = {key: of.count(key, None) for key in shared}
    nearest = min(shared, key=lambda key: (bearers[key], key), default=None)
    is_hot = nearest is not None and bearers[nearest] > of.most(nearest, None)
    return Meeting(
        rule=rule.name,
        left=one,
        right=other,
        shared=shared,
        bearers=bearers[nearest] if nearest is not None else 0,
        limit=rule.limit,
        met=any(_lets_meet(of, key, bearers[key], left & right) for key in shared),
        second_left=_second(left, nearest) if is_hot else (),
        second_right=_second(right, nearest) if is_hot else (),
        likeness=max((JaroWinkler.similarity(key, its) for key in one for its in other), default=0.0),
    )


def _first(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(sorted({key for key, _ in keys}))


def _second(keys: Iterable[Key], first: str | None) -> tuple[str, ...]:
    return tuple(sorted({narrower for key, narrower in keys if key == first and narrower is not None}))


def _lets_meet(of: Bearers, key: str, bearers: int, both: set[Key]) -> bool:
    """Say whether few enough carry the shared key, alone or together with a second one that both have, too."""
    if bearers <= of.most(key, None):
        return True
    return any(of.count(key, second) <= of.most(key, second) for second in _second(both, key))

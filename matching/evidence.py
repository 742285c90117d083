"""The evidence of a pair of distinct records, step by step, as `score` weighs it, of two records or of whole arrays.

Reads matching.distinct_record and matching.model_frequency over a connection that need not be able to write; what has
to be derived is derived from copies of the few records concerned, in memory.

The weight of three classes is no sum, so the share of one comparison depends on what went before it. The one used here:
with the comparisons in the model's order, w(k) the weight after the first k of them, and

    w(k) = a(k) - log2(1 + 2^b(k))
    a(k) = prior_match + sum of match bits
    b(k) = prior_household + sum of household bits

comparison k contributes w(k) - w(k - 1), and w(0) is what the priors say. Together they add up to the weight.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.arrays import columns, table
from matching.common_names import (
    add_roots,
    load_common_names,
    make_roots,
    mark_common_names,
    marked_sql,
    rooted_sql,
)
from matching.comparisons import COMPARISONS
from matching.features import FREQUENCY_ATTRIBUTES, features_sql, load_features
from matching.model import Model, model_from
from matching.weights import all_level_weights, combine, few_rarity_bits, pair_evidence, probability
from warehouse.connection import open_memory
from warehouse.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from matching.arrays import Floats, Levels, Numbers
    from matching.comparison import Comparison


ALL_OF = {name: f"CASE WHEN len({name}s) > 1 THEN {name}s::VARCHAR[] ELSE [{name}] END" for name in ("email", "phone")}
"""What is shown of an attribute that a record may have several of: all where there are several."""

_OTHER_PROGRAM = "what is published was matched by another version of this program: run a night, then ask again"


@dataclass(frozen=True, slots=True)
class Step:
    """What one comparison says: the level that holds, both values, and bits.

    `match_bits` and `household_bits` are log2 of how much likelier the level is for one person, or for two of one
    household, than for two people at random; `bits` is the contribution to the weight. `one_in` is how rare the value
    is that both have, where rarity counts.
    """

    comparison: str
    level: str | None
    words: str
    left: str | None
    right: str | None
    match_bits: float
    household_bits: float
    bits: float
    one_in: int | None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From `prior_bits`, what was to be expected before looking, step by step to the pair's weight and probability."""

    prior_bits: float
    steps: tuple[Step, ...]
    weight: float
    probability: float

    @property
    def says_something(self) -> bool:
        """Whether any comparison has something to say of the two."""
        return any(step.level is not None for step in self.steps)


@dataclass(frozen=True, slots=True)
class Contributions:
    """Per comparison and pair the bits for match, household and weight; per pair `prior_bits` and `weight`."""

    prior_bits: Floats
    match: Mapping[str, Floats]
    household: Mapping[str, Floats]
    bits: Mapping[str, Floats]
    weight: Floats


def contributions(
    model: Model, gammas: Mapping[str, Levels], rarity: Mapping[str, Floats], left: Numbers
) -> Contributions:
    """Return what each comparison contributes to the weight of each pair; see the module.

    `gammas` holds an array per comparison, `rarity` the bits per tuple and attribute, `left` the pairs' left tuples.
    """
    a, b = np.full(len(left), model.prior_match), np.full(len(left), model.prior_household)
    weight = prior = combine(a, b)
    match, household, bits = {}, {}, {}
    for name, levels in all_level_weights(model.parameters, model.definitions.comparisons).items():
        match[name], household[name] = pair_evidence({name: levels}, gammas, rarity, left)
        a, b = a + match[name], b + household[name]
        after = combine(a, b)
        bits[name] = after - weight
        weight = after
    return Contributions(prior, match, household, bits, weight)


def model_in_use(con: DuckDBPyConnection) -> Model:
    """Return the model that made the clusters: a release's only one, in the warehouse the newest of tonight's lineage.

    Raises Refused where there is none, or where it knows other comparisons than this program.
    """
    found = con.execute("SELECT content FROM matching.model").fetchall()
    if len(found) > 1:
        found = con.execute(
            "SELECT content FROM matching.model JOIN landing.lineage USING (run_id) ORDER BY position LIMIT 1"
        ).fetchall()
    if not found:
        message = "there is no model here: nothing was matched yet; run a night, then ask again"
        raise Refused(message)
    try:
        model = model_from(found[0][0])
    except (KeyError, TypeError) as error:
        raise Refused(_OTHER_PROGRAM) from error
    names = [comparison.name for comparison in COMPARISONS]
    if [comparison.name for comparison in model.definitions.comparisons] != names:
        raise Refused(_OTHER_PROGRAM)
    return model


@contextmanager
def workbench(
    con: DuckDBPyConnection, distinct_record_ids: Sequence[str], model: Model, *, rooted: bool = True
) -> Iterator[DuckDBPyConnection]:
    """Open a scratch database with the tables `feature`, `node` and `frequency` of these records and their equals.

    `tuple_no` counts the tuples concerned in the order of tuple_id, as in the night. Blocking keys want the roots of
    names, which take all names there are to find; what only weighs records does without.
    """
    concerned = _concerned(con, distinct_record_ids)
    scratch = open_memory()
    try:
        scratch.execute("CREATE SCHEMA matching")
        scratch.register("concerned", concerned)
        scratch.execute("CREATE TABLE matching.distinct_record AS SELECT * FROM concerned")
        load_features(scratch, scratch)
        spoken = " UNION ".join(f"SELECT {name}::VARCHAR FROM feature" for name in FREQUENCY_ATTRIBUTES)
        values = [value for (value,) in scratch.execute(spoken).fetchall() if value]
        _copy_frequencies(con, scratch, model, values, names=rooted)
        load_common_names(scratch, model.records, None if rooted else values)
        mark_common_names(scratch, "feature")
        if rooted:
            add_roots(scratch)
        yield scratch
    finally:
        scratch.close()


def _concerned(con: DuckDBPyConnection, distinct_record_ids: Sequence[str]) -> pa.Table:
    """Return the distinct records, with all that say the same as one that stands alone: these are a crowd."""
    places = ", ".join("?" for _ in distinct_record_ids)
    query = f"SELECT * FROM matching.distinct_record WHERE distinct_record_id IN ({places})"
    named: pa.Table = con.sql(query, params=list(distinct_record_ids)).to_arrow_table()
    alone = named.filter(named["stands_alone"])["tuple_id"].unique().to_pylist()
    if not alone:
        return named
    crowd = con.sql(
        f"SELECT * FROM matching.distinct_record WHERE tuple_id IN ({', '.join('?' for _ in alone)})", params=alone
    ).to_arrow_table()
    others: pa.Table = named.filter(pc.invert(named["stands_alone"]))
    return pa.concat_tables([others, crowd])


@contextmanager
def everybody(con: DuckDBPyConnection, model: Model) -> Iterator[str]:
    """Give the query over `con` of all tuples of the night, in the columns of matching.distinct_record and `feature`.

    While the block runs `con` knows, in views of its own, which names are common and which are meant for those.
    """
    tuples = """
        SELECT * REPLACE (sum(records) OVER (PARTITION BY tuple_id)::BIGINT AS records) FROM matching.distinct_record
        QUALIFY row_number() OVER (PARTITION BY tuple_id ORDER BY distinct_record_id) = 1
    """
    views = ("common_name", "name_root")
    with open_memory() as scratch:
        scratch.register(
            "name", con.sql("SELECT DISTINCT given, family FROM matching.distinct_record").to_arrow_table()
        )
        _copy_frequencies(con, scratch, model, [])
        load_common_names(scratch, model.records)
        make_roots(scratch, "name")
        for view in views:
            con.register(view, scratch.table(view).to_arrow_table())
    try:
        marked = marked_sql(f"({features_sql(tuples)})")
        yield rooted_sql(f"({marked})")
    finally:
        for view in views:
            con.unregister(view)


def _copy_frequencies(
    con: DuckDBPyConnection, scratch: DuckDBPyConnection, model: Model, values: list[str], *, names: bool = True
) -> None:
    """Make the scratch table `frequency` of these values, and of all `names`."""
    every = "OR attribute IN ('given', 'family')" if names else ""
    frequencies = con.sql(
        f"""
        SELECT attribute, value, frequency FROM matching.model_frequency
        WHERE model_version = ? AND (value IN (SELECT unnest(?::VARCHAR[])) {every})
        """,
        params=[model.version, values],
    ).to_arrow_table()
    scratch.register("incoming_frequency", frequencies)
    scratch.execute("CREATE OR REPLACE TABLE frequency AS SELECT * FROM incoming_frequency")


def tuple_numbers(scratch: DuckDBPyConnection) -> dict[str, int]:
    """Return the tuple of each distinct record on the workbench."""
    return dict(scratch.execute("SELECT distinct_record_id, tuple_no FROM node").fetchall())


def levels_of(scratch: DuckDBPyConnection, model: Model, left: int, right: int) -> tuple[int, ...]:
    """Return the gammas of two tuples on the workbench, compared anew."""
    found = all_levels(scratch, model, np.array([min(left, right)]), np.array([max(left, right)]))
    return tuple(int(gamma[0]) for gamma in found.values())


def all_levels(scratch: DuckDBPyConnection, model: Model, left: Numbers, right: Numbers) -> dict[str, Levels]:
    """Return the gammas of pairs of tuples on the workbench, the lesser one left, compared anew, by comparison."""
    comparisons = model.definitions.comparisons
    names = sorted({column for comparison in comparisons for column in comparison.columns})
    sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in names)
    gammas = ", ".join(f"({comparison.gamma_sql()})::TINYINT AS {comparison.name}" for comparison in comparisons)
    scratch.register("asked", table({"place": np.arange(len(left)), "one": left, "other": right}))
    found = columns(
        scratch,
        f"""
        SELECT {gammas} FROM (
            SELECT asked.place AS place_of_pair, {sides} FROM asked
            JOIN feature AS l ON l.tuple_no = asked.one JOIN feature AS r ON r.tuple_no = asked.other
        ) ORDER BY place_of_pair
        """,
    )
    scratch.unregister("asked")
    return found


def waterfall(scratch: DuckDBPyConnection, model: Model, sides: tuple[int, int], gammas: Sequence[int]) -> Waterfall:
    """Return the evidence of two tuples on the workbench that show the levels `gammas`, shown in the order given."""
    comparisons = model.definitions.comparisons
    by_name = {c.name: np.array([gamma], np.int8) for c, gamma in zip(comparisons, gammas, strict=True)}
    rarity = few_rarity_bits(scratch, model)
    least = np.array([min(sides)])
    found = contributions(model, by_name, rarity, least)
    weights = all_level_weights(model.parameters, comparisons)
    steps = []
    for comparison, gamma in zip(comparisons, gammas, strict=True):
        name = comparison.name
        attribute = weights[name].attribute(gamma)
        level = comparison.level_of(gamma)
        steps.append(
            Step(
                comparison=name,
                level=level.name if level else None,
                words=level.words if level else "nothing can be said",
                left=_shown(scratch, comparison, sides[0]),
                right=_shown(scratch, comparison, sides[1]),
                match_bits=float(found.match[name][0]),
                household_bits=float(found.household[name][0]),
                bits=float(found.bits[name][0]),
                one_in=round(2.0 ** float(rarity[attribute][least[0]])) if attribute else None,
            )
        )
    weight = float(found.weight[0])
    return Waterfall(float(found.prior_bits[0]), tuple(steps), weight, float(probability(found.weight)[0]))


def _shown(scratch: DuckDBPyConnection, comparison: Comparison, tuple_no: int) -> str | None:
    shown = ", ".join(ALL_OF.get(name, name) for name in comparison.shown)
    row = scratch.execute(f"SELECT {shown} FROM feature WHERE tuple_no = ?", [tuple_no]).fetchall()[0]
    parts = [
        ", ".join(filter(None, value)) if isinstance(value, list) else str(value) for value in row if value is not None
    ]
    return " ".join(parts) or None

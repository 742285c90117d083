"""A model for Splink: its settings as Splink saves them, and the table that they speak of.

Reads matching.distinct_record over a connection that need not be able to write. Keeps this: on that table Splink finds
the gammas that the night has stored. What it cannot say stays behind: the household class, the rarity of values, the
budget of a blocking rule, and everything that entities know beyond pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matching.evidence import everybody
from matching.overrides import is_off
from matching.splink_settings import splink_settings

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from matching.model import Model

UNIQUE_ID = "tuple_id"


def splink_document(model: Model) -> dict[str, Any]:
    """Return the model as Splink 5 settings: m of matches, u of random pairs, comparisons that are not off."""
    kept = [comparison for comparison in model.definitions.comparisons if not is_off(comparison)]
    creator = splink_settings(
        model.parameters,
        probability_of_match=1 / (1 + 2.0**-model.prior_match),
        comparisons=kept,
        rules=model.definitions.rules,
    )
    creator.unique_id_column_name = UNIQUE_ID
    creator.retain_matching_columns = True
    document: dict[str, Any] = creator.create_settings_dict(sql_dialect_str="duckdb")
    for comparison, told in zip(kept, document["comparisons"], strict=True):
        shares = model.parameters[comparison.name]
        # the first level of Splink's is null; the night's weights are told apart a little, these are the model's own
        for level, of_splink in zip(comparison.levels, told["comparison_levels"][1:], strict=True):
            of_splink["m_probability"], _, of_splink["u_probability"] = shares[level.name]
    return document


def distinct_records(con: DuckDBPyConnection, model: Model) -> pa.Table:
    """Return a row per tuple of standardised attributes, spelled as the settings need it, in the order of tuple_id."""
    with everybody(con, model) as tuples:
        found: pa.Table = con.sql(
            f"SELECT * EXCLUDE (distinct_record_id, stands_alone) FROM ({tuples}) ORDER BY tuple_id"
        ).to_arrow_table()
    return found

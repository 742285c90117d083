"""Splink as its documentation says, in a process of its own: `python -m benchmarks.accuracy.splink_docs …`.

One generic model for every set, of the comparisons that Splink's documentation proposes for such columns; blocking
rules of its kind; priors from deterministic rules, u by random sampling, m by expectation-maximisation on two blocks,
connected components at a probability of .95. Prints JSON: CPU seconds, peak memory, and what it had to leave out.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

from warehouse.connection import open_memory, quote_identifier, quote_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection
    from splink.internals.comparison_creator import ComparisonCreator

THRESHOLD = 0.95
RECALL = 0.7
U_PAIRS = 1e6
SEED = 1
MEMORY = "8GB"
ADDRESS_SPACE = 20 * 2**30
LEAST_FILLED = 0.005
"""A column that fewer of the records have is left out: no block of it could teach anything."""

BLOCKS = (
    ("email",),
    ("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
    ("surname", "dob"),
    ("first_name", "dob"),
    ("postcode", "surname"),
    ("postcode", "first_name"),
    ("dob", "city"),
    ("dob", "postcode"),
    ("phone",),
    ("organisation",),
    ("street", "postcode"),
)
DETERMINISTIC = (("first_name", "surname", "dob"), ("email",), ("phone",), ("organisation", "street"))
TRAINING = (
    ("first_name", "surname"),
    ("dob",),
    ("organisation",),
    ("email",),
    ("phone",),
    ("postcode", "surname"),
    ("street", "postcode"),
)
TRAINED_ON = 2
"""The blocks to train on, in the order of trying, and on how many of them."""


def main() -> None:
    """Read the records, write the clusters, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("clusters", type=Path)
    parser.add_argument("--country")
    parser.add_argument("--exact", action="append", default=[])
    asked = parser.parse_args()
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    con = open_memory()
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.execute(f"SET temp_directory = {quote_literal(str(asked.records.parent / 'splink_spill'))}")
    con.execute(f"CREATE TABLE record AS SELECT * FROM read_parquet({quote_literal(str(asked.records))})")
    started = time.process_time()
    notes = link(con, asked.clusters, asked.country, asked.exact)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"cpu_seconds": time.process_time() - started, "peak_rss_mb": peak, "notes": notes}))


def link(con: DuckDBPyConnection, clusters: Path, country: str | None, exact: Sequence[str]) -> list[str]:
    """Train, predict and cluster the table `record`; return what could not be done as the documentation says."""
    filled = filled_columns(con)
    linker = Linker(
        DuckDBAPI(con).register("record"),
        SettingsCreator(
            link_type="dedupe_only",
            comparisons=comparisons(filled, country, exact),
            blocking_rules_to_generate_predictions=[block_on(*block) for block in meeting(con, BLOCKS, filled)],
        ),
        log_level="ERROR",
    )
    notes = train(con, linker, filled)
    predicted = linker.inference.predict()
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, THRESHOLD)
    con.execute(f"""
        COPY (
            SELECT split_part(unique_id, chr(31), 1) AS source, split_part(unique_id, chr(31), 2) AS source_record_id,
                cluster_id AS cluster
            FROM {quote_identifier(found.physical_name)}
        ) TO {quote_literal(str(clusters))} (FORMAT parquet)
    """)
    return notes


def train(con: DuckDBPyConnection, linker: Linker, filled: frozenset[str]) -> list[str]:
    """Estimate the prior, u and m; return what the set is too small, or its blocks too alike, to be estimated from."""
    notes = []
    deterministic = meeting(con, DETERMINISTIC, filled) or meeting(con, BLOCKS, filled)
    try:
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*block) for block in deterministic], recall=RECALL
        )
    except ValueError:
        notes.append("the deterministic rules contradict the recall they are said to have: no prior from them")
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED)
    trained = 0
    for block in meeting(con, TRAINING, filled):
        if trained == TRAINED_ON:
            break
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*block))
            trained += 1
        except (EMTrainingException, ValueError):
            notes.append(f"no training on equal {' and '.join(block)}: its estimates fail")
    return notes


def filled_columns(con: DuckDBPyConnection) -> frozenset[str]:
    """Return the columns of `record` that enough of the records have."""
    names = [row[0] for row in con.execute("DESCRIBE record").fetchall()]
    shares = con.execute(
        f"SELECT {', '.join(f'count({quote_identifier(name)}) / greatest(count(*), 1)' for name in names)} FROM record"
    ).fetchall()[0]
    return frozenset(name for name, share in zip(names, shares, strict=True) if share >= LEAST_FILLED)


def meeting(
    con: DuckDBPyConnection, blocks: Sequence[tuple[str, ...]], filled: frozenset[str]
) -> list[tuple[str, ...]]:
    """Return the blocks whose columns are filled and in which at least two records meet."""
    return [
        block
        for block in blocks
        if filled.issuperset(re.sub(r"substr\((\w+),.*", r"\1", part) for part in block)
        and con.execute(
            f"SELECT 1 FROM record WHERE {' AND '.join(f'{name} IS NOT NULL' for name in block)}"
            f" GROUP BY {', '.join(block)} HAVING count(*) > 1 LIMIT 1"
        ).fetchall()
    ]


def comparisons(
    filled: frozenset[str], country: str | None, exact: Sequence[str]
) -> list[ComparisonCreator | dict[str, Any]]:
    """Return what the documentation proposes for the filled columns."""
    by_place = cl.PostcodeComparison("postcode") if country == "GB" else cl.LevenshteinAtThresholds("postcode", 1)
    of_name: list[ComparisonCreator | dict[str, Any]] = []
    if filled.issuperset({"first_name", "surname"}):
        concat = "first_name_surname_concat"
        of_name = [cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name=concat)]
    proposed = {
        "organisation": cl.NameComparison("organisation"),
        "dob": cl.DateOfBirthComparison("dob", input_is_string=True),
        "email": cl.EmailComparison("email"),
        "phone": cl.LevenshteinAtThresholds("phone", [1, 2]),
        "street": cl.LevenshteinAtThresholds("street", [1, 4]),
        "city": cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        "postcode": by_place,
        **{name: cl.ExactMatch(name).configure(term_frequency_adjustments=True) for name in exact},
    }
    # a city and its postal codes say the same twice, which the documentation warns of
    left_out = {"city"} - set(exact) if "postcode" in filled else set()
    return of_name + [comparison for name, comparison in proposed.items() if name in filled - left_out]


if __name__ == "__main__":
    main()

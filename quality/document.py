"""Writes the page that says which expectation guards what: `python -m quality.document > docs/checks.md`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from quality.suites import SUITES, contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.suite import Expectation, Suite

GROUPS = {
    "landing": ("Landing", "after every source was landed and tonight's live records are settled"),
    "standardised": ("Standardised", "before anything is compared"),
    "golden": ("Golden", "when the golden records and the change feed stand"),
    "care": ("Customer 360", "when timelines and profiles stand; your own suites are checked here too"),
}

_HEAD = """\
# Checks

Which expectation guards what, on which table, at which severity. A `critical` one that is not met ends the night where
it stands and holds the candidate (exit 3; the last release stays); a `warning` is told on the run's page. A check that
itself broke is an *error*, never a pass and never bad data; a critical one holds. A table without rows never passes: it
holds the night, unless the tables below say when it may be empty. Results name counts and sources, never a person's
values.

`= 0` stands for a violation that is counted and must not occur. *Its spec* stands for what `warehouse/tables/` says of
a table: its key is unique (`key_repeated` = 0), required columns have values (`<column>_missing` = 0), closed lists are
kept to (`<column>_unlisted` = 0), numbers are finite (`<column>_not_finite` = 0). With ✓ the audit asks the same of the
finished files before they are published.

This page is made from [`quality/suites/`](../quality/suites): `python -m quality.document > docs/checks.md`.
"""

_TAIL = """
## The gate

What tonight would do to what is published (the base), against what one night may do. A share holds the candidate when
it is more than allowed **and** at least `gate.and_at_least` customers or records are concerned (20 by default).
[The gate](gate.md) says of each rule what to do when it holds.

| rule | counts | of | allowed |
| --- | --- | --- | --- |
| `gate.max_deleted_records` | per source: records that are not live tonight, for whatever reason | its records | 20% |
| `gate.max_quarantined_records` | per source: rows set aside | its rows, beyond its last delivery's share | 20% |
| `gate.max_one_value` | per source: new and changed records of one value | those, beyond the share before | 10% |
| `gate.max_emptied_values` | per source: records that lost an attribute | its records that had it | 20% |
| `gate.max_merged_customers` | customers whose records are another customer's tonight | customers of the base | 5% |
| `gate.max_merged_into_one` | customers that become one and the same | | 20 |
| `gate.max_growth_of_one` | records that come to one customer, but for those of a new source | all records | 5% |
| `gate.max_split_customers` | customers whose records are several customers' tonight | customers of the base | 2% |
| `gate.max_vanished_customers` | customers of whom nothing is left, their sources being there | of the base | 10% |
| `gate.max_moved_records` | per source: records that are another customer's tonight | its records, then and now | 10% |
| `broken_decisions` | decisions of stewards that are not kept to | | 0, always |
| `gate.min_precision` | lower end of the precision that the [audit](measuring.md) has measured | | any, by default |

## The audit

The finished files are asked once more before they are published: every table of a release is in `golden.duckdb` with
its columns and types and no other table is, every critical expectation marked ✓ is met, and each Parquet file has the
columns and the number of rows of its table.

## Your own

`gate.expectations` in `joinedup.yaml` names further suites, as Great Expectations saves them, for the tables of a
release. The table is named in `meta.table`, else by the suite's name, else by the file's name:

```json
{"name": "where we sell", "meta": {"table": "customer"}, "expectations": [
  {"type": "expect_column_values_to_be_in_set", "severity": "warning",
   "kwargs": {"column": "country", "value_set": ["US", "CA"], "mostly": 0.99}}]}
```

`severity` is `critical` where nothing is said. Columns that hold lists or maps are read as JSON text. A file that is no
suite, or names a table, column or expectation that is not there, is a mistake in the settings (exit 2), found before
anything is matched.
"""

_SPECS = frozenset(
    suite.name for suite in (*contract.LANDING, *contract.STANDARDISED, *contract.GOLDEN, *contract.CARE)
)


def checks_page() -> str:
    """Return the page in Markdown."""
    return "\n".join([_HEAD, *(line for group in GROUPS for line in _group(group))]) + _TAIL


def _group(group: str) -> Iterator[str]:
    title, when = GROUPS[group]
    yield f"## {title}\n"
    yield f"Checked {when}.\n"
    yield "| table | expectation | guards | severity | audit |"
    yield "| --- | --- | --- | --- | --- |"
    suites = [suite for suite in SUITES if suite.group == group]
    for suite in suites:
        told_before = any(earlier.table == suite.table for earlier in suites[: suites.index(suite)])
        for what, guards, severity in (*_about_rows(suite, told_before=told_before), *_about_values(suite)):
            yield f"| `{suite.table}` | {what} | {guards} | {severity} | {'✓' if suite.of_release else ''} |"
    yield ""


def _about_rows(suite: Suite, *, told_before: bool) -> Iterator[tuple[str, str, str]]:
    if not told_before:
        empty = f"may be empty: {suite.empty_when}" if suite.empty_when else "nothing checked is nothing shown"
        yield "rows" if suite.empty_when else "rows ≥ 1", empty, "critical"


def _about_values(suite: Suite) -> Iterator[tuple[str, str, str]]:
    if suite.name in _SPECS:
        yield "its spec", "key, required columns, closed lists, finite numbers", "critical"
        return
    for asked in suite.expectations:
        yield _words(suite, asked), asked.guards, asked.severity


def _words(suite: Suite, asked: Expectation) -> str:
    """Return what is expected of which column."""
    if suite.counted:
        return f"`{asked.columns}` = 0"
    given = asked.arguments
    if asked.type == "expect_column_values_to_be_between":
        if given.get("min_value") == given.get("max_value"):
            return f"`{asked.columns}` = {given['min_value']}"
        bounds = ((sign, given.get(end)) for sign, end in (("≥", "min_value"), ("≤", "max_value")))
        return f"`{asked.columns}` {' and '.join(f'{sign} {bound}' for sign, bound in bounds if bound is not None)}"
    if asked.type == "expect_column_pair_values_a_to_be_greater_than_b":
        return f"`{given['column_A']}` ≥ `{given['column_B']}`"
    return f"`{asked.columns}` {asked.type.removeprefix('expect_column_values_').replace('_', ' ')}"


if __name__ == "__main__":
    sys.stdout.write(checks_page())

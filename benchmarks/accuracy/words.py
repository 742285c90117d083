"""What docs/accuracy.md says beside its tables: how it is measured, what is compared, and how fairly."""

from __future__ import annotations

INTRO = """\
# Accuracy

How well joinedup finds who is who, untouched: no set has a `matching:` key, no threshold was picked for any of
them, and no label was given. This page is made by `make accuracy`, wholly; the data is not shipped (see [the
sets](#the-sets)).

```
make accuracy                                    # the sets under $JOINEDUP_TEST_DATA, or ../shared/data/open
.venv/bin/python -m benchmarks.accuracy --help   # some sets, workspaces of one's own, the ablation
```
"""

METHOD = """\
## How it is measured

- **Ours** is one night through the front door, `joinedup run`, on a fresh workspace in a process of its own; a
  record's customer is what the release's `crosswalk` says. Its CPU seconds are those of the whole night, from the
  exports to the published release with its checks; in brackets those of the steps that Splink has too, from
  delivered values to clusters.
- **Splink** {splink} is set up as its documentation does it, with one generic model for every set: the joint
  comparison of forename and surname (an organisation's name where there is one), birth date, e-mail, postal code
  (levels of the United Kingdom there, one slip elsewhere), telephone and street by Levenshtein, city with term
  frequencies where no postal code tells it, occupation where there is one. Blocks on e-mail, telephone,
  organisation, on the beginnings of both names, and on pairs of a name, birth date, postal code, city, street; the
  prior from deterministic rules at a recall of {recall}; u from {pairs:,.0f} random pairs, seed {seed};
  expectation-maximisation on two blocks; connected components of the pairs from a probability of {threshold} on. It
  is given the same mapped columns, in small letters, trimmed, telephones as their digits; of mails the headers
  alone, and only the records that a night takes for somebody's.
- What that comparison is not: Splink is a library to build a model with, and who tunes one to a set does better
  than this. Our program, too, is given no more than a mapping of columns.
- **P, R, F1** count pairs of records, never enumerated and never sampled: of the pairs that were joined the share
  that is right, of the true ones the share that was joined. **B³** is the F1 of B-cubed, in which every record
  counts once (Bagga and Baldwin 1998). **Exact** is the share of entities that are exactly one cluster, with all
  their records and nobody else's. A record that a program left out is a cluster by itself: it costs recall and
  never helps. Records that are nobody's count in no share; how many of them were merged into a customer stands
  beneath the table.
- **Estimate** is the precision that the night itself holds its joined pairs to have, without labels.
- **Contradictions** are false pairs of records that are equal in every mapped column: the truth says that they are
  two entities, nothing that was delivered does. They bound the precision that is to be had.

Both ran with DuckDB {duckdb} on two threads, with fixed seeds. CPU seconds travel badly from machine to machine;
the ratio of two programs on one set does better.
"""

HARD_CASES = """\
Found by rules over the truth and the raw exports. Persons are wrongly merged if a cluster has records of both,
wrongly split if one of the two has several clusters; records, if most of their cluster is somebody else's, or if
most of their person's records are in another one.
"""

IDEAS = """\
Each row leaves one idea out, in a night as far as its clusters, on sets that no idea was tuned on; what is lost
without it is what it brings. With all of them: {whole}. In points of a hundred: +1.00 is a hundredth more with the
idea than without.
"""

SETS = """\
Their mappings are in `benchmarks/accuracy/sets/`; a set whose table has a column `source` is split into one export
per source. A workspace of one's own with a `truth.parquet` (source, source_record_id, person_id) is measured with
`--scale DIR`.
"""

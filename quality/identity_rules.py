"""The rules of the gate about identity: what tonight would do to the customers that are published.

Reads base.customer, base.crosswalk, base.excluded_record, golden.customer, golden.crosswalk, landing.delivery and
matching.decision. Each rule yields what it found, and what to ask for the causes where that holds the night.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from quality.cause import Cause
from quality.merge_causes import merge_causes
from quality.split_causes import gone_causes, moved_causes, split_causes
from quality.verdict import Limit, Share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quality.cause import Candidate
    from quality.verdict import Finding

    Judged = tuple[Finding, Callable[[], tuple[Cause, ...]]]

MERGED = """
    SELECT count(DISTINCT b.golden_id) FROM base.crosswalk AS b
    SEMI JOIN golden.crosswalk USING (source, source_record_id)
    ANTI JOIN golden.customer AS c ON c.golden_id = b.golden_id"""
"""Customers of the base whose records are somebody else's tonight: their ids would lead to another customer."""
LARGEST_MERGE = """
    SELECT g.golden_id, count(DISTINCT b.golden_id) AS customers
    FROM base.crosswalk AS b JOIN golden.crosswalk AS g USING (source, source_record_id)
    ANTI JOIN golden.customer AS c ON c.golden_id = b.golden_id
    GROUP BY g.golden_id ORDER BY customers DESC, g.golden_id LIMIT 1"""
"""The customer that most customers of the base become tonight, and how many they are."""
GROWTH = """
    SELECT g.golden_id, count(*) AS gained FROM golden.crosswalk AS g
    SEMI JOIN (SELECT source FROM base.crosswalk UNION SELECT source FROM base.excluded_record) AS known
        ON known.source = g.source
    ANTI JOIN base.crosswalk AS b
        ON b.source = g.source AND b.source_record_id = g.source_record_id AND b.golden_id = g.golden_id
    GROUP BY g.golden_id ORDER BY gained DESC, g.golden_id LIMIT 1"""
"""The customer that gains most records tonight, and how many; a source that was not there before does not count."""
SPLIT = """
    SELECT count(*) FROM (
        SELECT b.golden_id FROM base.crosswalk AS b JOIN golden.crosswalk AS g USING (source, source_record_id)
        GROUP BY b.golden_id HAVING count(DISTINCT g.golden_id) > 1)"""
"""Customers of the base whose records are more than one customer's tonight."""
VANISHED = """
    SELECT b.golden_id FROM base.customer AS b
    ANTI JOIN golden.customer AS c ON c.golden_id = b.golden_id
    ANTI JOIN (SELECT golden_id FROM base.crosswalk SEMI JOIN golden.crosswalk USING (source, source_record_id)) AS live
        ON live.golden_id = b.golden_id
    ANTI JOIN (
        SELECT x.golden_id FROM base.crosswalk AS x
        JOIN landing.delivery AS d ON d.source = x.source AND d.outcome = 'withdrawn' AND d.run_id = $run
    ) AS withdrawn ON withdrawn.golden_id = b.golden_id"""
"""Customers of the base of whom nothing is left; where a source was withdrawn, max_deleted_records speaks of that."""
MOVED = """
    SELECT source, count(*) FILTER (b.golden_id <> g.golden_id), count(*)
    FROM base.crosswalk AS b JOIN golden.crosswalk AS g USING (source, source_record_id)
    GROUP BY source ORDER BY source"""
"""Per source: records that are another customer's tonight, and records that are somebody's then and now."""
BROKEN = """
    SELECT count(*) FROM matching.decision AS d
    JOIN golden.crosswalk AS l ON l.source = d.source_l AND l.source_record_id = d.source_record_id_l
    JOIN golden.crosswalk AS r ON r.source = d.source_r AND r.source_record_id = d.source_record_id_r
    ANTI JOIN (
        SELECT m.source, m.source_record_id FROM matching.poisoned AS p
        JOIN matching.resolution AS n ON n.entity = p.entity
        JOIN matching.member AS m ON m.distinct_record_id = n.distinct_record_id
        WHERE p.reason = 'decisions_conflict'
    ) AS settled ON settled.source = d.source_l AND settled.source_record_id = d.source_record_id_l
    WHERE d.state <> 'dormant' AND (l.golden_id = r.golden_id) <> (d.decision = 'same')"""
"""Decisions of stewards that tonight's customers do not keep to, though nothing else that was decided says otherwise.

Where decisions contradict each other not all can be kept: the matching has settled it and asks stewards again.
"""

MEND = "mend the export, or take back what was changed in joinedup.yaml, and run again"


def merged_customers(candidate: Candidate) -> Iterator[Judged]:
    """Judge how many customers become another's."""
    yield (
        Share(
            "max_merged_customers",
            "",
            candidate.count(MERGED),
            candidate.count("SELECT count(*) FROM base.customer"),
            candidate.settings.gate.max_merged_customers,
            "customers",
            "become another's",
            MEND,
        ),
        partial(merge_causes, candidate),
    )


def merged_into_one(candidate: Candidate) -> Iterator[Judged]:
    """Judge how many customers become one and the same, whatever share of all that is."""
    golden_id, customers = next(iter(candidate.rows(LARGEST_MERGE)), ("", 0))
    told = f"customers become one and the same, {golden_id}" if golden_id else "customers become one and the same"
    allowed = candidate.settings.gate.max_merged_into_one
    yield (
        Limit("max_merged_into_one", "", customers, allowed, told, MEND),
        partial(merge_causes, candidate, golden_id),
    )


def growth_of_one(candidate: Candidate) -> Iterator[Judged]:
    """Judge how many records one customer gains; nobody gains in a first night."""
    known = candidate.count("SELECT count(*) FROM base.customer")
    golden_id, gained = next(iter(candidate.rows(GROWTH)), ("", 0))
    records = candidate.count("SELECT count(*) FROM golden.crosswalk") if known else 0
    yield (
        Share(
            "max_growth_of_one",
            "",
            gained if known else 0,
            records,
            candidate.settings.gate.max_growth_of_one,
            "records",
            f"come to one customer, {golden_id}" if golden_id else "come to one customer",
            MEND,
        ),
        partial(_causes_of_growth, candidate, golden_id),
    )


def split_customers(candidate: Candidate) -> Iterator[Judged]:
    """Judge how many customers come apart."""
    yield (
        Share(
            "max_split_customers",
            "",
            candidate.count(SPLIT),
            candidate.count("SELECT count(*) FROM base.customer"),
            candidate.settings.gate.max_split_customers,
            "customers",
            "come apart",
            MEND,
        ),
        partial(split_causes, candidate),
    )


def vanished_customers(candidate: Candidate) -> Iterator[Judged]:
    """Judge how many customers vanish without a successor."""
    yield (
        Share(
            "max_vanished_customers",
            "",
            candidate.count(f"SELECT count(*) FROM ({VANISHED})"),
            candidate.count("SELECT count(*) FROM base.customer"),
            candidate.settings.gate.max_vanished_customers,
            "customers",
            "vanish, and nobody follows them",
            "look whether the exports are whole and their names and contacts are still read, and run again",
        ),
        partial(gone_causes, candidate, VANISHED),
    )


def moved_records(candidate: Candidate) -> Iterator[Judged]:
    """Judge, per source, how many records become another customer's."""
    for source, moved, records in candidate.rows(MOVED):
        yield (
            Share(
                "max_moved_records",
                source,
                moved,
                records,
                candidate.settings.gate.max_moved_records,
                "records",
                "become another customer's",
                MEND,
            ),
            partial(moved_causes, candidate, source),
        )


def broken_decisions(candidate: Candidate) -> Iterator[Judged]:
    """Judge that what stewards decided is kept to, always."""
    look_at = "revoke the decision with `joinedup review revoke`, or report this: matching has to keep to it"
    yield (
        Limit("broken_decisions", "", candidate.count(BROKEN), 0, "decisions are not kept to", look_at, key=False),
        tuple,
    )


def _causes_of_growth(candidate: Candidate, golden_id: str) -> tuple[Cause, ...]:
    """Return where the gained records come from, and what joins the customers among them."""
    came = candidate.rows(
        """SELECT g.source, count(*) AS records FROM golden.crosswalk AS g
        SEMI JOIN landing.live_record AS live
            ON live.source = g.source AND live.source_record_id = g.source_record_id AND live.run_id = $run
        ANTI JOIN base.crosswalk AS b
            ON b.source = g.source AND b.source_record_id = g.source_record_id AND b.golden_id = g.golden_id
        WHERE g.golden_id = $golden_id GROUP BY g.source ORDER BY records DESC, g.source LIMIT 3""",
        golden_id=golden_id,
    )
    causes = [
        Cause(
            f"{records:,} of them are new or changed records of {candidate.place(source)}",
            affected=records,
            **candidate.of(source),
        )
        for source, records in came
    ]
    return (*causes, *merge_causes(candidate, golden_id))

"""Puts customers who live together into households: the stage `form_households`.

READS: matching.household_tie, matching.ruling, matching.cluster, matching.standardised, golden.crosswalk,
golden.customer, golden.provenance, golden.change.
WRITES: care.household.
Invariant: a customer is in one household at most, and a household has two customers at least. Who is in one is a
function of tonight's ties and of what stewards said, not of golden ids or of the order of rows; only its id depends on
who is the oldest of it. Two of whom a steward said that they live together are in one household.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.run import StageReport
from warehouse.tables.household import SAID_SO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from warehouse.run import Run
    from warehouse.settings import Settings

READS = (
    "matching.household_tie",
    "matching.ruling",
    "matching.cluster",
    "matching.standardised",
    "golden.crosswalk",
    "golden.customer",
    "golden.provenance",
    "golden.change",
)
WRITES = ("care.household",)

PREFIX = "hh_"
_BYTES = 10
_TO_CROCKFORD = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUV", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


class Tie(NamedTuple):
    """Two customers (`one` < `other`) who live together; `shared` are their common contact points as `kind:value`.

    Where a steward said so, `shared` is that alone. `at_present`: they dwell together where both golden records say.
    """

    one: str
    other: str
    shared: tuple[str, ...]
    dwell_together: bool
    probability: float
    at_present: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether a steward said so."""
        return self.shared == (SAID_SO,)


def form_households(con: DuckDBPyConnection, settings: Settings, run: Run) -> StageReport:
    """Write tonight's households."""
    con.execute(_RULED)
    con.execute(_DWELLER)
    con.execute(_ABODE)
    ties = [Tie(one, other, tuple(shared), *how) for one, other, shared, *how in _rows(con, _TIES)]
    ties += [
        Tie(one, other, (SAID_SO,), dwell_together=True, probability=1.0)
        for one, other in _rows(con, "FROM ruled_tie ORDER BY ALL")
    ]
    households = group(ties, {dweller for (dweller,) in _rows(con, "SELECT dweller FROM dweller WHERE has_address")})
    found = list(_members(households, ties))
    ages = {
        dweller: (age, golden_id)
        for dweller, age, golden_id in _rows(con, "SELECT dweller, age, golden_id FROM dweller")
    }
    for table in ("dweller", "abode", "ruled_tie"):
        con.execute(f"DROP TABLE temp.{table}")
    con.execute("DELETE FROM care.household")
    if found:
        oldest = [min(ages[member] for member in household)[1] for household in households]
        names = [household_id(settings.identity.salt, golden_id) for golden_id in oldest]
        columns = [[names[place] for place, _, _ in found], [ages[member][1] for _, member, _ in found]]
        con.execute(
            "INSERT INTO care.household BY NAME SELECT * FROM (SELECT unnest(?::VARCHAR[]) AS household_id,"
            " unnest(?::VARCHAR[]) AS golden_id, unnest(?::VARCHAR[]) AS basis) ORDER BY household_id, golden_id",
            [*columns, [basis for _, _, basis in found]],
        )
    return StageReport(rows={WRITES[0]: len(found)}, figures={"households": len(households), "members": len(found)})


_RULED = """
    CREATE OR REPLACE TEMP TABLE ruled_tie AS
    SELECT DISTINCT least(l.cluster_id, r.cluster_id) AS cluster_id_l,
        greatest(l.cluster_id, r.cluster_id) AS cluster_id_r
    FROM matching.ruling
    JOIN matching.cluster AS l ON l.source = source_l AND l.source_record_id = source_record_id_l
    JOIN matching.cluster AS r ON r.source = source_r AND r.source_record_id = source_record_id_r
    WHERE ruling = 'household' AND l.cluster_id <> r.cluster_id
    """
"""A ruling about a record that is not there, or about two of one customer, binds nothing."""

_DWELLER = """
    CREATE OR REPLACE TEMP TABLE dweller AS
    WITH tied AS (
        SELECT cluster_id_l AS cluster_id FROM matching.household_tie
        UNION SELECT cluster_id_r FROM matching.household_tie
        UNION SELECT cluster_id_l FROM ruled_tie
        UNION SELECT cluster_id_r FROM ruled_tie
    ), known AS (
        SELECT DISTINCT cluster_id AS dweller, golden_id
        FROM matching.cluster SEMI JOIN tied USING (cluster_id) JOIN golden.crosswalk USING (source, source_record_id)
    ), born AS (
        SELECT golden_id, min(sequence) AS age FROM golden.change WHERE event = 'created' GROUP BY golden_id
    )
    SELECT dweller, golden_id, born.age, customer.street IS NOT NULL AS has_address
    FROM known JOIN born USING (golden_id) JOIN golden.customer AS customer USING (golden_id)
    """
"""Tonight's clusters are called dwellers here: their names do not depend on history, as golden ids do."""

_ABODE = """
    CREATE OR REPLACE TEMP TABLE abode AS
    SELECT dweller, coalesce(street_number, 'po box') AS number, coalesce(street, po_box) AS street, unit, postal_code
    FROM dweller
    JOIN (FROM golden.provenance WHERE attribute = 'street') USING (golden_id)
    JOIN matching.standardised USING (source, source_record_id)
    WHERE street IS NOT NULL OR po_box IS NOT NULL
    """
"""Where the golden record says that somebody lives, in the form in which two addresses are compared."""

SAME_STREET = 0.9
"""From so alike on (Jaro-Winkler) two street names are one, one of them mistyped; number and postal code agree, too."""

_TIES = f"""
    SELECT cluster_id_l, cluster_id_r, shared, dwell_together, household_probability,
        dwell_together AND coalesce(l.number = r.number AND (l.street = r.street
            OR (l.number <> 'po box' AND jaro_winkler_similarity(l.street, r.street) >= {SAME_STREET}))
            AND coalesce(l.postal_code = r.postal_code, true) AND coalesce(l.unit = r.unit, true), false)
    FROM matching.household_tie
    LEFT JOIN abode AS l ON l.dweller = cluster_id_l
    LEFT JOIN abode AS r ON r.dweller = cluster_id_r
    """


def group(ties: Iterable[Tie], with_address: set[str]) -> list[list[str]]:
    """Return the households, each a sorted list of its members, in the order of their first ones.

    The strongest ties come first: what a steward said, then those who dwell together where both live by now, then those
    who dwelt together elsewhere, then others, each by probability, then by name. Two households in the making become
    one unless somebody of the one lives apart from somebody of the other: they are not tied, share no contact point,
    and both or neither have an address. So a chain does not close: who lived with A once and lives with B now does not
    make one household of A and B. Of whom a steward said that they live together, each is reached wherever the other
    is.
    """
    strongest = sorted(ties, key=_weakness)
    decided = [tie for tie in strongest if tie.is_decided]
    points: dict[str, set[str]] = defaultdict(set)
    for tie in strongest[len(decided) :]:
        points[tie.one].update(tie.shared)
        points[tie.other].update(tie.shared)
    _put_together(points, decided)
    settled = with_address | {dweller for dweller, held in points.items() if any(map(_is_dwelling, held))}
    home = {dweller: [dweller] for dweller in points}
    for tie in strongest:
        one, other = home[tie.one], home[tie.other]
        if one is other or not all(
            points[a] & points[b] or (a in settled) != (b in settled) for a in one for b in other
        ):
            continue
        one.extend(other)
        for member in other:
            home[member] = one
    distinct = {id(members): sorted(members) for members in home.values() if len(members) > 1}
    return sorted(distinct.values())


def _weakness(tie: Tie) -> tuple[bool, bool, bool, float, str, str]:
    """Return by what ties are ordered, the strongest first."""
    return (not tie.is_decided, not tie.at_present, not tie.dwell_together, -tie.probability, tie.one, tie.other)


def _put_together(points: dict[str, set[str]], decided: Iterable[Tie]) -> None:
    """Let all of whom stewards say that they live together, by way of others too, be reached at the same points."""
    together: dict[str, list[str]] = {}
    for tie in decided:
        one, other = together.setdefault(tie.one, [tie.one]), together.setdefault(tie.other, [tie.other])
        if one is not other:
            one.extend(other)
            together.update(dict.fromkeys(other, one))
    for members in {id(members): members for members in together.values()}.values():
        common = {f"{SAID_SO}:{min(members)}"}.union(*(points[member] for member in members))
        points.update(dict.fromkeys(members, common))


def _is_dwelling(point: str) -> bool:
    return point.startswith("address:")


def household_id(salt: str, oldest: str) -> str:
    """Return the id of the household whose oldest member, by the feed of changes, has this golden id.

    `hh_` + 16 characters of Crockford base32: the first 80 bits of HMAC-SHA256, keyed with `identity.salt`, over the
    JSON array ["household", golden_id]. It stays as long as that member stays the oldest one of a household.
    """
    message = json.dumps(["household", oldest], separators=(",", ":"))
    digest = hmac.digest(salt.encode(), message.encode(), "sha256")
    return PREFIX + base64.b32hexencode(digest[:_BYTES]).decode().translate(_TO_CROCKFORD)


def _members(households: list[list[str]], ties: Iterable[Tie]) -> Iterator[tuple[int, str, str]]:
    """Yield household number, member, and basis: the kinds of all that ties it to others of the household."""
    place = {member: number for number, household in enumerate(households) for member in household}
    kinds: dict[str, set[str]] = defaultdict(set)
    for tie in ties:
        if tie.one in place and place[tie.one] == place.get(tie.other):
            shared = {point.partition(":")[0] for point in tie.shared}
            kinds[tie.one] |= shared
            kinds[tie.other] |= shared
    for member, number in place.items():
        yield number, member, "_and_".join(sorted(kinds[member]))


def _rows(con: DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()

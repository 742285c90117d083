"""What a night's records taught about names and values, read back from what the night made of them.

Reads matching.standardised, matching.shared_value and matching.dropped_value in the workings of a release. Which words
are given names, which family names are double, which domains are misspelt: the night learns it from the raw values of
all records; here it is learnt from the same values as they were standardised, which are what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from matching.assemble import FAMILY_WORDS_SQL, GIVEN_WORDS_SQL, LEAST_BEARERS
from matching.attributes.birth_date import FAR_PAST
from matching.attributes.email import own_mailboxes
from matching.attributes.email_name import NameWords
from matching.attributes.name_roles import count_votes
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from duckdb import DuckDBPyConnection

    from warehouse.settings import Settings


@dataclass(frozen=True, slots=True)
class Taught:
    """What standardising one record needs to know of all others.

    `votes` are per word how often it is a given and how often a family name, `pairs` how often both names stand
    together, `given_names` words that stand beside several family names. `shared` are the values that say nothing, by
    attribute. `families` are the family names by how they are written in one word.
    """

    country: str
    own: frozenset[str]
    votes: Mapping[str, tuple[int, int]]
    pairs: Mapping[tuple[str, str], int]
    given_names: frozenset[str]
    double_families: frozenset[str]
    words: NameWords
    families: Mapping[str, str]
    organisations: frozenset[str]
    domains: Mapping[str, int]
    unused_dates: frozenset[date]
    of_the_past: bool
    today: date
    shared: Mapping[str, frozenset[str]]


def learn(workings: DuckDBPyConnection, settings: Settings, today: date) -> Taught:
    """Return what the records of a release taught; `today` is the day of its night."""
    with open_memory() as scratch:
        scratch.register("incoming", workings.sql(_NAMES_SQL).to_arrow_table())
        scratch.execute("CREATE TEMP TABLE name AS SELECT * FROM incoming")
        scratch.unregister("incoming")
        count_votes(scratch, "name")
        votes = {
            word: (int(given), int(family))
            for word, given, family in scratch.execute("SELECT word, as_given, as_family FROM name_word").fetchall()
        }
        pairs = {(g, f): int(n) for g, f, n in scratch.execute("SELECT given, family, votes FROM name_pair").fetchall()}
        givens = {given: int(n) for given, _, n in scratch.execute(GIVEN_WORDS_SQL).fetchall()}
        families = {joined: (family, int(n)) for joined, family, _, n in scratch.execute(FAMILY_WORDS_SQL).fetchall()}
        given_names = scratch.execute(_GIVEN_NAMES_SQL).fetchall()
        double = scratch.execute("SELECT DISTINCT family FROM name WHERE contains(family, ' ')").fetchall()
    shared: dict[str, set[str]] = {}
    for attribute, value in workings.execute("SELECT attribute, value FROM matching.shared_value").fetchall():
        shared.setdefault(attribute, set()).add(value)
    oldest = workings.execute("SELECT min(birth_date) FROM matching.standardised").fetchall()[0][0]
    return Taught(
        country=settings.country,
        own=own_mailboxes(address for source in settings.sources.values() for address in source.own_addresses),
        votes=votes,
        pairs=pairs,
        given_names=frozenset(word for (word,) in given_names),
        double_families=frozenset(family for (family,) in double),
        words=NameWords(
            {word: n for word, n in givens.items() if n >= LEAST_BEARERS},
            {word: n for word, (_, n) in families.items() if n >= LEAST_BEARERS},
        ),
        families={joined: family for joined, (family, _) in families.items()},
        organisations=frozenset(core for (core,) in workings.execute(_ORGANISATIONS_SQL).fetchall()),
        domains={domain: int(n) for domain, n in workings.execute(_DOMAINS_SQL).fetchall()},
        unused_dates=frozenset(day for (day,) in workings.execute(_UNUSED_SQL).fetchall() if day is not None),
        of_the_past=oldest is not None and today - oldest > FAR_PAST + timedelta(days=366),
        today=today,
        shared={attribute: frozenset(values) for attribute, values in shared.items()},
    )


_NAMES_SQL = """
SELECT given, family, clean_given_name AS clean_given, clean_family_name AS clean_family, count(*) AS records
FROM matching.standardised WHERE NOT name_from_email AND (given IS NOT NULL OR family IS NOT NULL) GROUP BY ALL
"""
_GIVEN_NAMES_SQL = """
WITH pair AS (SELECT DISTINCT given, family FROM name WHERE given IS NOT NULL AND length(family) > 1)
SELECT given FROM pair GROUP BY given
HAVING count(*) >= 3 AND count(*) > (SELECT count(*) FROM pair AS f WHERE f.family = pair.given)
"""
_ORGANISATIONS_SQL = "SELECT DISTINCT organisation FROM matching.standardised WHERE organisation IS NOT NULL"
_DOMAINS_SQL = """
SELECT split_part(email, '@', 2) AS domain, count(DISTINCT email)
FROM (SELECT unnest(emails) AS email FROM matching.standardised) GROUP BY domain
"""
_UNUSED_SQL = """
SELECT DISTINCT try_cast(value AS DATE) FROM matching.dropped_value
WHERE attribute = 'birth_date' AND reason <> 'not as the mapping says'
"""

"""The algebra of golden ids: what an id is made of, which cluster keeps it, and that none is made twice.

A golden id is `cus_` + 16 characters of Crockford base32 in upper case (0-9 and A-Z without I, L, O, U): the first 80
bits of HMAC-SHA256, keyed with `identity.salt`, over the JSON array [source, source_record_id, n]. The array keeps
("a", "bc") apart from ("ab", "c"); n is how many customers the founding record has founded before.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "cus_"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_CROCKFORD = str.maketrans(_RFC_4648, CROCKFORD)
_BYTES = 10


class Claim(NamedTuple):
    """A golden id's claim to a cluster.

    `records` counts the cluster's records that speak for it, `age` is the sequence of its creation (less is older),
    `holds_founder` says that its founding record is among them.
    """

    golden_id: str
    cluster_id: str
    records: int
    age: int
    holds_founder: bool


class Founder(NamedTuple):
    """The founding record of a cluster that needs a new id, and how many customers it has founded before."""

    cluster_id: str
    source: str
    source_record_id: str
    founded_before: int


def golden_id(salt: str, source: str, source_record_id: str, founded_before: int) -> str:
    """Return the golden id of the customer founded by a record that has founded `founded_before` others.

    The encoding is that of the module's docstring; equal arguments give equal ids on any machine.
    """
    message = json.dumps([source, source_record_id, founded_before], ensure_ascii=False, separators=(",", ":"))
    digest = hmac.digest(salt.encode(), message.encode(), "sha256")
    return PREFIX + base64.b32encode(digest[:_BYTES]).decode().translate(_TO_CROCKFORD)


def settle_claims(claims: Iterable[Claim]) -> dict[str, str]:
    """Return cluster_id -> golden_id: each id gets at most one cluster, each cluster at most one id.

    Most records come first, then the oldest customer, then the cluster with the founding record, then the least
    cluster_id: a total order, so that the result does not depend on the order of `claims`.
    """
    settled: dict[str, str] = {}
    placed: set[str] = set()
    for claim in sorted(claims, key=lambda c: (-c.records, c.age, not c.holds_founder, c.cluster_id, c.golden_id)):
        if claim.cluster_id not in settled and claim.golden_id not in placed:
            settled[claim.cluster_id] = claim.golden_id
            placed.add(claim.golden_id)
    return settled


def found_customers(salt: str, founders: Iterable[Founder], ever_created: set[str]) -> dict[str, str]:
    """Return cluster_id -> a golden id that nobody has had: not in `ever_created`, not given twice.

    Where the hash of another record has taken an id before, n goes on to the next number that is free.
    """
    taken = set(ever_created)
    made: dict[str, str] = {}
    for founder in sorted(founders, key=lambda f: (f.source, f.source_record_id)):
        n = founder.founded_before
        candidate = golden_id(salt, founder.source, founder.source_record_id, n)
        while candidate in taken:
            n += 1
            candidate = golden_id(salt, founder.source, founder.source_record_id, n)
        taken.add(candidate)
        made[founder.cluster_id] = candidate
    return made

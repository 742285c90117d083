from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from golden.ids import CROCKFORD, Claim, Founder, found_customers, golden_id, settle_claims

if TYPE_CHECKING:
    import random

IDS = st.sampled_from(["X", "Y", "Z"])
CLUSTERS = st.sampled_from(["k", "l", "m", "n"])
CLAIMS = st.lists(
    st.builds(Claim, IDS, CLUSTERS, st.integers(1, 3), st.integers(1, 3), st.booleans()),
    unique_by=lambda claim: (claim.golden_id, claim.cluster_id),
)


def test_an_id_is_what_the_contract_says() -> None:
    made = golden_id("joinedup", "billing", "ACC1", 0)
    assert re.fullmatch(f"cus_[{CROCKFORD}]{{16}}", made)
    assert made == golden_id("joinedup", "billing", "ACC1", 0)
    assert made == "cus_KHS0VD3VXJ8MJ8GX"


def test_everything_an_id_is_made_of_matters() -> None:
    made = {
        golden_id("joinedup", "billing", "ACC1", 0),
        golden_id("other", "billing", "ACC1", 0),
        golden_id("joinedup", "billin", "gACC1", 0),
        golden_id("joinedup", "billing", "ACC1", 1),
        golden_id("joinedup", "billing", "ACC", 10),
        golden_id("joinedup", 'billing","ACC1', "", 0),
    }
    assert len(made) == 6


@given(CLAIMS, st.randoms(use_true_random=False))
def test_claims_are_settled_one_to_one_whatever_their_order(claims: list[Claim], shuffler: random.Random) -> None:
    settled = settle_claims(claims)
    assert len(set(settled.values())) == len(settled)
    assert {(golden, cluster) for cluster, golden in settled.items()} <= {(c.golden_id, c.cluster_id) for c in claims}
    shuffled = list(claims)
    shuffler.shuffle(shuffled)
    assert settle_claims(shuffled) == settled
    free = [c for c in claims if c.cluster_id not in settled and c.golden_id not in settled.values()]
    assert free == []


def test_most_records_then_the_oldest_then_the_founder_then_the_least_cluster() -> None:
    claims = [Claim("X", "k", 2, 9, holds_founder=False), Claim("Y", "k", 1, 1, holds_founder=True)]
    assert settle_claims(claims) == {"k": "X"}
    claims = [Claim("X", "k", 1, 9, holds_founder=True), Claim("Y", "k", 1, 1, holds_founder=False)]
    assert settle_claims(claims) == {"k": "Y"}
    claims = [Claim("X", "k", 1, 1, holds_founder=False), Claim("X", "l", 1, 1, holds_founder=True)]
    assert settle_claims(claims) == {"l": "X"}
    claims = [Claim("X", "l", 1, 1, holds_founder=False), Claim("X", "k", 1, 1, holds_founder=False)]
    assert settle_claims(claims) == {"k": "X"}


@given(st.sets(st.tuples(st.sampled_from("st"), st.sampled_from("abc")), min_size=1), st.integers(0, 3))
@settings(max_examples=30)
def test_no_id_is_made_twice(records: set[tuple[str, str]], founded_before: int) -> None:
    founders = [Founder(f"{source}:{key}", source, key, founded_before) for source, key in records]
    first = found_customers("salt", founders, set())
    assert len(set(first.values())) == len(founders)
    # the same founders again, with a count that is behind: nobody gets an id that was ever used
    second = found_customers("salt", founders, set(first.values()))
    assert set(second.values()).isdisjoint(first.values())
    assert found_customers("salt", reversed(founders), set(first.values())) == second

"""Who sees values masked finds by the whole of one, and learns nothing of it by looking for its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from serving.lookup import Index
from serving.lookup.build import Contents, read_contents
from serving.lookup.texts import Parts, SortedTexts, Words
from stewardship.accounts import ROLES
from stewardship.web.releases import Releases
from tests.pipelines.shop import TONIGHT, Shop, do_night
from tests.serving.api.asking import asking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving.api.asking import Api

ALL = 10_000
FORMER = "Abernathy"
"""A name of a customer's that is not published: of a record that gave way to a newer one."""


@dataclass(frozen=True)
class Known:
    """A release's index, the same without what is masked, and its customers."""

    index: Index
    without: Index
    customers: list[dict[str, Any]]

    @property
    def masked(self) -> list[str]:
        """Each value that a reader does not see."""
        columns = [[row["street"], row["postal_code"], *row["emails"], *row["phones"]] for row in self.customers]
        return sorted({value for values in columns for value in values if value} | {FORMER})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.populate(30, seed=5)
    same = {"first_name": "Ottoline", "born": "1971-03-04", "email": "vixen7@pond.example", "phone": "2065559911"}
    shop.account("Z1", last_name=FORMER, **same, street="77 Bay Rd", city="Brightwater", zip="98001")
    shop.account("Z2", last_name="Quist", **same | {"opened_on": "2026-01-20"}, street="77 Bay Rd", city="Brightwater")
    shop.write()
    assert do_night(shop.workspace, TONIGHT, checks=False).published
    return shop


@pytest.fixture(scope="module")
def known(shop: Shop) -> Known:
    pinned = Releases(shop.workspace).current()
    assert pinned is not None
    with pinned.golden() as con:
        contents = read_contents(con)
        customers = con.sql("SELECT * FROM customer").to_arrow_table().to_pylist()
    return Known(Index("r1", contents, "US"), Index("r1", without_masked(contents), "US"), customers)


@pytest.fixture(scope="module")
def api(shop: Shop) -> Iterator[Api]:
    with asking(shop.workspace) as found:
        yield found


def without_masked(contents: Contents) -> Contents:
    nothing, nobody = pa.chunked_array([pa.array([], pa.string())]), np.zeros(0, np.int32)
    words, parts = Words(SortedTexts(nothing), np.zeros(1, np.int64), nobody), Parts(nothing, nobody)
    return replace(contents, emails=parts, phones=parts, addresses=words, other_names=words)


def digits(text: str) -> str:
    return "".join(filter(str.isdigit, text)).removeprefix("1")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_part_of_a_masked_value_finds_nobody_whom_it_alone_explains(known: Known, data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(known.masked))
    start = data.draw(st.integers(0, len(value) - 1))
    part = value[start : data.draw(st.integers(start + 1, len(value)))]
    whole = {other.lower() for other in known.masked if "@" in other or other.startswith("+")}
    assume(part.strip().lower() not in whole and len(digits(part)) < 10)
    typed = data.draw(st.sampled_from((part, part.upper(), f"ott {part}", f"{part} brightwater")))
    assert known.index.find(typed, ALL, masked=True) == known.without.find(typed, ALL)


def test_who_sees_all_finds_by_these_parts(known: Known) -> None:
    """The control: what is looked for above is there to be found."""
    for typed in ("vixen7@po", "pond.example", "5559911", "9911", "77 bay", "98001", "abern", FORMER, "abernahty"):
        assert known.index.find(typed).hits, typed
        assert known.without.find(typed).hits == (), typed
        assert known.index.find(typed, masked=True).hits == (), typed


def test_a_whole_email_or_phone_finds_whose_it_is_in_any_format(known: Known) -> None:
    for row in known.customers:
        for email in row["emails"]:
            assert golden_ids(known, email.upper()) == {row["golden_id"]}
        for phone in row["phones"]:
            area, line = phone[2:5], phone[5:]
            for typed in (phone, f"({area}) {line[:3]}-{line[3:]}", f"{area}.{line}", f"+1 {area} {line}"):
                assert golden_ids(known, typed) == {row["golden_id"]}, typed
            assert row["golden_id"] in golden_ids(known, f"{row['full_name']} {phone}")


def golden_ids(known: Known, typed: str) -> set[str]:
    return {hit.golden_id for hit in known.index.find(typed, ALL, masked=True).hits}


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ({"q": "vixen7@"}, {"q": "Vixen7@pond.example"}),
        ({"q": "9911"}, {"q": "(206) 555-9911"}),
        ({"phone": "555 9911"}, {"phone": "206 555 9911"}),
        ({"q": "Ottoline 98001"}, {"q": "Ottoline Quist"}),
    ],
)
def test_the_api_finds_by_parts_for_those_who_see_them(api: Api, part: dict[str, str], whole: dict[str, str]) -> None:
    for role in ROLES:
        found = len(api.post("/customers/search", role, json=part).json()["customers"])
        assert found == (0 if role == "reader" else 1), role
        assert found == len(api.get("/customers", role, params=part).json()["customers"])
        (customer,) = api.post("/customers/search", role, json=whole).json()["customers"]
        assert customer["full_name"] == "Ottoline Quist"

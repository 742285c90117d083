"""The index held to a brute force over the tables that it is made of."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.lookup import Index, Indexes
from serving.lookup.following import Following
from serving.lookup.index import EMAIL, GOLDEN_ID, NAME, NAME_ALIKE, PHONE, RECORD, REFERENCE
from serving.lookup.spelling import Speller, spell_ascii
from stewardship.web.releases import Releases
from tests.pipelines.shop import TONIGHT, Shop, do_night
from warehouse.errors import SurroundingsError
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from stewardship.web.releases import Pinned

ALL = 10_000


@dataclass(frozen=True)
class Known:
    """A release's index, and its tables."""

    index: Index
    customers: list[dict[str, Any]]
    records: list[tuple[str, str, str]]
    references: list[tuple[str, str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.populate(40, seed=11)
    shop.account(
        "Z1", first_name="Zoë", last_name="O'Neill-Vårgård", email="zoe@vargard.example", phone="+44 20 7946 0018"
    )
    shop.write()
    assert do_night(shop.workspace, TONIGHT, checks=False).published
    return shop


@pytest.fixture(scope="module")
def known(shop: Shop) -> Known:
    pinned = Releases(shop.workspace).current()
    assert pinned is not None
    with pinned.golden() as con:
        return Known(
            Index.of(pinned, "US"),
            con.sql("SELECT * FROM customer").to_arrow_table().to_pylist(),
            con.execute("SELECT source, source_record_id, golden_id FROM crosswalk").fetchall(),
            con.execute("SELECT reference, golden_id FROM activity WHERE reference IS NOT NULL").fetchall(),
        )


def ids(known: Known, text: str, why: str | None = None) -> set[str]:
    found = known.index.find(text, ALL)
    assert not found.more
    return {hit.golden_id for hit in found.hits if why in (None, hit.why)}


def words(row: dict[str, Any]) -> set[str]:
    return {word for word in re.split(r"\W+", (row["full_name"] or "").lower().replace("'", "")) if word}


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_beginning_of_any_word_finds_all_who_have_it(known: Known, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from([row for row in known.customers if row["full_name"].isascii()]))
    word = data.draw(st.sampled_from(sorted(words(row))))
    start = word[: data.draw(st.integers(1, len(word)))]
    expected = {
        other["golden_id"]
        for other in known.customers
        if other["full_name"].isascii() and any(each.startswith(start) for each in words(other))
    }
    assert row["golden_id"] in expected <= ids(known, start.upper())


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_part_of_an_email_finds_all_who_have_it(known: Known, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(known.customers))
    email = row["emails"][0]
    start = data.draw(st.integers(0, len(email) - 3))
    part = email[start : data.draw(st.integers(start + 3, len(email)))].strip()
    expected = {other["golden_id"] for other in known.customers if any(part in each for each in other["emails"])}
    if len(part) >= 3:
        assert expected <= ids(known, part)


def test_a_phone_in_any_format_finds_whose_it_is(known: Known) -> None:
    american = [row for row in known.customers if (row["phone"] or "").startswith("+1")]
    for row in american:
        area, line = row["phone"][2:5], row["phone"][5:]
        for typed in (
            f"({area}) {line[:3]}-{line[3:]}",
            f"{area}.{line[:3]}.{line[3:]}",
            f"+1 {area} {line}",
            f"001{area}{line}",
            f"1-{area}-{line}",
            line,
        ):
            assert ids(known, typed, PHONE) == {
                other["golden_id"] for other in american if any(phone.endswith(line) for phone in other["phones"])
            }, typed
        assert row["golden_id"] in ids(known, line[-4:])
    assert len(american) > 20


def test_what_is_whole_stands_first(known: Known) -> None:
    for row in known.customers:
        for text, why in ((row["golden_id"], GOLDEN_ID), (row["email"], EMAIL), (row["phone"], PHONE)):
            if text is None:
                continue
            (first, *_) = known.index.find(text).hits
            assert (first.golden_id, first.why) == (row["golden_id"], why)
    for reference, golden_id in known.references:
        (first, *_) = known.index.find(f" {reference.lower()} ").hits
        assert (first.golden_id, first.why) == (golden_id, REFERENCE)
    for source, key, golden_id in known.records:
        (first, *_) = known.index.find(f"{source}:{key}").hits
        assert (first.golden_id, first.why) == (golden_id, RECORD)
        assert golden_id not in {hit.golden_id for hit in known.index.find(f"elsewhere:{key}").hits}


def test_words_are_all_to_fit_and_better_ones_come_first(known: Known) -> None:
    row = next(row for row in known.customers if row["full_name"].isascii())
    given_name, family_name = row["full_name"].split()[0], row["full_name"].split()[-1]
    for hit in known.index.find(f"{family_name} {given_name}", ALL).hits:
        other = next(each for each in known.customers if each["golden_id"] == hit.golden_id)
        assert {given_name.lower(), family_name.lower()} <= words(other)
    assert known.index.find(f"{given_name} {row['phone'][-4:]}").hits[0].golden_id == row["golden_id"]
    scores = [hit.score for hit in known.index.find(given_name[:2], ALL).hits]
    assert scores == sorted(scores, reverse=True)
    assert ids(known, f"{given_name} nobodyatall") == set()


def test_slips_accents_and_apostrophes_are_forgiven(known: Known) -> None:
    (zoe,) = (row["golden_id"] for row in known.customers if row["full_name"].startswith("Zo"))
    for text in (
        "zoe",
        "Zoë",
        "oneill",
        "O\u2019Neill",
        "vargard",
        "Zoë O'Neill-Vårgård",
        "020 7946 0018",
        "+44 (0)20 79460018",
    ):
        assert zoe in ids(known, text), text
    (hit,) = known.index.find("vragard").hits
    assert (hit.golden_id, hit.why) == (zoe, NAME_ALIKE)
    assert known.index.find("vargard").hits[0].why == NAME


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "%", "'; DROP TABLE customer; --", "\n", "é" * 5000, "((((", "\ud83d\ude00"]
)
def test_whatever_is_typed_is_answered(known: Known, text: str) -> None:
    assert len(known.index.find(text.encode("utf-16", "surrogatepass").decode("utf-16"), 5).hits) <= 5


def test_more_is_told_and_the_limit_kept(known: Known) -> None:
    found = known.index.find("mail.example", 3)
    assert (len(found.hits), found.more) == (3, True)
    assert known.index.find("mail.example", 0).hits == ()


@given(st.text(st.characters(codec="ascii", exclude_characters="\x00"), max_size=40))
@settings(max_examples=150, deadline=None)
def test_ascii_is_spelled_as_the_expressions_spell_it(text: str) -> None:
    assert [spell_ascii(text)] == _SPELLER.by_sql([text])


_SPELLER = Speller()


def test_the_index_before_answers_until_the_next_is_made(shop: Shop) -> None:
    """A release that moves does not make anybody wait: what was made before is what answers meanwhile."""
    releases, may_make = Releases(shop.workspace), threading.Event()
    made = []

    def make(pinned: Pinned) -> str:
        made.append(pinned)
        if len(made) > 1:
            may_make.wait(20)
        return f"made {len(made)}"

    following = Following(releases, make)
    assert following.current() == "made 1"
    assert following.current() == "made 1"
    releases._current = None  # noqa: SLF001 - as if another release had become current
    found = following.with_release()
    assert found is not None
    assert (found[0], found[1] is made[0]) == ("made 1", True)
    may_make.set()
    while following.current() != "made 2":
        threading.Event().wait(0.01)
    assert len(made) == 2


def test_the_first_is_waited_for_but_not_for_ever_and_what_it_raised_is_told(shop: Shop) -> None:
    may_make = threading.Event()
    slow = Following(Releases(shop.workspace), lambda _pinned: may_make.wait(20), patience=0.01)
    with pytest.raises(SurroundingsError, match="ask again"):
        slow.current()
    may_make.set()
    broken = Following(Releases(shop.workspace), lambda _pinned: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        broken.current()


def test_before_the_first_release_there_is_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write()
    assert Indexes(Releases(shop.workspace), load_settings(shop.workspace.settings_file)).current() is None

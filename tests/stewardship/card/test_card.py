"""What a card shows: what was delivered, what the night weighed, and nothing that a blind one must not tell."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from matching.evidence import model_in_use
from stewardship.card.card import card
from stewardship.card.case import Asked, Case
from stewardship.card.members import SHOWN
from stewardship.card.sentence import sentence_of
from stewardship.card.strip import MOST
from stewardship.card.values import SYMBOLS
from stewardship.card.waterfall import Evidence, WaterfallStep, of_records
from tests.stewardship.card.conftest import HOSTILE, case_of, least

if TYPE_CHECKING:
    from stewardship.card.card import Card
    from stewardship.web.releases import Pinned
    from tests.pipelines.shop import Shop

DELIVERED = {
    "given_name": ("first_name",),
    "family_name": ("last_name",),
    "birth_date": ("born",),
    "email": ("email",),
    "phone": ("phone",),
    "street": ("street",),
    "full_name": ("name",),
}


@pytest.fixture(scope="module")
def cards(pinned: Pinned, cases: list[Case]) -> list[Card]:
    return [card(pinned, case) for case in cases]


def owner(shop: Shop, key: str, source: str = "billing") -> str:
    return shop.crosswalk()[f"{source}:{key}"]


def test_values_stand_as_they_were_delivered(stocked: Shop, cards: list[Card]) -> None:
    seen = 0
    for told in cards:
        for row in told.rows:
            for column, cell in zip(told.columns, row.cells, strict=True):
                held = stocked.accounts if column.source == "billing" else stocked.cases
                given = [
                    value
                    for name in DELIVERED.get(row.attribute, ())
                    if (value := held[column.source_record_id].get(name))
                ]
                if row.attribute in DELIVERED:
                    assert list(cell.raw) == given
                    seen += len(given)
    assert seen > 50


def test_the_evidence_is_what_was_stored(pinned: Pinned, cases: list[Case], cards: list[Card]) -> None:
    """As wholes they have the probability that the night published, and the steps add up to their weight."""
    weighed = 0
    for case, told in zip(cases, cards, strict=True):
        evidence = told.evidence
        assert evidence is not None
        assert evidence.start + sum(step.bits for step in evidence.steps) == pytest.approx(evidence.weight, abs=1e-6)
        assert evidence.steps[-1].total == pytest.approx(evidence.weight, abs=1e-6)
        if evidence.basis == "customers":
            assert evidence.probability == pytest.approx(case.asked[0].probability, abs=2e-6)
            weighed += 1
    assert weighed


def test_pairs_of_records_weigh_what_was_stored(pinned: Pinned) -> None:
    with pinned.workings() as con:
        model = model_in_use(con)
        pairs = con.execute(
            "SELECT distinct_record_id_l, distinct_record_id_r, match_weight FROM matching.pair"
            " WHERE match_key <> 'same_attributes' ORDER BY hash(distinct_record_id_l) LIMIT 8"
        ).fetchall()
        for left, right, weight in pairs:
            evidence = of_records(con, model, (left, right), ("one", "other"))
            assert evidence.basis == "records"
            assert evidence.weight == pytest.approx(weight, abs=1e-6)
            assert evidence.start + sum(step.bits for step in evidence.steps) == pytest.approx(weight, abs=1e-6)


def test_cards_are_data(cards: list[Card]) -> None:
    for told in cards:
        document = json.loads(json.dumps(told.document()))
        assert {cell["symbol"] for row in document["rows"] for cell in row["cells"]} <= set(SYMBOLS.values())


def test_marks_are_of_what_is_compared(stocked: Shop, pinned: Pinned) -> None:
    golden_ids = tuple(dict.fromkeys(owner(stocked, key) for key in ("N1", "N2", "N3")))
    asked = Asked(("billing", "N1"), ("billing", "N2")), Asked(("billing", "N1"), ("billing", "N3"))
    told = card(pinned, Case("q1", "default", golden_ids, asked))
    places = [[column.source_record_id for column in told.columns].index(key) for key in ("N1", "N2", "N3")]
    marks = {row.attribute: [row.cells[place].mark for place in places] for row in told.rows}
    assert marks["given_name"] == ["leading", "near", "differ"]
    assert marks["phone"] == ["leading", "agree", "agree"]
    assert marks["email"] == ["leading", "missing", "differ"]
    (email,) = [row for row in told.rows if row.attribute == "email"]
    assert email.cells[places[0]].pins == ("ann@one.example",)
    (phone,) = [row for row in told.rows if row.attribute == "phone"]
    assert phone.cells[places[0]].placeholders == ("2065559001",)
    assert not phone.cells[places[0]].standardised


def test_many_records_are_told_in_few_columns(stocked: Shop, pinned: Pinned) -> None:
    many, other = owner(stocked, "M00"), owner(stocked, "N1")
    records = list(stocked.crosswalk().values()).count(many)
    assert records > SHOWN
    told = card(pinned, case_of(stocked, many, other))
    member = told.members[0]
    assert member.records == records
    assert len(told.columns) <= SHOWN
    assert member.more == member.records - len(member.columns)
    assert sum(column.alike for column in member.columns) <= member.more
    strip = told.strips[0]
    assert (len(strip.events), strip.more) == (MOST, records - MOST)
    assert [event.at for event in strip.events] == sorted((event.at or "" for event in strip.events), reverse=True)
    assert {event.kind for event in strip.events} <= {"order", "case"}
    assert all(len(event.words) <= 80 for event in strip.events)


def test_many_customers_are_told_as_far_as_anybody_can_look(stocked: Shop, pinned: Pinned) -> None:
    golden_ids = tuple(sorted(set(stocked.crosswalk().values())))
    asked = Asked(least(stocked, golden_ids[-1]), least(stocked, golden_ids[0]))
    told = card(pinned, Case("q1", "poisoned", golden_ids, (asked,)))
    assert len(told.columns) == SHOWN
    assert told.more_members == len(golden_ids) - len(told.members) > 0
    assert all(len(row.cells) == SHOWN for row in told.rows)
    assert {asked.left, asked.right} <= {column.record for column in told.columns}


@pytest.mark.parametrize("key", ["H2", "H3"])
def test_records_that_say_little_have_a_card(stocked: Shop, pinned: Pinned, key: str) -> None:
    golden_id = stocked.crosswalk().get(f"cases:{key}")
    other = owner(stocked, "N1")
    ids = (golden_id, other) if golden_id else (other,)
    case = Case("q1", "default", ids, (Asked(("cases", key), least(stocked, other)),))
    told = card(pinned, case)
    assert other in {member.golden_id for member in told.members}
    json.dumps(told.document())


def test_hostile_values_stay_what_they_are(stocked: Shop, pinned: Pinned) -> None:
    told = card(pinned, case_of(stocked, owner(stocked, "H1"), owner(stocked, "N1")))
    (street,) = [row for row in told.rows if row.attribute == "street"]
    assert HOSTILE.strip() in {value for cell in street.cells for value in cell.raw}


def test_a_record_that_is_gone_takes_nothing_down(stocked: Shop, pinned: Pinned) -> None:
    ann = owner(stocked, "N1")
    case = Case("q1", "reconfirm", (ann, "cus_0000000000000000"), (Asked(("billing", "gone"), ("billing", "N1")),))
    told = card(pinned, case)
    assert [member.golden_id for member in told.members] == [ann]
    assert told.evidence is None


def test_a_blind_card_tells_nothing_of_the_model(stocked: Shop, pinned: Pinned, cases: list[Case]) -> None:
    left, right = cases[0].asked[0].left, cases[0].asked[0].right
    told = card(pinned, Case("a1", "audit", (), (Asked(left, right, 0.77, "not enough evidence to merge"),)))
    text = json.dumps(told.document())
    assert told.blind
    assert [member.records for member in told.members] == [1, 1]
    assert (told.sentence, told.evidence, told.probability, told.why_not, told.formations) == (None, None, None, (), ())
    assert "0.77" not in text
    assert "not enough" not in text
    assert "cus_" not in text
    turned = card(pinned, Case("a1", "audit", (), (Asked(right, left),)))
    assert [column.record for column in turned.columns] == [column.record for column in told.columns]


def test_the_order_of_a_blind_card_tells_nothing(pinned: Pinned, cases: list[Case]) -> None:
    """Neither the lesser record nor the one named first stands always on the left."""
    firsts = set()
    for number in range(12):
        pair = cases[number % len(cases)].asked[0]
        told = card(pinned, Case(f"a{number}", "audit", (), (Asked(pair.left, pair.right),)))
        firsts.add(told.columns[0].record == pair.left)
    assert firsts == {True, False}


def told_by(*bits: tuple[str, float, str | None, str | None], probability: float = 0.5) -> str:
    steps = tuple(WaterfallStep(label, weight, 0.0, left, right) for label, weight, left, right in bits)
    return sentence_of(Evidence("customers", "a", "b", 0.0, steps, 0.0, probability, 0.95))


@pytest.mark.parametrize(
    ("bits", "sentence"),
    [
        (
            (
                ("same phone number", 9.0, "1", "1"),
                ("same street address", 5.0, "x", "x"),
                ("different given names", -3.0, "ann", "bert"),
            ),
            "Same phone number and street address, but different given names: ann and bert.",
        ),
        ((("same city", 1.0, "x", "x"),), "Same city: too little to be sure."),
        (
            (("different e-mail addresses", -2.0, "a@x", "b@x"),),
            "Nothing shared that tells much, and different e-mail addresses: a@x and b@x.",
        ),
        ((), "Neither says anything that tells whether they are one."),
        ((("same city", 0.1, "x", "x"),), "Neither says anything that tells whether they are one."),
    ],
)
def test_one_sentence(bits: tuple[tuple[str, float, str | None, str | None], ...], sentence: str) -> None:
    assert told_by(*bits) == sentence


def test_one_customer_is_asked_about_by_two_records(stocked: Shop, pinned: Pinned) -> None:
    many = owner(stocked, "M00")
    case = case_of(stocked, many, many, queue="reconfirm")
    case = replace(case, asked=(Asked(("billing", "M00"), ("billing", "M01")),))
    told = card(pinned, case)
    assert len(told.members) == 1
    assert told.evidence is None or told.evidence.basis == "records"

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.consent_words import ANY, NO, SAYS_NOTHING, YES
from customer360.settle_permissions import settle_permissions
from tests.customer360.conftest import RUN, SETTINGS
from warehouse.tables.care import CHANNELS, PURPOSES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.customer360.conftest import Care

EARLIER, LATER = datetime(2026, 1, 3), datetime(2026, 4, 2)  # noqa: DTZ001 - naive UTC
Cell = tuple[str, str]
Statement = tuple[str, str, str, bool]
"""Customer, purpose, channel, and what is said."""

statements = st.lists(
    st.tuples(st.sampled_from("XY"), st.sampled_from(PURPOSES), st.sampled_from(CHANNELS), st.booleans()), max_size=8
)


def settle(care: Care) -> dict[str, dict[Cell, tuple[bool, str]]]:
    """Return customer -> (purpose, channel) -> whether it is allowed, and why."""
    settle_permissions(care.con, SETTINGS, RUN)
    found: dict[str, dict[Cell, tuple[bool, str]]] = {}
    for golden_id, *cell, allowed, reason in care.con.execute(
        "SELECT golden_id, purpose, channel, allowed, reason FROM care.permission"
    ).fetchall():
        found.setdefault(golden_id, {})[cell[0], cell[1]] = allowed, reason
    return found


def say(care: Care, customer: str, key: str, **extras: str) -> Care:
    said = [{"name": name, "value": value} for name, value in extras.items() if name != "at"]
    return care.land(customer, "campaign", key, extras=said, at=LATER)


def settle_all(care: Care, said: Sequence[Statement]) -> dict[str, dict[Cell, bool]]:
    """Return what is settled by nothing but these statements, one record each, in their order."""
    for table in ("landing.live_record", "golden.crosswalk"):
        care.con.execute(f"DELETE FROM {table}")
    for key, (customer, purpose, channel, answer) in enumerate(said):
        say(care, customer, str(key), **{f"consent_{purpose}_{channel}": "yes" if answer else "no"})
    return {
        customer: {cell: allowed for cell, (allowed, _) in cells.items()} for customer, cells in settle(care).items()
    }


def covers(statement: Statement, cell: Cell) -> bool:
    _, purpose, channel, _ = statement
    return purpose in (cell[0], ANY) and channel in (cell[1], ANY)


def by_hand(said: Sequence[Statement]) -> dict[str, dict[Cell, bool]]:
    """Return the same in Python, from the rule as it is told."""
    settled: dict[str, dict[Cell, bool]] = {}
    for customer in {one[0] for one in said}:
        for cell in [(purpose, channel) for purpose in PURPOSES for channel in CHANNELS]:
            answers = [one[3] for one in said if one[0] == customer and covers(one, cell)]
            if answers:
                settled.setdefault(customer, {})[cell] = all(answers)
    return settled


@pytest.fixture(scope="module")
def one_care(new_care: Callable[[], Care]) -> Care:
    return new_care()


@settings(max_examples=20)
@given(said=statements, refusal=st.tuples(st.just("X"), st.sampled_from(PURPOSES), st.sampled_from(CHANNELS)))
def test_the_strictest_counts_and_a_refusal_never_allows(
    one_care: Care, said: list[Statement], refusal: tuple[str, str, str]
) -> None:
    before = settle_all(one_care, said)
    assert before == by_hand(said)
    after = settle_all(one_care, [(*refusal, False), *said])
    for customer, cells in before.items():
        for cell, allowed in cells.items():
            assert after[customer][cell] <= allowed
    assert not after["X"][refusal[1], refusal[2]]


@settings(max_examples=8)
@given(said=statements, dice=st.randoms(use_true_random=False))
def test_the_order_of_what_was_said_does_not_matter(one_care: Care, said: list[Statement], dice: Any) -> None:  # noqa: ANN401
    shuffled = dice.sample(said, len(said))
    assert settle_all(one_care, said) == settle_all(one_care, shuffled)


@settings(max_examples=8)
@given(said=statements)
def test_what_was_said_follows_its_record(one_care: Care, said: list[Statement]) -> None:
    """Taken apart, each of two has what his own records say, and nothing of the other's."""
    together = settle_all(one_care, [("X", *one[1:]) for one in said])
    assert together == by_hand([("X", *one[1:]) for one in said])
    keys = [str(key) for key, one in enumerate(said) if one[0] == "Y"]
    one_care.con.execute("UPDATE golden.crosswalk SET golden_id = 'Y' WHERE source_record_id IN ?", [keys])
    apart = {customer: {cell: yes for cell, (yes, _) in cells.items()} for customer, cells in settle(one_care).items()}
    assert apart == by_hand(said)


def test_nothing_said_is_no_row(care: Care) -> None:
    care.land("X", "account", "1").land("X", "account", "2", extras=[{"name": "points", "value": "no"}])
    say(care, "X", "3", consent_marketing_email="unknown", do_not_contact="no")
    assert settle(care) == {}


WORDS = {
    True: ("Yes", "opt-in", "OPT_IN", "Oui", "sí", " erteilt ", "bestätigt", "1", "true"),
    False: ("No", "opt-out", "Unsubscribed", "widerrufen", "désabonné", "baja", "0", "FALSE"),
}


def test_yes_and_no_in_several_languages(care: Care) -> None:
    told = {True: "agreed to marketing messages by email", False: "said no to marketing messages by email"}
    for answer, words in WORDS.items():
        for word in words:
            say(care, word, f"{answer} {word}", consent_marketing_email=word)
    assert settle(care) == {
        word: {("marketing", "email"): (answer, told[answer])} for answer, words in WORDS.items() for word in words
    }


def test_no_word_is_in_two_lists() -> None:
    listed = [*YES, *NO, *SAYS_NOTHING]
    assert sorted(listed) == sorted(set(listed))


def test_what_is_not_understood_is_a_no_and_is_not_published(care: Care) -> None:
    care.land("X", "account", "1", extras=[{"name": "Consent_Marketing", "value": "ask Miriam"}])
    report = settle_permissions(care.con, SETTINGS, RUN)
    reason = settle(care)["X"]["marketing", "phone"][1]
    assert report.figures == {"customers": 1, "refusing": 1, "not_understood": 1}
    assert reason == "what is said of marketing messages by any channel is not understood, and taken for a no"


def test_what_is_said_of_all_is_said_of_each(care: Care) -> None:
    found = settle(say(care, "X", "1", do_not_contact="true"))["X"]
    assert len(found) == len(PURPOSES) * len(CHANNELS)
    assert found["service", "sms"] == (False, "said no to being contacted by any channel")


def test_the_reason_names_the_latest_refusal_and_that_there_is_a_yes(care: Care) -> None:
    no = [{"name": "consent_marketing_email", "value": "no"}]
    care.land("X", "campaign", "1", at=EARLIER, extras=no).land("X", "campaign", "2", at=LATER, extras=no)
    say(care, "X", "3", consent_any_any="yes")
    settle(care)
    rows = care.con.execute(
        'SELECT source, source_record_id, "at", reason FROM care.permission'
        " WHERE channel = 'email' AND purpose = 'marketing'"
    ).fetchall()
    reason = "said no to marketing messages by email, which counts for more than a yes elsewhere"
    assert rows == [("campaigns", "2", LATER, reason)]


def test_the_newest_version_of_a_record_is_what_it_says(care: Care) -> None:
    """The same record may take its no back: there is one live version of it."""
    say(care, "X", "1", consent_service_any="no")
    assert settle(care)["X"]["service", "chat"][0] is False
    care.con.execute("UPDATE landing.live_record SET extras = [{'name': 'consent_service_any', 'value': 'yes'}]")
    assert settle(care)["X"]["service", "chat"][0] is True


def reach(care: Care, key: str, *emails: str, phones: tuple[str, ...] = ()) -> None:
    care.con.execute(
        "INSERT INTO matching.standardised BY NAME SELECT 'campaigns' AS source, ? AS source_record_id,"
        " ?::VARCHAR[] AS emails, ?::VARCHAR[] AS phones, false AS name_from_email",
        [key, list(emails), list(phones)],
    )


def test_a_refused_mailbox_is_refused_whoever_shares_it(care: Care) -> None:
    say(care, "X", "1", consent_marketing_email="no", consent_marketing_post="no")
    say(care, "Y", "2", consent_marketing_any="yes")
    say(care, "Z", "3", consent_marketing_email="yes")
    reach(care, "1", "home@mail.example")
    reach(care, "2", "home@mail.example", "own@mail.example")
    reach(care, "3", "other@mail.example")
    found = settle(care)
    refused = (
        "somebody who is reached by the same address or number said no to marketing messages by email,"
        " which counts for more than a yes elsewhere"
    )
    assert found["Y"]["marketing", "email"] == (False, refused)
    assert found["Y"]["marketing", "post"][0]
    assert found["Z"]["marketing", "email"][0]


def test_a_placeholder_carries_no_refusal(care: Care) -> None:
    say(care, "X", "1", consent_any_sms="no")
    say(care, "Y", "2")
    for key in ("1", "2"):
        reach(care, key, phones=("2065550100",))
    assert settle(care)["Y"]["any", "sms"][0] is False
    care.con.execute("INSERT INTO matching.shared_value VALUES ('phone', '5550100', 9, 9, 'disagreement')")
    assert "Y" not in settle(care)

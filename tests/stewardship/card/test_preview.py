"""A preview says what the night then does, over small histories in which stewards decide, split and take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matching.evidence import model_in_use
from matching.foresee import foresee
from stewardship.answer import Statement, answer
from stewardship.card.preview import preview
from stewardship.store import open_store
from tests.stewardship.card.foretold import SAID, Night, nights, owners
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from stewardship.store import Store
    from stewardship.web.releases import Pinned
    from tests.pipelines.shop import Shop


@pytest.fixture
def store(stocked: Shop, tmp_path: Path) -> Store:
    """Return a log of its own, so that what is said here is not said in the shop."""
    return open_store(load_settings(stocked.workspace.settings_file), tmp_path)


def pair(stocked: Shop, *, together: bool) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return two records of one customer, or of two."""
    whose = sorted(owners(stocked).items())
    first, golden_id = next((record, owner) for record, owner in whose if record[1].startswith("M"))
    other = next(record for record, owner in whose if record != first and (owner == golden_id) == together)
    return first, other


def test_what_nothing_is_decided_of_stays(stocked: Shop, pinned: Pinned) -> None:
    """By the decisions that the release was made by, its customers come out."""
    whose = owners(stocked)
    with pinned.workings() as con:
        found = foresee(con, model_in_use(con), sorted(whose), [])
    assert set(found) == set(whose)
    customers = {(found[record], golden_id) for record, golden_id in whose.items()}
    assert len(customers) == len(set(whose.values())) == len(set(found.values()))


def test_a_merge_in_words(stocked: Shop, pinned: Pinned, store: Store) -> None:
    told = preview(pinned, store, [Statement("same", pair(stocked, together=False))])
    assert told.merges
    assert not told.parts
    assert len(told.after) == 1
    assert told.after[0].golden_id in {outcome.golden_id for outcome in told.before}
    assert "become one customer" in told.sentences[0]
    assert sum(outcome.hanging.orders for outcome in told.before) == told.after[0].hanging.orders
    assert len(told.moves) == 1
    assert store.head() == 0


def test_a_part_in_words(stocked: Shop, pinned: Pinned, store: Store) -> None:
    told = preview(pinned, store, [Statement("different", pair(stocked, together=True))])
    assert told.parts
    assert "comes apart" in told.sentences[0]
    assert [outcome.golden_id for outcome in told.after].count(None) == len(told.after) - 1


def test_nothing_to_do_is_said(stocked: Shop, pinned: Pinned, store: Store) -> None:
    told = preview(pinned, store, [Statement("same", pair(stocked, together=True))])
    assert told.sentences == ("They are one customer already, and stay so whatever is delivered.",)
    told = preview(pinned, store, [Statement("unsure", pair(stocked, together=True))])
    assert told.sentences == ("It changes nothing: the matching goes on deciding by itself.",)


def test_a_contradiction_is_told_before(stocked: Shop, pinned: Pinned, store: Store) -> None:
    both = pair(stocked, together=False)
    answer(store, None, [Statement("different", both)], SAID)
    assert preview(pinned, store, [Statement("same", both)]).problem is None
    third = next(record for record in sorted(owners(stocked)) if record not in both)
    told = preview(pinned, store, [Statement("same", (both[0], third)), Statement("same", (both[1], third))])
    assert told.problem is not None
    assert "decision 1" in told.problem
    assert (told.before, told.after, told.moves, told.sentences) == ((), (), (), ())


def test_a_record_that_is_not_there_is_waited_for(stocked: Shop, pinned: Pinned, store: Store) -> None:
    told = preview(pinned, store, [Statement("same", (pair(stocked, together=True)[0], ("billing", "unheard of")))])
    assert any("billing:unheard of is not in this release" in sentence for sentence in told.sentences)


def test_nobodys_records_leave(stocked: Shop, pinned: Pinned, store: Store) -> None:
    record, _ = pair(stocked, together=True)
    told = preview(pinned, store, [Statement("not_a_customer", (record,))])
    assert [move.kind for move in told.moves] == ["nobody"]
    assert told.moves[0].records == (record,)


def test_pins_and_placeholders_are_told(stocked: Shop, pinned: Pinned, store: Store) -> None:
    record, _ = pair(stocked, together=True)
    told = preview(pinned, store, [Statement("pin", (record,), attribute="city", value="Tacoma")])
    assert "becomes Tacoma" in told.sentences[0]
    told = preview(pinned, store, [Statement("placeholder", attribute="email", value="mo@many.example")])
    assert "mo@many.example" in told.sentences[0]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Return a night before which something was said that changes who is who."""
    (night,) = nights(tmp_path_factory.mktemp("lived"), 1, 1)
    assert night.foretold.merges or night.foretold.parts
    return night


def test_the_night_does_what_was_foretold(lived: Night) -> None:
    lived.compare(lived.foretold)


def test_a_preview_that_forgets_what_is_said_is_found(
    lived: Night, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the matching would do by itself is not what the night did."""
    assert preview(lived.pinned, store, lived.statements) == lived.foretold
    monkeypatch.setattr(
        "stewardship.card.foreseen.foresee", lambda con, model, about, _said, gone: foresee(con, model, about, [], gone)
    )
    with pytest.raises(AssertionError):
        lived.compare(preview(lived.pinned, store, lived.statements))


@pytest.mark.soak
def test_many_histories(tmp_path_factory: pytest.TempPathFactory) -> None:
    told = changed = 0
    for seed in range(40):
        for night in nights(tmp_path_factory.mktemp(f"history{seed}"), seed, 4):
            night.compare(night.foretold)
            told += 1
            changed += night.foretold.merges or night.foretold.parts
    print(f"{told} previews in 40 histories, {changed} of which changed who is who: all came true")
    assert changed > 60

"""What can be answered on a card: by key, with the statements that it would write and the words that say so.

S, D, U, H and B are about the card as it stands; P, X and the word that a record is nobody's are made of a cell or a
column that was chosen. On a blind card nothing is offered that the model would have to tell of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stewardship.answer import MOST_PAIRS, Statement
from stewardship.entry import pair_of, written
from stewardship.values import PINNED
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from stewardship.card.card import Card
    from stewardship.card.formation import Formation
    from stewardship.entry import Kind, Pair, Record

_IDENTIFIER = "identifier."


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer: the key that gives it, what its button says, its statements, and a sentence that says it in full.

    K puts the card off and has no statements.
    """

    key: str
    label: str
    statements: tuple[Statement, ...]
    sentence: str

    def document(self) -> dict[str, Any]:
        """Return the offer as JSON-ready data, without the statements, which the card itself gives again."""
        return {"key": self.key, "label": self.label, "sentence": self.sentence}


def offers(card: Card) -> tuple[Offer, ...]:
    """Return what can be answered on a card, in the order of the buttons."""
    return tuple(_offers(card))


def chosen(card: Card, key: str) -> Offer:
    """Return the offer of a key. Raises UsageError where the card has none."""
    found = {offer.key: offer for offer in offers(card)}
    if key not in found:
        raise UsageError(f"this card has no answer {key!r}: it has {', '.join(found)}")
    return found[key]


def pin(card: Card, record: Record, attribute: str, value: str, until: datetime | None = None) -> Offer:
    """Return P: that a value of a cell is to be published for the customer of its record, whatever the rules put first.

    Raises UsageError for an attribute that cannot be pinned, or a record that is not on the card.
    """
    _check_shown(card, record)
    if attribute not in PINNED:
        raise UsageError(f"{attribute.replace('_', ' ')} cannot be pinned")
    end = f" until {until:%Y-%m-%d}" if until else ""
    name = attribute.replace("_", " ")
    statement = Statement("pin", (record,), attribute=attribute, value=value, until=until)
    return Offer("P", f"Pin {name}", (statement,), f"The {name} of the customer of {written(record)} is {value}{end}.")


def placeholder(card: Card, attribute: str, value: str) -> Offer:
    """Return X: that a value of a row says nothing about anybody.

    Raises UsageError where the card has no such row.
    """
    if attribute not in {row.attribute for row in card.rows}:
        raise UsageError(f"this card says nothing of {attribute}")
    name, of, told = attribute.replace("_", " "), attribute, value
    if attribute.startswith(_IDENTIFIER):
        name = attribute.removeprefix(_IDENTIFIER)
        of, told = "identifier", f"{name}:{value}"
    statement = Statement("placeholder", attribute=of, value=told)
    return Offer(
        "X", f"{name.capitalize()} says nothing", (statement,), f"The {name} {value} says nothing about anybody."
    )


def nobody(card: Card, record: Record) -> Offer:
    """Return that a record is no customer's. Raises UsageError for a record that is not on the card."""
    _check_shown(card, record)
    return Offer("", "Not a customer", (Statement("not_a_customer", (record,)),), f"{written(record)} is nobody's.")


def _offers(card: Card) -> Iterator[Offer]:
    pairs = tuple(dict.fromkeys(pair_of(pair.left, pair.right) for pair in card.asked))
    if pairs:
        whom = _whom(card, pairs)
        yield Offer("S", "Same", _all("same", _chain(card, pairs)), f"{whom} are one customer.")
        yield Offer("D", "Different", _all("different", pairs), f"{whom} are different customers.")
        if card.queue == "a_or_b" and len(pairs) > 1:
            yield from _either(card, pairs)
        yield Offer("U", "Unsure", _all("unsure", pairs), f"Nobody can tell from this whether {whom} are one customer.")
        if not card.blind:
            yield Offer("H", "Household", _all("household", pairs), f"{whom} are different people of one household.")
    if not card.blind and (broken := _weakest(card)):
        yield break_at(broken)
    yield Offer("K", "Later", (), "It waits.")


def break_at(formation: Formation) -> Offer:
    """Return B: the customer comes apart at its bridge. Raises UsageError where it has none."""
    bridge = formation.bridge
    if bridge is None:
        raise UsageError(f"{formation.golden_id} has no bridge to break")
    records = (*bridge.left, *bridge.right)
    sides = (*(0 for _ in bridge.left), *(1 for _ in bridge.right))
    counts = f"{_records(bridge.left)} on one side, {_records(bridge.right)} on the other"
    told = f"{formation.letter} is two customers: {counts}."
    return Offer("B", "Break here", (Statement("split", records, sides),), told)


def _weakest(card: Card) -> Formation | None:
    """Return the formation with the weakest bridge that one statement can break."""
    found = [
        (formation.bridge.probability, formation.bridge.weight, formation.letter, formation)
        for formation in card.formations
        if formation.bridge and len(formation.bridge.left) * len(formation.bridge.right) <= MOST_PAIRS
    ]
    return min(found, key=lambda told: told[:3])[3] if found else None


def _either(card: Card, pairs: Sequence[Pair]) -> Iterator[Offer]:
    """Yield an offer for each of the pairs: this one is one customer, and the others are not."""
    for number, pair in enumerate(pairs, start=1):
        others = tuple(other for other in pairs if other != pair)
        statements = (*_all("same", (pair,)), *_all("different", others))
        told = f"{_whom(card, (pair,))} are one customer, and none of the others."
        yield Offer(str(number), f"Only {_whom(card, (pair,))}", statements, told)


def _all(kind: Kind, pairs: Sequence[Pair]) -> tuple[Statement, ...]:
    return tuple(Statement(kind, pair) for pair in pairs)


def _chain(card: Card, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the asked pairs, and what is needed to tie the members that they leave out to the first one."""
    whose = _whose(card)
    tied = list(pairs)
    reached = {whose[record] for pair in pairs for record in pair if record in whose}
    first = pairs[0][0]
    left_out = (member for member in card.members if member.letter not in reached and member.columns)
    tied.extend(pair_of(first, member.columns[0].record) for member in left_out)
    joined = {whose.get(record, "") for record in pairs[0]}
    for one, other in pairs[1:]:
        sides = {whose.get(one, ""), whose.get(other, "")}
        if not sides & joined:
            tied.append(pair_of(first, one))
        joined |= sides
    return tuple(dict.fromkeys(tied))


def _whom(card: Card, pairs: Sequence[Pair]) -> str:
    """Return the members that pairs are about by their letters; two records of one member by their names."""
    whose = _whose(card)
    members = sorted({whose[record] for pair in pairs for record in pair if record in whose})
    told = members if len(members) > 1 else [written(record) for pair in pairs for record in pair]
    told = list(dict.fromkeys(told))
    return " and ".join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else "".join(told)


def _whose(card: Card) -> dict[Record, str]:
    return {column.record: member.letter for member in card.members for column in member.columns}


def _check_shown(card: Card, record: Record) -> None:
    if record not in _whose(card):
        raise UsageError(f"{written(record)} is not on this card")


def _records(records: Sequence[Record]) -> str:
    return "1 record" if len(records) == 1 else f"{len(records)} records"

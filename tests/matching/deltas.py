"""Random changes of a town's standardised records from one night to the next, and nights that go wrong in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.matching.nights import DAY, Nights
from tests.matching.standardised_night import FAMILY, GIVEN, STAGES, STREETS, person, town

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from tests.matching.standardised_night import Row

    Change = Callable[["Place", random.Random], None]

NARROW = {
    "comparisons": {
        "blocking": {
            rule: {"limit": 2}
            for rule in ("email", "phone", "name", "place_given", "place_family", "street_family", "skeleton_given")
        }
    }
}
"""Blocks that are soon too large: two may share a key when the model is made, and eight afterwards."""


@dataclass
class Place:
    """A town by its records, what stewards hold of them, and how many records and decisions there ever were."""

    rows: list[Row]
    decisions: list[tuple[int, str, str, str]] = field(default_factory=list)
    minted: int = 0

    def add(self, row: Row) -> None:
        self.minted += 1
        self.rows.append(row | {"source_record_id": f"new-{self.minted:04d}"})


def newcomers(place: Place, dice: random.Random) -> None:
    """Let strangers come, some of whom say no more than a name."""
    for _ in range(dice.randint(1, 4)):
        known = {"email": f"stranger{dice.randrange(40)}@mail.example"} if dice.random() < 0.6 else {}
        place.add(person("", dice.choice(GIVEN), dice.choice(FAMILY), **known))


def said_again(place: Place, dice: random.Random) -> None:
    """Let records come that say what others say, or part of it."""
    for row in dice.sample(place.rows, min(len(place.rows), dice.randint(1, 4))):
        left_out = dice.choice(("middle", "email", "phone", "postal_code", None))
        place.add({name: value for name, value in row.items() if name not in {left_out, f"{left_out}s"}})


def corrected(place: Place, dice: random.Random) -> None:
    """Let records take over an attribute of others, or another name."""
    for number in dice.sample(range(len(place.rows)), min(len(place.rows), dice.randint(1, 5))):
        other = dice.choice(place.rows)
        change = dice.choice(
            (
                {name: other.get(name) for name in ("email", "emails")},
                {name: other.get(name) for name in ("phone", "phones")},
                {name: other.get(name) for name in ("street", "street_number")},
                {"middle": dice.choice("abcdefg")},
                {"given": other.get("given"), "nicknames": other.get("nicknames")},
                {"family": dice.choice(FAMILY)},
            )
        )
        place.rows[number] = place.rows[number] | change


def gone(place: Place, dice: random.Random) -> None:
    """Take records away."""
    for row in dice.sample(place.rows, min(len(place.rows), dice.randint(1, 6))):
        place.rows.remove(row)


def crowded(place: Place, dice: random.Random) -> None:
    """Let so many meet at one place, with one landline or under one name that a block is too large, or part again."""
    crowd = [row for row in place.rows if row.get("unit") == "crowd"]
    if crowd and dice.random() < 0.6:
        left = set(map(id, crowd[dice.randrange(len(crowd)) :]))
        place.rows = [row for row in place.rows if id(row) not in left]
        return
    family = dice.choice(FAMILY)
    known = dice.choice(({"place": f"1 {dice.choice(STREETS)}"}, {"phone": "2065550000"}, {"postal_code": "98199"}))
    for _ in range(dice.randint(4, 14)):
        given = dice.choice((*GIVEN, "ada", "ada", "ada"))
        place.add(person("", given, family, unit="crowd", middle=dice.choice("abc"), **known))


def shared(place: Place, dice: random.Random) -> None:
    """Write one e-mail address into records of strangers, so that it says nothing of anybody, or take it out again."""
    everybodys = "info@shop.example"
    having = [number for number, row in enumerate(place.rows) if row.get("email") == everybodys]
    for number in having or dice.sample(range(len(place.rows)), min(len(place.rows), 14)):
        value = None if having else everybodys
        place.rows[number] = place.rows[number] | {"email": value, "emails": [value] if value else None}


def decided(place: Place, dice: random.Random) -> None:
    """Let stewards decide of pairs of records, and take back what they decided of others."""
    place.decisions = [decision for decision in place.decisions if dice.random() < 0.7]
    for _ in range(dice.randint(1, 4)):
        number = dice.randrange(len(place.rows))
        near = place.rows[max(0, number - 4) : number + 4]
        one, other = sorted((place.rows[number]["source_record_id"], dice.choice(near)["source_record_id"]))
        if one != other:
            place.minted += 1
            place.decisions.append((place.minted, dice.choice(("same", "different", "different")), one, other))


CHANGES: tuple[Change, ...] = (newcomers, said_again, corrected, corrected, gone, gone, crowded, shared, decided)


@dataclass
class Story:
    """Nights of a town, whose records change at random; `nights` is what they came to."""

    nights: Nights
    place: Place
    dice: random.Random

    @classmethod
    def begun(cls, folder: Path, dice: random.Random, homes: int) -> Story:
        """Let the first night of a new town be published."""
        folder.mkdir(parents=True)
        rows, _ = town(homes, seed=dice.randrange(10**6))
        story = cls(Nights(folder, of_matching=NARROW), Place(rows), dice)
        story.nights.night(story.place.rows)
        return story

    def go_on(self) -> None:
        """Let one to four things change, now and then after a night that came to nothing, and a night follow."""
        for _ in range(self.dice.randint(1, 4)):
            self.dice.choice(CHANGES)(self.place, self.dice)
        fate = self.dice.choice(("quiet", "quiet", "held", "killed"))
        if fate != "quiet":
            others = self.dice.sample(self.place.rows, len(self.place.rows) * 2 // 3)
            self._decide(among=others)
            stages = STAGES if fate == "held" else STAGES[: self.dice.randrange(1, len(STAGES))]
            self.nights.night(others, publish=False, stages=stages)
        self._decide(among=self.place.rows)
        self.nights.night(self.dice.sample(self.place.rows, len(self.place.rows)), publish=False)

    def differences(self) -> list[str]:
        """Return the tables of the last night that are not what a full night gives."""
        expected, found = self.nights.anew(self.place.rows), self.nights.results()
        return [table for table, rows in expected.items() if found[table] != rows]

    def publish(self) -> None:
        """Publish the last night's result; what the night has written is there already."""
        self.nights.night(self.place.rows)

    def _decide(self, among: list[Row]) -> None:
        """Bind what was decided of records that are there."""
        live = {row["source_record_id"] for row in among}
        self.nights.con.execute("DELETE FROM matching.decision")
        for number, decision, one, other in self.place.decisions:
            state = "bound" if {one, other} <= live else "dormant"
            self.nights.con.execute(
                "INSERT INTO matching.decision VALUES (?, 0, ?, 's', ?, 's', ?, 'ann', ?, NULL, NULL, NULL, ?)",
                [number, decision, one, other, DAY, state],
            )

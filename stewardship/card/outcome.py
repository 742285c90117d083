"""What a preview tells: customers as they are and as they would be, what moves between them, and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from stewardship.card.reading import rows_by, rows_of
from stewardship.entry import VERDICTS, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from stewardship.card.hanging import Hanging
    from stewardship.entry import Entry, Record

NOTHING_BOUND = "It changes nothing: the matching goes on deciding by itself."
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """A customer as it is, or as it would be; `golden_id` is None for one that gets an id of its own.

    `came_from` are the customers whose records it has.
    """

    golden_id: str | None
    name: str | None
    records: tuple[Record, ...]
    hanging: Hanging
    came_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """What goes from one customer to another (`to` is None for one that gets an id of its own), or is nobody's then."""

    origin: str
    to: str | None
    kind: Literal["customer", "nobody"]
    records: tuple[Record, ...]
    hanging: Hanging


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of it. Where `problem` says why it cannot be said, there is nothing else.

    `before` and `after` are the customers that change, `moves` what goes where, `settled` how many pairs of customers
    that wait for a steward would not wait any more. `sentences` say all of it in words.
    """

    before: tuple[Outcome, ...] = ()
    after: tuple[Outcome, ...] = ()
    moves: tuple[Move, ...] = ()
    settled: int = 0
    sentences: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def merges(self) -> bool:
        """Whether customers become one."""
        return any(len(outcome.came_from) > 1 for outcome in self.after)

    @property
    def parts(self) -> bool:
        """Whether a customer comes apart."""
        count = Counter(origin for outcome in self.after for origin in outcome.came_from)
        return any(times > 1 for times in count.values()) or any(move.kind == "nobody" for move in self.moves)

    def document(self) -> dict[str, Any]:
        """Return the preview as JSON-ready data."""
        return asdict(self) | {"merges": self.merges, "parts": self.parts}


def sentences(preview: Preview, drafts: Sequence[Entry], unknown: Sequence[Record]) -> tuple[str, ...]:
    """Return what would come of it in words, the most important first."""
    return tuple(_sentences(preview, drafts, unknown))


def _sentences(preview: Preview, drafts: Sequence[Entry], unknown: Sequence[Record]) -> Iterator[str]:
    was = {outcome.golden_id: outcome for outcome in preview.before}
    for outcome in preview.after:
        if len(outcome.came_from) > 1:
            yield _merged(outcome, was)
    for origin, parts in _parted(preview).items():
        yield _apart(was[origin], parts)
    for move in preview.moves:
        if move.kind == "nobody":
            yield f"{_few(move.records)} would be nobody's; {move.hanging.words} would hang on no customer."
        else:
            yield f"From {move.origin} to {move.to or 'a new id'}: {_count(move.records)}, {move.hanging.words}."
    if not preview.moves:
        yield from _stays(preview, drafts)
    if preview.settled:
        which = "pair that waits" if preview.settled == 1 else "pairs that wait"
        yield f"It settles {preview.settled} {which} for a steward."
    for record in unknown:
        yield f"{written(record)} is not in this release, or nobody's: what is said of it waits until it is there."


def _merged(outcome: Outcome, was: dict[str | None, Outcome]) -> str:
    whole = [was[origin] for origin in outcome.came_from if origin in was]
    names = " and ".join(f"{one.golden_id} ({one.name or 'no name'}, {_count(one.records)})" for one in whole)
    stays = f"{outcome.golden_id} stays" if outcome.golden_id else "under a new id"
    return f"{names} become one customer of {_count(outcome.records)}; {stays}."


def _parted(preview: Preview) -> dict[str, list[Outcome]]:
    origins = Counter(origin for outcome in preview.after for origin in outcome.came_from)
    return {
        origin: [outcome for outcome in preview.after if origin in outcome.came_from]
        for origin, times in origins.items()
        if times > 1
    }


def _apart(whole: Outcome, parts: Sequence[Outcome]) -> str:
    ordered = sorted(parts, key=lambda part: (part.golden_id != whole.golden_id, -len(part.records), part.records))
    held = [[record for record in part.records if record in whole.records] for part in ordered]
    told = ", ".join(f"{_few(records)} {_as_whom(part, whole)}" for records, part in zip(held, ordered, strict=True))
    return f"{whole.golden_id} ({whole.name or 'no name'}) comes apart: {told}."


def _as_whom(part: Outcome, whole: Outcome) -> str:
    if part.golden_id == whole.golden_id:
        return "stay"
    return f"as {part.golden_id}" if part.golden_id else "as a customer of its own"


def _stays(preview: Preview, drafts: Sequence[Entry]) -> Iterator[str]:
    verdicts = {VERDICTS.get(entry.kind) for entry in drafts} - {None}
    if verdicts == {"same"} and len(preview.before) == 1:
        yield "They are one customer already, and stay so whatever is delivered."
    elif verdicts == {"different"} and preview.before:
        yield "They are different customers already, and stay so whatever is delivered."
    elif preview.before:
        yield "Nobody becomes anybody else's customer by it."


def of_value(golden: DuckDBPyConnection, entry: Entry) -> str:
    """Return what a pin or a placeholder would do, in words."""
    attribute, value = str(entry.attribute), str(entry.value)
    name = attribute.replace("_", " ")
    if entry.kind == "placeholder":
        return f"The next night weighs everybody without the {name} {value}; who is one by it alone may come apart."
    record = entry.records[0]
    golden_id = rows_of(golden, "crosswalk", ("golden_id",), [record]).get(record, {}).get("golden_id")
    if golden_id is None:
        return f"{written(record)} is not in this release, or nobody's: the pin waits until it is there."
    published = rows_by(golden, "customer", (attribute,), "golden_id", [golden_id])[0][attribute]
    until = f", until {entry.until:%Y-%m-%d}" if entry.until else ""
    if str(published) == value:
        return f"The {name} of {golden_id} is {value} already, and stays so{until}."
    return f"The {name} of {golden_id}, now {published or 'not known'}, becomes {value}{until}."


def _few(records: Sequence[Record]) -> str:
    named = [written(record) for record in records[:_MOST_NAMED]]
    more = len(records) - len(named)
    return f"{', '.join(named)} and {more} more" if more else ", ".join(named)


def _count(records: Sequence[Record]) -> str:
    return "1 record" if len(records) == 1 else f"{len(records)} records"

"""Writes docs/measuring-stewards.md: what was simulated, the table, and what it comes to."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from benchmarks.stewards.orders import NEAREST, ORDERS, OURS
from benchmarks.stewards.simulate import AT, MISTAKES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.stewards.plot import Measured
    from benchmarks.stewards.simulate import Point

TARGET = 1.5
"""So many times the errors that the nearest pairs remove are to be removed by our queue."""
_LINE = 118

_INTRO = """\
# What a steward's decisions mend

Simulated stewards work on sets whose truth is known, in four orders, and what is wrong with the release is counted
after {at} decisions. `python -m benchmarks.stewards` remakes this page and its picture. How the queue
orders is told in [The review queue](review-queue.md).

![F1 and wrong pairs of records against decisions, by order](images/stewards.svg)
"""

_METHOD = """\
## Why pairs of records do little, and the list of customers much

What is close to the threshold as a pair of records is for the most part not in question: other records hold the two
together, or apart. Of the 300 nearest pairs of `customers_small`, 295 were right as published, of the 96 pairs of
customers 40. A right answer to what is right changes nothing, and {mistakes:.0%} of mistakes do harm: a mistaken
`different` parts a whole customer.

The list of customers, the likeliest first, asks where a right answer most often changes something, and by wrong pairs
alone it is hard to beat. It cannot ask about customers who are wrongly one, and it ends sooner. Our queue asks about
both, and weighs orders, spend and open cases too; a wrong pair counts in it as a quarter of an order.

## What it does to price mistakes

Our queue asks nothing of which the matching is surer than stewards are: there an answer is expected to cost more than
it brings (see [The review queue](review-queue.md#what-comes-first)). On `customers_small`, with the figures of two
other ways that were tried:

| | decisions | wrong pairs removed | misplaced records | orders among them |
| --- | ---: | ---: | ---: | ---: |
| asking everything, by expected harm | 187 | 437 | 32 | 10 |
| the first 100 of it | 100 | 418 | 33 | 12 |
| leaving out what costs more than it brings, by harm less cost | 125 | 428 | 31 | 9 |
| the first 100 of it | 100 | 365 | 40 | 15 |
| leaving out what costs more than it brings, by expected harm: as it is | 152 | 427 | 33 | 11 |
| the first 100 of it | 100 | 406 | 34 | 13 |

A fifth of the decisions is saved, and what is left is nearly the same. To order by what is left after the cost saves
more, but asks later about doubtful merges of large customers, and is behind for most of the way. The set
`customers_hard` was not simulated again: its figures are of asking everything.

## How it is done

* A set's first release is published untouched, as in [Accuracy](accuracy.md). Each order starts from a copy of it.
* The steward answers `same` or `different` by the truth, and {mistakes:.0%} of the questions wrongly, the same ones in
  every order. Every question counts as one decision, also where one key answers a whole item. What contradicts earlier
  answers is refused, and counts all the same.
* At each point the decisions are published by the job `decisions`, as `joinedup review publish` does, and the next
  questions are taken from the new release.
* *Our queue* asks the items of `review.item` by their priority, the questions of each in their order. *Nearest records*
  asks the compared pairs of records whose log odds are nearest to what merging takes, whether they were merged or not,
  as most tools do; *nearest customers*, the pairs of customers that were left apart, the likeliest first, as
  `joinedup review list` does; *at random*, pairs of records whose probability lies between `review_at` and `merge_at`.
* A **wrong pair** is a pair of records that is in one customer and of two persons (a false merge), or apart and of one
  (a false split); both count alike. A record is **misplaced** where it is not in the customer that has most of its
  person's records, or in one that is mostly another person's; orders among them are counted apart: they are what hangs
  on it.
* Where an order runs out of questions its line ends, and the last release stands.
"""


def document(measured: Measured) -> str:
    """Return the page."""
    at = ", ".join(map(str, AT[:-1])) + f" and {AT[-1]}"
    parts = [_INTRO.format(at=at), *(_set(*told) for told in measured.items()), _METHOD.format(mistakes=MISTAKES)]
    return "\n".join(parts)


def _set(name: str, lines: Mapping[str, Sequence[Point]]) -> str:
    heading = (
        "| order | decisions | F1 | precision | recall | false merges | false splits | wrong pairs | removed |"
        " misplaced records | orders |\n| --- " + "| ---: " * 10 + "|"
    )
    rows = [row for order, points in lines.items() for row in _rows(order, points)]
    return "\n".join([f"## {name}", "", fill(_sentence(lines), _LINE), "", heading, *rows, ""])


def _rows(order: str, points: Sequence[Point]) -> Iterator[str]:
    start = points[0]
    for point in points:
        removed = start.wrong_pairs - point.wrong_pairs
        yield (
            f"| {order} | {point.decisions} | {point.f1:.4f} | {point.precision:.4f} | {point.recall:.4f}"
            f" | {point.false_merges:,} | {point.false_splits:,} | {point.wrong_pairs:,} | {removed:,}"
            f" | {point.misplaced:,} | {point.misplaced_orders:,} |"
        )


def removed(points: Sequence[Point]) -> int:
    """Return how many wrong pairs fewer there are at the end."""
    return points[0].wrong_pairs - points[-1].wrong_pairs


def _sentence(lines: Mapping[str, Sequence[Point]]) -> str:
    """Say how often the errors are removed that the nearest pairs remove, and whether that is what was aimed at."""
    if OURS not in lines:
        return "Our queue was left out."
    ours = lines[OURS]
    done, start = removed(ours), ours[0].wrong_pairs
    told = [f"After {ours[-1].decisions} decisions in our order {_gone(done)} of {start:,} wrong pairs are gone."]
    for order in (order for order in NEAREST if order in lines):
        points = lines[order]
        other = removed(points)
        sentence = f"After {points[-1].decisions} of the {order} {_gone(other)}"
        if other > 0:
            short = "" if done >= TARGET * other else f", short of the {TARGET} times that were aimed at"
            sentence += f": we remove {done / other:.1f} times as many{short}"
        told.append(f"{sentence}.")
    told += [f"The order *{order}* was left out." for order in ORDERS if order not in lines]
    return " ".join(told)


def _gone(count: int) -> str:
    return f"{count:,}" if count >= 0 else f"none, and {-count:,} more were made"

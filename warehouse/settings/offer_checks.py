"""Checks of the offers: names that are told apart, and conditions that can be met."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from warehouse.settings.messages import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.settings.offers import OfferRule, OfferSettings

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def check_offers(offers: tuple[OfferSettings, ...]) -> Iterator[Mistake]:
    """Yield the mistakes that the types cannot tell, with paths in the whole file."""
    seen: dict[str, int] = {}
    for index, offer in enumerate(offers):
        if not _NAME.fullmatch(offer.name):
            problem = f"'{offer.name}' is no name for an offer; allowed: letters, digits, _ and -, a letter first"
            yield Mistake(("offers", index, "name"), problem)
        first = seen.setdefault(offer.name.lower(), index)
        if first != index:
            yield Mistake(
                ("offers", index, "name"), f"offers[{first}] is called '{offer.name}' too: rename one of them"
            )
        yield from _check_rule(offer.rule, index)


def _check_rule(rule: OfferRule, index: int) -> Iterator[Mistake]:
    place = ("offers", index, "for")
    if not rule.bought and not rule.fits:
        for name in ("bought_within", "bought_before", "not_bought_since"):
            if name in rule.model_fields_set:
                yield Mistake(
                    (*place, name), "which purchase is meant? say so with bought or fits, or take the key out"
                )
    if (rule.bought_before or timedelta()) >= (rule.bought_within or timedelta.max):
        problem = "no purchase is that old and within bought_within; allowed: less than bought_within"
        yield Mistake((*place, "bought_before"), problem)

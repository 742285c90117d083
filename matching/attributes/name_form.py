"""What a name looks like before and after it is standardised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from matching.attributes.name_tokens import Token, family_key, text_of
from matching.attributes.name_words import CLEAN_SUFFIXES

if TYPE_CHECKING:
    from matching.attributes.dropped import Dropped


class RawName(NamedTuple):
    """The name fields of one record as delivered."""

    full_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    name_suffix: str | None = None
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """A standardised name.

    `given`, `middle` and `family` are comparison forms: one letter for an initial, `middle` in full where it was.
    The `clean_` ones are fit to publish. `organisation` is what a person's field held where that was no person.
    `order_certain` tells that the field itself said which part is the family name.
    """

    given: str | None = None
    middle: str | None = None
    family: str | None = None
    suffix: str | None = None
    clean_given: str | None = None
    clean_middle: str | None = None
    clean_family: str | None = None
    organisation: str | None = None
    order_certain: bool = False
    dropped: tuple[Dropped, ...] = ()

    @property
    def clean_suffix(self) -> str | None:
        """The suffix as published."""
        return CLEAN_SUFFIXES[self.suffix] if self.suffix else None


def name_of(
    given: list[Token],
    middle: list[Token],
    family: list[Token],
    suffix: str | None = None,
    *,
    order_certain: bool = False,
    family_field: bool = False,
) -> Name:
    """Return the name made of these words; given names after the first go before the middle names.

    `family_field` says that `family` comes from a field of its own.
    """
    middle = given[1:] + middle
    given = given[:1]
    return Name(
        given=given[0].key if given else None,
        middle=" ".join(token.key for token in middle) or None,
        family=family_key(family, field_of_its_own=order_certain or family_field) or None,
        suffix=suffix,
        clean_given=text_of(given),
        clean_middle=text_of(middle),
        clean_family=text_of(family),
        order_certain=order_certain,
    )

"""What `offers:` in joinedup.yaml may say: what customers may be offered, and to whom it fits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from warehouse.settings.durations import Duration  # noqa: TC001 - pydantic reads annotations while running
from warehouse.settings.expressions import Flag, Frozen, as_tuple

Article = Annotated[str, Field(min_length=1)]
Articles = Annotated[tuple[Article, ...], BeforeValidator(as_tuple, json_schema_input_type=str | tuple[Article, ...])]
"""A sku, or several; * stands for any characters and ? for one."""
Level = Literal["none", "new", "regular", "expert"]
Levels = Annotated[tuple[Level, ...], BeforeValidator(as_tuple, json_schema_input_type=Level | tuple[Level, ...])]
Channel = Literal["any", "chat", "email", "phone", "post", "sms"]


class Fit(Frozen):
    """What goes with what somebody owns."""

    owns: Articles = Field(min_length=1)
    """What somebody has bought and kept."""
    then: Articles = Field(min_length=1)
    """What fits it."""


class OfferRule(Frozen):
    """Whom an offer fits: all that is said must hold."""

    bought: Articles = ()
    """Has bought one of these and not sent it back."""
    fits: tuple[Fit, ...] = ()
    """Owns what one of these entries names."""
    bought_within: Duration | None = None
    """That purchase is no longer ago than this."""
    bought_before: Duration | None = None
    """That purchase is at least so long ago."""
    not_bought_since: Articles = ()
    """Has bought none of these with that purchase or since."""
    not_bought: Articles = ()
    """Has none of these."""
    not_returned: Articles = ()
    """Has never sent one of these back."""
    experience: Levels = ()
    """Knows us so well."""


class OfferSettings(Frozen):
    """One offer."""

    name: str
    """What it is called in the table `offer`."""
    say: str = Field(min_length=1)
    """What an agent or a mailing says."""
    by: Channel = "any"
    """The channel it is made by: whoever refuses marketing by it does not get it."""
    needs_consent: Flag = False
    """Whether only those get it who have agreed to marketing by that channel."""
    rule: OfferRule = Field(default=OfferRule(), alias="for")
    """Whom it fits."""

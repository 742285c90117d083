"""What `signals:` in joinedup.yaml may say: which signals are raised, how soon, and how urgent they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from warehouse.settings.durations import Duration  # noqa: TC001 - pydantic reads annotations while running
from warehouse.settings.expressions import Flag, Frozen

Severity = Literal["info", "notice", "warning", "urgent"]

SIGNALS: dict[str, tuple[str, ...]] = {
    "open_complaint": ("within",),
    "known_issue": (),
    "order_late": ("after",),
    "duplicate_charge": ("within",),
    "unanswered_message": ("after", "within"),
    "deadline_near": ("within",),
    "overdue_invoice": ("after",),
    "asked_again": ("within", "at_least"),
    "passed_around": ("within", "at_least"),
    "told_us_already": ("within",),
    "silent_after_complaint": ("within", "at_least"),
    "going_quiet": ("within", "at_least"),
    "first_order": ("within",),
    "possible_move": ("within",),
}
"""Each signal, and what may be set of it besides its severity."""


class SignalSettings(Frozen):
    """Changes to one signal."""

    off: Flag = False
    """Whether it is raised at all."""
    severity: Severity | None = None
    """How soon somebody should know."""
    after: Duration | None = None
    """How long after what it waits for it is raised."""
    within: Duration | None = None
    """How far it looks: back, or for a deadline ahead."""
    at_least: int | None = Field(default=None, strict=True, ge=1)
    """From how many on it is raised."""


def _off(value: object) -> object:
    return {"off": True} if value == "off" or value is False else value


SignalChange = Annotated[SignalSettings, BeforeValidator(_off, json_schema_input_type=SignalSettings | Literal["off"])]
"""Changes to one signal, or the word off."""

"""The signals, in the order of their urgency: RULES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customer360.signals import (
    asked_again,
    deadline_near,
    duplicate_charge,
    first_order,
    going_quiet,
    known_issue,
    open_complaint,
    order_late,
    overdue_invoice,
    passed_around,
    possible_move,
    silent_after_complaint,
    told_us_already,
    unanswered_message,
)

if TYPE_CHECKING:
    from customer360.signals.rule import Rule

RULES: tuple[Rule, ...] = (
    open_complaint,
    known_issue,
    order_late,
    duplicate_charge,
    unanswered_message,
    asked_again,
    deadline_near,
    overdue_invoice,
    passed_around,
    silent_after_complaint,
    told_us_already,
    going_quiet,
    first_order,
    possible_move,
)

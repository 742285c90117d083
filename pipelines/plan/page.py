"""The plan as a page: one HTML file that somebody reads, prints and signs; it shows personal values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.pages import render_page
from pipelines.plan import words, words_of_entry
from pipelines.words import counted

if TYPE_CHECKING:
    from pipelines.plan.document import Plan

SHOWN = 200
"""Groups of customers that the page lists."""
PARTIES = 12
"""Customers of one group that it shows."""


def plan_page(plan: Plan) -> str:
    """Return the plan's page."""
    return render_page(
        "plan.html",
        plan=plan,
        words=words,
        words_of_entry=words_of_entry,
        counted=counted,
        shown=SHOWN,
        parties=PARTIES,
    )

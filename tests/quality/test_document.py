from __future__ import annotations

from typing import TYPE_CHECKING

from quality.document import GROUPS, checks_page
from quality.suites import SUITES

if TYPE_CHECKING:
    from pathlib import Path


def test_the_committed_page_is_what_the_suites_say(checkout: Path) -> None:
    page = (checkout / "docs" / "checks.md").read_text(encoding="utf-8")
    assert page == checks_page(), "renew it: python -m quality.document > docs/checks.md"


def test_every_group_and_every_table_that_is_checked_is_on_the_page() -> None:
    page = checks_page()
    assert {suite.group for suite in SUITES} == set(GROUPS)
    assert all(f"| `{suite.table}` |" in page for suite in SUITES)

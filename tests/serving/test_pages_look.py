"""Every page, light and dark, wide and narrow: nothing that axe finds, nothing that the content policy refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serving.site import page_faults, violations

if TYPE_CHECKING:
    from tests.serving.site import Site

PAGES = ("/account", "/account/users", "/nowhere")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody(browsing: Site, path: str, *, dark: bool) -> None:
    with browsing.browser_of("zoe", dark=dark) as page:
        page.goto(browsing.url(path))
        assert violations(page) == []
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
        assert page_faults(page) == []

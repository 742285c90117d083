from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serving.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running site over a small shop, one for the tests of a module."""
    with Site(tmp_path_factory.mktemp("site")).running() as found:
        yield found


@pytest.fixture(scope="module")
def browsing(site: Site) -> Iterator[Site]:
    """Return the site with a browser at hand."""
    with site.browser():
        yield site

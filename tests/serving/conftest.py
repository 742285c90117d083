from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.serving.site import Site, shop_with_cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small shop after its first night, to copy and not to work in."""
    shop = shop_with_cases(tmp_path_factory.mktemp("published") / "shop")
    shop.night(checks=False)
    return shop.path


@pytest.fixture(scope="module")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running site over a small shop, one for the tests of a module."""
    path = tmp_path_factory.mktemp("site")
    shutil.copytree(published, path / "shop", symlinks=True)
    with Site(path).running() as found:
        yield found


@pytest.fixture(scope="module")
def browsing(site: Site) -> Iterator[Site]:
    """Return the site with a browser at hand."""
    with site.browser():
        yield site

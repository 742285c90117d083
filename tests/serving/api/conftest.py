from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.serving.api.asking import asking
from tests.serving.api.made_release import made_workspace, make_release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving.api.asking import Api


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Return the API over a release made by hand, with a row in every table."""
    workspace = made_workspace(tmp_path_factory.mktemp("made") / "shop")
    make_release(workspace, "r1")
    with asking(workspace) as found:
        yield found

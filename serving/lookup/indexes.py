"""The index of the release that is current.

indexes = Indexes(releases, settings)
index = indexes.current()              # None before the first release
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.lookup.following import Following
from serving.lookup.index import Index

if TYPE_CHECKING:
    from stewardship.web.releases import Releases
    from warehouse.settings import Settings


class Indexes(Following[Index]):
    """The index in use, and the one in the making."""

    def __init__(self, releases: Releases, settings: Settings) -> None:
        super().__init__(releases, lambda pinned: Index.of(pinned, settings.country))

"""Finding customers by anything: an index in memory of one release, and the one that follows `current`."""

from __future__ import annotations

from serving.lookup.index import Found, Hit, Index
from serving.lookup.indexes import Indexes
from serving.lookup.matchers import Matchers

__all__ = ["Found", "Hit", "Index", "Indexes", "Matchers"]

"""What single records are matched against: the current release's, in memory; made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.lookup import Lookup, model_in_use
from serving.lookup.following import Following

if TYPE_CHECKING:
    from stewardship.web.releases import Pinned, Releases
    from warehouse.settings import Settings


_PATIENCE = 5.0
"""So many seconds a request waits for the first one: a small release is there by then."""


class Matchers(Following[Lookup]):
    """The look-up in use, and the one in the making."""

    def __init__(self, releases: Releases, settings: Settings) -> None:
        super().__init__(releases, lambda pinned: make_lookup(pinned, settings), _PATIENCE)


def make_lookup(pinned: Pinned, settings: Settings) -> Lookup:
    """Load a release. Raises Refused where it keeps no workings, or another version of this program has matched it."""
    with pinned.workings() as workings, pinned.golden() as golden:
        return Lookup.of(workings, golden, model_in_use(workings), settings, pinned.manifest.as_of.date())

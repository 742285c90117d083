"""What a night may be asked for: an ordinary one, a replay, one that binds decisions, a plan, and carrying one out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from warehouse.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.selection import Selection
    from warehouse.run import Run


class NotAsPlanned(Refused):
    """A night has come to something else than the plan that it was to carry out; nothing was published."""


@dataclass(frozen=True, slots=True)
class NightOptions:
    """What a night may be asked for: times are aware; `threads` are DuckDB's."""

    as_of: datetime | None = None
    full: bool = False
    retrain: bool = False
    threads: int = 2
    replay: Selection | None = None
    """What to read again of the quarantine, in a night that reads no export."""
    read_exports: bool = True
    """Whether the sources' files are read; where not, the base's records stand, and its as_of unless one is given."""
    plan: bool = False
    """Whether the night stops before it publishes, and leaves a plan of what it would have done."""
    must_give: str | None = None
    """The release_hash that the candidate must have to be published: that of the plan which is applied."""
    settled_as_of: datetime | None = None
    """Where a night that was given no as_of is to stand all the same: where that of the plan stood."""


def command_of(options: NightOptions) -> str:
    """Return what somebody who finds the workspace busy is told of this night."""
    if options.plan:
        return "joinedup plan"
    if options.must_give:
        return "joinedup apply"
    if options.replay:
        return "joinedup quarantine replay"
    return "joinedup run" if options.read_exports else "the job decisions"


def standing(run: Run, options: NightOptions) -> Run:
    """Return the run with the time at which it is to stand, where that follows from an earlier night.

    Raises Refused where what stewards decided is to be published before anything was.
    """
    if options.settled_as_of:
        run = replace(run, settled_as_of=options.settled_as_of.astimezone(UTC).replace(tzinfo=None))
    if options.read_exports or options.replay:
        return run
    if run.base is None:
        message = "nothing is published yet, so no decision can be bound: run `joinedup run` first"
        raise Refused(message)
    return replace(run, given_as_of=run.given_as_of or run.base.as_of)

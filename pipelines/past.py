"""What `--as-of` means: which kept release answers, or which moment of the log where that release is gone."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from golden.past import Moment, moment_of_release, moment_of_time
from pipelines.commands.options import parse_moment
from warehouse.errors import Refused, UsageError
from warehouse.read import open_release
from warehouse.release.listing import list_releases
from warehouse.release.pointer import release_ids, release_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warehouse.read import Release
    from warehouse.workspace import Workspace

_THE_DAY = timedelta(days=1, microseconds=-1)
"""What a date without a time includes."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@contextmanager
def open_as_of(place: Workspace, as_of: str | None) -> Iterator[tuple[Release, Moment | None]]:
    """Open the current release, or the one that `as_of` names: by its id, or as the last one as of that time.

    Where that release was removed, the newest one is opened with the moment in its log at which the other was
    published. Raises Refused where there never was such a release, UsageError for what is neither id nor time.
    """
    if as_of is None or (release_number(as_of) is not None and as_of in release_ids(place)):
        with open_release(place, as_of) as pinned:
            yield pinned, None
        return
    release_id, moment = _wanted(place, as_of)
    with open_release(place, release_id) as pinned:
        yield pinned, moment


def _wanted(place: Workspace, as_of: str) -> tuple[str, Moment | None]:
    existing = release_ids(place)
    if not existing:
        return as_of, None  # opening it says what to do first
    number, newest = release_number(as_of), release_number(existing[-1]) or 0
    if number is not None:
        if number > newest:
            message = f"no release {as_of}: the newest is {existing[-1]}; `joinedup release list` shows which there are"
            raise Refused(message)
        with open_release(place, existing[-1]) as log:
            return existing[-1], moment_of_release(log.con, as_of)
    if as_of.startswith("r") and as_of[1:].isdecimal():
        message = f"--as-of {as_of!r} is no release: write it as r12"
        raise UsageError(message)
    until = parse_moment(as_of) + (_THE_DAY if _DATE.fullmatch(as_of) else timedelta())
    kept = _last_kept(place, until)
    with open_release(place, existing[-1]) as log:
        gone = moment_of_time(log.con, until.astimezone(UTC).replace(tzinfo=None))
    if gone is not None and gone.release_id not in existing and _number(gone.release_id) > _number(kept):
        return existing[-1], gone
    if kept is None:
        message = f"no release is as of {as_of} or earlier; `joinedup release list` shows which there are"
        raise Refused(message)
    return kept, None


def _last_kept(place: Workspace, until: datetime) -> str | None:
    for entry in list_releases(place):
        if "damaged" not in entry and datetime.fromisoformat(entry["as_of"]) <= until:
            return str(entry["release_id"])
    return None


def _number(release_id: str | None) -> int:
    return (release_number(release_id) or 0) if release_id else 0

"""Slow guessing: after some failed sign-ins a name, and an address, has to wait, longer each time.

READS and WRITES: `account_attempt`. Keeps this: a try is counted before its password is looked at, so any number at
once are as slow as one after the other; a name that nobody has waits as one that somebody has. A try that has to wait
is not counted.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stewardship.accounts.tables import ATTEMPT
from warehouse.errors import Refused


@dataclass(frozen=True, slots=True)
class _Patience:
    """How many failures are free, how long the longest wait is, and after which time without one all are forgotten."""

    free: int
    longest: timedelta
    forgotten: timedelta


_NAME = _Patience(3, timedelta(minutes=15), timedelta(days=1))
_ADDRESS = _Patience(4, timedelta(minutes=1), timedelta(minutes=15))
_IPV6_NETWORK = 64
"""Bits of an IPv6 address that its owner cannot choose."""


_TWO_MINUTES = 120
"""Seconds: from so many on a wait is told in minutes."""


class TooManyAttempts(Refused):
    """Too many sign-ins have failed: wait for `seconds`, and try again."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        wait = f"{seconds} second{'s' * (seconds > 1)}" if seconds < _TWO_MINUTES else f"{-(-seconds // 60)} minutes"
        super().__init__(f"too many sign-ins have failed: try again in {wait}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that is tried: hashes of its name and its address, so that no table lists what people mistyped."""

    name: str
    address: str

    def parts(self) -> tuple[tuple[str, _Patience], ...]:
        """Return the two with how patient we are with each."""
        return (self.name, _NAME), (self.address, _ADDRESS)


def attempt_of(folded: str, address: str) -> Attempt:
    """Return the attempt at a name from an address; of an IPv6 address its network counts."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        network = address
    else:
        plain = getattr(found, "ipv4_mapped", None) or found
        bits = _IPV6_NETWORK if isinstance(plain, ipaddress.IPv6Address) else plain.max_prefixlen
        network = str(ipaddress.ip_network((plain, bits), strict=False))
    return Attempt(_hash(f"name {folded}"), _hash(f"address {network}"))


def check(con: sa.Connection, attempt: Attempt, now: datetime) -> None:
    """Raise TooManyAttempts where the name or the address has to wait."""
    waits = [row.wait_until for row in _rows(con, attempt).values() if row.wait_until and row.wait_until > now]
    if waits:
        raise TooManyAttempts(-int(-(max(waits) - now).total_seconds() // 1))


def count(con: sa.Connection, attempt: Attempt, now: datetime) -> None:
    """Count the attempt as one that failed, until `forgive` says that it did not. Raises TooManyAttempts."""
    con.execute(ATTEMPT.delete().where(ATTEMPT.c.last_at < now - _NAME.forgotten))
    check(con, attempt, now)
    found = _rows(con, attempt)
    for subject, patience in attempt.parts():
        row = found.get(subject)
        failures = 1 + (row.failures if row and row.last_at >= now - patience.forgotten else 0)
        values = {"failures": failures, "last_at": now, "wait_until": _wait_until(failures, patience, now)}
        if row:
            con.execute(ATTEMPT.update().where(ATTEMPT.c.subject == subject).values(values))
        else:
            con.execute(ATTEMPT.insert().values(subject=subject, **values))


def forgive(con: sa.Connection, attempt: Attempt) -> None:
    """Forget the failures of a name that has signed in, and of its address this very attempt.

    An address is not forgiven more: who has one account might go on guessing at others.
    """
    con.execute(ATTEMPT.delete().where(ATTEMPT.c.subject == attempt.name))
    row = _rows(con, attempt).get(attempt.address)
    if row is None:
        return
    values: dict[str, object] = {"failures": max(0, row.failures - 1)}
    if row.failures - 1 < _ADDRESS.free:
        values["wait_until"] = None
    con.execute(ATTEMPT.update().where(ATTEMPT.c.subject == attempt.address).values(values))


def _wait_until(failures: int, patience: _Patience, now: datetime) -> datetime | None:
    over = failures - patience.free
    if over < 0:
        return None
    return now + min(patience.longest, timedelta(seconds=2 ** min(over, 30)))


def _rows(con: sa.Connection, attempt: Attempt) -> dict[str, sa.Row[tuple[str, int, datetime, datetime | None]]]:
    subjects = [attempt.name, attempt.address]
    return {row.subject: row for row in con.execute(sa.select(ATTEMPT).where(ATTEMPT.c.subject.in_(subjects)))}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()

"""What `joinedup users` and `joinedup token` print: lists of users and tokens, and how the audit chain stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import counted, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = dict[str, Any]

_HASH = 12


def users_page(users: Sequence[Row]) -> str:
    """Return the list of users."""
    if not users:
        return "No user yet: `joinedup serve` prints a link that makes the first admin."
    heading = ("name", "role", "state", "last signed in", "added")
    return "\n".join(table([heading, *(_user(user) for user in users)], indent=""))


def tokens_page(tokens: Sequence[Row]) -> str:
    """Return the list of tokens."""
    if not tokens:
        return "No token yet: `joinedup token create NAME ROLE` makes one."
    heading = ("name", "role", "state", "last used", "created", "by")
    return "\n".join(table([heading, *(_token(token) for token in tokens)], indent=""))


def audit_page(found: Row) -> str:
    """Return how the audit chain stands."""
    lines = ["The audit chain is empty."]
    if found["rows"]:
        lines = [f"The audit chain holds: {counted(found['rows'], 'row')}, to {found['head'][:_HASH]}…"]
    inside = [release for release, row in found["releases"].items() if row is not None]
    without = [release for release, row in found["releases"].items() if row is None]
    if inside:
        lines.append(f"  What it was when {_named(inside)} made is in it.")
    if without:
        lines.append(f"  {', '.join(without)}: from before there was a chain.")
    if found["decisions"]:
        said = "is as it was written" if found["decisions"] == 1 else "are as they were written"
        lines.append(f"  {counted(found['decisions'], 'entry', 'entries')} of the stewards' log {said}.")
    if found["erased"]:
        lines.append(f"  Of {found['erased']:,} of them it cannot say the words: their salts were erased.")
    if found["earlier"]:
        lines.append(f"  {found['earlier']:,} further ones are from before there was a chain.")
    if found["last"]:
        heading = ("row", "at", "who", "did", "about")
        lines += ["", *table([heading, *(_act(act) for act in found["last"])], indent="")]
    return "\n".join(lines)


def _named(releases: Sequence[str]) -> str:
    return f"{releases[0]} was" if len(releases) == 1 else f"{releases[0]} to {releases[-1]} were"


def _user(user: Row) -> tuple[str, ...]:
    state = "disabled" if user["disabled_at"] else "" if user["password_at"] else "no password"
    return user["name"], user["role"], state or "active", _day(user["signed_in_at"]), _day(user["created_at"])


def _token(token: Row) -> tuple[str, ...]:
    state = "revoked" if token["revoked_at"] else "active"
    used, created = _day(token["used_at"]), _day(token["created_at"])
    return token["name"], token["role"], state, used, created, token["created_by"]


def _act(act: Row) -> tuple[str, ...]:
    about = ", ".join(f"{name} {value}" for name, value in act["about"].items() if value is not None)
    return str(act["id"]), act["at"][:19].replace("T", " "), act["actor"], act["action"], about


def _day(at: str | None) -> str:
    return at[:10] if at else "never"

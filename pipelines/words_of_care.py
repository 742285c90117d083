"""What `joinedup show` tells of a customer besides who it is: what to know, what was told us, permissions, offers."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pipelines.words import LINE, counted, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from customer360.view import CustomerView

    Row = dict[str, Any]

_LEAST_INDENT = 2
_TOLD = {"new": "new", "no_longer": "no longer", "forwarded": "passed on by somebody else:"}


def care_lines(view: CustomerView) -> list[str]:
    """Return the profile, and what may be said to the customer and offered."""
    return [*_profile_lines(view.profile), *_permission_lines(view.permissions), *_offer_lines(view.offers)]


def knowing_lines(view: CustomerView) -> list[str]:
    """Return what to know before speaking with the customer; nothing where there is nothing."""
    lines: list[str] = []
    if view.signals:
        lines += ["", f"What to know, {counted(len(view.signals), 'signal')}"]
        for row in view.signals:
            name = str(row["signal"]).replace("_", " ")
            since = f", since {_day(row['since'])}" if row["since"] else ""
            lines += [f"  {row['severity']}: {name}{since}", *_wrapped(row["evidence"], indent=4)]
    if view.contact_facts:
        lines += ["", "Told us"]
        for row in view.contact_facts:
            known = ", which the golden record has" if row["is_known"] else ""
            lines += _wrapped(
                f"{_day(row['at'])}: {_TOLD.get(row['told'], row['told'])} {row['attribute']} {row['value']}{known}"
            )
    return lines


def _profile_lines(profile: Row | None) -> list[str]:
    if profile is None:
        return []
    spent = ", ".join(f"{text(amount)} {currency}" for currency, amount in sorted(profile["spend"].items()))
    contacts = counted(profile["contacts"], "contact")
    if profile["last_contact_at"]:
        contacts += f", the last on {_day(profile['last_contact_at'])}"
    problems = f"{counted(profile['problems_12m'], 'problem')} in twelve months"
    if profile["last_problem_at"]:
        problems += f"; last problem on {_day(profile['last_problem_at'])}"
    known = [f"experience: {profile['experience']}"]
    if profile["satisfaction"]:
        known.append(f"satisfaction: {profile['satisfaction']}")
    if profile["preferred_channel"]:
        known.append(f"preferred channel: {profile['preferred_channel']}")
    return [
        "",
        "Profile",
        f"  {counted(profile['orders'], 'order')}, {spent or 'nothing'} spent; {contacts}",
        f"  {counted(profile['open_cases'], 'open case')}, {problems}",
        f"  {'; '.join(known)}",
        *_wrapped(
            f"may be offered something: {'yes' if profile['may_offer'] else 'no'} ({profile['may_offer_reason']})"
        ),
    ]


def _permission_lines(permissions: list[Row]) -> list[str]:
    """Return a line for everything that was said; what merely follows from it for a channel or purpose goes unsaid."""
    said = [row for row in permissions if not any(_follows(row, wider) for wider in permissions)]
    if not said:
        return []
    lines = ["", "Permissions"]
    for row in said:
        what = "everything" if row["purpose"] == "any" else row["purpose"]
        how = "any channel" if row["channel"] == "any" else row["channel"]
        since = f" on {_day(row['at'])}" if row["at"] else ""
        record = f"{row['source']}:{row['source_record_id']}"
        answer = "yes" if row["allowed"] else "no"
        lines += _wrapped(f"{answer} to {what} by {how}: {row['reason']} ({record}{since})")
    return lines


def _follows(row: Row, wider: Row) -> bool:
    """Return whether a row says no more than another one, of a wider channel or purpose, by the same record."""
    same = ("source", "source_record_id", "allowed", "reason")
    return (
        row is not wider
        and all(row[name] == wider[name] for name in same)
        and wider["channel"] in ("any", row["channel"])
        and wider["purpose"] in ("any", row["purpose"])
    )


def _offer_lines(offers: list[Row]) -> list[str]:
    if not offers:
        return []
    lines = ["", "Offers"]
    for row in offers:
        lines.append(f"  {'yes' if row['eligible'] else 'no'}: {row['offer']}")
        lines += _wrapped(row["reason"], indent=4)
    return lines


def _wrapped(told: str, *, indent: int = _LEAST_INDENT) -> Iterable[str]:
    """Return a sentence as lines of the page's width, those after the first one further in."""
    return wrap(
        told,
        LINE,
        initial_indent=" " * indent,
        subsequent_indent=" " * max(indent, 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "no date"

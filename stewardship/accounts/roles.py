"""The four roles: each may do what the ones before it may."""

from __future__ import annotations

from typing import Literal, get_args

from warehouse.errors import UsageError

Role = Literal["reader", "agent", "steward", "admin"]

ROLES: tuple[Role, ...] = get_args(Role)
"""From who may do least to who may do all."""


def allows(role: str, needed: str) -> bool:
    """Return whether somebody with this role may do what needs that one; nobody may with a role that is none."""
    return role in ROLES and needed in ROLES and ROLES.index(role) >= ROLES.index(needed)


def as_role(text: str) -> Role:
    """Return the role of that name. Raises UsageError for any other text."""
    if text not in ROLES:
        message = f"{text!r} is no role: it is one of {', '.join(ROLES)}"
        raise UsageError(message)
    return text

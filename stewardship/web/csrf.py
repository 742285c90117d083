"""The token that a form of ours carries, so that no other site's form is taken for one.

It belongs to the secret in the visitor's cookie, the session's or, before anybody has signed in, that of the visit: a
keyed hash of it, which tells nothing about it, and lasts exactly as long.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD = "csrf"
"""The hidden field of a form that holds the token."""
HEADER = "x-csrf-token"
"""The header that holds it in requests of htmx."""
_USE = b"joinedup: the token of this visitor's forms"
_SECRET = re.compile(r"[A-Za-z0-9_.~+/=-]{16,200}")


def session_cookie(*, secure: bool) -> str:
    """Return the name of the cookie of who is signed in; over https browsers then hold it to this very host."""
    return "__Host-joinedup_session" if secure else "joinedup_session"


def visit_cookie(*, secure: bool) -> str:
    """Return the name of the cookie of a visitor who has not signed in yet."""
    return "__Host-joinedup_visit" if secure else "joinedup_visit"


def new_secret() -> str:
    """Return a secret for a visit's cookie."""
    return secrets.token_urlsafe(32)


def secret_of(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """Return what the visitor's token is made from, None where they have no cookie of ours."""
    for name in (session_cookie(secure=secure), visit_cookie(secure=secure)):
        if (found := cookies.get(name)) is not None and _SECRET.fullmatch(found):
            return found
    return None


def token_of(secret: str) -> str:
    """Return the token that belongs to a cookie's secret."""
    return hmac.new(secret.encode(), _USE, hashlib.sha256).hexdigest()


def is_token(given: str | None, secret: str | None) -> bool:
    """Say whether this is the token of that secret."""
    if not given or not secret or not given.isascii():
        return False
    return hmac.compare_digest(given, token_of(secret))

"""Secrets that let somebody in: made here, handed out once, and kept as their sha256 alone."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """Return a secret that nobody can guess, of letters, digits, - and _."""
    return f"{prefix}{secrets.token_urlsafe(_BYTES)}"


def sealed(secret: str) -> str:
    """Return what is kept of a secret; it has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()

"""Secrets in joinedup.yaml: `${ENV_VAR}` stands in the settings as it is, and is replaced only where it is used.

So no secret is in a settings object, its repr, a hash, a log or a manifest. What is shown of a URL goes through
`mask_url`, and what a driver says about one through `scrub`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from warehouse.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
MASK = "***"
_LEAST_SECRET = 3
"""Shorter texts are no secrets, and would be found everywhere."""
_AUTHORITY = re.compile(r"(?<=://)[^/?#]*")
# A password that holds a / is no valid URL, but must not be shown for that.
_PASSWORD = re.compile(r"(?<=://)(?P<before>[^:/?#@]*:)(?P<value>[^/?#]*|.*)(?=@)")
_TELLTALE = "password|passwd|pwd|passphrase|secret|token|key|sig|credential"
_PARAMETER = re.compile(rf"(?P<before>[?&;][^=&;#]*(?:{_TELLTALE})[^=&;#]*=)(?P<value>[^&;#\s]+)", re.IGNORECASE)


def missing_secrets(text: str) -> tuple[str, ...]:
    """Return the names of the environment variables that the text asks for and that are not set."""
    return tuple(name for name in SECRET.findall(text) if name not in os.environ)


def reveal(text: str) -> str:
    """Return the text with each `${ENV_VAR}` replaced by what the environment holds.

    Call it at the last moment, and keep the result out of messages. Raises SettingsError for a variable not set.
    """
    for name in missing_secrets(text):
        raise SettingsError(f"the environment variable {name} is not set: set it, then run again")
    return SECRET.sub(lambda found: os.environ[found[1]], text)


def reveal_url(url: str) -> str:
    """Return the URL with its secrets put in; those in its user name and password may hold any character.

    Raises SettingsError for a variable not set.
    """
    found = _AUTHORITY.search(url)
    user, at, place = found[0].rpartition("@") if found else ("", "", "")
    if found is None or not at:
        return reveal(url)
    for name in missing_secrets(user):
        reveal(f"${{{name}}}")
    quoted = SECRET.sub(lambda secret: quote(os.environ[secret[1]], safe=""), user)
    return f"{reveal(url[: found.start()])}{quoted}@{reveal(place)}{reveal(url[found.end() :])}"


def mask_url(url: str) -> str:
    """Return the URL as it may be shown: without a password or key that stands in it; `${ENV_VAR}` stays as it is."""
    return _PARAMETER.sub(_masked, _PASSWORD.sub(_masked, url))


def scrub(text: str, *settings: str) -> str:
    """Return a text of others, such as a driver's message, without the secrets that these settings hold.

    What the environment gave is named `${ENV_VAR}` again, what stood in a setting itself becomes `***`.
    """
    shown: dict[str, str] = {}
    for setting in settings:
        given = {name: os.environ.get(name, "") for name in SECRET.findall(setting)}
        shown |= {found["value"]: MASK for url in (setting, *given.values()) for found in _passwords(url)}
        shown |= {value: f"${{{name}}}" for name, value in given.items()}
    shown |= {form: mask for value, mask in shown.items() for form in (quote(value, safe=""), unquote(value))}
    for value in sorted(shown, key=len, reverse=True):
        if len(value) >= _LEAST_SECRET:
            text = text.replace(value, shown[value])
    return text


def _passwords(url: str) -> Iterator[re.Match[str]]:
    for pattern in (_PASSWORD, _PARAMETER):
        yield from (found for found in pattern.finditer(url) if not SECRET.search(found["value"]))


def _masked(found: re.Match[str]) -> str:
    return found[0] if SECRET.fullmatch(found["value"]) or not found["value"] else f"{found['before']}{MASK}"

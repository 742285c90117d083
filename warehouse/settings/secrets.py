"""Secrets in joinedup.yaml: `${ENV_VAR}` stands in the settings as it is, and is replaced only where it is used.

So no secret is in a settings object, its repr, a hash, a log or a manifest.
"""

from __future__ import annotations

import os
import re

from warehouse.errors import SettingsError

SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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

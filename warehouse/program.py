"""Which program resolves: two of one version give the same customers for the same records, decisions and model.

A night builds on the base's matching only where the same program has made it; the manifest tells.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

RESOLUTION = "resolution"
"""The name of this version among the manifest's."""

_ROOM = Path(__file__).parent.parent / "matching"
_LIBRARIES = ("duckdb", "splink", "numpy", "pyarrow", "scipy")
_DIGITS = 12


@cache
def resolution_version() -> str:
    """Return a hash of the files of the room `matching` and of the versions of the libraries that it computes with.

    Hashing the text spares a number that somebody would forget to raise; the price is a full night after any change.
    """
    digest = hashlib.sha256()
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\x1e".encode())
    for path in sorted(path for path in _ROOM.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(f"{path.relative_to(_ROOM).as_posix()}\x1f".encode() + path.read_bytes() + b"\x1e")
    return digest.hexdigest()[:_DIGITS]

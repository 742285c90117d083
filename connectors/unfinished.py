"""Names that files have only until they are whole, and names of files that are no delivery at all.

Keeps: a file is left out by its name only where `files` in joinedup.yaml does not ask for that very name.
"""

from __future__ import annotations

UNDER_WAY = (
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".tmp",
    ".temp",
    ".upload",
    ".uploading",
    ".inprogress",
    ".incomplete",
    "._copying_",
)
"""What transfer programs put behind a file's name until they have written the last byte of it."""
_NOBODYS = (".", "~$")
_BACKUP = ("~", ".swp")


def is_under_way(name: str, pattern: str) -> bool:
    """Say whether a file that `pattern` matched is still being written, by its name."""
    asked = _last(pattern).lower()
    return any(_last(name).lower().endswith(end) and not asked.endswith(end) for end in UNDER_WAY)


def is_no_delivery(name: str, pattern: str) -> bool:
    """Say whether a file that `pattern` matched was left by a program for itself: a lock, a backup, a hidden file."""
    last, asked = _last(name), _last(pattern)
    before = any(last.startswith(begin) and not asked.startswith(begin) for begin in _NOBODYS)
    return before or any(last.endswith(end) and not asked.endswith(end) for end in _BACKUP)


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]

"""Everything that can go wrong for a user, as one tree; each class carries its exit code.

    JoinedupError                       1  a defect of ours unless a subclass says otherwise
    ├── UsageError                      2  the command line is wrong
    │   └── SettingsError               2  joinedup.yaml is wrong; names file, line and key
    ├── GateHeld                        3  the gate held the candidate; the last release stays
    ├── SourceError                     4  a source could not be read; the last release stays
    ├── SurroundingsError               5  disk full, a store out of reach
    │   └── ReleaseDamaged              5  a published release does not verify
    ├── Refused                         6  a stale plan, a contradicting decision, no such record
    └── WorkspaceBusy                  75  another run holds the workspace

A message is one line: what, where (file, line, key), what was found, what is allowed, what to do next.
"""

from __future__ import annotations

from typing import ClassVar


class JoinedupError(Exception):
    """The root of every error that joinedup raises on purpose."""

    exit_code: ClassVar[int] = 1

    @property
    def message(self) -> str:
        """The error in one line, without line breaks whatever its parts held."""
        return " ".join(str(self).split())


class UsageError(JoinedupError):
    """The command line is wrong: correct the arguments and call again."""

    exit_code = 2


class SettingsError(UsageError):
    """joinedup.yaml is wrong: correct the named line and run again.

    `file`, `line` (1-based, None when unknown) and `key` (dotted path) locate the culprit, `problem` says what is
    wrong with it. `others` are the further mistakes in the same configuration, each an error of its own.
    """

    others: tuple[SettingsError, ...] = ()

    def __init__(self, problem: str, *, file: str = "joinedup.yaml", line: int | None = None, key: str = "") -> None:
        self.problem, self.file, self.line, self.key = problem, file, line, key
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {key}: {problem}" if key else f"{place}: {problem}")


class GateHeld(JoinedupError):
    """The gate held the candidate: read the reasons, mend the cause or approve, and run again."""

    exit_code = 3

    def __init__(self, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__("the gate held the candidate: " + "; ".join(reasons))


class SourceError(JoinedupError):
    """A source could not be read: ask for the export again, or mend its mapping; nothing was changed."""

    exit_code = 4

    def __init__(self, source: str, problem: str) -> None:
        self.source = source
        super().__init__(f"source {source}: {problem}")


class SurroundingsError(JoinedupError):
    """The surroundings failed (disk, memory, a store): mend them and run again; nothing was changed."""

    exit_code = 5


class ReleaseDamaged(SurroundingsError):
    """A published release is missing files or does not match its manifest."""


class Refused(JoinedupError):
    """What was asked for cannot be done to what is there: no such record, a stale plan, a contradiction."""

    exit_code = 6


class WorkspaceBusy(JoinedupError):
    """Another run holds the workspace: wait for it; it is named in the message."""

    exit_code = 75

"""One source while it is looked at: its sample, its columns, and what is proposed so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.propose.evidence import Evidence
    from connectors.propose.proposal import ProposedSource
    from connectors.propose.sample import Sample


@dataclass(slots=True)
class LookedAt:
    """A source's files and rows.

    `key` are the columns of its key, `keys` the hashes of its values and `key_texts` some
    of these, `texts` the columns of subject and body.
    """

    proposed: ProposedSource
    paths: tuple[Path, ...]
    sample: Sample
    evidences: list[Evidence] = field(default_factory=list)
    key: tuple[str, ...] = ()
    keys: frozenset[int] = frozenset()
    key_texts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

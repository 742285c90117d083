"""Whether a proposal holds: each source's first rows go through it, as `joinedup check` sends them.

READS the files. WRITES a scratch folder. Keeps: what does not hold says so beside its source, and what would keep the
rest from running is written as a comment.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.preview import preview
from connectors.propose.proposal import Proposal
from connectors.propose.yaml_text import yaml_text
from warehouse.errors import SettingsError, SourceError
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from warehouse.settings import Settings

_LOOKED_AT = 1_000
_WORTH_SAYING = 0.05


def verify(proposal: Proposal, workspace: Path) -> str:
    """Return the proposal's text, once every source that cannot be read so is out of it, with the reason."""
    for source in proposal.sources:
        if source.broken:
            continue
        alone = Proposal(proposal.timezone, proposal.country, [source.without_links()])
        try:
            seen = preview(_settings_of(alone), workspace, source.name, _LOOKED_AT)
        except (SettingsError, SourceError) as error:
            source.problems.append(error.problem if isinstance(error, SettingsError) else error.message)
            source.broken = True
            continue
        reasons = Counter(f"{bad['reason']}: {_where(str(bad['detail']))}" for bad in seen.quarantined)
        if seen.rows and sum(reasons.values()) >= _WORTH_SAYING * seen.rows:
            reason, count = reasons.most_common(1)[0]
            source.problems.append(f"{count:,} of the first {seen.rows:,} records would be quarantined, {reason}")
    broken = {source.name for source in proposal.sources if source.broken}
    for source in proposal.sources:
        if not source.broken and broken:
            source.drop_links(broken)
    return yaml_text(proposal)


def _settings_of(proposal: Proposal) -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "joinedup.yaml"
        path.write_text(yaml_text(proposal), encoding="utf-8")
        return load_settings(path)


def _where(detail: str) -> str:
    """Return where a quarantined row's fault lies, without the value that was found."""
    return detail.partition(": found")[0]

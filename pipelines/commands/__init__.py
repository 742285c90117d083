"""The verbs of `joinedup`, a module per subject; these tuples are their registry."""

from __future__ import annotations

from pipelines.commands import dagster_ui, demo, look, model, quarantine, release, run, workspace

COMMANDS = (
    ("init", workspace.init),
    ("check", workspace.check),
    ("demo", demo.demo),
    ("run", run.run),
    ("show", look.show),
    ("explain", look.explain),
    ("evaluate", look.evaluate),
    ("dagster", dagster_ui.dagster),
    ("schema", workspace.schema),
)
GROUPS = (("release", release.app), ("model", model.app), ("quarantine", quarantine.app))

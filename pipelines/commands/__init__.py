"""The verbs of `joinedup`, a module per subject; these tuples are their registry."""

from __future__ import annotations

from pipelines.commands import (
    dagster_ui,
    decisions,
    demo,
    look,
    measure,
    model,
    plan,
    quarantine,
    release,
    review,
    run,
    serve,
    token,
    users,
    workspace,
)

COMMANDS = (
    ("init", workspace.init),
    ("check", workspace.check),
    ("demo", demo.demo),
    ("run", run.run),
    ("plan", plan.plan),
    ("apply", plan.apply),
    ("show", look.show),
    ("explain", look.explain),
    ("evaluate", look.evaluate),
    ("serve", serve.serve),
    ("dagster", dagster_ui.dagster),
    ("schema", workspace.schema),
)
review.app.command("publish")(decisions.publish)
review.app.command("measure")(measure.measure)
GROUPS = (
    ("release", release.app),
    ("model", model.app),
    ("quarantine", quarantine.app),
    ("review", review.app),
    ("users", users.app),
    ("token", token.app),
)

# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Look at your matching
#
# Your model, your thresholds, your errors, your blocking: of the current release of a workspace. Open this file in
# Jupyter (`pip install jupyterlab jupytext`, then *Open With → Notebook*), VS Code or PyCharm, and run it from the top.
# It reads a release and writes nothing. What it shows are personal data: keep the output where they may be.
#
# * `JOINEDUP_HOME` names the workspace; without it, it is the `demo/` that `make demo` has made.
# * `JOINEDUP_TRUTH` names labelled truth, a CSV or Parquet file with `source, source_record_id, person_id`; without it,
#   a `truth.csv` in the workspace is taken. Without any, the sections say what can be said without labels.

# %%
import os
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from matching.evaluate import evaluate
from matching.evidence import model_in_use
from matching.explain import explain
from warehouse.read import open_release

demos = [path for path in (Path("demo"), Path("../demo")) if path.exists()]
workspace = Path(os.environ.get("JOINEDUP_HOME") or (demos or [Path()])[0])
truth = Path(os.environ.get("JOINEDUP_TRUTH") or workspace / "truth.csv")

opened = ExitStack()
release = opened.enter_context(open_release(workspace))
workings = opened.enter_context(release.workings())
model = model_in_use(workings)
evaluation = evaluate(workings, truth) if truth.exists() else None
print(f"{release.release_id} of {workspace.resolve().name}, model {model.version}")
print(f"held against {truth}" if evaluation else f"no truth at {truth}: what follows does without")

FOR, AGAINST = "#7fc8a0", "#e0938c"


def with_bars(table, columns, **more):
    """Show a table with bars in these columns, to the right for positive figures and to the left for negative ones."""
    styled = table.style.bar(subset=columns, color=[AGAINST, FOR], **({"align": 0} | more))
    return styled.format(precision=3, escape="html").hide(axis="index")


# %% [markdown]
# ## Your model
#
# A pair of records shows one level of each comparison. A level weighs by how much likelier it is for one person than
# for two people at random (`bits`), and than for two people of one household (`bits in a household`): what relatives
# share, like an address, says little about who of them it was. Where a level says that two values are equal, the bits
# are those of an average value; a rare one weighs more, a common one less.

# %%
levels = pd.DataFrame(
    {
        "comparison": comparison.name,
        "level": level.words or level.name,
        "bits": np.log2(match / random),
        "bits in a household": np.log2(match / household),
        "of one person": match,
        "of a household": household,
        "at random": random,
    }
    for comparison in model.definitions.comparisons
    for level in comparison.levels
    for match, household, random in [model.parameters[comparison.name][level.name]]
)
with_bars(levels, ["bits", "bits in a household"])

# %% [markdown]
# What the pairs of this release show. A level that likely matches show about as often as the other compared pairs tells
# the two apart but little here, whatever it weighs; a comparison that hardly ever says anything lacks data.

# %%
gammas = workings.execute("SELECT gammas, match_probability >= 0.5 AS likely FROM matching.pair").df()
shown = np.stack(gammas["gammas"].to_numpy()) if len(gammas) else np.empty((0, len(model.definitions.comparisons)))
likely = gammas["likely"].to_numpy(dtype=bool)
in_use = pd.DataFrame(
    {
        "comparison": comparison.name,
        "level": level.words or level.name,
        "of likely matches": (shown[likely, place] == gamma).mean() if likely.any() else 0.0,
        "of other pairs": (shown[~likely, place] == gamma).mean() if (~likely).any() else 0.0,
    }
    for place, comparison in enumerate(model.definitions.comparisons)
    for gamma, level in zip(range(len(comparison.levels) - 1, -1, -1), comparison.levels, strict=True)
)
with_bars(in_use, ["of likely matches", "of other pairs"], vmin=0, vmax=1)

# %% [markdown]
# ## Your thresholds
#
# Customers merge from the posterior `merge_at` on; from `review_at` to there a steward is asked. With truth: what other
# values of `merge_at` would have made of the same pairs. Take the strictest one that you can afford: a false merge
# shows one customer another one's life, a customer split in two is a nuisance.

# %%
print(f"merge_at {model.merge_at:g}, review_at {model.review_at:g}")
tried = pd.DataFrame([at.document() for at in evaluation.thresholds] if evaluation else [])
shares = ["precision", "recall", "f1"]
(
    with_bars(tried[["merge_at", *shares, "customers", "is_tonights"]], shares, align="left")
    if len(tried)
    else "Without truth there is no precision or recall to show."
)

# %% [markdown]
# How sure the night was of its customers: per customer, the posterior of the weakest merge that formed it. What stands
# just above `merge_at` is where a false merge would be.

# %%
edges = [0, model.review_at, model.merge_at, 0.9, 0.95, 0.98, 0.99, 0.999, 1]
edges = sorted({edge for edge in edges if edge in (0, 1) or edge >= model.review_at})
cohesion = workings.execute("SELECT cohesion, records FROM matching.cluster_tie WHERE distinct_records > 1").df()
band = pd.cut(cohesion["cohesion"], edges, include_lowest=True)
merged = cohesion.groupby(band, observed=False)["records"].agg(["count", "sum"]).reset_index()
merged = merged.set_axis(["weakest merge", "customers", "records"], axis="columns")
merged["weakest merge"] = merged["weakest merge"].astype(str)
with_bars(merged[merged["customers"] > 0], ["customers"])

# %% [markdown]
# The pairs of customers that were left apart though not clearly two, by their posterior: what a steward would look at.

# %%
possible = release.table("possible_match").df()
steps = np.linspace(model.review_at, model.merge_at, 6).round(3)
held = pd.cut(possible["match_probability"], steps, include_lowest=True).value_counts(sort=False).reset_index()
held = held.set_axis(["posterior", "pairs of customers"], axis="columns")
held["posterior"] = held["posterior"].astype(str)
with_bars(held, ["pairs of customers"])

# %% [markdown]
# ## Your errors
#
# With truth: which kinds of mistakes there are, those that cost most pairs first, each with an example that
# `joinedup explain` would explain.

# %%
errors = pd.DataFrame(
    {
        "mistake": mistake,
        "what they have in common": found.words,
        "cases": found.cases,
        "pairs": found.pairs,
        "example": " and ".join(found.examples[0]),
    }
    for mistake, classes in (
        ("people who share a customer", evaluation.false_merges if evaluation else ()),
        ("people split over customers", evaluation.missed if evaluation else ()),
    )
    for found in classes
)
with_bars(errors, ["pairs"]) if len(errors) else "No mistake is known."

# %% [markdown]
# One of them in words: of the dearest false merge, or else of the dearest split, or without truth of the customer that
# hangs together least.

# %%
WEAKEST = """
    SELECT min(source || ':' || source_record_id), max(source || ':' || source_record_id)
    FROM matching.cluster JOIN matching.cluster_tie USING (cluster_id) WHERE distinct_records > 1
    GROUP BY cluster_id, cohesion ORDER BY cohesion, cluster_id LIMIT 1
"""
known = [*evaluation.false_merges, *evaluation.missed] if evaluation else []
example = known[0].examples[0] if known else next(iter(workings.execute(WEAKEST).fetchall()), None)
if example:
    one, other = (tuple(record.split(":", 1)) for record in example)
    print("\n".join(explain(workings, one, other).words()))

# %% [markdown]
# Without truth, too: the customers that hang together least, and those with most records. Look here for false merges.

# %%
customers = release.table("customer").df()
about = ["golden_id", "full_name", "email", "phone", "record_count", "cohesion"]
several = customers[customers["record_count"] > 1]
looked_at = pd.concat(
    [
        several.nsmallest(8, "cohesion").assign(among="the weakest"),
        several.nlargest(8, "record_count").assign(among="the largest"),
    ],
    ignore_index=True,
)
with_bars(looked_at[["among", *about]], ["cohesion"])

# %% [markdown]
# ## Your blocking
#
# Only pairs that share a key are compared. What a rule finds alone would never have met without it: a rule that costs
# much and finds little alone can go, one with many keys left out needs a better second key.

# %%
rules = workings.execute("SELECT * FROM matching.blocking_rule ORDER BY position").df().drop(columns="position")
met = evaluation.blocking.met if evaluation else None
if met:
    rules["true pairs"] = [rule.found for rule in met.rules]
    rules["true pairs only it"] = [rule.alone for rule in met.rules]
with_bars(rules, [name for name in ("pairs", "matches_alone", "true pairs only it") if name in rules])

# %%
if met:
    print(f"Of {evaluation.blocking.true} true pairs of distinct records, {met.pairs} meet by some rule;")
    print(f"{met.over_budget} only share keys that too many carry.")
    print(f"The most that any decision could still find: recall {met.ceiling.recall:.4f}.")
else:
    print("What blocking loses can only be told with truth.")

# %%
opened.close()

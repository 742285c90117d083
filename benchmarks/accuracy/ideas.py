"""The ideas that the ablation leaves out, one at a time: each by keys of joinedup.yaml, or by patching the program.

A patch lives here and not in the program: nobody needs these switches but who asks what an idea brings. A patch that
finds nothing to patch raises `NothingToLeaveOut`, and the table says so.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.blocking import BLOCKING_RULES
from matching.comparisons import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOM = "matching"
NEVER_HOUSEHOLD = -1000.0
"""The weight of the household class, in bits, where there is none."""


class NothingToLeaveOut(Exception):
    """The program has no longer what a patch was made for."""


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea: its name, what it is in words, and how it is left out, by `settings` under `matching` or a `patch`."""

    name: str
    words: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    patch: Callable[[], None] | None = None


def ideas() -> tuple[Idea, ...]:
    """Return all ideas: those patched, the sparse blocking rules, and every comparison but the names."""
    sparse = {rule.name: "off" for rule in BLOCKING_RULES if getattr(rule, "sparse_only", False)}
    blocking = (
        [Idea("sparse_rules", "blocking rules for records that say little", {"blocking": sparse})] if sparse else []
    )
    comparisons = [
        Idea(f"comparison_{each.name}", f"the comparison {each.name}", {each.name: "off"})
        for each in COMPARISONS
        if each.name not in {"given", "family"}
    ]
    return (*PATCHED, *blocking, *comparisons)


def find_idea(name: str) -> Idea:
    """Return the idea of that name. Raises KeyError."""
    return {idea.name: idea for idea in ideas()}[name]


def put(module: str, name: str, value: object) -> None:
    """Set `module.name`, which must be there, and every copy of it that a module of matching has imported."""
    home = importlib.import_module(module)
    if not hasattr(home, name):
        raise NothingToLeaveOut(f"{module} has no {name}")
    before = getattr(home, name)
    for each in [home, *(loaded for key, loaded in list(sys.modules.items()) if key.startswith(f"{ROOM}."))]:
        if getattr(each, name, None) is before:
            setattr(each, name, value)


def put_text(module: str, name: str, before: str, after: str) -> None:
    """Replace `before` by `after` in the SQL `module.name`."""
    text = getattr(importlib.import_module(module), name, "")
    if before not in text:
        raise NothingToLeaveOut(f"{module}.{name} does not say {before!r}")
    put(module, name, text.replace(before, after))


def after_stage(stage: str, *statements: str) -> None:
    """Let the night execute `statements` after the stage."""
    stages: Any = importlib.import_module("pipelines.stages")

    def changed(entry: Any) -> Any:  # noqa: ANN401 - the registry's own entries
        def run(con: Any, settings: Any, run: Any) -> Any:  # noqa: ANN401 - a stage, passed on
            report = entry.run(con, settings, run)
            for statement in statements:
                con.execute(statement)
            return report

        return replace(entry, run=run)

    if stage not in {entry.name for entry in stages.STAGES}:
        raise NothingToLeaveOut(f"there is no stage {stage}")
    stages.STAGES = tuple(changed(entry) if entry.name == stage else entry for entry in stages.STAGES)


def _no_household() -> None:
    weights = importlib.import_module("matching.weights")
    evidence = weights.pair_evidence

    def without(*given: Any) -> Any:  # noqa: ANN401 - the arguments are passed on
        match, household = evidence(*given)
        return match, np.full_like(household, NEVER_HOUSEHOLD)

    put("matching.weights", "pair_evidence", without)
    put("matching.weights", "combine", lambda match, _: match)


def _no_entities() -> None:
    entities = importlib.import_module("matching.entities")
    resolution = entities.Resolution

    def components(entity_pass: Any, threshold: float, equal: Any) -> Any:  # noqa: ANN401 - stands in for a method
        strong = np.flatnonzero(entity_pass.weight >= threshold)
        left = np.concatenate([equal[0], entity_pass.left[strong]])
        right = np.concatenate([equal[1], entity_pass.right[strong]])
        weight = np.concatenate([equal[2], entity_pass.weight[strong]])
        nodes = len(entity_pass.weakest)
        graph = coo_array((np.ones(len(left)), (left, right)), shape=(nodes, nodes))
        _, component = connected_components(graph, directed=False)
        least = np.full(nodes, nodes)
        np.minimum.at(least, component, np.arange(nodes))
        entity = least[component]
        weakest = np.full(nodes, np.inf)
        np.minimum.at(weakest, entity[left], weight)
        nothing = np.empty(0, np.int64)
        said = {
            "entity": entity,
            "weakest": weakest,
            "left": nothing,
            "right": nothing,
            "weight": np.empty(0),
            "rounds": 1,
            "merges": ((left, right, weight),),
        }
        return resolution(**{each.name: said[each.name] for each in fields(resolution)})

    entities.EntityPass.run = components


def _no_crowd() -> None:
    resolve = importlib.import_module("matching.resolve")
    counted = resolve.tuples_and_crowds

    def alone(*given: Any) -> Any:  # noqa: ANN401 - the arguments are passed on
        tuples, crowd = counted(*given)
        return tuples, np.zeros_like(crowd)

    put("matching.resolve", "tuples_and_crowds", alone)


def _no_learning() -> None:
    put("matching.train", "_refined", lambda comparison, _, start, *__: dict(start[comparison.name]))


def _no_common_names() -> None:
    plain = "SELECT *, false AS given_is_common, false AS family_is_common FROM {}"
    put("matching.common_names", "marked_sql", plain.format)


def _no_roots() -> None:
    put("matching.common_names", "rooted_sql", "SELECT *, given AS given_root, family AS family_root FROM {}".format)


PATCHED = (
    Idea("household_class", "a third class: two people of one household", patch=_no_household),
    Idea("entities", "entities against entities, instead of connected components", patch=_no_entities),
    Idea(
        "hardening",
        "a conflict of names or birth dates counting the more, the better both are supported",
        patch=lambda: put(
            "matching.entities", "CONFLICTS", dict.fromkeys(importlib.import_module("matching.entities").CONFLICTS, ())
        ),
    ),
    Idea(
        "seen_often",
        "that nothing agrees counting more, where both were seen often",
        patch=lambda: put("matching.entities", "SEEN_OFTEN", ((1 << 40, 1.0),)),
    ),
    Idea("learning", "shares of the levels learned from the set itself", patch=_no_learning),
    Idea(
        "shared_values",
        "placeholders and shared contact points found by the disagreement of those they join",
        patch=lambda: after_stage("find_shared", "DELETE FROM matching.shared_value"),
    ),
    Idea(
        "signatures",
        "names, telephones and addresses in the signatures of mails",
        patch=lambda: after_stage(
            "settle",
            "UPDATE landing.live_record SET signature_name = NULL, signature_phones = NULL, signature_addresses = NULL",
        ),
    ),
    Idea(
        "names_from_email",
        "names read out of e-mail addresses",
        patch=lambda: put("matching.assemble", "name_from_email", lambda *_: None),
    ),
    Idea(
        "answers",
        "answers of the staff taking over what the mail they answer says (a mailbox of several people needs it)",
        patch=lambda: put("matching.assemble", "_INHERIT_SQL", "SELECT 1"),
    ),
    Idea(
        "nicknames",
        "nicknames and other forms of given names",
        patch=lambda: put("matching.attributes.nickname", "canonical_names", lambda given: (given,)),
    ),
    Idea("common_names", "two common names that look alike being two names", patch=_no_common_names),
    Idea("roots", "mistyped names blocked with the common name that they are meant for", patch=_no_roots),
    Idea(
        "collapse_guard",
        "equal records that say too little staying apart",
        patch=lambda: put_text("matching.collapse", "_TUPLES_SQL", "NOT coalesce(", "false AND NOT coalesce("),
    ),
    Idea("crowds", "what a crowd of equal records that say too little costs", patch=_no_crowd),
)

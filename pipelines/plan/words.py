"""What a plan says as a whole, in sentences: the same ones on its page and in its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.plan.customers import KINDS
from pipelines.plan.words_of_entry import KINDS_TOLD, decision_told, ruling_told

if TYPE_CHECKING:
    from pipelines.plan.document import Plan

    Row = dict[str, Any]

_MADE_BECAUSE = {
    "first": "it is the first",
    "asked for": "it was asked for with --retrain",
    "settings": "what it was made for has changed: matching in joinedup.yaml, or the labels",
}


def verdict(plan: Plan) -> str:
    """Return in a sentence what would become of the night."""
    stays = f"{plan['base']['release_id']} stays" if plan["base"] else "nothing is published"
    if plan["would"] == "hold":
        return f"The gate would hold it: {stays}."
    if plan["would"] == "change nothing":
        return f"Nothing would change: {stays}."
    return f"It would be published as {plan['release_id']}."


def stands(plan: Plan) -> list[str]:
    """Return what the plan rests on, in sentences."""
    base = f"It starts from {plan['base']['release_id']}" if plan["base"] else "It is the first night"
    as_of = f" and stands at {moment(plan['as_of'])} UTC" if plan["as_of"] else ""
    told = [f"{base}{as_of}; planned on {moment(plan['planned_at'])} UTC."]
    if plan["base"] and plan["base"]["release_id"] != plan["latest_release_id"]:
        latest = plan["latest_release_id"]
        told.append(
            f"{latest} was rolled back: what is listed is the difference to {latest}, and so takes it back, too."
        )
    told += _model(plan["model"])
    if not plan["options"]["read_exports"]:
        told.append("No export was read: it binds what stewards decided since.")
    return told


def decisions_bound(plan: Plan) -> list[str]:
    """Return, a sentence each, which decisions and rulings bind now and did not, no longer do, or do otherwise."""
    told = []
    for decision in plan["decisions"]:
        state = {"dormant": ", but a record of it is not there"}.get(decision["state"], "")
        how = {"newly": "new", "no longer": "no longer bound", "otherwise": "bound otherwise"}[decision["bound"]]
        told.append(f"{how}: {decision_told(decision)}{state}")
    for ruling in plan.get("rulings", ()):
        how = {"newly": "new", "no longer": "no longer bound"}[ruling["bound"]]
        told.append(f"{how}: {ruling_told(ruling)}")
    return told


def kinds(plan: Plan) -> list[tuple[int, str, str]]:
    """Return how many groups of customers there are of each kind that occurs, with its label and meaning."""
    counts = plan["totals"]["kinds"]
    return [(counts[kind], *KINDS_TOLD[kind]) for kind in KINDS if counts[kind]]


def held_rules(plan: Plan) -> list[Row]:
    """Return the rules of the gate that hold the night."""
    return [rule for rule in plan["gate"] if rule["outcome"] == "hold"]


def other_reasons(plan: Plan) -> list[str]:
    """Return what holds the night besides the gate's own rules: checks that failed before it."""
    return [reason for reason in plan["held_by"] if not reason.startswith("gate: ")]


def moment(text: str | None) -> str:
    """Return a time of the document as people read it, in UTC."""
    return text[:16].replace("T", " ") if text else "no date"


def _model(model: Row | None) -> list[str]:
    if model is None:
        return []
    now = model["now"]
    joins = f"merges from a probability of {now['merge_at']:.4g}, review from {now['review_at']:.4g}" if now else ""
    if model["made_because"] is None:
        return [f"Model {model['version']}, that of the base: {joins}."]
    told = f"A new model, {model['version']}, because {_MADE_BECAUSE[model['made_because']]}: {joins}"
    then = model["then"]
    before = f"; before, {model['before']}: {then['merge_at']:.4g} and {then['review_at']:.4g}" if then else ""
    return [f"{told}{before}."]

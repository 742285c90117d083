"""What `model show` prints for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.words import table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = ("", "    match", "household", "   random", "   bits", "household bits", "")


def model_page(document: dict[str, Any]) -> str:
    """Return a model's document as lines: what decides, then comparison by comparison, then the blocking rules."""
    lines = [f"Model {document['model_version']} of release {document['release_id']}", ""]
    lines += table(_deciding(document))
    for comparison in document["comparisons"]:
        off = ": off" if comparison["off"] else ""
        lines += ["", f"{comparison['name']}{off}"]
        if not off:
            lines += table([_HEADING, *(_level(level) for level in comparison["levels"])])
    lines += ["", "Blocking rules"]
    lines += table((rule["name"], f"up to {rule['limit']}", _key(rule)) for rule in document["blocking_rules"])
    return "\n".join(lines)


def _deciding(document: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for name in ("prior_match", "prior_household"):
        bits = document[name]
        yield name.replace("_", " of a "), f"{bits:+.2f} bits", f"one in {2.0**-bits:,.0f} pairs"
    yield "merge at", f"{document['merge_at']:g}", "posterior of two entities"
    yield "review at", f"{document['review_at']:g}", ""
    odds = f"{document['entity_shift']:+g} {document['entity_slope']:+g} x weight"
    yield "log2 odds of entities", odds, ""


def _level(level: dict[str, Any]) -> tuple[str, ...]:
    if level["off"]:
        return level["name"], "", "", "", "", "", "off"
    notes = [f"{' and '.join(level['by_hand'])} by hand"] if level["by_hand"] else []
    if level["rarity"]:
        notes.append(f"random: the rarity of the {level['rarity'].replace('_', ' ')}")
    shares = (f"{level[name]:9.6f}" for name in ("match", "household", "random"))
    bits = f"{level['match_bits']:+7.2f}", f"{level['household_bits']:+14.2f}"
    return level["name"], *shares, *bits, "; ".join(notes)


def _key(rule: dict[str, Any]) -> str:
    each = f" for each of {rule['each']}" if rule["each"] else ""
    return f"{rule['key']}{each}, then {rule['narrower']}"

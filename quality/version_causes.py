"""Finds what changed beside the records: the model and its threshold, decisions, placeholders, mappings, the program.

Reads matching.model, matching.decision, matching.ruling, matching.shared_value, landing.delivery, landing.lineage, the
manifest of the base, and yesterday.matching.decision, yesterday.matching.ruling and yesterday.matching.shared_value.
"""

from __future__ import annotations

import json
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from quality.cause import Cause
from warehouse.errors import ReleaseDamaged
from warehouse.release.manifest import read_manifest
from warehouse.state import model_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quality.cause import Candidate

_MAPPINGS = """
    SELECT t.source FROM landing.delivery AS t
    JOIN (
        SELECT d.source, arg_min(d.mapping_hash, l.position) AS mapping_hash FROM landing.delivery AS d
        JOIN landing.lineage AS l ON l.run_id = d.run_id AND l.position >= 1 GROUP BY d.source
    ) AS b ON b.source = t.source
    WHERE t.run_id = $run AND t.outcome = 'read' AND t.mapping_hash <> b.mapping_hash ORDER BY t.source"""
_PLACEHOLDERS = "SELECT count(*) FROM ({0} EXCEPT {1})"
_CONFIGURED = "SELECT attribute, value FROM {0}.shared_value WHERE reason = 'configured'"
_DECISIONS = """
    SELECT count(DISTINCT d.decision_id) FROM matching.decision AS d
    ANTI JOIN yesterday.matching.decision AS y
        ON y.decision_id = d.decision_id AND y.place = d.place AND y.state = d.state
    WHERE d.state <> 'dormant'"""
_RULINGS = """
    SELECT count(*) FROM matching.ruling ANTI JOIN yesterday.matching.ruling USING (decision_id)
    WHERE ruling <> 'unsure'"""


def version_causes(candidate: Candidate, untouched: int, *, is_explained: bool) -> tuple[Cause, ...]:
    """Return what changed beside the records; `untouched` customers have no record that did.

    `is_explained` says that records explain the others: then nothing is said for want of a better cause.
    """
    found = [*_of_settings(candidate), *_of_steward(candidate), *_of_program(candidate)]
    unmoved = f"{untouched:,} of these customers have no record that changed"
    if found:
        beside = f" ({unmoved})" if untouched else ""
        return (Cause(found[0] + beside, affected=untouched), *(Cause(told) for told in found[1:]))
    if untouched and not is_explained:
        return (Cause(f"{unmoved}; model, settings and program are the same", affected=untouched),)
    return ()


def _of_settings(candidate: Candidate) -> Iterator[str]:
    """Tell of a new model, of other placeholders and of other mappings."""
    base = candidate.run.base
    before, now = base.model_version if base else None, model_version(candidate.con, candidate.run)
    if before and now and before != now:
        yield from _of_models(candidate, before, now)
    tonight, yesterday = (_CONFIGURED.format(schema) for schema in ("matching", "yesterday.matching"))
    for count, verb in (
        (candidate.count(_PLACEHOLDERS.format(tonight, yesterday)), "more"),
        (candidate.count(_PLACEHOLDERS.format(yesterday, tonight)), "fewer"),
    ):
        if count and candidate.count("SELECT count(*) FROM yesterday.matching.member"):
            yield f"matching.placeholders names {count:,} {verb} than it did"
    if changed := [source for (source,) in candidate.rows(_MAPPINGS)]:
        yield f"what joinedup.yaml says of {', '.join(changed)} was changed"


def _of_models(candidate: Candidate, before: str, now: str) -> Iterator[str]:
    contents = dict(
        candidate.rows(
            "SELECT model_version, content FROM matching.model WHERE model_version IN ($before, $now)",
            before=before,
            now=now,
        )
    )
    told = f"the model is another one ({now}, was {before})"
    if before in contents and now in contents:
        changed = list(_settings_between(json.loads(contents[before]), json.loads(contents[now])))
        told += f": {', '.join(changed)}" if changed else ": made anew from the records as they are"
    yield told


def _settings_between(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Tell what joinedup.yaml decides of a model and was changed between two of them."""
    for name in ("merge_at", "review_at"):
        if before.get(name) != now.get(name):
            yield f"matching.{name} was {before.get(name)}, is {now.get(name)}"
    for kind in ("comparisons", "rules"):
        old, new = ({one["name"]: one for one in content["definitions"][kind]} for content in (before, now))
        if others := sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)):
            yield f"{'blocking ' if kind == 'rules' else ''}{kind} are others ({', '.join(others)})"


def _of_steward(candidate: Candidate) -> Iterator[str]:
    if count := candidate.count(_DECISIONS) + candidate.count(_RULINGS):
        yield f"{count:,} decisions of stewards bind that did not before"


def _of_program(candidate: Candidate) -> Iterator[str]:
    """Tell of packages whose version is another than the one that made the base."""
    base = candidate.run.base
    if base is None:
        return
    with suppress(ReleaseDamaged):
        for name, before in sorted(read_manifest(base.directory).versions.items()):
            with suppress(PackageNotFoundError):
                if name != "python" and (now := version(name)) != before:
                    yield f"{name} is {now}, was {before}"

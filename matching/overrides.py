"""From `matching.comparisons` in joinedup.yaml to the comparisons and blocking rules that a model is made with.

What is off keeps its place: a level that never holds (`false`), a comparison of which nothing can ever be said (null
where `true`). So the comparisons are the shipped ones in their order, whatever joinedup.yaml says, and all that knows a
comparison by its name or place stays right.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matching.blocking import BLOCKING_RULES, MOST_RULES, SAME_ATTRIBUTES, BlockingRule
from matching.compare_persons import SUFFIX
from matching.comparison import Comparison, Level
from matching.comparisons import COMPARISONS
from matching.definitions import Definitions
from matching.shares import given_shares, hold
from matching.train import FIXED, LEAST_SHARE
from warehouse.errors import SettingsError
from warehouse.settings.messages import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matching.model import Parameters, Shares
    from warehouse.settings import Settings
    from warehouse.settings.comparing import ComparisonChange, LevelChange, RuleChange

KEY = "matching.comparisons"

NEVER, ALWAYS = "false", "true"
"""The SQL of a level that is off, and of the null of a comparison that is off."""

_NO_WEIGHT = (LEAST_SHARE, LEAST_SHARE, LEAST_SHARE)
"""Shares that speak neither for nor against anything."""

_CLASSES = ("match", "household", "random")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TOLERANCE = 1e-3


def effective_definitions(settings: Settings) -> Definitions:
    """Return the shipped comparisons and blocking rules with the changes of `matching.comparisons`.

    Raises SettingsError for a name that there is not, and for changes that contradict each other; whether their SQL can
    be computed, `check_matching` tells.
    """
    changes = settings.matching.comparisons
    shipped = [comparison.name for comparison in COMPARISONS]
    for name in changes.changed:
        if name not in shipped:
            problem = f"no such comparison; {nearest(name, (*shipped, 'blocking'))}"
            raise SettingsError(problem, key=f"{KEY}.{name}")
    comparisons = tuple(
        _compared(comparison, changes.changed[comparison.name], f"{KEY}.{comparison.name}")
        if comparison.name in changes.changed
        else comparison
        for comparison in COMPARISONS
    )
    return Definitions(comparisons, _blocked(changes.blocking))


def is_off(comparison: Comparison) -> bool:
    """Say whether the comparison was turned off."""
    return comparison.null == ALWAYS


def start_parameters(shipped: Parameters, comparisons: Sequence[Comparison]) -> dict[str, dict[str, Shares]]:
    """Return the shares that training begins with: the shipped ones, those given by hand in their places."""
    start = {}
    for comparison in comparisons:
        levels = comparison.levels[::-1]
        known = shipped[comparison.name]
        shares = np.array([known.get(level.name, _NO_WEIGHT) for level in levels])
        held = hold(comparison, shares, scaled=comparison.name not in FIXED).tolist()
        start[comparison.name] = {
            level.name: (match, household, random)
            for level, (match, household, random) in zip(comparison.levels, held[::-1], strict=True)
        }
    return start


def _compared(comparison: Comparison, change: ComparisonChange | None, key: str) -> Comparison:
    if change is None:
        return replace(comparison, null=ALWAYS, levels=tuple(_level_off(level) for level in comparison.levels))
    levels = list(comparison.levels)
    for name, of_level in change.levels.items():
        place = next((place for place, level in enumerate(levels) if level.name == name), None)
        if place is None:
            levels.insert(*_further(comparison, levels, name, of_level, f"{key}.levels.{name}"))
        else:
            levels[place] = _changed(levels[place], of_level, f"{key}.levels.{name}")
    changed = replace(comparison, levels=tuple(levels))
    _check_sums(changed, key)
    return changed


def _level_off(level: Level) -> Level:
    return replace(level, sql=NEVER if level.sql else "", frequency=None, given=_NO_WEIGHT)


def _changed(level: Level, change: LevelChange | None, key: str) -> Level:
    is_rest = not level.sql
    if change is None:
        if is_rest:
            raise SettingsError("is what remains where no other level holds: it cannot be off", key=key)
        return _level_off(level)
    if change.above is not None:
        raise SettingsError("is shipped and has its place; only a further level is `above` another", key=key)
    if is_rest and change.sql is not None:
        raise SettingsError("is what remains where no other level holds: it takes no SQL", key=key)
    return replace(
        level,
        sql=change.sql or level.sql,
        words=change.words or level.words,
        frequency=None if change.random is not None else level.frequency,
        given=(change.match, change.household, change.random),
    )


def _further(
    comparison: Comparison, levels: Sequence[Level], name: str, change: LevelChange | None, key: str
) -> tuple[int, Level]:
    """Return the place and the definition of a level that is not shipped."""
    names = [level.name for level in levels]
    if change is None or change.above is None:
        raise SettingsError(f"no such level; {nearest(name, names)}; a further level says `above` which it is", key=key)
    if change.above not in names:
        raise SettingsError(f"above: no level {change.above!r}; {nearest(change.above, names)}", key=key)
    if comparison.name == SUFFIX.name:
        raise SettingsError("suffix takes no further level: its levels are weighed one by one", key=key)
    _check_name(name, key)
    given = (change.match, change.household, change.random)
    missing = [of_class for of_class, share in zip(_CLASSES, given, strict=True) if share is None]
    if change.sql is None or missing:
        lacking = ", ".join([*(["sql"] if change.sql is None else []), *missing])
        problem = f"lacks {lacking}: nothing is known of a further level but what is said here"
        raise SettingsError(problem, key=key)
    return names.index(change.above), Level(name, change.sql, change.words or name.replace("_", " "), None, given)


def _check_name(name: str, key: str) -> None:
    if not _NAME.fullmatch(name) or name == SAME_ATTRIBUTES:
        raise SettingsError(
            f"{name!r} is no name for it; allowed: small letters, digits and _, a letter first", key=key
        )


def _check_sums(comparison: Comparison, key: str) -> None:
    """Refuse shares of one class that make more than one, or leave nothing to the levels that are not given."""
    given, by_hand = given_shares(comparison)
    for column, of_class in enumerate(_CLASSES[:2]):
        total = float(given[by_hand[:, column], column].sum())
        if total > 1 + _TOLERANCE or (total > 1 - _TOLERANCE and not by_hand[:, column].all()):
            problem = f"the shares of {of_class} given by hand add up to {total:.6g}; allowed: less than 1 together"
            raise SettingsError(problem, key=f"{key}.levels")


def _blocked(changes: Mapping[str, RuleChange | None]) -> tuple[BlockingRule, ...]:
    rules = {rule.name: rule for rule in BLOCKING_RULES}
    for name, change in changes.items():
        key = f"{KEY}.blocking.{name}"
        given = {} if change is None else change.model_dump(exclude_none=True)
        if name in rules:
            rules[name] = replace(rules[name], **given)
        elif change is None or change.key is None:
            raise SettingsError(f"no such rule; {nearest(name, rules)}; a further rule has a `key`", key=key)
        else:
            _check_name(name, key)
            rules[name] = BlockingRule(name, **given)
    kept = tuple(rule for name, rule in rules.items() if changes.get(name, rule) is not None)
    if not 0 < len(kept) <= MOST_RULES:
        problem = f"{len(kept)} blocking rules are left; allowed: from 1 to {MOST_RULES}"
        raise SettingsError(problem, key=f"{KEY}.blocking")
    return kept

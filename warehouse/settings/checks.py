"""Checks of joinedup.yaml as a whole, once each of its parts is of the right type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from warehouse.settings.messages import Mistake, nearest
from warehouse.settings.offer_checks import check_offers
from warehouse.settings.secrets import missing_secrets
from warehouse.settings.signals import SIGNALS
from warehouse.settings.source_checks import check_source
from warehouse.tables.golden import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from warehouse.settings import Settings
    from warehouse.settings.positions import KeyPath

PLACEHOLDERS = ("given_name", "family_name", "email", "phone", "identifier")
SURVIVING = ("full_name", *ATTRIBUTES, "address")
"""What `survivorship.attributes` may name, besides extra.<name>."""


def check_settings(settings: Settings, folder: Path) -> Iterator[Mistake]:
    """Yield every mistake that the types cannot tell; `folder` is the workspace."""
    yield from _check_place(settings)
    names = tuple(settings.sources)
    for name, source in settings.sources.items():
        for mistake in check_source(name, source, names):
            yield Mistake(("sources", name, *mistake.path), mistake.problem)
    yield from _check_matching(settings, folder)
    yield from check_offers(settings.offers)
    yield from _check_signals(settings)
    for attribute in settings.survivorship.attributes:
        if attribute not in SURVIVING and not attribute.startswith("extra."):
            problem = f"unknown attribute; {nearest(attribute, (*SURVIVING, 'extra.<name>'))}"
            yield Mistake(("survivorship", "attributes", attribute), problem)


def check_secrets(values: Any, path: KeyPath = ()) -> Iterator[Mistake]:  # noqa: ANN401 - whatever YAML can say
    """Yield the texts of the document that ask for an environment variable which is not set."""
    if isinstance(values, str):
        for name in missing_secrets(values):
            yield Mistake(path, f"the environment variable {name} is not set: set it, then run again")
    inner = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in inner:
        yield from check_secrets(value, (*path, key))


def _check_place(settings: Settings) -> Iterator[Mistake]:
    try:
        ZoneInfo(settings.timezone)
    except (ValueError, OSError, LookupError):
        near = nearest(settings.timezone, sorted(available_timezones())).split(" allowed: ")[0]
        guess = f" {near}" if near.startswith("did you mean") else ""
        problem = f"'{settings.timezone}' is no time zone;{guess} allowed: names such as Europe/Berlin or UTC"
        yield Mistake(("timezone",), problem)
    if settings.country not in phonenumbers.SUPPORTED_REGIONS:
        problem = f"'{settings.country}' is no country; allowed: a code of two letters, as in US, DE or NO"
        yield Mistake(("country",), problem)


def _check_signals(settings: Settings) -> Iterator[Mistake]:
    for name, change in settings.signals.items():
        if name not in SIGNALS:
            yield Mistake(("signals", name), f"unknown signal; {nearest(name, SIGNALS)}")
            continue
        allowed = ("off", "severity", *SIGNALS[name])
        for key in sorted(change.model_fields_set):
            if key not in allowed:
                yield Mistake(("signals", name, key), f"means nothing to {name}; {nearest(key, allowed)}")


def _check_matching(settings: Settings, folder: Path) -> Iterator[Mistake]:
    matching = settings.matching
    if matching.engine == "spark":
        yield Mistake(("matching", "engine"), "this version computes with duckdb, and not yet with spark")
    if isinstance(matching.review_at, float) and isinstance(matching.merge_at, float):  # noqa: SIM102 - two thoughts
        if matching.review_at > matching.merge_at:
            problem = f"{matching.review_at} is above merge_at ({matching.merge_at}); allowed: at most merge_at"
            yield Mistake(("matching", "review_at"), problem)
    for attribute in matching.placeholders:
        if attribute not in PLACEHOLDERS:
            problem = f"unknown attribute; {nearest(attribute, PLACEHOLDERS)}"
            yield Mistake(("matching", "placeholders", attribute), problem)
    if matching.labels is not None and not (folder / matching.labels).is_file():
        yield Mistake(("matching", "labels"), f"no file {matching.labels} in {folder}; write it, or take the key out")

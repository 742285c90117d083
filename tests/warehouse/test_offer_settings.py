"""Offers and consents in joinedup.yaml: what is understood, and what is wrong in one line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest
from ruamel.yaml import YAML

from tests.warehouse.written_settings import RIGHT, load, mistake
from warehouse.settings.schema import settings_schema

if TYPE_CHECKING:
    from pathlib import Path

OFFERS = """\
offers:
  - name: filters
    say: A filter for your kettle
    by: email
    needs_consent: true
    for:
      bought: KETTLE-*
      bought_within: 365d
      bought_before: 30d
      not_bought_since: [FILTER-1, "FILTER-2?"]
      experience: regular
  - name: ink
    say: Ink that fits
    for: {fits: [{owns: [PRINTER-7], then: INK-7}]}
  - {name: hello, say: Hello}
"""
LINE = len(RIGHT.splitlines()) + 1
"""The line of `offers:`."""

MISTAKES = [
    ("  - name: filters\n    say", "  - say", 1, "offers[0].name", "missing: give the offer a name"),
    ("    say: A filter for your kettle\n", "", 1, "offers[0].say", "missing: say what is offered"),
    ("say: A filter for your kettle", "say: ''", 2, "offers[0].say", "found ''; allowed: a text that is not empty"),
    ("name: ink", "name: filters", 11, "offers[1].name", "offers[0] is called 'filters' too"),
    ("name: ink", "name: ink & toner", 11, "offers[1].name", "is no name for an offer; allowed: letters"),
    ("by: email", "by: e-mail", 3, "offers[0].by", "found 'e-mail'; did you mean email? allowed: any, chat"),
    ("needs_consent: true", "needs_consent: yes", 4, "offers[0].needs_consent", "found 'yes'; allowed: true or false"),
    ("bought: KETTLE", "boght: KETTLE", 6, "offers[0].for.boght", "unknown key; did you mean bought?"),
    ("bought: KETTLE-*", "bought: ''", 6, "offers[0].for.bought", "found ''; allowed: a text that is not empty"),
    ("365d", "a year", 7, "offers[0].for.bought_within", "found 'a year'; allowed: a whole number and one of s"),
    ("30d", "366d", 8, "offers[0].for.bought_before", "no purchase is that old and within bought_within"),
    (
        "experience: regular",
        "experience: old",
        10,
        "offers[0].for.experience",
        "allowed: none, new, regular, expert",
    ),
    ("      bought: KETTLE-*\n", "", 6, "offers[0].for.bought_within", "which purchase is meant?"),
    ("then: INK-7", "then: INK-7, own: 1", 13, "offers[1].for.fits[0].own", "unknown key; did you mean owns?"),
    ("owns: [PRINTER-7], ", "", 13, "offers[1].for.fits[0].owns", "missing: this key is needed here"),
]


def test_an_offer_is_understood(tmp_path: Path) -> None:
    filters, ink, hello = load(tmp_path, RIGHT + OFFERS).offers
    assert (filters.by, filters.needs_consent, filters.rule.bought) == ("email", True, ("KETTLE-*",))
    assert (filters.rule.bought_within, filters.rule.bought_before) == (timedelta(365), timedelta(30))
    assert (filters.rule.not_bought_since, filters.rule.experience) == (("FILTER-1", "FILTER-2?"), ("regular",))
    assert (ink.rule.fits[0].owns, ink.rule.fits[0].then) == (("PRINTER-7",), ("INK-7",))
    assert (hello.by, hello.rule.bought) == ("any", ())


def test_editors_know_offers() -> None:
    schema = settings_schema()
    jsonschema.validate(YAML(typ="safe").load(RIGHT + OFFERS), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(YAML(typ="safe").load(RIGHT + OFFERS.replace("by: email", "by: e-mail")), schema)


@pytest.mark.parametrize(("written", "wrong", "line", "key", "told"), MISTAKES, ids=lambda value: str(value)[:30])
def test_a_mistake_in_an_offer_is_named(
    tmp_path: Path, written: str, wrong: str, line: int, key: str, told: str
) -> None:
    assert written in OFFERS
    error = mistake(tmp_path, RIGHT + OFFERS.replace(written, wrong, 1))
    assert (error.line, error.key) == (LINE + line, key)
    assert told in error.problem


def with_extra(name: str) -> str:
    return RIGHT.replace("      full_name: customer\n", f"      full_name: customer\n      extra.{name}: told\n")


@pytest.mark.parametrize("name", ["consent_marketing_emial", "consent_newsletter_email", "consent_email"])
def test_a_misspelt_consent_is_named(tmp_path: Path, name: str) -> None:
    error = mistake(tmp_path, with_extra(name))
    assert error.key == f"sources.orders.fields.extra.{name}"
    assert "no such consent; " in error.problem
    assert "allowed: extra.consent_any_any" in error.problem


@pytest.mark.parametrize("name", ["consent_marketing_email", "consent_service", "consent_any_any", "consent_given_on"])
def test_other_consents_are_fine(tmp_path: Path, name: str) -> None:
    load(tmp_path, with_extra(name))

"""A person's name: given, middle, family and suffix, out of parts or out of one line."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from matching.attributes.characters import fold, visible
from matching.attributes.dropped import Dropped, dropped_column
from matching.attributes.name_form import Name, RawName, name_of
from matching.attributes.name_line import is_organisation, name_of_line, why_no_name
from matching.attributes.name_tokens import Token, split_endings, tokenise, without_roles, without_titles
from matching.attributes.name_words import ELIDED_PARTICLES, SUFFIXES
from matching.attributes.nickname import known_given_names

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LABEL", "PART_LABELS", "Name", "RawName", "name_table", "standardise_name"]

LABEL = "Name"
PART_LABELS = {
    "given_name": "Given name",
    "middle_name": "Middle name",
    "family_name": "Family name",
    "name_suffix": "Suffix",
}

_SEVERAL = 3
"""A given name that the data teach stands beside so many family names."""


def standardise_name(raw: RawName, given_names: frozenset[str] = frozenset()) -> Name:
    """Return the standardised name of one record: its parts, or its one-line form where the parts hold none.

    `given_names` are folded words that the data show to be given names, beside those that are known as such. Never
    raises; what is left out is in `dropped` with its reason.
    """
    parts = _from_parts(raw) if any(raw[1:5]) else Name()
    if parts.given or parts.family or parts.organisation or not raw.full_name:
        return parts
    line = name_of_line(raw.full_name, "full_name", family_first=raw.family_first, given_names=given_names)
    if parts == Name():
        return line
    return replace(line, suffix=line.suffix or parts.suffix, dropped=parts.dropped + line.dropped)


def _from_parts(raw: RawName) -> Name:
    dropped: list[Dropped] = []
    given_text = _usable(raw.given_name, "given_name", dropped)
    family_text = _usable(raw.family_name, "family_name", dropped)
    whole = _whole_name(given_text, family_text)
    if whole:
        name = name_of_line(whole, "family_name" if family_text else "given_name")
    else:
        name = _assembled(given_text, _usable(raw.middle_name, "middle_name", dropped), family_text, dropped)
    suffix = SUFFIXES.get(fold(raw.name_suffix or "").strip(". "))
    if raw.name_suffix and not suffix and fold(raw.name_suffix):
        dropped.append(Dropped("name_suffix", raw.name_suffix, "not a generational suffix"))
    if not (suffix or dropped):
        return name
    return replace(name, suffix=name.suffix or suffix, dropped=(*dropped, *name.dropped))


def _usable(text: str | None, attribute: str, dropped: list[Dropped]) -> str | None:
    if text is None or not text.strip():
        return None
    line = visible(text)
    reason = why_no_name(line) if len(line) > 1 or not line.isdigit() else None
    if reason:
        dropped.append(Dropped(attribute, text, reason))
        return None
    return line


def _whole_name(given: str | None, family: str | None) -> str | None:
    """Return the field that holds a whole name while the other is empty, or None."""
    text = given or family or ""
    if (given and family) or not text:
        return None
    tokens = tokenise(text)
    if "," in text.rstrip(", ") or "&" in text or is_organisation(tokens):
        return text
    if len(tokens) < 2:  # noqa: PLR2004 - a whole name is two words
        return None
    begins_given = tokens[0].key in known_given_names()
    return text if given or (begins_given and not without_roles(tokens)[1]) else None


def _assembled(
    given_text: str | None, middle_text: str | None, family_text: str | None, dropped: list[Dropped]
) -> Name:
    """Return the name made of fields that say what they hold."""
    family, suffix = split_endings(tokenise((family_text or "").replace(",", " ")))
    family, family_is_role = without_roles(without_titles(family) or family, of_family=True)
    given, given_suffix = split_endings(without_titles(tokenise(given_text or "")))
    given, given_is_role = without_roles(given)
    if family_text and (family_is_role or not family):
        dropped.append(Dropped("family_name", family_text, "a role, not a name"))
    if given_text and (given_is_role or not given):
        dropped.append(Dropped("given_name", given_text, "a role, not a name"))
    if given_text and ("&" in given_text or any(token.key == "and" for token in given)):
        dropped.append(Dropped("given_name", given_text, "several people in one field"))
        given = []
    middle = without_titles(tokenise(middle_text or ""))
    while len(family) > 1 and family[0].is_initial and family[0].key not in ELIDED_PARTICLES:
        middle, family = [*middle, family[0]], family[1:]
    return name_of(given, _further(given, middle), family, suffix or given_suffix, family_field=True)


def _further(given: list[Token], middle: list[Token]) -> list[Token]:
    """Return the middle names, without those that the given field already ends with."""
    extra = [token.key for token in given[1:]]
    return [token for token in middle if not any(key.startswith(token.key) for key in extra)]


def _given_names(names: Sequence[Name]) -> frozenset[str]:
    """Return the given names that stand beside several family names, and are more often given than family names."""
    pairs = {(name.given, name.family) for name in names if name.given and name.family and len(name.family) > 1}
    as_given = Counter(given for given, _ in pairs)
    as_family = Counter(family for _, family in pairs)
    return frozenset(word for word, count in as_given.items() if count >= _SEVERAL and count > as_family[word])


def name_table(raws: Sequence[RawName], keys: Sequence[str]) -> pa.Table:
    """Return one row per name in `raws`, named by `keys`: column raw, and the fields of Name.

    Given names are learnt from the short names among them: long ones that begin with one are people's, not
    organisations'.
    """
    names = [standardise_name(raw) for raw in raws]
    given_names = _given_names(names)
    for index, (raw, name) in enumerate(zip(raws, names, strict=True)):
        if name.organisation and raw.full_name:
            names[index] = standardise_name(raw, given_names)
    columns: dict[str, pa.Array[Any]] = {"raw": pa.array(keys, pa.string())}
    for field in ("given", "middle", "family", "suffix", "organisation"):
        columns[field] = pa.array([getattr(name, field) for name in names], pa.string())
    for field in ("clean_given", "clean_middle", "clean_family", "clean_suffix"):
        columns[field] = pa.array([getattr(name, field) for name in names], pa.string())
    columns["order_certain"] = pa.array([name.order_certain for name in names], pa.bool_())
    columns["dropped"] = dropped_column([name.dropped for name in names])
    return pa.table(columns)

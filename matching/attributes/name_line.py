"""A name written on one line: which words are given names, which are the family name, and whether it is a name."""

from __future__ import annotations

import re
from dataclasses import replace

from matching.attributes.characters import fold, visible
from matching.attributes.dropped import Dropped
from matching.attributes.name_form import Name, name_of
from matching.attributes.name_tokens import (
    Token,
    family_start,
    split_endings,
    split_ideographs,
    tokenise,
    without_roles,
    without_titles,
)
from matching.attributes.name_words import (
    FILLERS,
    HOUSEHOLD_WORDS,
    LEGAL_FORMS,
    ORGANISATION_WORDS,
    PARTICLES,
    PLACEHOLDERS,
    ROLE_NOUNS,
    TITLES,
    WHOLE_PLACEHOLDERS,
)
from matching.attributes.nickname import known_given_names

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\"[^\"]*\"|“[^”]*”")
_CARE_OF = re.compile(r"^\s*(?:attn|attention|z\.? ?hd\.?)\b[:.]?\s*|\s*\b(?:c/o|care of)\b.*$", re.IGNORECASE)
_MARKED = re.compile(r"[/()\[\]\"“”:]|attn|attention|care of|z\.? ?hd", re.IGNORECASE)
"""What any of the two above begins with: most names hold none, and skip them."""
_RANK = re.compile(
    rf"(?<=\S)[\s,]+(?:\d+(?:st|nd|rd|th)\s+(?:(?:{'|'.join(sorted(TITLES))})\b\s*)?(?:of\s+)?"
    rf"|(?:{'|'.join(sorted(TITLES))})\s+of\s+)",
    re.IGNORECASE,
)
"""A rank in the middle of a name: `6th Earl of`, `Duchess of`; after a comma all that follows goes with it."""
_AND = re.compile(r"\s*[&+]\s*|\s+(?:and|und|et)\s+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")

_LONG_NAME = 4
"""From so many words on, without an initial and not begun like a person's, a name is an organisation's."""
_ROLE = "a role, not a name"
_SEVERAL = "several people in one field"


def name_of_line(
    text: str, attribute: str, *, family_first: bool = False, given_names: frozenset[str] = frozenset()
) -> Name:
    """Return the name in one line of text, delivered for `attribute`; never raises.

    `family_first` says how the words are ordered where no comma does. `given_names` are folded words that the data
    show to be given names: many words that begin with one are a person's.
    """
    line = visible(text)
    if _MARKED.search(line):
        line = _CARE_OF.sub("", line)
        line = " ".join(_ASIDE.sub(" ", line).split()) or line.strip('"“”()[] ')
    rank = _RANK.search(line)
    if rank:
        line = line[: rank.start()] if "," in rank.group() else _RANK.sub(" ", line)
    reason = why_no_name(line, WHOLE_PLACEHOLDERS)
    if reason:
        return Name(dropped=(Dropped(attribute, text, reason),))
    ideographs = split_ideographs(line)
    if ideographs:
        return name_of(tokenise(ideographs[1]), [], tokenise(ideographs[0]), order_certain=True)
    household = _household(line) if "," not in line else None
    if household is not None:
        return _family_only(household, text, attribute, "a household")
    if "," in line:
        return _from_comma(line, text, attribute)
    if _AND.search(line):
        return _from_several(line, text, attribute)
    return _from_words(tokenise(line), text, attribute, family_first=family_first, given_names=given_names)


def why_no_name(line: str, placeholders: frozenset[str] = PLACEHOLDERS) -> str | None:
    """Return why `line` is no name at all, or None."""
    if not _LETTER.search(line):
        return "no letters"
    if "@" in line:
        return "an e-mail address"
    return "a placeholder" if fold(line).strip(" .-_*?!<>") in placeholders else None


def is_organisation(tokens: list[Token], given_names: frozenset[str] = frozenset()) -> bool:
    """Tell whether the words name an organisation: a legal form, a word of trade, or many words and no person's."""
    keys = [token.key for token in tokens]
    if not LEGAL_FORMS.isdisjoint(keys[1:]):
        return True
    if len(keys) < _LONG_NAME - 1 or keys[0] in known_given_names() or keys[0] in given_names:
        return False
    if any(token.is_initial for token in tokens):
        return False
    if keys[0] == "the" or not ORGANISATION_WORDS.isdisjoint(keys):
        return True
    is_second_given = keys[1] in known_given_names() or keys[1] in given_names
    return len(keys) >= _LONG_NAME and PARTICLES.isdisjoint(keys) and not is_second_given


def _family_only(family: list[Token], text: str, attribute: str, reason: str) -> Name:
    words, suffix = split_endings(family)
    name = name_of([], [], words, suffix, order_certain=True)
    return replace(name, dropped=(Dropped(attribute, text, reason),))


def _household(line: str) -> list[Token] | None:
    """Return the family name of `The X Family`, `X Family`, `Familie X` and their kin."""
    tokens = tokenise(line)
    keys = [token.key for token in tokens]
    if keys and HOUSEHOLD_WORDS.issuperset(keys[1:]) and keys[0] in {"the", *HOUSEHOLD_WORDS} and keys != ["the"]:
        return []
    if len(tokens) > 1 and keys[-1] in HOUSEHOLD_WORDS:
        if keys[0] == "the":
            return tokens[1:-1]
        return tokens[:-1] if len(tokens) == 2 and keys[0] not in known_given_names() else None  # noqa: PLR2004 - `X Family`
    if len(tokens) > 1 and keys[0] in HOUSEHOLD_WORDS:
        return tokens[2:] if keys[1] == "of" and tokens[2:] else tokens[1:]
    return None


def _from_comma(line: str, text: str, attribute: str) -> Name:
    """Read `LAST, FIRST M`, `LAST, Jr, FIRST`, `FIRST LAST, MD` and `Acme, Inc`."""
    parts = [tokenise(part) for part in line.split(",")]
    if any(token.key in LEGAL_FORMS for part in parts[1:] for token in part):
        return Name(organisation=visible(text))
    suffix: str | None = None
    kept: list[list[Token]] = []
    for part in parts[1:]:
        words, found = split_endings(part, after_comma=True)
        suffix = suffix or found
        if words:
            kept.append(words)
    if (not kept and any(parts[1:])) or (kept and kept[0][0].key in TITLES | {"of"} and len(parts[0]) > 1):
        name = _from_words(parts[0], text, attribute)
        return replace(name, suffix=name.suffix or suffix)
    family, family_suffix = split_endings(without_titles(parts[0]) or parts[0])
    if " ".join(token.key for token in family) in FILLERS:
        family = []
    if _AND.search(line.split(",", 1)[1]):
        return _family_only(family, text, attribute, _SEVERAL)
    name = _ordered([token for words in kept for token in words], family, text, attribute)
    return replace(name, suffix=name.suffix or suffix or family_suffix)


def _ordered(given: list[Token], family: list[Token], text: str, attribute: str) -> Name:
    """Return the name whose family part is known; `given` holds given and middle names."""
    given, suffix = split_endings(given)
    given, has_role = without_roles(without_titles(given))
    name = name_of([] if has_role else given, given if has_role else [], family, suffix, order_certain=True)
    return replace(name, dropped=(Dropped(attribute, text, _ROLE),)) if has_role else name


def _from_several(line: str, text: str, attribute: str) -> Name:
    """Read `John and Mary Smith`, `J & M Smith`, `Mr & Mrs Smith`; what is not several people is an organisation."""
    delivered = [tokenise(side) for side in _AND.split(line)]
    sides = [without_titles(side) for side in delivered]
    first, last = sides[0], sides[-1]
    if sides == delivered and not _is_couple(sides):
        if all(len(side) == 1 and side[0].key in known_given_names() for side in sides):
            return Name(dropped=(Dropped(attribute, text, _SEVERAL),))
        return Name(organisation=visible(text))
    family, suffix = split_endings(last)
    if len(family) > 1:
        family = family[family_start(family) :]
    if len(first) > 1 and not first[-1].is_initial and first[-1].key != family[-1].key:
        return Name(dropped=(Dropped(attribute, text, _SEVERAL),))
    return replace(_family_only(family, text, attribute, _SEVERAL), suffix=suffix)


def _is_couple(sides: list[list[Token]]) -> bool:
    """Tell whether two sides of an `and` are shaped like two people, the second with the family name."""
    if len(sides) != 2 or is_organisation(sides[0] + sides[1]):  # noqa: PLR2004 - a couple is two
        return False
    return len(sides[0]) in {1, 2} and len(sides[1]) in {2, 3}


def _from_words(
    tokens: list[Token],
    text: str,
    attribute: str,
    *,
    family_first: bool = False,
    given_names: frozenset[str] = frozenset(),
) -> Name:
    """Read words without a comma, in the order given."""
    words = without_titles(tokens)
    has_title = len(words) < len(tokens)
    words, suffix = split_endings(words)
    words, has_role = without_roles(words)
    words, has_filler = _without_filler(words)
    dropped = (Dropped(attribute, text, _ROLE),) if has_role or has_filler else ()
    if not words:
        return Name(suffix=suffix, dropped=(Dropped(attribute, text, _ROLE if has_role else "a title, not a name"),))
    if not has_role and not has_title and is_organisation(words, given_names):
        return Name(organisation=visible(text))
    if family_first and len(words) > 1:
        end = next((i + 1 for i, token in enumerate(words[:-1]) if token.key not in PARTICLES), 1)
        name = name_of(words[end:], [], words[:end], suffix, order_certain=True)
    elif has_filler:
        name = name_of(words, [], [], suffix)
    elif has_role:
        start = max((i for i in range(1, len(words)) if words[i - 1].is_initial), default=0)
        name = name_of([], words[:start], words[start:], suffix)
    elif len(words) == 1:
        name = name_of([], [], words, suffix) if has_title else name_of(words, [], [], suffix)
    else:
        start = family_start(words)
        name = name_of(words[:start], [], words[start:], suffix)
    return replace(name, dropped=dropped) if dropped else name


def _without_filler(words: list[Token]) -> tuple[list[Token], bool]:
    """Return the words before a filler at the end (`Dont Know`, `Man Of The House`), and whether there was one."""
    keys = [token.key for token in words]
    for start in range(1, len(words)):
        is_role = keys[start] in ROLE_NOUNS and keys[start + 1 : start + 2] == ["of"]
        if is_role or " ".join(keys[start:]) in FILLERS:
            return words[:start], True
    return words, False

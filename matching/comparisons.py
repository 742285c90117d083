"""The comparisons: per attribute, the levels of agreement that two distinct records can show, strongest first.

One definition serves all: the SQL goes to Splink, the words to `explain`, the order to the model. A level's SQL speaks
of the columns of `features.py` with `_l` and `_r`, as Splink does; the first level that holds is the pair's. `gamma`
counts from the bottom: 0 is the last level ("different"), -1 means that nothing can be said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement; `frequency` names the attribute whose value's rarity weighs in where it holds.

    `given` are its shares of match, household and random pairs where they are fixed by hand, else None.
    """

    name: str
    sql: str
    words: str
    frequency: str | None = None
    given: tuple[float | None, float | None, float | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attribute compared: `null` says when nothing can be said; the last level is what remains.

    `kind` is how entities use it: a person has a single name and birth date, but may have multiple e-mails.
    `shown` are the columns that `explain` shows.
    """

    name: str
    kind: Literal["single", "multiple"]
    null: str
    levels: tuple[Level, ...]
    shown: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `features.py` that the comparison looks at, sorted."""
        spoken = " ".join([self.null, *(level.sql for level in self.levels)])
        return tuple(sorted(set(re.findall(r"\b(\w+)_[lr]\b", spoken))))

    def gamma_sql(self) -> str:
        """Return the CASE expression that gives the pair's gamma."""
        top = len(self.levels) - 1
        branches = [f"WHEN {level.sql} THEN {top - place}" for place, level in enumerate(self.levels[:-1])]
        return f"CASE WHEN {self.null} THEN -1 {' '.join(branches)} ELSE 0 END"

    def level_of(self, gamma: int) -> Level | None:
        """Return the level that `gamma` stands for, None for -1."""
        return None if gamma < 0 else self.levels[len(self.levels) - 1 - gamma]


GIVEN = Comparison(
    name="given",
    kind="single",
    null="given_l IS NULL OR given_r IS NULL",
    levels=(
        Level("exact", "given_l = given_r AND NOT given_is_initial_l", "same given name", "given"),
        Level(
            "initial",
            "(given_is_initial_l OR given_is_initial_r) AND given_initial_l = given_initial_r",
            "initial agrees with the given name",
        ),
        Level(
            "middle_initial",
            "(given_is_initial_l AND given_l = middle_r) OR (given_is_initial_r AND given_r = middle_l)",
            "initial agrees with the other's middle name",
        ),
        Level("nickname", "list_has_any(nicknames_l, nicknames_r)", "short form of the same given name"),
        Level(
            "typo",
            "jaro_winkler_similarity(given_l, given_r) >= 0.9 OR levenshtein(given_l, given_r) <= 1",
            "given name with a slip",
        ),
        Level("near", "jaro_winkler_similarity(given_l, given_r) >= 0.78", "given names look alike"),
        Level("different", "", "different given names"),
    ),
    shown=("given", "middle"),
)

FAMILY = Comparison(
    name="family",
    kind="single",
    null="family_l IS NULL OR family_r IS NULL",
    levels=(
        Level("exact", "family_l = family_r AND NOT family_is_initial_l", "same family name", "family"),
        Level(
            "initial",
            "(family_is_initial_l OR family_is_initial_r) AND family_initial_l = family_initial_r",
            "initial agrees with the family name",
        ),
        Level(
            "typo",
            "jaro_winkler_similarity(family_l, family_r) >= 0.92 OR levenshtein(family_l, family_r) <= 1",
            "family name with a slip",
        ),
        Level("part", "list_has_any(family_words_l, family_words_r)", "one part of a double family name agrees"),
        Level("swapped", "family_l = given_r AND given_l = family_r", "given and family name changed places"),
        Level("near", "jaro_winkler_similarity(family_l, family_r) >= 0.84", "family names look alike"),
        Level("different", "", "different family names"),
    ),
    shown=("family",),
)

MIDDLE = Comparison(
    name="middle",
    kind="single",
    null="middle_l IS NULL OR middle_r IS NULL",
    levels=(
        Level("exact", "middle_l = middle_r", "same middle initial", "middle"),
        Level("different", "", "different middle initials"),
    ),
    shown=("middle",),
)

SUFFIX = Comparison(
    name="suffix",
    kind="single",
    null="suffix_l IS NULL AND suffix_r IS NULL",
    levels=(
        Level("exact", "suffix_l = suffix_r", "same suffix"),
        Level("one_side", "suffix_l IS NULL OR suffix_r IS NULL", "only one has a suffix"),
        Level("different", "", "different suffixes"),
    ),
    shown=("suffix",),
)

BIRTH_DATE = Comparison(
    name="birth_date",
    kind="single",
    null="birth_date_l IS NULL OR birth_date_r IS NULL",
    levels=(
        Level("exact", "birth_date_l = birth_date_r", "same birth date", "birth_date"),
        Level(
            "swapped",
            "birth_year_l = birth_year_r AND birth_month_l = birth_day_r AND birth_day_l = birth_month_r",
            "day and month of the birth date changed places",
        ),
        Level(
            "two_parts",
            "(birth_year_l = birth_year_r)::INT + (birth_month_l = birth_month_r)::INT"
            " + (birth_day_l = birth_day_r)::INT = 2",
            "two of day, month and year of birth agree",
        ),
        Level("year", "birth_year_l = birth_year_r", "same year of birth"),
        Level("different", "", "different birth dates"),
    ),
    shown=("birth_date",),
)

EMAIL = Comparison(
    name="email",
    kind="multiple",
    null="email_l IS NULL OR email_r IS NULL",
    levels=(
        Level(
            "personal",
            "email_l = email_r AND (email_kind_l = 'personal' OR email_kind_r = 'personal')",
            "same e-mail address, made of the bearer's name",
            "email",
        ),
        Level(
            "handle",
            "email_l = email_r AND email_kind_l = 'handle' AND email_kind_r = 'handle'",
            "same e-mail address, not made of a name",
            "email",
        ),
        Level("family", "email_l = email_r", "same e-mail address, of the family", "email"),
        Level(
            "listed",
            "len(emails_l) + len(emails_r) > 2 AND list_has_any(emails_l, emails_r)",
            "share an e-mail address",
        ),
        Level(
            "local",
            "email_local_l = email_local_r AND email_is_telling_l",
            "same e-mail name at another provider",
        ),
        Level(
            "typo",
            "email_domain_l = email_domain_r AND email_digits_l = email_digits_r"
            " AND abs(length(email_letters_l) - length(email_letters_r)) <= 1"
            " AND levenshtein(email_local_l, email_local_r) <= 1",
            "e-mail address with a slip",
        ),
        Level("different", "", "different e-mail addresses"),
    ),
    shown=("email",),
)

PHONE = Comparison(
    name="phone",
    kind="multiple",
    null="phone_l IS NULL OR phone_r IS NULL",
    levels=(
        Level("exact", "phone_l = phone_r", "same phone number", "phone"),
        Level(
            "listed",
            "len(phones_l) + len(phones_r) > 2 AND list_has_any(phones_l, phones_r)",
            "share a phone number",
        ),
        Level("typo", "levenshtein(phone_l, phone_r) <= 1", "phone number with one slip"),
        Level("different", "", "different phone numbers"),
    ),
    shown=("phone",),
)

_NUMBER_AGREES = "street_number_l = street_number_r"

ADDRESS = Comparison(
    name="address",
    kind="multiple",
    null="(street_l IS NULL OR street_r IS NULL) AND (postal_code_l IS NULL OR postal_code_r IS NULL)",
    levels=(
        Level("other_unit", "place_l = place_r AND unit_l <> unit_r", "same building, another unit", "place"),
        Level("exact", "place_l = place_r", "same street address", "place"),
        Level(
            "street_typo",
            f"{_NUMBER_AGREES} AND jaro_winkler_similarity(street_l, street_r) >= 0.88",
            "same house number, street with a slip",
        ),
        Level(
            "number_missing",
            "street_l = street_r AND (street_number_l IS NULL OR street_number_r IS NULL)",
            "same street, one without a house number",
        ),
        Level(
            "number_typo",
            "street_l = street_r AND levenshtein(street_number_l, street_number_r) <= 1",
            "same street, house number with a slip",
        ),
        Level(
            "number_and_code",
            f"{_NUMBER_AGREES} AND postal_code_l = postal_code_r",
            "same house number and postal code",
        ),
        Level("street", "street_l = street_r", "same street, another house number"),
        Level(
            "code_only",
            "postal_code_l = postal_code_r AND (street_l IS NULL OR street_r IS NULL)",
            "same postal code, street not known",
        ),
        Level("code", "postal_code_l = postal_code_r", "same postal code, another street"),
        Level("different", "", "different addresses"),
    ),
    shown=("street_number", "street", "unit", "postal_code"),
)

ORGANISATION = Comparison(
    name="organisation",
    kind="multiple",
    null="organisation_l IS NULL OR organisation_r IS NULL",
    levels=(
        Level("exact", "organisation_l = organisation_r", "same organisation", "organisation"),
        Level("typo", "jaro_winkler_similarity(organisation_l, organisation_r) >= 0.92", "organisations look alike"),
        Level("different", "", "different organisations"),
    ),
    shown=("organisation",),
)

IDENTIFIER = Comparison(
    name="identifier",
    kind="multiple",
    null="identifiers_l IS NULL OR identifiers_r IS NULL OR NOT list_has_any(identifiers_l, identifiers_r)",
    levels=(
        Level("several", "len(list_intersect(identifiers_l, identifiers_r)) > 1", "share several numbers or handles"),
        Level("one", "", "share a number or handle"),
    ),
    shown=("identifiers",),
)

REFERENCE = Comparison(
    name="reference",
    kind="multiple",
    null="quoted_l IS NULL OR quoted_r IS NULL OR NOT list_has_any(quoted_l, quoted_r)",
    levels=(
        Level("several", "len(list_intersect(quoted_l, quoted_r)) > 1", "tied to each other by several references"),
        Level("one", "", "tied to each other by a reference"),
    ),
    shown=("quoted",),
)

COMPARISONS = (
    *(GIVEN, FAMILY, MIDDLE, SUFFIX, BIRTH_DATE),
    *(EMAIL, PHONE, ADDRESS, ORGANISATION),
    *(IDENTIFIER, REFERENCE),
)

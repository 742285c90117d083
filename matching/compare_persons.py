"""What a person has one of, compared: given, middle and family name, suffix, birth date."""

from __future__ import annotations

from matching.comparison import Comparison, Level, shares_one

_BOTH_COMMON = "({name}_is_common_l AND {name}_is_common_r)"
"""Two names that many people bear are two names, however alike they look."""

_SWAPPED = (
    "CASE WHEN given_initial_l = family_initial_r AND family_initial_l = given_initial_r AND given_l <> family_l"
    " THEN jaro_winkler_similarity(given_l, family_r) >= 0.92"
    " AND jaro_winkler_similarity(family_l, given_r) >= 0.92 ELSE false END"
)
"""A CASE, for an AND would compare the letters of all pairs, also of those whose initials have told enough."""


def _is_abbreviation(name: str) -> str:
    """Return SQL that tells whether one name is the beginning of the other, of two letters or more."""
    return (
        f"least(length({name}_l), length({name}_r)) > 1"
        f" AND (starts_with({name}_l, {name}_r) OR starts_with({name}_r, {name}_l))"
    )


def _is_slip(name: str, similarity: float) -> str:
    """Return SQL that tells whether two names differ as one is mistyped for the other."""
    return f"jaro_winkler_similarity({name}_l, {name}_r) >= {similarity} OR levenshtein({name}_l, {name}_r) <= 1"


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
        Level(
            "nickname",
            "list_contains(short_for_l, given_r) OR list_contains(short_for_r, given_l)",
            "short form of the given name",
        ),
        Level(
            "same_root",
            "list_has_any(short_for_l, short_for_r)",
            "two short forms of the same given name",
        ),
        Level("swapped", _SWAPPED, "given and family name changed places"),
        Level(
            "alike",
            f"{_BOTH_COMMON.format(name='given')} AND ({_is_slip('given', 0.9)})",
            "two common given names that look alike",
        ),
        Level("typo", _is_slip("given", 0.9), "given name with a slip"),
        Level("abbreviated", _is_abbreviation("given"), "given name cut short"),
        Level(
            "near",
            f"jaro_winkler_similarity(given_l, given_r) >= 0.78 AND NOT {_BOTH_COMMON.format(name='given')}",
            "given names look alike",
        ),
        Level(
            "by_middle",
            "middle_l = given_initial_r OR middle_r = given_initial_l",
            "goes by the middle name, as far as its initial tells",
        ),
        Level("different", "", "different given names"),
    ),
    shown=("given", "middle"),
)

FAMILY = Comparison(
    name="family",
    kind="single",
    null=f"family_l IS NULL OR family_r IS NULL OR (family_l <> family_r AND {_SWAPPED})",
    levels=(
        Level("exact", "family_l = family_r AND NOT family_is_initial_l", "same family name", "family"),
        Level(
            "initial",
            "(family_is_initial_l OR family_is_initial_r) AND family_initial_l = family_initial_r",
            "initial agrees with the family name",
        ),
        Level(
            "alike",
            f"{_BOTH_COMMON.format(name='family')} AND ({_is_slip('family', 0.92)})",
            "two common family names that look alike",
        ),
        Level("typo", _is_slip("family", 0.92), "family name with a slip"),
        Level(
            "part",
            shares_one("families", "family"),
            "one part of a double family name agrees",
        ),
        Level("abbreviated", _is_abbreviation("family"), "family name cut short"),
        Level(
            "near",
            f"jaro_winkler_similarity(family_l, family_r) >= 0.84 AND NOT {_BOTH_COMMON.format(name='family')}",
            "family names look alike",
        ),
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
        Level("namesake", "given_l = given_r", "same given name, different suffixes"),
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
            "slip",
            "levenshtein(birth_date_l::VARCHAR, birth_date_r::VARCHAR) <= 1",
            "birth date with one wrong digit",
        ),
        Level(
            "year_known",
            "birth_year_l = birth_year_r AND ((birth_month_l = 1 AND birth_day_l = 1)"
            " OR (birth_month_r = 1 AND birth_day_r = 1))",
            "same year of birth, of one no more is known than the year",
        ),
        Level(
            "two_parts",
            "(birth_year_l = birth_year_r)::INT + (birth_month_l = birth_month_r)::INT"
            " + (birth_day_l = birth_day_r)::INT = 2",
            "two of day, month and year of birth agree",
        ),
        Level(
            "near",
            "levenshtein(birth_date_l::VARCHAR, birth_date_r::VARCHAR) <= 2 OR abs(birth_date_l - birth_date_r) <= 31",
            "birth dates close to each other",
        ),
        Level("year", "birth_year_l = birth_year_r", "same year of birth"),
        Level("different", "", "different birth dates"),
    ),
    shown=("birth_date",),
)

"""Organisations that are customers themselves, compared: name, site, switchboard.

They are told from persons by having no person's name. Branches of one organisation play the part that the members of a
household play among persons: name and switchboard are theirs together, the site is each one's own.
"""

from __future__ import annotations

from matching.comparison import Comparison, Level, shares_one

_BOTH_FIRMS = "(is_firm_l AND is_firm_r)"
_NUMBER_AGREES = "street_number_l = street_number_r"

FIRM = Comparison(
    name="firm",
    kind="multiple",
    null=f"NOT {_BOTH_FIRMS}",
    levels=(
        Level("exact", "organisation_l = organisation_r", "same name of an organisation", "organisation"),
        Level("typo", "jaro_winkler_similarity(organisation_l, organisation_r) >= 0.92", "names look alike"),
        Level(
            "contained",
            "list_has_all(firm_words_l, firm_words_r) OR list_has_all(firm_words_r, firm_words_l)",
            "the one name has all words of the other",
        ),
        Level(
            "half",
            "2 * len(list_intersect(firm_words_l, firm_words_r)) >= least(len(firm_words_l), len(firm_words_r))",
            "half of the words agree, or more",
        ),
        Level("word", "list_has_any(firm_words_l, firm_words_r)", "a word agrees"),
        Level("different", "", "different organisations"),
    ),
    shown=("organisation",),
)

SITE = Comparison(
    name="site",
    kind="multiple",
    null=f"NOT {_BOTH_FIRMS} OR street_l IS NULL OR street_r IS NULL",
    levels=(
        Level("exact", "place_l = place_r", "same site", "place"),
        Level(
            "street_typo",
            f"{_NUMBER_AGREES} AND jaro_winkler_similarity(street_l, street_r) >= 0.88",
            "same house number, street with a slip",
        ),
        Level(
            "street",
            "street_l = street_r AND (street_number_l IS NULL OR street_number_r IS NULL"
            " OR levenshtein(street_number_l, street_number_r) <= 1)",
            "same street, house number missing or with a slip",
        ),
        Level("different", "", "different sites: branches, if of one organisation"),
    ),
    shown=("street_number", "street"),
)

SWITCHBOARD = Comparison(
    name="switchboard",
    kind="multiple",
    null=f"NOT {_BOTH_FIRMS} OR phone_l IS NULL OR phone_r IS NULL",
    levels=(
        Level("exact", "phone_l = phone_r", "same phone number, which branches may share", "phone"),
        Level("line", "phone_line_l = phone_line_r", "same phone number but for the area code", "phone_line"),
        Level("listed", shares_one("many_phones", "phone"), "share a phone number"),
        Level("different", "", "different phone numbers"),
    ),
    shown=("phone",),
)

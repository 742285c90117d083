"""What a person may have several of, compared: e-mail, phone, address, the organisation named beside the person."""

from __future__ import annotations

from matching.comparison import Comparison, Level, shares_one

_OTHER_GIVEN_NAME = (
    "given_is_common_l AND given_is_common_r AND given_l <> given_r"
    " AND (jaro_winkler_similarity(given_l, given_r) >= 0.9 OR levenshtein(given_l, given_r) <= 1)"
    f" AND NOT coalesce({shares_one('short_for', 'given')}, false)"
)
"""Two common given names that look alike, neither of which is short for the other."""

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
            shares_one("many_emails", "email"),
            "share an e-mail address",
        ),
        Level(
            "other_name",
            f"email_kind_l = 'personal' AND email_kind_r = 'personal' AND {_OTHER_GIVEN_NAME}",
            "e-mail addresses made of two given names that look alike",
        ),
        Level(
            "domain_typo",
            "email_local_l = email_local_r AND NOT (email_is_public_l AND email_is_public_r)"
            " AND levenshtein(email_domain_l, email_domain_r) <= 2",
            "e-mail address with a slip in the provider's name",
        ),
        Level(
            "local",
            "email_local_l = email_local_r AND email_is_telling_l",
            "same e-mail name at another provider",
        ),
        Level(
            "typo",
            "abs(length(email_l) - length(email_r)) <= 2"
            " AND (left(email_l, 2) = left(email_r, 2) OR right(email_local_l, 2) = right(email_local_r, 2))"
            " AND levenshtein(email_l, email_r) <= 2"
            " AND (email_letters_l <> email_letters_r OR length(email_digits_l) > 4)",
            "e-mail address with a slip",
        ),
        Level("different", "", "different e-mail addresses"),
    ),
    shown=("email",),
)

PHONE = Comparison(
    name="phone",
    kind="multiple",
    null="(is_firm_l AND is_firm_r) OR phone_l IS NULL OR phone_r IS NULL",
    levels=(
        Level(
            "exact",
            "phone_line_l = phone_line_r AND (ends_with(phone_l, phone_r) OR ends_with(phone_r, phone_l))",
            "same phone number",
            "phone",
        ),
        Level(
            "listed",
            shares_one("many_phones", "phone"),
            "share a phone number",
        ),
        Level("other_area", "phone_line_l = phone_line_r", "same phone number but for the area code", "phone_line"),
        Level(
            "typo",
            "levenshtein(phone_line_l, phone_line_r) <= 1"
            " AND (length(phone_l) <> length(phone_r) OR left(phone_l, -7) = left(phone_r, -7))",
            "phone number with one slip",
        ),
        Level("different", "", "different phone numbers"),
    ),
    shown=("phone",),
)

_NUMBER_AGREES = "street_number_l = street_number_r"
_STREET_UNKNOWN = "(street_l IS NULL OR street_r IS NULL)"

ADDRESS = Comparison(
    name="address",
    kind="multiple",
    null="(is_firm_l AND is_firm_r) OR ((street_l IS NULL OR street_r IS NULL)"
    " AND (postal_code_l IS NULL OR postal_code_r IS NULL) AND (city_l IS NULL OR city_r IS NULL))",
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
            "postal_code",
        ),
        Level("code", "postal_code_l = postal_code_r", "same postal code, another street"),
        Level(
            "code_near",
            f"{_STREET_UNKNOWN} AND (levenshtein(postal_code_l, postal_code_r) <= 1"
            " OR (postal_area_l = postal_area_r AND city_l = city_r))",
            "postal codes close to each other, street not known",
        ),
        Level("city", f"{_STREET_UNKNOWN} AND city_l = city_r", "same city, street not known", "city"),
        Level(
            "city_near",
            f"{_STREET_UNKNOWN} AND (postal_area_l = postal_area_r OR jaro_winkler_similarity(city_l, city_r) >= 0.88)",
            "cities alike or postal codes of one area, street not known",
        ),
        Level("different", "", "different addresses"),
    ),
    shown=("street_number", "street", "unit", "postal_code"),
)

ORGANISATION = Comparison(
    name="organisation",
    kind="multiple",
    null="organisation_l IS NULL OR organisation_r IS NULL OR (is_firm_l AND is_firm_r)",
    levels=(
        Level("exact", "organisation_l = organisation_r", "same organisation", "organisation"),
        Level("typo", "jaro_winkler_similarity(organisation_l, organisation_r) >= 0.92", "organisations look alike"),
        Level("different", "", "different organisations"),
    ),
    shown=("organisation",),
)

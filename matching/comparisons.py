"""All comparisons, in their order: a gamma per comparison, in this order, is what a pair of distinct records comes to.

What a person has one of stands in `compare_persons`, what somebody may have several of in `compare_contacts`, what
organisations are compared by in `compare_firms`; here are the numbers that others gave.
"""

from __future__ import annotations

from matching.compare_contacts import ADDRESS, EMAIL, ORGANISATION, PHONE
from matching.compare_firms import FIRM, SITE, SWITCHBOARD
from matching.compare_persons import BIRTH_DATE, FAMILY, GIVEN, MIDDLE, SUFFIX
from matching.comparison import Comparison, Level

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
    *(FIRM, SITE, SWITCHBOARD),
    *(IDENTIFIER, REFERENCE),
)

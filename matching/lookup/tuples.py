"""The distinct record that one record collapses to: `collapse`, for a single record.

A twin in Python of what the night does in SQL to all records at once; a test holds the two together.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from matching.changed_records import LISTS, TEXTS
from matching.collapse import ID_DIGITS

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPARED_DIGITS = 7


def tuple_of(record: Mapping[str, Any], shared: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Return the columns of matching.distinct_record of a record given by those of matching.standardised.

    `shared` are the values that say nothing, by attribute. `records` is 1; the ids are those of the tuple alone.
    """
    found = dict(record)
    for name in ("given", "family"):
        if found[name] in shared.get(name, ()):
            found[name] = None
            if name == "given":
                found["nicknames"] = []
    found["city"] = None if found["street"] is not None else found["city"]
    for name, several in (("email", "emails"), ("phone", "phones"), ("identifier", "identifiers")):
        nothing = shared.get(name, frozenset())
        cut = -_COMPARED_DIGITS if name == "phone" else 0
        found[several] = [value for value in found[several] if value[cut:] not in nothing]
    emails, phones = found["emails"], found["phones"]
    if found["email"] not in emails:
        found["email"] = emails[0] if emails else None
    if found["phone"] not in {number[-_COMPARED_DIGITS:] for number in phones}:
        found["phone"] = phones[0][-_COMPARED_DIGITS:] if phones else None
    found["stands_alone"] = not _singles_out(found)
    text = "\x1f".join([*(_said(found[name]) for name in TEXTS), *("\x1e".join(found[name]) for name in LISTS)])
    if found["stands_alone"]:
        text += "\x1f" + "\x1e".join(found["quoted"])
    digest = hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
    return {"distinct_record_id": f"d{digest}", "tuple_id": f"t{digest}", "records": 1, **found}


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _singles_out(found: Mapping[str, Any]) -> bool:
    if found["email"] is not None or found["phone"] is not None or found["identifiers"]:
        return True
    if len(found["given"] or "") <= 1 or len(found["family"] or "") <= 1:
        return False
    at_a_place = found["street"] is not None and found["street_number"] is not None
    return found["birth_date"] is not None or found["po_box"] is not None or at_a_place

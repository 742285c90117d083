"""Reads who wrote a mail that somebody else passed on: the header that forwarding leaves in the text.

Keeps: only a subject that says so makes a mail a forwarded one (a reply quotes such headers too), and nobody of ours,
no machine and no address that cannot be one is its writer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer360.contact_words import PASSED_ON_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable

_FROM = re.compile(rf"^[ \t>*]*(?:{PASSED_ON_FROM})[ \t\xa0*]*:[ \t*]*(?P<who>\S.*)$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_AROUND_ADDRESS = re.compile(r"[<\[(]?(?:mailto:)?\s*$", re.IGNORECASE)
_MACHINE = re.compile(
    r"(?:no|not|do[-_.]?not|dont)[-_.]?(?:reply|respond|answer).*|mailer-daemon|postmaster|notifications?|bounces?.*",
    re.IGNORECASE,
)
_FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote the mail that was passed on; `line` is what says so. `name` is None where only an address stands."""

    name: str | None
    address: str
    line: str


def read_writer(text: str, own_addresses: Iterable[str]) -> Writer | None:
    """Return who wrote the mail whose forwarded text this is, None where that is not said or is one of us."""
    for header in _FROM.finditer(text):
        addresses = list(_ADDRESS.finditer(header["who"]))
        if not addresses:
            continue
        address = addresses[
            -1
        ].group()  # "x@a.example [mailto:y@b.example]", "x@a.example on behalf of Y <y@b.example>"
        local, _, domain = address.casefold().rpartition("@")
        if domain in {entry.casefold().rpartition("@")[2] for entry in own_addresses} or _MACHINE.fullmatch(local):
            return None
        name = _AROUND_ADDRESS.sub("", header["who"][: addresses[0].start()]).strip(" \t\"'*,")
        is_name = len(name.split()) >= _FEWEST_WORDS and "@" not in name and not any(sign.isdigit() for sign in name)
        return Writer(name if is_name else None, address, " ".join(header.group().lstrip(" \t>*").split()))
    return None

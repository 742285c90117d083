"""Who "we" are: tells our own mail addresses from everybody else's.

READS the `own_addresses` of the settings: addresses, or `@domain` for all of a domain. WRITES nothing. Keeps: another
address at the domain of one of ours is ours too, unless the domain is a public mail provider's. Where that is wrong a
customer is lost, so addresses that no colleague would have (no-reply, "customer", "unknown") are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.mail.machine_words import NO_REPLY_LOCAL, STAND_IN_LOCAL
from connectors.mail.public_providers import is_public

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """Our addresses and our domains, in small letters."""

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    def include(self, address: str) -> bool:
        """Whether an address is ours: named in the settings (a `+tag` left aside), or at a domain of ours."""
        local, domain = split_address(address)
        untagged = f"{local.split('+', 1)[0]}@{domain}"
        return bool(domain) and (
            domain in self.domains or address.casefold() in self.addresses or untagged in self.addresses
        )

    def stand_in(self, address: str) -> bool:
        """Whether an address at a domain of ours stands for customers: what a web form writes from, or a filler.

        An address that the settings name is none, whatever it is called.
        """
        local, domain = split_address(address)
        if domain not in self.domains or address.casefold() in self.addresses:
            return False
        return is_no_reply(local) or bool(STAND_IN_LOCAL.fullmatch(local))


def own_addresses(entries: Iterable[str]) -> OwnAddresses:
    """Read the `own_addresses` of the settings: `local@domain`, or `@domain` for every address at a domain."""
    addresses = {entry.strip().casefold() for entry in entries}
    named = {split_address(entry) for entry in addresses}
    domains = {domain for local, domain in named if not local or not is_public(domain)} - {""}
    return OwnAddresses(frozenset(entry for entry in addresses if not entry.startswith("@")), frozenset(domains))


@lru_cache(maxsize=4096)
def split_address(address: str) -> tuple[str, str]:
    """Local part and domain of an address in small letters; the domain is empty where there is no `@`."""
    local, at, domain = address.casefold().rpartition("@")
    return (local, domain.rstrip(".")) if at else (domain, "")


def is_no_reply(local: str) -> bool:
    """Whether the local part of an address says that nobody reads what is sent there."""
    return bool(NO_REPLY_LOCAL.fullmatch(local))

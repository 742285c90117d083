"""Who "we" are in a mail archive: the addresses that most mails go to, and that answer."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from connectors.mail.addresses import parse_addresses
from connectors.mail.own_addresses import split_address
from connectors.mail.public_providers import is_public
from connectors.propose.judge import percent
from connectors.propose.proposal import UNSURE, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.propose.sample import Sample

_OFTEN, _AT_ALL, _MOST = 0.1, 0.02, 5


def own_lines(sample: Sample) -> Iterator[Line]:
    """Yield the line of `own_addresses`: always unsure, for a mailbox can be read from either side."""
    counts: Counter[str] = Counter()
    mails = sample.rows
    for to, cc, sender in zip(*(sample.columns.get(name, []) for name in ("to", "cc", "from_address")), strict=True):
        met = {address for text in (to, cc) for address in _addresses(text)} | ({sender.lower()} if sender else set())
        counts.update(met)
    frequent = [(address, count) for address, count in counts.most_common() if count >= _OFTEN * mails]
    if not frequent:
        domains: Counter[str] = Counter()
        for address, count in counts.items():
            domains[split_address(address)[1]] += count
        frequent = [
            (f"@{domain}", count)
            for domain, count in domains.most_common(1)
            if domain and not is_public(domain) and count >= _OFTEN * mails
        ]
    if not frequent:
        said = "no address is met often: say who you are, or every mail is a customer's"
        yield Line("own_addresses", [], UNSURE, "", said)
        return
    first = frequent[0][0]
    domain = split_address(first)[1]
    others = [
        address
        for address, count in counts.most_common()
        if address != first
        and split_address(address)[1] == domain
        and count >= _AT_ALL * mails
        and not is_public(domain)
    ]
    why = f"{percent(min(frequent[0][1] / mails, 1.0))} of the mails go to it or come from it"
    yield Line("own_addresses", [first, *others[: _MOST - 1]], UNSURE, why, "add the other addresses of yours, if any")


def _addresses(text: str | None) -> list[str]:
    if not text:
        return []
    try:
        listed = json.loads(text)
    except ValueError:
        listed = [text]
    return [box.address.lower() for entry in listed for box in parse_addresses(str(entry)) if box.address]

"""Domains of e-mail addresses: providers with several, and misspelt ones read as the frequent one they are near."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from matching.attributes.word_list import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

ALIASES = {
    "googlemail.com": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "pm.me": "proton.me",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "yandex.com": "yandex.ru",
    "ya.ru": "yandex.ru",
}
"""Second domains of one provider's mailboxes, and the first one."""
DOTLESS = frozenset({"gmail.com"})
"""Providers that read a local part without its dots."""

_PROVIDERS = words_of("""
    aol.com mail.com email.com ymail.com rocketmail.com msn.com comcast.net att.net verizon.net cox.net charter.net
    sbcglobal.net bellsouth.net earthlink.net web.de t-online.de freenet.de arcor.de orange.fr free.fr wanadoo.fr
    laposte.net sfr.fr libero.it virgilio.it alice.it btinternet.com sky.com ntlworld.com bigpond.com rediffmail.com
    qq.com 163.com 126.com sina.com mail.ru zoho.com fastmail.com hey.com tutanota.com rogers.com shaw.ca
    sympatico.ca telus.net uol.com.br bol.com.br
""")
_IN_MANY_COUNTRIES = words_of("gmx yahoo hotmail live outlook")
_COUNTRIES = words_of("com net org de at ch fr it es co.uk com.au ca nl be ie in")
PUBLIC_PROVIDERS = (
    _PROVIDERS
    | {f"{name}.{ending}" for name in _IN_MANY_COUNTRIES for ending in _COUNTRIES}
    | {
        *ALIASES,
        *ALIASES.values(),
    }
)
"""Domains that lend mailboxes to anybody: never read as a misspelling, never ours alone."""
_ENDINGS = words_of("""
    net org info edu gov de at ch fr it es uk eu ca au us nl be ie in jp br mx se no dk fi pl
""")

_NEAR = 2
MORE_FREQUENT = 20
_SHORT = 8
"""Domains of at most so many letters are near only at distance 1."""


def domain_repairs(counts: Mapping[str, int]) -> dict[str, str]:
    """Return misspelt domain -> meant domain, learnt from the number of distinct addresses per domain.

    A domain stands for the nearest one that is at least 20 times as frequent, within an optimal string alignment
    distance of 2 (1 for short ones); among equally near ones for the most frequent.
    """
    frequent = sorted(domain for domain, count in counts.items() if count >= MORE_FREQUENT)
    least = max((counts[domain] for domain in frequent), default=0) / MORE_FREQUENT
    rare = sorted(domain for domain, count in counts.items() if count <= least and domain not in PUBLIC_PROVIDERS)
    if not (frequent and rare):
        return {}
    distances = cdist(rare, frequent, scorer=OSA.distance, score_cutoff=_NEAR)
    repairs: dict[str, str] = {}
    for row, domain in enumerate(rare):
        choices = [
            (int(distances[row, column]), -counts[meant], meant)
            for column, meant in enumerate(frequent)
            if distances[row, column] <= _NEAR and _may_stand_for(domain, meant, counts)
        ]
        nearest = min(((d, n, m) for d, n, m in choices if d < _NEAR or len(m) > _SHORT), default=None)
        if nearest:
            repairs[domain] = nearest[2]
    return repairs


def _may_stand_for(domain: str, meant: str, counts: Mapping[str, int]) -> bool:
    """Tell whether `domain` is rare enough beside `meant`, and not the same name under another real ending."""
    if domain == meant or counts[meant] < MORE_FREQUENT * counts[domain]:
        return False
    name, _, ending = domain.rpartition(".")
    return not (name == meant.rpartition(".")[0] and ending in _ENDINGS)


def restored_at_sign(broken: AbstractSet[str], whole: AbstractSet[str], counts: Mapping[str, int]) -> dict[str, str]:
    """Return address without an at sign -> address meant, for those of `broken` that end with a frequent domain.

    Where the at sign was misread as a letter, that letter goes if an address of `whole` says so.
    """
    frequent = sorted(
        (domain for domain, count in counts.items() if count >= MORE_FREQUENT), key=lambda d: (-len(d), d)
    )
    if not (frequent and broken):
        return {}
    ending = re.compile("(.+?)(" + "|".join(re.escape(domain) for domain in frequent) + ")")
    restored: dict[str, str] = {}
    for text in sorted(broken):
        found = ending.fullmatch(text)
        if found:
            local, domain = found.groups()
            shorter = f"{local[:-1]}@{domain}"
            restored[text] = shorter if shorter in whole else f"{local}@{domain}"
    return restored

"""An e-mail address: what was meant, whose mailbox it is, and when it is nobody's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from matching.attributes.characters import has_digit, unmasked, visible
from matching.attributes.dropped import Dropped, dropped_column
from matching.attributes.email_domain import ALIASES, DOTLESS, PUBLIC_PROVIDERS, domain_repairs, restored_at_sign
from matching.attributes.word_list import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LABEL = "E-mail"

NO_MAILBOXES = words_of("""
    none no na nomail noemail noaddress noone nobody nothing null nil unknown unk notgiven notprovided
    notavailable notapplicable noreply donotreply dontreply mailerdaemon postmaster test testing tester example
    sample fake asdf qwerty anonymous declined refused x xx xxx xxxx abc
""")
"""Letters of local parts that stand for no mailbox, or for one that nobody reads."""

ROLE_MAILBOXES = words_of("""
    info contact office admin administrator sales support help helpdesk service services hello mail enquiries enquiry
    inquiries billing accounts accounting finance orders order reception frontdesk team marketing press jobs careers
    hr webmaster hostmaster abuse security privacy legal kontakt buero verkauf rechnung ventas contacto secretariat
""")
"""Letters of local parts that stand for a desk, not for a person (RFC 2142 and custom)."""

TEST_MAILBOXES = frozenset(["test", "testing", "tester"])
"""Those of them that a record carries when somebody made it to try the system out."""

_ANGLE = re.compile(r"<([^<>]*@[^<>]*)>")
_SPELT_AT = re.compile(r"\s*[(\[{]\s*at\s*[)\]}]\s*", re.IGNORECASE)
_SPELT_DOT = re.compile(r"\s*[(\[{]\s*dot\s*[)\]}]\s*", re.IGNORECASE)
_SEVERAL = re.compile(r"[;,\s]+(?=[^\s@;,]+@)")
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")
_DOMAIN = re.compile(r"(?:[\w](?:[\w-]*[\w])?\.)+[^\W\d_][\w-]*[^\W_]")
_LETTERS = re.compile("[^a-z]")


@dataclass(frozen=True, slots=True)
class Email:
    """A standardised e-mail address.

    `address` is the compared form: casefolded, without tag, a provider's second domains and idle dots unified.
    `clean` is fit to publish. `domain` may still be misspelt and lack its dot until repaired from the data;
    `reason` says why the address is not used, or is None.
    """

    address: str
    clean: str
    local: str
    domain: str
    reason: str | None = None

    @property
    def letters(self) -> str:
        """The letters of the local part: what names are read from."""
        return letters_of(self.local)


def letters_of(local: str) -> str:
    """Return the letters a to z of a local part."""
    return _LETTERS.sub("", local)


def split_emails(raw: str) -> list[str]:
    """Return the addresses in one field; nearly always one."""
    if raw.count("@") < 2 or "@@" in raw or "<" in raw:  # noqa: PLR2004 - two addresses hold two of them
        return [raw]
    return [part for part in _SEVERAL.split(raw.strip()) if part]


def standardise_email(raw: str, repairs: Mapping[str, str] | None = None, own: frozenset[str] = frozenset()) -> Email:
    """Return the address meant by `raw`; never raises.

    `repairs` maps misspelt domains to what they stand for; `own` holds our own addresses and domains, casefolded.
    """
    local, domain = cut_email(raw)
    domain = (repairs or {}).get(domain, domain)
    clean = f"{local}@{domain}" if domain else local
    domain = ALIASES.get(domain, domain)
    if domain in DOTLESS:
        local = local.replace(".", "")
    address = f"{local}@{domain}" if domain else local
    return Email(address, clean, local, domain, _why_not(address, clean, local, domain, own))


@lru_cache(maxsize=1 << 16)
def cut_email(raw: str) -> tuple[str, str]:
    """Return local part without tag and domain; the domain is empty where there is no at sign."""
    text = unmasked(visible(raw)).casefold()
    angle = _ANGLE.search(text)
    text = angle.group(1) if angle else text
    text = text.removeprefix("mailto:").partition("?subject=")[0]
    text = _SPELT_DOT.sub(".", _SPELT_AT.sub("@", text))
    text = re.sub(r"@+", "@", re.sub(r"\s", "", text)).strip("<>()[]{}\"',;:.")
    local, _, domain = text.rpartition("@")
    if not local:
        return domain if "@" not in text else "", ""
    local = local.partition("+")[0] or local
    domain = re.sub(r"\.{2,}", ".", domain.replace(",", ".").replace("..", "."))
    return re.sub(r"\.{2,}", ".", local).strip("."), domain.strip(".-")


def _why_not(address: str, clean: str, local: str, domain: str, own: frozenset[str]) -> str | None:
    if not {address, clean, domain}.isdisjoint(own):
        return "our own address"
    letters = letters_of(local)
    if letters in NO_MAILBOXES and not has_digit(local):
        return "a placeholder"
    if "*" in address:
        return "masked"
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        return "not an e-mail address"
    return None


def own_mailboxes(addresses: Iterable[str]) -> frozenset[str]:
    """Return what `standardise_email` takes as `own`: the addresses, and their domains unless a provider's."""
    emails = [standardise_email(address) for address in addresses]
    domains = {email.domain for email in emails if email.domain not in PUBLIC_PROVIDERS}
    return frozenset({email.address for email in emails} | {email.clean for email in emails} | domains)


def _learn(raws: Sequence[str], known: Mapping[str, int] | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the distinct fields `raws` say about each other.

    First the misspelt domains with what they stand for, then the addresses that lost their at sign, whole again.
    """
    pieces = {cut_email(part) for raw in raws for part in split_emails(raw)}
    counts = dict(known or {})
    for _, domain in pieces if known is None else ():
        if domain:
            counts[domain] = counts.get(domain, 0) + 1
    whole = {f"{local}@{domain}" for local, domain in pieces if domain}
    broken = {local for local, domain in pieces if not domain}
    return domain_repairs(counts), restored_at_sign(broken, whole, counts)


def email_table(
    lists: Sequence[Sequence[str]], keys: Sequence[str], own: frozenset[str], domains: Mapping[str, int] | None = None
) -> pa.Table:
    """Return one row per list of raw addresses, named by `keys`: the first usable one, all, and the clean ones.

    Columns: raw, email, emails, clean_emails, is_test, dropped. Domains are repaired by what all lists together say, or
    by `domains`, how many distinct addresses each has.
    """
    distinct = sorted({raw for values in lists for raw in values if raw})
    repairs, restored = _learn(distinct, domains)
    known: dict[str, list[Email]] = {}
    for raw in distinct:
        parts = (restored.get(cut_email(part)[0], part) for part in split_emails(raw))
        known[raw] = [standardise_email(part, repairs, own) for part in parts]
    rows = [[(raw, email) for raw in values if raw for email in known[raw]] for values in lists]
    usable = [[email for _, email in row if not email.reason] for row in rows]
    dropped = [tuple(Dropped("email", raw, email.reason) for raw, email in row if email.reason) for row in rows]
    return pa.table(
        {
            "raw": pa.array(keys, pa.string()),
            "email": pa.array([emails[0].address if emails else None for emails in usable], pa.string()),
            "emails": pa.array([sorted({e.address for e in emails}) for emails in usable], pa.list_(pa.string())),
            "clean_emails": pa.array([list(dict.fromkeys(e.clean for e in m)) for m in usable], pa.list_(pa.string())),
            "is_test": pa.array(
                [any(e.reason and e.letters in TEST_MAILBOXES for _, e in row) for row in rows], pa.bool_()
            ),
            "dropped": dropped_column(dropped),
        }
    )

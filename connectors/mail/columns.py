"""One mail to the fixed set of plain columns that a mail source has.

READS a `Message` and our own addresses. WRITES one row: text, lists of text and nulls, nothing cleaned. Keeps: each
line of a mail's text is in exactly one of `body`, `signature` and `quoted`; only blank lines around these are dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.mail.nobody import OUTBOUND, Verdict, whose
from connectors.mail.quote import QuoteCut, cut_quoted, read_quotation
from connectors.mail.signature import SignatureCut, cut_signature, without_closing
from connectors.mail.signature_lines import SignatureFacts, find_emails, read_signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from connectors.mail.addresses import Mailbox
    from connectors.mail.message import Message
    from connectors.mail.own_addresses import OwnAddresses

Value = str | list[str] | None

# What a mail source's rows consist of, in this order. Lists: reply_addresses, to, cc, references, signature_phones,
# signature_addresses, signature_emails. The signature_* facts are the customer's: in a mail of ours they come from the
# signature quoted in it, and never from that of our staff.
MAIL_COLUMNS = (
    "key",
    "content_hash",
    "problem",
    "excluded_reason",
    "direction",
    "date",
    "date_text",
    "from_name",
    "from_address",
    "reply_addresses",
    "to",
    "cc",
    "party_name",
    "party_address",
    "subject",
    "body",
    "quoted",
    "signature",
    "quoted_signature",
    "signature_name",
    "signature_organisation",
    "signature_phones",
    "signature_addresses",
    "signature_emails",
    "in_reply_to",
    "references",
    "conversation",
)


def mail_columns(message: Message, own: OwnAddresses) -> dict[str, Value]:
    """Make the row of one mail: every column of `MAIL_COLUMNS`, None where the mail does not say.

    `date` is ISO 8601, ending in `Z` where the mail names its zone and without any zone where it does not; `date_text`
    is as written. A mail that could not be read has its key, its content hash and its problem only.
    """
    row: dict[str, Value] = dict.fromkeys(MAIL_COLUMNS)
    row |= {"key": message.message_id, "content_hash": message.content_hash, "problem": message.problem}
    if message.problem is not None:
        return row
    quote = cut_quoted(message.text.split("\n"))
    signature = cut_signature(quote.own, message.sender.name if message.sender else "")
    verdict = whose(message, own, "\n".join(quote.own))
    row |= _header_columns(message)
    row |= {
        "excluded_reason": verdict.reason,
        "direction": verdict.direction,
        "party_name": _or_none(verdict.party.name) if verdict.party else None,
        "party_address": _or_none(verdict.party.address) if verdict.party else None,
        "body": _block(signature.body),
        "quoted": _block(quote.quoted),
        "signature": _block(signature.signature),
    }
    return row | _signature_columns(quote, signature, verdict, own)


def _header_columns(message: Message) -> dict[str, Value]:
    root = message.references[0] if message.references else message.in_reply_to
    return {
        "date": _iso(message.sent_at),
        "date_text": message.date_text,
        "from_name": _or_none(message.sender.name) if message.sender else None,
        "from_address": _or_none(message.sender.address) if message.sender else None,
        "reply_addresses": _listed(message.reply_to),
        "to": _listed(message.to),
        "cc": _listed(message.cc),
        "subject": message.subject,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references) or None,
        "conversation": root or message.message_id,
    }


def _signature_columns(quote: QuoteCut, cut: SignatureCut, verdict: Verdict, own: OwnAddresses) -> dict[str, Value]:
    """Collect the signature's facts, of the customer's own signature or of the one that our answer quotes."""
    lines: Sequence[str] = cut.signature
    quoted_signature: tuple[str, ...] = ()
    if verdict.direction == OUTBOUND:
        quotation = read_quotation(quote.quoted)
        if not any(own.include(address) for address in find_emails([quotation.introduction])):
            quoted_signature = cut_signature(quotation.lines, verdict.party.name if verdict.party else "").signature
        lines = quoted_signature
    facts = read_signature(without_closing(lines)) if lines else SignatureFacts()
    return {
        "quoted_signature": _block(quoted_signature),
        "signature_name": facts.name,
        "signature_organisation": facts.organisation,
        "signature_phones": list(facts.phones) or None,
        "signature_addresses": list(facts.addresses) or None,
        "signature_emails": [email for email in facts.emails if not own.include(email)] or None,
    }


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + ("Z" if moment.tzinfo else "")


def _listed(mailboxes: Iterable[Mailbox]) -> list[str] | None:
    return [f"{box.name} <{box.address}>" if box.name else box.address for box in mailboxes] or None


def _block(lines: Sequence[str]) -> str | None:
    """Return lines as one text without the blank lines before and after them, None where nothing is left."""
    said = [number for number, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[said[0] : said[-1] + 1]) if said else None


def _or_none(text: str) -> str | None:
    return text or None

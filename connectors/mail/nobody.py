"""Whose a mail is: the customer it belongs to, or the reason why it is nobody's.

READS a `Message`, our own addresses and the mail's own text. WRITES nothing. Keeps: a mail is set aside only on what it
says of itself; an address alone (`noreply@…`, `test@…`) is no reason, since customers' mails come from such too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from connectors.mail.machine_words import (
    AWAY_SUBJECT,
    BOUNCE_SUBJECT,
    BULK_LOCAL,
    MACHINE_TEXT,
    NEWSLETTER_LOCAL,
    PERHAPS_BOUNCE_SUBJECT,
    TEST_LOCAL,
    TEST_NAME,
    TEST_TEXT,
    UNSUBSCRIBE,
)
from connectors.mail.own_addresses import OwnAddresses, is_no_reply, split_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.mail.addresses import Mailbox
    from connectors.mail.message import Message

INBOUND, OUTBOUND, INTERNAL = "inbound", "outbound", "internal"

_BULK_PRECEDENCE = frozenset({"bulk", "list", "junk"})


class Verdict(NamedTuple):
    """Whose a mail is.

    `party` is the customer's side as the mail writes it: None where there is none, where its address is missing, and
    where the mail is nobody's; then `reason` is one of `EXCLUDED_REASONS`.
    """

    direction: str
    party: Mailbox | None
    reason: str | None


class _Case(NamedTuple):
    """What the rules look at."""

    message: Message
    own: OwnAddresses
    own_text: str
    direction: str
    party: Mailbox | None

    @property
    def local(self) -> str:
        """Return the local part of the sender's address."""
        return split_address(self.message.sender.address)[0] if self.message.sender else ""

    @property
    def name(self) -> str:
        """Return the sender's name in small letters, its words tied by hyphens."""
        return "-".join(self.message.sender.name.casefold().split()) if self.message.sender else ""

    def field(self, name: str) -> str:
        """Return a field of the header in small letters, empty where it is missing."""
        return (self.message.machine_field(name) or "").strip().casefold() if self.message.machine_fields else ""


def whose(message: Message, own: OwnAddresses, own_text: str) -> Verdict:
    """Decide whose a mail is; `own_text` is its text without quotations.

    A mail to us is its sender's (its Reply-To's, where a web form or relay wrote it); a mail of ours is that of the
    first outside address in To, then Cc. A sender without any address gives no party and no reason.
    """
    direction, party = _route(message, own)
    case = _Case(message, own, own_text, direction, party)
    reason = next((name for name, applies in _REASONS if applies(case)), None)
    return Verdict(INTERNAL if reason == INTERNAL else direction, party if reason is None else None, reason)


def _route(message: Message, own: OwnAddresses) -> tuple[str, Mailbox | None]:
    """Direction and customer's side of a mail, by its addresses alone."""
    sender = message.sender if message.sender and message.sender.address else None
    answers_go_to = next((box for box in message.reply_to if "@" in box.address and not own.include(box.address)), None)
    if sender is None or "@" not in sender.address:
        return INBOUND, None
    if not own.include(sender.address):
        return INBOUND, answers_go_to if answers_go_to and _is_relayed(sender, answers_go_to) else sender
    recipients = [box for box in (*message.to, *message.cc) if "@" in box.address]
    outside = next((box for box in recipients if not own.include(box.address)), None)
    if outside:
        return OUTBOUND, outside
    if answers_go_to:
        return INBOUND, answers_go_to
    if own.stand_in(sender.address):
        return INBOUND, sender
    return OUTBOUND, next((box for box in recipients if own.stand_in(box.address)), None)


def _is_relayed(sender: Mailbox, answers_go_to: Mailbox) -> bool:
    """Whether a no-reply address wrote for somebody elsewhere, as the services behind web forms do."""
    local, domain = split_address(sender.address)
    other_local, other_domain = split_address(answers_go_to.address)
    return is_no_reply(local) and domain != other_domain and not is_no_reply(other_local)


def _is_bounce(case: _Case) -> bool:
    subject = case.message.subject or ""
    if (
        "mailer-daemon" in {case.local, case.name}
        or case.message.report_type == "delivery-status"
        or case.field("x-failed-recipients")
    ):
        return True
    if case.direction == OUTBOUND:
        return False
    no_return = case.field("return-path") == "<>"
    if case.local == "postmaster" or case.local.startswith("microsoftexchange"):
        return no_return or _by_machine(case) or bool(PERHAPS_BOUNCE_SUBJECT.match(subject))
    # Answering machines leave the return path empty too.
    return bool(BOUNCE_SUBJECT.match(subject)) or (no_return and not _is_out_of_office(case))


def _is_out_of_office(case: _Case) -> bool:
    if AWAY_SUBJECT.match(case.message.subject or ""):
        return True
    if case.direction == OUTBOUND:
        return False  # our own acknowledgements are part of what the customer got
    answered = case.field("auto-submitted").startswith("auto-replied") or case.field("precedence") == "auto_reply"
    return answered or bool(case.field("x-autorespond")) or case.field("x-autoreply") not in {"", "no"}


def _is_newsletter(case: _Case) -> bool:
    message = case.message
    if case.direction == OUTBOUND and (message.in_reply_to or message.references):
        return False
    if NEWSLETTER_LOCAL.fullmatch(case.local):
        return True
    if BULK_LOCAL.fullmatch(case.local) and UNSUBSCRIBE.search(case.own_text):
        return True
    listed = case.field("list-unsubscribe") or case.field("list-id") or case.field("precedence") in _BULK_PRECEDENCE
    return bool(listed) and not _came_through_own_list(case)


def _came_through_own_list(case: _Case) -> bool:
    """Whether our own mailbox is the list (a group address), as it then is in all our customers' mails."""
    if case.direction == OUTBOUND:
        return False
    for word in re.split(r"[\s<>;,]+", " ".join(case.field(name) for name in ("list-id", "list-post", "mailing-list"))):
        address = word.removeprefix("mailto:")
        if "@" not in address:
            address = address.replace(".", "@", 1)  # a List-Id writes a dot for the @
        if case.own.include(address):
            return True
    return False


def _is_no_reply(case: _Case) -> bool:
    """Whether a no-reply address shows that it is a machine: customers' mails come from such as well."""
    if case.direction == OUTBOUND or case.party is None:
        return False
    return is_no_reply(split_address(case.party.address)[0]) and _by_machine(case)


def _by_machine(case: _Case) -> bool:
    submitted = case.field("auto-submitted")
    marks = ("x-auto-response-suppress", "feedback-id", "list-unsubscribe")
    return (
        (bool(submitted) and submitted != "no")
        or case.field("precedence") in _BULK_PRECEDENCE
        or any(case.field(name) for name in marks)
        or bool(MACHINE_TEXT.search(case.own_text))
    )


def _is_internal(case: _Case) -> bool:
    """From one of us to nobody but us."""
    boxes = (*case.message.to, *case.message.cc)
    ours = bool(boxes) and all(case.own.include(box.address) for box in boxes)
    return case.direction == OUTBOUND and case.party is None and ours


def _is_test(case: _Case) -> bool:
    party = case.party
    if party and TEST_LOCAL.fullmatch(split_address(party.address)[0]) and TEST_NAME.fullmatch(party.name):
        return True
    if not TEST_TEXT.fullmatch((case.message.subject or "").strip(" .!")):
        return False
    text = " ".join(case.own_text.split()).strip(" .!")
    return not text or bool(TEST_TEXT.fullmatch(text))


# In this order: an answering machine may call itself bulk mail, and a bounce comes from an address at our domain.
_REASONS: tuple[tuple[str, Callable[[_Case], bool]], ...] = (
    ("bounce", _is_bounce),
    ("out_of_office", _is_out_of_office),
    ("newsletter", _is_newsletter),
    ("no_reply", _is_no_reply),
    (INTERNAL, _is_internal),
    ("test", _is_test),
)
EXCLUDED_REASONS = tuple(name for name, _ in _REASONS)

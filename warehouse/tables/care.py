"""Tables of the customer 360: exactly as they are published (contract of a release)."""

from __future__ import annotations

from warehouse.table_spec import Column, TableSpec
from warehouse.tables.household import MEMBER_BASES
from warehouse.tables.landing import HOLDS

ACTIVITY = TableSpec(
    schema="care",
    name="activity",
    grain="thing that happened",
    key=("activity_id",),
    columns=(
        Column(
            "activity_id",
            "VARCHAR",
            "`act_` + 16 characters of Crockford base32 of a hash of its record",
            nullable=False,
        ),
        Column("golden_id", "VARCHAR", "the customer it belongs to, by its record", nullable=False),
        Column("source", "VARCHAR", "the source's name in joinedup.yaml", nullable=False),
        Column("source_record_id", "VARCHAR", "the record's key in its source, byte for byte", nullable=False),
        Column("kind", "VARCHAR", "what its source holds", nullable=False, values=HOLDS),
        Column("at", "TIMESTAMP", "when it happened, UTC"),
        Column("reference", "VARCHAR", "what others quote"),
        Column(
            "about_activity_id",
            "VARCHAR",
            "the activity that it names, quotes or answers to; it may be another customer's",
        ),
        Column(
            "conversation_id",
            "VARCHAR",
            "the first activity of its conversation; messages, cases and interactions have one",
        ),
        Column("channel", "VARCHAR", "how it came: as delivered, else by what its source holds"),
        Column(
            "direction",
            "VARCHAR",
            "which way it went; null where the source does not say",
            values=("inbound", "outbound", "internal"),
        ),
        Column("amount", "DECIMAL(18,4)", "in `currency`"),
        Column("currency", "VARCHAR", "as delivered"),
        Column("status", "VARCHAR", "open, closed or cancelled where declared, else as delivered"),
        Column(
            "state",
            "VARCHAR",
            "what `status` means: as declared, else by the ordinary words for it; null where it means nothing of these",
            values=("open", "closed", "cancelled"),
        ),
        Column("subject", "VARCHAR", "in one line, as delivered", personal=True),
        Column("excerpt", "VARCHAR", "how what was said begins, at most 300 characters of it", personal=True),
        Column("promised_at", "TIMESTAMP", "what was promised for when, UTC"),
        Column("handled_by", "VARCHAR", "who of us saw to it, as delivered", personal=True),
        Column(
            "role",
            "VARCHAR",
            "contact: addressed to us; visit: a look at our pages; delivery: goods of an order on their way; else null",
            values=("contact", "visit", "delivery"),
        ),
    ),
)

ITEM = TableSpec(
    schema="care",
    name="item",
    grain="line of an order or invoice",
    key=("activity_id", "line"),
    columns=(
        Column("activity_id", "VARCHAR", "the order or invoice", nullable=False),
        Column("line", "INTEGER", "from 1", nullable=False),
        Column("sku", "VARCHAR", "what was bought"),
        Column("description", "VARCHAR", "in words, as delivered"),
        Column("quantity", "DECIMAL(18,4)", "how many"),
        Column("amount", "DECIMAL(18,4)", "in the activity's currency"),
    ),
)

PROFILE = TableSpec(
    schema="care",
    name="profile",
    grain="customer",
    key=("golden_id",),
    columns=(
        Column("golden_id", "VARCHAR", "the customer", nullable=False),
        Column("orders", "BIGINT", "orders, without cancelled ones", nullable=False),
        Column(
            "spend",
            "MAP(VARCHAR, DECIMAL(18,4))",
            "currency -> sum over orders, without cancelled ones; XXX: no currency was said",
            nullable=False,
        ),
        Column("last_order_at", "TIMESTAMP", "time of the latest order, UTC"),
        Column(
            "contacts",
            "BIGINT",
            "messages, calls, chats and cases that the customer addressed to us: role contact",
            nullable=False,
        ),
        Column("last_contact_at", "TIMESTAMP", "time of the latest contact, UTC"),
        Column(
            "preferred_channel",
            "VARCHAR",
            "told last, else the one that contacts came by most; none that is refused",
        ),
        Column("open_cases", "BIGINT", "cases whose state is open", nullable=False),
        Column(
            "experience",
            "VARCHAR",
            "by orders so far: 0 none, 1 or 2 new, 3 to 9 regular, from 10 on expert",
            nullable=False,
            values=("none", "new", "regular", "expert"),
        ),
        Column(
            "satisfaction",
            "VARCHAR",
            "by complaints, returns and praise of the twelve months before as_of; null where nothing tells",
            values=("good", "mixed", "poor"),
        ),
        Column(
            "problems_12m",
            "BIGINT",
            "cases, and conversations without one in which the customer complains, in the twelve months before as_of",
            nullable=False,
        ),
        Column("last_problem_at", "TIMESTAMP", "time of the latest case or complaint, UTC"),
        Column(
            "may_offer",
            "BOOLEAN",
            "whether selling is decent now: not while a case is open, a complaint of the household, a signal of weight,"
            " or where marketing is refused",
            nullable=False,
        ),
        Column("may_offer_reason", "VARCHAR", "why, in words, the gravest first", nullable=False),
    ),
)

SEVERITIES = ("info", "notice", "warning", "urgent")

SIGNAL = TableSpec(
    schema="care",
    name="signal",
    grain="thing to know about a customer at as_of",
    key=("golden_id", "signal", "activity_id"),
    columns=(
        Column("golden_id", "VARCHAR", "the customer it is about", nullable=False),
        Column("signal", "VARCHAR", "what kind of thing, as a short name", nullable=False),
        Column("severity", "VARCHAR", "how soon somebody should know", nullable=False, values=SEVERITIES),
        Column("since", "TIMESTAMP", "from when on, UTC"),
        Column("evidence", "VARCHAR", "in words", nullable=False, personal=True),
        Column("words", "VARCHAR", "what the customer may be told of it, in words fit for them", personal=True),
        Column("activity_id", "VARCHAR", "the activity it rests on"),
    ),
)

SIGNAL_CHANGE = TableSpec(
    schema="care",
    name="signal_change",
    grain="signal raised or cleared, all releases so far",
    key=("sequence",),
    columns=(
        Column("sequence", "BIGINT", "place in the feed of signals, from 1 without gaps", nullable=False),
        Column("release_id", "VARCHAR", "the release that raised or cleared it", nullable=False),
        Column("at", "TIMESTAMP", "that release's as_of, UTC", nullable=False),
        Column("event", "VARCHAR", "what became of it", nullable=False, values=("raised", "cleared")),
        Column("golden_id", "VARCHAR", "the customer it is or was about", nullable=False),
        Column("signal", "VARCHAR", "as in `signal`", nullable=False),
        Column("severity", "VARCHAR", "as in `signal`", nullable=False, values=SEVERITIES),
        Column("since", "TIMESTAMP", "as in `signal`"),
        Column("activity_id", "VARCHAR", "as in `signal`"),
    ),
)

CONTACT_FACT = TableSpec(
    schema="care",
    name="contact_fact",
    grain="contact point or name that a customer told us of in a message or case",
    key=("activity_id", "attribute", "value"),
    columns=(
        Column("golden_id", "VARCHAR", "the customer who told it", nullable=False),
        Column("activity_id", "VARCHAR", "where it was told", nullable=False),
        Column("attribute", "VARCHAR", "what it is", nullable=False, values=("address", "phone", "email", "name")),
        Column("value", "VARCHAR", "as it was told", nullable=False, personal=True),
        Column(
            "told",
            "VARCHAR",
            "that it is new, that an old one is no longer true, or that the message was passed on by somebody else",
            nullable=False,
            values=("new", "no_longer", "forwarded"),
        ),
        Column("at", "TIMESTAMP", "when it was told, UTC"),
        Column("sentence", "VARCHAR", "the words it was told in", personal=True),
        Column("is_known", "BOOLEAN", "whether the golden record has the value already", nullable=False),
    ),
)

ISSUE_EFFECT = TableSpec(
    schema="care",
    name="issue_effect",
    grain="open order line that a known issue or missing stock touches",
    key=("issue_id", "activity_id", "line"),
    columns=(
        Column(
            "issue_id", "VARCHAR", "the known issue; `stock:` + the sku where nothing of it is left", nullable=False
        ),
        Column("activity_id", "VARCHAR", "the order", nullable=False),
        Column("line", "INTEGER", "its line; 0 where the whole order is touched", nullable=False),
        Column("golden_id", "VARCHAR", "whose order it is", nullable=False),
        Column("because", "VARCHAR", "what they have in common, in words", nullable=False),
    ),
)

CHANNELS = ("any", "chat", "email", "phone", "post", "sms")
PURPOSES = ("any", "marketing", "service")
"""What customers may be asked about by, and for; any: all of them."""

PERMISSION = TableSpec(
    schema="care",
    name="permission",
    grain="channel that a customer may or may not be addressed by, for a purpose",
    key=("golden_id", "channel", "purpose"),
    columns=(
        Column("golden_id", "VARCHAR", "the customer", nullable=False),
        Column("channel", "VARCHAR", "the channel; any: whichever it is", nullable=False, values=CHANNELS),
        Column("purpose", "VARCHAR", "what for; any: whatever for", nullable=False, values=PURPOSES),
        Column("allowed", "BOOLEAN", "whether it is allowed: the strictest of what was said wins", nullable=False),
        Column("reason", "VARCHAR", "why, in words", nullable=False),
        Column("source", "VARCHAR", "where it was said", nullable=False),
        Column(
            "source_record_id",
            "VARCHAR",
            "the record that says it; another customer's where a refused address or number is shared",
            nullable=False,
        ),
        Column("at", "TIMESTAMP", "when it was said, UTC"),
    ),
)

OFFER = TableSpec(
    schema="care",
    name="offer",
    grain="offer of joinedup.yaml, for a customer",
    key=("golden_id", "offer"),
    columns=(
        Column("golden_id", "VARCHAR", "the customer", nullable=False),
        Column("offer", "VARCHAR", "the offer's name in joinedup.yaml", nullable=False),
        Column("eligible", "BOOLEAN", "whether it fits what was bought and sent back, and may be made", nullable=False),
        Column("reason", "VARCHAR", "why or why not, in words", nullable=False),
        Column("say", "VARCHAR", "what is offered, in the words of joinedup.yaml", nullable=False),
    ),
)

KNOWN_ISSUE = TableSpec(
    schema="care",
    name="known_issue",
    grain="problem of ours",
    key=("issue_id",),
    columns=(
        Column("issue_id", "VARCHAR", "its key in the source that tells of it", nullable=False),
        Column("title", "VARCHAR", "in one line"),
        Column("sku", "VARCHAR", "the article concerned"),
        Column("lot", "VARCHAR", "the batch concerned"),
        Column("carrier", "VARCHAR", "the carrier concerned"),
        Column("region", "VARCHAR", "where it is"),
        Column("from_at", "TIMESTAMP", "when it began, UTC"),
        Column("until_at", "TIMESTAMP", "when it ended, UTC; null while it lasts"),
        Column("url", "VARCHAR", "where more is written about it"),
    ),
)

HOUSEHOLD = TableSpec(
    schema="care",
    name="household",
    grain="customer in a household",
    key=("household_id", "golden_id"),
    columns=(
        Column(
            "household_id",
            "VARCHAR",
            "`hh_` + 16 characters of Crockford base32 of a keyed hash of its oldest member's golden id;"
            " it stays as long as that member stays the oldest of it",
            nullable=False,
        ),
        Column("golden_id", "VARCHAR", "the customer who lives in it; in no other household", nullable=False),
        Column(
            "basis",
            "VARCHAR",
            "what it has in common with others of the household; decision: a steward said that they live together",
            nullable=False,
            values=MEMBER_BASES,
        ),
    ),
)

TABLES = (
    *(ACTIVITY, ITEM, CONTACT_FACT, PROFILE, PERMISSION, OFFER),
    *(SIGNAL, SIGNAL_CHANGE, KNOWN_ISSUE, ISSUE_EFFECT, HOUSEHOLD),
)

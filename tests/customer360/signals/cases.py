"""The customers of the world: for each rule some about whom it raises its signal, and some about whom it does not."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.customer360.signals.world import Case, ago, answer, case, invoice, mail, order, record

if TYPE_CHECKING:
    from tests.customer360.signals.world import Record


def yes(rule: str, name: str, about: str, *records: Record, fact: dict[str, Any] | None = None) -> Case:
    return Case(f"{rule}: {name}", rule, about, records, (fact,) if fact else ())


def no(rule: str, name: str, *records: Record, fact: dict[str, Any] | None = None) -> Case:
    return Case(f"{rule}: not {name}", rule, None, records, (fact,) if fact else ())


def orders(name: str, *days: float) -> tuple[Record, ...]:
    """Return delivered orders of so many days ago, called name-0, name-1 and so on."""
    return tuple(order(f"{name}-{place}", day) for place, day in enumerate(days))


def hands(key: str, *names: str, first: float = 9, thread: str = "") -> tuple[Record, ...]:
    """Return messages, a day apart, of one conversation or none, each seen to by somebody."""
    return tuple(
        mail(f"{key}{place}", first - place, handled_by=name, conversation=thread or f"{key}{place}")
        for place, name in enumerate(names)
    )


OURS = Case("nobody", "", None, (
    record("known_issue", "KI-1", subject="Glaze chips off", told={"sku": "MUG"}),
    record("known_issue", "KI-2", subject="More of it", told={"sku": "MUG"}),
    record("inventory", "CUP|A", told={"on_hand": "0", "expected": "2026-06-05"}),
))  # fmt: skip

_COMPLAINTS = (
    yes("open_complaint", "a case", "OC1", case("OC1", 400, subject="Lamp is broken")),
    yes("open_complaint", "a mail", "<oc2>", mail("oc2", 1, subject="It arrived damaged")),
    no("open_complaint", "closed", case("OC3", 4, subject="Lamp is broken", status="solved")),
    no("open_complaint", "a question", case("OC4", 4, subject="Do you sell lamps?")),
    no("open_complaint", "where an order is", order("OC10", 9, status="shipped", promised=-2),
       mail("oc10", 1, subject="Where is my order?", about="OC10")),
    yes("open_complaint", "where a late order is", "<oc11>", order("OC11", 9, status="shipped", promised=4),
        mail("oc11", 1, subject="Where is my order?", about="OC11")),
    no("open_complaint", "answered", mail("oc5", 9, subject="Broken", conversation="oc5"),
       answer("oc6", 8, conversation="oc5")),
    no("open_complaint", "long ago", mail("oc7", 31, subject="It arrived damaged")),
    no("open_complaint", "its case is solved", mail("oc8", 9, body="Broken", about="OC8"),
       case("OC8", 9, status="solved")),
    no("open_complaint", "where answers are not brought", mail("oc9", 9, body="Broken", channel="letter")),
)  # fmt: skip
_ISSUES = (
    yes("known_issue", "its article", "KO1", order("KO1", 3, status="processing", skus=["MUG"])),
    yes("known_issue", "out of stock", "KO2", order("KO2", 3, status="processing", skus=["CUP"])),
    no("known_issue", "delivered", order("KO3", 3, skus=["MUG"])),
    no("known_issue", "another article", order("KO4", 3, status="processing", skus=["TEA"])),
)
_PARCEL = {"direction": "outbound", "status": "in transit", "told": {"carrier": "North"}}
_LATE = (
    yes("order_late", "its promise", "OL1", order("OL1", 9, status="shipped", promised=1.5)),
    yes("order_late", "a parcel's promise", "OL2", order("OL2", 9, status="shipped"),
        record("interaction", "P2", about="OL2", promised=3.5, **_PARCEL)),
    no("order_late", "delivered", order("OL3", 9, promised=3.5)),
    no("order_late", "today is the day", order("OL4", 9, status="shipped", promised=0)),
    no("order_late", "its parcel came", order("OL5", 9, status="shipped", promised=3.5),
       record("interaction", "P5", about="OL5", **_PARCEL | {"status": "delivered"})),
    no("order_late", "nothing promised", order("OL6", 90, status="shipped")),
)  # fmt: skip
_TWICE = (
    yes("duplicate_charge", "one order", "DC2", order("DO1", 9), invoice("DC1", 9, about="DO1"),
        invoice("DC2", 8.5, about="DO1")),
    yes("duplicate_charge", "the same lines", "DC4", invoice("DC3", 9, skus=["A", "B"]),
        invoice("DC4", 8, skus=["B", "A"])),
    yes("duplicate_charge", "orders of the same lines", "DC6", order("DO5", 9, skus=["A"]), order("DO6", 9, skus=["A"]),
        invoice("DC5", 9, about="DO5"), invoice("DC6", 8.9, about="DO6")),
    yes("duplicate_charge", "one number", "dc8", invoice("dc7", 9, reference="N-1"),
        invoice("dc8", 9 - 0.01, reference="n-1")),
    yes("duplicate_charge", "both paid", "DO8", order("DO7", 9, status="paid", skus=["A"], amount=Decimal(5)),
        order("DO8", 8.5, status="paid", skus=["A"], amount=Decimal(5))),
    no("duplicate_charge", "two orders that nobody says are paid", order("DO9", 9, skus=["A"], amount=Decimal(5)),
       order("DO10", 8.5, skus=["A"], amount=Decimal(5))),
    no("duplicate_charge", "another amount", order("DO11", 9), invoice("DC11", 9, about="DO11"),
       invoice("DC12", 8.5, about="DO11", amount=Decimal(3))),
    no("duplicate_charge", "another currency", order("DO13", 9), invoice("DC13", 9, about="DO13"),
       invoice("DC14", 8.5, about="DO13", currency="EUR")),
    no("duplicate_charge", "a month later", order("DO15", 60), invoice("DC15", 60, about="DO15"),
       invoice("DC16", 30, about="DO15")),
    no("duplicate_charge", "instalments", order("DO17", 9),
       invoice("DC17", 9, about="DO17", subject="Instalment 1 of 3"),
       invoice("DC18", 8, about="DO17", subject="Instalment 2 of 3")),
    no("duplicate_charge", "cancelled", order("DO19", 9), invoice("DC19", 9, about="DO19", status="void"),
       invoice("DC20", 8.5, about="DO19")),
    no("duplicate_charge", "given back", order("DO21", 9), invoice("DC21", 9, about="DO21"),
       invoice("DC22", 8.5, about="DO21"), invoice("DC23", 4, amount=Decimal(-20))),
    no("duplicate_charge", "other lines", invoice("DC24", 9, skus=["A"]), invoice("DC25", 9, skus=["B"])),
    no("duplicate_charge", "nothing in common", invoice("DC26", 9), invoice("DC27", 9)),
    no("duplicate_charge", "one invoice in two systems", invoice("DC28", 9, reference="N-2", source="west"),
       invoice("DC29", 9, reference="N-2", source="east", skus=["A"])),
    no("duplicate_charge", "an invoice and its payment", order("DO32", 9), invoice("DC32", 9, about="DO32"),
       invoice("DC33", 9, about="DO32", source="payments")),
    no("duplicate_charge", "long ago", order("DO30", 200), invoice("DC30", 200, about="DO30"),
       invoice("DC31", 199, about="DO30")),
)  # fmt: skip
_WAITING = (
    yes("unanswered_message", "since Wednesday", "<um1>", mail("um1", 5, body="When do you open?")),
    yes("unanswered_message", "after our answer", "<um4>", mail("um2", 9, conversation="um2"),
        answer("um3", 8, conversation="um2"), mail("um4", 6, conversation="um2", body="And on Sunday?")),
    no("unanswered_message", "since Thursday noon, with a weekend", mail("um5", 3.5, body="When do you open?")),
    no("unanswered_message", "answered", mail("um6", 9, conversation="um6"), answer("um7", 2, conversation="um6")),
    no("unanswered_message", "answered elsewhere", order("UO8", 99), mail("um8", 9, about="UO8"),
       answer("um9", 2, about="UO8")),
    no("unanswered_message", "its case is solved", mail("um10", 9, about="UC10"), case("UC10", 9, status="solved")),
    no("unanswered_message", "thanks", mail("um11", 9, body="Thank you, all is well.")),
    no("unanswered_message", "long ago", mail("um12", 31, body="When do you open?")),
    no("unanswered_message", "where answers are not brought", mail("um13", 9, body="When?", channel="letter")),
)  # fmt: skip
_NEAR = (
    yes("deadline_near", "an order", "DN1", order("DN1", 9, status="shipped", promised=-1)),
    yes("deadline_near", "an invoice", "DN2", invoice("DN2", 9, status="open", promised=-1.5)),
    yes("deadline_near", "a case", "DN3", case("DN3", 9, promised=-0.5)),
    yes("deadline_near", "a call back", "DN4",
        record("interaction", "DN4", at=ago(days=9), channel="phone", promised=-1)),
    no("deadline_near", "too far", order("DN5", 9, status="shipped", promised=-3)),
    no("deadline_near", "paid", invoice("DN6", 9, promised=-1)),
    no("deadline_near", "late already", order("DN7", 9, status="shipped", promised=4),
       record("interaction", "PN7", about="DN7", promised=-1, **_PARCEL)),
)  # fmt: skip
_OVERDUE = (
    yes("overdue_invoice", "unpaid", "OI1", invoice("OI1", 40, status="unpaid", promised=10)),
    no("overdue_invoice", "paid", invoice("OI2", 40, promised=10)),
    no("overdue_invoice", "of no status", invoice("OI3", 40, status=None, promised=10)),
    no("overdue_invoice", "not due yet", invoice("OI4", 40, status="unpaid", promised=-10)),
    no("overdue_invoice", "a credit", invoice("OI5", 40, status="open", promised=10, amount=Decimal(-4))),
)
_AGAIN = (
    yes("asked_again", "one order by two channels", "AA2", order("AO1", 99), mail("aa1", 9, about="AO1"),
        record("interaction", "AA2", at=ago(days=5), about="AO1", channel="phone")),
    yes("asked_again", "one conversation", "<aa4>", mail("aa3", 9, conversation="aa3"),
        mail("aa4", 7, conversation="aa3")),
    yes("asked_again", "one subject", "<aa6>", mail("aa5", 9, subject="Opening hours"),
        mail("aa6", 7, subject="Re: opening hours")),
    no("asked_again", "an exchange", mail("aa7", 9, conversation="aa7"), answer("aa8", 8, conversation="aa7"),
       mail("aa9", 7, conversation="aa7")),
    no("asked_again", "the case opened for it", mail("aa12c", 9, about="AC12"), case("AC12", 8, subject="A matter")),
    no("asked_again", "a postscript", mail("aa10", 9, conversation="aa10"), mail("aa11", 8.9, conversation="aa10")),
    no("asked_again", "weeks later", order("AO12", 99), mail("aa12", 25, about="AO12"), mail("aa13", 5, about="AO12")),
    no("asked_again", "over", order("AO14", 99), mail("aa14", 27, about="AO14"), mail("aa15", 25, about="AO14")),
    no("asked_again", "two things", mail("aa16", 9, subject="Opening hours"), mail("aa17", 7, subject="A lamp")),
    no("asked_again", "thanks", order("AO18", 99), mail("aa18", 9, about="AO18"),
       mail("aa19", 7, about="AO18", body="Thanks!")),
    no("asked_again", "looking", order("AO20", 99), *(record("interaction", f"AA2{place}", channel="web", about="AO20",
       at=ago(days=9 - place)) for place in (0, 3))),
)  # fmt: skip
_PASSED = (
    yes("passed_around", "in one conversation", "<pa2>", *hands("pa", "Ann", "Bob", "Cleo", thread="t1")),
    no("passed_around", "two of us", *hands("pb", "Ann", "Bob", "ann ", thread="t2")),
    no("passed_around", "three things", *hands("pc", "Ann", "Bob", "Cleo")),
    no("passed_around", "long ago", *hands("pd", "Ann", "Bob", "Cleo", first=120, thread="t3")),
)
_TOLD = (
    yes("told_us_already", "of an open order", "<ta1>", order("TO1", 9, status="shipped"), mail("ta1", 2, about="TO1")),
    yes("told_us_already", "of a new number", "<ta2>", mail("ta2", 2, body="My new number"),
        fact={"key": "<ta2>", "attribute": "phone"}),
    no("told_us_already", "of what is delivered", order("TO3", 9), mail("ta3", 2, about="TO3")),
    no("told_us_already", "long ago", order("TO4", 99, status="shipped"), mail("ta4", 31, about="TO4")),
    no("told_us_already", "what is known", mail("ta5", 2),
       fact={"key": "<ta5>", "attribute": "phone", "is_known": True}),
    no("told_us_already", "by us", order("TO6", 9, status="shipped"), answer("ta6", 2, about="TO6")),
)  # fmt: skip
_SILENT = (
    yes("silent_after_complaint", "a case", "SC1", *orders("s1", 160, 140, 120), case("SC1", 110, body="It is broken",
        status="solved")),
    yes("silent_after_complaint", "a mail", "<sc2>", *orders("s2", 160, 140, 120),
        mail("sc2", 110, body="It is broken", conversation="sc2"), answer("sc3", 109, conversation="sc2")),
    no("silent_after_complaint", "still open", *orders("s4", 160, 140, 120), case("SC4", 110, body="It is broken")),
    no("silent_after_complaint", "ordered since", *orders("s5", 160, 140, 20), case("SC5", 110, body="Broken",
       status="solved")),
    no("silent_after_complaint", "heard of long after", *orders("s8", 260, 240, 220),
       case("SC8", 210, body="Broken", status="solved"), mail("sc9", 120)),
    no("silent_after_complaint", "no complaint", *orders("s6", 160, 140, 120), case("SC6", 110, body="A question",
       status="solved")),
    no("silent_after_complaint", "too early", *orders("s7", 160, 140, 120), case("SC7", 30, body="Broken",
       status="solved")),
)  # fmt: skip
_QUIET = (
    yes("going_quiet", "twice the time is over", "q1-2", *orders("q1", 90, 70, 50)),
    no("going_quiet", "not yet", *orders("q2", 90, 70, 30)),
    no("going_quiet", "two orders", *orders("q3", 90, 70)),
    no("going_quiet", "orders of one day", *orders("q4", 90, 90.1, 90.2)),
    no("going_quiet", "heard of since", *orders("q5", 90, 70, 50), mail("q5", 10)),
    no("going_quiet", "gone", *orders("q6", 800, 780, 760)),
    no("going_quiet", "weekly at the most", *orders("q7", 14, 13, 12)),
    no("going_quiet", "a complaint explains it", *orders("q8", 160, 140, 120),
       case("QC8", 110, body="Broken", status="solved")),
)  # fmt: skip
_FIRST = (
    yes("first_order", "of last week", "FO1", order("FO1", 7)),
    yes("first_order", "long open", "FO2", order("FO2", 70, status="shipped"), order("FO3", 80, status="cancelled")),
    no("first_order", "the second", order("FO4", 70), order("FO5", 7)),
    no("first_order", "long delivered", order("FO6", 31)),
    no("first_order", "cancelled", order("FO7", 7, status="cancelled")),
)
_MOVE = (
    yes("possible_move", "a new address", "<pm1>", mail("pm1", 100), fact={"key": "<pm1>", "attribute": "address"}),
    yes("possible_move", "the old one no more", "<pm2>", mail("pm2", 100),
        fact={"key": "<pm2>", "attribute": "address", "told": "no_longer", "is_known": True}),
    no("possible_move", "known", mail("pm3", 100), fact={"key": "<pm3>", "attribute": "address", "is_known": True}),
    no("possible_move", "a phone", mail("pm4", 100), fact={"key": "<pm4>", "attribute": "phone"}),
    no("possible_move", "long ago", mail("pm5", 181), fact={"key": "<pm5>", "attribute": "address"}),
    no("possible_move", "an old one that no record has", mail("pm6", 100),
       fact={"key": "<pm6>", "attribute": "address", "told": "no_longer"}),
)  # fmt: skip

CASES = (
    *(_COMPLAINTS + _ISSUES + _LATE + _TWICE + _WAITING + _NEAR + _OVERDUE),
    *(_AGAIN + _PASSED + _TOLD + _SILENT + _QUIET + _FIRST + _MOVE),
)

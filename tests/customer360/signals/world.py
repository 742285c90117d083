"""One small world of made-up customers, each there for one rule, and what is raised about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from customer360.raise_signals import raise_signals
from customer360.record_activity import record_activity
from customer360.trace_known_issues import trace_known_issues
from tests.customer360.conftest import AS_OF, RUN, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.customer360.conftest import Care
    from warehouse.settings import Settings

Record = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A customer, what happened to them, and whether the rule raises its signal, and about which of their records."""

    who: str
    rule: str
    about: str | None
    records: tuple[Record, ...]
    facts: tuple[dict[str, Any], ...] = field(default=())


def ago(**length: float) -> datetime:
    return AS_OF - timedelta(**length)


def record(holds: str, key: str, **said: Any) -> Record:  # noqa: ANN401 - columns of landing.live_record
    """Return a record; `told` are its extras, `skus` its lines, `promised` the days since what was promised."""
    if "promised" in said:
        said["promised_at"] = ago(days=said.pop("promised"))
    if told := said.pop("told", None):
        said["extras"] = [{"name": name, "value": value} for name, value in told.items()]
    if skus := said.pop("skus", None):
        said["items"] = [
            {"line": line, "sku": sku, "description": f"The {sku}", "quantity": Decimal(1), "amount": None}
            for line, sku in enumerate(skus, 1)
        ]
    return holds, key, said


def order(key: str, placed: float, **said: Any) -> Record:  # noqa: ANN401
    """Return an order of so many days ago; it is delivered unless said otherwise."""
    return record("order", key, **{"at": ago(days=placed), "reference": key, "status": "delivered", **said})


def mail(key: str, sent: float, **said: Any) -> Record:  # noqa: ANN401
    return record("message", f"<{key}>", **{"at": ago(days=sent), "direction": "inbound", "channel": "email", **said})


def answer(key: str, sent: float, **said: Any) -> Record:  # noqa: ANN401
    return mail(key, sent, **{"direction": "outbound", **said})


def case(key: str, opened: float, **said: Any) -> Record:  # noqa: ANN401
    return record("case", key, **{"at": ago(days=opened), "reference": key, "status": "open", **said})


def invoice(key: str, written: float, **said: Any) -> Record:  # noqa: ANN401
    money = {"amount": Decimal(20), "currency": "USD", "status": "paid"}
    return record("invoice", key, **{"at": ago(days=written), "reference": key, **money, **said})


def land(care: Care, cases: Iterable[Case]) -> Care:
    """Add the customers and their records to a warehouse."""
    for one in cases:
        for holds, key, said in one.records:
            care.land(one.who, holds, key, **said)
    return care


def tell(care: Care, cases: Iterable[Case]) -> None:
    """Add the contact facts, whose `key` is that of the record that tells them."""
    for one in cases:
        for fact in one.facts:
            care.con.execute(
                'INSERT INTO care.contact_fact BY NAME SELECT golden_id, activity_id, "at", $attribute AS attribute,'
                " $value AS value, $told AS told, $is_known AS is_known FROM care.activity"
                " WHERE source_record_id = $key",
                {"told": "new", "is_known": False, "value": "12 Elm Street", **fact},
            )


def run(care: Care, cases: Iterable[Case] = (), settings: Settings = SETTINGS) -> Care:
    """Run the stages that lead to signals."""
    record_activity(care.con, settings, RUN)
    tell(care, cases)
    trace_known_issues(care.con, settings, RUN)
    raise_signals(care.con, settings, RUN)
    return care


def raised(care: Care) -> list[tuple[Any, ...]]:
    """Return (golden_id, signal, record key, severity, since, evidence, words) of all signals."""
    return care.con.execute(
        "SELECT signal.golden_id, signal, source_record_id, severity, since, evidence, words"
        " FROM care.signal JOIN care.activity USING (activity_id) ORDER BY ALL"
    ).fetchall()

"""Which open orders a known issue or an empty shelf touches: every criterion with a positive and a negative case."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from customer360.record_activity import record_activity
from customer360.trace_known_issues import trace_known_issues
from tests.customer360.conftest import AS_OF, RUN, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.customer360.conftest import Care

PLACED = datetime(2026, 5, 20, 9)  # noqa: DTZ001 - naive UTC


def extras(**told: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in told.items()]


def lines(*skus: str | None) -> list[dict[str, Any]]:
    return [
        {"line": number, "sku": sku, "description": f"The {sku}", "quantity": Decimal(1), "amount": None}
        for number, sku in enumerate(skus, 1)
    ]


def order(care: Care, key: str = "1", *skus: str | None, told: dict[str, str] | None = None, **said: Any) -> Care:  # noqa: ANN401
    said = {"at": PLACED, "status": "processing", "reference": f"SO-{key}", **said}
    if told:
        said["extras"] = extras(**told)
    return care.land(f"cus-{key}", "order", key, items=lines(*(skus or ("MUG",))), **said)


def issue(care: Care, key: str = "KI-1", told: dict[str, str] | None = None, **said: Any) -> Care:  # noqa: ANN401
    return care.land("nobody", "known_issue", key, extras=extras(**(told or {})), **said)


def shipment(care: Care, key: str, about: str, told: dict[str, str] | None = None, **said: Any) -> Care:  # noqa: ANN401
    said = {"at": PLACED + timedelta(days=1), "status": "in transit", "direction": "outbound", **said}
    return care.land(f"cus-{about[3:]}", "interaction", key, about=about, extras=extras(**(told or {})), **said)


def stock(care: Care, key: str, on_hand: str, **told: str) -> Care:
    return care.land("nobody", "inventory", key, extras=extras(on_hand=on_hand, **told))


def touched(care: Care) -> set[tuple[str, str, int]]:
    """Return what is touched, as (issue, key of the order, line)."""
    record_activity(care.con, SETTINGS, RUN)
    trace_known_issues(care.con, SETTINGS, RUN)
    rows = care.con.execute(
        "SELECT issue_id, source_record_id, line FROM care.issue_effect JOIN care.activity USING (activity_id)"
    ).fetchall()
    return set(rows)


def issues(care: Care) -> list[tuple[Any, ...]]:
    return care.con.execute("SELECT * FROM care.known_issue ORDER BY issue_id").fetchall()


def test_an_article(care: Care) -> None:
    order(order(care, "1", "LAMP", "MUG"), "2", "CUP")
    assert touched(issue(care, told={"sku": "mug"})) == {("KI-1", "1", 2)}


def test_articles_are_parted_but_one_written_with_a_blank_is_whole(care: Care) -> None:
    order(order(order(care, "1", "LAMP"), "2", "CUP 2"), "3", "2")
    issue(care, "KI-1", {"sku": "LAMP, CUP 2"})
    issue(care, "KI-2", {"sku": "LAMP XY;2"})
    assert touched(care) == {("KI-1", "1", 1), ("KI-1", "2", 1), ("KI-2", "1", 1), ("KI-2", "3", 1)}


def test_lot_and_carrier_by_the_order_or_its_shipment(care: Care) -> None:
    for criterion in ("lot", "carrier"):
        order(order(care, f"{criterion}1", told={criterion: "x-1"}), f"{criterion}2", told={criterion: "X-2"})
        order(order(care, f"{criterion}3"), f"{criterion}4")
        shipment(care, f"S{criterion}3", f"SO-{criterion}3", {criterion: "X-1"})
        shipment(care, f"S{criterion}4", f"SO-{criterion}4", {criterion: "X-2"})
        issue(care, f"KI-{criterion}", told={criterion: "X-1"})
    assert touched(care) == {(f"KI-{one}", f"{one}{key}", 0) for one in ("lot", "carrier") for key in (1, 3)}


def test_a_shipment_that_names_articles_tells_of_these_alone(care: Care) -> None:
    order(care, "1", "LAMP", "MUG", "CUP")
    shipment(care, "S1", "SO-1", {"lot": "L1", "sku": "MUG"})
    issue(issue(care, told={"lot": "L1"}), "KI-2", {"lot": "L1", "sku": "LAMP"})
    assert touched(care) == {("KI-1", "1", 2)}


def test_a_shipment_of_nobodys_record_tells_of_the_order_it_names(care: Care) -> None:
    order(care, "1")
    shipment(care, "S1", "SO-1", {"carrier": "North"})
    care.con.execute("DELETE FROM golden.crosswalk WHERE source_record_id = 'S1'")
    assert touched(issue(care, told={"carrier": "north"})) == {("KI-1", "1", 0)}


def test_a_region(care: Care) -> None:
    order(order(order(care, "1", region="wa"), "2", region="OR"), "3")
    issue(issue(care, told={"region": "WA"}), "KI-2", region="OR")
    assert touched(care) == {("KI-1", "1", 0), ("KI-2", "2", 0)}


def test_a_region_by_its_name_where_a_record_shows_that_it_is_the_same(care: Care) -> None:
    order(order(order(care, "1", region="WA"), "2", region="Washington"), "3", region="OR")
    for key, clean in (("1", "WA"), ("2", "WA"), ("3", "OR")):
        care.con.execute(
            "INSERT INTO matching.standardised BY NAME SELECT 'orders' AS source, ? AS source_record_id,"
            " ? AS clean_region, false AS name_from_email",
            [key, clean],
        )
    assert touched(issue(care, told={"region": "Washington"})) == {("KI-1", "1", 0), ("KI-1", "2", 0)}


def test_all_that_an_issue_names_has_to_be_met(care: Care) -> None:
    order(care, "1", told={"carrier": "North", "lot": "L1"}, region="WA")
    order(care, "2", told={"carrier": "North", "lot": "L2"}, region="WA")
    order(care, "3", told={"carrier": "North"}, region="WA")
    assert touched(issue(care, told={"carrier": "North", "lot": "L1", "region": "WA"})) == {("KI-1", "1", 0)}


def test_time(care: Care) -> None:
    cases: dict[tuple[datetime | None, str | None], bool] = {
        (None, None): True,
        (PLACED + timedelta(days=3), None): True,
        (AS_OF + timedelta(days=1), None): False,
        (None, "2026-05-20"): True,
        (None, "2026-05-19"): False,
        (None, "2026-05-20T10:00:00Z"): True,
        (None, "2026-05-20 08:00"): False,
        (None, "2026-05-20T10:30:00+02:00"): False,
        (None, "not yet known"): True,
        (None, "9999-12-31"): True,
        (None, "infinity"): True,
        (None, "294247-01-10"): True,
        (PLACED - timedelta(days=9), "2026-05-24"): True,
    }
    for number, (from_at, until) in enumerate(cases):
        issue(care, str(number), told={"sku": "MUG"} | ({"until": until} if until else {}), at=from_at)
    assert touched(order(care)) == {
        (str(number), "1", 1) for number, is_touched in enumerate(cases.values()) if is_touched
    }


def test_an_issue_may_be_told_by_the_names_that_its_table_has(care: Care) -> None:
    told = {"issue_id": "R-1", "title": "Cracks", "from_at": "2026-05-01", "until_at": "2026-05-31"}
    order(order(care, "1", "MUG"), "2", "CUP", at=datetime(2026, 6, 1, 12))  # noqa: DTZ001 - naive UTC
    assert touched(issue(care, "17", told, items=lines("MUG", "CUP"))) == {("R-1", "1", 1)}
    assert issues(care)[0][:3] == ("R-1", "Cracks", "MUG, CUP")
    assert [str(moment.date()) for moment in issues(care)[0][6:8]] == ["2026-05-01", "2026-05-31"]


def test_stock_may_be_told_by_lines(care: Care) -> None:
    none_left = [{"line": 1, "sku": "MUG", "description": None, "quantity": Decimal(0), "amount": None}]
    order(care, "1", "MUG")
    assert touched(care.land("nobody", "inventory", "9", items=none_left)) == {("stock:MUG", "1", 1)}


def test_an_end_may_be_promised(care: Care) -> None:
    order(care, "1")
    assert touched(issue(care, told={"sku": "MUG"}, promised_at=datetime(2026, 5, 19))) == set()  # noqa: DTZ001
    assert issues(care)[0][7] == datetime(2026, 5, 19, 23, 59, 59)  # noqa: DTZ001
    assert touched(issue(care, "KI-2", {"sku": "MUG"}, promised_at=datetime(9999, 12, 31))) == {("KI-2", "1", 1)}  # noqa: DTZ001
    assert issues(care)[1][7] is None


def test_an_issue_that_is_over_touches_nobody(care: Care) -> None:
    order(care, "1")
    for status in ("open", "resolved", "cancelled"):
        issue(care, status, told={"sku": "MUG"}, status=status, updated_at=PLACED)
    assert touched(care) == {("open", "1", 1)}
    assert {row[0]: row[7] for row in issues(care)} == {"open": None, "resolved": PLACED, "cancelled": PLACED}


def test_only_open_orders_are_touched(care: Care) -> None:
    order(order(order(care, "1", status="shipped"), "2", status="delivered"), "3", status="cancelled")
    order(order(care, "4", status="L7", status_class="open"), "5", status=None)
    order(care, "6", status=None, at=AS_OF - timedelta(days=31))
    assert touched(issue(care, told={"sku": "MUG"})) == {("KI-1", key, 1) for key in "145"}


def test_a_delivery_closes_what_it_carried(care: Care) -> None:
    issue(care, told={"sku": "MUG, CUP"})
    order(order(order(care, "1", "MUG", "CUP"), "2", "MUG"), "3", "MUG")
    shipment(care, "S1", "SO-1", {"sku": "MUG"}, status="delivered")
    shipment(care, "S2", "SO-2", {"carrier": "North"}, status="delivered")
    shipment(care, "S3", "SO-3", {"carrier": "North"}, status="delivered")
    shipment(care, "S4", "SO-3", {"carrier": "North"}, status="in transit")
    assert touched(care) == {("KI-1", "1", 2), ("KI-1", "3", 1)}


def test_of_one_tracking_number_the_last_event_counts(care: Care) -> None:
    order(issue(care, told={"sku": "MUG"}), "1")
    for day, status in enumerate(("in transit", "out for delivery", "delivered")):
        at = PLACED + timedelta(days=day)
        shipment(care, f"S{day}", "SO-1", {"tracking": "T1"}, at=at, status=status)
    assert touched(care) == set()


def test_a_call_of_ours_that_is_closed_delivers_nothing(care: Care) -> None:
    order(issue(care, told={"sku": "MUG"}), "1")
    care.land("cus-1", "interaction", "call", about="SO-1", direction="outbound", status="closed", at=PLACED)
    assert touched(care) == {("KI-1", "1", 1)}


def test_an_issue_that_names_nothing_of_an_order_touches_none(care: Care) -> None:
    order(care, "1")
    assert touched(issue(care, subject="The newsletter had a wrong link", at=PLACED)) == set()
    assert len(issues(care)) == 1


def test_an_order_without_articles_is_touched_as_a_whole(care: Care) -> None:
    care.land("cus-1", "order", "1", at=PLACED, status="open", reference="SO-1")
    shipment(care, "S1", "SO-1", {"sku": "MUG", "carrier": "North"})
    issue(issue(care, "KI-1", {"sku": "MUG"}), "KI-2", {"carrier": "North"})
    assert touched(care) == {("KI-1", "1", 0), ("KI-2", "1", 0)}


def test_out_of_stock(care: Care) -> None:
    order(order(order(care, "1", "MUG"), "2", "CUP"), "3", "LAMP")
    order(care, "4", "MUG", status="shipped")
    order(care, "5", "MUG")
    shipment(care, "S1", "SO-5", {"carrier": "North"})
    stock(stock(stock(care, "MUG|A", "0", expected="2026-06-10"), "MUG|B", "-2"), "CUP|A", "0")
    stock(stock(stock(care, "CUP|B", "3"), "LAMP|A", "many"), "TEA|A", "0")
    assert touched(care) == {("stock:MUG", "1", 1)}
    assert [row[:3] for row in issues(care)] == [("stock:MUG", "Out of stock: The MUG", "MUG")]
    assert issues(care)[0][7] == datetime(2026, 6, 10, 23, 59, 59)  # noqa: DTZ001
    told = care.con.execute("SELECT because, golden_id FROM care.issue_effect").fetchall()
    assert told == [("article MUG, none left, expected on 10 June 2026", "cus-1")]


def test_an_article_in_stock_may_be_told_by_the_reference(care: Care) -> None:
    order(care, "1", "MUG")
    care.land("nobody", "inventory", "17", reference="mug", extras=extras(stock="0.0"))
    assert touched(care) == {("stock:mug", "1", 1)}


def test_records_of_one_issue_are_one_issue(care: Care) -> None:
    order(order(order(care, "1", "MUG"), "2", "CUP"), "3", "TEA")
    issue(care, "1", {"sku": "MUG"}, reference="KI-7", subject="Glaze", at=PLACED)
    issue(care, "2", {"sku": "CUP", "until": "2026-06-20"}, reference="KI-7", at=PLACED + timedelta(days=1))
    issue(care, "1", {"sku": "TEA"}, reference="KI-8", source="east")
    issue(care, "1", {"sku": "TEA"}, reference="KI-8", source="west")
    assert touched(care) == {("KI-7", "1", 1), ("KI-7", "2", 1), ("east:KI-8", "3", 1), ("west:KI-8", "3", 1)}
    assert issues(care)[0] == ("KI-7", "Glaze", "CUP, MUG", None, None, None, PLACED, None, None)


def test_why_is_told(care: Care) -> None:
    order(care, "1", "MUG", told={"lot": "L1", "carrier": "North"}, region="WA")
    touched(issue(care, told={"sku": "mug", "lot": "l1", "carrier": "NORTH", "region": "wa"}))
    assert care.con.execute("SELECT because FROM care.issue_effect").fetchall() == [
        ("article mug, carrier NORTH, lot l1, region wa",)
    ]


def test_the_same_in_any_order_on_any_threads(new_care: Callable[..., Care]) -> None:
    found = []
    for backwards in (False, True):
        care = new_care(threads=2 if backwards else 1)
        numbers = range(25)
        for number in reversed(numbers) if backwards else numbers:
            order(care, str(number), f"A{number % 5}", f"B{number % 3}", told={"carrier": f"C{number % 2}"})
            issue(care, f"KI-{number}", {"sku": f"A{number % 7}, B{number % 4}", "carrier": f"C{number % 3}"})
        touched(care)
        found.append(care.con.execute("FROM care.issue_effect").fetchall() + issues(care))
    assert found[0] == found[1]
    assert len(found[0]) > 50

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from customer360.states import open_order_sql, state_sql
from warehouse.connection import open_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from tests.customer360.conftest import Care

WORDS = {
    "order": {
        "open": "pending Shipped in_transit PLACED Versandt expédiée Bestätigt enviado partially-shipped open",
        "closed": "delivered Returned refunded geliefert zugestellt livrée entregado completed",
        "cancelled": "cancelled Canceled storniert annulée cancelado void declined",
        "": "gift vip sonstiges 7",
    },
    "case": {
        "open": "new OPEN pending escalated In_Bearbeitung nouveau abierto reopened on_hold",
        "closed": "solved Resolved closed erledigt gelöst résolu cerrado",
        "cancelled": "withdrawn spam cancelled duplicate",
        "": "delivered urgent shipped",
    },
    "invoice": {
        "open": "unpaid overdue open Fällig impayée pendiente partially_paid",
        "closed": "paid bezahlt payée pagada settled",
        "cancelled": "void cancelled storniert",
        "": "delivered solid",
    },
    "campaign": {"": "opened sent open clicked"},
}
"""Kind -> state -> words of it; _ stands for a blank, and for itself."""


@pytest.fixture(scope="module")
def con() -> Iterator[DuckDBPyConnection]:
    with open_memory() as con:
        yield con


@pytest.mark.parametrize("kind", [kind for kind in WORDS if kind != "campaign"])
def test_a_word_means_what_it_means_for_its_kind(con: DuckDBPyConnection, kind: str) -> None:
    rows = [
        (status, state or None)
        for state, words in WORDS[kind].items()
        for word in words.split()
        for status in (word, f"  {word.replace('_', ' ')} ")
    ]
    found = con.execute(
        f"SELECT status, {state_sql('$kind', 'status')} FROM (SELECT unnest($words) AS status)",
        {"kind": kind, "words": [status for status, _ in rows]},
    ).fetchall()
    assert found == rows


@pytest.mark.parametrize("word", ["opened", "sent", "pending"])
def test_a_campaigns_status_is_no_state(con: DuckDBPyConnection, word: str) -> None:
    assert con.execute(f"SELECT {state_sql('$kind', '$word')}", {"kind": "campaign", "word": word}).fetchall() == [
        (None,)
    ]


def test_a_declared_class_goes_before_the_word(con: DuckDBPyConnection) -> None:
    rows = con.execute(
        f"SELECT {state_sql('kind', 'status', 'class')} FROM (VALUES ('order', 'delivered', 'open'),"
        " ('order', NULL, 'closed'), ('order', 'delivered', NULL), ('campaign', 'closed', NULL), ('order', NULL, NULL))"
        " AS t(kind, status, class)"
    ).fetchall()
    assert rows == [("open",), ("closed",), ("closed",), ("closed",), (None,)]


def test_an_order_without_a_state_is_open_for_thirty_days(con: DuckDBPyConnection) -> None:
    rows = con.execute(
        f"SELECT {open_order_sql('state', 'placed', 'TIMESTAMP $$2026-06-01$$')} FROM (VALUES"
        " (NULL, TIMESTAMP '2026-05-10'), (NULL, TIMESTAMP '2026-04-01'), (NULL, NULL), ('open', '2020-01-01'),"
        " ('closed', '2026-05-31'), ('cancelled', '2026-05-31')) AS t(state, placed)"
    ).fetchall()
    assert [is_open for (is_open,) in rows] == [True, False, False, True, False, False]


def test_the_timeline_and_the_profile_follow_the_words(care: Care) -> None:
    care.land("X", "order", "1", status="Shipped").land("X", "order", "2", status="storniert")
    care.land("X", "case", "c", status="pending").land("X", "case", "d", status="solved")
    care.land("X", "case", "e", status="on hold", status_class="closed").land("X", "case", "f")
    profile = care.profile("X")
    rows = care.con.execute("SELECT source_record_id, state FROM care.activity").fetchall()
    assert dict(rows) == {"1": "open", "2": "cancelled", "c": "open", "d": "closed", "e": "closed", "f": None}
    assert (profile["open_cases"], profile["orders"]) == (1, 1)

"""A night whose sources are a PostgreSQL database and an S3-compatible store, by the command line."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests import servers
from tests.pipelines.shop import Shop, command, finished
from tests.servers import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import S3, PostgreSQL

SETTINGS = """\
version: 1
timezone: UTC
country: US
sources:
  orders:
    holds: order
    format: sql
    files: {url}
    options:
      query: |
        SELECT o.id, c.name, c.email, o.total, o.changed_at
        FROM orders AS o JOIN customers AS c ON c.id = o.customer
      watermark: changed_at
    load: incremental
    key: id
    updated_at: changed_at
    fields: {{full_name: name, email: email}}
    activity: {{reference: id, at: changed_at, amount: total, currency: {{value: USD}}}}
  accounts:
    holds: account
    format: csv
    files: s3://exports/accounts*.csv.gz
    key: account
    fields: {{full_name: name, email: mail, phone: phone}}
"""
TABLES = (
    "CREATE TABLE customers (id int PRIMARY KEY, name text, email text)",
    "CREATE TABLE orders (id text PRIMARY KEY, customer int, total numeric, changed_at timestamptz)",
)


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    with servers.postgresql() as found:
        found.run(*TABLES)
        yield found


@pytest.fixture(scope="module")
def store() -> Iterator[S3]:
    with servers.s3("exports") as found:
        yield found


def test_two_nights_from_a_database_and_a_store(database: PostgreSQL, store: S3, tmp_path: Path) -> None:
    (tmp_path / "joinedup.yaml").write_text(SETTINGS.format(url=database.url()))
    shop = Shop(tmp_path)
    people = [(1, "Ada Quist", "ada@quist.example"), (2, "Bela Ibsen", "bela@ibsen.example")]
    database.run(
        *(f"INSERT INTO customers VALUES ({number}, '{name}', '{email}')" for number, name, email in people),
        "INSERT INTO orders VALUES ('007', 1, 12.50, '2026-01-05 10:00+00'), ('8', 2, 3, '2026-01-06 10:00+00')",
    )
    store.put("exports", "accounts-1.csv.gz", packed("A1,Ada Quist,ada@quist.example,206 555 0101\n"))
    first = night(tmp_path, store)
    assert first["published"]
    assert first["records"]["orders"]["new"] == 2
    assert first["records"]["accounts"]["new"] == 1
    crosswalk = shop.crosswalk()
    assert crosswalk["orders:007"] == crosswalk["accounts:A1"] != crosswalk["orders:8"]

    database.run(
        "UPDATE orders SET total = 13, changed_at = '2026-01-07 09:00+00' WHERE id = '007'",
        "INSERT INTO orders VALUES ('9', 2, 7, '2026-01-07 10:00+00')",
        # With the very watermark of the last night, committed after it.
        "INSERT INTO orders VALUES ('10', 1, 1, '2026-01-06 10:00+00')",
    )
    second = night(tmp_path, store)
    found = second["records"]["orders"]
    assert (found["read"], found["new"], found["changed"], found["unchanged"]) == (4, 2, 1, 1)
    assert second["records"]["accounts"]["unchanged"] == 1
    assert shop.crosswalk()["orders:10"] == crosswalk["orders:007"]
    assert shop.read("SELECT reference, amount::INT FROM activity WHERE source = 'orders' ORDER BY ALL") == [
        ("007", 13),
        ("10", 1),
        ("8", 3),
        ("9", 7),
    ]

    environment = {**store.environment, "SHOP_PASSWORD": "not-this-one"}
    refused = finished(command("run", "-w", tmp_path, **environment))
    assert refused.exit_code == 4, refused.err
    assert "password authentication failed" in refused.err
    assert refused.err.splitlines()[-1].startswith(f"joinedup: source orders: {database.url()}: PostgreSQL says: ")
    assert shop.crosswalk()["orders:10"] == crosswalk["orders:007"]
    assert holding("${SHOP_PASSWORD}", tmp_path / "var")
    for secret in (PASSWORD, "not-this-one"):
        assert secret not in refused.out + refused.err
        assert not holding(secret, tmp_path)


def packed(rows: str) -> bytes:
    return gzip.compress(f"account,name,mail,phone\n{rows}".encode())


def holding(text: str, folder: Path) -> list[Path]:
    """Return the files in which a text stands."""
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def night(workspace: Path, store: S3) -> dict[str, Any]:
    environment = {**store.environment, "SHOP_PASSWORD": PASSWORD}
    answer = finished(command("run", "--json", "-w", workspace, **environment))
    assert answer.exit_code == 0, answer.err
    document: dict[str, Any] = json.loads(answer.out)
    return document

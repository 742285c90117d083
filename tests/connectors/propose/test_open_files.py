from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from connectors.propose.look import propose
from tests.connectors.propose.judged import Judged, judge

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = {"fields.city": "city", "fields.region": "state", "fields.postal_code": "zip", "fields.unit": "unit"}
SMALL: dict[str, dict[str, Any]] = {
    "billing": {
        "holds": "account",
        "key": "account_id",
        "fields.given_name": "first_name",
        "fields.middle_name": "middle_initial",
        "fields.family_name": "last_name",
        "fields.birth_date": {"column": "date_of_birth", "format": "%m/%d/%Y"},
        "fields.street": {"join": ["street_number", "street_name"]},
        **ADDRESS,
        "fields.email": "email",
        "fields.phone": "phone",
        "activity.at": {"column": "opened_on", "format": "%Y-%m-%d"},
        "activity.reference": "account_id",
        "activity.amount": "balance",
        "activity.currency": "currency",
        "activity.status": "status",
    },
    "orders": {
        "holds": "order",
        "key": "order_id",
        "fields.full_name": "customer_name",
        "fields.organisation": "company",
        "fields.street": "ship_street",
        **{attribute: f"ship_{column}" for attribute, column in ADDRESS.items()},
        "fields.email": "email",
        "fields.phone": "phone",
        "activity.at": {"column": "order_ts", "format": "%Y-%m-%dT%H:%M:%S"},
        "activity.reference": "order_id",
        "activity.items": ({"sku": "sku"}, {"sku": "sku", "quantity": "qty"}),
        "activity.amount": "amount",
        "activity.currency": "currency",
        "activity.status": "status",
    },
    "cases": {
        "holds": "case",
        "key": "case_id",
        "fields.full_name": {"path": "contact.name"},
        "fields.email": {"path": "contact.email"},
        "fields.phone": {"path": "contact.phone"},
        "fields.address": "address",
        "activity.at": {"column": "opened_at", "format": "%Y-%m-%dT%H:%M:%SZ"},
        "activity.reference": "case_id",
        "activity.about": "order_ref",
        "activity.status": "status",
        "activity.subject": "subject",
        "activity.body": "description",
        "?references": [r"SO-\d{8}"],
    },
    "mail": {
        "holds": "message",
        "own_addresses": ["support@shop.example"],
        "references": [r"SO-\d{8}", r"CASE-\d+"],
    },
}
"""What examples of a configuration for these files say, but for trust, which no file tells."""
KEYED = {"key": "source_record_id", "?activity.reference": "source_record_id"}
PERSON = {**KEYED, "holds": "account"}
OTHERS: dict[str, dict[str, Any]] = {
    "fake_1000": {
        **PERSON,
        "fields.given_name": "first_name",
        "fields.family_name": "surname",
        "fields.birth_date": {"column": "dob", "format": "%Y-%m-%d"},
        "fields.city": "city",
        "fields.email": "email",
    },
    "febrl3": {
        **PERSON,
        "fields.given_name": "given_name",
        "fields.family_name": "surname",
        "fields.street": {"join": ["street_number", "address_1"]},
        "?fields.unit": "address_2",
        "fields.city": "suburb",
        "fields.postal_code": "postcode",
        "fields.region": "state",
        "fields.birth_date": {"column": "date_of_birth", "format": "%Y%m%d"},
        "fields.identifier.ssn": "soc_sec_id",
    },
    "historical_50k": {
        **PERSON,
        "fields.given_name": "first_name",
        "fields.family_name": "surname",
        "?fields.full_name": "full_name",
        "fields.birth_date": {"column": "dob", "format": "%Y-%m-%d"},
        "fields.postal_code": "postcode_fake",
    },
    "pseudopeople_link": {
        **PERSON,
        "fields.given_name": "first_name",
        "fields.middle_name": {"first": ["middle_name", "middle_initial"]},
        "fields.family_name": "last_name",
        "fields.birth_date": {"column": "date_of_birth", "format": ["%Y%m%d", "%m/%d/%Y"]},
        "fields.street": {"join": ["street_number", "street_name"]},
        "fields.unit": "unit_number",
        "fields.city": "city",
        "fields.region": "state",
        "fields.postal_code": "zipcode",
        "?fields.address": {
            "join": [
                {"join": ["mailing_address_street_number", "mailing_address_street_name"]},
                *(f"mailing_address_{part}" for part in ("unit_number", "city", "state", "zipcode")),
            ],
            "with": ", ",
        },
        "?activity.at": {"column": "event_date", "format": "%Y%m%d"},
    },
    "RLdata500": {
        **PERSON,
        "fields.given_name": "fname_c1",
        "fields.family_name": "lname_c1",
        "fields.birth_date": {"sql": "\"by\" || '-' || lpad(\"bm\", 2, '0') || '-' || lpad(\"bd\", 2, '0')"},
    },
    "senzing_truthset": {
        **PERSON,
        "fields.full_name": "PRIMARY_NAME_FULL",
        "fields.organisation": "PRIMARY_NAME_ORG",
        "fields.given_name": "PRIMARY_NAME_FIRST",
        "fields.middle_name": "PRIMARY_NAME_MIDDLE",
        "fields.family_name": "PRIMARY_NAME_LAST",
        "fields.birth_date": {"column": "DATE_OF_BIRTH", "format": ["%m/%d/%y", "%d-%b-%y", "%m/%d/%Y", "%b %d %Y"]},
        "fields.identifier.passport": "PASSPORT_NUMBER",
        "fields.identifier.drivers_license": "DRIVERS_LICENSE_NUMBER",
        "fields.identifier.ssn": "SSN_NUMBER",
        "fields.identifier.national_id": "NATIONAL_ID_NUMBER",
        "fields.identifier.tax_id": "TAX_ID_NUMBER",
        "?fields.identifier.lei": "LEI_NUMBER",
        "fields.email": "EMAIL_ADDRESS",
        "fields.phone": "PHONE_NUMBER",
        "fields.address": "ADDR_FULL",
        "fields.street": "ADDR_LINE1",
        "fields.city": "ADDR_CITY",
        "fields.region": "ADDR_STATE",
        "fields.postal_code": "ADDR_POSTAL_CODE",
        "fields.country": "ADDR_COUNTRY",
        "activity.at": {"column": "DATE", "format": ["%m/%d/%y", "%m/%d/%Y"]},
        "activity.amount": "AMOUNT",
        "activity.status": "STATUS",
    },
    "nyc311_1000": {
        "holds": "case",
        "key": "Unique Key",
        "updated_at": {"column": "Resolution Action Updated Date", "format": "%m/%d/%Y %I:%M:%S %p"},
        "fields.street": "Incident Address",
        "fields.city": "City",
        "fields.postal_code": "Incident Zip",
        "activity.at": {"column": "Created Date", "format": "%m/%d/%Y %I:%M:%S %p"},
        "activity.promised_at": {"column": "Due Date", "format": "%m/%d/%Y %I:%M:%S %p"},
        "activity.reference": "Unique Key",
        "activity.subject": "Complaint Type",
        "activity.body": ("Descriptor", "Resolution Description"),
        "activity.channel": "Open Data Channel Type",
        "activity.status": "Status",
    },
    "uci_online_retail_5000": {
        "holds": ("order", "invoice"),
        "key": "InvoiceNo",
        "rows": "lines",
        "fields.country": "Country",
        "fields.identifier.customer": "CustomerID",
        "activity.at": {"column": "InvoiceDate", "format": ["%m/%d/%y %H:%M", "%m/%d/%Y %H:%M"]},
        "activity.reference": "InvoiceNo",
        "activity.items": {
            "sku": "StockCode",
            "quantity": "Quantity",
            "description": "Description",
            "amount": {
                "sql": " * ".join(
                    f"TRY_CAST(regexp_replace(\"{column}\", '[^0-9.,+-]', '', 'g') AS DECIMAL(14,4))"
                    for column in ("Quantity", "UnitPrice")
                )
            },
        },
    },
}


def test_nine_in_ten_lines_for_the_four_exports_of_the_small_set_are_right(shared_data: Path) -> None:
    folder = shared_data / "customers_small"
    files = [folder / name for name in ("orders.csv", "billing.csv", "mail.mbox", "cases.jsonl")]
    judged = Judged()
    proposal = propose(files, folder)
    for source in proposal.sources:
        judge(source, SMALL[source.name], judged)
    sys.stdout.write(f"{judged.said()}\n")
    assert judged.share >= 0.9, judged.said()
    assert not judged.silent, judged.silent
    assert proposal.country.value == "US"


@pytest.mark.parametrize("name", OTHERS)
def test_nine_in_ten_lines_for_other_exports_are_right(shared_data: Path, name: str) -> None:
    judged = Judged()
    (source,) = propose([shared_data / f"{name}.parquet"], shared_data).sources
    judge(source, OTHERS[name], judged)
    sys.stdout.write(f"{judged.said()}\n")
    assert judged.share >= 0.9, judged.said()
    assert not judged.silent, judged.silent

"""A reader sees nobody's data: the values of every personal column are looked for in every answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from serving.masking import mask, mask_email, mask_end
from serving.reading.tables import rows, select
from tests.serving.api.made_release import email, golden_id, phone
from tests.serving.api.test_routes import NEEDS, ask
from warehouse.tables import RELEASE_TABLES
from warehouse.tables.care import ACTIVITY
from warehouse.tables.golden import CUSTOMER, PROVENANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.serving.api.asking import Api

SEEN = {
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "name_suffix",
    "organisation",
    "city",
    "region",
    "country",
}
"""Personal columns that a reader sees as they are."""


def personal_values(api: Api) -> set[str]:
    """Return each value of each personal column that a reader may not see, as text that JSON would hold."""
    pinned = api.app.state.site.releases.current()
    return {
        text
        for spec in RELEASE_TABLES
        for column in spec.columns
        if column.personal and column.name not in SEEN
        for row in select(pinned, spec, "")
        for text in texts(row[column.name], row.get("attribute"))
    }


def texts(value: object, attribute: object) -> Iterator[str]:
    """Yield the texts in a value; not those of a row about a name, nor ids, times and sources beside a value."""
    if value is None or attribute in SEEN:
        return
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in ("source", "source_record_id", "observed_at"):
                yield from texts(each, None)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, None)
    elif str(value).startswith("{"):
        after = json.loads(str(value))
        yield from (text for name in ("email", "street") if name in after for text in texts(after[name], None))
    else:
        yield str(value)


def answers(api: Api, role: str) -> str:
    """Return all that a role is answered, about every customer."""
    told = [ask(api, route, role).text for route in NEEDS]
    parts = ("", "/activity", "/signals", "/provenance", "/history")
    told += [api.get(f"/customers/{golden_id(number)}{part}", role).text for number in range(1, 7) for part in parts]
    found = [{"email": email(2)}, {"phone": phone(2)}, {"q": "person"}, {"q": email(3)}]
    return "\n".join([*told, *(api.post("/customers/search", role, json=asked).text for asked in found)])


def test_no_personal_value_is_in_any_answer_to_a_reader(api: Api) -> None:
    values = personal_values(api)
    assert len(values) > 100
    told = answers(api, "reader")
    assert [value for value in sorted(values) if value in told] == []


def test_a_steward_is_told_every_one_of_them(api: Api) -> None:
    """The control: what is looked for above is there to be found."""
    told = answers(api, "steward")
    assert [value for value in sorted(personal_values(api)) if value not in told] == []


def test_an_agent_is_told_all_but_whose_records_lost(api: Api) -> None:
    def lost(role: str) -> list[dict[str, str | None]]:
        answer = api.get("/customers/cus_1/provenance", role).json()
        return [each for row in answer["provenance"] for each in row["alternatives"]]

    assert lost("reader") == []
    assert {each["source_record_id"] for each in lost("agent")} == {None}
    assert {each["source_record_id"] for each in lost("steward")} == {"<1@mail>"}
    assert [each["value"] for each in lost("agent")] == [each["value"] for each in lost("steward")]


def test_what_a_reader_sees_of_a_customer(api: Api) -> None:
    customer = api.get("/customers/cus_1", "reader").json()["customer"]
    assert customer["full_name"] == "Person 1 of r1"
    assert (customer["email"], customer["phone"]) == ("q•••@mail.example", "•••01")
    assert customer["emails"] == ["q•••@mail.example", "o•••@mail.example"]
    assert (customer["birth_date"], customer["street"], customer["postal_code"]) == ("1951", None, None)
    assert customer["identifiers"] == {"loyalty": ["•••-1"]}


@pytest.mark.parametrize(
    ("given", "masked"), [("ann@mail.example", "a•••@mail.example"), ("a@b.example", "•••@b.example"), ("ann", "•••")]
)
def test_an_email_is_masked(given: str, masked: str) -> None:
    assert mask_email(given) == masked


@pytest.mark.parametrize(("given", "masked"), [("+12065550101", "•••01"), ("1234", "•••"), ("", "•••")])
def test_an_end_is_masked(given: str, masked: str) -> None:
    assert mask_end(given) == masked


def test_every_personal_column_is_masked_for_a_reader_and_none_for_a_steward(api: Api) -> None:
    pinned = api.app.state.site.releases.current()
    for spec in RELEASE_TABLES:
        personal = {column.name for column in spec.columns if column.personal} - SEEN
        for row in select(pinned, spec, ""):
            masked = mask(spec, row, "reader")
            kept = {name for name in personal if row[name] and masked[name] == row[name]}
            assert kept <= ({"value"} if row.get("attribute") in SEEN else set()), spec.name
            assert mask(spec, row, "steward") == row
            assert {name: masked[name] for name in row if name not in personal | SEEN} == {
                name: row[name] for name in row if name not in personal | SEEN
            }


def test_a_role_that_is_none_sees_what_a_reader_does() -> None:
    row = {"email": "ann@mail.example", "street": "7 Bay Road"}
    assert mask(CUSTOMER, row, "nobody") == {"email": "a•••@mail.example", "street": None}
    assert mask(ACTIVITY, {"subject": "My order", "kind": "case"}, "reader") == {"subject": None, "kind": "case"}
    told = {"attribute": "extra.note", "value": "x", "alternatives": []}
    assert mask(PROVENANCE, told, "reader")["value"] is None


def test_the_log_tells_routes_and_nobodys_data(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        api.get("/customers", params={"email": "canary@mail.example"})
        api.get("/customers/canary@mail.example/activity")
        api.ask("HEAD", "/api/v1/customers/canary@mail.example")
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("joinedup"))
    assert "GET /api/v1/customers 200" in told
    assert "GET /api/v1/customers/{golden_id}/activity 404" in told
    assert "HEAD /api/v1/customers/{golden_id} 404" in told
    assert "canary" not in told
    figures = api.ask("GET", "/metrics", "reader").text
    assert (
        'joinedup_requests_total{method="GET",route="/api/v1/customers/{golden_id}/activity",status="404"}' in figures
    )
    assert "canary" not in figures
    assert 'joinedup_release_info{release_id="r1"} 1' in figures


def test_figures_take_a_token(api: Api) -> None:
    answer = api.ask("GET", "/metrics", None)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:joinedup:problem:no-token")


def test_masking_leaves_the_rows_as_they_were(api: Api) -> None:
    pinned = api.app.state.site.releases.current()
    with pinned.golden() as con:
        row = rows(con, "SELECT * FROM provenance LIMIT 1")[0]
    before = json.dumps(row, default=str)
    mask(PROVENANCE, row, "agent")
    mask(PROVENANCE, row, "reader")
    assert json.dumps(row, default=str) == before

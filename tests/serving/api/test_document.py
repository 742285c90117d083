"""The OpenAPI document: whatever it allows can be asked, and is answered as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving.api.problems import KINDS
from tests.serving.api.test_routes import NEEDS

if TYPE_CHECKING:
    from pathlib import Path

    from schemathesis import BaseSchema, Case

    from tests.serving.api.asking import Api

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
IDS = {"golden_id": ["cus_1", "cus_retired", "cus_gone"], "issue_id": ["late/carrier", "stock:LAMP"]}


def schema_of(api: Api) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{api.base}/api/v1/openapi.json")


def ask_all(api: Api, examples: int) -> int:
    """Ask so many generated requests of each operation, and hold each answer to the document; return how many."""
    found = [result.ok() for result in schema_of(api).get_all_operations() if isinstance(result, Ok)]
    return sum(ask_operation(api, operation, examples) for operation in found)


def ask_operation(api: Api, operation: Any, examples: int) -> int:  # noqa: ANN401 - schemathesis's own
    headers = {"Authorization": f"Bearer {api.tokens['steward']}"}
    asked = 0

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def one(case: Case[Any]) -> None:
        nonlocal asked
        asked += 1
        for name, known in IDS.items():
            if name in case.path_parameters and asked % 2:
                case.path_parameters[name] = known[asked // 2 % len(known)]
        case.call_and_validate(headers=headers, checks=CHECKS)

    one()
    return asked


def test_whatever_the_document_allows_is_answered(api: Api) -> None:
    assert ask_all(api, 5) > 50


@pytest.mark.soak
def test_much_that_the_document_allows_is_answered(api: Api) -> None:
    print(f"\n{ask_all(api, 300)} generated requests, no server error")


def test_the_document_says_what_every_field_is(api: Api) -> None:
    document = api.get("/openapi.json", None).json()
    assert document["servers"] == [{"url": "/api/v1"}]
    unsaid = [
        f"{name}.{field}"
        for name, shape in document["components"]["schemas"].items()
        for field, told in shape.get("properties", {}).items()
        if not told.get("description")
    ]
    assert unsaid == []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            errors = {status: told for status, told in operation["responses"].items() if status >= "4"}
            if path != "/health":
                assert {"401", "429", "503"} <= errors.keys()
                assert all(list(told["content"]) == ["application/problem+json"] for told in errors.values())


def test_every_route_has_an_example_in_its_shape_and_in_the_documentation(api: Api, checkout: Path) -> None:
    paths = api.get("/openapi.json", None).json()["paths"]
    page = (checkout / "docs" / "api.md").read_text(encoding="utf-8")
    for route, (_, _, shape) in NEEDS.items():
        method, path = route.split(" ")
        operation = paths[path][method.lower()]
        shape.model_validate(operation["responses"]["200"]["content"]["application/json"]["example"])
        assert ("requestBody" not in operation) or operation["requestBody"]["content"]["application/json"]["example"]
        assert f"`{route}`" in page
    for kind in KINDS:
        assert f"`{kind}`" in page

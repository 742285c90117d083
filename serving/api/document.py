"""The OpenAPI document of the API: what FastAPI makes of the routes, with every error as the problem that it is."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from serving.api.models import ProblemShape
from serving.api.problems import KINDS, MEDIA_TYPE

if TYPE_CHECKING:
    from fastapi import FastAPI

VERSION = "1"
PREFIX = "/api/v1"
_ABOUT = """\
Customers as the published release has them. Every answer says which release it is of (`release_id`), and the time that
it is relative to (`as_of`); one answer is of one release. Times are UTC, money and quantities are text, so that no
digit is lost. Errors are problem documents (RFC 9457). A GET has a strong `ETag`: send it back as `If-None-Match`.
"""
_ALWAYS = (401, 429, 503)


def with_document(api: FastAPI) -> None:
    """Let the API give its own document."""

    def openapi() -> dict[str, Any]:
        if not api.openapi_schema:
            api.openapi_schema = _document(api)
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]  # how FastAPI has it replaced


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route says of the problems that it may answer with, besides those of every route."""
    return {status: {"description": _title(status)} for status in sorted({*_ALWAYS, *statuses})}


def _document(api: FastAPI) -> dict[str, Any]:
    document = get_openapi(title="joinedup", version=VERSION, description=_ABOUT, routes=api.routes)
    document["servers"] = [{"url": PREFIX}]
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = ProblemShape.model_json_schema()
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    examples = json.loads(files("serving.api").joinpath("examples.json").read_text(encoding="utf-8"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _add_example(operation, examples[f"{method.upper()} {path}"])
            for status, told in operation["responses"].items():
                if status.isdigit() and int(status) >= 400:  # noqa: PLR2004 - where errors begin
                    told.update(description=_title(int(status)), content=content)
    return document


def _add_example(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """Show what is sent, where there is a body, and what comes back."""
    operation["responses"]["200"]["content"]["application/json"]["example"] = example["answer"]
    if "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]


def _title(status: int) -> str:
    return "; ".join(title for known, title in KINDS.values() if known == status)

"""The JSON Schema of joinedup.yaml, for editors: what `joinedup schema` prints."""

from __future__ import annotations

from typing import Any

from warehouse.settings import Settings
from warehouse.settings.sources import IDENTITY_ATTRIBUTES, OPEN_ATTRIBUTES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def settings_schema() -> dict[str, Any]:
    """Return the schema of the whole file, as JSON-ready data; expressions, shares and durations in all their forms."""
    schema: dict[str, Any] = Settings.model_json_schema(by_alias=True, mode="validation")
    schema = {"$schema": DIALECT, **schema, "title": "joinedup.yaml"}
    properties = schema["properties"]
    properties["include"] = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "Globs of further files that say a part of the same, as in sources/*.yaml.",
    }
    # an included file may bring the sources; a file without any is named when it is loaded
    schema["required"] = ["version"]
    fields = schema["$defs"]["SourceSettings"]["properties"]["fields"]
    openly = "|".join(prefix.replace(".", "\\.") for prefix in OPEN_ATTRIBUTES)
    fields["propertyNames"] = {
        "anyOf": [{"enum": list(IDENTITY_ATTRIBUTES)}, {"pattern": f"^({openly})[A-Za-z0-9_]+$"}]
    }
    return schema

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from connectors import land, settle, withdraw
from connectors.formats import FORMATS, find_format
from connectors.typed_columns import TYPED_COLUMNS
from warehouse.settings.source_checks import READ_NOW
from warehouse.tables import landing

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def test_what_settings_allow_can_be_read() -> None:
    assert {known.name for known in FORMATS} == set(READ_NOW)
    assert find_format("yaml") is None


def test_every_column_that_content_decides_is_typed() -> None:
    key, place = "source source_record_id run_id delivery_id", "path line raw updated_at"
    about = f"{key} {place} deleted record_hash mapping_hash holds trust"
    assert {*TYPED_COLUMNS, *about.split()} == set(landing.SOURCE_RECORD.column_names)


@pytest.mark.parametrize(
    ("stage", "modules"),
    [
        (land, ("land", "accept", "quarantine", "column_names", "delivery", "read_files", "retype")),
        (settle, ("settle",)),
        (withdraw, ("withdraw", "delivery")),
    ],
)
def test_stages_read_and_write_what_they_say(stage: ModuleType, modules: tuple[str, ...], checkout: Path) -> None:
    text = "".join((checkout / "connectors" / f"{module}.py").read_text() for module in modules)
    # `DELETE FROM {table}` names no table: it goes through the stage's own WRITES.
    written = set(re.findall(r"(?:INSERT INTO|DELETE FROM) (landing\.\w+)", text))
    read = set(re.findall(r"(?<!DELETE )(?:FROM|JOIN) (landing\.\w+)", text))
    assert written == set(stage.WRITES)
    assert read - written <= set(stage.READS) <= read

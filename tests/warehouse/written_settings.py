"""A joinedup.yaml that is right, and the way to load it and others that are not."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from warehouse.errors import SettingsError
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.settings import Settings

RIGHT = """\
version: 1
timezone: America/Los_Angeles
country: US
sources:
  orders:
    holds: order
    files: exports/orders*.csv
    format: csv
    options: {delimiter: ";", nulls: ["", NULL]}
    key: order_id
    updated_at: {column: changed, format: "%Y-%m-%d"}
    expect: {every: 1d, min_rows: 10}
    fields:
      full_name: customer
      email: [email, {path: contacts, where: {type: mail}, take: value}]
      street: {join: [number, {first: [street, road]}], with: " "}
      identifier.loyalty: {column: card, exclusive: true}
    activity:
      at: {column: ts, epoch: s}
      status: {column: state, open: [new], closed: done}
      items: sku
    references: ['SO-\\d{8}']
"""


MAIL = """\
version: 1
sources:
  mail: {holds: message, files: m.mbox, format: mbox, load: incremental, own_addresses: [us@shop.example]}
"""


def load(folder: Path, text: str, **included: str) -> Settings:
    (folder / "joinedup.yaml").write_text(text)
    for name, further in included.items():
        (folder / "sources").mkdir(exist_ok=True)
        (folder / "sources" / f"{name}.yaml").write_text(textwrap.dedent(further))
    return load_settings(folder / "joinedup.yaml")


def mistake(folder: Path, text: str, **included: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(folder, text, **included)
    assert caught.value.exit_code == 2
    for error in (caught.value, *caught.value.others):
        assert "\n" not in error.message
        assert error.line
    return caught.value

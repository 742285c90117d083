from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from connectors.preview import preview
from pipelines.words_of_mapping import mapping_page, show_mapping
from warehouse.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SOURCE: dict[str, Any] = {
    "holds": "order",
    "files": "orders.csv",
    "format": "csv",
    "key": "no",
    "fields": {"full_name": "who", "birth_date": {"column": "born", "format": "%Y-%m-%d"}},
    "activity": {"amount": {"column": "paid", "decimal": ","}, "status": {"column": "state", "closed": ["done"]}},
}
ROWS = """no,who,born,paid,state,further
1,Ann \x1b[31mRed\x1b[0m,1990-01-31,"64,90",done,x
2,Bob,31/01/90,"1,5",lost,
3,Cid,,on request,done,
"""


@pytest.fixture
def sources(tmp_path: Path) -> list[dict[str, Any]]:
    (tmp_path / "orders.csv").write_text(ROWS)
    settings = Settings.model_validate({"version": 1, "sources": {"orders": SOURCE}})
    return [preview(settings, tmp_path, "orders").document()]


def test_a_page_for_pipes_has_a_line_for_each_attribute(sources: list[dict[str, Any]]) -> None:
    lines = mapping_page(sources, "joinedup.yaml").splitlines()
    cells = {line.split()[0]: line.split() for line in reversed(lines) if line.startswith("  ")}
    assert lines[2] == "orders (order): 3 records looked at in orders.csv"
    assert cells["amount"] == ["amount", "paid", "2", "1", "64,90", "64.90"]
    assert cells["birth_date"] == ["birth_date", "born", "1", "1", "1990-01-31", "1990-01-31"]
    assert cells["status"] == ["status", "state", "3", "done", "done,", "which", "means", "closed"]
    assert "  no meaning is given to the status lost" in lines
    assert "  birth_date of 1 record cannot be read, such as '31/01/90'; the rest of them counts" in lines
    assert "  not mapped: further" in lines
    assert "  would be quarantined: 1 record" in lines
    assert lines[-1].startswith("    orders.csv:4: bad_number: amount from column 'paid': found 'on request'")
    assert max(map(len, lines[:-1])) <= 120


@pytest.mark.parametrize("width", [60, 160])
def test_a_terminal_gets_tables_and_no_command_of_a_files(sources: list[dict[str, Any]], width: int) -> None:
    out = io.StringIO()
    show_mapping(sources, "joinedup.yaml", Console(file=out, force_terminal=True, width=width, color_system="standard"))
    printed = out.getvalue()
    assert "\x1b[31mRed" not in printed
    assert "closed" in printed
    assert "further" in printed
    plain = Console(file=io.StringIO(), width=width)
    show_mapping(sources, "joinedup.yaml", plain)
    assert isinstance(plain.file, io.StringIO)
    assert max(map(len, plain.file.getvalue().splitlines())) <= width

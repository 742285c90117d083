"""The notebook runs from top to bottom on a small shop, as Jupyter would run it, with truth and without."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import jupytext
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.pipelines.shop import Shop

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

NOTEBOOK = "notebooks/look_at_matching.py"
SECTIONS = ("Your model", "Your thresholds", "Your errors", "Your blocking")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop after its first night, with the truth about its accounts and cases beside it."""
    shop = Shop(tmp_path_factory.mktemp("looked_at") / "shop")
    shop.populate(60, 21)
    shop.night(checks=False)
    rows = [f"billing,{key},{key[1:4]}" for key in shop.accounts] + [f"cases,{key},{key[1:4]}" for key in shop.cases]
    (shop.path / "somewhere.csv").write_text("\n".join(["source,source_record_id,person_id", *rows, ""]))
    return shop


def run_notebook(checkout: Path, **variables: str) -> NotebookNode:
    """Run the notebook in a kernel of its own and return it with its outputs."""
    notebook: NotebookNode = jupytext.read(checkout / NOTEBOOK)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": checkout}}).execute(
        env=os.environ | {"PYTHONPATH": str(checkout)} | variables
    )
    return notebook


def printed(notebook: NotebookNode) -> str:
    """Return what the cells printed or showed as text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output["data"]["text/plain"] for output in outputs)


def tables(notebook: NotebookNode) -> list[str]:
    """Return the tables that the cells show, as HTML."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})]


def test_it_runs_with_truth(shop: Shop, checkout: Path) -> None:
    truth = str(shop.path / "somewhere.csv")
    notebook = run_notebook(checkout, JOINEDUP_HOME=str(shop.path), JOINEDUP_TRUTH=truth)
    headings = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert all(any(section in heading for heading in headings) for section in SECTIONS)
    told = printed(notebook)
    assert "held against" in told
    assert "The most that any decision could still find: recall" in told
    assert " one customer." in told
    shown = "".join(tables(notebook))
    assert len(tables(notebook)) >= 7
    for words in ("bits in a household", "is_tonights", "true pairs only it", "same given name", "of likely matches"):
        assert words in shown
    assert "http" not in shown, "it opens without a network"


def test_it_runs_without_truth(shop: Shop, checkout: Path) -> None:
    notebook = run_notebook(checkout, JOINEDUP_HOME=str(shop.path))
    told = printed(notebook)
    assert "what follows does without" in told
    assert "What blocking loses can only be told with truth." in told
    assert "Without truth there is no precision or recall to show." in told
    assert "No mistake is known." in told
    assert len(tables(notebook)) >= 6


def test_a_workspace_without_a_release_stops_it(checkout: Path, tmp_path: Path) -> None:
    """The control: a cell that fails is seen."""
    with pytest.raises(CellExecutionError, match="no release"):
        run_notebook(checkout, JOINEDUP_HOME=str(tmp_path))

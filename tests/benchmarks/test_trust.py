"""What is measured of `safe_for` and its kin: right customers are right, and one with a stranger in it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.trust import report
from tests.warehouse.made_up import PEOPLE, run_night
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def write_truth(path: Path, persons: dict[str, str]) -> Path:
    """Write whose each record of the source `orders` is."""
    rows = [f"orders,{record},{person}" for record, person in sorted(persons.items())]
    path.write_text("\n".join(["source,source_record_id,person_id", *rows, ""]))
    return path


def test_a_stranger_in_a_customer_and_a_person_in_two_pieces_are_counted(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    workspace.var.mkdir(parents=True)
    run_night(workspace, PEOPLE, "n1")  # cus_a has 1 and 2, cus_b has 3, cus_c has 4, 5 and 6
    right = {record: golden_id for golden_id, records in PEOPLE.items() for record in records}
    told = report("right", workspace.path, write_truth(tmp_path / "right.csv", right), None)
    assert "| service | 3 | 100.0% | 100.00% | 100.00% | 100.0% |" in told
    assert "| 0 | 1 | 0.40 | 0% |" in told, "cus_a and cus_b are a possible match, and two people"
    wrong = right | {"3": "cus_a", "6": "somebody else"}
    told = report("wrong", workspace.path, write_truth(tmp_path / "wrong.csv", wrong), None)
    # cus_c holds a stranger: of its three pairs one is right, of all four two; the person of cus_a is in cus_b, too
    assert "| service | 3 | 100.0% | 66.67% | 50.00% | 33.3% |" in told
    assert "| 0 | 1 | 0.40 | 100% |" in told
    assert "2 customers with a possible match: 0.0% are all of their person." in told

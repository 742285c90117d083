"""Plans as files: the JSON document, the page beside it, and reading the document back.

READS and WRITES plans: `var/plans/<run id>.json` and `.html`, or what the user names. Invariant: what is read back is
what was written, to the letter, or it is refused.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pipelines.plan.document import FORMAT, KIND
from pipelines.plan.page import plan_page
from warehouse.durable import surroundings, write_text
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.plan.document import Plan
    from warehouse.workspace import Workspace

_CHECKSUM = "checksum"
_WHAT_TO_DO = "name the JSON file that `joinedup plan` has written, or make a new one"


def plan_files(plan: Plan) -> dict[str, str]:
    """Return the plan as the texts of its document and of its page, by the ending of the file's name."""
    return {".json": plan_text(plan), ".html": plan_page(plan)}


def plan_text(plan: Plan) -> str:
    """Return the plan's document with its checksum: one JSON object, one line per customer entry."""
    head = {name: value for name, value in plan.items() if name != "customers"}
    head[_CHECKSUM] = _checksum(plan)
    lines = json.dumps(head, ensure_ascii=False, indent=2)[:-2]
    entries = ",\n".join(f"    {json.dumps(entry, ensure_ascii=False)}" for entry in plan["customers"])
    return f'{lines},\n  "customers": [\n{entries}\n  ]\n}}\n'


def keep_plan(workspace: Workspace, plan: Plan, kept: int) -> Path:
    """Write the plan to `var/plans` and return the document's path; of the plans there the newest `kept` stay."""
    path = workspace.plans / f"{plan['run_id']}.json"
    write_plan(path, plan)
    by_age = sorted(path.parent.glob("*.json"), key=lambda found: (found.stat().st_mtime_ns, found.name))
    for old in by_age[:-kept]:
        old.unlink()
        old.with_suffix(".html").unlink(missing_ok=True)
    return path


def write_plan(path: Path, plan: Plan) -> None:
    """Write the plan's document to `path` and its page beside it; raises SurroundingsError where that fails."""
    with surroundings(f"writing the plan {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, plan_text(plan))
        write_text(page_of(path), plan_page(plan))


def page_of(path: Path) -> Path:
    """Return where the page of the plan at `path` is."""
    return path.with_suffix(".html")


def read_plan(path: Path) -> Plan:
    """Return the plan at `path`; raises UsageError where it is none, or not as it was written."""
    try:
        plan = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): {_WHAT_TO_DO}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no plan: it is not JSON ({error}); {_WHAT_TO_DO}") from error
    if not isinstance(plan, dict) or plan.get("kind") != KIND:
        raise UsageError(f"{path} is no plan of joinedup; {_WHAT_TO_DO}")
    if plan.get("format") != FORMAT:
        found = f"it is of format {plan.get('format')!r}, and this joinedup knows {FORMAT}"
        raise UsageError(f"{path} cannot be applied: {found}; make a new plan with this joinedup")
    checksum = plan.pop(_CHECKSUM, None)
    if checksum != _checksum(plan):
        raise UsageError(f"{path} is not as it was written: its checksum does not fit; {_WHAT_TO_DO}")
    return plan


def _checksum(plan: Plan) -> str:
    text = json.dumps(plan, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""Time a night of few changes beside a full one, stage by stage: `python -m benchmarks.nights WORKSPACE`.

The workspace's exports must be Parquet or CSV with a key of one column. Of its records, by the hash of their keys, one
in a hundred is withheld from the first night, two in a thousand are delivered otherwise in it, and one in a thousand is
gone in the second. Three nights are run, each in a process of its own: the first, in full; the second, which builds on
it; and the second once more, `--full`, in a copy. What the last two publish must be equal, which is said with the
figures: CPU seconds per stage, and the second night's share of each of the full ones'.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.run import copy_workspace
from warehouse.connection import open_memory, quote_identifier, quote_literal
from warehouse.settings.expressions import ColumnExpression
from warehouse.settings.load import load_settings

CORE = ("collapse", "prepare_model", "score", "cluster")
"""The stages that resolve."""

WITHHELD = "place < 10"
OTHERWISE = "place BETWEEN 10 AND 11"
GONE = "place = 12"
TURNED = ("phone", "email", "family_name")
"""The attributes of which the first that a source has is delivered otherwise at first."""


def main() -> None:
    """Run the three nights and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path, help="a workspace whose exports are Parquet or CSV; it stays as it is")
    parser.add_argument("--json", action="store_true", help="print what the three nights report of themselves instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        workspace, again = Path(scratch) / "nights", Path(scratch) / "again"
        copy_workspace(asked.workspace, workspace)
        write_exports(asked.workspace, workspace, is_first=True)
        reports = [night(workspace)]
        write_exports(asked.workspace, workspace, is_first=False)
        shutil.copytree(workspace, again, symlinks=True)
        reports += [night(workspace), night(again, "--full")]
    print(json.dumps(reports) if asked.json else table(*reports))


def write_exports(origin: Path, workspace: Path, *, is_first: bool) -> None:
    """Write the workspace's exports from those of `origin`, as they are delivered in the first or the second night."""
    con = open_memory()
    for source in load_settings(workspace / "joinedup.yaml").sources.values():
        if not isinstance(source.key, tuple) or len(source.key) != 1 or source.format not in {"parquet", "csv"}:
            sys.exit(f"{workspace}/joinedup.yaml: the exports must be Parquet or CSV with a key of one column")
        read = "read_parquet({})" if source.format == "parquet" else "read_csv({}, all_varchar = true)"
        turned = [
            told.column for name in TURNED for told in source.fields.get(name, ()) if isinstance(told, ColumnExpression)
        ]
        replaced = f"REPLACE ({_turned_sql(turned[0])} AS {quote_identifier(turned[0])})" if turned and is_first else ""
        for path in sorted(origin.glob(str(source.files))):
            found = read.format(quote_literal(str(path)))
            query = f"""
                SELECT * EXCLUDE (place) FROM (
                    SELECT * {replaced} FROM (
                        SELECT *, md5_number_lower({quote_identifier(source.key[0])}::VARCHAR) % 1000 AS place
                        FROM {found}
                    )
                ) WHERE NOT ({WITHHELD if is_first else GONE})"""
            target = workspace / path.relative_to(origin)
            target.unlink(missing_ok=True)
            con.execute(f"COPY ({query}) TO {quote_literal(str(target))} (FORMAT {source.format})")
    con.close()


def _turned_sql(column: str) -> str:
    """Return what is delivered of the column at first: other digits and letters where the record is to change."""
    name = quote_identifier(column)
    return f"CASE WHEN {OTHERWISE} THEN translate({name}, '0123456789aeiou', '1234567890eioua') ELSE {name} END"


def night(workspace: Path, *options: str) -> dict[str, Any]:
    """Run a night in a process of its own and return what it reports of itself."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "run", "-w", str(workspace), "--json", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    if "error" in report or not report["published"]:
        sys.exit(str(report.get("error") or report["held_by"] or report["outcome"]))
    return report


def table(first: dict[str, Any], second: dict[str, Any], full: dict[str, Any]) -> str:
    """Return the stages of the three nights as a Markdown table, the second's shares, and whether both give one."""
    counts = second["records"].values()
    new, changed, deleted = (sum(each[name] for each in counts) for name in ("new", "changed", "deleted"))
    lines = [
        f"\n{sum(each['read'] for each in counts):,} records, {new:,} new, {changed:,} changed, {deleted:,} deleted\n",
        "| step | first night | second night | second, --full | of the first | of --full |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    seconds = [report["stage_cpu_seconds"] for report in (first, second, full)]
    lines += [_row(name, [of_night.get(name, 0.0) for of_night in seconds]) for name in seconds[1]]
    lines.append(_row("**resolving: collapse to cluster**", [sum(each[name] for name in CORE) for each in seconds]))
    lines.append(_row("**all of it**", [report["cpu_seconds"] for report in (first, second, full)]))
    is_one = second["content_hash"] == full["content_hash"]
    lines.append(f"\nThe second night gives {'the same content' if is_one else 'OTHER CONTENT'} either way.")
    return "\n".join(lines)


def _row(name: str, cpu: list[float]) -> str:
    first, second, full = cpu
    shares = [f"{second / whole:.1%}" if whole else "" for whole in (first, full)]
    return f"| {name} | {first:.2f} | {second:.2f} | {full:.2f} | {shares[0]} | {shares[1]} |"


if __name__ == "__main__":
    main()

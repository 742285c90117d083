"""Time one whole night per size, stage by stage: `python -m benchmarks.run [--people N]… [--workspace DIR]`.

Each night runs in a process of its own on a fresh workspace. Besides CPU seconds and peak memory the table shows each
stage's share of its own run, and how its cost grows with the records: ratios within one call, which travel well.
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

from examples.shop.generate import write_night

SIZES = (1_000, 10_000)


def main() -> None:
    """Measure the sizes, or the workspace, that were asked for, and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, action="append", help=f"people of the shop (default: {SIZES})")
    parser.add_argument("--workspace", type=Path, help="measure a night on a copy of this workspace's exports instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if asked.workspace:
            print(table(measure(copy_workspace(asked.workspace, Path(scratch) / "copy"))))
            return
        nights = []
        for people in asked.people or SIZES:
            workspace = Path(scratch) / f"shop_{people}"
            write_night(workspace, 1, people=people)
            nights.append(measure(workspace))
            print(table(nights[-1]), flush=True)
        if len(nights) > 1:
            print(growth(nights[0], nights[-1]))


def copy_workspace(workspace: Path, target: Path) -> Path:
    """Copy a workspace without what earlier runs have left in it, so that its night is a first one."""
    shutil.copytree(workspace, target, ignore=shutil.ignore_patterns("var"))
    return target


def measure(workspace: Path) -> dict[str, Any]:
    """Run a night in a process of its own and return what it reports of itself."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "run", "-w", str(workspace), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    if "error" in report:
        sys.exit(report["error"]["message"])
    return report


def table(report: dict[str, Any]) -> str:
    """Return the night's stages as a Markdown table, heaviest share visible."""
    records = _records(report)
    whole = report["cpu_seconds"]
    lines = [
        (
            f"\n{records:,} records, {report['customers']:,} customers, {report['pairs']:,} pairs: "
            f"{whole:.1f} CPU s, {report['peak_rss_mb']:.0f} MB\n"
        ),
        "| step | CPU s | share | seconds | peak MB so far |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    staged = 0.0
    for name, seconds in report["seconds"].items():
        cpu = report["stage_cpu_seconds"][name]
        staged += cpu
        lines.append(
            f"| {name} | {cpu:.2f} | {cpu / whole:.0%} | {seconds:.2f} | {report['stage_peak_rss_mb'][name]:.0f} |"
        )
    lines.append(f"| start-up and Dagster | {whole - staged:.2f} | {(whole - staged) / whole:.0%} | | |")
    return "\n".join(lines)


def growth(small: dict[str, Any], large: dict[str, Any]) -> str:
    """Say how the cost grows with the number of records, whole and per stage."""
    times = _records(large) / _records(small)
    lines = [f"\n{times:.1f} times the records cost {large['cpu_seconds'] / small['cpu_seconds']:.1f} times the CPU:\n"]
    for name, cpu in large["stage_cpu_seconds"].items():
        before = small["stage_cpu_seconds"].get(name, 0)
        if before:
            lines.append(f"- {name}: {cpu / before:.1f} times")
    return "\n".join(lines)


def _records(report: dict[str, Any]) -> int:
    return sum(counts["read"] for counts in report["records"].values())


if __name__ == "__main__":
    main()

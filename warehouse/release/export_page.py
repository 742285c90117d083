"""The page that goes with an exported release: what is in it, and how its values are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from warehouse.release.export import Wanted
    from warehouse.release.manifest import Manifest

_WRITTEN = {
    "parquet": "Types are kept as the contract tells them: TIMESTAMP without a zone is UTC, amounts are DECIMAL(18,4),"
    " lists, maps and structs are nested.",
    "csv": 'UTF-8 with a header, commas, and `"` doubled inside quotes; a field may hold line breaks. An empty field is'
    ' null, `""` is an empty text. Times are UTC as `2026-01-31 02:00:00`, dates `2026-01-31`, booleans true and false,'
    " amounts plain decimals; lists, maps and structs are JSON. Keys such as `007` are text: tell the tool that"
    " reads them, and let no spreadsheet guess.",
    "jsonl": "One JSON object per line, UTF-8. Times are UTC as `2026-01-31 02:00:00`, dates `2026-01-31`; amounts are"
    " numbers with all their digits; lists, maps and structs are nested.",
    "sqlite": "`release.sqlite` has one table each, with keys, what must not be null, and closed lists. Times are UTC"
    " as `2026-01-31T02:00:00`, dates `2026-01-31`, booleans 1 and 0, amounts REAL; lists, maps and structs are JSON"
    " text: `SELECT value FROM customer, json_each(emails)`.",
}


def export_page(
    manifest: Manifest, wanted: Wanted, rows: Mapping[str, int], lacking: Sequence[str], contract_version: str
) -> str:
    """Return the page as Markdown."""
    personal = (
        "Columns that the contract classifies as `personal` hold personal data: keep the folder accordingly."
        if wanted.personal
        else "Columns that the contract classifies as `personal` were left out."
    )
    what = (
        f"Golden customers as of {manifest.as_of.isoformat()}Z, exported by joinedup. What every table and column"
        f" means, what ids promise and what always holds stands in `data-contract.yaml` (version {contract_version})."
    )
    lines = [
        f"# Release {manifest.release_id}",
        "",
        what,
        "",
        _WRITTEN[wanted.format],
        "",
        personal,
        "",
        "| table | rows |",
        "| --- | --- |",
        *(f"| `{name}` | {count:,} |" for name, count in rows.items()),
    ]
    if lacking:
        lines += ["", f"Not in this release, which an earlier joinedup made: {', '.join(lacking)}."]
    lines += ["", f"content_hash {manifest.content_hash}  ", f"release_hash {manifest.release_hash}", ""]
    return "\n".join(lines)

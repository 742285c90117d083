"""Writes workbooks part by part, so that a test can write what a spreadsheet program would not."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def text_cell(value: str | None) -> str:
    """Return a cell that holds a text as it is, escaped as a workbook does it."""
    if value is None:
        return ""
    escaped = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(escaped)}</t></is></c>'


def text_rows(names: Sequence[str], records: Sequence[Mapping[str, str | None]]) -> str:
    """Return the rows of a sheet with a header, each value as text."""
    table = [dict(zip(names, names, strict=True)), *records]
    return "".join(f"<row>{''.join(placed_cells(names, record))}</row>" for record in table)


def placed_cells(names: Sequence[str], record: Mapping[str, str | None]) -> list[str]:
    """Return the cells of a row; one that is missing is an empty one."""
    return [text_cell(record.get(name)) or "<c/>" for name in names]


def workbook(
    sheets: Mapping[str, str], *, styles: Sequence[str] = (), properties: str = "", merged: str = "", more: str = ""
) -> bytes:
    """Return a workbook whose sheets have these rows; `styles` are number formats, `properties` those of the book."""
    formats = "".join(
        f"<numFmt numFmtId='{number}' formatCode={quoteattr(code)}/>" for number, code in enumerate(styles, 164)
    )
    cells = "".join(f"<xf numFmtId='{number}'/>" for number in (0, *range(164, 164 + len(styles))))
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr {properties}/><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{place}" r:id="s{place}"/>' for place, name in enumerate(sheets, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        + "".join(
            f'<Relationship Id="s{place}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{place}.xml"/>'
            for place in range(1, len(sheets) + 1)
        )
        + f'<Relationship Id="f" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts>'
        f"<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs>{cells}</cellXfs></styleSheet>",
    }
    for place, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{place}.xml"] = (
            f'<worksheet xmlns="{MAIN}">{more}<sheetData>{rows}</sheetData>{merged}</worksheet>'
        )
    return zipped(parts)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()

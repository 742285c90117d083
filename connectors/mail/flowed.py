"""Text that its mailer wrapped for the way (`format=flowed`, RFC 3676), in the lines it was written in.

READS text with line ends as LF. WRITES nothing. Keeps: the depth of quotation of every line; the signature delimiter.
"""

from __future__ import annotations

import re

_QUOTE_MARKS = re.compile(r">*")
_DELIMITER = "-- "


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join lines that end in a blank with the next of the same depth; `delete_space` (DelSp) takes that blank out."""
    lines: list[list[str]] = []
    flows: str | None = None
    for line in text.split("\n"):
        marks = _QUOTE_MARKS.match(line).group()  # type: ignore[union-attr] # it matches nothing at all, too
        rest = line[len(marks) :].removeprefix(" ")
        ends = rest == _DELIMITER
        if flows == marks and not ends:
            lines[-1].append(rest)
        else:
            lines.append([f"{marks} {rest}" if marks else rest])
        flows = marks if rest.endswith(" ") and not ends else None
        if flows is not None and delete_space:
            lines[-1][-1] = lines[-1][-1][:-1]
    return "\n".join("".join(pieces) for pieces in lines)

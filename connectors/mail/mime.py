"""The parts of a mail (MIME, RFC 2045 to 2049): what each is, and the parts in it.

READS a `Header` with its body. WRITES nothing. Keeps: a part ends where the delimiter of the part around it stands,
closed or not; time grows with the length of a mail times its depth, which is limited, as is the number of parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.mail.header_text import Header, decode_words, read_part
from connectors.mail.parameters import read_parameters
from connectors.mail.transfer import decode_transfer

if TYPE_CHECKING:
    from collections.abc import Mapping

DEEPEST = 60
MOST_PARTS = 10_000
_AFTER_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r?\n|\r?\Z)")
_UNNAMED_BOUNDARY = re.compile(
    rb"^--(\S[^\r\n]{0,69}?)[ \t]*\r?\nContent-[!-9;-~]{1,40}:", re.MULTILINE | re.IGNORECASE
)
_DEFAULT_KIND = "text/plain"


class TooManyParts(Exception):
    """A mail has more parts, or deeper ones, than any mailer makes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one: `kind` is its content type; `file` whether it is, or names, a file."""

    kind: str
    parameters: Mapping[str, str]
    attached: bool
    file: bool
    encoding: str
    body: bytes

    def content(self) -> bytes:
        """Return what the part holds."""
        return decode_transfer(self.body, self.encoding)


def part_of(header: Header, default: str = _DEFAULT_KIND) -> Part:
    """Return a mail, or a part of one, by its header."""
    kind, parameters = read_parameters(header.first("content-type") or default)
    if kind.count("/") != 1 or kind.startswith("/"):
        kind = _DEFAULT_KIND
    placed, about = read_parameters(header.first("content-disposition") or "")
    encoding = read_parameters(header.first("content-transfer-encoding") or "")[0].split(" ", 1)[0].strip("\"'")
    return Part(
        kind=kind,
        parameters=parameters,
        attached=placed == "attachment",
        file=bool(about.get("filename") or parameters.get("name")),
        encoding=encoding,
        body=header.body,
    )


def parts_in(part: Part) -> list[Part] | None:
    """Return the parts of a multipart, or None where its boundary is nowhere to be found.

    Raises TooManyParts.
    """
    boundary = decode_words(part.parameters.get("boundary", "")).encode("utf-8", "surrogateescape")
    raws = _split(part.body, boundary.rstrip()) if boundary else None
    if raws is None and (found := _UNNAMED_BOUNDARY.search(part.body)):
        raws = _split(part.body, found[1])
    if raws is None:
        return None
    default = "message/rfc822" if part.kind == "multipart/digest" else _DEFAULT_KIND
    return [part_of(read_part(raw), default) for raw in raws]


def _split(body: bytes, boundary: bytes) -> list[bytes] | None:
    """Return what stands between the delimiters; what is before the first and after the closing one is for nobody."""
    delimiter = b"--" + boundary
    raws: list[bytes] = []
    start = -1
    at = body.find(delimiter)
    while at >= 0:
        after = _AFTER_DELIMITER.match(body, at + len(delimiter)) if at == 0 or body[at - 1 : at] == b"\n" else None
        if after:
            if start >= 0:
                raws.append(_without_line_end(body[start : max(start, at)]))
            if after[1] and start >= 0:
                return raws
            start = after.end()
            if len(raws) > MOST_PARTS:
                message = f"it has more than {MOST_PARTS} parts"
                raise TooManyParts(message)
        at = body.find(delimiter, at + len(delimiter))
    return [*raws, body[start:]] if start >= 0 else None


def _without_line_end(raw: bytes) -> bytes:
    return raw.removesuffix(b"\n").removesuffix(b"\r")

"""A file's bytes, and what kind of file they make: by its name, and by how it begins."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from connectors.formats.batch import UnreadableFile
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOOKED_AT = 1 << 20
"""Bytes at the beginning that tell the kind, and the dialect."""
_DECODED = 64 << 20
"""Bytes that are decoded to find the encoding."""
_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".mbox": "mbox",
    ".mbx": "mbox",
    ".eml": "eml",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".ods": "xlsx",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_JSON = re.compile(rb"[\[{]\s*[\[{\"\]}]")
_OF_MAIL = re.compile(
    rb"^(?:from|to|subject|date|received|return-path|message-id|mime-version): ?", re.IGNORECASE | re.MULTILINE
)
_HEADER_FIELD = re.compile(rb"\A(?:[A-Za-z][A-Za-z0-9-]{1,40}: ?[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){3}")


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Give a file's bytes, unpacked where its name ends in .gz; raises UnreadableFile where they are not."""
    try:
        with path.open("rb") as stream:
            if path.name.endswith(".gz"):
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    yield cast("BinaryIO", unpacked)
            else:
                yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"it is no gzip file, or is cut off: {error}") from error


def beginning_of(path: Path, size: int = _LOOKED_AT) -> bytes:
    """Return the first bytes of a file, unpacked; raises UsageError where it cannot be opened."""
    try:
        with open_bytes(path) as stream:
            return stream.read(size)
    except (OSError, UnreadableFile) as error:
        message = f"{path} cannot be read: {error}; name files that can"
        raise UsageError(message) from error


def kind_of(path: Path) -> str:
    """Return the format that a file or folder is in, by how it begins and then by its name.

    Raises UsageError for what is no format that is read.
    """
    if path.is_dir():
        if (path / "cur").is_dir() or (path / "new").is_dir():
            return "maildir"
        message = f"{path} is a folder; name the files in it, or a Maildir (which has the folders cur and new)"
        raise UsageError(message)
    return _file_kind(path)


def _file_kind(path: Path) -> str:
    begins = beginning_of(path, 1 << 16)
    name = path.name.lower().removesuffix(".gz")
    ending = next((kind for end, kind in _ENDINGS.items() if name.endswith(end)), "")
    if begins.startswith(b"PAR1"):
        return "parquet"
    if begins.startswith(b"SQLite format 3\0"):
        return "sql"
    if begins.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) and ending == "xlsx":
        return "xlsx"
    if begins.removeprefix(codecs.BOM_UTF8).startswith(b"From ") and b"\n" in begins:
        return "mbox"
    text = begins.removeprefix(codecs.BOM_UTF8).lstrip()
    if ending in ("json", "jsonl") or (ending != "csv" and _JSON.match(text)):
        return _json_kind(text, ending)
    fields = _HEADER_FIELD.match(begins)
    return "eml" if ending == "eml" or (fields and _OF_MAIL.search(fields[0])) else _delimited(path, begins)


def _json_kind(text: bytes, ending: str) -> str:
    if text[:1] == b"[":
        return "json"
    first, _, rest = text.partition(b"\n")
    whole = first.rstrip().endswith(b"}") and rest.lstrip()[:1] in (b"{", b"")
    return "jsonl" if whole and (rest.strip() or ending != "json") else "json"


def _delimited(path: Path, begins: bytes) -> str:
    marked = begins.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    looks_utf16 = begins[:400].count(b"\0") * 3 > len(begins[:400])
    if b"\0" in begins and not marked and not looks_utf16:
        message = f"{path} is no format that is read: it holds bytes that are no text; export it as csv, jsonl, parquet"
        raise UsageError(message)
    return "csv"


def encoding_of(path: Path) -> tuple[str, str]:
    """Return a text file's encoding and what it may be instead, empty where it is sure."""
    begins = beginning_of(path, 4_096)
    for mark, encoding in _MARKS:
        if begins.startswith(mark):
            return encoding, ""
    if begins.count(b"\0") * 3 > len(begins):
        return ("utf-16-le" if begins[1::2].count(b"\0") > begins[::2].count(b"\0") else "utf-16-be"), ""
    if _decodes(path, "utf-8"):
        return "utf-8", ""
    return (
        ("cp1252", "latin-1, or cp1250 where it is from Central Europe")
        if _decodes(path, "cp1252")
        else (
            "latin-1",
            "cp1250, or another of its kin",
        )
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    try:
        with open_bytes(path) as stream:
            while done < _DECODED and (chunk := stream.read(_LOOKED_AT)):
                decoder.decode(chunk)
                done += len(chunk)
            if done < _DECODED:
                decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True

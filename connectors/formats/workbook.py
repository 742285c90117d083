"""A workbook around its sheets: the package they are packed in, their names, the texts and formats they share.

Keeps: nothing is unpacked before its size is known; no part is held in memory but the shared texts and formats.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from connectors.formats.batch import EmptyFile, UnfinishedFile, UnreadableFile
from connectors.formats.cell_text import NumberFormat, number_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LARGEST_WORKBOOK = 8 * 1024**3
"""Bytes, unpacked; a sheet has at most 1,048,576 rows."""
LARGEST_TEXTS = 512 * 1024**2
"""Bytes, unpacked, of the texts that cells share: the only part that is held in memory."""
SUSPICIOUS_RATIO = 250
"""Unpacked to packed; a sheet of one repeated row packs about 60 to 1."""
SUSPICIOUS_FROM = 64 * 1024**2
"""Bytes, unpacked, from which the ratio counts."""
MOST_PARTS = 20_000

_READ_AT_ONCE = 1 << 16
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_LOOKED_THROUGH = 4 * 1024**2
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name, and the part of the package it is in."""

    name: str
    part: str


@dataclass(slots=True)
class Workbook:
    """An opened workbook: its sheets in their order, the shared texts, and what each cell style shows."""

    package: zipfile.ZipFile
    sheets: tuple[Sheet, ...] = ()
    from_1904: bool = False
    texts: list[str] = field(default_factory=list)
    styles: list[NumberFormat] = field(default_factory=list)

    def part(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part; raises UnreadableFile where it is damaged or lacking."""
        try:
            with self.package.open(name) as stream:
                while chunk := stream.read(_READ_AT_ONCE):
                    yield chunk
        except KeyError as error:
            raise UnreadableFile(f"it lacks its part {name}: ask for the workbook again") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise UnreadableFile(f"its part {name} is damaged: {error}") from error


@contextmanager
def open_workbook(stream: BinaryIO) -> Iterator[Workbook]:
    """Give the workbook that a seekable stream holds; raises UnreadableFile with the reason where it is none."""
    _check_kind(stream)
    try:
        package = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise UnfinishedFile(f"it is no workbook, or is cut off: {error}") from error
    with package:
        _check_sizes(package)
        book = Workbook(package)
        related = _related(book, "", "officeDocument")
        if not related:
            raise UnreadableFile("it is no workbook of the kind .xlsx, but another zip file: save it as .xlsx")
        main = next(iter(related.values()))
        if main.endswith(".bin"):
            raise UnreadableFile("it is a workbook of the kind .xlsb: save it as .xlsx")
        _read_main(book, main)
        if not book.sheets:
            raise UnreadableFile("it has no sheet of rows: it is no workbook, or has nothing but charts")
        yield book


def parse_part(chunks: Iterator[bytes], start: Callable[[str, Mapping[str, str]], None], **more: object) -> None:
    """Call `start` for each element of a part; `more` are further handlers of expat, such as EndElementHandler."""
    for _ in parse_steps(chunks, start, **more):
        pass


def parse_steps(
    chunks: Iterator[bytes], start: Callable[[str, Mapping[str, str]], None], **more: object
) -> Iterator[None]:
    """Parse a part, pausing after each chunk of it; raises UnreadableFile where it is no XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    for name, handler in more.items():
        setattr(parser, name, handler)
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position alone
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - as above
    except expat.ExpatError as error:
        raise UnreadableFile(f"a part of the workbook is damaged: {error}") from error
    yield


def local(name: str) -> str:
    """Return an element's name without its prefix."""
    return name.rsplit(":", 1)[-1] if ":" in name else name


def unescaped(text: str) -> str:
    """Return a text with `_x000D_` and its kin, in which a workbook writes what XML cannot hold, as characters."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return found[0] if "\ud800" <= character <= "\udfff" else character


def _refuse_doctype(*_: object) -> None:
    raise UnreadableFile("a part of it declares a document type, which no workbook does")


def _check_kind(stream: BinaryIO) -> None:
    beginning = stream.read(_LOOKED_THROUGH)
    stream.seek(0)
    if not beginning:
        raise EmptyFile("it is empty")
    if beginning.startswith(_OLD_OFFICE):
        if _LOCKED in beginning:
            raise UnreadableFile("it is protected by a password: save it without one")
        raise UnreadableFile("it is a workbook of the old kind .xls: save it as .xlsx")
    if not beginning.startswith(b"PK"):
        raise UnreadableFile(
            f"it is no workbook (its first bytes are {beginning[:4].hex(' ')}, a workbook's 50 4b); if it is text, its "
            "format is csv, whatever its name"
        )


def _check_sizes(package: zipfile.ZipFile) -> None:
    """Refuse what would not fit, by the sizes that the package declares; more than declared is never unpacked."""
    parts = package.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise UnreadableFile(f"it has {len(parts)} parts, at most {MOST_PARTS} are read")
    if unpacked > LARGEST_WORKBOOK:
        raise UnreadableFile(f"unpacked it has {unpacked} bytes, at most {LARGEST_WORKBOOK} are read: split it")
    if unpacked > SUSPICIOUS_FROM and unpacked > SUSPICIOUS_RATIO * packed:
        raise UnreadableFile(
            f"it unpacks from {packed} bytes to {unpacked}, more than {SUSPICIOUS_RATIO} times as many: "
            "a zip bomb, or a sheet without content; delete its empty rows, or export it as csv"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("it is protected by a password: save it without one")


def _related(book: Workbook, part: str, kind: str) -> dict[str, str]:
    """Return the parts of a kind that a part refers to, by the id it uses for them."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, str] = {}
    if path not in book.package.NameToInfo:
        return found

    def start(element: str, values: Mapping[str, str]) -> None:
        if local(element) == "Relationship" and values.get("Type", "").endswith(f"/{kind}"):
            target = values.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            found[values.get("Id", "")] = posixpath.normpath(whole)

    parse_part(book.part(path), start)
    return found


def _read_main(book: Workbook, main: str) -> None:
    parts = _related(book, main, "worksheet")
    sheets: list[Sheet] = []

    def start(element: str, values: Mapping[str, str]) -> None:
        name = local(element)
        if name == "workbookPr":
            book.from_1904 = values.get("date1904", "0") in ("1", "true", "on")
        elif name == "sheet":
            part = parts.get(next((value for key, value in values.items() if key.endswith(":id")), ""))
            if part is not None:  # a chart on a page of its own is no sheet of rows
                sheets.append(Sheet(values.get("name", ""), part))

    parse_part(book.part(main), start)
    book.sheets = tuple(sheets)
    for part in _related(book, main, "sharedStrings").values():
        _read_texts(book, part)
    for part in _related(book, main, "styles").values():
        _read_styles(book, part)


def _read_texts(book: Workbook, part: str) -> None:
    size = book.package.getinfo(part).file_size if part in book.package.NameToInfo else 0
    if size > LARGEST_TEXTS:
        raise UnreadableFile(f"its texts have {size} bytes, at most {LARGEST_TEXTS} are read: split it, or take csv")
    reader = TextReader(book.texts)
    parse_part(book.part(part), reader.start, EndElementHandler=reader.end, CharacterDataHandler=reader.characters)


class TextReader:
    """Collects the text of each `si` element: its own and that of its runs, without the phonetic hints beside it."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._pieces: list[str] = []
        self._in_text = False
        self._in_hint = False

    def start(self, element: str, _: Mapping[str, str]) -> None:
        """Take the start of an element."""
        name = local(element)
        if name == "rPh":
            self._in_hint = True
        self._in_text = name == "t" and not self._in_hint

    def end(self, element: str) -> None:
        """Take the end of an element."""
        name = local(element)
        self._in_text = False
        if name == "rPh":
            self._in_hint = False
        elif name == "si":
            self._texts.append(unescaped("".join(self._pieces)))
            self._pieces.clear()

    def characters(self, text: str) -> None:
        """Take text."""
        if self._in_text:
            self._pieces.append(text)


def _read_styles(book: Workbook, part: str) -> None:
    codes: dict[int, str] = {}
    numbers: list[int] = []
    inside: list[str] = []

    def start(element: str, values: Mapping[str, str]) -> None:
        name = local(element)
        if name == "numFmt":
            codes[whole_number(values.get("numFmtId"))] = values.get("formatCode", "")
        elif name == "xf" and "cellXfs" in inside:
            numbers.append(whole_number(values.get("numFmtId")))
        inside.append(name)

    parse_part(book.part(part), start, EndElementHandler=lambda _: inside.pop())
    book.styles = [number_format(number, codes.get(number)) for number in numbers]


def whole_number(text: str | None) -> int:
    """Return the whole number that a text is, 0 where it is none."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0

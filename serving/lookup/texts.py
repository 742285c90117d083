"""Texts in memory, found by how they begin, or by any part of them; each with the number of a customer.

They lie end to end in one buffer, as Arrow has them: a text costs its own bytes and eight more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int32]

_AFTER_ALL = b"\xff"
"""No UTF-8 text holds this byte: what begins with a text stands before the text with it."""

END = b"\n"
"""What stands behind each text that is looked through for parts."""


class SortedTexts(Sequence[bytes]):
    """Texts in the order of their bytes."""

    def __init__(self, texts: pa.ChunkedArray[Any]) -> None:
        self._bytes, self._starts = _buffers(texts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        return bytes(self._bytes[self._starts[place] : self._starts[place + 1]])

    def beginning(self, start: bytes) -> tuple[int, int]:
        """Return the places of the texts that begin so: from the first one to before the second one."""
        first = bisect_left(self, start)
        return first, bisect_left(self, start + _AFTER_ALL, first)

    def equal_to(self, text: bytes) -> tuple[int, int]:
        """Return the places of the texts that are so, as `beginning` does."""
        first = bisect_left(self, text)
        return first, bisect_left(self, text + b"\x00", first)

    @property
    def nbytes(self) -> int:
        """The memory that the texts take."""
        return len(self._bytes) + int(self._starts.nbytes)


@dataclass(frozen=True, slots=True)
class Keys:
    """Sorted texts, each with a customer."""

    texts: SortedTexts
    customers: Numbers

    def beginning(self, start: bytes) -> Numbers:
        """Return the customers of the texts that begin so."""
        first, end = self.texts.beginning(start)
        return self.customers[first:end]

    def equal_to(self, text: bytes) -> Numbers:
        """Return the customers of the texts that are so."""
        first, end = self.texts.equal_to(text)
        return self.customers[first:end]


@dataclass(frozen=True, slots=True)
class Words:
    """Sorted distinct words, and whose each is: the customers of words that stand together stand together, too."""

    texts: SortedTexts
    starts: npt.NDArray[np.int64]
    customers: Numbers

    def beginning(self, start: bytes) -> Numbers:
        """Return the customers who have a word that begins so, once for each such word."""
        first, end = self.texts.beginning(start)
        return self.customers[self.starts[first] : self.starts[end]]

    def equal_to(self, word: bytes) -> Numbers:
        """Return the customers who have the word."""
        first, end = self.texts.equal_to(word)
        return self.customers[self.starts[first] : self.starts[end]]


class Parts:
    """Texts looked through for any part; those that are to be found first stand first.

    Each ends with END. A look through a million texts takes some milliseconds.
    """

    def __init__(self, texts: pa.ChunkedArray[Any], customers: Numbers) -> None:
        found, self._starts = _buffers(texts)
        self._bytes = END + bytes(found)
        self.customers = customers

    def holding(self, part: bytes, most: int) -> Numbers:
        """Return the customers of the first `most` texts that hold the part, which may begin or end with END."""
        return self.customers[self._rows(self._places(part, most), part)]

    def begun_or_whole(self, part: bytes, most: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return the customers of the first `most` texts that hold the part, that begin with it, and that are it.

        Where more hold it, the first that begin with it are looked for anew, since they may stand behind.
        """
        places = self._places(part, most)
        begun = [place for place in places if self._bytes[place - 1] == END[0]]
        if len(places) == most:
            begun = [place + 1 for place in self._places(END + part, most)]
        whole = [place for place in begun if self._bytes[place + len(part)] == END[0]]
        if len(begun) == most:
            whole = [place + 1 for place in self._places(END + part + END, most)]
        held, first, equal = (self.customers[self._rows(found, part)] for found in (places, begun, whole))
        return held, first, equal

    def endings(self, end: bytes, most: int) -> tuple[list[bytes], Numbers]:
        """Return the first `most` texts that end so, and their customers."""
        rows = self._rows(self._places(end + END, most), end)
        return [self._bytes[self._starts[row] + 1 : self._starts[row + 1]] for row in rows.tolist()], self.customers[
            rows
        ]

    def _places(self, part: bytes, most: int) -> list[int]:
        places: list[int] = []
        at = self._bytes.find(part)
        while at >= 0 and len(places) < most:
            places.append(at)
            at = self._bytes.find(part, at + len(part) - (part[-1:] == END))
        return places

    def _rows(self, places: list[int], part: bytes) -> npt.NDArray[np.int64]:
        starts = np.array(places, np.int64) - (part[:1] != END)
        rows: npt.NDArray[np.int64] = np.searchsorted(self._starts, starts, side="right") - 1
        return rows

    @property
    def nbytes(self) -> int:
        """The memory that the texts take."""
        return len(self._bytes) + int(self._starts.nbytes + self.customers.nbytes)


def _buffers(texts: pa.ChunkedArray[Any]) -> tuple[memoryview, npt.NDArray[np.int64]]:
    """Return the bytes of all texts, none of them null, and where each starts, and the last one ends."""
    array = texts.combine_chunks().cast(pa.large_string())
    _, starts, data = array.buffers()
    if not len(array) or starts is None or data is None:
        return memoryview(b""), _NOWHERE
    return memoryview(data), np.frombuffer(memoryview(starts), np.int64)[array.offset : array.offset + len(array) + 1]


_NOWHERE = np.zeros(1, np.int64)
